/// Pictures of coloured shapes, made from a seed: as many as are wanted, as hard as is wanted.
///
/// The outline of the shape is the class. Its place, size, turn, colours and stripes, the background, patches that lie about, and noise
/// say nothing of the class, and range the further the greater the difficulty. So a network does well that finds an outline anywhere
/// in the picture, as in photographs. The outlines have nearly equal areas.
///
/// Everything is computed with +, -, *, / and square roots of doubles, which IEEE 754 defines to the last bit: the same seed gives the
/// same pictures on every machine.
public enum Shapes {
    public struct Options: Sendable, Equatable {
        /// Pixels of height and of width.
        public var size = 12
        /// How many of the outlines are used, from the first on.
        public var classes = 10
        /// How hard the pictures are to tell apart: from 0, where the shape stands upright in the middle, in plain colours, to 1 and on to
        /// 2.
        public var difficulty = 1.0

        public init() {}

        func check() throws {
            guard (4...64).contains(size) else {
                throw NASError(.value, "'size' must be from 4 to 64 pixels a side, not \(size)", parameter: "size")
            }
            guard (2...names.count).contains(classes) else {
                throw NASError(.value, "'classes' must be from 2 to \(names.count), not \(classes)", parameter: "classes")
            }
            guard (0...2).contains(difficulty) else {
                throw NASError(.value, "'difficulty' must be from 0 to 2, not \(difficulty)", parameter: "difficulty")
            }
        }
    }

    /// The outlines in the order of the classes.
    public static let names = ["disc", "ring", "square", "frame", "triangle", "cross", "bar", "pair", "crescent", "bow tie"]

    /// The three parts of `count` pictures, each with the classes in equal shares. Where they are `fresh`, a training draws new pictures
    /// instead of seeing its part again.
    public static func load(
        count: Int, _ options: Options = Options(), shares: SplitShares, fresh: Bool = false, seed: UInt64 = 0
    ) throws -> Split {
        let generator = Generator(seed: seed).stream("shapes")
        var split = try make(count: count, options, using: generator.stream("examples")).split(shares, using: generator.stream("split"))
        if fresh { split.train = try split.train.augmented(Augmentation(redraw: options)) }
        return split
    }

    /// Makes `count` pictures, the classes taking turns. A picture depends on the generator's seed and its own number alone: the first of
    /// more pictures are the same.
    public static func make(count: Int, _ options: Options, using generator: Generator) throws -> Dataset {
        try options.check()
        guard (1...1_000_000).contains(count) else {
            throw NASError(.value, "'count' must be from 1 to 1000000, not \(count)", parameter: "count")
        }
        let shape = ImageShape(height: options.size, width: options.size, channels: 3)
        guard count <= Tensor.limit / shape.count else {
            throw NASError(.value, "\(count) pictures of \(options.size)x\(options.size) pixels take too much memory", parameter: "count")
        }
        try MemoryAccount.ask(count * shape.count * MemoryLayout<Float>.stride)
        let labels = (0..<count).map { Int32($0 % options.classes) }
        let key = generator.stream("shapes").seed
        let images = try [Float](unsafeUninitializedCapacity: count * shape.count) { target, initialized in
            guard let start = target.baseAddress else { return }
            for i in 0..<count {
                try Cancellation.check()
                var own = Generator(seed: key &+ UInt64(i))
                draw(Int(labels[i]), options, into: start + i * shape.count, using: &own)
            }
            initialized = count * shape.count
        }
        return Dataset(
            name: "shapes", shape: shape, classes: options.classes, images: images, labels: labels,
            classNames: Array(names[..<options.classes]),
            pixelRanges: Array(repeating: (-2, 2), count: 3))
    }

    /// One picture of a class, size x size x 3: red, green and blue, from -2 (none) to 2 (full) but for the noise.
    static func draw(_ label: Int, _ options: Options, into pixels: UnsafeMutablePointer<Float>, using generator: inout Generator) {
        let d = options.difficulty
        let scene = Scene(label, d, using: &generator)
        let size = options.size
        // Each pixel is the mean of 2x2 points, so that edges are soft.
        let step = 1 / Double(size)
        for y in 0..<size {
            for x in 0..<size {
                var color = SIMD4<Double>.zero
                for point in 0..<4 {
                    let u = (Double(2 * x + point % 2) + 0.5) * step - 1
                    let v = (Double(2 * y + point / 2) + 0.5) * step - 1
                    color += scene.color(u, v)
                }
                for channel in 0..<3 {
                    // The sum of three uniform numbers is near enough to normal, and needs no logarithm; its variance is 1/4.
                    let noise = generator.uniform() + generator.uniform() + generator.uniform() - 1.5
                    pixels[(y * size + x) * 3 + channel] = Float(4 * (color[channel] / 4 - 0.5) + 0.6 * d * noise)
                }
            }
        }
    }

    /// What is in one picture, in coordinates from -1 to 1.
    private struct Scene {
        private let label: Int
        private let background: SIMD4<Double>, slope: SIMD4<Double>, slant: SIMD4<Double>
        private let ink: SIMD4<Double>, second: SIMD4<Double>
        private let stripes: Double
        private let center: SIMD2<Double>, scale: Double, turn: SIMD2<Double>
        private let patches: [Patch]

        private struct Patch {
            var center: SIMD2<Double>, half: SIMD2<Double>, turn: SIMD2<Double>, color: SIMD4<Double>
        }

        init(_ label: Int, _ d: Double, using generator: inout Generator) {
            self.label = label
            // Colours that differ at least by some contrast, which falls with the difficulty.
            let contrast = 1.2 / (1 + d)
            var (paper, ink) = (Self.color(&generator), Self.color(&generator))
            while Self.distance(paper, ink) < contrast { (paper, ink) = (Self.color(&generator), Self.color(&generator)) }
            (background, self.ink) = (paper, ink)
            slope = 0.3 * d * (Self.color(&generator) - 0.5)
            slant = 0.3 * d * (Self.color(&generator) - 0.5)
            // Half of the shapes are striped in a second colour between ink and paper.
            let share = generator.uniform() * 0.6 * min(1, d)
            second = generator.below(2) == 0 ? ink : ink + share * (paper - ink)
            stripes = 2 + 2 * generator.uniform()
            scale = 0.85 - 0.35 * min(1.4, d) * generator.uniform()
            let room = min(1, d) * (1 - 0.8 * scale)
            center = SIMD2(room * (2 * generator.uniform() - 1), room * (2 * generator.uniform() - 1))
            turn = Self.direction(d, &generator)
            var patches: [Patch] = []
            let most = Int(saturating: 4 * d)
            for _ in 0..<(most == 0 ? 0 : generator.below(most + 1)) {
                patches.append(Patch(
                    center: SIMD2(2 * generator.uniform() - 1, 2 * generator.uniform() - 1),
                    half: SIMD2(0.08 + 0.14 * generator.uniform(), 0.08 + 0.14 * generator.uniform()),
                    turn: Self.direction(2, &generator), color: Self.color(&generator)))
            }
            self.patches = patches
        }

        private static func color(_ generator: inout Generator) -> SIMD4<Double> {
            SIMD4(generator.uniform(), generator.uniform(), generator.uniform(), 0)
        }

        private static func distance(_ a: SIMD4<Double>, _ b: SIMD4<Double>) -> Double {
            ((a - b) * (a - b)).sum().squareRoot()
        }

        /// A unit vector: upright with difficulty 0, in any direction from 1 on.
        private static func direction(_ d: Double, _ generator: inout Generator) -> SIMD2<Double> {
            while true {
                let point = SIMD2(2 * generator.uniform() - 1, 2 * generator.uniform() - 1)
                let length = (point * point).sum().squareRoot()
                guard length > 0.1, length <= 1 else { continue }
                let mixed = SIMD2(max(0, 1 - d), 0) + min(1, d) * point / length
                let norm = (mixed * mixed).sum().squareRoot()
                if norm > 0.01 { return mixed / norm }
            }
        }

        func color(_ x: Double, _ y: Double) -> SIMD4<Double> {
            let point = SIMD2(x, y)
            let inner = Self.turned((point - center) / scale, turn)
            if inside(inner.x, inner.y) {
                let band = inner.y * stripes
                return band - band.rounded(.down) < 0.5 ? ink : second
            }
            for patch in patches {
                let place = Self.turned(point - patch.center, patch.turn)
                if abs(place.x) < patch.half.x, abs(place.y) < patch.half.y { return patch.color }
            }
            return background + x * slope + y * slant
        }

        private static func turned(_ p: SIMD2<Double>, _ turn: SIMD2<Double>) -> SIMD2<Double> {
            SIMD2(p.x * turn.x + p.y * turn.y, p.y * turn.x - p.x * turn.y)
        }

        /// Whether a point belongs to the outline of the class, which lies within the circle of radius 1.1; y points down.
        private func inside(_ x: Double, _ y: Double) -> Bool {
            let square = x * x + y * y
            let (a, b) = (abs(x), abs(y))
            switch label {
            case 0: return square < 0.66
            case 1: return square < 1 && square > 0.34
            case 2: return max(a, b) < 0.72
            case 3: return max(a, b) < 0.86 && max(a, b) > 0.47
            case 4: return y < 0.7 && y > -1 && a < 0.66 * (y + 1) * 1.09
            case 5: return min(a, b) < 0.32 && max(a, b) < 0.97
            case 6: return a < 0.5 && b < 1.03
            case 7: return (a - 0.6) * (a - 0.6) + y * y < 0.33
            case 8: return square < 1.1 && (x - 0.5) * (x - 0.5) + y * y > 0.62
            default: return b < 0.95 && a < 1.05 * b + 0.08
            }
        }
    }
}
