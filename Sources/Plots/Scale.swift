import Foundation
import Text

extension Double {
    /// How far the number lies on the way from `low`, which is 0, to `high`, which is 1. The ends are finite and different; their
    /// difference may be above the greatest double or below the least normal one.
    func share(from low: Double, to high: Double) -> Double {
        let length = high - low
        return length.isFinite ? (self - low) / length : (self / 2 - low / 2) / (high / 2 - low / 2)
    }
}

/// Where an axis puts its values: from 0 at its start to 1 at its end. Any finite range makes a scale, and any number has a
/// finite place on it or none.
struct Scale: Sendable {
    /// Ends of the axis, finite and apart; their logarithms to base 10 on a logarithmic one.
    private let low: Double
    private let high: Double
    private let axis: Chart.Axis

    struct Tick: Equatable {
        var fraction: Double
        var label: String
    }

    /// The range of the data with a margin of a twentieth on both sides, where the axis has one. Values that coincide, all
    /// but for rounding, get room around them.
    init(_ range: ClosedRange<Double>, _ axis: Chart.Axis) {
        self.axis = axis
        let stickyLow = axis.limits.low != nil || !axis.hasMargin || axis.standsOnZero && range.lowerBound == 0
        let stickyHigh = axis.limits.high != nil || !axis.hasMargin || axis.standsOnZero && range.upperBound == 0 && range.lowerBound < 0
        var (low, high) = (Scale.position(of: range.lowerBound, on: axis), Scale.position(of: range.upperBound, on: axis))
        let half = high / 2 - low / 2
        let largest = max(abs(low), abs(high))
        if half <= 1e-12 * largest || half < 1e-290 {
            let room = axis.isLogarithmic ? 0.5 : largest * 0.1 < 1e-290 ? 1 : largest * 0.1
            if !stickyLow { low -= room }
            if axis.limits.high == nil || stickyLow { high += room }
        } else {
            if !stickyLow { low -= half * 0.1 }
            if !stickyHigh { high += half * 0.1 }
        }
        high = min(high, .greatestFiniteMagnitude)
        low = max(low, -.greatestFiniteMagnitude)
        // An end that was asked for may be the greatest double, beyond which there is no room.
        let room = max(abs(high) * 0.1, 1)
        if low >= high { if high < 0 { high = low + room } else { low = high - room } }
        (self.low, self.high) = (low, high)
    }

    /// What has no logarithm is put where the least number has its place.
    private static func position(of value: Double, on axis: Chart.Axis) -> Double {
        axis.isLogarithmic ? log10(max(value, .leastNonzeroMagnitude)) : value
    }

    /// Where a value stands; nil for one that the axis cannot show. It may lie outside 0...1, up to fifty times the axis's length.
    func fraction(_ value: Double) -> Double? {
        guard axis.shows(value) else { return nil }
        let fraction = Scale.position(of: value, on: axis).share(from: low, to: high)
        return min(max(axis.isReversed ? 1 - fraction : fraction, -50), 51)
    }

    /// Within the axis: what cannot be shown stands at the end it lies beyond.
    func clamped(_ value: Double) -> Double { min(max(fraction(value) ?? ((value > 0) != axis.isReversed ? 1 : 0), 0), 1) }

    /// At about `count` round values.
    func ticks(_ count: Int) -> [Tick] {
        if axis.isHidden { return [] }
        if !axis.categories.isEmpty {
            return axis.categories.enumerated().compactMap { i, name in
                fraction(Double(i)).flatMap { (-1e-9...1 + 1e-9).contains($0) ? Tick(fraction: $0, label: name) : nil }
            }
        }
        var values = axis.isLogarithmic ? logarithmicTicks(count) : Scale.roundValues(from: low, to: high, count)
        // Beyond the ends of the doubles there is no power of ten.
        values.removeAll { !axis.shows($0) || axis.isWhole && $0 != $0.rounded() }
        return zip(values, Scale.labels(values)).compactMap { value, label in fraction(value).map { Tick(fraction: $0, label: label) } }
    }

    /// The multiples of 1, 2, 2.5 or 5 times a power of ten that lie within the range, at most `count` + 1 of them.
    static func roundValues(from low: Double, to high: Double, _ count: Int) -> [Double] {
        let rough = (high / 2 - low / 2) / Double(max(1, count)) * 2
        let scale = pow(10, log10(rough).rounded(.down))
        guard rough > 0, scale > 0, scale.isFinite else { return [] }
        let step = ([1, 2, 2.5, 5, 10].first { $0 * scale >= rough * (1 - 1e-9) } ?? 10) * scale
        let first = (low / step - 1e-9).rounded(.up)
        let last = (high / step + 1e-9).rounded(.down)
        guard first.isFinite, last.isFinite, first <= last, last - first <= Double(count) + 2 else { return [] }
        return stride(from: first, through: last, by: 1).map { $0 == 0 ? 0 : $0 * step }
    }

    /// Powers of ten; 1, 2 and 5 times them where there are few; round values within one of them.
    private func logarithmicTicks(_ count: Int) -> [Double] {
        let (first, last) = ((low - 1e-9).rounded(.up), (high + 1e-9).rounded(.down))
        if last - first >= 2 {
            let step = ((last - first) / Double(max(1, count))).rounded(.up)
            return stride(from: first, through: last, by: max(1, step)).map { pow(10, $0) }
        }
        let fine = stride(from: first - 1, through: last, by: 1).flatMap { exponent in [1, 2, 5].map { $0 * pow(10, exponent) } }
            .filter { (low - 1e-9...high + 1e-9).contains(log10($0)) }
        return fine.count >= 3 ? fine : Scale.roundValues(from: pow(10, low), to: pow(10, high), count)
    }

    /// As many digits as tell neighbours apart, the same for all; with an exponent where the numbers are very large or small.
    static func labels(_ values: [Double]) -> [String] {
        let largest = values.map(abs).max() ?? 0
        let steps = zip(values, values.dropFirst()).map { abs($1 - $0) }
        guard largest > 0, largest.isFinite, let least = steps.min(), least > 0, least.isFinite else { return values.map { Numbers.significant($0, 6) } }
        let isEven = steps.allSatisfy { abs($0 - least) <= 1e-6 * least }
        guard isEven else { return values.map { Numbers.significant($0, 6) } }
        // The exponent of the step's last digit that is not 0.
        let exponent = Int(saturating: log10(least).rounded(.down))
        let mantissa = least / pow(10, Double(exponent))
        let digit = abs(mantissa - mantissa.rounded()) < 1e-6 ? exponent : exponent - 1
        if largest < 1e6, digit >= -6 { return values.map { Numbers.fixed($0, max(0, -digit)) } }
        let digits = Int(saturating: log10(largest).rounded(.down)) - digit
        return values.map { value in
            let text = String(format: "%.\(min(max(digits, 0), 17))e", value)
            return value == 0 ? "0" : text.hasSuffix("e+00") ? String(text.dropLast(4)) : Numbers.withShortExponent(text)
        }
    }
}
