import Foundation
import NASLib
import Testing

/// Against mpmath's numbers: `Tests/recorded/extremes_mpmath.json`, which the script beside it printed.
@Suite struct ExtremeSamples {
    struct Recording: Decodable, Sendable {
        struct Pair: Decodable, Sendable { let xs, ys: [Double], mean, std, covariance, pearson, slope, r2: Double }
        struct Sum: Decodable, Sendable { let numbers: [Double], sum: Double }
        let samples: [Pair]
        let sums: [Sum]
    }

    let recording: Recording

    init() throws {
        let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let decoder = JSONDecoder()
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        recording = try decoder.decode(Recording.self, from: Data(contentsOf: tests.appendingPathComponent("recorded/extremes_mpmath.json")))
    }

    private func isClose(_ a: Double, _ b: Double) -> Bool { a == b || abs(a - b) <= 1e-12 * abs(b) }

    @Test func spreadsAndCorrelations() {
        #expect(recording.samples.count == 37)
        for pair in recording.samples {
            let (x, y) = (Sample(pair.xs), Sample(pair.ys))
            #expect(isClose(x.mean, pair.mean) && isClose(x.standardDeviation, pair.std), "\(x.mean), \(x.standardDeviation); \(pair.mean), \(pair.std)")
            #expect(isClose(x.covariance(with: y), pair.covariance) && isClose(x.correlation(with: y), pair.pearson))
            let line = x.line(to: y)
            #expect(line.map { isClose($0.slope, pair.slope) && isClose($0.r2, pair.r2) } == true, "\(String(describing: line)); \(pair.slope), \(pair.r2)")
        }
    }

    @Test func sums() {
        for expected in recording.sums { #expect(abs(expected.numbers.compensatedSum() - expected.sum) <= expected.sum.ulp) }
        #expect([Double.infinity, 1, 2].compensatedSum() == .infinity && [Double.infinity, -.infinity].compensatedSum().isNaN && [Double]().compensatedSum() == 0)
    }

    @Test func wholePartsOfAnyDouble() {
        for (x, whole) in [
            (Double.nan, 0), (.infinity, Int.max), (-.infinity, .min), (1e308, .max), (0x1p63, .max), (-0x1p63, .min), (2.9, 2), (-2.9, -2), (-0.0, 0), (0x1p63.nextDown, 0x7fff_ffff_ffff_fc00),
        ] { #expect(Int(saturating: x) == whole, "\(x)") }
    }

    @Test func equalIntervals() {
        for (low, high) in [(0.0, 5e-324), (-1e308, 1e308), (1, 2), (0, 1e-300), (1e16, 1e16 + 2)] {
            let intervals = EqualIntervals(low, high, count: 10)
            #expect(intervals.border(0) == low && intervals.border(10) == high && intervals.position(of: low) == 0 && intervals.position(of: high) == 9)
            #expect(intervals.position(of: -.infinity) == 0 && intervals.position(of: .infinity) == 9)
            #expect((0..<10).allSatisfy { intervals.border($0) <= intervals.border($0 + 1) })
        }
        let tenths = EqualIntervals(0, 1, count: 10)
        #expect((0..<10).allSatisfy { tenths.position(of: tenths.border($0)) == $0 && tenths.position(of: tenths.border($0).nextDown) == max(0, $0 - 1) })
    }
}
