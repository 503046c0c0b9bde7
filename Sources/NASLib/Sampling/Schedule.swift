import Foundation

/// A number that varies over training, as a function of progress from 0 to 1.
public indirect enum Schedule: Sendable {
    case constant(Double)
    /// a + (b - a) p
    case linear(Double, Double)
    /// b + (a - b) (1 + cos(pi p)) / 2
    case cosine(Double, Double)
    /// a (b / a)^p
    case exponential(Double, Double)
    /// b + (a - b) (1 - p)^power
    case polynomial(Double, Double, power: Double)
    /// a, multiplied by a factor at each of the given progresses
    case step(Double, at: [Double], by: Double)
    /// Linear from 0 to where the other schedule begins, which then runs in the rest.
    case warmup(Double, then: Schedule)
    /// Linear between points [progress, value], constant beyond them.
    case piecewise([(Double, Double)])
    /// From low to high and back, as often as `cycles` says.
    case cyclic(Double, Double, cycles: Double)
    case sum(Schedule, Schedule)
    case difference(Schedule, Schedule)
    case product(Schedule, Schedule)

    /// Of its points, and those of the schedules that it is put together from.
    package var byteCount: Int {
        switch self {
        case .step(_, let at, _): at.count * 8
        case .piecewise(let points): points.count * 16
        case .warmup(_, let then): then.byteCount
        case .sum(let a, let b), .difference(let a, let b), .product(let a, let b): a.byteCount + b.byteCount
        case .constant, .linear, .cosine, .exponential, .polynomial, .cyclic: 0
        }
    }

    /// The value at a progress, which is taken to the nearest of 0...1.
    public func value(at progress: Double) -> Double {
        guard !progress.isNaN else { return .nan }
        let p = min(1, max(0, progress))
        switch self {
        case .constant(let a): return a
        case .linear(let a, let b): return a + (b - a) * p
        case .cosine(let a, let b): return b + (a - b) * (1 + cos(.pi * p)) / 2
        case .exponential(let a, let b): return a * pow(b / a, p)
        case .polynomial(let a, let b, let power): return b + (a - b) * pow(1 - p, power)
        case .step(let a, let at, let by): return a * pow(by, Double(at.count { p >= $0 }))
        case .warmup(let fraction, let then):
            if p < fraction { return then.value(at: 0) * p / fraction }
            return then.value(at: fraction < 1 ? (p - fraction) / (1 - fraction) : 1)
        case .piecewise(let points):
            guard let after = points.firstIndex(where: { $0.0 >= p }) else { return points.last?.1 ?? 0 }
            guard after > 0 else { return points[0].1 }
            let (start, end) = (points[after - 1], points[after])
            return end.0 > start.0 ? start.1 + (end.1 - start.1) * (p - start.0) / (end.0 - start.0) : end.1
        case .cyclic(let low, let high, let cycles):
            let phase = (p * cycles).truncatingRemainder(dividingBy: 1)
            return low + (high - low) * (1 - abs(2 * phase - 1))
        case .sum(let a, let b): return a.value(at: p) + b.value(at: p)
        case .difference(let a, let b): return a.value(at: p) - b.value(at: p)
        case .product(let a, let b): return a.value(at: p) * b.value(at: p)
        }
    }
}
