import Foundation

/// MNIST-1D (Greydanus and Kobak, "Scaling Down Deep Learning", arXiv 2011.14439): signals of 40 points in ten classes, made
/// from one template a digit. Each is padded, stretched, scaled, moved around, laid over smooth and white noise, sheared and
/// sampled again. Small enough for a laptop, and yet it tells linear models, perceptrons and convolutions apart.
public enum MNIST1D {
    /// Makes `count` signals, as images of 1x40x1, the classes equally often, in random order; mean 0 and variance 1 over all.
    public static func make(count: Int, using generator: Generator) throws -> Dataset {
        guard (10...Tensor.limit / length).contains(count) else {
            throw NASError(.value, "'count' must be from 10 to \(Tensor.limit / length), not \(count)", parameter: "count")
        }
        var generator = generator
        var order = Array(0..<count)
        generator.shuffle(&order)
        var signals: [Float] = []
        signals.reserveCapacity(count * length)
        for i in order {
            try Cancellation.check()
            signals += signal(templates[i % 10], using: &generator).map { Float($0) }
        }
        let raw = Dataset(
            name: "mnist1d", shape: ImageShape(height: 1, width: length, channels: 1), classes: 10, images: signals,
            labels: order.map { Int32($0 % 10) })
        let (means, deviations) = raw.channelStatistics
        return try raw.normalized(means: means, deviations: deviations)
    }

    static let length = 40
    /// Points of a template after padding and stretching.
    private static let stretchedLength = 72

    private static func signal(_ template: [Double], using generator: inout Generator) -> [Double] {
        // Padding of 36 to 60 points, then stretched to 72 in all: so the digit's width varies.
        var x = template + Array(repeating: 0, count: 36 + generator.below(25))
        x = resampled(x, count: stretchedLength)
        let scale = 1 + 0.4 * (generator.uniform() - 0.5)
        let shift = generator.below(48)
        x = x.indices.map { x[($0 + x.count - shift) % x.count] * scale }
        // Smooth noise where there is no digit, white noise everywhere.
        let smooth = smoothed(x.map { _ in 0.25 * generator.normal() })
        x = zip(x, smooth).map { $0 != 0 ? $0 : $1 }.map { $0 + 0.02 * generator.normal() }
        let shear = 0.75 * (generator.uniform() - 0.5)
        x = x.enumerated().map { $1 - shear * (Double($0) / Double(x.count - 1) - 0.5) }
        return resampled(x, count: length)
    }

    /// On a straight line between neighbours, at `count` evenly spaced places from the first to the last.
    static func resampled(_ x: [Double], count: Int) -> [Double] {
        (0..<count).map { i in
            let place = Double(i) * Double(x.count - 1) / Double(count - 1)
            let left = min(Int(saturating: place), x.count - 2)
            return x[left] + (x[left + 1] - x[left]) * (place - Double(left))
        }
    }

    /// A Gaussian of standard deviation 2, cut off at 8 points on either side; beyond its ends the signal is mirrored.
    static func smoothed(_ x: [Double]) -> [Double] {
        x.indices.map { i in
            (-8...8).reduce(0.0) { sum, offset in
                let place = i + offset
                let mirrored = place < 0 ? -1 - place : place >= x.count ? 2 * x.count - 1 - place : place
                return sum + kernel[offset + 8] * x[mirrored]
            }
        }
    }

    private static let kernel: [Double] = {
        let raw = (-8...8).map { exp(-Double($0 * $0) / 8) }
        let total = raw.reduce(0, +)
        return raw.map { $0 / total }
    }()

    /// The published twelve points of each digit, made to have variance 1, to begin at 0, and then divided by 6. As in the
    /// published code, 1e-8 tells a template's own zeros from padding.
    static let templates: [[Double]] = [
        [5, 6, 6.5, 6.75, 7, 7, 7, 7, 6.75, 6.5, 6, 5],
        [5, 3, 3, 3.4, 3.8, 4.2, 4.6, 5, 5.4, 5.8, 5, 5],
        [5, 6, 6.5, 6.5, 6, 5.25, 4.75, 4, 3.5, 3.5, 4, 5],
        [5, 6, 6.5, 6.5, 6, 5, 5, 6, 6.5, 6.5, 6, 5],
        [5, 4.4, 3.8, 3.2, 2.6, 2.6, 5, 5, 5, 5, 5, 5],
        [5, 3, 3, 3, 3, 5, 6, 6.5, 6.5, 6, 4.5, 5],
        [5, 4, 3.5, 3.25, 3, 3, 3, 3, 3.25, 3.5, 4, 5],
        [5, 7, 7, 6.6, 6.2, 5.8, 5.4, 5, 4.6, 4.2, 5, 5],
        [5, 4, 3.5, 3.5, 4, 5, 5, 4, 3.5, 3.5, 4, 5],
        [5, 4, 3.5, 3.5, 4, 5, 5, 5, 5, 4.7, 4.3, 5],
    ].map { points in
        let mean = points.reduce(0, +) / Double(points.count)
        let deviation = (points.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(points.count)).squareRoot()
        return points.map { ($0 - points[0]) / deviation / 6 + 1e-8 }
    }
}
