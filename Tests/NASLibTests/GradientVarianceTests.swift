import NASLib
import Testing

/// Without batch normalisation an example's gradient is that of a batch of its own, so that everything can be added up by hand.
@Suite struct GradientVarianceTests {
    private let data: Dataset
    init() throws { data = try Digits.load().train.subset(Array(0..<9), name: "nine digits") }
    private let paths = [Path([0]), Path([2]), Path([6])]

    private func makeNet() throws -> Supernet {
        var generator = Generator(seed: 4)
        return try Supernet(space: try MLP.space(width: 8, depth: 1), input: data.shape, generator: &generator)
    }

    private func gradient(_ net: Supernet, _ path: Path, _ example: Int) throws -> [Double] {
        try net.lossAndGradient(path: path, batch: Batch(dataset: data, indices: [example])).gradient.map(Double.init)
    }

    private func square(_ x: [Double]) -> Double { x.reduce(0) { $0 + $1 * $1 } }

    @Test func exactVarianceIsThatOfAllPairs() throws {
        let net = try makeNet()
        let drawn = paths.enumerated().map { Weighted($0.element, probability: [0.5, 0.3, 0.2][$0.offset], weight: [1, 2, 0.5][$0.offset]) }
        let examples = (0..<data.count).map { Weighted($0, probability: Double($0 + 1) / 45, weight: 1 + Double($0 % 2)) }
        var (mean, second) = (Array(repeating: 0.0, count: net.weights.count), 0.0)
        for path in drawn {
            for example in examples {
                let p = path.probability * example.probability
                let g = try gradient(net, path.element, example.element).map { $0 * path.weight * example.weight }
                for k in g.indices { mean[k] += p * g[k] }
                second += p * square(g)
            }
        }
        let exact = try net.gradientVariance(paths: drawn, examples: examples, of: data, batchSize: 1)
        #expect(abs(exact.variance.total - (second - square(mean))) < 1e-5 * second)
        #expect(abs(exact.variance.meanNorm - square(mean).squareRoot()) < 1e-5)
        // A single path has no part of its own.
        let one = try net.gradientVariance(paths: [Weighted(paths[1], probability: 1, weight: 1)], examples: examples, of: data, batchSize: 1)
        #expect(abs(one.variance.pathPart) < 1e-9)
    }

    /// 95% of the intervals hold the exact total, and the exact relative variance, for single examples too, whose norms have the heaviest tail.
    @Test(arguments: [1, 2])
    func intervalsCoverTheExactTotal(_ size: Int) throws {
        let net = try makeNet()
        let exact = try net.gradientVariance(
            paths: paths.map { Weighted($0, probability: 1.0 / 3, weight: 1) }, examples: (0..<data.count).map { Weighted($0, probability: 1.0 / 9, weight: 1) },
            of: data, batchSize: size).variance
        var generator = Generator(seed: 11)
        var (covered, coveredRelative) = (0, 0)
        for _ in 0..<300 {
            var sampled = SampledGradientVariance(net)
            for _ in 0..<SampledVarianceEstimate.fewestDraws {
                let path = paths[generator.below(3)]
                try sampled.add(batches: 4) { [PathBatch(path: path, batch: Batch(dataset: data, indices: (0..<size).map { _ in generator.below(9) }))] }
            }
            let estimate = try sampled.estimate()
            if estimate.interval?.contains(exact.total) == true { covered += 1 }
            if estimate.relativeInterval?.contains(exact.relative) == true { coveredRelative += 1 }
        }
        // Of 300 runs at 95%, the number covered has a standard deviation of 3.8.
        #expect((276...294).contains(covered) && (276...294).contains(coveredRelative), "\(covered) and \(coveredRelative) of 300")
    }

    /// Of few draws the large gradients may all be missing, which nothing in them tells.
    @Test func fewDrawsHaveNoInterval() throws {
        let net = try makeNet()
        var generator = Generator(seed: 3)
        var sampled = SampledGradientVariance(net)
        for _ in 1..<SampledVarianceEstimate.fewestDraws { try sampled.add(batches: 2) { [PathBatch(path: paths[generator.below(3)], batch: Batch(dataset: data, indices: [generator.below(9)]))] } }
        let estimate = try sampled.estimate()
        #expect(estimate.interval == nil && estimate.relativeInterval == nil && estimate.totalError > 0)
    }

    /// The interval of skewed numbers holds their mean as often as it says, where Student's holds it 90 times of 100.
    @Test func skewedNumbersAreCovered() {
        var generator = Generator(seed: 8)
        let exponential = Exponential(rate: 1)
        var covered = 0
        for _ in 0..<2000 {
            let (low, high) = Sample((0..<20).map { _ in exponential.draw(using: &generator) }).skewedInterval(level: 0.95)
            if low <= 1, 1 <= high { covered += 1 }
        }
        #expect((1870...1930).contains(covered), "\(covered) of 2000")
        // Without skewness it is Student's.
        let (low, high) = Sample([1, 2, 3]).skewedInterval(level: 0.95)
        #expect(abs(low - (2 - 4.302652729749464 / 3.0.squareRoot())) < 1e-12 && abs(low + high - 4) < 1e-12)
        let constant = Sample([2, 2, 2]).skewedInterval(level: 0.95)
        #expect(constant.low == 2 && constant.high == 2)
    }

    /// The estimate's mean over many repetitions is the exact value, and its errors are as large as it says.
    @Test func estimateIsUnbiased() throws {
        let net = try makeNet()
        let exact = try net.gradientVariance(
            paths: paths.map { Weighted($0, probability: 1.0 / 3, weight: 1) }, examples: (0..<data.count).map { Weighted($0, probability: 1.0 / 9, weight: 1) },
            of: data, batchSize: 2)
        var generator = Generator(seed: 5)
        var (values, errors): ([[Double]], [[Double]]) = ([], [])
        for _ in 0..<60 {
            var sampled = SampledGradientVariance(net)
            for _ in 0..<20 {
                let path = paths[generator.below(3)]
                try sampled.add(batches: 2) { [PathBatch(path: path, batch: Batch(dataset: data, indices: [generator.below(9), generator.below(9)]))] }
            }
            let estimate = try sampled.estimate()
            values.append([estimate.variance.pathPart, estimate.variance.dataPart, estimate.variance.total])
            errors.append([estimate.pathError, estimate.dataError, estimate.totalError])
        }
        for (i, truth) in [exact.variance.pathPart, exact.variance.dataPart, exact.variance.total].enumerated() {
            let n = Double(values.count)
            let mean = values.reduce(0) { $0 + $1[i] } / n
            let deviation = (values.reduce(0) { $0 + ($1[i] - mean) * ($1[i] - mean) } / (n - 1)).squareRoot()
            #expect(abs(mean - truth) < 3 * deviation / n.squareRoot())
            let told = (errors.reduce(0) { $0 + $1[i] * $1[i] } / n).squareRoot()
            #expect(told > 0.7 * deviation && told < 1.5 * deviation)
        }
    }

    // MARK: - Steps over several paths

    @Test func severalPathsAddTheirGradients() throws {
        let net = try makeNet()
        let batch = Batch(dataset: data, indices: Array(0..<9))
        let before = Array(net.weights)
        let gradients = try paths.map { try net.lossAndGradient(path: $0, batch: batch).gradient }
        let result = try net.step(paths.map { PathBatch(path: $0, batch: batch) }, options: StepOptions(learningRate: 1, momentum: 0, weightDecay: 0, clip: nil))
        var norm = 0.0
        for k in before.indices {
            let sum = gradients.reduce(Float(0)) { $0 + $1[k] }
            norm += Double(sum) * Double(sum)
            #expect(abs(net.weights[k] - (before[k] - sum)) < 1e-5)
        }
        #expect(abs(result.gradientNorm - norm.squareRoot()) < 1e-5)
        for (gradient, path) in zip(gradients, result.paths) { #expect(abs(path.gradientNorm - square(gradient.map(Double.init)).squareRoot()) < 1e-5) }
    }

    @Test func aStoppedStepChangesNothing() throws {
        let net = try makeNet()
        let batch = Batch(dataset: data, indices: Array(0..<9))
        let parts = paths.map { PathBatch(path: $0, batch: batch) }
        let options = StepOptions(learningRate: 0.1)
        _ = try net.step(parts, options: options)
        let before = Array(net.weights)
        let stop = Cancellation.Flag()
        stop.raise()
        net.cancellation = stop
        #expect(throws: NASError.self) { try net.reptileStep(parts, innerSteps: 2, rate: 1, options: options) }
        #expect(throws: NASError.self) { try net.step(parts, options: options) }
        net.cancellation = nil
        #expect(Array(net.weights) == before)
        // The momentum is as it was, too: the next step goes as it does without a stop.
        let other = try makeNet()
        _ = try other.step(parts, options: options)
        _ = try net.step(parts, options: options)
        _ = try other.step(parts, options: options)
        #expect(Array(net.weights) == Array(other.weights))
    }

    @Test func exactNormsAreThoseOfEachExampleAlone() throws {
        let net = try makeNet()
        let norms = try net.exampleGradientNorms(path: paths[1], batch: Batch(dataset: data, indices: Array(0..<9)))
        for i in 0..<9 { #expect(abs(norms[i] - square(try gradient(net, paths[1], i)).squareRoot()) < 1e-5) }
        let losses = try net.exampleLosses(path: paths[1], batch: Batch(dataset: data, indices: Array(0..<9)))
        for i in 0..<9 { #expect(abs(losses[i] - (try net.lossAndGradient(path: paths[1], batch: Batch(dataset: data, indices: [i])).loss)) < 1e-5) }
    }
}
