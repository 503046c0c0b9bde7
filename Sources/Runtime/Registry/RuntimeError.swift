import Lang

/// What a built-in throws when the user made a mistake. The VM adds the place and the call trace.
public struct RuntimeError: Error {
    package var kind: Diagnostic.Kind
    public var message: String
    public var hint: String?
    /// The argument at fault, so that the error points at it and not at the whole call.
    public var argument: Int?
    /// The name of that argument's parameter: the call may give it by name. The engine's errors have the name alone.
    public var parameter: String?
    /// The function at fault among the arguments, until its place is known.
    public var function: Value?
    /// What was called is no function; its name may be that of a built-in one.
    public var isUncallable = false
    /// The named argument that no parameter takes, by its place among the call's names.
    public var label: Int?

    package init(_ kind: Diagnostic.Kind, _ message: String, hint: String? = nil, argument: Int? = nil, parameter: String? = nil) {
        self.kind = kind
        self.message = message
        self.hint = hint
        self.argument = argument
        self.parameter = parameter
    }
}

/// An error on its way through the VM: what a `catch` binds.
public final class PadaError: HostObject, Error, @unchecked Sendable {
    package let diagnostic: Diagnostic
    private let root: Rooted?

    package init(_ diagnostic: Diagnostic, thrown: Rooted? = nil) {
        self.diagnostic = diagnostic
        root = thrown
    }

    /// What `throw` was given, when it was not a string or an error. On its way it is out of the collector's sight.
    public var thrown: Value? { root?.value }

    public override var typeName: String { "error" }
    public override var description: String { "<error: \(diagnostic.message)>" }
    public override var footprint: Int { diagnostic.message.utf8.count + diagnostic.trace.count * MemoryLayout<Diagnostic.TraceEntry>.stride }
}
