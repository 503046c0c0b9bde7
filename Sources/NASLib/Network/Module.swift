/// A block that has got its shapes and its layers' places in a store.
indirect enum Module: Sendable {
    /// A layer, and the shape that it gives.
    case layer(any PlannedLayer, ImageShape)
    /// Applied by the next layer as it reads, where that can.
    case activation(Activation)
    case identity
    /// The input image in whole vectors.
    case load
    case zero(ImageShape)
    case sequence([Module])
    case sum([Module], ImageShape)
    case concatenation([Module], ImageShape)
    case gate(Module)
    case cell(Cell)
    /// Candidates without weights are nil where a network is built for one path.
    case choice(Int, [Module?])

    struct Cell: Sendable {
        var inputs: [Module]
        var shapes: [ImageShape]
        /// Incoming edges of each node after the inputs.
        var edges: [[(source: Int, module: Module)]]
        var concatenates: Bool
        var output: ImageShape
    }
}

/// The network of a space: its layers, in a store, and the plan of each path through them.
struct DeclaredNetwork: Sendable {
    let input: ImageShape
    let body: Module
    /// For each layer of the store, the places that it belongs to.
    let placesOfLayer: [[Int]]
    let places: [CandidatePlace]
    /// Whether steps need random numbers.
    let hasDropout: Bool
    /// Whether parts are computed by functions that must run on the thread that asks for them.
    let hasCustomLayers: Bool

    func plan(for path: Path) -> Plan {
        var plan = wholePlan(for: path)
        plan.prune()
        return plan
    }

    /// With all that does not matter.
    func wholePlan(for path: Path) -> Plan {
        var emitter = PlanEmitter(path: path, plan: Plan(input: input))
        var logits = emitter.emit(body, PlanEmitter.Signal(shape: input, node: -1))
        emitter.end(&logits)
        return emitter.plan
    }
}

/// Turns modules into a plan's nodes.
struct PlanEmitter {
    let path: Path
    private(set) var plan: Plan
    /// What entered the last cell of two inputs.
    private var lastCellInput: Signal?

    init(path: Path, plan: Plan) { (self.path, self.plan) = (path, plan) }

    /// A value on its way: a node's value, or a sum of edges that has not become a node yet, and an activation that is
    /// still to be applied, which the next layer may do as it reads.
    struct Signal {
        var shape: ImageShape
        var node: Int?
        var edges: [Plan.Edge] = []
        var activation: Activation?
    }

    /// The last node holds the logits.
    mutating func end(_ logits: inout Signal) { _ = place(&logits) }

    private mutating func append(_ shape: ImageShape, _ edges: [Plan.Edge]) -> Int {
        plan.nodes.append(.init(height: shape.height, width: shape.width, channels: shape.channels, edges: edges))
        return plan.nodes.count - 1
    }

    /// The node with the value before its pending activation.
    private mutating func place(_ signal: inout Signal) -> Int {
        if let node = signal.node, node >= 0 { return node }
        let node = append(signal.shape, signal.node == -1 ? [.init(source: -1, Load())] : signal.edges)
        (signal.node, signal.edges) = (node, [])
        return node
    }

    /// The node with the value, everything applied.
    private mutating func read(_ signal: inout Signal) -> Int {
        let node = place(&signal)
        guard let activation = signal.activation else { return node }
        signal.activation = nil
        signal.node = append(signal.shape, [.init(source: node, activation)])
        return signal.node ?? node
    }

    /// As edges into a sum.
    private mutating func edges(_ signal: Signal) -> [Plan.Edge] {
        var signal = signal
        if signal.activation == nil, signal.node == nil { return signal.edges }
        return [.init(source: read(&signal), Identity())]
    }

    mutating func emit(_ module: Module, _ signal: Signal) -> Signal {
        var signal = signal
        switch module {
        case .identity: return signal
        case .zero(let shape): return Signal(shape: shape)
        case .activation(let activation):
            if signal.activation != nil { _ = read(&signal) }
            _ = place(&signal)
            signal.activation = activation
            return signal
        case .load:
            _ = place(&signal)
            return signal
        case .layer(let layer, let shape):
            if layer.readsImage, signal.node == -1, signal.activation == nil { return Signal(shape: shape, edges: [.init(source: -1, layer)]) }
            if let activation = signal.activation, let applying = layer.applying(activation) {
                return Signal(shape: shape, edges: [.init(source: place(&signal), applying)])
            }
            let edges = [Plan.Edge(source: read(&signal), layer)]
            return layer.needsNode ? Signal(shape: shape, node: append(shape, edges)) : Signal(shape: shape, edges: edges)
        case .sequence(let modules):
            for module in modules { signal = emit(module, signal) }
            return signal
        case .sum(let branches, let shape):
            _ = read(&signal)
            return Signal(shape: shape, edges: branches.flatMap { edges(emit($0, signal)) })
        case .concatenation(let branches, let shape):
            _ = read(&signal)
            return concatenate(branches.map { emit($0, signal) }, shape)
        case .gate(let module):
            let source = read(&signal)
            var factor = emit(module, signal)
            return Signal(shape: signal.shape, edges: [.init(source: source, factor: read(&factor), Gate())])
        case .cell(let cell): return emit(cell, signal)
        case .choice(let index, let candidates):
            if signal.node == -1 { _ = place(&signal) }
            let candidate = Int(path.choices[index])
            guard candidates.indices.contains(candidate), let chosen = candidates[candidate] else { preconditionFailure("the path has no weights here") }
            return emit(chosen, signal)
        }
    }

    private mutating func concatenate(_ parts: [Signal], _ shape: ImageShape) -> Signal {
        var edges: [Plan.Edge] = []
        var start = 0
        for part in parts {
            var part = part
            edges.append(.init(source: read(&part), Concatenation(start: start)))
            start += part.shape.channels
        }
        return Signal(shape: shape, node: append(shape, edges))
    }

    private mutating func emit(_ cell: Module.Cell, _ signal: Signal) -> Signal {
        var signal = signal
        _ = read(&signal)
        var nodes: [Signal]
        if cell.inputs.count == 2 {
            let previous = lastCellInput ?? signal
            lastCellInput = signal
            nodes = [emit(cell.inputs[0], previous), emit(cell.inputs[1], signal)]
        } else {
            nodes = cell.inputs.map { emit($0, signal) }
        }
        for i in nodes.indices { _ = read(&nodes[i]) }
        for (incoming, shape) in zip(cell.edges, cell.shapes) {
            var sum: [Plan.Edge] = []
            for edge in incoming {
                _ = read(&nodes[edge.source])
                sum += edges(emit(edge.module, nodes[edge.source]))
            }
            nodes.append(Signal(shape: shape, edges: sum))
        }
        guard cell.concatenates else { return nodes[nodes.count - 1] }
        return concatenate(Array(nodes[cell.inputs.count...]), cell.output)
    }
}
