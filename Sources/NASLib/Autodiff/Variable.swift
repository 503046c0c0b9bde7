/// A tensor that may remember how it was computed, so that it can be differentiated.
///
/// Operations on variables are those on tensors; each states its derivative beside it. Without a recording tape among
/// their operands they give constants and cost nothing more.
public struct Variable {
    public private(set) var tensor: Tensor
    /// Where it stands on a tape; nil for a constant.
    private var origin: Origin?

    struct Origin {
        let tape: Tape
        let number: Int
    }

    public init(_ tensor: Tensor) { self.init(tensor, origin: nil) }
    public init(_ value: Float) { self.init(Tensor(value)) }

    init(_ tensor: Tensor, origin: Origin?) {
        self.tensor = tensor
        self.origin = origin
    }

    /// Changes the numbers in place. What comes of it is a constant: no tape knows how it was computed.
    public mutating func update(_ change: (inout Tensor) throws -> Void) rethrows {
        origin = nil
        try change(&tensor)
    }

    public var shape: [Int] { tensor.shape }
    public var rank: Int { tensor.rank }
    public var count: Int { tensor.count }

    /// Whether it depends on an input of an open tape.
    public var isTracked: Bool { origin?.tape.isOpen ?? false }

    /// Its number on a tape, if it is there.
    func number(on tape: Tape) -> Int? { origin.flatMap { $0.tape === tape && tape.isOpen ? $0.number : nil } }

    /// The tape that records what is done with it now.
    private var recorder: Tape? { origin.flatMap { $0.tape.isOpen && $0.tape.isRecording ? $0.tape : nil } }

    // MARK: - Recording

    // Each throws `NASError.interrupted` where the operation was stopped: the result is not whole then.

    /// The result of an operation on one operand.
    @inline(__always) static func record(_ result: Tensor, _ a: Variable, _ pullback: @escaping Tape.Pullback) throws -> Variable {
        try Cancellation.check()
        guard let tape = a.recorder, let number = a.number(on: tape) else { return Variable(result) }
        return try tape.append(result, [(number, pullback)])
    }

    /// The result of an operation on two operands.
    @inline(__always) static func record(
        _ result: Tensor, _ a: Variable, _ pullbackA: @escaping Tape.Pullback, _ b: Variable, _ pullbackB: @escaping Tape.Pullback
    ) throws -> Variable {
        try Cancellation.check()
        guard let tape = a.recorder ?? b.recorder else { return Variable(result) }
        var operands: [(number: Int, pullback: Tape.Pullback)] = []
        if let number = a.number(on: tape) { operands.append((number, pullbackA)) }
        if let number = b.number(on: tape) { operands.append((number, pullbackB)) }
        return try tape.append(result, operands)
    }

    /// The result of an operation on any number of operands; `pullback` gets the operand's position.
    static func record(
        _ result: Tensor, _ operands: [Variable], _ pullback: @escaping (_ position: Int, _ delta: Variable) throws -> Variable
    ) throws -> Variable {
        try Cancellation.check()
        guard let tape = operands.lazy.compactMap(\.recorder).first else { return Variable(result) }
        return try tape.append(result, operands.enumerated().compactMap { position, operand in
            operand.number(on: tape).map { number in (number, { delta, _ in try pullback(position, delta) }) }
        })
    }
}
