/// Random changes of images that keep their class, made anew whenever a batch is drawn.
///
/// In this order: a new picture, crop, flip, cutout, noise. Each example has a generator of its own, made from the epoch's key and the
/// example's place in the epoch; so an augmented epoch is the same at any thread count.
public struct Augmentation: Sendable, Equatable {
    /// Draws another picture of the example's class, of shapes with these options: no picture is seen twice.
    public var redraw: Shapes.Options?
    /// Pixels of blank border around the image, out of which an image of the same size is cut at random. An axis of one pixel
    /// has no border.
    public var crop = 0
    /// Mirrors left and right in half of the cases.
    public var flip = false
    /// Side of a square that is set to 0 at a random place; where it sticks out of the image it is cut off (DeVries and Taylor, 2017).
    public var cutout = 0
    /// Standard deviation of normal noise on each pixel.
    public var noise = 0.0

    public init(redraw: Shapes.Options? = nil, crop: Int = 0, flip: Bool = false, cutout: Int = 0, noise: Double = 0) {
        self.redraw = redraw
        self.crop = crop
        self.flip = flip
        self.cutout = cutout
        self.noise = noise
    }

    func check(for shape: ImageShape) throws {
        let side = min(shape.height, shape.width)
        let border = [shape.height, shape.width].filter { $0 > 1 }.min() ?? 0
        guard (0...border).contains(crop) else {
            throw NASError(
                .value, "images of \(shape.height)x\(shape.width) can be cropped with a border of 0 to \(border) pixels, not \(crop)",
                parameter: "crop")
        }
        guard (0...side).contains(cutout) else {
            throw NASError(
                .value, "a square cut out of \(shape.height)x\(shape.width) pixels has a side of 0 to \(side), not \(cutout)",
                parameter: "cutout")
        }
        guard noise >= 0, noise.isFinite else { throw NASError(.value, "'noise' must be at least 0, not \(noise)", parameter: "noise") }
    }

    /// Writes the changed image of `source` to `target`, both height x width x channels.
    func apply(
        _ source: UnsafePointer<Float>, to target: UnsafeMutablePointer<Float>, shape: ImageShape, blank: [Float],
        using generator: inout Generator
    ) {
        let (height, width, channels) = (shape.height, shape.width, shape.channels)
        let dy = crop > 0 && height > 1 ? generator.below(2 * crop + 1) - crop : 0
        let dx = crop > 0 && width > 1 ? generator.below(2 * crop + 1) - crop : 0
        let mirrors = flip && generator.below(2) == 1
        // Columns of the target that lie within the source.
        let columns = mirrors ? max(0, dx)..<min(width, width + dx) : max(0, -dx)..<min(width, width - dx)
        for y in 0..<height {
            let row = target + y * width * channels
            guard (0..<height).contains(y + dy) else {
                fill(row, 0..<width, blank)
                continue
            }
            fill(row, 0..<columns.lowerBound, blank)
            fill(row, columns.upperBound..<width, blank)
            let from = source + (y + dy) * width * channels
            if mirrors {
                for x in columns {
                    let (pixel, other) = (row + x * channels, from + (width - 1 - x + dx) * channels)
                    for c in 0..<channels { pixel[c] = other[c] }
                }
            } else {
                (row + columns.lowerBound * channels).update(
                    from: from + (columns.lowerBound + dx) * channels, count: columns.count * channels)
            }
        }
        if cutout > 0 {
            let (top, left) = (generator.below(height) - cutout / 2, generator.below(width) - cutout / 2)
            for y in max(0, top)..<min(height, top + cutout) {
                let (from, to) = (max(0, left), min(width, left + cutout))
                (target + (y * width + from) * channels).update(repeating: 0, count: max(0, to - from) * channels)
            }
        }
        if noise > 0 { for i in 0..<shape.count { target[i] += Float(noise * generator.normal()) } }
    }

    private func fill(_ row: UnsafeMutablePointer<Float>, _ columns: Range<Int>, _ color: [Float]) {
        for x in columns { for c in color.indices { row[x * color.count + c] = color[c] } }
    }
}

extension Dataset {
    /// A batch of the examples `items`, augmented where the dataset is.
    ///
    /// - Parameters:
    ///   - key: the epoch's, drawn once at its start.
    ///   - position: the first example's place in the epoch.
    package func batch(_ items: [Int], weights: [Float]? = nil, key: UInt64, position: Int) -> Batch {
        guard let augmentation else { return Batch(dataset: self, indices: items, weights: weights) }
        let drawn = UnsafeMutablePointer<Float>.allocate(capacity: augmentation.redraw == nil ? 0 : shape.count)
        defer { drawn.deallocate() }
        let changed = [Float](unsafeUninitializedCapacity: items.count * shape.count) { target, count in
            images.withUnsafeBufferPointer { source in
                guard let source = source.baseAddress, let target = target.baseAddress else { return }
                for (i, item) in items.enumerated() {
                    // Keys of neighbours differ in every bit as likely as not: the generator's own mixer sees to that.
                    var generator = Generator(seed: key &+ UInt64(position + i))
                    var image = source + item * shape.count
                    if let redraw = augmentation.redraw {
                        Shapes.draw(Int(labels[item]), redraw, into: drawn, using: &generator)
                        image = UnsafePointer(drawn)
                    }
                    augmentation.apply(image, to: target + i * shape.count, shape: shape, blank: blank, using: &generator)
                }
            }
            count = items.count * shape.count
        }
        let own = Dataset(
            name: name, shape: shape, classes: classes, images: changed, labels: items.map { labels[$0] }, classNames: classNames,
            blank: blank)
        return Batch(dataset: own, indices: Array(items.indices), items: items, weights: weights)
    }
}
