import Foundation
import NASLib
import Testing

/// Long work stops where it is told to.
@Suite struct Stopping {
    private struct Stop: Error {}

    /// Stops at the third call of `check`: work that does not ask so often goes on to the end.
    private func stopsEarly(_ work: (() throws -> Void) throws -> Void) -> Bool {
        var count = 0
        do {
            try work {
                count += 1
                if count == 3 { throw Stop() }
            }
            return false
        } catch { return count == 3 }
    }

    @Test func statisticsAskOnTheWay() {
        let x = (0..<100).map { Double($0 * 37 % 101) }
        let y = (0..<100).map { Double($0 * 53 % 101) }
        #expect(stopsEarly { _ = try Correlation.kendall(x, y, check: $0) })
        #expect(stopsEarly { _ = try Correlation.spearman(x, y, check: $0) })
        #expect(stopsEarly { _ = try Correlation.ranks(x, check: $0) })
        #expect(stopsEarly { _ = try Correlation.weightedKendall(x, y, check: $0) })
        #expect(stopsEarly { _ = try TopRanks.precision(x, y, k: 3, check: $0) })
        #expect(stopsEarly { _ = try TopRanks.regret(x, y, k: 3, check: $0) })
        #expect(stopsEarly { _ = try GoodnessOfFit.kolmogorovSmirnov(x, Normal(mean: 0, deviation: 1), check: $0) })
        #expect(stopsEarly { _ = try paretoK(logWeights: x, check: $0) })
        #expect(stopsEarly { _ = try AliasTable(weights: y, check: $0) })
        for method in UnitPoints.allCases {
            var generator = Generator(seed: 0)
            #expect(stopsEarly { _ = try method.points(9, using: &generator, check: $0) })
        }
    }

    @Test func tensorsStop() throws {
        let flag = Cancellation.Flag()
        flag.raise()
        Cancellation.$flag.withValue(flag) {
            #expect(throws: NASError.self) { try Tensor(repeating: 1, shape: [2, 2]) }
            #expect(throws: NASError.self) { try Tensor(count: 3) { Float($0) } }
        }
        #expect(try Tensor(count: 3) { Float($0) }.values == [0, 1, 2])
    }

    /// Operations that cannot throw by themselves leave the rest of their result as it was: nobody gets to see it.
    @Test func stoppedOperationsHaveNoResult() throws {
        let a = Variable(try Tensor(repeating: 2, shape: [3, 4]))
        let flag = Cancellation.Flag()
        flag.raise()
        let operations: [String: () throws -> Void] = [
            "exp": { _ = try a.exp() }, "add": { _ = try Variable.add(a, a) }, "negated": { _ = try a.negated() },
            "transposed": { _ = try a.tensor.transposed() }, "broadcast": { _ = try a.tensor.broadcast(to: [2, 3, 4]) },
            "truth": { _ = try a.tensor.truth([0], keepsAxes: false, all: true) }, "compare": { _ = try Tensor.compare(a.tensor, a.tensor, .less) },
            "positions": { _ = try a.tensor.extremePosition([0], keepsAxes: false, least: true) },
        ]
        for (name, operation) in operations {
            Cancellation.$flag.withValue(flag) { #expect(throws: NASError.self, "\(name)") { try operation() } }
            #expect(throws: Never.self, "\(name)") { try operation() }
        }
    }

    /// The work waits until nobody waits for it any more.
    @Test func workOnAThreadOfItsOwnIsLeftAlone() throws {
        let flag = Cancellation.Flag()
        let (mayEnd, hasEnded) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        Cancellation.$flag.withValue(flag) {
            #expect(throws: NASError.self) {
                try Cancellation.abandoning(when: true) {
                    flag.raise()
                    mayEnd.wait()
                    hasEnded.signal()
                }
            }
        }
        mayEnd.signal()
        hasEnded.wait()
        flag.lower()
        let seven = try Cancellation.$flag.withValue(flag) { try Cancellation.abandoning(when: true) { 7 } }
        #expect(seven == 7)
    }
}
