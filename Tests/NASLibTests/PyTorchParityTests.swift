import Foundation
import Testing

@testable import NASLib

/// Whole networks against PyTorch: losses, gradient norms and steps.
///
/// Weights, images and labels come from `number`, the same on both sides, so both start from equal networks. The expected
/// numbers are what `Tests/recorded/supernet_torch.py` prints: PyTorch 2.13.0 on a CPU, in double precision. The engine
/// computes in single precision and may be off by 1e-4 of them.
@Suite struct PyTorchParityTests {
    static let shape = ImageShape(height: 8, width: 8, channels: 1)

    // MARK: - Supernet

    struct SupernetCase: CustomTestStringConvertible {
        var path: [UInt8]
        var weights: [Float]
        var loss: Double
        var gradientNorm: Double
        var candidateGradientNorms: [Double]
        var exampleGradientBounds: [Double]
        var lossAfterThreeSteps: Double
        var weightNorm: Double
        var testDescription: String { "\(path)" }
    }

    /// Both gradients are longer than 5, so that all steps are clipped. The second path has an edge that is none.
    static let supernets = [
        SupernetCase(
            path: [3, 2, 1, 4, 3, 2], weights: [1, 1, 1, 1], loss: 2.2820424, gradientNorm: 10.151565,
            candidateGradientNorms: [9.7946277, 1.8750734, 0, 0, 6.616458, 2.1197354],
            exampleGradientBounds: [0.93617725, 0.92355188, 0.98359253, 0.94553287], lossAfterThreeSteps: 1.2625609, weightNorm: 11.37526),
        SupernetCase(
            path: [2, 0, 3, 1, 4, 3], weights: [20, 5, 10, 1], loss: 19.090762, gradientNorm: 132.43306,
            candidateGradientNorms: [38.197292, 0, 103.9511, 0, 0, 92.056947],
            exampleGradientBounds: [0.90906921, 0.94791291, 0.95935529, 0.92137985], lossAfterThreeSteps: 8.5493886, weightNorm: 10.539369),
    ]

    @Test(arguments: supernets)
    func supernetSteps(expected: SupernetCase) throws {
        var generator = Generator(seed: 0)
        let net = try Supernet(channels: 8, cells: 1, classes: 10, input: Self.shape, generator: &generator)
        let path = Path(expected.path)
        let plan = net.network.plan(for: path)
        fill(net.store, plan)
        let batch = Batch(dataset: examples(4), indices: [0, 1, 2, 3], weights: expected.weights)
        let options = StepOptions(learningRate: 0.05, momentum: 0.9, weightDecay: 2.5e-4, clip: 5)
        let first = try net.step(path: path, batch: batch, options: options)
        expect([first.loss], [expected.loss], "loss")
        expect([first.gradientNorm], [expected.gradientNorm], "gradient norm")
        expect(first.candidateGradientNorms, expected.candidateGradientNorms, "norms of the choices' gradients")
        expect(first.exampleGradientBounds, expected.exampleGradientBounds, "norms of the examples' logit gradients")
        for _ in 1..<3 { _ = try net.step(path: path, batch: batch, options: options) }
        expect([try net.lossAndGradient(path: path, batch: batch).loss], [expected.lossAfterThreeSteps], "loss after three steps")
        expect([weightNorm(net.store, plan)], [expected.weightNorm], "weight norm", tolerance: 1e-5)
    }

    /// 200 steps of four paths that take turns, each loss within 1% of what `Tests/recorded/curve_torch.py` prints.
    @Test func curveOfTwoHundredSteps() throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().appending(path: "recorded/curve.txt")
        let expected = try String(contentsOf: file, encoding: .utf8).split(separator: "\n").compactMap { Double($0) }
        try #require(expected.count == 200)
        var generator = Generator(seed: 0)
        let net = try Supernet(channels: 8, cells: 1, classes: 10, input: Self.shape, generator: &generator)
        let paths = [[3, 2, 1, 4, 3, 2], [2, 0, 3, 1, 4, 3], [1, 3, 2, 2, 1, 3], [3, 1, 3, 1, 1, 3]].map { Path($0) }
        for path in paths { fill(net.store, net.network.plan(for: path)) }
        let images = examples(256)
        let labels = (0..<256).map { i in
            let products = (0..<10).map { label in (0..<64).reduce(0.0) { $0 + Double(images.images[64 * i + $1]) * number(3000, 64 * label + $1) } }
            return Int32(products.indices.max { products[$0] < products[$1] } ?? 0)
        }
        let data = images.with(labels: labels)
        for (i, loss) in expected.enumerated() {
            let batch = Batch(dataset: data, indices: (0..<32).map { (32 * i + $0) % 256 })
            let step = try net.step(path: paths[i % 4], batch: batch, options: StepOptions(learningRate: 0.002, momentum: 0.9, weightDecay: 5e-4, clip: 5))
            expect([step.loss], [loss], "loss of step \(i)", tolerance: 0.01)
        }
    }

    /// Three paths take turns, so that weights have gradients in some steps only; see `Tests/recorded/optimizers_torch.py`.
    @Test(arguments: [
        ("sgd", SGD(momentum: 0.9, isNesterov: true, weightDecay: 1e-3) as any UpdateRule, Float(0.02)),
        ("adam", Adam(betas: (0.8, 0.99), epsilon: 1e-4, weightDecay: 1e-3), 0.002),
        ("adamw", Adam(epsilon: 1e-4, weightDecay: 0.1, isDecoupled: true), 0.002),
        ("rmsprop", RMSprop(alpha: 0.9, epsilon: 1e-3, momentum: 0.5, weightDecay: 1e-3), 0.0005),
    ])
    func supernetsByOptimizers(name: String, rule: any UpdateRule, rate: Float) throws {
        let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let file = tests.appending(path: "recorded/optimizers.txt")
        let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map { $0.split(separator: " ") }
        let expected = try #require(lines.first { $0[0] == name }).dropFirst().compactMap { Double($0) }
        try #require(expected.count == 10)
        let paths = [[3, 2, 1, 4, 3, 2], [2, 0, 3, 1, 4, 3], [1, 3, 2, 2, 1, 3]].map { Path($0) }
        func losses(_ net: Supernet, _ steps: Range<Int>) throws -> [Double] {
            try steps.map { i in
                let batch = Batch(dataset: examples(72), indices: Array(8 * i..<8 * i + 8))
                return try net.step(path: paths[i % 3], batch: batch, options: StepOptions(learningRate: rate, rule: rule)).loss
            }
        }
        func network(threads: Int) throws -> Supernet {
            var generator = Generator(seed: 0)
            let pool = WorkerPool(threadCount: threads)
            let net = try Supernet(channels: 8, cells: 1, classes: 10, input: Self.shape, generator: &generator, pool: pool)
            for path in paths { fill(net.store, net.network.plan(for: path)) }
            return net
        }
        let net = try network(threads: 1), bytes = net.byteCount
        let first = try losses(net, 0..<9)
        expect(first, Array(expected.dropLast()), "losses", tolerance: 1e-3)
        let trained = Set(paths.flatMap { net.network.layers(of: $0) })
        let ranges = trained.sorted().flatMap { net.store.layers[$0].ranges }
        let square = ranges.reduce(0.0) { sum, range in
            (range.offset..<range.offset + range.count).reduce(sum) { $0 + Double(net.store.weights[$1]) * Double(net.store.weights[$1]) }
        }
        expect([square.squareRoot()], [expected[9]], "norm of the weights", tolerance: 1e-4)
        #expect(net.byteCount >= bytes + 4 * net.store.count)

        // On other threads, and parted by a checkpoint, the same bits.
        let other = try network(threads: 3)
        var parted = try losses(other, 0..<5)
        var archive = ArchiveWriter()
        other.save(to: &archive)
        let resumed = try network(threads: 2)
        _ = try losses(resumed, 0..<1)
        var reader = ArchiveReader(FileBytes(name: "state", bytes: archive.bytes))
        try resumed.restoration(from: &reader)()
        parted += try losses(resumed, 5..<9)
        #expect(parted == first)
        #expect(Array(resumed.weights) == Array(net.weights))
    }

    // MARK: - Stand-alone

    struct StandaloneCase: CustomTestStringConvertible {
        var path: [UInt8]
        var losses: [Double]
        var gradientNorms: [Double]
        var weightNorm: Double
        /// Norms of all running means and of all running variances.
        var runningNorms: [Double]
        var evaluation: Supernet.Evaluation
        var testDescription: String { "\(path)" }
    }

    /// The second path has convolutions of zeros, which an affine normalisation turns into beta.
    static let standalones = [
        StandaloneCase(
            path: [3, 2, 1, 4, 3, 2], losses: [2.3583853, 2.2124442, 2.5539043], gradientNorms: [7.6096017, 6.298474, 4.5646294],
            weightNorm: 23.456688, runningNorms: [1.4647523, 16.218772], evaluation: .init(top1: 17.5, loss: 2.3085153)),
        StandaloneCase(
            path: [0, 1, 3, 4, 2, 3], losses: [2.356532, 2.4111541, 2.5460642], gradientNorms: [6.4589648, 5.6629752, 6.0625968],
            weightNorm: 21.778715, runningNorms: [1.1192089, 13.738111], evaluation: .init(top1: 7.5, loss: 2.2964104)),
    ]

    /// Three steps on eight examples each, then all forty with running statistics.
    @Test(arguments: standalones)
    func standaloneTrainingAndEvaluation(expected: StandaloneCase) throws {
        var generator = Generator(seed: 0)
        let store = ParameterStore()
        let path = Path(expected.path)
        let network = try NASBench201(channels: 8, cells: 1).makeNetwork(input: Self.shape, path: path, store: store, generator: &generator)
        let plan = network.plan(for: path)
        fill(store, plan)
        let data = examples(40)
        let executor = Executor(store: store, pool: WorkerPool(threadCount: 1))
        for step in 0..<3 {
            try executor.prepare(executor.layout(plan, batchSize: 8, hasGradient: true))
            let indices = Array(8 * step..<8 * step + 8)
            try executor.run(data, indices, weights: nil, statistics: .batch, backward: true, isCancelled: nil)
            expect([executor.losses.reduce(0, +) / 8], [expected.losses[step]], "loss of step \(step)")
            executor.collectGradient()
            expect([executor.squares.reduce(0, +).squareRoot()], [expected.gradientNorms[step]], "gradient norm of step \(step)")
            executor.descend(executor.layout.ranges, StepOptions(learningRate: 0.05, momentum: 0.9, weightDecay: 5e-4, clip: nil), scale: 1)
            executor.updateRunningStatistics()
        }
        expect([weightNorm(store, plan)], [expected.weightNorm], "weight norm", tolerance: 1e-5)
        expect(runningNorms(store, plan), expected.runningNorms, "norms of the running means and variances")
        // With running statistics it does not matter how the data is cut into batches.
        for batchSize in [40, 7] {
            let found = try executor.evaluate([plan], data.subset(Array(0..<40), name: data.name), batchSize: batchSize, statistics: .running)[0]
            expect([found.loss], [expected.evaluation.loss], "loss with running statistics")
            #expect(found.top1 == expected.evaluation.top1)
        }
    }

    // MARK: - Proxies

    /// What `Tests/recorded/proxies_torch.py` prints for two paths.
    static let proxies: [Proxy: [Double]] = [
        .gradientNorm: [28.492262, 25.84959], .snip: [39.490967, 37.203375], .fisher: [0.024084203, 0.022234306],
        .jacov: [-8.6161637, -8.8605795], .naswot: [63.545967, 63.6551], .synflow: [3.2344999e+09, 6.0660087e+09],
    ]

    @Test(arguments: proxies.keys.sorted { $0.rawValue < $1.rawValue })
    func proxy(_ proxy: Proxy) throws {
        let paths: [[UInt8]] = [[3, 2, 1, 4, 3, 2], [2, 3, 2, 1, 0, 3]]
        let found = try paths.map { choices in
            var generator = Generator(seed: 0)
            let store = ParameterStore()
            let path = Path(choices)
            let network = try NASBench201(channels: 8, cells: 1).makeNetwork(input: Self.shape, path: path, store: store, generator: &generator)
            let plan = network.plan(for: path)
            fill(store, plan)
            return try Probe(plan, store, Batch(dataset: examples(8), indices: Array(0..<8))).score(proxy)
        }
        expect(found, try #require(Self.proxies[proxy]), "\(proxy)")
    }

    /// What `Tests/recorded/synflow_numpy.py` prints: the outputs are beyond floats.
    @Test(arguments: [
        ([3, 3, 3, 3, 3, 3], 5, 16, 32, 3, 6.56693061e49), ([3, 1, 2, 3, 1, 3], 5, 16, 32, 3, 1.87592372e42), ([2, 3, 2, 1, 3, 3], 1, 8, 8, 1, 1.12057688e10),
    ] as [([UInt8], Int, Int, Int, Int, Double)])
    func synapticFlowOfDeepNetworks(choices: [UInt8], cells: Int, channels: Int, size: Int, inputs: Int, expected: Double) throws {
        var generator = Generator(seed: 0)
        let store = ParameterStore(), path = Path(choices)
        let shape = ImageShape(height: size, width: size, channels: inputs)
        let network = try NASBench201(channels: channels, cells: cells).makeNetwork(input: shape, path: path, store: store, generator: &generator)
        let plan = network.plan(for: path)
        fill(store, plan)
        let data = Dataset(name: "zeros", shape: shape, classes: 10, images: Array(repeating: 0, count: 2 * shape.count), labels: [0, 1])
        let found = try Probe(plan, store, Batch(dataset: data, indices: [0, 1])).score(.synflow)
        #expect(abs(found - expected) < 1e-4 * expected, "\(found)")
    }

    // MARK: - Both sides' numbers

    /// In -1 ..< 1: the k-th element of a stream, by mixing 32 bits.
    private func number(_ stream: Int, _ k: Int) -> Double {
        var x = UInt32(truncatingIfNeeded: k + 1_000_003 * stream + 1) &* 2_654_435_761
        x = (x ^ x >> 16) &* 73_244_475
        return Double(x ^ x >> 16) / 0x1p31 - 1
    }

    /// Sets what the plan uses. Streams are the layers' positions, and the order within one is PyTorch's:
    /// output, input, row, column.
    private func fill(_ store: ParameterStore, _ plan: Plan) {
        for case let layer as any StoredLayer in plan.layers {
            for (array, start) in layer.arrays {
                let (scale, shift, stream): (Double, Double, Int)
                switch (array.role, array.start) {
                case (.affine, .constant(let center)): (scale, shift, stream) = (0.5, Double(center), 1001 - Int(center) + 2 * layer.place.index)
                // The recorded numbers count the convolutions alone, and the final normalisation stands before the classifier.
                case (.bias, .uniform(let bound)): (scale, shift, stream) = (bound, 0, layer.place.index)
                case (.weight, .uniform(let bound)): (scale, shift, stream) = (bound, 0, layer.place.index - (layer is Classifier ? 1 : 0))
                default: continue
                }
                for k in 0..<array.count { store.weights[start + array.position(k)] = Float(shift + scale * number(stream, k)) }
            }
        }
    }

    private func examples(_ count: Int) -> Dataset {
        Dataset(
            name: "numbers", shape: Self.shape, classes: 10, images: (0..<count * Self.shape.count).map { Float(number(2000, $0)) },
            labels: (0..<count).map { Int32((number(2001, $0) + 1) / 2 * 10) })
    }

    private func norm(_ numbers: UnsafeMutablePointer<Float>, _ ranges: [ParameterRange]) -> Double {
        ranges.reduce(0.0) { sum, range in
            (range.offset..<range.offset + range.count).reduce(sum) { $0 + Double(numbers[$1]) * Double(numbers[$1]) }
        }.squareRoot()
    }

    /// Of what the plan uses. It shows weight decay, which hardly moves a loss behind normalisations.
    private func weightNorm(_ store: ParameterStore, _ plan: Plan) -> Double { norm(store.weights, plan.ranges) }

    private func runningNorms(_ store: ParameterStore, _ plan: Plan) -> [Double] {
        let arrays = plan.layers.compactMap { $0 as? any StoredLayer }.flatMap(\.arrays).filter { $0.array.role == .running }
        return ["mean", "var"].map { name in
            norm(store.running, arrays.filter { $0.array.name.hasSuffix(name) }.map { ParameterRange(offset: $0.start, count: $0.array.count) })
        }
    }

    private func expect(
        _ values: [Double], _ expected: [Double], _ what: Comment, tolerance: Double = 1e-4, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(values.count == expected.count, what, sourceLocation: sourceLocation)
        for (value, number) in zip(values, expected) {
            #expect(abs(value - number) <= tolerance * abs(number), what, sourceLocation: sourceLocation)
        }
    }
}

extension Probe {
    fileprivate func score(_ proxy: Proxy) throws -> Double {
        guard case .probe(let score) = proxy.measure else { return .nan }
        return try score(self)
    }
}
