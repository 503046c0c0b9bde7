/// A score of an architecture that takes no training: its size, or what one batch shows of its stand-alone network with random
/// weights. Definitions as in the code of "Zero-Cost Proxies for Lightweight NAS" (Abdelfattah et al., 2021); W runs over the
/// weights of convolutions and linear layers, normalisation goes by the batch. Parts that cannot reach the output do not count.
public enum Proxy: String, CaseIterable, Sendable {
    case params, flops
    /// Sum over layers of ||dL/dW||.
    case gradientNorm = "grad_norm"
    /// Sum of |W · dL/dW|.
    case snip
    /// Sum of |W · dR/dW|, R being the sum of the outputs for an image of ones, all parameters by their absolute values and
    /// normalisation left out.
    case synflow
    /// For each channel of a layer's outputs a with derivative g: half the batch's mean of (sum over pixels of a · g)².
    case fisher
    /// From the eigenvalues v of the correlations between the images' derivatives of the summed outputs by their pixels:
    /// -sum of log(v + k) + 1 / (v + k), with k = 1e-5.
    case jacov
    /// log |det K|, K counting for two images the ReLUs that are on or off in both.
    case naswot

    /// Whether the score depends on the batch.
    var readsImages: Bool { ![.params, .flops, .synflow].contains(self) }
}

extension Batch {
    /// Throws where an image has numbers that are not finite: nothing that is computed from it is one.
    func checkFinite() throws {
        let size = dataset.shape.count
        for index in indices {
            guard let bad = dataset.images[index * size..<(index + 1) * size].first(where: { !$0.isFinite }) else { continue }
            throw DataError("image \(index) of \(dataset.name) has numbers that are not finite: \(bad.isNaN ? "nan" : "inf")", hint: "a proxy of it would tell nothing")
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
        guard batch.count > 1 else { throw ShapeError("a proxy needs a batch of at least 2 images") }
        if proxy.readsImages { try batch.checkFinite() }
        guard batch.dataset.classes <= classes else { throw ShapeError("\(name) tells \(classes) classes apart, the data has \(batch.dataset.classes)") }
        // Custom layers run on this thread.
        if !customFunctions.isEmpty { return try paths.map { try score(proxy, of: $0, batch, seed, cancellation) } }
        return try pool.crew.map(count: paths.count, purpose: "proxy") { range, _ in try range.map { try self.score(proxy, of: paths[$0], batch, seed, cancellation) } }
    }

    private func score(_ proxy: Proxy, of path: Path, _ batch: Batch, _ seed: UInt64, _ cancellation: Cancellation.Flag?) throws -> Double {
        switch proxy {
        case .params: return Double(try cost(of: path, input: batch.dataset.shape).parameters)
        case .flops: return Double(try cost(of: path, input: batch.dataset.shape).flops)
        default: break
        }
        var generator = Generator(seed: seed)
        let store = ParameterStore()
        let network = try makeNetwork(input: batch.dataset.shape, path: path, store: store, generator: &generator)
        let score = try Probe(network.plan(for: path), store, batch, cancellation: cancellation).score(proxy)
        return score.isNaN ? -.infinity : score
    }
}
