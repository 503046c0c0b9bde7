import Testing

@testable import NASLib

/// Spaces declared as blocks: what they cost, how they are written, what errors say, and how their networks train.
@Suite struct DeclaredSpaceTests {
    private func space(_ blocks: Block...) throws -> DeclaredSpace { try DeclaredSpace(.sequence(blocks)) }

    private func noise(_ shape: ImageShape, count: Int, classes: Int = 5) -> Dataset {
        var generator = Generator(seed: 7)
        return Dataset(
            name: "noise", shape: shape, classes: classes, images: (0..<count * shape.count).map { _ in Float(generator.uniform() * 2 - 1) },
            labels: (0..<count).map { _ in Int32(generator.below(classes)) })
    }

    private static func candidates(_ channels: Int) -> [Block.Candidate] {
        [
            .init("skip", .identity), .init("none", .zero()), .init("conv3", .sequence([.relu, .convolution(channels), .batchNormalization])),
            .init("separable", .sequence([.relu, .depthwise(kernel: 5), .convolution(channels, kernel: 1), .batchNormalization])),
            .init("excite", .sequence([.convolution(channels, kernel: 1), .batchNormalization, .layer(.activation(.swish)), .layer(.squeezeExcite(reduction: 2))])),
        ]
    }

    private func mixed(dropout: Double = 0.3) throws -> DeclaredSpace {
        try space(
            .convolution(12), .batchNormalization, .relu, .choice(name: "a", candidates: Self.candidates(12)),
            .convolution(20, stride: 2), .batchNormalization, .residual(.choice(name: "b", candidates: Self.candidates(20))),
            .cell(.init(nodes: 3, edges: [
                .init(0, 1, .choice(name: "c", candidates: Self.candidates(20))), .init(0, 2, .choice(name: "b", candidates: Self.candidates(20))),
                .init(1, 2, .choice(name: "a", candidates: Self.candidates(20)))
            ])), .batchNormalization, .layer(.activation(.gelu)), .globalPool, .layer(.dropout(dropout)), .linear(5))
    }

    @Test(arguments: [[2, 3, 4], [3, 4, 2], [0, 0, 0], [4, 1, 3], [2, 2, 1]] as [[UInt8]])
    func gradientsAgreeWithFiniteDifferences(choices: [UInt8]) throws {
        var generator = Generator(seed: 3)
        let data = noise(ImageShape(height: 7, width: 6, channels: 3), count: 12)
        let net = try Supernet(space: try mixed(), input: data.shape, generator: &generator)
        let batch = Batch(dataset: data, indices: Array(0..<12))
        let (_, gradient) = try net.lossAndGradient(path: Path(choices), batch: batch)
        let weights = Array(net.weights)
        for _ in 0..<4 {
            let d = gradient.map { $0 == 0 ? 0 : Float(generator.uniform() * 2 - 1) + 30 * $0 }
            let norm = d.reduce(0) { $0 + $1 * $1 }.squareRoot()
            let step: Float = 5e-4
            func loss(_ sign: Float) throws -> Double {
                for i in weights.indices { net.weights[i] = weights[i] + sign * step * d[i] / norm }
                return try net.lossAndGradient(path: Path(choices), batch: batch).loss
            }
            let difference = (try loss(1) - loss(-1)) / Double(2 * step)
            let expected = zip(gradient, d).reduce(0.0) { $0 + Double($1.0) * Double($1.1) } / Double(norm)
            #expect(abs(difference - expected) < 0.05 * abs(expected) + 2e-3, "\(difference) measured, \(expected) computed")
            for i in weights.indices { net.weights[i] = weights[i] }
        }
    }

    @Test func sameBitsForAnyNumberOfThreads() throws {
        let data = noise(ImageShape(height: 8, width: 8, channels: 3), count: 40)
        func train(_ threads: Int) throws -> [Float] {
            var generator = Generator(seed: 5)
            let space = try mixed()
            let net = try Supernet(space: space, input: data.shape, generator: &generator, pool: WorkerPool(threadCount: threads))
            for _ in 0..<6 {
                var options = StepOptions(learningRate: 0.05)
                options.seed = generator.next()
                _ = try net.step(path: space.uniformPath(using: &generator), batch: Batch(dataset: data, indices: Array(0..<37)), options: options)
            }
            return Array(net.weights)
        }
        let one = try train(1)
        #expect(try train(2) == one)
        #expect(try train(3) == one)
    }

    // MARK: - Cost

    @Test func costOfNASBench201() throws {
        let image = ImageShape(height: 32, width: 32, channels: 3)
        let space = NASBench201(channels: 16, cells: 5)
        #expect(try space.cost(of: Path([0, 0, 0, 0, 0, 0]), input: image).parameters == 73_306)
        #expect(try space.cost(of: Path([4, 1, 0, 4, 1, 0]), input: image).parameters == 73_306)
        // Five 3x3 convolutions more in each stage: 9 c^2 weights and 2 c affine numbers each.
        let more = [16, 32, 64].reduce(0) { $0 + 5 * (9 * $1 * $1 + 2 * $1) }
        #expect(try space.cost(of: Path([3, 0, 0, 0, 0, 0]), input: image).parameters == 73_306 + more)
        // Without convolutions in the cell: stem, reductions and classifier.
        let stem = 1024 * 27 * 16
        let reductions = 256 * (9 * 16 * 32 + 9 * 32 * 32 + 16 * 32) + 64 * (9 * 32 * 64 + 9 * 64 * 64 + 32 * 64)
        #expect(try space.cost(of: Path([0, 0, 0, 0, 0, 0]), input: image).flops == stem + reductions + 640)
    }

    // MARK: - Inheriting

    @Test func pathsInheritTheSupernetsWeights() throws {
        var generator = Generator(seed: 3)
        let data = noise(ImageShape(height: 8, width: 8, channels: 3), count: 16)
        // What dropout drops depends on the layer's number, which differs.
        let space = try mixed(dropout: 0)
        let net = try Supernet(space: space, input: data.shape, generator: &generator)
        let path = Path([2, 3, 4])
        let alone = try Supernet(space: space, input: data.shape, path: path, generator: &generator)
        let batch = Batch(dataset: data, indices: Array(0..<16))
        #expect(try abs(alone.lossAndGradient(path: path, batch: batch).loss - net.lossAndGradient(path: path, batch: batch).loss) > 1e-4)
        try alone.inherit(from: net, path: path)
        // Gamma is 1 and beta 0, so with the batch's statistics both compute the same.
        #expect(try abs(alone.lossAndGradient(path: path, batch: batch).loss - net.lossAndGradient(path: path, batch: batch).loss) < 1e-5)
        #expect(throws: NASError.self) { try alone.evaluate(path: Path([1, 1, 1]), on: data) }
    }

    // MARK: - Ranking

    /// Together, with dead edges gone and common beginnings computed once, paths score the same bits as one by one.
    @Test func rankingTogetherIsRankingOneByOne() throws {
        let data = noise(ImageShape(height: 8, width: 8, channels: 3), count: 50)
        for space: any NetworkSpace in [try mixed(), NASBench201(channels: 8, cells: 1), try NASBenchMacro.space(channels: 8, features: 24, classes: 5)] {
            var generator = Generator(seed: 8)
            let net = try Supernet(space: space, input: data.shape, generator: &generator)
            let paths = (0..<80).map { _ in space.uniformPath(using: &generator) } + [space.path(at: 0), space.path(at: 1), space.path(at: 2)]
            let together = try net.rank(paths: paths + paths, on: data, batchSize: 32)
            for (i, path) in paths.enumerated() {
                let alone = try net.evaluate(path: path, on: data, batchSize: 32)
                #expect(together[i] == alone)
                #expect(together[i + paths.count] == alone)
                // And as the plain plan gives, without what ranking leaves out.
                let plain = try Executor(store: net.store, pool: WorkerPool(threadCount: 1))
                    .evaluate([net.network.plan(for: path)], data, batchSize: 32, statistics: .batch)[0]
                #expect(plain == alone)
            }
        }
    }

    // MARK: - Built-in spaces

    @Test func builtInSpacesTrain() throws {
        let data = noise(ImageShape(height: 8, width: 8, channels: 3), count: 12)
        let spaces = [
            try NASBenchMacro.space(channels: 8, features: 32, classes: 5), try DARTS.space(channels: 4, cells: 4, classes: 5),
            try MobileNet.space(width: 0.25, layers: 2, stemStride: 1, classes: 5), try MLP.space(width: 20, classes: 5),
        ]
        for space in spaces {
            var generator = Generator(seed: 9)
            let net = try Supernet(space: space, input: data.shape, generator: &generator)
            let path = space.uniformPath(using: &generator)
            #expect(try space.parse(space.format(path)) == path)
            let batch = Batch(dataset: data, indices: Array(0..<12))
            let first = try net.step(path: path, batch: batch, options: StepOptions(learningRate: 0.05))
            for _ in 0..<15 { _ = try net.step(path: path, batch: batch, options: StepOptions(learningRate: 0.05)) }
            #expect(try net.lossAndGradient(path: path, batch: batch).loss < first.loss, "\(space.name)")
        }
    }

    /// Counted by hand from the papers' definitions: affine normalisation, convolutions without bias.
    @Test func costsOfBuiltInSpaces() throws {
        let image = ImageShape(height: 32, width: 32, channels: 3)
        let macro = try NASBenchMacro.space()
        // All identity: stem, a 1x1 convolution where a stage begins, the last convolution, the classifier.
        let convolutions = 27 * 32 + 32 * 64 + 64 * 128 + 128 * 256 + 256 * 1280
        let normalizations = 2 * (32 + 64 + 128 + 256 + 1280)
        let plain = try macro.cost(of: macro.parse("00000000"), input: image)
        #expect(plain.parameters == convolutions + normalizations + 12_810)
        #expect(plain.flops == 1024 * 27 * 32 + 256 * 32 * 64 + 64 * 64 * 128 + 16 * 128 * 256 + 16 * 256 * 1280 + 12_800)
        // The second layer (64 channels, 16x16) by kernel 5 and expansion 6.
        let block = try macro.cost(of: macro.parse("02000000"), input: image)
        #expect(block.parameters - plain.parameters == 64 * 384 + 25 * 384 + 384 * 64 + 2 * (384 + 384 + 64))
        #expect(block.flops - plain.flops == 256 * (64 * 384 + 25 * 384 + 384 * 64))
        #expect(block.depth == plain.depth + 3)
        // DARTS without anything chosen: stem, what aligns the inputs of each cell, the classifier.
        let darts = try DARTS.space(channels: 16, cells: 3, classes: 10)
        let none = try darts.cost(of: darts.path(at: 0), input: image).parameters
        let align = 2 * (48 * 16 + 32) + (48 * 32 + 64) + (64 * 32 + 64) + (64 * 64 + 128) + (128 * 64 + 128)
        #expect(none == 27 * 48 + 96 + align + 256 * 10 + 10)
    }

    // MARK: - Notation and errors

    @Test func notationReadsBack() throws {
        let space = try mixed()
        #expect(space.choices.map(\.name) == ["a", "b", "c"])
        #expect(space.format(Path([0, 2, 4])) == "a=skip b=conv3 c=excite")
        for i in 0..<125 { #expect(try space.parse(space.format(space.path(at: i))) == space.path(at: i)) }
        #expect(try space.parse("c=excite, a=skip b=conv3") == Path([0, 2, 4]))
        for (text, fragment) in [
            ("a=skip", "b is not decided"), ("a=skip b=conv3 c=big", "'big' is not a candidate"), ("d=skip", "'d' is not a choice"),
            ("a=skip a=skip b=skip c=skip", "twice"), ("a skip", "not a decision"), ("", "a is not decided"),
        ] {
            let error = #expect(throws: NASError.self) { try space.parse(text) }
            #expect(error?.message.contains(fragment) == true, "\(error?.message ?? "")")
        }
    }

    @Test func clashesNameTheLayerAndBothShapes() throws {
        let op = Block.choice(name: "op", candidates: [.init("skip", .identity), .init("wide", .convolution(32))])
        let cases: [(Block, [String])] = [
            (.sequence([.convolution(16), op, .globalPool, .linear(10)]), ["choice \"op\"", "skip gives 8x8x16", "wide gives 8x8x32"]),
            (.sequence([.convolution(32), op, .linear(10)]), ["dense(10)", "8x8x32"]),
            (.sequence([.residual(.convolution(8, kernel: 5, stride: 2)), .globalPool, .linear(10)]), ["conv(8, kernel: 5, stride: 2) gives 4x4x8", "\"skip\" gives 8x8x3"]),
            (.sequence([.maximumPool(kernel: 9, stride: 1, padding: 0), .globalPool, .linear(10)]), ["max_pool(9", "8x8x3"]),
            (.sequence([.convolution(10, groups: 2), .globalPool, .linear(10)]), ["2 groups", "3 input"]),
            (.sequence([.convolution(32), .gate(.convolution(8)), .globalPool, .linear(10)]), ["8x8x32", "8x8x8"]),
        ]
        for (block, fragments) in cases {
            let error = #expect(throws: NASError.self) {
                try NetworkBuilder.build(
                    block, choices: [Choice(name: "op", candidates: ["skip", "wide"])], input: ImageShape(height: 8, width: 8, channels: 3), path: nil, store: ParameterStore())
            }
            for fragment in fragments { #expect(error?.message.contains(fragment) == true, "\(error?.message ?? "")") }
        }
    }

    @Test func canonicalFormsIgnoreWhatDoesNotMatter() throws {
        let tuned = NASBench201(channels: 8, cells: 2)
        let space = try DeclaredSpace(tuned.body)
        var generator = Generator(seed: 1)
        var byText: [String: Set<String>] = [:]
        for _ in 0..<1500 {
            let path = tuned.uniformPath(using: &generator)
            byText[tuned.canonical(path), default: []].insert(space.canonical(path))
        }
        #expect(byText.values.allSatisfy { $0.count == 1 })
        #expect(byText.count > 500)
    }
}
