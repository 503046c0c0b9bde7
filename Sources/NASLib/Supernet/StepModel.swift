/// How long a training step takes whose batch ranks share:
/// compute / ranks + exchanges * latency * log2(ranks) + 2 * gradient / bandwidth. See docs/scaling.md.
struct StepModel {
    /// Of a forward pass of the batch; a backward pass has twice as many.
    var multiplyAdds: Double
    /// Of batch statistics, forward and backward.
    var exchanges: Int
    var gradientBytes: Int

    /// Multiply-adds a second of a thread; seconds until all ranks have met, by doublings of their number; bytes a second between two ranks.
    static let speed = 20e9, latency = 15e-6, bandwidth = 1e9

    func seconds(ranks: Int, threads: Int) -> Double {
        let compute = 3 * multiplyAdds / (StepModel.speed * Double(ranks * threads))
        guard ranks > 1 else { return compute }
        // Two more: what the step is, and the examples' results.
        let meetings = Double(exchanges + 2) * StepModel.latency * Double(Int.bitWidth - (ranks - 1).leadingZeroBitCount)
        return compute + meetings + 2 * Double(gradientBytes) / StepModel.bandwidth
    }
}
