import Lang

/// What a built-in throws when the user made a mistake. The VM adds the place and the call trace.
struct RuntimeError: Error {
    var kind: Diagnostic.Kind
    var message: String
    var hint: String?
    /// The argument at fault, so that the error points at it and not at the whole call.
    var argument: Int?
    /// The name of that argument's parameter: the call may give it by name. The engine's errors have the name alone.
    var parameter: String?
    /// The function at fault among the arguments, until its place is known.
    var function: Value?
    /// What was called is no function; its name may be that of a built-in one.
    var isUncallable = false
    /// The named argument that no parameter takes, by its place among the call's names.
    var label: Int?

    init(_ kind: Diagnostic.Kind, _ message: String, hint: String? = nil, argument: Int? = nil, parameter: String? = nil) {
        self.kind = kind
        self.message = message
        self.hint = hint
        self.argument = argument
        self.parameter = parameter
    }
}

/// An error on its way through the VM: what a `catch` binds.
final class PadaError: HostObject, Error, @unchecked Sendable {
    let diagnostic: Diagnostic
    private let root: Rooted?

    init(_ diagnostic: Diagnostic, thrown: Rooted? = nil) {
        self.diagnostic = diagnostic
        root = thrown
    }

    /// What `throw` was given, when it was not a string or an error. On its way it is out of the collector's sight.
    var thrown: Value? { root?.value }

    override var typeName: String { "error" }
    override var description: String { "<error: \(diagnostic.message)>" }
    override var footprint: Int { diagnostic.message.utf8.count + diagnostic.trace.count * MemoryLayout<Diagnostic.TraceEntry>.stride }
}
