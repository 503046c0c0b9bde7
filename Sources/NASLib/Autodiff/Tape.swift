/// The record of a computation on tensors, from which gradients are computed backwards.
///
/// An entry is a result with, for each operand that the tape knows, the operand's number and its pullback: from the
/// gradient of the result to the operand's share of it. Pullbacks are made of operations on variables themselves, so with
/// `isRecording` on a backward pass is recorded like anything else and can be differentiated again.
public final class Tape {
    /// `(the result's gradient, the result) -> the operand's share`.
    typealias Pullback = (_ delta: Variable, _ result: Variable) throws -> Variable

    private struct Entry {
        let result: Tensor
        let operands: [(number: Int, pullback: Pullback)]
    }

    private var entries: [Entry] = []
    private var elements = 0
    /// Once closed, variables that come from the tape are constants.
    private(set) var isOpen = true
    /// Whether operations are being recorded.
    private(set) var isRecording = true
    /// Called between the steps of a backward pass; it may throw to stop it.
    public var poll: () throws -> Void = {}

    /// The most that the recorded results may hold together, in floats.
    private let limit: Int

    public init(limit: Int = 1 << 30) { self.limit = limit }

    /// Forgets everything. Whoever makes a tape closes it: variables and entries keep one another alive.
    public func close() {
        isOpen = false
        entries = []
    }

    /// A variable to differentiate with respect to. It stands for `value`, and gradients flow on to where that came from.
    public func input(_ value: Variable) throws -> Variable {
        try append(value.tensor, value.number(on: self).map { [(number: $0, pullback: { delta, _ in delta })] } ?? [])
    }

    func append(_ result: Tensor, _ operands: [(number: Int, pullback: Pullback)]) throws -> Variable {
        elements += result.count + 16
        guard elements <= limit else {
            throw NASError(.limit, "the computation to differentiate is too long: its tensors have more than \(limit) elements")
        }
        entries.append(Entry(result: result, operands: operands))
        return Variable(result, origin: .init(tape: self, number: entries.count - 1))
    }

    /// The gradients of `output`, weighted by `seed` (of its shape), with respect to inputs; nil for one it does not depend on.
    /// With `isRecorded` they can be differentiated in their turn.
    public func gradients(of output: Variable, seed: Variable, at inputs: [Variable], isRecorded: Bool = false) throws -> [Variable?] {
        let wasRecording = isRecording
        isRecording = isRecorded
        defer { isRecording = wasRecording }
        let numbers = inputs.map { $0.number(on: self) }
        guard let last = output.number(on: self), let first = numbers.compactMap(\.self).min(), first <= last else {
            return inputs.map { _ in nil }
        }
        // Which entries lead back to an input, counted from the first one.
        var leads = Array(repeating: false, count: last - first + 1)
        for case let number? in numbers where number <= last { leads[number - first] = true }
        for i in first...last where !leads[i - first] {
            leads[i - first] = entries[i].operands.contains { $0.number >= first && leads[$0.number - first] }
        }
        var deltas: [Variable?] = Array(repeating: nil, count: last - first + 1)
        deltas[last - first] = seed
        for i in (first...last).reversed() where leads[i - first] {
            guard let delta = deltas[i - first] else { continue }
            try poll()
            let entry = entries[i]
            let result = Variable(entry.result, origin: .init(tape: self, number: i))
            for operand in entry.operands where operand.number >= first && leads[operand.number - first] {
                let share = try operand.pullback(delta, result)
                precondition(share.shape == entries[operand.number].result.shape, "a gradient has its variable's shape")
                let place = operand.number - first
                deltas[place] = try deltas[place].map { try Variable.add($0, share) } ?? share
            }
            if !numbers.contains(i) { deltas[i - first] = nil }
        }
        return numbers.map { number in number.flatMap { $0 <= last ? deltas[$0 - first] : nil } }
    }

    /// The derivative of `output` along directions of its inputs (of their shapes), a Jacobian-vector product.
    ///
    /// The gradient with weights u is J^T u, linear in u; the gradient of (J^T u) v with respect to u is J v.
    public func derivative(
        of output: Variable, at inputs: [Variable], along directions: [Tensor], isRecorded: Bool = false
    ) throws -> Variable {
        let zeros = try Tensor(repeating: 0, shape: output.shape)
        let weights = try input(Variable(zeros))
        var product: Variable?
        for (gradient, direction) in zip(try gradients(of: output, seed: weights, at: inputs, isRecorded: true), directions) {
            guard let gradient else { continue }
            let term = try Variable.multiply(gradient, Variable(direction)).sum()
            product = try product.map { try Variable.add($0, term) } ?? term
        }
        guard let product else { return Variable(zeros) }
        return try gradients(of: product, seed: Variable(1), at: [weights], isRecorded: isRecorded)[0] ?? Variable(zeros)
    }
}
