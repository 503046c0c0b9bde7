import Foundation
import Testing

@testable import NASLib

/// Normalisation of channels far from zero, against what `Tests/recorded/normalization_torch.py` prints: sums of squares in float lose
/// all digits of 100000 ± 1.
@Suite struct NormalizationTests {
    static let recorded: [[String]] = {
        let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().appending(path: "recorded/normalization.txt")
        return ((try? String(contentsOf: file, encoding: .utf8)) ?? "").split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
    }()

    @Test func casesAreRecorded() { #expect(Self.recorded.count == 36) }

    private static let classes = 5
    private static let centers: [Float] = [100000, -100000, 3, 65536, 0, 100000]

    /// What a choice's only candidate is, which makes it a space, and what follows.
    private func blocks(_ name: String) -> (candidate: [Block], rest: [Block]) {
        let convolution = Block.convolution(6, kernel: 1, bias: true)
        let norm = Block.layer(.batchNormalization(affine: true)), apart = Block.maximumPool(kernel: 1, stride: 1, padding: 0)
        return switch name {
        case "conv": ([convolution, norm], [.flatten])
        case "alone": ([convolution, apart, norm], [.flatten])
        case "head": ([convolution, apart], [norm, .relu, .globalPool])
        default: ([convolution, .layer(.layerNormalization(affine: true))], [.flatten])
        }
    }

    private func network(_ line: [String], threads: Int) throws -> (net: Supernet, batch: Batch, tensors: [[Int]]) {
        let (name, count, side) = (line[0], try #require(Int(line[1])), try #require(Int(line[2])))
        let (candidate, rest) = blocks(name)
        let space = try DeclaredSpace(.sequence(
            [.choice(name: "c", candidates: [.init("only", .sequence(candidate))])] + rest + [.linear(Self.classes)]))
        let shape = ImageShape(height: side, width: side, channels: 2)
        var generator = Generator(seed: 0)
        let net = try Supernet(space: space, input: shape, path: Path([0]), generator: &generator, pool: WorkerPool(threadCount: threads))
        let (store, plan) = (net.store, net.network.plan(for: Path([0])))
        let convolution = try #require(plan.convolutions.first)
        let offset = convolution.place.offsets[0], bias = try #require(convolution.offset(.bias))
        let affines = plan.layers.compactMap { ($0 as? any StoredLayer)?.offset(.affine) }
        let affine = try #require(affines.first)
        var weights = (0..<12).map { Float((LayerParityTests.number(2, $0).float * 2).rounded(.toNearestOrEven)) }
        for o in 0..<6 where weights[2 * o] == 0 && weights[2 * o + 1] == 0 { weights[2 * o] = 1 }
        let classifier = plan.classifier
        let tensors = [
            (0..<12).map { offset + convolution.weightIndex(0, $0 % 2, $0 / 2) },
            (0..<6).map { affine + $0 }, (0..<6).map { affine + 8 + $0 },
            // PyTorch's order is output x input.
            (0..<Self.classes * classifier.inputs).map {
                classifier.weightOffset + $0 % classifier.inputs * Self.classes + $0 / classifier.inputs
            },
        ]
        for (k, offset) in tensors[0].enumerated() { store.weights[offset] = weights[k] }
        for (k, center) in Self.centers.enumerated() { store.weights[bias + k] = name == "layer" ? 100000 : center }
        for (k, offset) in tensors[1].enumerated() { store.weights[offset] = Float(1 + 0.5 * Double(LayerParityTests.number(3, k).float)) }
        for (k, offset) in tensors[2].enumerated() { store.weights[offset] = Float(0.5 * Double(LayerParityTests.number(4, k).float)) }
        let scale = 1 / Double(classifier.inputs).squareRoot()
        for (k, offset) in tensors[3].enumerated() { store.weights[offset] = Float(Double(LayerParityTests.number(5, k).float) * scale) }
        for k in 0..<Self.classes { store.weights[classifier.weightOffset + classifier.inputs * Self.classes + k] = 0 }
        let data = Dataset(
            name: "numbers", shape: shape, classes: Self.classes,
            images: (0..<count * shape.count).map { (LayerParityTests.number(1, $0).float * 64).rounded(.toNearestOrEven) / 64 },
            labels: (0..<count).map { Int32((LayerParityTests.number(6, $0) + 1) / 2 * Double(Self.classes)) })
        return (net, Batch(dataset: data, indices: Array(0..<count)), tensors)
    }

    @Test(arguments: recorded)
    func agreesWithPyTorch(line: [String]) throws {
        let (net, batch, tensors) = try network(line, threads: 1)
        let expected = line.dropFirst(3).compactMap { Double($0) }
        try #require(expected.count == 7)
        let (loss, gradient) = try net.lossAndGradient(path: Path([0]), batch: batch)
        #expect(abs(loss - expected[0]) < 1e-4 * expected[0])
        for (i, offsets) in tensors.enumerated() {
            let product = offsets.enumerated().reduce(0.0) { $0 + Double(gradient[$1.element]) * LayerParityTests.number(10 + i, $1.offset) }
            let norm = offsets.reduce(0.0) { $0 + Double(gradient[$1]) * Double(gradient[$1]) }.squareRoot()
            #expect(abs(product - expected[1 + i]) < 1e-4 * max(abs(expected[1 + i]), norm) + 1e-6, "gradient \(i)")
        }
        guard expected[6] != 0 else { return }
        _ = try net.step(path: Path([0]), batch: batch, options: StepOptions(learningRate: 0))
        let running = UnsafeBufferPointer(start: net.store.running, count: 16)
        #expect(abs(running[..<6].reduce(0) { $0 + Double($1) } - expected[5]) < 0.01)
        #expect(abs(running[8..<14].reduce(0) { $0 + Double($1) } - expected[6]) < 1e-4 * expected[6])
    }

    @Test func threadsDoNotMatter() throws {
        for line in Self.recorded {
            let (net, batch, _) = try network(line, threads: 1)
            let one = try net.lossAndGradient(path: Path([0]), batch: batch)
            for threads in [2, 7] {
                let (net, batch, _) = try network(line, threads: threads)
                let other = try net.lossAndGradient(path: Path([0]), batch: batch)
                #expect(one.loss == other.loss && one.gradient == other.gradient, "\(line[0..<3]), \(threads) threads")
            }
        }
    }
}

extension Double {
    /// As the recorded numbers are rounded.
    fileprivate var float: Float { Float(self) }
}
