/// A layer that is computed from outside: a function of a batch of images and of weights, which knows its own derivative.
///
/// It runs on the whole batch at once, on the thread that started the step.
public protocol CustomFunction: AnyObject, Sendable {
    /// As it is written in the language.
    var description: String { get }
    var weights: [CustomWeight] { get }

    /// The shape that images of a shape get.
    func outputShape(for input: ImageShape) throws -> ImageShape

    /// The multiply-adds of its matrix products for one image of a shape.
    func multiplyAdds(for input: ImageShape) throws -> Int

    /// `images` and the result are batch x height x width x channels, the result of shape `outputShape(for:)`.
    ///
    /// - Returns: the result, and with `differentiates` what turns the gradient by the result into those by the images and by
    ///   each of the weights.
    func apply(_ images: Tensor, _ weights: [Tensor], differentiates: Bool) throws -> (result: Tensor, pullback: CustomPullback?)
}

public typealias CustomPullback = (_ delta: Tensor) throws -> (images: Tensor, weights: [Tensor])

/// An array of numbers that a custom layer trains.
public struct CustomWeight: Sendable {
    public var name: String
    public var shape: [Int]
    /// What each layer starts from; nil draws uniform numbers in ±1/sqrt(the product of all sizes but the last), and
    /// zeros for a single axis.
    public var start: Tensor?

    public init(name: String, shape: [Int], start: Tensor?) { (self.name, self.shape, self.start) = (name, shape, start) }

    var count: Int { shape.reduce(1, *) }
}

/// Two custom layers are the same when their function is the same object.
public struct Custom: Sendable, Equatable {
    public let function: any CustomFunction

    public init(_ function: any CustomFunction) { self.function = function }
    public static func == (a: Custom, b: Custom) -> Bool { a.function === b.function }
}

/// A custom layer with its places in a store.
struct CustomLayer: Hashable {
    let function: any CustomFunction
    let input: ImageShape
    let output: ImageShape
    /// Where each weight lies.
    var offsets: [Int] = []
    /// Position among the store's layers.
    var index = 0

    var ranges: [ParameterRange] { zip(offsets, function.weights).map { ParameterRange(offset: $0, count: $1.count, layer: index) } }

    static func == (a: CustomLayer, b: CustomLayer) -> Bool { a.index == b.index }
    func hash(into hasher: inout Hasher) { hasher.combine(index) }

    /// Within a custom function: the threads wait for it to end, so it cannot put them to other work.
    @TaskLocal static var isRunning = false

    /// Throws where numbers that are not finite come out of ones that are: it is the function's doing, and no training goes on from there.
    static func checkFinite(_ results: [Tensor], from sources: [Tensor], _ message: (String) -> String) throws {
        guard let bad = results.lazy.compactMap({ $0.values.first { !$0.isFinite } }).first, sources.allSatisfy({ $0.values.allSatisfy(\.isFinite) }) else { return }
        throw DataError(message(bad.isNaN ? "nan" : bad > 0 ? "inf" : "-inf"), hint: "is there a division by zero, or a logarithm or root of a number that is not positive?")
    }

    static func checkNesting() throws {
        guard isRunning else { return }
        throw ShapeError("a custom layer's function runs within a step, and cannot train or evaluate networks itself")
    }
}

extension Executor {
    /// Computes a node that is a custom layer of another one, for the whole batch.
    func applyCustom(_ layer: CustomLayer, from source: Int, to n: Int, differentiates: Bool) throws {
        let images = tensor(layer.input, arena.pointer + layout.values[source])
        let weights = zip(layer.offsets, layer.function.weights).map { offset, weight in
            Tensor(shape: weight.shape, values: Array(UnsafeBufferPointer(start: store.weights + offset, count: weight.count)))
        }
        let (result, pullback) = try CustomLayer.$isRunning.withValue(true) {
            try layer.function.apply(images, weights, differentiates: differentiates)
        }
        let expected = [layout.batchSize, layer.output.height, layer.output.width, layer.output.channels]
        guard result.shape == expected else {
            throw ShapeError("\(layer.function.description) gave \(Tensor.text(result.shape)) for \(Tensor.text(images.shape)), and \(Tensor.text(expected)) was due")
        }
        try CustomLayer.checkFinite([result], from: [images] + weights) { "\(layer.function.description) gave \($0)" }
        customPullbacks[n] = pullback
        let target = arena.pointer + layout.values[n]
        target.update(repeating: 0, count: layout.batchSize * layout.plan.nodes[n].count)
        add(result, of: layer.output, to: target)
    }

    /// Hands the node's delta on to its source and to the weights; `adds` as in `Worker.propagate`.
    func propagateCustom(_ layer: CustomLayer, from n: Int, to source: Int, adds: Bool) throws {
        guard let pullback = customPullbacks.removeValue(forKey: n) else { preconditionFailure("forward comes before backward") }
        let delta = tensor(layer.output, arena.pointer + layout.deltas[n])
        let shares = try CustomLayer.$isRunning.withValue(true) { try pullback(delta) }
        let expected = [layout.batchSize, layer.input.height, layer.input.width, layer.input.channels]
        guard shares.images.shape == expected, shares.weights.map(\.shape) == layer.function.weights.map(\.shape) else {
            throw ShapeError("the derivatives of \(layer.function.description) have other shapes than its images and weights")
        }
        try CustomLayer.checkFinite([shares.images] + shares.weights, from: [delta]) { "a derivative of \(layer.function.description) is \($0)" }
        let target = arena.pointer + layout.deltas[source]
        if !adds { target.update(repeating: 0, count: layout.batchSize * layout.plan.nodes[source].count) }
        add(shares.images, of: layer.input, to: target)
        for (offset, share) in zip(layer.offsets, shares.weights) {
            let gradient = partialGradients.pointer + layout.gradientPlace(offset)
            for (i, value) in share.values.enumerated() { gradient[i] = value }
        }
    }

    /// A node's numbers for the whole batch, without those beyond the channels.
    private func tensor(_ shape: ImageShape, _ start: UnsafeMutablePointer<Float>) -> Tensor {
        let pixels = layout.batchSize * shape.height * shape.width
        return Tensor(shape: [layout.batchSize, shape.height, shape.width, shape.channels]) {
            Channels.copy(start, fromRow: lanes(shape.channels), into: $0, toRow: shape.channels, pixels: pixels, channels: shape.channels)
        }
    }

    private func add(_ tensor: Tensor, of shape: ImageShape, to start: UnsafeMutablePointer<Float>) {
        tensor.values.withUnsafeBufferPointer { values in
            guard let from = values.baseAddress else { return }
            Channels.add(
                from, fromRow: shape.channels, into: start, toRow: lanes(shape.channels), pixels: layout.batchSize * shape.height * shape.width, channels: shape.channels)
        }
    }
}
