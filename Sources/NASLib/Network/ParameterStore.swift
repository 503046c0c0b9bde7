import Foundation

/// All numbers of a network, in flat arrays: weights, their momentum, their gradient. A step touches only the ranges
/// of the layers that its path uses.
final class ParameterStore: @unchecked Sendable {
    private(set) var count = 0
    private(set) var runningCount = 0
    private(set) var weights: UnsafeMutablePointer<Float>
    private(set) var momentum: UnsafeMutablePointer<Float>
    private(set) var gradient: UnsafeMutablePointer<Float>
    /// Running means and variances of batch normalisation.
    private(set) var running: UnsafeMutablePointer<Float>
    private var buffers: [AlignedBuffer] = []
    private(set) var layerCount = 0
    /// For each layer its weights, bias and affine numbers, as far as it has them: zeros stand for what it does not have.
    private(set) var ranges: [[ParameterRange]] = []
    /// For each layer its running statistics, as far as it has them.
    private(set) var runningRanges: [ParameterRange] = []
    /// In the order in which they were added.
    private(set) var convolutions: [ConvolutionLayer] = []
    private(set) var normalizations: [NormalizationLayer] = []
    private(set) var customs: [CustomLayer] = []

    init() {
        let empty = AlignedBuffer()
        (weights, momentum, gradient, running) = (empty.pointer, empty.pointer, empty.pointer, empty.pointer)
        buffers = [empty]
    }

    /// Gives a layer its place. All layers are added before `allocate`.
    func add(_ layer: ConvolutionLayer) -> ConvolutionLayer {
        var layer = layer
        layer.weightOffset = reserve(layer.weightCount)
        if layer.hasBias { layer.biasOffset = reserve(layer.outputLanes) }
        if layer.isAffine { layer.affineOffset = reserve(2 * layer.outputLanes) }
        if layer.isTracked { layer.runningOffset = reserveRunning(2 * layer.outputLanes) }
        layer.index = nextIndex([
            ParameterRange(offset: layer.weightOffset, count: layer.weightCount),
            ParameterRange(offset: layer.biasOffset, count: layer.hasBias ? layer.outputLanes : 0),
            ParameterRange(offset: layer.affineOffset, count: layer.isAffine ? 2 * layer.outputLanes : 0),
        ], running: ParameterRange(offset: layer.runningOffset, count: layer.isTracked ? 2 * layer.outputLanes : 0))
        convolutions.append(layer)
        return layer
    }

    func add(_ layer: LinearLayer) -> LinearLayer {
        var layer = layer
        layer.weightOffset = reserve(layer.weightCount)
        return layer
    }

    func add(_ layer: NormalizationLayer) -> NormalizationLayer {
        var layer = layer
        if layer.isAffine { layer.affineOffset = reserve(2 * lanes(layer.channels)) }
        if layer.isTracked { layer.runningOffset = reserveRunning(2 * lanes(layer.channels)) }
        normalizations.append(layer)
        return layer
    }

    func add(_ function: any CustomFunction, input: ImageShape, output: ImageShape) -> CustomLayer {
        var layer = CustomLayer(function: function, input: input, output: output)
        layer.offsets = function.weights.map { reserve($0.count) }
        layer.index = nextIndex(layer.ranges)
        customs.append(layer)
        return layer
    }

    /// The number of the next layer; the final normalisation and the classifier have none.
    func nextIndex(_ ranges: [ParameterRange] = [], running: ParameterRange = ParameterRange(offset: 0, count: 0)) -> Int {
        defer { layerCount += 1 }
        self.ranges.append(ranges)
        runningRanges.append(running)
        return layerCount
    }

    /// Room for numbers, aligned for vectors.
    func reserve(_ size: Int) -> Int {
        defer { count += (size + 15) / 16 * 16 }
        return count
    }

    func reserveRunning(_ size: Int) -> Int {
        defer { runningCount += size }
        return runningCount
    }

    /// Throws where there is no memory for that many numbers.
    func allocate() throws {
        try MemoryAccount.ask(floats: 3 * count + runningCount)
        buffers = (0..<4).map { _ in AlignedBuffer() }
        for (buffer, size) in zip(buffers, [count, count, count, runningCount]) { try buffer.ensure(size) }
        weights = buffers[0].pointer
        momentum = buffers[1].pointer
        gradient = buffers[2].pointer
        running = buffers[3].pointer
    }

    /// PyTorch's default: uniform in ±1/sqrt(fan in), for convolutions and linear layers alike; gamma 1, beta 0.
    func initialize(_ layer: ConvolutionLayer, using generator: inout Generator) {
        let inputs = layer.inputs / layer.groups
        let bound = 1 / Double(layer.taps * inputs).squareRoot()
        // Drawn in the order (output, input, tap), which does not depend on how the weights lie in memory.
        for output in 0..<layer.outputs {
            for input in 0..<inputs {
                for tap in 0..<layer.taps {
                    weights[layer.weightOffset + layer.weightIndex(tap, input, output)] = Float((2 * generator.uniform() - 1) * bound)
                }
            }
        }
        if layer.hasBias { for i in 0..<layer.outputs { weights[layer.biasOffset + i] = Float((2 * generator.uniform() - 1) * bound) } }
        initializeNormalization(
            channels: layer.outputs, affine: layer.isAffine ? layer.affineOffset : nil, running: layer.isTracked ? layer.runningOffset : nil)
    }

    func initialize(_ layer: NormalizationLayer) {
        initializeNormalization(
            channels: layer.channels, affine: layer.isAffine ? layer.affineOffset : nil, running: layer.isTracked ? layer.runningOffset : nil)
    }

    private func initializeNormalization(channels: Int, affine: Int?, running: Int?) {
        for i in 0..<channels {
            if let affine {
                weights[affine + i] = 1
                weights[affine + lanes(channels) + i] = 0
            }
            if let start = running {
                self.running[start + i] = 0
                self.running[start + lanes(channels) + i] = 1
            }
        }
    }

    func initialize(_ layer: CustomLayer, using generator: inout Generator) {
        for (offset, weight) in zip(layer.offsets, layer.function.weights) {
            if let start = weight.start {
                for (i, value) in start.values.enumerated() { weights[offset + i] = value }
            } else if weight.shape.count > 1 {
                let bound = 1 / Double(weight.shape.dropLast().reduce(1, *)).squareRoot()
                for i in 0..<weight.count { weights[offset + i] = Float((2 * generator.uniform() - 1) * bound) }
            }
        }
    }

    func initialize(_ layer: LinearLayer, using generator: inout Generator) {
        let bound = 1 / Double(layer.inputs).squareRoot()
        for i in 0..<layer.weightCount { weights[layer.weightOffset + i] = Float((2 * generator.uniform() - 1) * bound) }
    }
}
