import Testing

@testable import NASLib

/// The supernet's gradient against central differences of its own loss along random directions.
@Suite struct SupernetGradientTests {
    static let paths: [[UInt8]] = [
        [3, 2, 1, 4, 3, 2], [3, 3, 3, 3, 3, 3], [1, 1, 1, 1, 1, 1], [2, 0, 4, 3, 0, 1], [4, 4, 4, 2, 2, 2], [0, 0, 3, 0, 2, 3],
    ]

    private func dataset(_ shape: ImageShape, count: Int) -> Dataset {
        var generator = Generator(seed: 7)
        return Dataset(
            name: "noise", shape: shape, classes: 5, images: (0..<count * shape.count).map { _ in Float(generator.uniform() * 2 - 1) },
            labels: (0..<count).map { _ in Int32(generator.below(5)) })
    }

    @Test(arguments: paths, [1, 2])
    func agreesWithFiniteDifferences(choices: [UInt8], cells: Int) throws {
        var generator = Generator(seed: 3)
        let data = dataset(ImageShape(height: 8, width: 8, channels: 3), count: 12)
        let net = try Supernet(channels: cells == 1 ? 8 : 16, cells: cells, classes: 5, input: data.shape, generator: &generator)
        let batch = Batch(dataset: data, indices: Array(0..<12), weights: (0..<12).map { 0.5 + Float($0) / 12 })
        let (_, gradient) = try net.lossAndGradient(path: Path(choices), batch: batch)
        let weights = Array(net.weights)
        for direction in 0..<6 {
            // One direction in all active weights, the others in some.
            let d = weights.indices.map { i in
                gradient[i] == 0 ? 0 : direction == 0 || (i / 512) % 5 == direction - 1 ? Float(generator.uniform() * 2 - 1) : 0
            }
            let norm = d.reduce(0) { $0 + $1 * $1 }.squareRoot()
            guard norm > 0 else { continue }
            let step: Float = 5e-4
            func loss(_ sign: Float) throws -> Double {
                for i in weights.indices { net.weights[i] = weights[i] + sign * step * d[i] / norm }
                return try net.lossAndGradient(path: Path(choices), batch: batch).loss
            }
            let difference = (try loss(1) - loss(-1)) / Double(2 * step)
            let expected = zip(gradient, d).reduce(0.0) { $0 + Double($1.0) * Double($1.1) } / Double(norm)
            #expect(abs(difference - expected) < 0.05 * abs(expected) + 1.5e-3, "direction \(direction): \(difference) measured, \(expected) computed")
            for i in weights.indices { net.weights[i] = weights[i] }
        }
    }
}
