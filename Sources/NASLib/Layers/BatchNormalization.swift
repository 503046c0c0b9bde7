import CKernels

/// y[p, c] = (x[p, c] - mean[c]) / sqrt(variance[c] + 1e-5) * gamma[c] + beta[c], mean and variance over all pixels of the batch.
struct BatchNormalization: LayerKind {
    /// Without it there are gamma, beta and running statistics in a stand-alone network and not in a supernet.
    var isAffine: Bool?

    static let epsilon = 1e-5
    var description: String { isAffine.map { "batch_norm(affine: \($0))" } ?? "\"batch_norm\"" }
    var hasParameters: Bool { isAffine == true }
    var keepsZero: Bool { isAffine != true }
    var isItsOwn: Bool { isAffine != false }

    func planned(for input: ImageShape, isAlone: Bool) throws -> any PlannedLayer {
        BatchNormalizationLayer(channels: input.channels, isAffine: isAffine ?? isAlone, isTracked: isAlone)
    }
}

extension DeclaredLayer {
    /// Batch normalisation. Without `affine` it has gamma, beta and running statistics in a stand-alone network and not in a supernet.
    public static func batchNormalization(affine: Bool?) -> DeclaredLayer { DeclaredLayer(BatchNormalization(isAffine: affine)) }
}

/// A batch normalisation by itself; one that follows a convolution is part of that.
struct BatchNormalizationLayer: NormalizationLayer {
    var channels: Int
    var isAffine: Bool
    /// Whether it has running statistics, for evaluation.
    var isTracked: Bool
    var place = LayerPlace()

    var slots: [ParameterSlot] { (isAffine ? [.affine(channels: channels)] : []) + (isTracked ? [.running(channels: channels)] : []) }

    func step(at site: Site, _ memory: inout StepMemory) -> any LayerStep {
        memory.scratch.delta = max(memory.scratch.delta, site.output.count)
        return BatchNormalizationStep(site, Normalizer(self, site.output, &memory))
    }
}

private final class BatchNormalizationStep: LayerStep {
    private let site: Site
    private let own: Normalizer
    var normalizer: Normalizer? { own }

    init(_ site: Site, _ normalizer: Normalizer) { (self.site, own) = (site, normalizer) }

    private func images(_ share: Share) -> UnsafePointer<Float> { UnsafePointer(share.arena + site.input.values) }
    private func deltas(_ share: Share) -> UnsafePointer<Float> { UnsafePointer(share.arena + site.output.deltas) }

    func prepare(_ share: Share) { if own.takesBatch(share) { own.takeMoments(share, of: images(share)) } }

    func forward(_ share: Share, _ examples: Range<Int>, adds: Bool) {
        for example in examples where !share.isStopping {
            own.normalize(share, share.image(site.input, example), into: share.target(site.output, example), adds: adds)
        }
    }

    func prepareBackward(_ share: Share) { own.takeDeltaSums(share, deltas(share), of: images(share)) }

    func backward(_ share: Share, adds: Adds) {
        let (height, width, row) = (site.output.height, site.output.width, site.output.row)
        let image = share.scratch.delta.images(1, height: height, width: width, channels: row, border: 0)
        for chunk in share.chunks {
            for example in share.partition.chunks[chunk] {
                let delta = share.delta(site.output, example), x = share.image(site.input, example),
                    target = share.delta(site.input, example)
                own.delta(share, delta, x, into: image, PaddedImage(height: height, width: width, channels: row, border: 0))
                Elementwise.accumulate(image, mask: nil, into: target, count: site.output.count, adds: adds.toSource)
            }
        }
    }
}

/// Batch normalisation of images at their place: moments over the batch, which become vectors that normalise, and the derivative.
struct Normalizer {
    /// Where it stands in the `BatchStatistics`.
    let start: Int
    /// Floats of a pixel, and pixels of an image.
    let row: Int
    let pixels: Int
    /// Where gamma and beta lie in the store, and where the running statistics do.
    let affine: Int?
    let running: Int?

    init(_ layer: some StoredLayer, _ images: Images, _ memory: inout StepMemory) {
        (row, pixels) = (images.row, images.pixels)
        start = memory.takeStatistics(channels: images.row)
        (affine, running) = (layer.offset(.affine), layer.offset(.running))
    }

    /// Whether it normalises by the batch's own moments.
    func takesBatch(_ share: Share) -> Bool { share.mode == .batch || running == nil }

    private func vector(_ share: Share, _ kind: BatchStatistics.View.Kind) -> UnsafeMutablePointer<Float> {
        share.statistics.vector(start, kind, channels: row)
    }

    private func vectors(_ share: Share, _ kind: BatchStatistics.View.Kind) -> UnsafeMutablePointer<Vector> { vector(share, kind).vectors }

    // MARK: - Forward

    /// The next examples whose moments are to be taken.
    struct Cursor {
        var chunk: Int
        var example: Int

        init(_ share: Share) { (chunk, example) = (share.chunks.lowerBound, share.ownExamples.lowerBound) }
    }

    /// The moments of all of the thread's images.
    func takeMoments(_ share: Share, of images: UnsafePointer<Float>) {
        var cursor = Cursor(share)
        takeMoments(share, of: images, until: share.ownExamples.upperBound, &cursor)
        addUpMoments(share)
    }

    /// Takes the moments of the images before an example, while they are in the cache. A chunk's images are taken in groups that do
    /// not depend on where the thread's own chunks begin.
    func takeMoments(_ share: Share, of images: UnsafePointer<Float>, until end: Int, _ cursor: inout Cursor) {
        while cursor.example < end {
            let chunk = share.partition.chunks[cursor.chunk]
            let next = min(chunk.upperBound, cursor.example + Geometry.room(pixels: pixels))
            guard next <= end else { return }
            let sums = share.statistics.sums(start, chunk: cursor.chunk, .forward, channels: row)
            Normalizer.accumulateMoments(
                images + cursor.example * pixels * row, pixels: (next - cursor.example) * pixels,
                before: (cursor.example - chunk.lowerBound) * pixels, channels: row, mean: sums, deviations: sums + row)
            cursor.example = next
            if next == chunk.upperBound { cursor.chunk += 1 }
        }
    }

    /// When the moments of all of the thread's images are there.
    func addUpMoments(_ share: Share) { share.statistics.addUpGroups(start, .forward, pixels: pixels, channels: row) }

    /// Turns the batch's moments, or the running ones, into the vectors that normalise.
    func settle(_ share: Share) {
        let (means, rests, inverses) = (vectors(share, .mean), vectors(share, .rest), vectors(share, .inverse))
        let (scales, shifts) = (vectors(share, .scale), vectors(share, .shift))
        for block in 0..<row / 8 {
            let mean: Doubles
            var variance: Doubles
            if share.mode == .running, let running {
                let values = share.running + running + block * 8
                (mean, variance) = (Doubles(values.vectors[0]), Doubles((values + row).vectors[0]))
            } else {
                let moments = share.statistics.moments(start, pixels: pixels, channels: row, block: block)
                (mean, variance) = (moments.mean, moments.deviations / moments.count)
            }
            // Rounding may take it below.
            variance.replace(with: 0, where: variance .< 0)
            let inverse = 1 / (variance + BatchNormalization.epsilon).squareRoot()
            let gamma = affine.map { Doubles((share.weights + $0 + block * 8).vectors[0]) } ?? Doubles(repeating: 1)
            let beta = affine.map { Doubles((share.weights + $0 + row + block * 8).vectors[0]) } ?? Doubles.zero
            let rounded = Vector(mean)
            let rest = mean - Doubles(rounded)
            means[block] = rounded
            rests[block] = Vector(rest)
            inverses[block] = Vector(inverse)
            scales[block] = Vector(gamma * inverse)
            shifts[block] = Vector(beta - rest * gamma * inverse)
        }
    }

    /// y = (adds ? y : 0) + (x - mean) * scale + shift, for one image.
    func normalize(_ share: Share, _ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>, adds: Bool) {
        Normalizer.normalize(
            x, mean: vector(share, .mean), scale: vector(share, .scale), shift: vector(share, .shift), into: y, pixels: pixels,
            channels: row,
            adds: adds)
    }

    // MARK: - Backward

    /// Sums of dy and of dy * (x - mean) over the thread's images; `images` are what was normalised.
    func takeDeltaSums(_ share: Share, _ deltas: UnsafePointer<Float>, of images: UnsafePointer<Float>) {
        let mean = vector(share, .mean)
        for chunk in share.chunks {
            let sums = share.statistics.sums(start, chunk: chunk, .backward, channels: row)
            sums.update(repeating: 0, count: 2 * row)
            let range = share.partition.chunks[chunk]
            var first = range.lowerBound
            while first < range.upperBound {
                let next = min(range.upperBound, first + Geometry.room(pixels: pixels))
                Normalizer.accumulateDeltaMoments(
                    deltas + first * pixels * row, images + first * pixels * row, mean: mean, pixels: (next - first) * pixels,
                    channels: row, sums, sums + row)
                first = next
            }
        }
        share.statistics.addUpGroups(start, .backward, pixels: pixels, channels: row)
    }

    /// Turns the sums over the batch of dy and dy * (x - mean) into the vectors of the derivative,
    /// dx = scale * (dy - mean of dy - xhat * mean of dy * xhat), and into the gradients of gamma and beta.
    func settleDeltas(_ share: Share) {
        let (rests, inverses, scales) = (vectors(share, .rest), vectors(share, .inverse), vectors(share, .scale))
        let (products, offsets) = (vectors(share, .product), vectors(share, .offset))
        let count = Double(share.statistics.exampleCount * pixels)
        let gradient = share.chunkOfSums.flatMap { chunk in affine.map { share.gradient(chunk, $0) } }
        for block in 0..<row / 8 {
            var (deltas, normalized) = share.statistics.deltaSums(start, channels: row, block: block)
            let rest = Doubles(rests[block]), inverse = Doubles(inverses[block]), scale = Doubles(scales[block])
            normalized = (normalized - deltas * rest) * inverse
            let product = scale * inverse * normalized / count
            products[block] = Vector(product)
            offsets[block] = Vector(scale * deltas / count - product * rest)
            if let gradient {
                (gradient + block * 8).vectors[0] = Vector(normalized)
                (gradient + block * 8 + row).vectors[0] = Vector(deltas)
            }
        }
    }

    /// dx = dy * scale - (x - mean) * product - offset, for one image, into one with a border.
    func delta(
        _ share: Share, _ delta: UnsafePointer<Float>, _ x: UnsafePointer<Float>, into target: UnsafeMutablePointer<Float>,
        _ image: PaddedImage
    ) {
        let mean = vector(share, .mean), scale = vector(share, .scale), product = vector(share, .product), offset = vector(share, .offset)
        let (width, channels, border) = (image.width, image.channels, image.border)
        let stride = channels / 8
        let paddedRow = (width + 2 * border) * channels
        for block in 0..<stride {
            let m = mean.vectors[block], s = scale.vectors[block], k = -product.vectors[block], c = offset.vectors[block]
            for y in 0..<image.height {
                var i = y * width * stride + block
                let row = (target + (y + border) * paddedRow + border * channels).vectors
                var o = block
                for _ in 0..<width {
                    row[o] = (delta.vectors[i] * s).addingProduct(x.vectors[i] - m, k) - c
                    i &+= stride
                    o &+= stride
                }
            }
        }
    }

    // MARK: - Over the ranks

    /// See `BatchStatistics.View`.
    func addUpSharedGroups(_ statistics: BatchStatistics.View, _ pass: BatchStatistics.View.Pass) {
        statistics.addUpSharedGroups(start, pass, pixels: pixels, channels: row)
    }

    // MARK: - Running statistics

    /// Moves them a share of the way to the last batch's (variance with the n - 1 divisor), as PyTorch does.
    func updateRunning(_ statistics: BatchStatistics.View, _ numbers: UnsafeMutablePointer<Float>, by share: Double) {
        guard let running else { return }
        func move(_ place: Int, to value: Double) {
            let old = Double(numbers[place])
            numbers[place] = Float(old + share * (value - old))
        }
        for block in 0..<row / 8 {
            let moments = statistics.moments(start, pixels: pixels, channels: row, block: block)
            let variance = moments.deviations / max(1, moments.count - 1)
            for lane in 0..<8 {
                move(running + block * 8 + lane, to: moments.mean[lane])
                move(running + row + block * 8 + lane, to: variance[lane])
            }
        }
    }
}

// MARK: - Loops over pixels

extension Normalizer {
    /// Adds the moments of some pixels to those of the `before` pixels that are in `mean` and `deviations`.
    ///
    /// Sums are those of the differences from one of the pixels: what all pixels have in common does not take their digits.
    fileprivate static func accumulateMoments(
        _ x: UnsafePointer<Float>, pixels: Int, before: Int, channels: Int, mean: UnsafeMutablePointer<Double>,
        deviations: UnsafeMutablePointer<Double>
    ) {
        let stride = channels / 8
        let from = x.vectors
        for block in 0..<stride {
            // Of three pixels the middle one: a corner may have little in common with the rest.
            let a = from[block], b = from[block &+ pixels / 2 &* stride], c = from[block &+ (pixels &- 1) &* stride]
            let low = a.replacing(with: b, where: b .< a), high = a.replacing(with: b, where: b .> a)
            let lower = high.replacing(with: c, where: c .< high)
            let shift = low.replacing(with: lower, where: lower .> low)
            var s0 = Vector.zero, s1 = Vector.zero, q0 = Vector.zero, q1 = Vector.zero
            var p = 0
            var i = block
            while p &+ 2 <= pixels {
                let u = from[i] - shift, v = from[i &+ stride] - shift
                s0 += u
                q0.addProduct(u, u)
                s1 += v
                q1.addProduct(v, v)
                i &+= 2 &* stride
                p &+= 2
            }
            if p < pixels {
                let u = from[i] - shift
                s0 += u
                q0.addProduct(u, u)
            }
            let sum = Doubles(s0 + s1), offset = sum / Double(pixels)
            let moments = Moments(count: Double(pixels), mean: Doubles(shift) + offset, deviations: Doubles(q0 + q1) - sum * offset)
            var all = Moments()
            if before > 0 { all = Moments(count: Double(before), mean: mean.vectors[block], deviations: deviations.vectors[block]) }
            all.add(moments)
            mean.vectors[block] = all.mean
            deviations.vectors[block] = all.deviations
        }
    }

    /// sums[c] += sum of d[p][c], products[c] += sum of d[p][c] * (x[p][c] - mean[c]).
    fileprivate static func accumulateDeltaMoments(
        _ delta: UnsafePointer<Float>, _ x: UnsafePointer<Float>, mean: UnsafePointer<Float>, pixels: Int, channels: Int,
        _ sums: UnsafeMutablePointer<Double>, _ products: UnsafeMutablePointer<Double>
    ) {
        let stride = channels / 8
        for block in 0..<stride {
            let m = mean.vectors[block]
            var s = Vector.zero, q = Vector.zero
            var i = block
            for _ in 0..<pixels {
                let d = delta.vectors[i]
                s += d
                q.addProduct(d, x.vectors[i] - m)
                i &+= stride
            }
            sums.vectors[block] += Doubles(s)
            products.vectors[block] += Doubles(q)
        }
    }

    /// y[p][c] = (adds ? y : 0) + (x[p][c] - mean[c]) * scale[c] + shift[c].
    fileprivate static func normalize(
        _ x: UnsafePointer<Float>, mean: UnsafePointer<Float>, scale: UnsafePointer<Float>, shift: UnsafePointer<Float>,
        into y: UnsafeMutablePointer<Float>, pixels: Int, channels: Int, adds: Bool
    ) {
        let stride = channels / 8
        for block in 0..<stride {
            let m = mean.vectors[block], a = scale.vectors[block], b = shift.vectors[block]
            var i = block
            if adds {
                for _ in 0..<pixels {
                    y.vectors[i] += b.addingProduct(x.vectors[i] - m, a)
                    i &+= stride
                }
            } else {
                for _ in 0..<pixels {
                    y.vectors[i] = b.addingProduct(x.vectors[i] - m, a)
                    i &+= stride
                }
            }
        }
    }
}
