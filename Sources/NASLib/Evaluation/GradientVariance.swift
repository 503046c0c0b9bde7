import Foundation

/// How much a step's gradient varies with what is drawn for it, at fixed weights: E||g - E g||^2, the trace of its covariance.
///
/// The law of total variance splits it: g depends on a path a and on examples i, and
/// Var g = Var_a E[g | a] + E_a Var[g | a], the paths' part and the data's part.
public struct GradientVariance: Sendable, Equatable {
    public var pathPart: Double
    public var dataPart: Double
    /// ||E g||.
    public var meanNorm: Double
    public var total: Double { pathPart + dataPart }
    /// The noise beside the signal, Var / ||E g||²: infinite where there is no mean gradient.
    public var relative: Double { total / (meanNorm * meanNorm) }
}

/// A variance from steps that were drawn, with standard errors. Intervals are to 95%, and nil of fewer than `fewestDraws` draws of paths: a few
/// large gradients make the variance, and may all be missing from so few.
public struct SampledVarianceEstimate: Sendable {
    /// From here on the intervals hold 93 to 97 times of 100; of 20 draws of single examples it can be 80 to 99 times.
    public static let fewestDraws = 50

    public var variance: GradientVariance
    public var pathError: Double
    public var dataError: Double
    public var totalError: Double
    /// Of the total.
    public var interval: ClosedRange<Double>?
    /// Of the relative variance; its upper end is infinite where the mean gradient may be 0.
    public var relativeInterval: ClosedRange<Double>?
    /// The part of the squared standard error of the total that the draw of paths farthest from the others makes.
    public var greatestShare: Double
}

/// One thing that can be drawn: with what probability, and what its gradient is multiplied by.
public struct Weighted<Element: Sendable>: Sendable {
    public var element: Element
    public var probability: Double
    public var weight: Double

    public init(_ element: Element, probability: Double, weight: Double) {
        (self.element, self.probability, self.weight) = (element, probability, weight)
    }
}

/// The variance over all pairs of a path and an example, and the least that any distributions with the same mean could reach.
public struct ExactGradientVariance: Sendable {
    public var variance: GradientVariance
    /// For pairs drawn in proportion to the norms of their gradients, one a step: (E||g||)^2 - ||E g||^2.
    public var minimum: Double
    /// The least that the paths' part can be: that of paths drawn in proportion to the norms of their mean gradients.
    public var pathMinimum: Double
    /// For each path the norm of its mean gradient over the examples, without its weight.
    public var pathNorms: [Double]
}

extension Supernet {
    /// Every path with every example, whose probabilities each add up to 1; a step takes `batchSize` examples, drawn with
    /// replacement. An example's gradient is that of its own loss where all examples are one batch, by which batch
    /// normalisation goes. As dear as a backward pass of all examples for each pair.
    public func gradientVariance(
        paths: [Weighted<Path>], examples: [Weighted<Int>], of dataset: Dataset, batchSize: Int
    ) throws -> ExactGradientVariance {
        require(batchSize > 0, "a batch has at least 1 example, not \(batchSize)")
        let all = Batch(dataset: dataset, indices: examples.map(\.element))
        // The mean, and that of a path.
        try MemoryAccount.ask(store.count * 16)
        var mean = Array(repeating: 0.0, count: store.count)
        var (within, squares, norms, pathMeanNorms) = (0.0, 0.0, 0.0, 0.0)
        var pathNorms: [Double] = []
        // Each rank takes one path at a time.
        let ranks = Ranks.inStep
        for first in stride(from: 0, to: paths.count, by: ranks?.count ?? 1) {
            let own = first + (ranks?.rank ?? 0)
            let moments = try Ranks.$inStep.withValue(nil) {
                own < paths.count ? try gradientMoments(of: paths[own].element, examples, all) : GradientMoments()
            }
            let round = try ranks?.gather(moments.bytes, "gradient_variance").map(GradientMoments.init) ?? [moments]
            for (path, moments) in zip(paths[first...], round) {
                let meanSquare = moments.mean.reduce(0) { $0 + $1 * $1 }
                let share = path.probability * path.weight
                for k in 0..<store.count { mean[k] += share * moments.mean[k] }
                within += share * path.weight * (moments.square - meanSquare)
                squares += share * path.weight * meanSquare
                norms += share * moments.norm
                pathMeanNorms += share * meanSquare.squareRoot()
                pathNorms.append(meanSquare.squareRoot())
            }
        }
        let meanSquare = mean.reduce(0) { $0 + $1 * $1 }
        return ExactGradientVariance(
            variance: GradientVariance(
                pathPart: squares - meanSquare, dataPart: within / Double(batchSize), meanNorm: meanSquare.squareRoot()),
            minimum: norms * norms - meanSquare, pathMinimum: pathMeanNorms * pathMeanNorms - meanSquare, pathNorms: pathNorms)
    }

    /// Those of a path's gradients over examples, whose shares go with their weights.
    private func gradientMoments(of path: Path, _ examples: [Weighted<Int>], _ all: Batch) throws -> GradientMoments {
        var moments = GradientMoments(mean: Array(repeating: 0.0, count: store.count))
        for (i, example) in examples.enumerated() {
            store.gradient.update(repeating: 0, count: store.count)
            let norm = try accumulateGradient(path: path, batch: all.only(i), adds: false).gradientNorm
            let share = example.probability * example.weight
            for k in 0..<store.count { moments.mean[k] += share * Double(store.gradient[k]) }
            moments.square += share * example.weight * norm * norm
            moments.norm += share * norm
        }
        return moments
    }

    /// The gradient of a step over some paths, added to a sum; the gradient itself is left in the store.
    fileprivate func addGradient(of parts: [PathBatch], to sum: inout [Double]) throws -> Double {
        store.gradient.update(repeating: 0, count: store.count)
        for part in parts { _ = try accumulateGradient(path: part.path, batch: part.weighted, adds: parts.count > 1) }
        var square = 0.0
        for k in 0..<store.count {
            let g = Double(store.gradient[k])
            sum[k] += g
            square += g * g
        }
        return square
    }
}

/// The mean of gradients, and the means of their squared norms and of their norms.
private struct GradientMoments {
    var mean: [Double] = []
    var (square, norm) = (0.0, 0.0)

    init(mean: [Double] = []) { self.mean = mean }

    init(_ bytes: [UInt8]) throws {
        var archive = ArchiveReader(FileBytes(name: "another process", bytes: bytes))
        mean = try archive.doubles()
        (square, norm) = (try archive.double(), try archive.double())
    }

    var bytes: [UInt8] {
        var archive = ArchiveWriter()
        archive.write(mean)
        archive.write(square)
        archive.write(norm)
        return archive.bytes
    }
}

/// The variance from steps that were drawn: several draws of paths, and for each several batches.
///
/// The data's part is the mean W of the variances within a draw of paths; the paths' part the variance of their mean
/// gradients less W / batches, which is the data's share in it (analysis of variance with one random effect). Standard errors
/// come from leaving out one draw of paths at a time (the jackknife), and intervals from the skewed mean of the n pseudo-values
/// n V - (n - 1) V without the draw (`Sample.skewedInterval`). The relative variances
/// r of an interval are those for which V - r ||E g||² may be 0.
public struct SampledGradientVariance {
    private let net: Supernet
    /// For each draw of paths, its mean gradient and the variance of its gradients, with the divisor n - 1.
    private var means: [[Float]] = []
    private var variances: [Double] = []
    private var batchCount = 0
    private let ranks = Ranks.inStep

    public init(_ net: Supernet) { self.net = net }

    /// Takes in the steps of one draw of paths, each on a batch of its own: at least two, and the same number every time.
    public mutating func add(batches: Int, step: () throws -> [PathBatch]) throws {
        precondition(batches > 1 && (batchCount == 0 || batches == batchCount))
        batchCount = batches
        guard (means.count + 1) * net.store.count <= 1 << 28 else {
            throw NASError(
                .limit, "\(means.count) mean gradients of \(net.store.count) numbers take more than a gigabyte: fewer draws of paths fit")
        }
        // The mean is kept, and the sum is of doubles. Many that are small by themselves are much together: each is asked for.
        try MemoryAccount.ask(max(MemoryAccount.smallest, net.store.count * 12))
        var sum = Array(repeating: 0.0, count: net.store.count)
        var square = 0.0
        // Ranks draw all steps and compute those of every so-manieth draw of paths.
        let isOwn = ranks.map { means.count % $0.count == $0.rank } ?? true
        for _ in 0..<batches {
            try Cancellation.check()
            let parts = try step()
            if isOwn { square += try Ranks.$inStep.withValue(nil) { try net.addGradient(of: parts, to: &sum) } }
        }
        let n = Double(batches)
        let meanSquare = sum.reduce(0) { $0 + $1 * $1 } / (n * n)
        means.append(sum.map { Float($0 / n) })
        variances.append((square - n * meanSquare).clamped(to: 0...(.infinity)) / (n - 1))
    }

    /// Brings in what other ranks have computed.
    private mutating func collect() throws {
        guard let ranks else { return }
        var archive = ArchiveWriter()
        for i in stride(from: ranks.rank, to: means.count, by: ranks.count) {
            archive.write(means[i])
            archive.write(variances[i])
        }
        if let shortage = archive.shortage { throw shortage }
        for (rank, bytes) in try ranks.gather(archive.bytes, "gradient_variance").enumerated() {
            var archive = ArchiveReader(FileBytes(name: "another process", bytes: bytes))
            for i in stride(from: rank, to: means.count, by: ranks.count) {
                (means[i], variances[i]) = (try archive.floats(), try archive.double())
            }
        }
    }

    /// At least three draws of paths must have been taken in.
    public mutating func estimate() throws -> SampledVarianceEstimate {
        let count = means.count
        precondition(count > 2)
        try collect()
        var distances = Array(repeating: 0.0, count: count)
        for i in 0..<count {
            for j in 0..<i {
                try Cancellation.check()
                let distance = zip(means[i], means[j]).reduce(0.0) { $0 + Double($1.0 - $1.1) * Double($1.0 - $1.1) }
                distances[i] += distance
                distances[j] += distance
            }
        }
        let (allDistances, allVariances) = (distances.reduce(0, +) / 2, variances.reduce(0, +))
        func parts(_ n: Int, _ distances: Double, _ variances: Double) -> (path: Double, data: Double) {
            let data = variances / Double(n)
            return (distances / Double(n * (n - 1)) - data / Double(batchCount), data)
        }
        let all = parts(count, allDistances, allVariances)
        let left = (0..<count).map { parts(count - 1, allDistances - distances[$0], allVariances - variances[$0]) }
        func error(_ value: ((path: Double, data: Double)) -> Double) -> Double {
            (Sample(left.map(value)).variance * Double(count - 1) * Double(count - 1) / Double(count)).squareRoot()
        }
        var sum = Array(repeating: 0.0, count: net.store.count)
        for vector in means { for k in vector.indices { sum[k] += Double(vector[k]) } }
        // ||E g||² from the products of two draws, which noise leaves without a bias.
        let own = means.map { $0.reduce(0.0) { $0 + Double($1) * Double($1) } }
        let shared = means.map { zip($0, sum).reduce(0.0) { $0 + Double($1.0) * $1.1 } }
        let (sumSquare, ownSquares) = (shared.reduce(0, +), own.reduce(0, +))
        let meanSquare = (sumSquare - ownSquares) / Double(count * (count - 1))
        let leftSquares = (0..<count).map { (sumSquare - 2 * shared[$0] - ownSquares + 2 * own[$0]) / Double((count - 1) * (count - 2)) }
        let (total, totals) = (all.path + all.data, left.map { $0.path + $0.data })
        func pseudoValues(_ value: Double, _ left: [Double]) -> [Double] { left.map { Double(count) * value - Double(count - 1) * $0 } }
        let terms = Sample(pseudoValues(total, totals))
        let ends = terms.skewedInterval(level: 0.95)
        let hasInterval = count >= SampledVarianceEstimate.fewestDraws && ends.low <= ends.high
        let relative = hasInterval ? SampledGradientVariance.ratios(terms.numbers, pseudoValues(meanSquare, leftSquares)) : nil
        let farthest = terms.zScores?.map { $0 * $0 / Double(count - 1) }.max() ?? 0
        return SampledVarianceEstimate(
            variance: GradientVariance(pathPart: all.path, dataPart: all.data, meanNorm: meanSquare.clamped(to: 0...(.infinity)).squareRoot()),
            pathError: error(\.path), dataError: error(\.data), totalError: error { $0.path + $0.data },
            interval: hasInterval ? max(0, ends.low)...max(0, ends.high) : nil, relativeInterval: relative, greatestShare: farthest)
    }

    /// The ratios r of two means, the first above 0, for which the interval of the mean of x - r y holds 0 (Fieller, 1954). Where none
    /// does, y is below 0, as noise can have it of a square that is near 0: the ratio is infinite.
    private static func ratios(_ xs: [Double], _ ys: [Double]) -> ClosedRange<Double> {
        func interval(_ r: Double) -> (low: Double, high: Double) { Sample(zip(xs, ys).map { $0 - r * $1 }).skewedInterval(level: 0.95) }
        // Beyond this, x counts for nothing beside r y.
        let limit = 0x1p200
        let low = (0...limit).least { interval($0).low <= 0 }
        guard low < limit else { return .infinity ... .infinity }
        let high = (low...limit).least { interval($0).high < 0 }
        return low...(high < limit ? high : .infinity)
    }
}
