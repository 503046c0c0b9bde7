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
        let meetings = Double(exchanges + 4) * StepModel.latency * StepModel.doublings(ranks)
        let slices = min(gradientBytes, BatchExchange.sliceBytes) * (ranks - 1)
        return compute + meetings + Double(2 * gradientBytes + slices) / StepModel.bandwidth
    }

    /// How many times one rank doubles until there are so many.
    private static func doublings(_ ranks: Int) -> Double { Double(Int.bitWidth - (ranks - 1).leadingZeroBitCount) }

    /// A step on several paths that ranks share: each has every so-manieth path, and then all get the gradients of all of them.
    static func seconds(paths: [StepModel], ranks: Int, threads: Int) -> Double {
        let alone = paths.map { $0.seconds(ranks: 1, threads: threads) }
        guard ranks > 1 else { return alone.reduce(0, +) }
        var seconds = 0.0
        for first in stride(from: 0, to: paths.count, by: ranks) {
            let round = first..<min(first + ranks, paths.count)
            let bytes = round.reduce(0) { $0 + paths[$1].gradientBytes }
            // Two meetings: how much each has to tell, and that.
            seconds += (round.map { alone[$0] }.max() ?? 0) + 2 * latency * doublings(ranks) + Double(bytes) / bandwidth
        }
        return seconds
    }

    /// Whether sharing is worth it, with a margin, since networks differ.
    static func pays(shared: Double, alone: Double) -> Bool { shared < 0.8 * alone }
}
