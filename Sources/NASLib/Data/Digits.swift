import EmbeddedData

/// The handwritten digits that come with padash: 1,797 images of 8x8 pixels in ten classes.
///
/// Optical Recognition of Handwritten Digits, E. Alpaydin and C. Kaynak, UCI Machine Learning Repository, 1998,
/// https://doi.org/10.24432/C50P49, licensed CC BY 4.0; the images of its test part, one a line: the label, then 64 pixels in reading
/// order, as letters, `a` for 0 to `q` for 16.
public enum Digits {
    /// Makes a harder or easier task of the same images.
    public struct Options: Sendable, Equatable {
        /// Shares of each class that go to training and validation; the rest is for testing.
        public var train = 0.5
        public var valid = 0.25
        /// Standard deviation of normal noise on each pixel, in units of the pixels' own standard deviation.
        public var noise = 0.0
        /// Each image is moved by up to this many pixels in each direction; what comes in from outside is blank.
        public var shift = 0
        /// Decides the split, the noise and the shifts.
        public var seed: UInt64 = 0

        public init() {}
    }

    /// The three parts of the data, each with the classes' own proportions. Pixels have mean 0 and variance 1.
    public static func load(_ options: Options = Options()) throws -> Split {
        let shares = try SplitShares(train: options.train, valid: options.valid)
        guard options.noise >= 0, options.noise.isFinite else {
            throw NASError(.value, "'noise' must be at least 0, not \(options.noise)", parameter: "noise")
        }
        guard (0...4).contains(options.shift) else {
            throw NASError(.value, "'shift' must be from 0 to 4 pixels, not \(options.shift)", parameter: "shift")
        }
        let generator = Generator(seed: options.seed)
        let (pixels, labels) = unpacked
        let all = Dataset(name: "digits", shape: ImageShape(height: 8, width: 8, channels: 1), classes: 10, images: pixels, labels: labels)
        let raw = all.split(shares, using: generator.stream("digits split"))
        return Split(
            train: prepared(raw.train, options, generator.stream("digits train")),
            valid: prepared(raw.valid, options, generator.stream("digits valid")),
            test: prepared(raw.test, options, generator.stream("digits test")))
    }

    /// Shifted, normalised and noisy.
    private static func prepared(_ data: Dataset, _ options: Options, _ generator: Generator) -> Dataset {
        var generator = generator
        let mean = 4.884164, deviation = 6.016787  // over all pixels of all images
        let images = shifted(data.images, by: options.shift, using: &generator).map { pixel in
            let noise = options.noise > 0 ? options.noise * generator.normal() : 0
            return Float((Double(pixel) - mean) / deviation + noise)
        }
        let (paper, ink) = (Float(-mean / deviation), Float((16 - mean) / deviation))
        return data.with(images: images, blank: [paper], pixelRanges: [(paper, ink)])
    }

    /// All pixels, 0 to 16, and all labels.
    private static let unpacked: (pixels: [Float], labels: [Int32]) = {
        var pixels: [Float] = []
        var labels: [Int32] = []
        let file = embedded_file("digits_images.txt")
        for byte in UnsafeBufferPointer(start: file.bytes, count: file.count) {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): labels.append(Int32(byte) - 48)
            case UInt8(ascii: "a")...UInt8(ascii: "q"): pixels.append(Float(byte) - 97)
            default: break
            }
        }
        return (pixels, labels)
    }()

    private static func shifted(_ pixels: [Float], by most: Int, using generator: inout Generator) -> [Float] {
        guard most > 0 else { return pixels }
        var result = Array(repeating: Float(0), count: pixels.count)
        for image in 0..<pixels.count / 64 {
            let (dy, dx) = (generator.below(2 * most + 1) - most, generator.below(2 * most + 1) - most)
            for y in max(0, dy)..<min(8, 8 + dy) {
                for x in max(0, dx)..<min(8, 8 + dx) { result[image * 64 + y * 8 + x] = pixels[image * 64 + (y - dy) * 8 + x - dx] }
            }
        }
        return result
    }
}
