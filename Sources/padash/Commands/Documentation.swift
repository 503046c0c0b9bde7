import Runtime

/// `padash doc`: writes the reference of all built-ins.
struct Documentation {
    enum Format: String, CaseIterable { case markdown, html }

    var format: Format
    /// Where it goes; nil for standard output.
    var path: String?

    /// Gives the exit code.
    func run() -> Int32 {
        let title = "Reference of padash \(Usage.version)"
        let text = switch format {
        case .markdown: Reference().markdown(title: title)
        case .html: Reference().html(title: title)
        }
        guard let path else { return Report.say(text) }
        return Report.write(text, to: path)
    }
}
