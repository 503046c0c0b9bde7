/// What few-shot NAS (Zhao et al., 2021) and GM-NAS (Hu et al., 2022) need of a supernet: copies that go their own ways, and
/// how far candidates pull the weights that they share in different directions.
extension Supernet {
    /// A supernet of its own with the same weights, and without momentum.
    public func copy() throws -> Supernet {
        var generator = Generator(seed: 0)
        let copy = try Supernet(space: space, input: input, path: path, generator: &generator, pool: executor.pool)
        copy.cancellation = cancellation
        copy.store.weights.update(from: store.weights, count: store.count)
        copy.store.running.update(from: store.running, count: store.runningCount)
        return copy
    }

    /// Cosines between the gradients that a path has with each of a choice's candidates, over the weights that do not belong
    /// to that choice; 0 where a gradient is zero, nan where one is not finite.
    public func gradientSimilarity(choice: Int, path: Path, batch: Batch) throws -> [[Double]] {
        try space.check(path)
        guard space.choices.indices.contains(choice) else { throw NASError(.shape, "\(space.name) has no choice \(choice)") }
        let own = network.placesOfLayer.indices.filter { network.placesOfLayer[$0].contains { network.places[$0].choice == choice } }
        let gradients = try space.choices[choice].candidates.indices.map { candidate in
            var path = path
            path.choices[choice] = UInt8(candidate)
            var gradient = try lossAndGradient(path: path, batch: batch).gradient
            for layer in own {
                for range in store.layers[layer].ranges { for i in range.offset..<range.offset + range.count { gradient[i] = 0 } }
            }
            return gradient
        }
        func product(_ a: [Float], _ b: [Float]) -> Double { zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) } }
        let norms = gradients.map { product($0, $0).squareRoot() }
        return gradients.indices.map { i in
            gradients.indices.map { j in
                // Of a gradient that is not finite nothing is known.
                guard norms[i].isFinite, norms[j].isFinite else { return .nan }
                guard norms[i] > 0, norms[j] > 0 else { return 0 }
                return i == j ? 1 : product(gradients[i], gradients[j]) / (norms[i] * norms[j])
            }
        }
    }
}
