/// Changing all images for good.
extension Dataset {
    /// For each channel, the mean and standard deviation (with divisor n) over all pixels of all images.
    public var channelStatistics: (means: [Double], deviations: [Double]) {
        let channels = shape.channels
        var means = Array(repeating: 0.0, count: channels)
        var deviations = means
        let n = Double(max(1, images.count / channels))
        images.withUnsafeBufferPointer { images in
            for start in stride(from: 0, to: images.count, by: channels) { for c in 0..<channels { means[c] += Double(images[start + c]) } }
            for c in 0..<channels { means[c] /= n }
            for start in stride(from: 0, to: images.count, by: channels) {
                for c in 0..<channels {
                    let difference = Double(images[start + c]) - means[c]
                    deviations[c] += difference * difference
                }
            }
        }
        return (means, deviations.map { ($0 / n).squareRoot() })
    }

    /// (pixel - mean) / deviation, channel by channel; a deviation of 0 counts as 1. One number each stands for all channels.
    public func normalized(means: [Double], deviations: [Double]) throws -> Dataset {
        let (means, deviations) = (try perChannel(means, "mean", "mean"), try perChannel(deviations, "deviation", "std"))
        guard deviations.allSatisfy({ $0 >= 0 }) else {
            throw NASError(.value, "a standard deviation must be at least 0, not \(deviations.min() ?? 0)", parameter: "std")
        }
        let factors = deviations.map { $0 > 0 ? 1 / $0 : 1 }
        let channels = shape.channels
        func changed(_ x: Float, _ c: Int) -> Float { Float((Double(x) - means[c]) * factors[c]) }
        let images = [Float](unsafeUninitializedCapacity: images.count) { target, count in
            self.images.withUnsafeBufferPointer { source in
                for start in stride(from: 0, to: source.count, by: channels) {
                    for c in 0..<channels { target[start + c] = changed(source[start + c], c) }
                }
            }
            count = self.images.count
        }
        return with(
            images: images, blank: blank.enumerated().map { changed($1, $0) },
            pixelRanges: pixelRanges?.enumerated().map { (changed($1.low, $0), changed($1.high, $0)) })
    }

    private func perChannel(_ values: [Double], _ what: String, _ parameter: String) throws -> [Double] {
        guard values.allSatisfy(\.isFinite) else {
            throw NASError(.value, "a \(what) must be finite, not \(values.first { !$0.isFinite } ?? 0)", parameter: parameter)
        }
        if values.count == 1 { return Array(repeating: values[0], count: shape.channels) }
        guard values.count == shape.channels else {
            throw NASError(.value, "there are \(values.count) \(what)s for images of \(shape.channels) channels", parameter: parameter)
        }
        return values
    }

    /// Normal noise of a standard deviation on every pixel.
    public func withNoise(_ deviation: Double, using generator: Generator) throws -> Dataset {
        guard deviation >= 0, deviation.isFinite else {
            throw NASError(.value, "'std' must be at least 0, not \(deviation)", parameter: "std")
        }
        var generator = generator
        return with(images: images.map { $0 + Float(deviation * generator.normal()) })
    }

    /// The same images, to be changed at random whenever a batch of them is drawn.
    public func augmented(_ augmentation: Augmentation) throws -> Dataset {
        try augmentation.check(for: shape)
        return with(augmentation: augmentation)
    }
}
