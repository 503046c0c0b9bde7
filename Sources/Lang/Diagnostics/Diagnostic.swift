/// Something wrong in a source, as a value: what, where, and what to do about it.
public struct Diagnostic: Error, Sendable {
    /// The error kinds of the language; the raw value is what users see and what `e.kind` gives.
    public enum Kind: String, Sendable {
        case syntax, name, type, value, shape, index, key, arithmetic, io, interrupted, limit, ranks, error
    }

    /// An error keeps a program from going on; a warning is about what is probably a mistake.
    public enum Severity: Sendable { case error, warning }

    /// How many of a program's errors, or warnings, are told: after so many nobody reads on.
    public static let most = 20

    public var kind: Kind
    public var severity: Severity
    /// A plain sentence without a final stop.
    public var message: String
    /// Where it is; nil only when there is no source text to point at.
    public var place: Place?
    /// What to write or look at instead.
    public var hint: String?
    /// Further places worth seeing, each with a remark.
    public var notes: [Note]
    /// The calls that led here, innermost first; empty for a syntax error.
    public var trace: [TraceEntry]

    public init(_ kind: Kind, _ message: String, at place: Place?, hint: String? = nil, notes: [Note] = [], trace: [TraceEntry] = [],
                severity: Severity = .error) {
        self.kind = kind
        self.severity = severity
        self.message = message
        self.place = place
        self.hint = hint
        self.notes = notes
        self.trace = trace
    }

    public struct Place: Sendable {
        public var source: Source
        public var span: Span

        public init(_ source: Source, _ span: Span) {
            self.source = source
            self.span = span
        }
    }

    public struct Note: Sendable {
        public var message: String
        public var place: Place

        public init(_ message: String, at place: Place) {
            self.message = message
            self.place = place
        }
    }

    /// One call on the way to an error.
    public struct TraceEntry: Sendable {
        /// The function's name, or `<lambda>`.
        public var function: String
        /// What it was called with, in parentheses, where that is known: `(r: 2, scale: 3)`.
        public var arguments: String
        /// Where in that function the next call, or the error, stood.
        public var place: Place

        /// A long trace is cut to about so many entries from its beginning and its end; others need no arguments.
        public static let shownAtEitherEnd = 15

        public init(function: String, arguments: String = "", place: Place) {
            self.function = function
            self.arguments = arguments
            self.place = place
        }

        /// `area(r: 2, scale: 3)  at file.pada:3:5`
        public var description: String { "\(call)  at \(location)" }

        var call: String { function + arguments }

        var location: String {
            let (line, column) = place.source.position(at: place.span.start)
            return "\(place.source.name):\(line):\(column)"
        }
    }
}
