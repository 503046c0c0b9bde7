import Lang
import NASLib
import Text

/// Making errors of the language: place, call trace, suggestions.
extension VM {
    /// Any error as one of the language's, placed at the running frame's instruction.
    public func located(_ error: Error) -> PadaError {
        if let known = error as? PadaError { return known }
        let failure: RuntimeError
        var thrown: Value?
        switch error {
        case let runtime as RuntimeError: failure = runtime
        case let user as Thrown:
            // A string becomes an error with that message, an error goes on as it is, anything else is carried along.
            let value = user.value
            if value.tag == .host, let error = value.hostObject as? PadaError { return error }
            failure = RuntimeError(.error, value.tag == .string ? value.asString.text : Printer.literal(value, limit: 200))
            if value.tag != .string { thrown = value }
        case let engine as NASError: failure = engine.runtimeError
        default: failure = RuntimeError(.error, "\(error)")
        }
        // What is no number has no sign to speak of, but Swift writes the one it happens to have.
        let message = error is Thrown ? failure.message : failure.message.replacing("not -nan", with: "not nan")
        var diagnostic = Diagnostic(failure.kind, message, at: nil, hint: failure.hint)
        guard state.pointee.frame >= 0 else { return PadaError(diagnostic, thrown: thrown.map { Rooted($0, heap) }) }
        let frame = frames[state.pointee.frame]
        let prototype = frame.closure.prototype.pointee.prototype
        let position = frame.pc - prototype.layout.pointee.code - 1
        let span = span(at: position, in: prototype, of: failure)
        diagnostic.place = .init(prototype.source, span)
        // A member of that name hides nothing.
        let isMember = span.start > 0 && prototype.source.bytes[span.start - 1] == UInt8(ascii: ".")
        if failure.isUncallable, !isMember, registry.function(called: prototype.source.text(of: span)) != nil {
            let name = prototype.source.text(of: span)
            diagnostic.hint = "a variable '\(name)' hides the built-in function: give it another name; at the prompt, :forget \(name) brings the function back"
        }
        diagnostic.trace = trace()
        pointAtUser(&diagnostic)
        return PadaError(diagnostic, thrown: thrown.map { Rooted($0, heap) })
    }

    private func span(at position: Int, in prototype: Prototype, of failure: RuntimeError) -> Span {
        if let site = prototype.callSites[position] {
            if let label = failure.label, site.labels.indices.contains(label) { return site.labels[label] }
            if let argument = failure.argument, let span = site.span(ofArgument: argument, named: failure.parameter) { return span }
        }
        return prototype.spans.indices.contains(position) ? prototype.spans[position] : prototype.span
    }

    /// A source that runs, or one of a loaded module.
    package func source(named name: String) -> Source? {
        let running = (0..<state.pointee.frame + 1).lazy.map { [frames] in frames[$0].closure.prototype.pointee.prototype.source }
        return running.first { $0.name.isSame(as: name) } ?? modules.lazy.compactMap { $0.prototype?.source }.first { $0.name.isSame(as: name) }
    }

    /// Where the running code is: the file and the line.
    var placeText: String {
        guard state.pointee.frame >= 0 else { return "its start" }
        let frame = frames[state.pointee.frame]
        let prototype = frame.closure.prototype.pointee.prototype
        let position = frame.pc - prototype.layout.pointee.code - 1
        let span = prototype.spans.indices.contains(position) ? prototype.spans[position] : prototype.span
        return "\(prototype.source.name):\(prototype.source.position(at: span.start).line)"
    }

    /// The calls that led here, innermost first.
    private func trace() -> [Diagnostic.TraceEntry] {
        let last = state.pointee.frame
        let shown = Diagnostic.TraceEntry.shownAtEitherEnd
        return (0...last).reversed().map { i in
            let prototype = frames[i].closure.prototype.pointee.prototype
            let position = frames[i].pc - prototype.layout.pointee.code - 1
            let span = prototype.spans.indices.contains(position) ? prototype.spans[position] : prototype.span
            let isShown = i < shown || last - i < shown
            return .init(function: prototype.name, arguments: isShown ? arguments(of: frames[i], prototype) : "", place: .init(prototype.source, span))
        }
    }

    /// What a running function's parameters hold, large values by their beginnings.
    private func arguments(of frame: Frame, _ prototype: Prototype) -> String {
        // The code at top level takes none, and is no function.
        guard prototype.name != Prototype.topLevel else { return "" }
        let arguments = prototype.signature.parameters.enumerated().compactMap { i, parameter -> String? in
            let value = frame.base[i]
            if value.isMissing { return nil }
            return "\(parameter.name): \(Printer.brief(value))"
        }
        return "(\(arguments.joined(separator: ", ")))"
    }

    /// An error inside a module that ships with the language is shown at the user's call, with a note where it came from.
    private func pointAtUser(_ diagnostic: inout Diagnostic) {
        guard let inside = diagnostic.place, inside.source.isLibrary, let call = diagnostic.trace.first(where: { !$0.place.source.isLibrary }) else { return }
        diagnostic.notes.append(.init("it comes from inside '\(inside.source.name)'", at: inside))
        diagnostic.place = call.place
    }

    /// An error that ends an instruction, placed at it. Apart from the loop: what is made of an error would take registers there.
    @inline(never) func raised(_ error: any Error) -> PadaError {
        let raised = located(error)
        if (error as? NASError)?.kind == .memory { heap.memoryWasRefused() }
        return raised
    }

    // MARK: - Particular errors

    func unknownName(slot: Int) -> RuntimeError {
        let name = globals.names[slot]
        if isDeclared(slot) {
            return RuntimeError(.name, "'\(name)' has no value yet", hint: "use it after the line that declares it has run")
        }
        if registry.modules.names.contains(name) { return RuntimeError(.name, "'\(name)' is not known", hint: "write 'import \(name)' first") }
        if let use = registry.habits.names[name] { return RuntimeError(.name, "'\(name)' is not known", hint: use) }
        if let member = registry.member(called: name) { return RuntimeError(.name, "'\(name)' is not known", hint: "it is a member: \(member)") }
        var known = registry.globalNames.filter { !$0.contains(".") }
        for i in 0..<globals.count where !globals.values[i].isMissing { known.append(globals.names[i]) }
        let near = Suggestion.nearest(to: name, among: known)
        return RuntimeError(.name, "'\(name)' is not known", hint: near.map { "did you mean '\($0)'?" })
    }

    /// Whether some file declares the variable.
    private func isDeclared(_ slot: Int) -> Bool {
        let scopes = [options.scope].compactMap(\.self) + modules.map(\.scope)
        return scopes.contains { $0.variables.values.contains { $0.slot == slot && $0.isDeclared } }
    }

    public func tooDeep() -> RuntimeError {
        RuntimeError(.limit, "more than \(VM.frameCapacity - 2) nested calls", hint: "is there a recursion without an end?")
    }

    @inline(__always) public func checkStop() throws {
        if interruption.isRaised { throw stopped() }
    }

    /// For loops in built-ins that may run long or make very many values: throws where the run is to stop, or there is no memory for more.
    @inline(__always) public func checkInterruption() throws {
        try checkStop()
        if heap.bytesInUse >= heap.nextAsk { try askForMore() }
    }

    @inline(never) private func askForMore() throws {
        if !heap.hasRoomForMore() { throw outOfRoom() }
    }

    /// What a built-in makes of a large tensor or table may be as large itself, and it makes it before the heap knows.
    @inline(never) func askForResult(_ object: HostObject) throws {
        if object.isLarge { try MemoryAccount.ask(object.charged) }
    }

    /// A result of work on tensors, which is unfinished where it was to stop.
    @inline(__always) public func finished(_ result: Value) throws -> Value {
        try checkStop()
        return result
    }

    public func stopped() -> RuntimeError { RuntimeError(.interrupted, "the run was stopped") }

    func outOfMemory() -> RuntimeError {
        RuntimeError(.limit, "all values together take more than \(MemoryAccount.text(heap.limit)) of memory", hint: hintOnValues)
    }

    /// Less is left of the memory than the limit of all values, as where tensors or other processes have it.
    public func outOfRoom() -> RuntimeError { RuntimeError(.limit, "there is no memory for more values", hint: hintOnValues) }

    private var hintOnValues: String {
        // See CellMemory.
        let keepsAll = options.scope?.variables["Out"] != nil
        return keepsAll ? "clear(Out) forgets the values of all cells" : "is there a list or map that grows without an end?"
    }
}

extension PadaError {
    /// An interrupt goes all the way to the prompt.
    var isUncatchable: Bool { diagnostic.kind == .interrupted || diagnostic.kind == .ranks }
}

/// What `throw` was given, until the frame's `catch` finds out where that was.
public struct Thrown: Error {
    public let value: Value
}

extension NASError {
    /// What a user causes in the engine, in the language's terms.
    package var runtimeError: RuntimeError {
        let kind: Diagnostic.Kind = switch self.kind {
        case .shape: .shape
        case .value: .value
        case .limit, .memory: .limit
        case .file: .io
        case .library, .processor: .error
        case .ranks: .ranks
        case .interrupted: .interrupted
        }
        return RuntimeError(kind, message, hint: hint, parameter: parameter)
    }
}
