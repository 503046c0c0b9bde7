import Foundation
import Testing

@testable import NASLib

/// Each layer against PyTorch: the loss of a small network around it, and the gradients of all parameters, those before
/// the layer included. The numbers are what `Tests/recorded/layers_torch.py` prints, which also says how the networks are made.
@Suite struct LayerParityTests {
    static let relu = Block.relu
    static func activation(_ function: Activation) -> Block { .layer(.activation(function)) }
    static func convolution(
        _ outputs: Int?, _ kernel: Int, stride: Int = 1, padding: Int? = nil, dilation: Int = 1, groups: Int = 1, bias: Bool = false
    ) -> Block {
        .layer(.convolution(.init(
            outputs: outputs, kernel: kernel, stride: stride, padding: padding, dilation: dilation, groups: groups, isDepthwise: outputs == nil, bias: bias)))
    }
    static let norm = Block.layer(.batchNormalization(affine: true))
    static func average(_ kernel: Int, _ stride: Int, _ padding: Int, counts: Bool = false) -> Block {
        .layer(.averagePool(kernel: kernel, stride: stride, padding: padding, countsPadding: counts))
    }
    static func maximum(_ kernel: Int, _ stride: Int, _ padding: Int) -> Block { .maximumPool(kernel: kernel, stride: stride, padding: padding) }

    static let layers: [String: [Block]] = [
        "conv": [convolution(10, 3)],
        "conv_stride": [convolution(16, 5, stride: 2), norm],
        "conv_even": [convolution(5, 4, stride: 3, padding: 1, bias: true)],
        "conv_unpadded": [convolution(8, 3, stride: 2, padding: 0)],
        "conv_dilated": [relu, convolution(7, 3, dilation: 2), norm],
        "conv_grouped": [convolution(9, 3, stride: 2, groups: 3), norm],
        "conv_grouped_vectors": [convolution(16, 1), convolution(48, 3, stride: 2, groups: 2), norm],
        "depthwise3": [convolution(nil, 3), norm],
        "depthwise5": [activation(.relu6), convolution(nil, 5, stride: 2)],
        "depthwise7": [convolution(nil, 7), norm],
        "depthwise_dilated": [relu, convolution(nil, 5, stride: 2, dilation: 2), norm],
        "relu": [relu],
        "relu6": [norm, activation(.relu6)],
        "gelu": [activation(.gelu)],
        "swish": [activation(.swish)],
        "sigmoid": [activation(.sigmoid)],
        "tanh": [activation(.tanh)],
        "swish_conv": [convolution(12, 1), norm, activation(.swish), convolution(6, 3)],
        "sigmoid_conv": [activation(.sigmoid), convolution(6, 3)],
        "batch_norm": [.layer(.batchNormalization(affine: false))],
        "batch_norm_affine": [maximum(3, 1, 1), norm, activation(.gelu)],
        "layer_norm": [.layer(.layerNormalization(affine: true))],
        "layer_norm_plain": [.layer(.layerNormalization(affine: false))],
        "group_norm": [.layer(.groupNormalization(groups: 3, affine: true)), relu],
        "group_norm_plain": [convolution(12, 1), .layer(.groupNormalization(groups: 2, affine: false))],
        "hard_swish": [norm, activation(.hardSwish)],
        "hard_sigmoid": [norm, activation(.hardSigmoid)],
        "upsample": [.layer(.upsampling(factor: 2)), convolution(5, 3)],
        "max_pool": [maximum(3, 2, 1)],
        "max_pool_even": [maximum(2, 2, 0)],
        "avg_pool": [average(3, 2, 1)],
        "avg_pool_counting": [average(5, 1, 2, counts: true)],
        "global_pool": [activation(.tanh), .globalPool],
        "linear": [.flatten, .linear(11), relu, .layer(.linear(outputs: 7, bias: false))],
        "squeeze_excite": [.layer(.squeezeExcite(reduction: 4))],
        "shift": [.layer(.shift)],
        "parallel": [.sum([.sequence([relu, convolution(6, 1), norm]), .identity, average(3, 1, 1), activation(.sigmoid)])],
        "concat": [.concatenation([convolution(3, 1), activation(.tanh), .sequence([convolution(5, 3), norm])])],
        "cell": [.cell(.init(
            nodes: 3, edges: [.init(0, 1, .sequence([relu, convolution(6, 3), norm])), .init(0, 2, convolution(nil, 3)), .init(1, 2, .identity)],
            concatenates: true))],
    ]

    static let recorded: [[String]] = {
        let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().appending(path: "recorded/layers.txt")
        return ((try? String(contentsOf: file, encoding: .utf8)) ?? "").split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
    }()

    @Test func everyLayerIsRecorded() {
        #expect(Set(Self.recorded.map { $0[0] }) == Set(Self.layers.keys))
    }

    @Test(arguments: recorded)
    func agreesWithPyTorch(line: [String]) throws {
        let layer = try #require(Self.layers[line[0]])
        // A choice between one candidate makes it a space; it is not part of the comparison.
        let space = try DeclaredSpace(.sequence([
            Self.convolution(6, 1, bias: true), .choice(name: "layer", candidates: [.init("layer", .sequence(layer))]), .flatten, .linear(5),
        ]))
        var generator = Generator(seed: 0)
        let shape = ImageShape(height: 6, width: 7, channels: 3)
        let net = try Supernet(space: space, input: shape, generator: &generator)
        let tensors = self.tensors(net)
        for tensor in tensors {
            for (k, offset) in tensor.offsets.enumerated() { net.store.weights[offset] = Float(tensor.shift + tensor.scale * Self.number(tensor.stream, k)) }
        }
        let data = Dataset(
            name: "numbers", shape: shape, classes: 5, images: (0..<4 * shape.count).map { Float(Self.number(2000, $0)) },
            labels: (0..<4).map { Int32((Self.number(2001, $0) + 1) / 2 * 5) })
        let (loss, gradient) = try net.lossAndGradient(path: Path([0]), batch: Batch(dataset: data, indices: [0, 1, 2, 3]))
        let expected = line.dropFirst().compactMap { Double($0) }
        #expect(abs(loss - expected[0]) < 1e-5 * abs(expected[0]), "loss")
        try #require(expected.count == 1 + 3 * tensors.count)
        let whole = tensors.indices.reduce(0.0) { $0 + expected[2 + 3 * $1] * expected[2 + 3 * $1] }.squareRoot()
        for (i, tensor) in tensors.sorted(by: { $0.stream < $1.stream }).enumerated() {
            let (stream, norm, product) = (expected[1 + 3 * i], expected[2 + 3 * i], expected[3 + 3 * i])
            #expect(Int(stream) == tensor.stream)
            let found = tensor.offsets.map { Double(gradient[$0]) }
            // A bias before a normalisation has no gradient but for rounding in the others'.
            let scale = max(norm, 0.1 * whole)
            #expect(abs(found.reduce(0) { $0 + $1 * $1 }.squareRoot() - norm) < 1e-5 * scale, "norm of the gradient of \(tensor.stream)")
            let along = found.enumerated().reduce(0.0) { $0 + $1.element * Self.number(tensor.stream + 5000, $1.offset) }
            #expect(abs(along - product) < 1e-5 * scale * Double(max(1, found.count)).squareRoot(), "gradient of \(tensor.stream)")
        }
        // What pads a pixel to whole vectors stays zero.
        let used = Set(tensors.flatMap(\.offsets))
        #expect(gradient.indices.allSatisfy { used.contains($0) || gradient[$0] == 0 })
    }

    /// A parameter tensor: its elements' places in the store in PyTorch's order, and how its numbers are made.
    private struct Tensor {
        var stream: Int
        var offsets: [Int]
        var scale: Double
        var shift = 0.0
    }

    private func tensors(_ net: Supernet) -> [Tensor] {
        net.network.plan(for: Path([0])).layers.compactMap { $0 as? any StoredLayer }.flatMap { layer in
            layer.arrays.compactMap { array, start in
                let offsets = (0..<array.count).map { start + array.position($0) }, first = 10 * layer.place.index
                return switch (array.role, array.start) {
                case (.weight, .uniform(let bound)): Tensor(stream: first, offsets: offsets, scale: bound)
                case (.bias, _): Tensor(stream: first + 1, offsets: offsets, scale: 0.5)
                case (.affine, .constant(let center)): Tensor(stream: first + 3 - Int(center), offsets: offsets, scale: 0.5, shift: Double(center))
                default: nil
                }
            }
        }
    }

    /// In -1 ..< 1: the k-th element of a stream, by mixing 32 bits.
    static func number(_ stream: Int, _ k: Int) -> Double {
        var x = UInt32(truncatingIfNeeded: k + 1_000_003 * stream + 1) &* 2_654_435_761
        x = (x ^ x >> 16) &* 73_244_475
        return Double(Float(Double(x ^ x >> 16) / 0x1p31 - 1))
    }
}
