/// How long a training step takes whose batch ranks share: its compute in portions of a chunk, the exchanges of statistics, the gradient on its
/// way along the ranks and back. See docs/scaling.md, which compares it with what was measured.
struct StepModel {
    var batch: Int
    /// Of an example's forward pass; a backward pass has twice as many.
    var multiplyAdds: Double
    /// Of batch statistics, forward and backward.
    var exchanges: Int
    var gradientBytes: Int

    /// Multiply-adds a second of a thread; seconds until all ranks have met, for each doubling of their number; bytes a second between two
    /// ranks. Those of a usual network rather than of one machine.
    static let speed = 40e9, latency = 15e-6, bandwidth = 1e9

    func seconds(ranks: Int, threads: Int) -> Double {
        let chunks = min(batch, Partition.mostChunks), workers = ranks * threads
        let share = Double((chunks + workers - 1) / workers) / Double(chunks)
        let compute = 3 * multiplyAdds * Double(batch) / StepModel.speed * share
        guard ranks > 1 else { return compute }
        // Four more: what the step is, in two, the memory for it, and the examples' results.
        let doublings = Int.bitWidth - (ranks - 1).leadingZeroBitCount
        let meetings = Double(exchanges + 4) * StepModel.latency * Double(doublings)
        let slices = min(gradientBytes, BatchExchange.sliceBytes) * (ranks - 1)
        return compute + meetings + Double(2 * gradientBytes + slices) / StepModel.bandwidth
    }
}
