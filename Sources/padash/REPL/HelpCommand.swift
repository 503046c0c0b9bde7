import Text

extension REPL {
    /// `:help`: what the prompt can do.
    func showGuide() -> Int32? {
        let keys = [
            ("_  Out[3]", "the last value, the value of In [3]"),
            ("?NAME  NAME?", "what a name is and does; help() lists the functions"),
            ("Tab", "complete names, members, keys, parameters, modules, files"),
            ("Up  Down", "lines of the entry, then entries that begin like it"),
            ("Ctrl-R", "search earlier entries for a text"),
            ("Enter", "run the entry if it is whole; Alt-Enter always breaks the line"),
            ("Ctrl-C", "stop what is running, or drop what is typed"),
            ("Ctrl-D", "leave; asks first where there are values to lose"),
        ]
        let commands = PromptCommand.all.map { ([":" + $0.name, $0.usage].filter { !$0.isEmpty }.joined(separator: " "), $0.doc) }
        let width = (keys + commands).map(\.0.count).max() ?? 0
        let table = { [console] (rows: [(String, String)]) in
            rows.map { name, doc in
                let row = "  \(name)\(String(repeating: " ", count: width - name.count))  \(doc)"
                let lines = row.wrapped(to: Descriptors.width, indent: width + 4).joined(separator: "\n")
                return "  \(console.style.cyan(name))\(lines.dropFirst(name.count + 2))\n"
            }.joined()
        }
        console.write("Type Pada code; the value of the last expression is shown as Out[n].\n\n\(table(keys))\n\(table(commands))")
        return nil
    }

    /// `?name`, `:doc name`
    @discardableResult
    func showHelp(on name: String) -> Int32? {
        if name.isEmpty {
            complain(":doc needs a name, such as :doc print")
        } else if let command = name.hasPrefix(":") ? PromptCommand.named(String(name.dropFirst())) : nil {
            console.write(console.style.bold(":\(command.name) \(command.usage)") + "\n\n\(command.doc)\n")
        } else if let text = session.help(for: name) {
            console.write(console.style.help(text, width: Descriptors.width) + "\n")
        } else {
            let near = Suggestion.nearest(to: name, among: session.completions(of: "", at: 0).candidates)
            complain("there is no help on '\(name)'" + (near.map { "; did you mean '\($0)'?" } ?? ""))
        }
        return nil
    }
}
