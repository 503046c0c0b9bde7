import CKernels
import CProcessor
import Testing

@testable import NASLib

/// The kernels against plain loops in Double, called as `Worker` calls them.
@Suite struct KernelTests {
    /// Kernel and stride of the network's convolutions.
    static let kernels = [(kernel: 1, stride: 1), (kernel: 3, stride: 1), (kernel: 3, stride: 2)]
    /// Heights and widths: one pixel, less than a register's pixels, odd and uneven, larger than a group.
    static let sizes = [(height: 1, width: 1), (height: 3, width: 5), (height: 7, width: 7), (height: 9, width: 5), (height: 4, width: 6)]
    static let inputs = [1, 3, 8, 16, 24, 32]
    static let outputs = [8, 16, 24, 32]

    /// The largest difference, as a share of the largest expected value.
    private func error(_ values: [Float], _ expected: [Double]) -> Double {
        guard values.count == expected.count, values.allSatisfy(\.isFinite) else { return .infinity }
        let difference = zip(values, expected).reduce(0.0) { max($0, abs(Double($1.0) - $1.1)) }
        return difference / expected.reduce(1e-30) { max($0, abs($1)) }
    }

    // MARK: - Convolution

    @Test(arguments: kernels, sizes)
    func convolutionsAgreeWithPlainLoops(kernel: (kernel: Int, stride: Int), size: (height: Int, width: Int)) {
        for inputs in Self.inputs {
            for outputs in Self.outputs {
                let key = Geometry.Key(
                    height: size.height, width: size.width, inputs: inputs, outputs: outputs, kernel: kernel.kernel, stride: kernel.stride)
                let convolution = ConvolutionCase(key)
                let expected = convolution.plain()
                let found = convolution.results()
                #expect(error(found.output, expected.output) < 1e-5, "output, \(inputs) to \(outputs) channels")
                #expect(error(found.weightGradient, expected.weightGradient) < 1e-5, "weight gradient, \(inputs) to \(outputs) channels")
                // The image itself gets no gradient: that alone has other than a multiple of eight channels.
                if inputs % 8 == 0 {
                    #expect(error(found.inputGradient, expected.inputGradient) < 1e-5, "input gradient, \(inputs) to \(outputs) channels")
                }
            }
        }
    }

    /// Widths with and without whole tiles of eight pixels, channels with and without whole tiles of 32.
    @Test(arguments: [1, 3, 5], [1, 2])
    func depthwiseConvolutionsAgreeWithPlainLoops(kernel: Int, stride: Int) {
        for (height, width) in [(1, 1), (3, 5), (7, 8), (4, 19)] {
            for channels in [8, 40, 48] {
                for dilation in [1, 2] {
                    let key = Geometry.Key(
                        height: height, width: width, inputs: channels, outputs: channels, kernel: kernel, stride: stride, dilation: dilation, isDense: false)
                    let convolution = DepthwiseCase(key)
                    let expected = convolution.plain()
                    let found = convolution.results()
                    let name = "\(height)x\(width), \(channels) channels, dilation \(dilation)"
                    #expect(error(found.output, expected.output) < 1e-5, "output, \(name)")
                    #expect(error(found.weightGradient, expected.weightGradient) < 1e-5, "weight gradient, \(name)")
                    #expect(error(found.inputGradient, expected.inputGradient) < 1e-5, "input gradient, \(name)")
                }
            }
        }
    }

    /// A gradient by parts is the sum of the parts' gradients: threads that have a part each get the same bits.
    @Test(arguments: kernels, sizes)
    func partsAddUpToTheSameBits(kernel: (kernel: Int, stride: Int), size: (height: Int, width: Int)) {
        for inputs in Self.inputs {
            for outputs in Self.outputs {
                let convolution = ConvolutionCase(Geometry.Key(
                    height: size.height, width: size.width, inputs: inputs, outputs: outputs, kernel: kernel.kernel, stride: kernel.stride))
                let (together, apart) = convolution.gradientByImages()
                #expect(together == apart, "\(inputs) to \(outputs) channels")
            }
        }
    }

    /// On a processor that has both kinds of vectors.
    @Test(.enabled(if: CProcessor_hasWideVectors() != 0), arguments: kernels + [(kernel: 5, stride: 1)], sizes + [(height: 4, width: 19)])
    func bothWidthsOfVectorsGiveTheSameBits(kernel: (kernel: Int, stride: Int), size: (height: Int, width: Int)) {
        for (inputs, outputs) in [(8, 16), (16, 24), (16, 48), (24, 32)] {
            let convolution = ConvolutionCase(Geometry.Key(
                height: size.height, width: size.width, inputs: inputs, outputs: outputs, kernel: kernel.kernel, stride: kernel.stride))
            #expect(convolution.results(of: .wide) == convolution.results(of: .narrow), "\(inputs) to \(outputs) channels")
        }
        for channels in [16, 48] {
            let convolution = DepthwiseCase(Geometry.Key(
                height: size.height, width: size.width, inputs: channels, outputs: channels, kernel: kernel.kernel, stride: kernel.stride, isDense: false))
            #expect(convolution.results(of: .wide) == convolution.results(of: .narrow), "\(channels) channels by themselves")
        }
    }

    // MARK: - Pooling

    @Test(arguments: sizes, [8, 24])
    func averagePoolingCountsOnlyWhatLiesInside(size: (height: Int, width: Int), channels: Int) {
        let (height, width) = size
        var generator = Generator(seed: 5)
        let x = generator.noise(height * width * channels), delta = generator.noise(height * width * channels), before = generator.noise(x.count)
        var y = Array(repeating: 0.0, count: x.count), dx = before.map(Double.init)
        for row in 0..<height {
            for column in 0..<width {
                let window = (-1...1).flatMap { dy in (-1...1).map { (row + dy, column + $0) } }
                    .filter { (0..<height).contains($0.0) && (0..<width).contains($0.1) }
                for c in 0..<channels {
                    let here = (row * width + column) * channels + c
                    for (r, k) in window {
                        let there = (r * width + k) * channels + c
                        y[here] += Double(x[there]) / Double(window.count)
                        dx[there] += Double(delta[here]) / Double(window.count)
                    }
                }
            }
        }
        let source = AlignedBuffer(x), target = AlignedBuffer(before), deltas = AlignedBuffer(delta), gradient = AlignedBuffer(before)
        let pooling = Pooling(kind: .average, kernel: 3, stride: 1, padding: 1)
        let images = Images(height: height, width: width, channels: channels), pass = ImagePass(input: images, output: images)
        pooling.forward(source.pointer, into: target.pointer, adds: true, pass)
        #expect(error(target.values(x.count), zip(before, y).map { Double($0) + $1 }) < 1e-5)
        pooling.forward(source.pointer, into: target.pointer, adds: false, pass)
        #expect(error(target.values(x.count), y) < 1e-5)
        pooling.backward(deltas.pointer, at: source.pointer, into: gradient.pointer, pass)
        #expect(error(gradient.values(x.count), dx) < 1e-5)
    }

    /// A last odd row or column belongs to no window, as in PyTorch's `AvgPool2d(2, 2)`.
    @Test(arguments: [(height: 2, width: 2), (height: 4, width: 6), (height: 8, width: 8), (height: 5, width: 7)], [8, 24])
    func halvingAveragesTwoByTwo(size: (height: Int, width: Int), channels: Int) {
        let (height, width) = size
        var generator = Generator(seed: 6)
        let count = (height / 2) * (width / 2) * channels
        let x = generator.noise(height * width * channels), delta = generator.noise(count), before = generator.noise(x.count)
        var y = Array(repeating: 0.0, count: count), dx = before.map(Double.init)
        for row in 0..<height / 2 * 2 {
            for column in 0..<width / 2 * 2 {
                for c in 0..<channels {
                    let fine = (row * width + column) * channels + c
                    let coarse = ((row / 2) * (width / 2) + column / 2) * channels + c
                    y[coarse] += Double(x[fine]) / 4
                    dx[fine] += Double(delta[coarse]) / 4
                }
            }
        }
        let source = AlignedBuffer(x), target = AlignedBuffer(capacity: count), deltas = AlignedBuffer(delta), gradient = AlignedBuffer(before)
        let pooling = Pooling(kind: .average, kernel: 2, stride: 2, padding: 0)
        let pass = ImagePass(
            input: Images(height: height, width: width, channels: channels), output: Images(height: height / 2, width: width / 2, channels: channels))
        pooling.forward(source.pointer, into: target.pointer, adds: false, pass)
        #expect(error(target.values(count), y) < 1e-5)
        pooling.backward(deltas.pointer, at: source.pointer, into: gradient.pointer, pass)
        #expect(error(gradient.values(x.count), dx) < 1e-5)
    }
}

/// A convolution of noise, ReLU first where the channels allow it, with noise for the derivative of its outputs.
private struct ConvolutionCase {
    let key: Geometry.Key
    let geometry: Geometry
    /// One full group of images, and one that is not full.
    let imageCount: Int
    let activates: Bool
    /// count x height x width x channels.
    let images: [Float]
    let deltas: [Float]
    /// taps x inputs x outputs.
    let weights: [Float]

    struct Result<Number: Equatable>: Equatable {
        var output: [Number]
        var weightGradient: [Number]
        var inputGradient: [Number]
    }

    init(_ key: Geometry.Key) {
        self.key = key
        geometry = Geometry(key)
        imageCount = geometry.group + (geometry.group + 1) / 2
        activates = key.inputs % 8 == 0
        var generator = Generator(seed: UInt64(key.inputs * 100 + key.outputs))
        images = generator.noise(imageCount * key.height * key.width * key.inputs)
        deltas = generator.noise(imageCount * geometry.outputHeight * geometry.outputWidth * key.outputs)
        weights = generator.noise(key.kernel * key.kernel * key.inputs * key.outputs)
    }

    private var taps: Int { key.kernel * key.kernel }
    private var outputPixels: Int { geometry.outputHeight * geometry.outputWidth }
    private var imageSize: Int { key.height * key.width * key.inputs }

    /// The definition: output (y, x) reads input (y * stride + ky - border, x * stride + kx - border).
    func plain() -> Result<Double> {
        var result = Result(
            output: Array(repeating: 0.0, count: deltas.count), weightGradient: Array(repeating: 0.0, count: weights.count),
            inputGradient: Array(repeating: 0.0, count: images.count))
        let border = key.kernel / 2
        for n in 0..<imageCount {
            for y in 0..<geometry.outputHeight {
                for x in 0..<geometry.outputWidth {
                    let to = ((n * geometry.outputHeight + y) * geometry.outputWidth + x) * key.outputs
                    for tap in 0..<taps {
                        let row = y * key.stride + tap / key.kernel - border, column = x * key.stride + tap % key.kernel - border
                        guard (0..<key.height).contains(row), (0..<key.width).contains(column) else { continue }
                        let from = ((n * key.height + row) * key.width + column) * key.inputs
                        for i in 0..<key.inputs {
                            let value = activates ? max(0, Double(images[from + i])) : Double(images[from + i])
                            for o in 0..<key.outputs {
                                let w = (tap * key.inputs + i) * key.outputs + o
                                result.output[to + o] += value * Double(weights[w])
                                result.weightGradient[w] += value * Double(deltas[to + o])
                                result.inputGradient[from + i] += Double(weights[w]) * Double(deltas[to + o])
                            }
                        }
                    }
                }
            }
        }
        return result
    }

    /// The same in groups of images, in the layouts of the kernels. What they should write holds NaN before.
    func results(of kernels: Kernels = .chosen) -> Result<Float> {
        let g = geometry
        let ordered = AlignedBuffer(capacity: weights.count), transposed = AlignedBuffer(capacity: weights.count)
        for (index, weight) in weights.enumerated() {
            let (tap, input, output) = (index / (key.inputs * key.outputs), index / key.outputs % key.inputs, index % key.outputs)
            ordered.pointer[Convolution.weightIndex(tap, input, output, taps: taps, inputs: key.inputs, outputs: key.outputs)] = weight
            transposed.pointer[Convolution.weightIndex(tap, output, input, taps: taps, inputs: key.outputs, outputs: key.inputs)] = weight
        }
        let images = AlignedBuffer(images), deltas = AlignedBuffer(deltas)
        let padded = AlignedBuffer(capacity: g.paddedCount * g.group), paddedDeltas = AlignedBuffer(capacity: g.deltaCount * g.group)
        let output = AlignedBuffer(Array(repeating: .nan, count: self.deltas.count))
        let inputGradient = AlignedBuffer(Array(repeating: .nan, count: self.images.count))
        let gradient = AlignedBuffer(capacity: weights.count)
        var first = 0
        while first < imageCount {
            let count = min(g.group, imageCount - first)
            for i in 0..<count {
                kernels.pad(images.pointer + (first + i) * imageSize, padded.pointer + i * g.paddedCount, g.paddedImage, activates)
                kernels.pad(
                    deltas.pointer + (first + i) * outputPixels * key.outputs, paddedDeltas.pointer + i * g.deltaCount, g.paddedDelta, false)
            }
            let target = output.pointer + first * outputPixels * key.outputs
            kernels.convolve(g.forward.of(pixels: count * outputPixels), padded.pointer, ordered.pointer, target)
            g.add(kernels.addWeightGradient, ends: [Int32(count * outputPixels)], padded.pointer, paddedDeltas.pointer, gradient.pointer)
            if key.inputs % 8 == 0 {
                for pass in g.transposed {
                    kernels.convolve(
                        pass.of(pixels: pass.pixelCount / g.room * count), paddedDeltas.pointer, transposed.pointer,
                        inputGradient.pointer + first * imageSize)
                }
            }
            first += count
        }
        return Result(
            output: output.values(self.deltas.count),
            weightGradient: weights.indices.map { index in
                let (tap, input, output) = (index / (key.inputs * key.outputs), index / key.outputs % key.inputs, index % key.outputs)
                return gradient.pointer[Convolution.weightIndex(tap, input, output, taps: taps, inputs: key.inputs, outputs: key.outputs)]
            },
            inputGradient: inputGradient.values(self.images.count))
    }
}

extension ConvolutionCase {
    /// The weight gradient of as many images as there is room for, with each image as a part of one call, and as the sum of an own
    /// gradient for each image.
    func gradientByImages() -> (together: [Float], apart: [Float]) {
        let g = geometry
        let pixels = g.outputHeight * g.outputWidth
        var generator = Generator(seed: 9)
        let padded = AlignedBuffer(generator.noise(g.paddedCount * g.room)), deltas = AlignedBuffer(generator.noise(g.deltaCount * g.room))
        func gradient(_ images: Range<Int>, into target: AlignedBuffer) {
            g.add(
                Kernels.chosen.addWeightGradient, from: images.lowerBound * pixels, ends: images.map { Int32(($0 + 1 - images.lowerBound) * pixels) },
                padded.pointer, deltas.pointer, target.pointer)
        }
        let together = AlignedBuffer(capacity: weights.count)
        gradient(0..<g.room, into: together)
        let apart = AlignedBuffer(capacity: weights.count)
        for image in 0..<g.room {
            let own = AlignedBuffer(capacity: weights.count)
            gradient(image..<image + 1, into: own)
            Elementwise.add(own.pointer, to: apart.pointer, count: weights.count)
        }
        defer { withExtendedLifetime((padded, deltas)) {} }
        return (together.values(weights.count), apart.values(weights.count))
    }
}

extension Geometry {
    /// Adds a weight gradient by some of its pixels, in parts.
    fileprivate func add(
        _ kernel: Kernels.WeightGradient, from: Int = 0, ends: [Int32], _ image: Kernels.Source, _ delta: Kernels.Source,
        _ gradient: Kernels.Target
    ) {
        var sum = weightGradient
        sum.pixels += from
        sum.deltaOffsets += from
        (sum.partCount, sum.pixelCount) = (ends.count, Int(ends[ends.count - 1]))
        ends.withUnsafeBufferPointer { ends in
            guard let start = ends.baseAddress else { return }
            sum.ends = start
            kernel(sum, image, delta, gradient)
        }
    }
}

extension AlignedBuffer {
    fileprivate convenience init(capacity: Int) {
        self.init()
        #expect(throws: Never.self) { try ensure(capacity) }
    }

    fileprivate convenience init(_ values: [Float]) {
        self.init(capacity: values.count)
        pointer.update(from: values, count: values.count)
    }

    fileprivate func values(_ count: Int) -> [Float] { Array(UnsafeBufferPointer(start: pointer, count: count)) }
}

extension Generator {
    /// Uniform in -1 ..< 1.
    fileprivate mutating func noise(_ count: Int) -> [Float] { (0..<count).map { _ in Float(uniform() * 2 - 1) } }
}

/// One depthwise convolution with noise for its numbers, on one image.
private struct DepthwiseCase {
    let key: Geometry.Key
    let geometry: Geometry
    let image, delta, weights: [Float]

    init(_ key: Geometry.Key) {
        self.key = key
        geometry = Geometry(key)
        var generator = Generator(seed: UInt64(key.width * 100 + key.kernel))
        image = generator.noise(key.height * key.width * key.inputs)
        delta = generator.noise(geometry.outputHeight * geometry.outputWidth * key.outputs)
        weights = generator.noise(key.kernel * key.kernel * key.outputs)
    }

    func plain() -> ConvolutionCase.Result<Double> {
        var result = ConvolutionCase.Result(
            output: Array(repeating: 0.0, count: delta.count), weightGradient: Array(repeating: 0.0, count: weights.count),
            inputGradient: Array(repeating: 0.0, count: image.count))
        for y in 0..<geometry.outputHeight {
            for x in 0..<geometry.outputWidth {
                for tap in 0..<key.kernel * key.kernel {
                    let row = y * key.stride + tap / key.kernel * key.dilation - key.border
                    let column = x * key.stride + tap % key.kernel * key.dilation - key.border
                    guard (0..<key.height).contains(row), (0..<key.width).contains(column) else { continue }
                    for c in 0..<key.inputs {
                        let (from, to) = ((row * key.width + column) * key.inputs + c, (y * geometry.outputWidth + x) * key.inputs + c)
                        let w = tap * key.inputs + c
                        result.output[to] += Double(image[from]) * Double(weights[w])
                        result.weightGradient[w] += Double(image[from]) * Double(delta[to])
                        result.inputGradient[from] += Double(weights[w]) * Double(delta[to])
                    }
                }
            }
        }
        return result
    }

    /// What the kernels should write holds NaN before.
    func results(of kernels: Kernels = .chosen) -> ConvolutionCase.Result<Float> {
        let g = geometry
        let padded = AlignedBuffer(capacity: g.paddedCount), paddedDelta = AlignedBuffer(capacity: g.deltaCount)
        let image = AlignedBuffer(image), delta = AlignedBuffer(delta), ordered = AlignedBuffer(weights)
        let output = AlignedBuffer(Array(repeating: .nan, count: self.delta.count))
        let inputGradient = AlignedBuffer(Array(repeating: .nan, count: self.image.count))
        let gradient = AlignedBuffer(capacity: weights.count)
        // The kernels read through pointers, which do not keep a buffer alive.
        defer { withExtendedLifetime((padded, paddedDelta, image, delta, ordered)) {} }
        kernels.pad(image.pointer, padded.pointer, g.paddedImage, false)
        kernels.pad(delta.pointer, paddedDelta.pointer, g.paddedDelta, false)
        let pixelCount = g.outputHeight * g.outputWidth
        kernels.convolveDepthwise(g.forward.of(pixels: pixelCount), padded.pointer, ordered.pointer, output.pointer)
        g.add(
            kernels.addDepthwiseWeightGradient, ends: [Int32(pixelCount)], padded.pointer, paddedDelta.pointer, gradient.pointer)
        for pass in g.transposed {
            let sum = pass.of(pixels: pass.pixelCount / g.room)
            if sum.tapCount == 0 {
                // No output sees these inputs: `ConvolutionStep` clears them.
                for p in 0..<sum.pixelCount { (inputGradient.pointer + Int(sum.outputOffsets[p])).update(repeating: 0, count: key.inputs) }
                continue
            }
            kernels.convolveDepthwise(sum, paddedDelta.pointer, ordered.pointer, inputGradient.pointer)
        }
        return ConvolutionCase.Result(
            output: output.values(self.delta.count), weightGradient: gradient.values(weights.count),
            inputGradient: inputGradient.values(self.image.count))
    }
}
