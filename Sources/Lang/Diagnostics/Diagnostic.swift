/// An error or warning about a source, as a value: what is wrong, where, and how to fix it.
package struct Diagnostic: Error, Sendable {
    /// The error kinds of the language; the raw value is what users see and what `e.kind` gives.
    package enum Kind: String, Sendable {
        case syntax, name, type, value, shape, index, key, arithmetic, io, interrupted, limit, ranks, error
    }

    /// An error keeps a program from going on; a warning is about what is probably a mistake.
    package enum Severity: Sendable { case error, warning }

    /// The most errors, or warnings, of a program that are reported.
    package static let most = 20

    package var kind: Kind
    package var severity: Severity
    /// What is wrong, as a plain sentence without a final full stop.
    package var message: String
    /// The place of the error; nil only if there is no source text to point at.
    package var place: Place?
    /// Advice on what to write or look at instead.
    package var hint: String?
    /// Further places worth seeing, each with a remark.
    package var notes: [Note]
    /// The calls that led to the error, innermost first; empty for a syntax error.
    package var trace: [TraceEntry]

    package init(_ kind: Kind, _ message: String, at place: Place?, hint: String? = nil, notes: [Note] = [], trace: [TraceEntry] = [],
                severity: Severity = .error) {
        self.kind = kind
        self.severity = severity
        self.message = message
        self.place = place
        self.hint = hint
        self.notes = notes
        self.trace = trace
    }

    package struct Place: Sendable {
        package var source: Source
        package var span: Span

        package init(_ source: Source, _ span: Span) {
            self.source = source
            self.span = span
        }
    }

    package struct Note: Sendable {
        package var message: String
        package var place: Place

        package init(_ message: String, at place: Place) {
            self.message = message
            self.place = place
        }
    }

    /// One call in the trace of an error.
    package struct TraceEntry: Sendable {
        /// The function's name, or `<lambda>`.
        package var function: String
        /// The arguments in parentheses, if they are known: `(r: 2, scale: 3)`.
        package var arguments: String
        /// The place in that function of the next call, or of the error.
        package var place: Place

        /// A long trace is cut to about this many entries at its beginning and end; the other entries need no arguments.
        package static let shownAtEitherEnd = 15

        package init(function: String, arguments: String = "", place: Place) {
            self.function = function
            self.arguments = arguments
            self.place = place
        }

        /// The call and its place: `area(r: 2, scale: 3)  at file.pada:3:5`.
        package var description: String { "\(call)  at \(location)" }

        var call: String { function + arguments }

        var location: String {
            let (line, column) = place.source.position(at: place.span.start)
            return "\(place.source.name):\(line):\(column)"
        }
    }
}
