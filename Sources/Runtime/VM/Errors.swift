import Lang
import NASLib

/// Making errors of the language: place, call trace, suggestions.
extension VM {
    /// Any error as one of the language's, placed at the running frame's instruction.
    func located(_ error: Error) -> PadaError {
        if let known = error as? PadaError { return known }
        let failure: RuntimeError
        switch error {
        case let runtime as RuntimeError: failure = runtime
        case let user as UserFacingError: failure = user.runtimeError
        default: failure = RuntimeError(.error, "\(error)")
        }
        var diagnostic = Diagnostic(failure.kind, failure.message, at: nil, hint: failure.hint)
        guard state.pointee.frame >= 0 else { return PadaError(diagnostic) }
        let frame = frames[state.pointee.frame]
        let prototype = frame.closure.prototype.pointee.prototype
        let position = frame.pc - prototype.layout.pointee.code - 1
        diagnostic.place = .init(prototype.source, span(at: position, in: prototype, argument: failure.argument))
        diagnostic.trace = trace()
        return PadaError(diagnostic)
    }

    private func span(at position: Int, in prototype: Prototype, argument: Int?) -> Span {
        if let argument, let site = prototype.callSites[position] { return site.span(ofArgument: argument) ?? prototype.spans[position] }
        return prototype.spans.indices.contains(position) ? prototype.spans[position] : prototype.span
    }

    /// The calls that led here, innermost first.
    private func trace() -> [Diagnostic.TraceEntry] {
        var entries: [Diagnostic.TraceEntry] = []
        for i in stride(from: state.pointee.frame, through: 0, by: -1) {
            let prototype = frames[i].closure.prototype.pointee.prototype
            let position = frames[i].pc - prototype.layout.pointee.code - 1
            let span = prototype.spans.indices.contains(position) ? prototype.spans[position] : prototype.span
            entries.append(.init(function: prototype.name, place: .init(prototype.source, span)))
            // A runaway recursion: its ends tell enough.
            if entries.count == 5_000, i > 5_000 { return entries }
        }
        return entries
    }

    // MARK: - Particular errors

    func unknownName(slot: Int) -> RuntimeError {
        let name = globals.names[slot]
        if let use = VM.foreignNames[name] { return RuntimeError(.name, "'\(name)' is not known", hint: use) }
        var known = registry.globalNames.filter { !$0.contains(".") }
        for i in 0..<globals.count where !globals.values[i].isMissing { known.append(globals.names[i]) }
        let near = Suggestion.nearest(to: name, among: known)
        return RuntimeError(.name, "'\(name)' is not known, or has no value yet", hint: near.map { "did you mean '\($0)'?" })
    }

    /// What users of other languages reach for.
    private static let foreignNames = [
        "null": "it is 'nil' here", "None": "it is 'nil' here", "undefined": "it is 'nil' here",
        "True": "it is 'true' here", "False": "it is 'false' here",
    ]

    func tooDeep() -> RuntimeError {
        RuntimeError(.limit, "more than \(VM.frameCapacity - 2) nested calls", hint: "is there a recursion without an end?")
    }

    /// For loops in built-ins that may run long.
    @inline(__always) func checkInterruption() throws {
        if state.pointee.isInterrupted != 0 { throw interruption() }
    }

    func interruption() -> RuntimeError { RuntimeError(.interrupted, "the run was stopped") }

    /// `throw value`: a string becomes an error with that message, an error goes on as it is, anything else is carried along.
    func thrownError(_ value: Value) -> Error {
        if value.tag == .host, let error = value.hostObject as? PadaError { return error }
        if value.tag == .string { return RuntimeError(.error, value.asString.text) }
        let error = located(RuntimeError(.error, Printer.text(value)))
        return PadaError(error.diagnostic, thrown: value)
    }
}

extension PadaError {
    /// An interrupt goes all the way to the prompt.
    var isUncatchable: Bool { diagnostic.kind == .interrupted }
}

/// Errors of NASLib that users cause, told in the language's terms.
protocol UserFacingError: Error {
    var runtimeError: RuntimeError { get }
}

extension SpaceError: UserFacingError {
    var runtimeError: RuntimeError { RuntimeError(.value, message, hint: hint) }
}
