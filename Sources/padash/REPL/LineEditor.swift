/// Reads the entries of the prompt.
protocol LineEditor: AnyObject {
    /// Shows the prompts and waits for a whole entry, perhaps of several lines.
    func readEntry(_ prompts: Prompts) -> EntryResult
    /// One line that is no entry: an answer to a question.
    func ask(_ question: String) -> EntryResult
    /// Makes an entry the most recent of the history.
    func remember(_ entry: String)
}

enum EntryResult: Equatable {
    /// Blank when nothing was typed.
    case entry(String)
    /// Ctrl-C; whether something was typed by then.
    case interrupted(wasEmpty: Bool)
    /// Ctrl-D, or the end of the input.
    case end
}

/// What a line editor must know of entries.
struct EntryRules {
    /// Whether no more lines must follow.
    var isWhole: (_ entry: String) -> Bool
    /// Completes the word that ends at UTF-8 offset `cursor` of a text: where it starts, and what it may become.
    var complete: (_ text: String, _ cursor: Int) -> (start: Int, candidates: [String])
}

struct Prompt {
    var text: String
    /// The escape sequence that colours it, or nothing.
    var color: String
}

/// What stands before the first line of an entry, and before its others.
struct Prompts {
    var input: Prompt
    var continuation: Prompt

    /// The prompts of cell `number`; both end in the same column.
    init(cell number: Int, isColored: Bool) {
        let text = "In [\(number)]: "
        input = Prompt(text: text, color: isColored ? "\u{1B}[32m" : "")
        continuation = Prompt(text: String(repeating: " ", count: max(0, text.count - 5)) + "...: ", color: isColored ? "\u{1B}[2;32m" : "")
    }

    init(question: String) {
        input = Prompt(text: question, color: "")
        continuation = input
    }
}
