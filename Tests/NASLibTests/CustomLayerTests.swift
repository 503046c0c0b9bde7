import Testing

@testable import NASLib

/// A matrix product and a bias along the channels: what the engine's own 1x1 convolution computes.
private final class Projection: CustomFunction {
    let outputs: Int
    let weights: [CustomWeight]
    let description = "projection"

    init(_ inputs: Int, _ outputs: Int) {
        self.outputs = outputs
        weights = [CustomWeight(name: "w", shape: [inputs, outputs], start: nil), CustomWeight(name: "b", shape: [outputs], start: nil)]
    }

    func outputShape(for input: ImageShape) throws -> ImageShape { ImageShape(height: input.height, width: input.width, channels: outputs) }
    func multiplyAdds(for input: ImageShape) throws -> Int { input.count * outputs }

    func apply(_ images: Tensor, _ weights: [Tensor], differentiates: Bool) throws -> (result: Tensor, pullback: CustomPullback?) {
        let tape = Tape()
        let inputs = try ([images] + weights).map { try tape.input(Variable($0)) }
        let result = try Variable.add(.product(inputs[0], inputs[1]), inputs[2])
        return (result.tensor, { delta in
            defer { tape.close() }
            let gradients = try tape.gradients(of: result, seed: Variable(delta), at: inputs).map { try #require($0).tensor }
            return (gradients[0], Array(gradients[1...]))
        })
    }
}

/// Throws whenever it is asked for numbers.
private final class Refusal: CustomFunction {
    let weights: [CustomWeight] = []
    let description = "refusal"
    func outputShape(for input: ImageShape) throws -> ImageShape { input }
    func multiplyAdds(for input: ImageShape) throws -> Int { 0 }
    func apply(_ images: Tensor, _ weights: [Tensor], differentiates: Bool) throws -> (result: Tensor, pullback: CustomPullback?) {
        throw NASError(.value, "refused")
    }
}

@Suite struct CustomLayerTests {
    private let data: Dataset = {
        var generator = Generator(seed: 7)
        return Dataset(
            name: "noise", shape: ImageShape(height: 6, width: 5, channels: 3), classes: 4, images: (0..<20 * 90).map { _ in Float(generator.uniform() * 2 - 1) },
            labels: (0..<20).map { _ in Int32(generator.below(4)) })
    }()

    /// A choice between the projection and nothing, once on the image and once inside.
    private func space(_ projection: (Int, Int) -> Block) throws -> DeclaredSpace {
        try DeclaredSpace(.sequence([
            .choice(name: "a", candidates: [.init("projection", .sequence([projection(3, 12), .batchNormalization])), .init("conv", .convolution(12))]), .relu,
            .residual(.choice(name: "b", candidates: [.init("projection", .sequence([.relu, projection(12, 12)])), .init("skip", .identity)])),
            .globalPool, .linear(4),
        ]))
    }

    private func custom(_ inputs: Int, _ outputs: Int) -> Block { .layer(.custom(Custom(Projection(inputs, outputs)))) }
    private func net(_ space: DeclaredSpace, path: Path? = nil, threads: Int = 1) throws -> Supernet {
        var generator = Generator(seed: 3)
        return try Supernet(space: space, input: data.shape, path: path, generator: &generator, pool: WorkerPool(threadCount: threads))
    }

    /// Gives a network's projections the numbers that another's have, whichever way they are computed.
    private func copyProjections(_ from: Supernet, _ to: Supernet) throws {
        // Layers are numbered as they are stored, so names are compared without their numbers.
        func place(_ name: String) -> String { String(name.drop { $0.isNumber || $0 == "." }) }
        let known = Dictionary(from.arrays.map { (place($0.name), $0.tensor) }, uniquingKeysWith: { first, _ in first })
        try to.replaceArrays(try to.arrays.map { array in
            var name = place(array.name)
            // PyTorch's order is output x input.
            if name.hasSuffix(".w") { name += "eight" } else if name.hasSuffix(".b") { name += "ias" }
            // A normalisation behind a convolution belongs to it, one behind a custom layer stands by itself.
            if name.hasPrefix("norm0.") { name = "a.projection.norm." + name.dropFirst(6) }
            let theirs = try #require(known[name], "\(array.name)")
            return (array.name, array.name.hasSuffix(".w") ? try theirs.reshaped([array.tensor.shape[1], array.tensor.shape[0]]).transposed() : theirs)
        })
    }

    @Test(arguments: [[0, 0], [0, 1], [1, 0]] as [[UInt8]])
    func computesAndLearnsWhatTheEnginesOwnLayerDoes(choices: [UInt8]) throws {
        let path = Path(choices)
        for isAlone in [false, true] {
            let own = try net(try space { .convolution($1, kernel: 1, bias: true) }, path: isAlone ? path : nil)
            let given = try net(try space(custom), path: isAlone ? path : nil, threads: 2)
            try copyProjections(own, given)
            let batch = Batch(dataset: data, indices: Array(0..<17))
            for _ in 0..<4 {
                let (a, b) = (try own.step(path: path, batch: batch, options: StepOptions(learningRate: 0.1)), try given.step(path: path, batch: batch, options: StepOptions(learningRate: 0.1)))
                #expect(abs(a.loss - b.loss) < 1e-5 * a.loss)
                #expect(abs(a.gradientNorm - b.gradientNorm) < 1e-4 * a.gradientNorm)
                for (p, q) in zip(a.candidateGradientNorms, b.candidateGradientNorms) { #expect(abs(p - q) < 1e-4 * (p + 1e-3)) }
            }
            #expect(try abs(own.evaluate(path: path, on: data).loss - given.evaluate(path: path, on: data).loss) < 1e-4)
            #expect(try own.space.cost(of: path, input: data.shape).parameters == given.space.cost(of: path, input: data.shape).parameters)
        }
    }

    @Test func sameBitsForAnyNumberOfThreads() throws {
        func train(_ threads: Int) throws -> [Float] {
            let net = try net(try space(custom), threads: threads)
            for i in 0..<4 {
                _ = try net.step(path: Path([0, UInt8(i % 2)]), batch: Batch(dataset: data, indices: Array(0..<19)), options: StepOptions(learningRate: 0.05))
            }
            return Array(net.weights)
        }
        let one = try train(1)
        for threads in [2, 3, 7, 32] { #expect(try train(threads) == one) }
    }

    @Test func ranksAndTrainsAlone() throws {
        let space = try space(custom)
        let net = try net(space, threads: 2)
        let paths = (0..<4).map { space.path(at: $0) }
        #expect(try net.rank(paths: paths, on: data, batchSize: 8) == paths.map { try net.evaluate(path: $0, on: data, batchSize: 8) })
        let scores = try StandaloneTraining(epochs: 2, batchSize: 5).run(paths, of: space, from: net, train: data, valid: data, test: data, evaluatedEpochs: [2])
        #expect(scores.map(\.scores.count) == [1, 1, 1, 1])
    }

    @Test func whatAFunctionThrowsStopsTheStepAndChangesNothing() throws {
        let refusal = Block.layer(.custom(Custom(Refusal())))
        let space = try DeclaredSpace(.sequence([.convolution(8), .choice(name: "a", candidates: [.init("skip", .identity), .init("refuse", refusal)]), .globalPool, .linear(4)]))
        let net = try net(space, threads: 2)
        let before = Array(net.weights)
        let batch = Batch(dataset: data, indices: Array(0..<8))
        #expect(throws: NASError.self) { try net.step(path: Path([1]), batch: batch, options: StepOptions(learningRate: 0.05)) }
        #expect(throws: NASError.self) { try net.rank(paths: [Path([0]), Path([1])], on: data) }
        #expect(Array(net.weights) == before)
        #expect(try net.step(path: Path([0]), batch: batch, options: StepOptions(learningRate: 0.05)).loss > 0)
    }

    /// Two functions that are written alike are not the same function.
    @Test func canonicalFormsTellFunctionsApart() throws {
        let projection = custom(3, 3)
        let space = try DeclaredSpace(.sequence([
            .choice(name: "a", candidates: [.init("one", projection), .init("again", projection), .init("other", custom(3, 3))]), .globalPool, .linear(4),
        ]))
        let forms = (0..<3).map { space.canonical(space.path(at: $0)) }
        #expect(forms[0] == forms[1])
        #expect(forms[0] != forms[2])
    }
}
