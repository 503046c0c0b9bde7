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

    public typealias Layer = DeclaredLayer
    public typealias Convolution = DeclaredConvolution
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

    public static func convolution(
        _ outputs: Int, kernel: Int = 3, stride: Int = 1, dilation: Int = 1, groups: Int = 1, bias: Bool = false
    ) -> Block {
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

    /// `count` copies in a row, each with weights of its own and all with the same decisions.
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
    package var steps: [Block] {
        guard case .sequence(let blocks) = self else { return [self] }
        return blocks.flatMap(\.steps)
    }

    /// How many blocks it holds, without what these hold.
    package var partCount: Int {
        switch self {
        case .layer: 0
        case .sequence(let blocks), .sum(let blocks), .concatenation(let blocks): blocks.count
        case .gate: 1
        case .cell(let cell): cell.inputs.count + cell.edges.count
        case .choice(_, let candidates): candidates.count
        }
    }

    /// The names of the choices, in the order in which they first occur.
    package var choiceNames: [String] {
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
    package var customFunctions: [any CustomFunction] {
        var functions: [any CustomFunction] = []
        var known: Set<ObjectIdentifier> = []
        func visit(_ block: Block) {
            if case .layer(let layer) = block, let custom = layer.kind as? Custom, known.insert(ObjectIdentifier(custom.function)).inserted
            {
                functions.append(custom.function)
            }
            for child in block.children { visit(child) }
        }
        visit(self)
        return functions
    }

    /// Whether it gives zeros: an edge of it is none.
    package var isZero: Bool { if case .layer(let layer) = self { layer.kind is Zero } else { false } }

    /// Whether there is anything to train in a supernet.
    var hasParameters: Bool {
        if case .layer(let layer) = self { layer.kind.hasParameters } else { children.contains(where: \.hasParameters) }
    }

    /// The block in padash's notation, such as `[conv(16, kernel: 3), "batch_norm"]`.
    public var description: String {
        switch self {
        case .layer(let layer): layer.description
        case .sequence(let blocks): "[\(blocks.map(\.description).joined(separator: ", "))]"
        case .sum(let blocks): "parallel([\(blocks.map(\.description).joined(separator: ", "))])"
        case .concatenation(let blocks): "parallel([\(blocks.map(\.description).joined(separator: ", "))], join: \"concat\")"
        case .gate(let block): "gate(\(block.description))"
        case .cell(let cell): "cell(nodes: \(cell.nodes))"
        case .choice(let name, let candidates):
            "choice(\"\(name)\", {\(candidates.map { "\($0.name): \($0.block.description)" }.joined(separator: ", "))})"
        }
    }
}
