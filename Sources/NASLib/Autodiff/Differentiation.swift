/// The value of a function at a tensor, and its gradient there.
///
///     let x = Tensor(shape: [3], values: [1, 2, 3])
///     let (value, gradient) = try valueWithGradient(at: x) { x in try (x * x).sum() }
///     // value 14, gradient [2, 4, 6]
///
/// - Parameters:
///   - x: a tensor of any shape.
///   - f: gives one number. What it does with its argument is recorded while it runs, so loops and conditions need no care; nothing of the
///     record is left afterwards.
/// - Returns: f(x), and the derivative by each element of `x`, in its shape; zeros where `f` does not depend on it.
public func valueWithGradient(at x: Tensor, in f: (Variable) throws -> Variable) throws -> (value: Float, gradient: Tensor) {
    let (value, gradients) = try valueWithGradient(at: [x]) { try f($0[0]) }
    return (value, gradients[0])
}

/// The value of a function at several tensors, such as a model's weights, and its gradient by each of them.
///
///     let (loss, gradients) = try valueWithGradient(at: [w, b]) { p in
///         let error = try Variable.product(Variable(x), p[0]) + p[1] - Variable(y)
///         return try (error * error).mean()
///     }
public func valueWithGradient(
    at xs: [Tensor], in f: ([Variable]) throws -> Variable
) throws -> (value: Float, gradients: [Tensor]) {
    let (value, gradients) = try differentiated(f, at: xs.map { Variable($0) })
    return (value.tensor.values[0], gradients.map(\.tensor))
}

/// The value of a function at a variable, and its gradient there. Within the function of another `valueWithGradient` both are variables
/// that can be differentiated again:
///
///     // The second derivative of x^3 at 2 is 12.
///     let (slope, curvature) = try valueWithGradient(at: Tensor(2)) { x in
///         try valueWithGradient(at: x) { x in x * x * x }.gradient
///     }
public func valueWithGradient(
    at x: Variable, in f: (Variable) throws -> Variable
) throws -> (value: Variable, gradient: Variable) {
    let (value, gradients) = try differentiated({ try f($0[0]) }, at: [x])
    return (value, gradients[0])
}

/// All that is differentiated inside one another goes onto one tape, that of the outermost.
private func differentiated(
    _ f: ([Variable]) throws -> Variable, at xs: [Variable]
) throws -> (value: Variable, gradients: [Variable]) {
    let enclosing = RunningTape.current
    let running = enclosing ?? RunningTape()
    let tape = running.tape
    defer { if enclosing == nil { tape.close() } }
    return try RunningTape.$current.withValue(running) {
        let inputs = try xs.map(tape.input)
        let value = try f(inputs)
        guard value.count == 1 else {
            throw NASError(
                .shape, "a function that is differentiated gives one number, not a tensor of shape \(Tensor.text(value.shape))",
                hint: "sum or average it")
        }
        let seed = Variable(try Tensor(repeating: 1, shape: value.shape))
        let gradients = try zip(tape.gradients(of: value, seed: seed, at: inputs, isRecorded: enclosing != nil), xs).map { gradient, x in
            try gradient ?? Variable(try Tensor(repeating: 0, shape: x.shape))
        }
        return (try value.reshaped([]), gradients)
    }
}

/// The tape of the outermost function that is being differentiated by this task. It is used by one thread, the one that runs the function.
private struct RunningTape: @unchecked Sendable {
    @TaskLocal static var current: RunningTape?

    let tape = Tape()
}
