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
    private var initializations: [Initialization] = []
    private var lastCellInput: ImageShape?
    private var hasDropout = false
    private var hasCustomLayers = false
    /// What the layers built so far cost.
    private(set) var cost = Cost()

    private enum Initialization { case convolution(ConvolutionLayer), normalization(NormalizationLayer), custom(CustomLayer) }

    /// A value's shape; the input image itself lies in memory otherwise than what layers give.
    private struct Value {
        var shape: ImageShape
        var isImage = false
    }

    /// Floats that a layer's output may have for one image, and that a network may train.
    static let largestImage = 1 << 24, largestStore = 1 << 28

    /// Without a `generator` no memory is taken: enough to know the cost.
    static func build(
        _ block: Block, choices: [Choice], input: ImageShape, path: Path?, store: ParameterStore, generator: UnsafeMutablePointer<Generator>? = nil
    ) throws -> (network: DeclaredNetwork, cost: Cost) {
        var builder = NetworkBuilder(store: store, choices: choices, path: path)
        guard input.count <= largestImage else { throw ShapeError("images of \(text(input)) are too large") }
        var steps = block.steps
        guard case .layer(.linear(let classes, _))? = steps.popLast() else {
            throw ShapeError("a space ends with dense(classes), which tells the classes apart; this one does not")
        }
        // BN, ReLU and the average over pixels in one go, where that is how the network ends.
        var ending: Bool??
        if steps.count >= 4, case .layer(.batchNormalization(let affine)) = steps[steps.count - 3], steps[steps.count - 2] == .relu,
            steps[steps.count - 1] == .globalPool, !steps[steps.count - 4].isConvolution {
            ending = .some(affine)
            steps.removeLast(3)
        }
        var value = Value(shape: input, isImage: true)
        let body = try builder.sequence(steps, &value)
        var finalNormalization: NormalizationLayer?
        if let ending {
            let affine = ending ?? builder.isAlone
            let layer = store.add(NormalizationLayer(
                channels: value.shape.channels, isAffine: affine, isTracked: builder.isAlone))
            if affine { builder.cost.parameters += 2 * value.shape.channels }
            builder.initializations.append(.normalization(layer))
            finalNormalization = layer
        } else if value.shape.height != 1 || value.shape.width != 1 {
            throw ShapeError("dense(\(classes)) takes images of one pixel, not \(text(value.shape)): put \"global_pool\" or \"flatten\" before it")
        }
        guard classes >= 2, classes <= 1 << 16 else { throw ShapeError("a classifier needs 2 to 65536 classes, not \(classes)") }
        let classifier = store.add(LinearLayer(inputs: value.shape.channels, outputs: classes))
        try builder.checkSize()
        builder.cost.parameters += classifier.weightCount
        builder.cost.flops += value.shape.channels * classes
        builder.cost.depth += 1
        if let generator {
            try store.allocate()
            for initialization in builder.initializations {
                switch initialization {
                case .convolution(let layer): store.initialize(layer, using: &generator.pointee)
                case .normalization(let layer): store.initialize(layer)
                case .custom(let layer): store.initialize(layer, using: &generator.pointee)
                }
            }
            store.initialize(classifier, using: &generator.pointee)
        }
        let network = DeclaredNetwork(
            input: input, body: body, placesOfLayer: builder.placesOfLayer, places: builder.places, classifier: classifier,
            finalNormalization: finalNormalization, hasDropout: builder.hasDropout, hasCustomLayers: builder.hasCustomLayers)
        return (network, builder.cost)
    }

    private init(store: ParameterStore, choices: [Choice], path: Path?) {
        self.store = store
        self.path = path
        choiceIndex = Dictionary(choices.enumerated().map { (TextKey($1.name), $0) }, uniquingKeysWith: { first, _ in first })
    }

    static func text(_ shape: ImageShape) -> String { "\(shape.height)x\(shape.width)x\(shape.channels)" }

    // MARK: - Blocks

    private mutating func build(_ block: Block, _ value: inout Value) throws -> Module {
        switch block {
        case .layer(let layer): return try build(layer, &value)
        case .sequence: return try sequence(block.steps, &value)
        case .sum(let blocks):
            let (modules, shapes) = try branches(blocks, &value)
            guard let first = shapes.first else { throw ShapeError("parallel([]) has no branches") }
            for (i, shape) in shapes.enumerated() where shape != first {
                throw ShapeError(
                    "the branches of parallel cannot be added: \(named(blocks[0])) gives \(NetworkBuilder.text(first)), \(named(blocks[i])) gives \(NetworkBuilder.text(shape))")
            }
            value.shape = first
            return .sum(modules, first)
        case .concatenation(let blocks):
            let (modules, shapes) = try branches(blocks, &value)
            guard var joined = shapes.first else { throw ShapeError("parallel([]) has no branches") }
            for (i, shape) in shapes.enumerated().dropFirst() {
                guard shape.height == joined.height, shape.width == joined.width else {
                    throw ShapeError(
                        "the branches of parallel cannot be joined: \(named(blocks[0])) gives \(NetworkBuilder.text(shapes[0])), \(named(blocks[i])) gives \(NetworkBuilder.text(shape))")
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
                throw ShapeError("gate multiplies the channels of \(NetworkBuilder.text(value.shape)), but \(named(inner)) gives \(NetworkBuilder.text(factor.shape))")
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
            if case .layer(let layer) = steps[i], steps[i].isConvolution {
                var affine: Bool??
                if i + 1 < steps.count, case .layer(.batchNormalization(let given)) = steps[i + 1] {
                    affine = .some(given)
                    i += 1
                }
                modules.append(try convolution(layer, normalization: affine, &value))
            } else {
                modules.append(try build(steps[i], &value))
            }
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
                throw ShapeError(
                    "the candidates of choice \"\(name)\" give different shapes: \(output.name) gives \(NetworkBuilder.text(output.shape)), \(candidate.name) gives \(NetworkBuilder.text(branch.shape))")
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
                guard shapes.indices.contains(edge.source) else { throw ShapeError("a cell's edges lead from lower to higher nodes, not from \(edge.source) to \(target)") }
                var branch = Value(shape: shapes[edge.source])
                cost.depth = depths[edge.source]
                incoming.append((edge.source, try build(edge.block, &branch)))
                deepest = max(deepest, cost.depth)
                if let sum, sum.shape != branch.shape {
                    throw ShapeError(
                        "the edges into node \(target) of a cell cannot be added: \(named(sum.edge.block)) from node \(sum.edge.source) gives \(NetworkBuilder.text(sum.shape)), \(named(edge.block)) from node \(edge.source) gives \(NetworkBuilder.text(branch.shape))")
                }
                sum = (branch.shape, edge)
            }
            guard let sum else { throw ShapeError("node \(target) of a cell has no incoming edge") }
            shapes.append(sum.shape)
            depths.append(deepest)
            edges.append(incoming)
        }
        cost.depth = depths.max() ?? depth
        var output = shapes[shapes.count - 1]
        let inner = shapes[cell.inputs.count...]
        if cell.concatenates {
            for (i, shape) in inner.enumerated() where shape.height != output.height || shape.width != output.width {
                throw ShapeError(
                    "the nodes of a cell cannot be joined: node \(cell.inputs.count + i) is \(NetworkBuilder.text(shape)), node \(cell.nodes - 1) is \(NetworkBuilder.text(output))")
            }
            output.channels = inner.reduce(0) { $0 + $1.channels }
            try check(output, of: "cell")
        }
        value.shape = output
        return Module.Cell(inputs: inputs, shapes: Array(inner), edges: edges, concatenates: cell.concatenates, output: output)
    }

    // MARK: - Layers

    private mutating func build(_ layer: Block.Layer, _ value: inout Value) throws -> Module {
        let shape = value.shape
        let wasImage = value.isImage
        value.isImage = false
        switch layer {
        case .identity:
            value.isImage = wasImage
            return .identity
        case .convolution, .linear:
            value.isImage = wasImage
            return try convolution(layer, normalization: nil, &value)
        case .activation(let function): return .activation(function)
        case .batchNormalization(let affine):
            return .operation(.batchNormalization(addNormalization(shape, affine: affine ?? isAlone, isTracked: isAlone)), shape)
        case .layerNormalization(let affine):
            return .operation(.layerNormalization(addNormalization(shape, affine: affine, isTracked: false)), shape)
        case .maximumPool(let kernel, let stride, let padding):
            value.shape = try pooled(shape, kernel, stride, padding, layer)
            return .operation(.pool(PoolLayer(kind: .maximum, kernel: kernel, stride: stride, padding: padding)), value.shape)
        case .averagePool(let kernel, let stride, let padding, let countsPadding):
            value.shape = try pooled(shape, kernel, stride, padding, layer)
            if kernel == 3, stride == 1, padding == 1, !countsPadding { return .operation(.averagePool, value.shape) }
            return .operation(
                .pool(PoolLayer(kind: .average, kernel: kernel, stride: stride, padding: padding, countsPadding: countsPadding)), value.shape)
        case .globalPool:
            value.shape = ImageShape(height: 1, width: 1, channels: shape.channels)
            return .operation(.globalPool(nil), value.shape)
        case .flatten:
            value.shape = ImageShape(height: 1, width: 1, channels: shape.count)
            return .operation(.flatten, value.shape)
        case .dropout(let rate):
            guard rate >= 0, rate < 1 else { throw ShapeError("dropout drops a share from 0 to below 1, not \(rate)") }
            hasDropout = true
            return .operation(.dropout(DropoutLayer(rate: rate, index: addLayer())), shape)
        case .zero(let stride):
            guard (1...64).contains(stride) else { throw ShapeError("\(layer.description): the stride must be from 1 to 64") }
            value.shape.height = (shape.height + stride - 1) / stride
            value.shape.width = (shape.width + stride - 1) / stride
            return .zero(value.shape)
        case .shift:
            guard shape.height > 1, shape.width > 1 else { throw ShapeError("\(layer.description) needs images of at least 2x2 pixels, not \(NetworkBuilder.text(shape))") }
            return .operation(.shift, shape)
        case .squeezeExcite(let reduction):
            guard reduction >= 1 else { throw ShapeError("\(layer.description): the reduction must be at least 1") }
            let inner = Block.sequence([
                .globalPool, .convolution(max(1, shape.channels / reduction), kernel: 1, bias: true), .relu,
                .convolution(shape.channels, kernel: 1, bias: true), .layer(.activation(.sigmoid)),
            ])
            return try build(.gate(inner), &value)
        case .custom(let custom):
            value.shape = try custom.function.outputShape(for: shape)
            try check(value.shape, of: layer.description)
            let made = store.add(custom.function, input: shape, output: value.shape)
            try checkSize()
            placesOfLayer.append(openPlaces)
            initializations.append(.custom(made))
            hasCustomLayers = true
            cost.parameters += custom.function.weights.reduce(0) { $0 + $1.count }
            cost.flops += try custom.function.multiplyAdds(for: shape)
            return .operation(.custom(made), value.shape)
        }
    }

    /// A convolution or linear layer. `normalization` is that of the batch normalisation after it.
    private mutating func convolution(_ layer: Block.Layer, normalization: Bool??, _ value: inout Value) throws -> Module {
        let shape = value.shape
        var made: ConvolutionLayer
        switch layer {
        case .convolution(let c):
            made = ConvolutionLayer(
                inputs: shape.channels, outputs: c.outputs ?? shape.channels, kernel: c.kernel, stride: c.stride, padding: c.padding,
                dilation: c.dilation, groups: c.isDepthwise ? shape.channels : c.groups, hasBias: c.bias)
        case .linear(let outputs, let bias):
            guard shape.height == 1, shape.width == 1 else {
                throw ShapeError("\(layer.description) takes images of one pixel, not \(NetworkBuilder.text(shape)): put \"global_pool\" or \"flatten\" before it")
            }
            made = ConvolutionLayer(inputs: shape.channels, outputs: outputs, kernel: 1, stride: 1, hasBias: bias)
        default: preconditionFailure("only convolutions and linear layers come here")
        }
        func fail(_ message: String) -> ShapeError { ShapeError("\(layer.description): \(message)") }
        guard (1...1 << 16).contains(made.outputs) else { throw fail("there must be 1 to 65536 output channels") }
        guard (1...64).contains(made.kernel), (1...64).contains(made.stride), (1...64).contains(made.dilation) else {
            throw fail("kernel, stride and dilation must be from 1 to 64")
        }
        guard made.groups >= 1, made.inputs % made.groups == 0, made.outputs % made.groups == 0 else {
            throw fail("\(made.groups) groups do not divide the \(made.inputs) input and \(made.outputs) output channels")
        }
        let reach = made.dilation * (made.kernel - 1)
        guard (0...max(0, reach)).contains(made.padding ?? 0) else { throw fail("the padding must be from 0 to \(reach), what the kernel reaches over") }
        made.activation = nil
        made.readsImage = value.isImage && made.kind == .dense
        if value.isImage, made.kind != .dense {
            // Only dense convolutions read the image itself; the others get it in whole vectors.
            value.isImage = false
            let loaded = try convolution(layer, normalization: normalization, &value)
            return .sequence([.operation(.load, shape), loaded])
        }
        let key = made.geometry(height: shape.height, width: shape.width)
        guard shape.height + 2 * key.border > reach, shape.width + 2 * key.border > reach else {
            throw fail("images of \(NetworkBuilder.text(shape)) are smaller than the kernel")
        }
        value = Value(shape: ImageShape(height: key.outputHeight, width: key.outputWidth, channels: made.outputs))
        try check(value.shape, of: layer.description)
        try check(ImageShape(height: shape.height + 4 * reach, width: shape.width + 4 * reach, channels: max(made.inputLanes, made.outputLanes)), of: layer.description)
        if let normalization {
            made.isAffine = normalization ?? isAlone
            made.isTracked = isAlone
        } else {
            made.normalizes = false
        }
        made = store.add(made)
        // Before anything is multiplied by the weights' number.
        try checkSize()
        placesOfLayer.append(openPlaces)
        initializations.append(.convolution(made))
        cost.parameters += made.parameterCount
        cost.flops += value.shape.height * value.shape.width * made.taps * (made.inputs / made.groups) * made.outputs
        cost.depth += 1
        return .convolution(made, value.shape)
    }

    private mutating func addNormalization(_ shape: ImageShape, affine: Bool, isTracked: Bool) -> NormalizationLayer {
        var layer = store.add(NormalizationLayer(channels: shape.channels, isAffine: affine, isTracked: isTracked))
        placesOfLayer.append(openPlaces)
        layer.index = store.nextIndex([layer.affineRange], running: layer.runningRange)
        initializations.append(.normalization(layer))
        if affine { cost.parameters += 2 * shape.channels }
        return layer
    }

    private mutating func addLayer() -> Int {
        placesOfLayer.append(openPlaces)
        return store.nextIndex()
    }

    private func pooled(_ shape: ImageShape, _ kernel: Int, _ stride: Int, _ padding: Int, _ layer: Block.Layer) throws -> ImageShape {
        guard (1...256).contains(kernel), (1...256).contains(stride), (0...kernel / 2).contains(padding) else {
            throw ShapeError("\(layer.description): kernel and stride must be from 1 to 256, the padding at most half the kernel")
        }
        guard shape.height + 2 * padding >= kernel, shape.width + 2 * padding >= kernel else {
            throw ShapeError("\(layer.description): images of \(NetworkBuilder.text(shape)) are smaller than the window")
        }
        return ImageShape(height: (shape.height + 2 * padding - kernel) / stride + 1, width: (shape.width + 2 * padding - kernel) / stride + 1, channels: shape.channels)
    }

    // MARK: - Limits and names

    private func check(_ shape: ImageShape, of what: String) throws {
        guard shape.height * shape.width * lanes(shape.channels) <= NetworkBuilder.largestImage else {
            throw ShapeError("\(what) gives images of \(NetworkBuilder.text(shape)), which are too large")
        }
    }

    private func checkSize() throws {
        guard store.count <= NetworkBuilder.largestStore else { throw ShapeError("the network has more than \(NetworkBuilder.largestStore) weights") }
    }

    private func named(_ block: Block) -> String {
        let text = block.description
        return text.count > 60 ? "\(text.prefix(57))…" : text
    }
}

extension Block {
    var isConvolution: Bool {
        switch self {
        case .layer(.convolution), .layer(.linear): true
        default: false
        }
    }
}
