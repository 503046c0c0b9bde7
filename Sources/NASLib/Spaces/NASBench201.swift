import Text

/// The cell space of NAS-Bench-201 (Dong and Yang, 2020): six edges between four nodes, five candidates on each.
///
/// Notation: `|op~0|+|op~0|op~1|+|op~0|op~1|op~2|`, the incoming edges of nodes 1, 2 and 3 with their sources.
public final class NASBench201: NetworkSpace {
    public let name = "nasbench201"
    public let choices: [Choice]
    /// Channels of the first stage, a multiple of 8; each later stage has twice as many.
    public let channels: Int
    /// Cells in each of the three stages.
    public let cells: Int
    public let classes: Int
    public let body: Block

    public static let largestCells = 100
    private enum Candidate: Int { case none, skip, convolution1, convolution3, averagePool }
    /// The names of the candidates, in the order of `Candidate`.
    public static let candidates = ["none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3"]
    /// Source node of each edge, and its target, in the order of the arch string.
    private static let edges: [(source: Int, target: Int)] = [(0, 1), (0, 2), (1, 2), (0, 3), (1, 3), (2, 3)]

    public init(channels: Int = 16, cells: Int = 5, classes: Int = 10) {
        self.channels = channels
        self.cells = cells
        self.classes = classes
        body = NASBench201.body(channels: channels, cells: cells, classes: classes)
        choices = NASBench201.edges.map {
            Choice(name: "\($0.source)->\($0.target)", candidates: NASBench201.candidates, parametric: ["nor_conv_1x1", "nor_conv_3x3"])
        }
    }

    /// Stem, three stages of cells with residual reduction blocks between them, BN, ReLU, pooling, classifier.
    private static func body(channels: Int, cells: Int, classes: Int) -> Block {
        func convolution(_ outputs: Int, kernel: Int, stride: Int = 1) -> Block {
            .sequence([.relu, .convolution(outputs, kernel: kernel, stride: stride), .batchNormalization])
        }
        var blocks: [Block] = [.convolution(channels), .batchNormalization]
        for stage in 0..<3 {
            let width = channels << stage
            if stage > 0 {
                blocks.append(.residual(
                    .sequence([convolution(width, kernel: 3, stride: 2), convolution(width, kernel: 3)]),
                    shortcut: .sequence([.averagePool(kernel: 2, stride: 2, padding: 0), .convolution(width, kernel: 1)])))
            }
            let operations: [Block] = [
                .zero(), .identity, convolution(width, kernel: 1), convolution(width, kernel: 3),
                .averagePool(kernel: 3, stride: 1, padding: 1),
            ]
            let edges = NASBench201.edges.map { ends in
                Block.Cell.Edge(ends.source, ends.target, .choice(
                    name: "\(ends.source)->\(ends.target)", candidates: zip(candidates, operations).map { Block.Candidate($0, $1) }))
            }
            blocks.append(.repeated(min(cells, largestCells), .cell(.init(nodes: 4, edges: edges))))
        }
        return .sequence(blocks + [.batchNormalization, .relu, .globalPool, .linear(classes)])
    }

    public func checkImages(_ input: ImageShape) throws {
        guard channels > 0, channels % 8 == 0, channels <= 4096 else {
            throw NASError(.shape, "a supernet's channels must be a multiple of 8 up to 4096, not \(channels)")
        }
        guard (1...NASBench201.largestCells).contains(cells) else {
            throw NASError(.shape, "a supernet needs at least one cell in each stage, and at most \(NASBench201.largestCells)")
        }
        guard classes > 1 else { throw NASError(.shape, "a classifier needs at least two classes") }
        guard input.height % 4 == 0, input.width % 4 == 0, input.height > 0, input.width > 0, input.channels > 0 else {
            throw NASError(.shape, "images of \(input.height)x\(input.width) cannot be halved twice: sides must be multiples of 4")
        }
    }

    public func format(_ path: Path) -> String {
        var groups = ["", "", ""]
        for (edge, ends) in NASBench201.edges.enumerated() {
            groups[ends.target - 1] += "\(NASBench201.candidates[Int(path.choices[edge])])~\(ends.source)|"
        }
        return groups.map { "|" + $0 }.joined(separator: "+")
    }

    public func parse(_ text: String) throws -> Path {
        var choices: [UInt8] = []
        var offset = 0
        let groups = text.split(separator: "+", omittingEmptySubsequences: false)
        for (i, group) in groups.enumerated() {
            guard i < 3 else {
                throw NASError(
                    .value, "a cell has three nodes, but there is more after the third", hint: NASBench201.form, offset: offset - 1)
            }
            try parse(group, target: i + 1, at: offset, into: &choices)
            offset += group.count + 1
        }
        guard groups.count == 3 else {
            throw NASError(
                .value, "a cell has three nodes joined by '+', this has \(groups.count)", hint: NASBench201.form, offset: text.count)
        }
        return Path(choices)
    }

    private static let form = "the form is |op~0|+|op~0|op~1|+|op~0|op~1|op~2|"

    /// The edges into one node: `|op~0|op~1|`.
    private func parse(_ group: Substring, target: Int, at start: Int, into choices: inout [UInt8]) throws {
        guard group.count >= 2, group.first == "|", group.last == "|" else {
            throw NASError(.value, "the edges into node \(target) must stand between bars", hint: NASBench201.form, offset: start)
        }
        let edges = group.dropFirst().dropLast().split(separator: "|", omittingEmptySubsequences: false)
        guard edges.count == target else {
            throw NASError(
                .value, "node \(target) has \(target) incoming edge\(target == 1 ? "" : "s"), this gives \(edges.count)",
                hint: NASBench201.form, offset: start)
        }
        var offset = start + 1
        for (source, edge) in edges.enumerated() {
            let parts = edge.split(separator: "~", omittingEmptySubsequences: false)
            guard parts.count == 2 else {
                throw NASError(.value, "'\(edge)' is not an edge: op~source", hint: NASBench201.form, offset: offset)
            }
            guard let candidate = NASBench201.candidates.firstIndex(same: parts[0]) else {
                throw NASError(
                    .value, "'\(parts[0])' is not an operation of nasbench201",
                    hint: "the operations are \(NASBench201.candidates.joined(separator: ", "))", offset: offset)
            }
            guard parts[1] == "\(source)" else {
                throw NASError(
                    .value, "the sources of node \(target) come in order: here ~\(source), not ~\(parts[1])",
                    offset: offset + parts[0].count)
            }
            choices.append(UInt8(candidate))
            offset += edge.count + 1
        }
    }

    /// A text that is equal for two paths exactly when their cells compute the same function of the same layers, as `FunctionGraph` tells:
    /// skip connections and what cannot reach or leave are gone, the order of a sum does not count, and the mean of a sum is the sum of
    /// the means.
    public func canonical(_ path: Path) -> String {
        var graph = FunctionGraph()
        var nodes = [graph.node("input", [], hasWeights: false)]
        for target in 1...3 {
            var sum = FunctionGraph.Value.zero
            for (edge, ends) in NASBench201.edges.enumerated() where ends.target == target {
                let source = nodes[ends.source]
                let name = NASBench201.candidates[Int(path.choices[edge])]
                switch Candidate(rawValue: Int(path.choices[edge])) {
                case .skip: sum = sum + source
                case .convolution1, .convolution3: if !source.isZero { sum = sum + graph.node(name, [source], hasWeights: true) }
                case .averagePool: sum = sum + graph.linear(name, source)
                case .some(.none), nil: break
                }
            }
            nodes.append(sum)
        }
        return graph.text(of: nodes[3])
    }
}
