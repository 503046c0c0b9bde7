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
    /// The numbers that each layer of this function starts from; nil draws uniform numbers in ±1/sqrt(the product of all sizes but the
    /// last), and zeros for a single axis.
    public var start: Tensor?

    public init(name: String, shape: [Int], start: Tensor?) { (self.name, self.shape, self.start) = (name, shape, start) }

    var count: Int { shape.reduce(1, *) }
}

/// A function as a layer. Two are the same when their function is the same object.
public struct Custom: Sendable, Hashable {
    public let function: any CustomFunction

    public init(_ function: any CustomFunction) { self.function = function }
    public static func == (a: Custom, b: Custom) -> Bool { a.function === b.function }
    public func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(function)) }
}

extension Custom: LayerKind {
    var description: String { function.description }
    var hasParameters: Bool { !function.weights.isEmpty }
    var keepsZero: Bool { false }
    var isItsOwn: Bool { true }
    func outputShape(for input: ImageShape) throws -> ImageShape { try function.outputShape(for: input) }
    func multiplyAdds(for input: ImageShape) throws -> Int { try function.multiplyAdds(for: input) }

    func planned(for input: ImageShape, isAlone: Bool) throws -> any PlannedLayer {
        CustomLayer(function: function, input: input, output: try function.outputShape(for: input))
    }
}

extension DeclaredLayer { public static func custom(_ custom: Custom) -> DeclaredLayer { DeclaredLayer(custom) } }

struct CustomLayer: StoredLayer {
    let function: any CustomFunction
    let input: ImageShape
    let output: ImageShape
    var place = LayerPlace()

    var slots: [ParameterSlot] {
        function.weights.map { weight in
            let start: ParameterArray.Start = if let start = weight.start { .values(start) } else if weight.shape.count > 1 {
                .uniform(bound: 1 / Double(weight.shape.dropLast().reduce(1, *)).squareRoot())
            } else {
                .constant(0)
            }
            return ParameterSlot(arrays: [
                ParameterArray(name: weight.name, role: .custom, shape: weight.shape, extent: weight.count, start: start),
            ])
        }
    }
    var naming: ArrayNaming { .custom }
    var keepsZero: Bool { false }
    var needsNode: Bool { true }
    var scaling: Scaling { .fixed }

    static func == (a: CustomLayer, b: CustomLayer) -> Bool { a.place.index == b.place.index }
    func hash(into hasher: inout Hasher) { hasher.combine(place.index) }
    func step(at site: Site, _ memory: inout StepMemory) -> any LayerStep { CustomStep(self, site) }

    /// Within a custom function: the threads wait for it to end, so it cannot put them to other work.
    @TaskLocal static var isRunning = false

    /// Throws where numbers that are not finite come out of ones that are: it is the function's doing, and no training goes on from there.
    static func checkFinite(_ results: [Tensor], from sources: [Tensor], _ message: (String) -> String) throws {
        guard let bad = results.lazy.compactMap({ $0.values.first { !$0.isFinite } }).first else { return }
        guard sources.allSatisfy({ $0.values.allSatisfy(\.isFinite) }) else { return }
        throw NASError(
            .value, message(bad.isNaN ? "nan" : bad > 0 ? "inf" : "-inf"),
            hint: "is there a division by zero, or a logarithm or root of a number that is not positive?")
    }

    static func checkNesting() throws {
        guard isRunning else { return }
        throw NASError(.shape, "a custom layer's function runs within a step, and cannot train or evaluate networks itself")
    }
}

/// It runs on the whole batch at once, on the thread that started the step.
private final class CustomStep: WholeBatchStep {
    private let layer: CustomLayer
    private let site: Site
    private let weights: [CustomWeight]

    init(_ layer: CustomLayer, _ site: Site) { (self.layer, self.site, weights) = (layer, site, layer.function.weights) }

    var wholeBatch: (any WholeBatchStep)? { self }
    func forward(_ share: Share, _ examples: Range<Int>, adds: Bool) {}
    func backward(_ share: Share, adds: Adds) {}

    func forwardBatch(_ share: Share) throws {
        let images = tensor(layer.input, share.arena + site.input.values)
        let tensors = zip(layer.place.offsets, weights).map { offset, weight in
            Tensor(shape: weight.shape, values: Array(UnsafeBufferPointer(start: share.weights + offset, count: weight.count)))
        }
        let (result, pullback) = try CustomLayer.$isRunning.withValue(true) {
            try layer.function.apply(images, tensors, differentiates: share.isTraining)
        }
        let expected = [site.batchSize, layer.output.height, layer.output.width, layer.output.channels]
        guard result.shape == expected else {
            let (given, found, due) = (Tensor.text(images.shape), Tensor.text(result.shape), Tensor.text(expected))
            throw NASError(.shape, "\(layer.function.description) gave \(found) for \(given), and \(due) was due")
        }
        try CustomLayer.checkFinite([result], from: [images] + tensors) { "\(layer.function.description) gave \($0)" }
        share.scratch.pullbacks[site.output.values] = pullback
        let target = share.arena + site.output.values
        target.update(repeating: 0, count: site.batchSize * site.output.count)
        add(result, of: layer.output, to: target)
    }

    func backwardBatch(_ share: Share, adds: Bool) throws {
        guard let pullback = share.scratch.pullbacks.removeValue(forKey: site.output.values) else {
            preconditionFailure("forward comes before backward")
        }
        let delta = tensor(layer.output, share.arena + site.output.deltas)
        let shares = try CustomLayer.$isRunning.withValue(true) { try pullback(delta) }
        let expected = [site.batchSize, layer.input.height, layer.input.width, layer.input.channels]
        guard shares.images.shape == expected, shares.weights.map(\.shape) == weights.map(\.shape) else {
            throw NASError(.shape, "the derivatives of \(layer.function.description) have other shapes than its images and weights")
        }
        try CustomLayer.checkFinite([shares.images] + shares.weights, from: [delta]) {
            "a derivative of \(layer.function.description) is \($0)"
        }
        let target = share.arena + site.input.deltas
        if !adds { target.update(repeating: 0, count: site.batchSize * site.input.count) }
        add(shares.images, of: layer.input, to: target)
        for (offset, values) in zip(layer.place.offsets, shares.weights) {
            let gradient = share.gradient(0, offset)
            for (i, value) in values.values.enumerated() { gradient[i] = value }
        }
    }

    /// A node's numbers for the whole batch, without those beyond the channels.
    private func tensor(_ shape: ImageShape, _ start: UnsafeMutablePointer<Float>) -> Tensor {
        let pixels = site.batchSize * shape.height * shape.width
        return Tensor(shape: [site.batchSize, shape.height, shape.width, shape.channels]) {
            Channels.copy(start, fromRow: lanes(shape.channels), into: $0, toRow: shape.channels, pixels: pixels, channels: shape.channels)
        }
    }

    private func add(_ tensor: Tensor, of shape: ImageShape, to start: UnsafeMutablePointer<Float>) {
        tensor.values.withUnsafeBufferPointer { values in
            guard let from = values.baseAddress else { return }
            let pixels = site.batchSize * shape.height * shape.width
            Channels.add(from, fromRow: shape.channels, into: start, toRow: lanes(shape.channels), pixels: pixels, channels: shape.channels)
        }
    }
}
