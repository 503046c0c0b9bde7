/// The library modules written in Pada, by name.
enum LibraryModules {
    private static let sources: [String: String] = [:]

    static var names: [String] { sources.keys.sorted() }
    static func source(of name: String) -> String? { sources[name] }
}
