import Foundation
import Text

/// The run time of a piece of code, from several runs.
package struct Timing: Sendable {
    /// Seconds a run, in the order they were measured; each is the mean of `batch` runs, so that the clock's steps do not matter.
    package let samples: [Double]
    package let batch: Int

    package var runs: Int { samples.count * batch }
    package var median: Double {
        let sorted = samples.sorted()
        return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
    }
    package var fastest: Double { samples.min() ?? 0 }

    /// Seconds that all runs together take, about.
    private static let total = 1.0
    private static let shortestBatch = 1e-3

    /// The first run determines how many more runs there is time for, and returns what to do with its result, which is not timed. Code that
    /// takes longer than the time for all runs is run once.
    package init(first: () throws -> () -> Void, again: () throws -> Void) throws {
        let start = Timing.now
        let finish = try first()
        let duration = max(1e-9, Timing.now - start)
        finish()
        guard duration < Timing.total else {
            (samples, batch) = ([duration], 1)
            return
        }
        // The first run was slowed down by what it touched first, so the second decides.
        let second = Timing.now
        try again()
        let batch = max(1, Int(saturating: Timing.shortestBatch / max(1e-9, Timing.now - second)))
        var samples: [Double] = []
        while samples.count < 3 || Timing.now - start < Timing.total {
            let begin = Timing.now
            for _ in 0..<batch { try again() }
            samples.append((Timing.now - begin) / Double(batch))
        }
        self.samples = samples
        self.batch = batch
    }

    private static var now: Double { Double(DispatchTime.now().uptimeNanoseconds) / 1e9 }
}
