import Text

/// What networks are declared from: layers, and ways to put blocks together. A block holds no numbers and knows no
/// shapes; those come when a space is built for images of some shape.
///
/// A choice is known by its name: choices of one name are one decision, made alike wherever the name occurs, with
/// weights of their own at every place.
public indirect enum Block: Sendable, Equatable {
    case layer(Layer)
    /// One after the other.
    case sequence([Block])
    /// All on the same input, their outputs added.
    case sum([Block])
    /// All on the same input, their outputs' channels one after the other.
    case concatenation([Block])
    /// The input times the block's output, which is one number a channel.
    case gate(Block)
    case cell(Cell)
    case choice(name: String, candidates: [Candidate])

    public struct Candidate: Sendable, Equatable {
        public var name: String
        public var block: Block

        public init(_ name: String, _ block: Block) { (self.name, self.block) = (name, block) }

        public static func == (a: Candidate, b: Candidate) -> Bool { a.name.isSame(as: b.name) && a.block == b.block }
    }

    /// A directed graph whose nodes are the sums of their incoming edges.
    public struct Cell: Sendable, Equatable {
        public struct Edge: Sendable, Equatable {
            public var source: Int
            public var target: Int
            public var block: Block

            public init(_ source: Int, _ target: Int, _ block: Block) { (self.source, self.target, self.block) = (source, target, block) }
        }

        /// For each of the first nodes, what is done to the value that enters there. With one, that is the value before
        /// the cell; with two, the first is the one that entered the last such cell before (the same one, where there is none).
        public var inputs: [Block]
        /// All nodes, those of the inputs counted.
        public var nodes: Int
        public var edges: [Edge]
        /// Whether the cell gives the channels of all nodes but the inputs', one after the other; otherwise the last node.
        public var concatenates: Bool

        public init(inputs: [Block] = [.identity], nodes: Int, edges: [Edge], concatenates: Bool = false) {
            (self.inputs, self.nodes, self.edges, self.concatenates) = (inputs, nodes, edges, concatenates)
        }
    }

    public enum Layer: Sendable, Equatable {
        case convolution(Convolution)
        case linear(outputs: Int, bias: Bool)
        /// Over the batch. Without `affine` it has gamma, beta and running statistics in a stand-alone network and not in a supernet.
        case batchNormalization(affine: Bool?)
        /// Over the channels of each pixel.
        case layerNormalization(affine: Bool)
        case activation(Activation)
        case maximumPool(kernel: Int, stride: Int, padding: Int)
        case averagePool(kernel: Int, stride: Int, padding: Int, countsPadding: Bool)
        case globalPool
        case flatten
        case dropout(Double)
        case identity
        /// Nothing: zeros, of an image smaller by the stride.
        case zero(stride: Int)
        /// One pixel up and to the left.
        case shift
        /// Each channel times a number from 0 to 1 that two small layers make of all channels' means.
        case squeezeExcite(reduction: Int)
        case custom(Custom)
    }

    public struct Convolution: Sendable, Equatable {
        /// nil keeps the input's channels.
        public var outputs: Int?
        public var kernel: Int
        public var stride: Int
        /// nil pads as much as keeps the size of the image where the stride is 1.
        public var padding: Int?
        public var dilation: Int
        public var groups: Int
        /// One group for each channel.
        public var isDepthwise: Bool
        public var bias: Bool

        public init(
            outputs: Int?, kernel: Int, stride: Int = 1, padding: Int? = nil, dilation: Int = 1, groups: Int = 1, isDepthwise: Bool = false,
            bias: Bool = false
        ) {
            (self.outputs, self.kernel, self.stride, self.padding) = (outputs, kernel, stride, padding)
            (self.dilation, self.groups, self.isDepthwise, self.bias) = (dilation, groups, isDepthwise, bias)
        }
    }
}

extension Block {
    public static func == (a: Block, b: Block) -> Bool {
        switch (a, b) {
        case (.layer(let a), .layer(let b)): a == b
        case (.sequence(let a), .sequence(let b)), (.sum(let a), .sum(let b)), (.concatenation(let a), .concatenation(let b)): a == b
        case (.gate(let a), .gate(let b)): a == b
        case (.cell(let a), .cell(let b)): a == b
        case (.choice(let name, let a), .choice(let other, let b)): name.isSame(as: other) && a == b
        default: false
        }
    }
}

// MARK: - Short ways to write blocks

extension Block {
    public static let identity = Block.layer(.identity)
    public static let relu = Block.layer(.activation(.relu))
    public static let batchNormalization = Block.layer(.batchNormalization(affine: nil))
    public static let globalPool = Block.layer(.globalPool)
    public static let flatten = Block.layer(.flatten)

    public static func convolution(_ outputs: Int, kernel: Int = 3, stride: Int = 1, dilation: Int = 1, groups: Int = 1, bias: Bool = false) -> Block {
        .layer(.convolution(Convolution(outputs: outputs, kernel: kernel, stride: stride, dilation: dilation, groups: groups, bias: bias)))
    }

    public static func depthwise(kernel: Int = 3, stride: Int = 1, dilation: Int = 1) -> Block {
        .layer(.convolution(Convolution(outputs: nil, kernel: kernel, stride: stride, dilation: dilation, isDepthwise: true)))
    }

    public static func linear(_ outputs: Int) -> Block { .layer(.linear(outputs: outputs, bias: true)) }
    public static func zero(stride: Int = 1) -> Block { .layer(.zero(stride: stride)) }

    public static func maximumPool(kernel: Int, stride: Int, padding: Int) -> Block {
        .layer(.maximumPool(kernel: kernel, stride: stride, padding: padding))
    }

    public static func averagePool(kernel: Int, stride: Int, padding: Int) -> Block {
        .layer(.averagePool(kernel: kernel, stride: stride, padding: padding, countsPadding: false))
    }

    /// The block's output plus its input.
    public static func residual(_ body: Block, shortcut: Block = .identity) -> Block { .sum([body, shortcut]) }

    /// So many copies in a row, each with weights of its own and all with the same decisions.
    public static func repeated(_ count: Int, _ block: Block) -> Block { .sequence(Array(repeating: block, count: max(0, count))) }
}

// MARK: - Looking through blocks

extension Block {
    /// The blocks right inside.
    var children: [Block] {
        switch self {
        case .layer: []
        case .sequence(let blocks), .sum(let blocks), .concatenation(let blocks): blocks
        case .gate(let block): [block]
        case .cell(let cell): cell.inputs + cell.edges.map(\.block)
        case .choice(_, let candidates): candidates.map(\.block)
        }
    }

    /// The layers and blocks of a sequence, sequences inside it opened.
    public var steps: [Block] {
        guard case .sequence(let blocks) = self else { return [self] }
        return blocks.flatMap(\.steps)
    }

    /// How many blocks it holds, without what these hold.
    public var partCount: Int {
        switch self {
        case .layer: 0
        case .sequence(let blocks), .sum(let blocks), .concatenation(let blocks): blocks.count
        case .gate: 1
        case .cell(let cell): cell.inputs.count + cell.edges.count
        case .choice(_, let candidates): candidates.count
        }
    }

    /// The names of the choices, in the order in which they first occur.
    public var choiceNames: [String] {
        var names: [String] = []
        var known: Set<TextKey> = []
        func visit(_ block: Block) {
            if case .choice(let name, _) = block, known.insert(TextKey(name)).inserted { names.append(name) }
            for child in block.children { visit(child) }
        }
        visit(self)
        return names
    }

    /// The functions of its custom layers, each once, in the order in which they first occur.
    public var customFunctions: [any CustomFunction] {
        var functions: [any CustomFunction] = []
        var known: Set<ObjectIdentifier> = []
        func visit(_ block: Block) {
            if case .layer(.custom(let custom)) = block, known.insert(ObjectIdentifier(custom.function)).inserted { functions.append(custom.function) }
            for child in block.children { visit(child) }
        }
        visit(self)
        return functions
    }

    /// Whether there is anything to train in a supernet.
    var hasParameters: Bool {
        switch self {
        case .layer(.custom(let custom)): !custom.function.weights.isEmpty
        case .layer(.convolution), .layer(.linear), .layer(.batchNormalization(affine: true)), .layer(.layerNormalization(affine: true)),
            .layer(.squeezeExcite): true
        default: children.contains(where: \.hasParameters)
        }
    }

    /// As it is written in the language.
    public var description: String {
        switch self {
        case .layer(let layer): layer.description
        case .sequence(let blocks): "[\(blocks.map(\.description).joined(separator: ", "))]"
        case .sum(let blocks): "parallel([\(blocks.map(\.description).joined(separator: ", "))])"
        case .concatenation(let blocks): "parallel([\(blocks.map(\.description).joined(separator: ", "))], join: \"concat\")"
        case .gate(let block): "gate(\(block.description))"
        case .cell(let cell): "cell(nodes: \(cell.nodes))"
        case .choice(let name, let candidates): "choice(\"\(name)\", {\(candidates.map { "\($0.name): \($0.block.description)" }.joined(separator: ", "))})"
        }
    }
}

extension Block.Layer {
    public var description: String {
        func call(_ name: String, _ arguments: [String?]) -> String { "\(name)(\(arguments.compactMap(\.self).joined(separator: ", ")))" }
        switch self {
        case .convolution(let c):
            return call(c.isDepthwise ? "depthwise" : "conv", [
                c.outputs.map(String.init), "kernel: \(c.kernel)", c.stride == 1 ? nil : "stride: \(c.stride)", c.padding.map { "padding: \($0)" },
                c.dilation == 1 ? nil : "dilation: \(c.dilation)", c.groups == 1 ? nil : "groups: \(c.groups)", c.bias ? "bias: true" : nil,
            ])
        case .linear(let outputs, let bias): return call("dense", ["\(outputs)", bias ? nil : "bias: false"])
        case .batchNormalization(let affine): return affine.map { "batch_norm(affine: \($0))" } ?? "\"batch_norm\""
        case .layerNormalization(let affine): return call("layer_norm", [affine ? nil : "affine: false"])
        case .activation(let function): return "\"\(function.rawValue)\""
        case .maximumPool(let kernel, let stride, let padding): return call("max_pool", ["\(kernel)", "stride: \(stride)", "padding: \(padding)"])
        case .averagePool(let kernel, let stride, let padding, let counts):
            return call("avg_pool", ["\(kernel)", "stride: \(stride)", "padding: \(padding)", counts ? "count_padding: true" : nil])
        case .globalPool: return "\"global_pool\""
        case .flatten: return "\"flatten\""
        case .dropout(let rate): return call("dropout", ["\(rate)"])
        case .identity: return "\"skip\""
        case .zero(let stride): return stride == 1 ? "\"none\"" : "zero(stride: \(stride))"
        case .shift: return "\"shift\""
        case .squeezeExcite(let reduction): return call("squeeze_excite", ["reduction: \(reduction)"])
        case .custom(let custom): return custom.function.description
        }
    }
}
