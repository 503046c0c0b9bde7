import Lang
import NASLib

/// The one door for every front end: a cell of source in, outputs out, state kept, interruptible.
public final class Session: @unchecked Sendable {
    public struct Options: Sendable {
        /// `args()` in a script.
        public var arguments: [String] = []
        /// The width a front end can show, in characters.
        public var width = 80
        /// Whether a `let` at top level may redeclare: true for a REPL or notebook, false for a file.
        public var allowsRedeclaration = false
        /// What relative imports and paths start from.
        public var directory = "."

        public init() {}
    }

    /// How a cell ended.
    public enum Outcome: Sendable, Equatable {
        case finished
        /// The source has errors; nothing ran.
        case syntaxError
        case runtimeError
        case interrupted
        /// The cell called `exit(code)`.
        case exit(Int32)
    }

    public var options: Options

    public init(options: Options = Options()) { self.options = options }

    /// Runs one cell to its end and hands over each output as it comes, on the calling thread's behalf:
    /// `emit` is called from the session's own thread while this call waits.
    public func run(_ cell: Source, emit: @escaping @Sendable (Output) -> Void) -> Outcome { fatalError() }

    /// Runs one cell and gives back all its outputs.
    public func run(_ cell: Source) -> (outputs: [Output], outcome: Outcome) { fatalError() }

    /// Asks the running cell to stop. Safe from any thread and from a signal handler.
    public func interrupt() {}

    /// Whether `text` is a whole cell, or more lines must follow (an open bracket, string or operator).
    public func isComplete(_ text: String) -> Bool { fatalError() }

    /// Completions of the word that ends at UTF-8 offset `cursor` in `text`, and where that word starts.
    public func completions(of text: String, at cursor: Int) -> (start: Int, candidates: [String]) { fatalError() }

    /// What `help(name)` would show, or nil for a name that has no documentation.
    public func help(for name: String) -> String? { fatalError() }
}
