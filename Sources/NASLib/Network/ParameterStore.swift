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

    init() {
        let empty = AlignedBuffer()
        (weights, momentum, gradient, running) = (empty.pointer, empty.pointer, empty.pointer, empty.pointer)
        buffers = [empty]
    }

    /// Gives a layer its place. All layers are added before `allocate`.
    func add(_ layer: ConvolutionLayer) -> ConvolutionLayer {
        var layer = layer
        layer.index = layerCount
        layerCount += 1
        layer.weightOffset = reserve(layer.weightCount)
        if layer.isAffine {
            layer.affineOffset = reserve(2 * layer.outputs)
            layer.runningOffset = reserveRunning(2 * layer.outputs)
        }
        return layer
    }

    func add(_ layer: LinearLayer) -> LinearLayer {
        var layer = layer
        layer.weightOffset = reserve(layer.weightCount)
        return layer
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

    func allocate() {
        buffers = [AlignedBuffer(capacity: count), AlignedBuffer(capacity: count), AlignedBuffer(capacity: count), AlignedBuffer(capacity: runningCount)]
        weights = buffers[0].pointer
        momentum = buffers[1].pointer
        gradient = buffers[2].pointer
        running = buffers[3].pointer
    }

    /// PyTorch's default: uniform in ±1/sqrt(fan in), for convolutions and linear layers alike; gamma 1, beta 0.
    func initialize(_ layer: ConvolutionLayer, using generator: inout Generator) {
        let bound = 1 / Double(layer.kernel * layer.kernel * layer.inputs).squareRoot()
        // Drawn in the order (output, input, tap), which does not depend on how the weights lie in memory.
        let taps = layer.kernel * layer.kernel
        for output in 0..<layer.outputs {
            for input in 0..<layer.inputs {
                for tap in 0..<taps {
                    let index = Convolution.weightIndex(tap, input, output, taps: taps, inputs: layer.inputs, outputs: layer.outputs)
                    weights[layer.weightOffset + index] = Float((2 * generator.uniform() - 1) * bound)
                }
            }
        }
        if layer.isAffine {
            for i in 0..<layer.outputs {
                weights[layer.affineOffset + i] = 1
                weights[layer.affineOffset + layer.outputs + i] = 0
                running[layer.runningOffset + i] = 0
                running[layer.runningOffset + layer.outputs + i] = 1
            }
        }
    }

    func initialize(_ layer: LinearLayer, using generator: inout Generator) {
        let bound = 1 / Double(layer.inputs).squareRoot()
        for i in 0..<layer.weightCount { weights[layer.weightOffset + i] = Float((2 * generator.uniform() - 1) * bound) }
    }
}

extension ParameterStore {
    /// Room for an affine normalisation that stands by itself.
    func addNormalization(channels: Int) -> (affineOffset: Int, runningOffset: Int) {
        (reserve(2 * channels), reserveRunning(2 * channels))
    }

    func initializeNormalization(_ layer: NormalizationLayer) {
        for i in 0..<layer.channels {
            weights[layer.affineOffset + i] = 1
            weights[layer.affineOffset + layer.channels + i] = 0
            running[layer.runningOffset + i] = 0
            running[layer.runningOffset + layer.channels + i] = 1
        }
    }
}
