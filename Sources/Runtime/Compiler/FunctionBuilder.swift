import Lang

/// Code of one function while it is being compiled: instructions, constants, registers and scopes.
final class FunctionBuilder {
    let name: String
    let parent: FunctionBuilder?
    private(set) var code: [UInt32] = []
    private(set) var spans: [Span] = []
    var callSites: [Int: CallSite] = [:]
    private(set) var constants: [Value] = []
    private var constantIndex: [ConstantKey: Int] = [:]
    var prototypes: [Prototype] = []
    private var captures: [Prototype.Capture] = []
    private var captured: [Captured] = []
    private(set) var callShapes: [CallShape] = []

    var locals: [Local] = []
    var controls: [Control] = []
    private(set) var nextRegister = 0
    private(set) var maxRegister = 1
    private(set) var overflowedRegisters = false
    var overflowedCaptures: Bool { captures.count > FunctionBuilder.captureLimit }
    /// Whether an inner function shares one of this function's variables.
    var hasCapturedLocals = false
    /// Where the return instructions are; they become `returnClosing` when a variable was captured.
    private var returns: [Int] = []

    static let registerLimit = 240
    static let captureLimit = 256

    struct Local {
        var name: String
        var register: Register
        var isMutable: Bool
        /// Whether it has its value and keeps it: inner functions then capture the value and not the variable.
        var isSettled: Bool
        /// A parameter that has no value yet: a default is being computed that stands before it.
        var isPending = false
        /// Whether an inner function shares the variable.
        var isCaptured = false
        /// Scopes are numbered by depth; a name may stand once in each.
        var depth: Int
        var span: Span
    }

    /// A variable of an enclosing function.
    struct Captured {
        var name: String
        var index: Int
        var isMutable: Bool
        /// Whether its value was captured and not the variable.
        var isValue: Bool
    }

    /// What a `break`, `continue` or `return` has to leave.
    enum Control {
        case loop(breaks: [Patch], continues: [Patch], firstLocal: Int)
        case `try`
        case with
    }

    /// A jump whose target is not known yet.
    struct Patch {
        /// The word to fill in.
        var position: Int
        /// Whether the offset shares the word with the instruction (24 bits) or has it to itself.
        var sharesWord: Bool
    }

    private enum ConstantKey: Hashable {
        case int(Int)
        case float(UInt64)
        case object(UInt64)
    }

    init(name: String, parent: FunctionBuilder?) {
        self.name = name
        self.parent = parent
    }

    // MARK: - Instructions

    var position: Int { code.count }

    private func emit(_ word: UInt32, _ span: Span) {
        code.append(word)
        spans.append(span)
    }

    func emit(_ op: Opcode, _ a: Int = 0, _ b: Int = 0, _ c: Int = 0, at span: Span) {
        if op == .return { returns.append(code.count) }
        emit(Opcode.word(op, a, b, c), span)
    }

    func emit(_ op: Opcode, _ a: Int, wide: Int, at span: Span) { emit(Opcode.word(op, a, wide: wide), span) }

    /// An extra word of the instruction before it.
    func emitExtra(_ value: Int, at span: Span) { emit(UInt32(truncatingIfNeeded: value), span) }

    func emitJump(at span: Span) -> Patch {
        emit(Opcode.word(.jump, offset: 0), span)
        return Patch(position: code.count - 1, sharesWord: true)
    }

    func emitJump(_ op: Opcode, _ a: Int = 0, _ b: Int = 0, _ c: Int = 0, at span: Span) -> Patch {
        emit(Opcode.word(op, a, b, c), span)
        emit(0, span)
        return Patch(position: code.count - 1, sharesWord: false)
    }

    /// Jumps back to `target`, polling for interrupts.
    func emitLoop(to target: Int, at span: Span) {
        emit(Opcode.word(.loop, offset: target - (code.count + 1)), span)
    }

    func emitJumpBack(_ op: Opcode, _ a: Int, to target: Int, at span: Span) {
        emit(Opcode.word(op, a, 0, 0), span)
        emitExtra(target - (code.count + 1), at: span)
    }

    func patch(_ patches: [Patch], to target: Int) {
        for patch in patches {
            let offset = target - (patch.position + 1)
            if patch.sharesWord {
                code[patch.position] = (code[patch.position] & 0xff) | UInt32(truncatingIfNeeded: offset) << 8
            } else {
                code[patch.position] = UInt32(truncatingIfNeeded: offset)
            }
        }
    }

    func patchHere(_ patches: [Patch]) { patch(patches, to: code.count) }

    // MARK: - Constants

    func constant(int x: Int) -> Int { constant(.int(x), .int(x)) }
    func constant(float x: Double) -> Int { constant(.float(x.bitPattern), .float(x)) }
    func constant(string ref: StringRef) -> Int { constant(.object(ref.address), .string(ref)) }
    func constant(builtin index: Int) -> Int {
        constants.append(.builtin(index))
        return constants.count - 1
    }

    private func constant(_ key: ConstantKey, _ value: Value) -> Int {
        if let known = constantIndex[key] { return known }
        constants.append(value)
        constantIndex[key] = constants.count - 1
        return constants.count - 1
    }

    func emitLoad(constant index: Int, to register: Register, at span: Span) {
        if index <= 0xffff {
            emit(.loadConstant, register, wide: index, at: span)
        } else {
            emit(.loadConstantWide, register, at: span)
            emitExtra(index, at: span)
        }
    }

    func addShape(_ shape: CallShape) -> Int {
        callShapes.append(shape)
        return callShapes.count - 1
    }

    // MARK: - Registers

    func allocate(_ count: Int = 1) -> Register {
        let first = nextRegister
        nextRegister += count
        if nextRegister > FunctionBuilder.registerLimit {
            overflowedRegisters = true
            nextRegister = first + min(count, 1)
            if nextRegister > FunctionBuilder.registerLimit { nextRegister = 0 }
        }
        maxRegister = max(maxRegister, nextRegister)
        return first
    }

    /// Whether no variable is in the register.
    func isTemporary(_ register: Register) -> Bool { !locals.contains { $0.register == register } }

    /// Gives back all registers from `register` up.
    func release(to register: Register) { nextRegister = register }

    // MARK: - Variables

    func findLocal(_ name: String) -> Int? { locals.lastIndex { $0.name == name } }

    /// A variable of an enclosing function, captured on the way; nil when none has that name.
    func findCaptured(_ name: String) -> Captured? {
        if let known = captured.first(where: { $0.name == name }) { return known }
        guard let parent else { return nil }
        let source: Prototype.Capture
        let isMutable, isValue: Bool
        if let index = parent.findLocal(name) {
            let local = parent.locals[index]
            (isMutable, isValue) = (local.isMutable, local.isSettled)
            if !isValue {
                parent.locals[index].isCaptured = true
                parent.hasCapturedLocals = true
            }
            source = .init(kind: isValue ? .value : .variable, index: UInt16(local.register))
        } else if let outer = parent.findCaptured(name) {
            (isMutable, isValue) = (outer.isMutable, outer.isValue)
            source = .init(kind: .outer, index: UInt16(truncatingIfNeeded: outer.index))
        } else {
            return nil
        }
        captures.append(source)
        captured.append(Captured(name: name, index: captures.count - 1, isMutable: isMutable, isValue: isValue))
        return captured.last
    }

    /// The innermost variable of that name, in this function or around it.
    func visibleLocal(_ name: String) -> Local? { findLocal(name).map { locals[$0] } ?? parent?.visibleLocal(name) }

    /// All variable names visible here, innermost first.
    var visibleNames: [String] { locals.reversed().map(\.name) + (parent?.visibleNames ?? []) }

    // MARK: - The end

    func finish(source: Source, span: Span, documentation: String?, signature: Signature) -> Prototype {
        if hasCapturedLocals {
            for position in returns { code[position] = (code[position] & ~0xff) | UInt32(Opcode.returnClosing.rawValue) }
        }
        return Prototype(
            name: name, source: source, span: span, documentation: documentation, signature: signature,
            prototypes: prototypes, captures: captures, callShapes: callShapes, code: code, spans: spans,
            callSites: callSites, constants: constants, registerCount: maxRegister + 2)
    }
}
