import Testing

@testable import NASLib

/// What must hold of every network that can be declared, on random blocks: plans compute the same with and without what does not matter,
/// gradients are derivatives, costs count what is there, equal digests mean equal functions, and nothing is lost where weights are taken over.
@Suite struct PlannerPropertyTests {
    static let seeds = Array(0..<300)

    /// Some images of noise in three classes.
    private func noise(_ shape: ImageShape, count: Int = 6) -> Dataset {
        var generator = Generator(seed: 11)
        return Dataset(
            name: "noise", shape: shape, classes: 3, images: (0..<count * shape.count).map { _ in Float(generator.uniform() * 2 - 1) },
            labels: (0..<count).map { Int32($0 % 3) })
    }

    /// A random space with images that it takes; all but a few blocks that are made fit.
    private func draw(_ seed: Int) throws -> (space: DeclaredSpace, data: Dataset, path: Path, generator: Generator) {
        var generator = Generator(seed: UInt64(seed))
        let shape = ImageShape(height: 4 + generator.below(4), width: 4 + generator.below(4), channels: 1 + generator.below(4))
        while true {
            var random = RandomBlocks(generator: generator)
            let block = random.network()
            generator = random.generator
            guard let space = try? DeclaredSpace(block) else { continue }
            let path = space.uniformPath(using: &generator)
            // Not all shapes fit; what does not is refused without a trap.
            guard (try? Supernet(space: space, input: shape, generator: &generator)) != nil else { continue }
            return (space, noise(shape), path, generator)
        }
    }

    @Test func plansComputeTheSameWithoutWhatDoesNotMatter() throws {
        for seed in Self.seeds {
            var (space, data, path, generator) = try draw(seed)
            let store = ParameterStore()
            let network = try space.makeNetwork(input: data.shape, path: nil, store: store, generator: &generator)
            let plan = network.plan(for: path)
            func loss(_ plan: Plan) throws -> Double {
                try Executor(store: store, pool: WorkerPool(threadCount: 1)).evaluate([plan], data, batchSize: data.count, statistics: .batch)[0].loss
            }
            let whole = try loss(network.wholePlan(for: path))
            #expect(try loss(plan) == whole, "\(seed): \(space.body)")
            #expect(try loss(plan.bypassingIdentities()) == whole, "\(seed): \(space.body)")
        }
    }

    @Test func gradientsAreDerivatives() throws {
        for seed in Self.seeds {
            var (space, data, path, generator) = try draw(seed)
            let net = try Supernet(space: space, input: data.shape, generator: &generator)
            let batch = Batch(dataset: data, indices: Array(0..<data.count))
            let (loss, gradient) = try net.lossAndGradient(path: path, batch: batch)
            let weights = Array(net.weights)
            let size = gradient.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
            guard size > 1e-3 else { continue }
            // What normalises a single number gives a constant, of which only rounding errors have a derivative.
            let negated = Dataset(name: "negated", shape: data.shape, classes: 3, images: data.images.map { -$0 }, labels: data.labels)
            let other = try net.lossAndGradient(path: path, batch: Batch(dataset: negated, indices: batch.indices)).loss
            guard other != loss else { continue }
            // A random direction that leans to the gradient's, so that there is something to measure.
            let noise = gradient.map { $0 == 0 ? 0 : generator.uniform() * 2 - 1 }
            let share = noise.reduce(0) { $0 + $1 * $1 }.squareRoot()
            let direction = zip(gradient, noise).map { Double($0) / size + $1 / share }
            let norm = direction.reduce(0) { $0 + $1 * $1 }.squareRoot()
            let expected = zip(gradient, direction).reduce(0) { $0 + Double($1.0) * $1.1 } / norm
            // A step may be too long where a maximum changes places, or too short for floats.
            let differences = try [3e-3, 1e-3, 3e-4, 1e-4, 3e-5, 1e-5].map { step in
                func moved(_ sign: Double) throws -> Double {
                    for i in weights.indices { net.weights[i] = weights[i] + Float(sign * step * direction[i] / norm) }
                    return try net.lossAndGradient(path: path, batch: batch).loss
                }
                return (try moved(1) - moved(-1)) / (2 * step)
            }
            #expect(differences.contains { abs($0 - expected) < 0.03 * abs(expected) + 1e-3 }, "\(seed): \(differences) measured, \(expected) computed for \(space.body)")
        }
    }

    @Test func costsCountWhatIsThere() throws {
        for seed in Self.seeds {
            var (space, data, path, generator) = try draw(seed)
            let net = try Supernet(space: space, input: data.shape, path: path, generator: &generator)
            let counted = net.arrays.reduce(0) { $0 + ($1.name.contains("running_") ? 0 : $1.tensor.count) }
            #expect(net.parameterCount == counted, "\(seed): \(space.body)")
            #expect(try space.cost(of: path, input: data.shape).parameters == counted, "\(seed): \(space.body)")
        }
    }

    /// With weights that go by a layer's shape alone, networks of one digest compute the same.
    @Test func equalDigestsMeanEqualFunctions() throws {
        var comparisons = 0
        for seed in Self.seeds {
            var (space, data, _, generator) = try draw(seed)
            let paths = (0..<min(24, space.size ?? 24)).map { _ in space.uniformPath(using: &generator) }
            let classes = Dictionary(grouping: Set(paths)) { space.canonical($0) }.values.filter { $0.count > 1 }
            guard !classes.isEmpty else { continue }
            let net = try Supernet(space: space, input: data.shape, generator: &generator)
            try net.replaceArrays(net.arrays.map { name, tensor in
                (name, Tensor(shape: tensor.shape, values: tensor.values.indices.map { Float(($0 * 37 + tensor.count) % 23 - 11) / 20 }))
            })
            for paths in classes {
                let losses = try net.rank(paths: paths, on: data, batchSize: data.count).map(\.loss)
                comparisons += paths.count - 1
                for loss in losses { #expect(abs(loss - losses[0]) < 1e-3 * max(1, abs(losses[0])), "\(seed): \(losses) of \(paths.map(space.format)) in \(space.body)") }
            }
        }
        #expect(comparisons > 100)
    }

    /// Also what begins with zeros and ones is to be told apart.
    private func disturb(_ net: Supernet, _ generator: inout Generator) throws {
        var arrays = net.arrays
        for i in arrays.indices where !arrays[i].name.contains("running_") {
            let tensor = arrays[i].tensor
            arrays[i].tensor = Tensor(shape: tensor.shape, values: tensor.values.map { $0 + Float(generator.uniform() - 0.5) / 4 })
        }
        try net.replaceArrays(arrays)
    }

    @Test func everyWeightIsTakenOver() throws {
        for seed in Self.seeds {
            var (space, data, path, generator) = try draw(seed)
            let parent = try Supernet(space: space, input: data.shape, path: path, generator: &generator)
            try disturb(parent, &generator)
            _ = try parent.step(path: path, batch: Batch(dataset: data, indices: Array(0..<data.count)), options: StepOptions(learningRate: 0.01))
            let child = try Supernet(space: space, input: data.shape, path: path, generator: &generator)
            try child.inherit(from: parent, path: path)
            let (mine, theirs) = (child.arrays, parent.arrays)
            #expect(mine.map(\.name) == theirs.map(\.name) && mine.map(\.tensor) == theirs.map(\.tensor), "\(seed): \(space.body)")
            // A supernet has fewer: what it has is taken over.
            let supernet = try Supernet(space: space, input: data.shape, generator: &generator)
            try disturb(supernet, &generator)
            let grandchild = try Supernet(space: space, input: data.shape, path: path, generator: &generator)
            try grandchild.inherit(from: supernet, path: path)
            let batch = Batch(dataset: data, indices: Array(0..<data.count))
            let (first, second) = (try supernet.lossAndGradient(path: path, batch: batch).loss, try grandchild.lossAndGradient(path: path, batch: batch).loss)
            #expect(abs(first - second) < 1e-4 * max(1, abs(first)), "\(seed): \(first) and \(second) for \(space.body)")
        }
    }
}

/// Blocks at random.
private struct RandomBlocks {
    var generator: Generator
    private var names = 0

    init(generator: Generator) { self.generator = generator }

    private mutating func pick<T>(_ options: [T]) -> T { options[generator.below(options.count)] }

    /// A whole network of three classes.
    mutating func network() -> Block {
        var steps: [Block] = []
        for _ in 0..<1 + generator.below(3) {
            if generator.below(2) == 0 { steps.append(changing()) }
            steps.append(keeping(depth: 2))
        }
        steps.append(choice(depth: 1))
        switch generator.below(4) {
        case 0: steps += [.layer(.batchNormalization(affine: pick([nil, true, false]))), .relu, .globalPool]
        case 1: steps.append(.flatten)
        case 2: steps += [.layer(.activation(pick(Activation.allCases))), .globalPool]
        default: steps.append(.globalPool)
        }
        return .sequence(steps + [.linear(3)])
    }

    private mutating func convolution(_ outputs: Int?, stride: Int) -> Block {
        var convolution = Block.Convolution(outputs: outputs, kernel: pick([1, 3, 5]), stride: stride, dilation: pick([1, 1, 2]), bias: generator.below(2) == 0)
        switch generator.below(4) {
        case 0: (convolution.isDepthwise, convolution.outputs) = (true, nil)
        case 1: convolution.groups = 2
        default: break
        }
        let layer = Block.layer(.convolution(convolution))
        return generator.below(2) == 0 ? layer : .sequence([layer, .layer(.batchNormalization(affine: pick([nil, true, false])))])
    }

    /// A block whose outputs have other sizes than its inputs.
    private mutating func changing() -> Block {
        switch generator.below(4) {
        case 0: return .maximumPool(kernel: 2, stride: pick([1, 2]), padding: 0)
        case 1: return .averagePool(kernel: 3, stride: 2, padding: pick([0, 1]))
        default: return convolution(pick([4, 6, 8, 12]), stride: pick([1, 2]))
        }
    }

    /// A block whose outputs have the sizes of its inputs.
    private mutating func keeping(depth: Int) -> Block {
        switch generator.below(depth > 0 ? 16 : 10) {
        case 0: return .identity
        case 1: return .zero()
        case 2: return .layer(.activation(pick(Activation.allCases)))
        case 3: return .layer(.batchNormalization(affine: pick([nil, true, false])))
        case 4: return .layer(.layerNormalization(affine: generator.below(2) == 0))
        case 5: return pick([.maximumPool(kernel: 3, stride: 1, padding: 1), .averagePool(kernel: 3, stride: 1, padding: 1)])
        case 6: return .layer(.averagePool(kernel: 3, stride: 1, padding: 1, countsPadding: true))
        case 7:
            return pick([
                .layer(.shift), .layer(.squeezeExcite(reduction: 2)), .layer(.groupNormalization(groups: pick([1, 2]), affine: generator.below(2) == 0)),
                .sequence([.layer(.upsampling(factor: 2)), .averagePool(kernel: 2, stride: 2, padding: 0)]),
            ])
        case 8, 9: return convolution(nil, stride: 1)
        case 10, 11: return .sequence((0..<2 + generator.below(2)).map { _ in keeping(depth: depth - 1) })
        case 12: return .sum((0..<2 + generator.below(2)).map { _ in keeping(depth: depth - 1) })
        case 13: return .gate(.sequence([.globalPool, .layer(.activation(.sigmoid))]))
        case 14: return cell(depth: depth - 1)
        default: return choice(depth: depth - 1)
        }
    }

    private mutating func cell(depth: Int) -> Block {
        let inputs = 1 + generator.below(2), nodes = inputs + 1 + generator.below(2)
        var edges: [Block.Cell.Edge] = []
        for target in inputs..<nodes {
            for source in 0..<target where source == target - 1 || generator.below(3) > 0 { edges.append(.init(source, target, keeping(depth: depth))) }
        }
        // Other inputs than the one before may have other sizes.
        return .cell(.init(inputs: Array(repeating: .identity, count: inputs), nodes: nodes, edges: edges, concatenates: generator.below(4) == 0))
    }

    private mutating func choice(depth: Int) -> Block {
        names += 1
        let count = 2 + generator.below(3)
        return .choice(name: "c\(names)", candidates: (0..<count).map { Block.Candidate("o\($0)", keeping(depth: depth)) })
    }
}
