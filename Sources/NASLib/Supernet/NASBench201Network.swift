/// The skeleton of NAS-Bench-201 around a cell: stem, three stages of cells with residual reduction blocks between them,
/// and the layers of the cells' candidates.
///
/// Supernet: every candidate of every edge, normalisation without gamma and beta. Stand-alone: one path's candidates,
/// affine normalisation with running statistics.
struct NASBench201Network: Network {
    let input: ImageShape
    let channels: Int
    let cellsPerStage: Int
    let isAffine: Bool
    private let stem: ConvolutionLayer
    /// For each cell, edge and candidate, the layer, where the candidate has one.
    private let candidates: [[[ConvolutionLayer?]]]
    private let reductions: [Reduction]
    private let finalNormalization: NormalizationLayer
    let classifier: LinearLayer
    let placesOfLayer: [[Int]]
    let places: [CandidatePlace]
    var hasDropout: Bool { false }
    var hasCustomLayers: Bool { false }

    private struct Reduction {
        var first: ConvolutionLayer
        var second: ConvolutionLayer
        var shortcut: ConvolutionLayer
    }

    /// The candidates in the space's order.
    enum Candidate: Int, CaseIterable { case none, skip, convolution1, convolution3, averagePool }
    /// Source node of each edge, and its target, in the order of the arch string.
    static let edges: [(source: Int, target: Int)] = [(0, 1), (0, 2), (1, 2), (0, 3), (1, 3), (2, 3)]

    /// All layers are added to `store`, which is then allocated and initialised. With `path`, only its candidates are.
    /// `channels` must be a multiple of 8, and the input's sides multiples of 4.
    init(input: ImageShape, channels: Int, cells: Int, classes: Int, path: Path?, store: ParameterStore, generator: inout Generator) throws {
        self.input = input
        self.channels = channels
        cellsPerStage = cells
        isAffine = path != nil
        let isAffine = isAffine
        var layers: [ConvolutionLayer] = []
        var places: [CandidatePlace] = []
        var placesOfLayer: [[Int]] = []
        func add(_ inputs: Int, _ outputs: Int, _ kernel: Int, stride: Int = 1, place: CandidatePlace? = nil, change: (inout ConvolutionLayer) -> Void = { _ in }) -> ConvolutionLayer {
            var layer = ConvolutionLayer(inputs: inputs, outputs: outputs, kernel: kernel, stride: stride, isAffine: isAffine, isTracked: isAffine)
            change(&layer)
            layer = store.add(layer)
            layers.append(layer)
            placesOfLayer.append(place == nil ? [] : [places.count])
            if let place { places.append(place) }
            return layer
        }
        stem = add(input.channels, channels, 3) {
            $0.activation = nil
            $0.readsImage = true
        }
        var candidates: [[[ConvolutionLayer?]]] = []
        var reductions: [Reduction] = []
        for stage in 0..<3 {
            let width = channels << stage
            if stage > 0 {
                reductions.append(Reduction(
                    first: add(width / 2, width, 3, stride: 2), second: add(width, width, 3),
                    shortcut: add(width / 2, width, 1) {
                        $0.poolsFirst = true
                        $0.activation = nil
                        $0.normalizes = false
                        $0.isAffine = false
                        $0.isTracked = false
                    }))
            }
            for _ in 0..<cells {
                candidates.append(NASBench201Network.edges.indices.map { edge in
                    Candidate.allCases.map { candidate in
                        if let path, Int(path.choices[edge]) != candidate.rawValue { return nil }
                        switch candidate {
                        case .convolution1: return add(width, width, 1, place: .init(choice: edge, candidate: candidate.rawValue))
                        case .convolution3: return add(width, width, 3, place: .init(choice: edge, candidate: candidate.rawValue))
                        case .none, .skip, .averagePool: return nil
                        }
                    }
                })
            }
        }
        self.candidates = candidates
        self.reductions = reductions
        self.places = places
        self.placesOfLayer = placesOfLayer
        finalNormalization = store.add(NormalizationLayer(channels: channels * 4, isAffine: isAffine, isTracked: isAffine))
        classifier = store.add(LinearLayer(inputs: channels * 4, outputs: classes))
        try store.allocate()
        for layer in layers { store.initialize(layer, using: &generator) }
        store.initialize(finalNormalization)
        store.initialize(classifier, using: &generator)
    }

    /// The network that a path selects.
    func plan(for path: Path) -> Plan {
        var plan = Plan(input: input, finalNormalization: finalNormalization, classifier: classifier)
        var (height, width) = (input.height, input.width)
        func node(_ channels: Int, _ edges: [Plan.Edge]) -> Int {
            plan.nodes.append(.init(height: height, width: width, channels: channels, edges: edges))
            return plan.nodes.count - 1
        }
        var last = node(channels, [.init(source: -1, operation: .convolution(stem))])
        for stage in 0..<3 {
            let stageChannels = channels << stage
            if stage > 0 {
                height /= 2
                width /= 2
                let reduction = reductions[stage - 1]
                let inner = node(stageChannels, [.init(source: last, operation: .convolution(reduction.first))])
                last = node(stageChannels, [
                    .init(source: inner, operation: .convolution(reduction.second)), .init(source: last, operation: .convolution(reduction.shortcut)),
                ])
            }
            for cell in 0..<cellsPerStage {
                var cellNodes = [last]
                for target in 1...3 {
                    var edges: [Plan.Edge] = []
                    for (edge, ends) in NASBench201Network.edges.enumerated() where ends.target == target {
                        let source = cellNodes[ends.source]
                        switch Candidate(rawValue: Int(path.choices[edge])) {
                        case .skip: edges.append(.init(source: source, operation: .identity))
                        case .averagePool: edges.append(.init(source: source, operation: .averagePool))
                        case .convolution1, .convolution3:
                            if let layer = candidates[stage * cellsPerStage + cell][edge][Int(path.choices[edge])] {
                                edges.append(.init(source: source, operation: .convolution(layer)))
                            }
                        case .some(.none), nil: break
                        }
                    }
                    cellNodes.append(node(stageChannels, edges))
                }
                last = cellNodes[3]
            }
        }
        plan.prune()
        return plan
    }
}
