/// A score of an architecture that takes no training: its size, or what one batch shows of its stand-alone network with random
/// weights. Definitions as in the code of "Zero-Cost Proxies for Lightweight NAS" (Abdelfattah et al., 2021); W runs over the
/// weights of convolutions and linear layers, normalisation goes by the batch. Parts that cannot reach the output do not count.
public struct Proxy: Sendable {
    public let name: String
    /// A sentence on what the proxy is, which begins with its name.
    public let summary: String
    /// Whether the score depends on the batch.
    let readsImages: Bool
    let measure: Measure

    enum Measure: Sendable {
        case cost(@Sendable (Cost) -> Double)
        case probe(@Sendable (Probe) throws -> Double)
    }

    init(_ name: String, _ summary: String, cost: @escaping @Sendable (Cost) -> Double) {
        (self.name, self.summary, readsImages, measure) = (name, summary, false, .cost(cost))
    }

    init(_ name: String, _ summary: String, readsImages: Bool = true, _ score: @escaping @Sendable (Probe) throws -> Double) {
        (self.name, self.summary, self.readsImages, measure) = (name, summary, readsImages, .probe(score))
    }
}

extension Proxy: CaseIterable, RawRepresentable, Hashable {
    public static let allCases = [params, flops, gradientNorm, snip, synflow, fisher, jacov, naswot]

    public var rawValue: String { name }

    public init?(rawValue: String) {
        guard let known = Proxy.allCases.first(where: { $0.name == rawValue }) else { return nil }
        self = known
    }
}

extension Batch {
    /// Throws where an image has numbers that are not finite: nothing that is computed from it is one.
    func checkFinite() throws {
        let size = dataset.shape.count
        for index in indices {
            guard let bad = dataset.images[index * size..<(index + 1) * size].first(where: { !$0.isFinite }) else { continue }
            throw NASError(
                .value, "image \(index) of \(dataset.name) has numbers that are not finite: \(bad.isNaN ? "nan" : "inf")",
                hint: "a proxy of it would tell nothing")
        }
    }
}

extension NetworkSpace {
    /// Scores of paths, several at a time; the seed decides the weights of each. A score that is not defined is -inf, one beyond the
    /// largest number inf.
    public func scores(
        _ proxy: Proxy, of paths: [Path], batch: Batch, seed: UInt64 = 0, pool: WorkerPool = .shared, cancellation: Cancellation.Flag? = nil
    ) throws -> [Double] {
        try CustomLayer.checkNesting()
        for path in paths { try check(path) }
        guard batch.count > 1 else { throw NASError(.shape, "a proxy needs a batch of at least 2 images") }
        if proxy.readsImages { try batch.checkFinite() }
        guard batch.dataset.classes <= classes else {
            throw NASError(.shape, "\(name) tells \(classes) classes apart, the data has \(batch.dataset.classes)")
        }
        // Custom layers run on this thread.
        if !customFunctions.isEmpty { return try paths.map { try score(proxy, of: $0, batch, seed, cancellation) } }
        return try pool.crew.map(count: paths.count, purpose: "proxy") { range, _ in
            try range.map { try self.score(proxy, of: paths[$0], batch, seed, cancellation) }
        }
    }

    private func score(_ proxy: Proxy, of path: Path, _ batch: Batch, _ seed: UInt64, _ cancellation: Cancellation.Flag?) throws -> Double {
        switch proxy.measure {
        case .cost(let score): return score(try cost(of: path, input: batch.dataset.shape))
        case .probe(let score):
            var generator = Generator(seed: seed)
            let store = ParameterStore()
            let network = try makeNetwork(input: batch.dataset.shape, path: path, store: store, generator: &generator)
            let found = try score(try Probe(network.plan(for: path), store, batch, cancellation: cancellation))
            return found.isNaN ? -.infinity : found
        }
    }
}
