import Text

/// Gives a block shapes and weights. Errors name the layer and the shapes that do not fit.
struct NetworkBuilder {
    private let store: ParameterStore
    private let choiceIndex: [TextKey: Int]
    /// Only this path's candidates get weights, and normalisation is affine with running statistics; nil: a supernet.
    private let path: Path?
    private var isAlone: Bool { path != nil }
    private var placesOfLayer: [[Int]] = []
    private var places: [CandidatePlace] = []
    /// The places that the layers being built belong to.
    private var openPlaces: [Int] = []
    private var lastCellInput: ImageShape?
    private var hasDropout = false
    private var hasCustomLayers = false
    /// What the layers built so far cost.
    private(set) var cost = Cost()

    /// A value's shape; the input image itself lies in memory otherwise than what layers give.
    private struct Value {
        var shape: ImageShape
        var isImage = false
    }

    /// Floats that a layer's output may have for one image, and that a network may train.
    static let largestImage = 1 << 24, largestStore = 1 << 28

    /// Without a `generator` no memory is taken: enough to know the cost.
    static func build(
        _ block: Block, choices: [Choice], input: ImageShape, path: Path?, store: ParameterStore,
        generator: UnsafeMutablePointer<Generator>? = nil
    ) throws -> (network: DeclaredNetwork, cost: Cost) {
        var builder = NetworkBuilder(store: store, choices: choices, path: path)
        guard input.count <= largestImage else { throw NASError(.shape, "images of \(input.text) are too large") }
        var steps = block.steps
        guard case .layer(let last)? = steps.popLast(), let linear = last.kind as? Linear else {
            throw NASError(.shape, "a space ends with dense(classes), which tells the classes apart; this one does not")
        }
        var value = Value(shape: input, isImage: true)
        let body = try builder.sequence(steps, &value)
        try linear.checkPixels(value.shape)
        guard linear.outputs >= 2, linear.outputs <= 1 << 16 else {
            throw NASError(.shape, "a classifier needs 2 to 65536 classes, not \(linear.outputs)")
        }
        let classifier = Classifier(inputs: value.shape.channels, outputs: linear.outputs)
        value.shape.channels = linear.outputs
        let logits = Module.layer(try builder.add(classifier), value.shape)
        builder.cost.flops += classifier.inputs * classifier.outputs
        builder.cost.depth += 1
        if let generator {
            try store.allocate()
            store.start(using: &generator.pointee)
        }
        let network = DeclaredNetwork(
            input: input, body: .sequence([body, logits]), placesOfLayer: builder.placesOfLayer, places: builder.places,
            hasDropout: builder.hasDropout, hasCustomLayers: builder.hasCustomLayers)
        return (network, builder.cost)
    }

    private init(store: ParameterStore, choices: [Choice], path: Path?) {
        self.store = store
        self.path = path
        choiceIndex = Dictionary(choices.enumerated().map { (TextKey($1.name), $0) }, uniquingKeysWith: { first, _ in first })
    }

    // MARK: - Blocks

    private mutating func build(_ block: Block, _ value: inout Value) throws -> Module {
        switch block {
        case .layer(let layer): return try build(layer, &value)
        case .sequence: return try sequence(block.steps, &value)
        case .sum(let blocks):
            let (modules, shapes) = try branches(blocks, &value)
            guard let first = shapes.first else { throw NASError(.shape, "parallel([]) has no branches") }
            for (i, shape) in shapes.enumerated() where shape != first {
                throw NASError(
                    .shape, "the branches of parallel cannot be added: \(named(blocks[0])) gives \(first.text), \(named(blocks[i])) gives \(shape.text)")
            }
            value.shape = first
            return .sum(modules, first)
        case .concatenation(let blocks):
            let (modules, shapes) = try branches(blocks, &value)
            guard var joined = shapes.first else { throw NASError(.shape, "parallel([]) has no branches") }
            for (i, shape) in shapes.enumerated().dropFirst() {
                guard shape.height == joined.height, shape.width == joined.width else {
                    throw NASError(
                        .shape, "the branches of parallel cannot be joined: \(named(blocks[0])) gives \(shapes[0].text), \(named(blocks[i])) gives \(shape.text)")
                }
                joined.channels += shape.channels
            }
            value.shape = joined
            try check(joined, of: named(block))
            return .concatenation(modules, joined)
        case .gate(let inner):
            value.isImage = false
            var factor = value
            let module = try build(inner, &factor)
            guard factor.shape == ImageShape(height: 1, width: 1, channels: value.shape.channels) else {
                throw NASError(
                    .shape, "gate multiplies the channels of \(value.shape.text), but \(named(inner)) gives \(factor.shape.text)")
            }
            return .gate(module)
        case .cell(let cell): return .cell(try build(cell, &value))
        case .choice(let name, let candidates): return try choice(name, candidates, &value)
        }
    }

    /// A convolution and the batch normalisation after it become one layer.
    private mutating func sequence(_ steps: [Block], _ value: inout Value) throws -> Module {
        var modules: [Module] = []
        var i = 0
        while i < steps.count {
            defer { i += 1 }
            guard case .layer(let layer) = steps[i], let convolution = layer.kind as? any ConvolutionKind, i + 1 < steps.count,
                case .layer(let next) = steps[i + 1], let normalization = next.kind as? BatchNormalization
            else {
                modules.append(try build(steps[i], &value))
                continue
            }
            modules.append(try build(convolution, normalization: normalization, &value))
            i += 1
        }
        return modules.count == 1 ? modules[0] : .sequence(modules)
    }

    private mutating func branches(_ blocks: [Block], _ value: inout Value) throws -> ([Module], [ImageShape]) {
        value.isImage = false
        var modules: [Module] = []
        var shapes: [ImageShape] = []
        let depth = cost.depth
        var deepest = depth
        for block in blocks {
            cost.depth = depth
            var branch = value
            modules.append(try build(block, &branch))
            shapes.append(branch.shape)
            deepest = max(deepest, cost.depth)
        }
        cost.depth = deepest
        return (modules, shapes)
    }

    private mutating func choice(_ name: String, _ candidates: [Block.Candidate], _ value: inout Value) throws -> Module {
        guard let index = choiceIndex[TextKey(name)] else { preconditionFailure("the space knows all choices") }
        value.isImage = false
        var modules: [Module?] = []
        var output: (shape: ImageShape, name: String)?
        for (i, candidate) in candidates.enumerated() {
            if let path, Int(path.choices[index]) != i {
                modules.append(nil)
                continue
            }
            openPlaces.append(places.count)
            places.append(CandidatePlace(choice: index, candidate: i))
            defer { openPlaces.removeLast() }
            var branch = value
            modules.append(try build(candidate.block, &branch))
            if let output, output.shape != branch.shape {
                throw NASError(
                    .shape, "the candidates of choice \"\(name)\" give different shapes: \(output.name) gives \(output.shape.text), \(candidate.name) gives \(branch.shape.text)")
            }
            output = (branch.shape, candidate.name)
        }
        if let output { value.shape = output.shape }
        return .choice(index, modules)
    }

    private mutating func build(_ cell: Block.Cell, _ value: inout Value) throws -> Module.Cell {
        value.isImage = false
        var entering = [value]
        if cell.inputs.count == 2 {
            entering = [Value(shape: lastCellInput ?? value.shape), value]
            lastCellInput = value.shape
        }
        let depth = cost.depth
        var shapes: [ImageShape] = []
        var depths: [Int] = []
        var inputs: [Module] = []
        for (block, value) in zip(cell.inputs, entering) {
            var value = value
            cost.depth = depth
            inputs.append(try build(block, &value))
            shapes.append(value.shape)
            depths.append(cost.depth)
        }
        var edges: [[(source: Int, module: Module)]] = []
        for target in cell.inputs.count..<cell.nodes {
            var incoming: [(source: Int, module: Module)] = []
            var sum: (shape: ImageShape, edge: Block.Cell.Edge)?
            var deepest = depth
            for edge in cell.edges where edge.target == target {
                guard shapes.indices.contains(edge.source) else {
                    throw NASError(.shape, "a cell's edges lead from lower to higher nodes, not from \(edge.source) to \(target)")
                }
                var branch = Value(shape: shapes[edge.source])
                cost.depth = depths[edge.source]
                incoming.append((edge.source, try build(edge.block, &branch)))
                deepest = max(deepest, cost.depth)
                if let sum, sum.shape != branch.shape {
                    throw NASError(
                        .shape, "the edges into node \(target) of a cell cannot be added: \(named(sum.edge.block)) from node \(sum.edge.source) gives \(sum.shape.text), \(named(edge.block)) from node \(edge.source) gives \(branch.shape.text)")
                }
                sum = (branch.shape, edge)
            }
            guard let sum else { throw NASError(.shape, "node \(target) of a cell has no incoming edge") }
            shapes.append(sum.shape)
            depths.append(deepest)
            edges.append(incoming)
        }
        cost.depth = depths.max() ?? depth
        var output = shapes[shapes.count - 1]
        let inner = shapes[cell.inputs.count...]
        if cell.concatenates {
            for (i, shape) in inner.enumerated() where shape.height != output.height || shape.width != output.width {
                throw NASError(
                    .shape, "the nodes of a cell cannot be joined: node \(cell.inputs.count + i) is \(shape.text), node \(cell.nodes - 1) is \(output.text)")
            }
            output.channels = inner.reduce(0) { $0 + $1.channels }
            try check(output, of: "cell")
        }
        value.shape = output
        return Module.Cell(inputs: inputs, shapes: Array(inner), edges: edges, concatenates: cell.concatenates, output: output)
    }

    // MARK: - Layers

    private mutating func build(_ layer: Block.Layer, _ value: inout Value) throws -> Module {
        if layer.kind is Identity { return .identity }
        if let convolution = layer.kind as? any ConvolutionKind { return try build(convolution, normalization: nil, &value) }
        value.isImage = false
        if let composite = layer.kind as? any CompositeLayer { return try build(composite.block(for: value.shape), &value) }
        let input = value.shape
        value.shape = try layer.kind.outputShape(for: input)
        try check(value.shape, of: layer.description)
        if let activation = layer.kind as? Activation { return .activation(activation) }
        if layer.kind is Zero { return .zero(value.shape) }
        cost.flops += try layer.kind.multiplyAdds(for: input)
        if layer.kind.addsDepth { cost.depth += 1 }
        return .layer(try add(layer.kind.planned(for: input, isAlone: isAlone)), value.shape)
    }

    /// A convolution with the batch normalisation after it, if there is one.
    private mutating func build(_ kind: any ConvolutionKind, normalization: BatchNormalization?, _ value: inout Value) throws -> Module {
        let input = value.shape
        var layer = try kind.checked(for: input)
        layer.readsImage = value.isImage && layer.kind == .dense
        if value.isImage, !layer.readsImage {
            // Only dense convolutions read the image itself; the others get it in whole vectors.
            value.isImage = false
            return .sequence([.load, try build(kind, normalization: normalization, &value)])
        }
        value = Value(shape: try kind.outputShape(for: input))
        try check(value.shape, of: kind.description)
        let border = 4 * layer.reach
        try check(
            ImageShape(height: input.height + border, width: input.width + border, channels: max(layer.inputLanes, layer.outputLanes)),
            of: kind.description)
        if let normalization {
            layer.normalizes = true
            (layer.isAffine, layer.isTracked) = (normalization.isAffine ?? isAlone, isAlone)
        }
        let placed = try add(layer)
        // After the weights were counted, and are few enough.
        cost.flops += try kind.multiplyAdds(for: input)
        cost.depth += 1
        return .layer(placed, value.shape)
    }

    /// Gives a layer its place in the store, if it has one, and among the candidates.
    private mutating func add(_ layer: any PlannedLayer) throws -> any PlannedLayer {
        hasDropout = hasDropout || layer.isRandom
        guard let stored = layer as? any StoredLayer else { return layer }
        let placed = store.add(stored)
        placesOfLayer.append(openPlaces)
        hasCustomLayers = hasCustomLayers || placed is CustomLayer
        // Before anything is multiplied by the weights' number.
        guard store.count <= NetworkBuilder.largestStore else {
            throw NASError(.shape, "the network has more than \(NetworkBuilder.largestStore) weights")
        }
        cost.parameters += placed.parameterCount
        return placed
    }

    // MARK: - Limits and names

    private func check(_ shape: ImageShape, of what: String) throws {
        guard shape.height * shape.width * lanes(shape.channels) <= NetworkBuilder.largestImage else {
            throw NASError(.shape, "\(what) gives images of \(shape.text), which are too large")
        }
    }

    private func named(_ block: Block) -> String {
        let text = block.description
        return text.count > 60 ? "\(text.prefix(57))…" : text
    }
}
