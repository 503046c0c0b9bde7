import Lang

/// The error that a built-in throws for a user's mistake. The VM adds the place and the call trace.
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
    /// Whether the error is a call of a value that is not a function; its name may hide a built-in.
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

    /// The value given to `throw`, if it was not a string or an error. The collector does not see it while the error is thrown.
    public var thrown: Value? { root?.value }

    public override var typeName: String { "error" }
    public override var description: String { "<error: \(diagnostic.message)>" }
    public override var footprint: Int {
        diagnostic.message.utf8.count + diagnostic.trace.count * MemoryLayout<Diagnostic.TraceEntry>.stride
    }
}
