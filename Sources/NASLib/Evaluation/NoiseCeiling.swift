/// How well a ranking without any error agrees with a truth that is itself a mean of noisy measurements.
///
/// Each of n architectures was measured k times: x_ij = t_i + e_ij, with noise e that is independent, of mean zero, and of a size that may
/// differ between architectures. The t_i are not known. They are taken to be spread like the means m_i of the measurements, drawn
/// together until their variance is what is left of Var(m) without the noise's share, Var(e) / k. Measurements are then made up: t_i plus
/// noise that is drawn from the architecture's own residuals, widened by sqrt(k / (k - 1)) to the size of the noise.
public struct NoiseCeiling: Sendable {
    /// The mean of Kendall's tau over all pairs of measurements.
    public let between: Double
    /// The expected tau of the t_i with one measurement, and with the mean of all.
    public let single, mean: Double

    /// Estimates the ceiling from repeated measurements. `runs` are k lists of n finite numbers of any size, one list a measurement, with k
    /// and n at least 2. `check` may throw to stop.
    public init(runs: [[Double]], resamples: Int, using generator: inout Generator, check: () throws -> Void) throws {
        let (k, n) = (runs.count, runs.first?.count ?? 0)
        require(
            k >= 2 && n >= 2 && runs.allSatisfy { $0.count == n }, "there are at least two runs over the same two or more architectures")
        var sum = 0.0
        for i in 0..<k {
            for j in 0..<i { sum += try Correlation.kendall(runs[i], runs[j], check: check) }
        }
        between = sum / Double(k * (k - 1) / 2)

        // Only the order matters, and squares must be doubles.
        let exponent = exponentToSquare(runs.joined())
        let scaled = runs.map { divided($0, byPowerOfTwo: exponent) }
        let means = (0..<n).map { i in scaled.reduce(0) { $0 + $1[i] / Double(k) } }
        let widening = (Double(k) / Double(k - 1)).squareRoot()
        let noise = (0..<n).map { i in scaled.map { ($0[i] - means[i]) * widening } }
        let noiseVariance = noise.reduce(0) { $0 + $1.reduce(0) { $0 + $1 * $1 } / Double(k) } / Double(n)
        let center = means.reduce(0) { $0 + $1 / Double(n) }
        let variance = means.reduce(0) { $0 + ($1 - center) * ($1 - center) } / Double(n - 1)
        let reliability = variance > 0 ? max(0, 1 - noiseVariance / Double(k) / variance) : 0
        let values = means.map { center + ($0 - center) * reliability.squareRoot() }

        var (singles, averages) = (0.0, 0.0)
        for _ in 0..<resamples {
            try check()
            let measured = (0..<n).map { i in (0..<k).map { _ in values[i] + noise[i][generator.below(k)] } }
            singles += try Correlation.kendall(values, measured.map { $0[0] }, check: check)
            averages += try Correlation.kendall(values, measured.map { $0.reduce(0, +) / Double(k) }, check: check)
        }
        (single, mean) = (singles / Double(resamples), averages / Double(resamples))
    }
}
