import Text

/// One output of a running cell. Front ends decide how to show it; the interpreter prints nothing itself.
package enum Output: Sendable {
    /// Printed text, exactly as printed (line breaks included).
    case text(String)
    /// The value of a cell's last expression, not given for nil.
    case value(DisplayedValue)
    /// A plot made by the cell.
    case plot(any Picture)
    /// A progress bar moved. The last one of a bar has `isFinished`.
    case progress(ProgressReport)
    /// A warning that does not stop the cell.
    case warning(String)
    /// What went wrong: several for syntax errors found in one go, one for a run-time error.
    case error([Diagnostic])
}

extension Output {
    /// The output without characters that a terminal would obey. Printed text stays as it is: a front end that shows it on a terminal uses
    /// its `drawing`.
    package var harmless: Output {
        switch self {
        case .value(var value):
            value.text = value.text.harmless
            return .value(value)
        case .progress(var report):
            report.label = report.label.harmless
            return .progress(report)
        case .warning(let text): return .warning(text.harmless)
        case .text, .plot, .error: return self
        }
    }
}

/// A value ready to be shown.
package struct DisplayedValue: Sendable {
    /// The name of the value's type, as `type(x)` gives it.
    package var type: String
    /// The value as the REPL shows it after `Out[n]:`, possibly on several lines; long containers are cut off with a count.
    package var text: String
    /// Whether the text is code of the language, to be coloured as such.
    package var isCode: Bool
    /// The cells of a table, for front ends that can do better than text.
    package var table: DisplayedTable?

    package init(type: String, text: String, isCode: Bool, table: DisplayedTable? = nil) {
        self.type = type
        self.text = text
        self.isCode = isCode
        self.table = table
    }
}

/// A picture, which is drawn when a front end asks for it.
package protocol Picture: Sendable {
    /// Unicode text for a terminal as wide as the session's.
    func terminal(isColored: Bool) -> String

    /// A whole SVG document that needs nothing else; it can also stand within HTML as it is.
    var svg: String { get }

    /// What it shows, in words.
    var alternativeText: String { get }
}

/// The progress of a `progress(…)` loop.
package struct ProgressReport: Sendable {
    /// The number of the loop: equal in all its reports, and different for each loop.
    package var loop: Int
    package var label: String
    package var completed: Int
    /// The length of the sequence; nil if it is not known.
    package var total: Int?
    /// Seconds since the loop began.
    package var elapsed: Double
    package var isFinished: Bool

    package init(loop: Int, label: String, completed: Int, total: Int?, elapsed: Double, isFinished: Bool) {
        self.loop = loop
        self.label = label
        self.completed = completed
        self.total = total
        self.elapsed = elapsed
        self.isFinished = isFinished
    }
}

/// How a cell ended.
package enum CellOutcome: Sendable, Equatable {
    case finished
    /// The source has errors; nothing ran.
    case syntaxError
    case runtimeError
    case interrupted
    /// The cell called `exit(code)`.
    case exit(Int32)
}
