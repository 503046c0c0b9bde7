import Text

/// A command of the prompt, `:name operand`. The table is all there is to know of them: look-up, completion and help are made from it.
struct PromptCommand: Sendable {
    let name: String
    /// What follows the name, as help shows it.
    let usage: String
    let operand: Operand
    let doc: String
    /// Gives an exit code when the command ends the session.
    let action: @Sendable (REPL, _ operand: String) -> Int32?

    enum Operand: Sendable { case none, code, name, file }

    init(_ name: String, _ usage: String = "", _ operand: Operand = .none, doc: String,
        action: @escaping @Sendable (REPL, String) -> Int32?) {
        (self.name, self.usage, self.operand, self.doc, self.action) = (name, usage, operand, doc, action)
    }

    static let all: [PromptCommand] = [
        PromptCommand("doc", "NAME", .name, doc: "describe a name; ?NAME and NAME? are the same") { repl, name in
            repl.showHelp(on: name)
        },
        PromptCommand("edit", "[N]", doc: "edit the last cell, or In [N], in $VISUAL or $EDITOR; run it") { repl, number in
            repl.edit(number)
        },
        PromptCommand("forget", "NAME", .name, doc: "forget a name declared here; a built-in of that name returns") { repl, name in
            repl.forget(name)
        },
        PromptCommand("help", "[NAME]", .name, doc: "this page, or the same as :doc") { repl, name in
            name.isEmpty ? repl.showGuide() : repl.showHelp(on: name)
        },
        PromptCommand("load", "FILE", .file, doc: "run a file here and keep what it declares") { repl, path in repl.load(path) },
        PromptCommand("quit", doc: "leave") { _, _ in 0 },
        PromptCommand("reset", doc: "forget all names and values, and restart at In [1]") { repl, _ in repl.reset() },
        PromptCommand("save", "FILE", .file, doc: "write the cells that ran without an error to a script") { repl, path in
            repl.save(path)
        },
        PromptCommand("time", "CODE", .code, doc: "run code repeatedly for a second; print the median time") { repl, code in
            repl.time(code)
        },
        PromptCommand("who", doc: "the names declared here, with their types and values") { repl, _ in repl.who() },
    ]

    /// The command of that name, or the only one that begins so.
    static func named(_ word: String) -> PromptCommand? {
        if let exact = all.first(where: { $0.name == word }) { return exact }
        let candidates = all.filter { $0.name.hasPrefix(word) }
        return candidates.count == 1 && !word.isEmpty ? candidates[0] : nil
    }

    static func complaint(about word: String) -> String {
        guard !word.isEmpty else { return "a command's name must follow the colon; :help lists them" }
        let near = Suggestion.nearest(to: word, among: all.map(\.name))
        return "there is no command ':\(word)'" + (near.map { "; did you mean ':\($0)'?" } ?? "; :help lists what there is")
    }
}

extension PromptCommand: Equatable {
    static func == (a: PromptCommand, b: PromptCommand) -> Bool { a.name == b.name }
}
