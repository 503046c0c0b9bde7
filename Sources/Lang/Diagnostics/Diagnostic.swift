/// Something wrong in a source, as a value: what, where, and what to do about it.
package struct Diagnostic: Error, Sendable {
    /// The error kinds of the language; the raw value is what users see and what `e.kind` gives.
    package enum Kind: String, Sendable {
        case syntax, name, type, value, shape, index, key, arithmetic, io, interrupted, limit, ranks, error
    }

    /// An error keeps a program from going on; a warning is about what is probably a mistake.
    package enum Severity: Sendable { case error, warning }

    /// How many of a program's errors, or warnings, are told: after so many nobody reads on.
    package static let most = 20

    package var kind: Kind
    package var severity: Severity
    /// A plain sentence without a final stop.
    package var message: String
    /// Where it is; nil only when there is no source text to point at.
    package var place: Place?
    /// What to write or look at instead.
    package var hint: String?
    /// Further places worth seeing, each with a remark.
    package var notes: [Note]
    /// The calls that led here, innermost first; empty for a syntax error.
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

    /// One call on the way to an error.
    package struct TraceEntry: Sendable {
        /// The function's name, or `<lambda>`.
        package var function: String
        /// What it was called with, in parentheses, where that is known: `(r: 2, scale: 3)`.
        package var arguments: String
        /// Where in that function the next call, or the error, stood.
        package var place: Place

        /// A long trace is cut to about so many entries from its beginning and its end; others need no arguments.
        package static let shownAtEitherEnd = 15

        package init(function: String, arguments: String = "", place: Place) {
            self.function = function
            self.arguments = arguments
            self.place = place
        }

        /// `area(r: 2, scale: 3)  at file.pada:3:5`
        package var description: String { "\(call)  at \(location)" }

        var call: String { function + arguments }

        var location: String {
            let (line, column) = place.source.position(at: place.span.start)
            return "\(place.source.name):\(line):\(column)"
        }
    }
}
