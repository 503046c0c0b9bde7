import Text

/// Where what belongs to the user goes, by the XDG base directory specification: a relative path in a variable does not count.
enum UserFolders {
    static var configuration: String { folder("XDG_CONFIG_HOME", ".config") }
    static var data: String { folder("XDG_DATA_HOME", ".local/share") }
    static var state: String { folder("XDG_STATE_HOME", ".local/state") }

    private static func folder(_ variable: String, _ usual: String) -> String {
        FilePath.environment(variable).flatMap { FilePath.isAbsolute($0) ? $0 : nil } ?? FilePath.joined(FilePath.home, usual)
    }
}
