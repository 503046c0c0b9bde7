import Testing

@testable import NASLib

@Suite struct DatasetPartTests {
    static let data = Dataset(
        name: "tiny", shape: ImageShape(height: 1, width: 1, channels: 2), classes: 3, images: (0..<200).map { Float($0) },
        labels: (0..<100).map { $0 < 60 ? 0 : $0 < 90 ? 1 : 2 })

    @Test func stratifiedPartsKeepProportions() throws {
        let generator = Generator(seed: 1)
        #expect(try Self.data.stratified(10, using: generator).classCounts == [6, 3, 1])
        #expect(try Self.data.stratified(7, using: generator).classCounts == [4, 2, 1])  // shares 4.2, 2.1 and 0.7
        #expect(try Self.data.stratified(100, using: generator).classCounts == [60, 30, 10])
        let part = try Self.data.stratified(50, using: generator)
        #expect(Set(part.images).count == 100)  // no example twice
        #expect(try Self.data.stratified(50, using: generator).images == part.images)
        #expect(try Self.data.stratified(50, using: Generator(seed: 2)).images != part.images)
        for bad in [0, 101, -1] { #expect(throws: NASError.self) { try Self.data.stratified(bad, using: generator) } }
    }

    @Test func balancedParts() throws {
        let generator = Generator(seed: 1)
        #expect(try Self.data.balanced(using: generator).classCounts == [10, 10, 10])
        #expect(try Self.data.balanced(perClass: 4, using: generator).classCounts == [4, 4, 4])
        #expect(throws: NASError.self) { try Self.data.balanced(perClass: 11, using: generator) }
        #expect(throws: NASError.self) { try Self.data.subset([0, 1], name: "x").balanced(using: generator) }
    }

    @Test func labelNoiseReplacesExactlyItsShare() throws {
        let noisy = try Self.data.withLabelNoise(0.25, using: Generator(seed: 1))
        #expect(zip(noisy.labels, Self.data.labels).count { $0 != $1 } == 25)
        #expect(noisy.images == Self.data.images)
        let all = try Self.data.withLabelNoise(1, using: Generator(seed: 1))
        #expect(zip(all.labels, Self.data.labels).allSatisfy { $0 != $1 })
        #expect(throws: NASError.self) { try Self.data.withLabelNoise(1.1, using: Generator(seed: 1)) }
    }

    @Test func normalisationByChannel() throws {
        let (means, deviations) = Self.data.channelStatistics
        // 0, 2, …, 198 and 1, 3, …, 199: variance (n² - 1) / 12 times 4.
        #expect(means == [99, 100])
        for deviation in deviations { #expect(abs(deviation - (4 * 9999.0 / 12).squareRoot()) < 1e-9) }
        let (after, spread) = try Self.data.normalized(means: means, deviations: deviations).channelStatistics
        for c in 0..<2 { #expect(abs(after[c]) < 1e-6 && abs(spread[c] - 1) < 1e-6) }
        #expect(try Self.data.normalized(means: [1], deviations: [2]).blank == [-0.5, -0.5])
        #expect(try Self.data.normalized(means: [1], deviations: [0]).images[2] == 1)
        #expect(throws: NASError.self) { try Self.data.normalized(means: [1, 2, 3], deviations: [1]) }
        #expect(throws: NASError.self) { try Self.data.normalized(means: [.nan], deviations: [1]) }
    }
}

@Suite struct AugmentationTests {
    /// One image of 3x4, pixels 1 to 12, with a blank colour of -1.
    static let data = Dataset(
        name: "one", shape: ImageShape(height: 3, width: 4, channels: 1), classes: 2, images: (1...12).map { Float($0) }, labels: [1], blank: [-1])

    private func images(_ augmentation: Augmentation, count: Int = 400, key: UInt64 = 5) throws -> [[Float]] {
        let batch = try Self.data.augmented(augmentation).batch(Array(repeating: 0, count: count), key: key, position: 0)
        return (0..<count).map { Array(batch.dataset.images[$0 * 12..<($0 + 1) * 12]) }
    }

    @Test func cropsAreAllShiftsEquallyOften() throws {
        var counts: [[Float]: Int] = [:]
        for image in try images(Augmentation(crop: 1), count: 9000) { counts[image, default: 0] += 1 }
        var expected: Set<[Float]> = []
        for dy in -1...1 {
            for dx in -1...1 {
                expected.insert((0..<12).map { i in
                    let (y, x) = (i / 4 + dy, i % 4 + dx)
                    return (0..<3).contains(y) && (0..<4).contains(x) ? Float(y * 4 + x + 1) : -1
                })
            }
        }
        #expect(Set(counts.keys) == expected)
        #expect(counts.values.allSatisfy { abs($0 - 1000) < 150 })  // five standard deviations
    }

    @Test func flipsMirrorHalfOfTheTime() throws {
        let mirrored: [Float] = [4, 3, 2, 1, 8, 7, 6, 5, 12, 11, 10, 9]
        let all = try images(Augmentation(flip: true), count: 1000)
        #expect(Set(all) == [Self.data.images, mirrored])
        #expect(abs(all.count { $0 == mirrored } - 500) < 80)
    }

    @Test func cutoutClearsASquareWithinTheImage() throws {
        let sizes = try images(Augmentation(cutout: 2)).map { image in
            let cleared = image.indices.filter { image[$0] == 0 }
            #expect(zip(image, Self.data.images).allSatisfy { $0 == 0 || $0 == $1 })
            return cleared.count
        }
        #expect(Set(sizes) == [1, 2, 4])  // in a corner, at a side, inside
    }

    @Test func noiseHasItsDeviation() throws {
        let differences = try images(Augmentation(noise: 0.5), count: 2000).flatMap { zip($0, Self.data.images).map { Double($0 - $1) } }
        let variance = differences.reduce(0) { $0 + $1 * $1 } / Double(differences.count)
        #expect(abs(variance - 0.25) < 0.01)
    }

    /// How an epoch is cut into batches makes no difference.
    @Test func anExampleDependsOnTheKeyAndItsPlaceAlone() throws {
        let augmented = try Self.data.augmented(Augmentation(crop: 1, flip: true, cutout: 1, noise: 0.1))
        let whole = augmented.batch([0, 0, 0, 0], key: 9, position: 0).dataset.images
        let parts = augmented.batch([0], key: 9, position: 0).dataset.images + augmented.batch([0, 0, 0], key: 9, position: 1).dataset.images
        #expect(whole == parts)
        #expect(whole != augmented.batch([0, 0, 0, 0], key: 10, position: 0).dataset.images)
        #expect(whole[..<12] != whole[12..<24])
    }

    @Test func batchesTellWhereTheyCameFrom() throws {
        let digits = try Digits.load().train.augmented(Augmentation(crop: 1))
        let batch = digits.batch([7, 3], weights: [1, 2], key: 0, position: 0)
        #expect(batch.items == [7, 3] && batch.indices == [0, 1] && batch.weights == [1, 2])
        #expect(batch.dataset.labels == [digits.labels[7], digits.labels[3]])
        #expect(digits.batch([7, 3], key: 0, position: 0).dataset.images == batch.dataset.images)
        let plain = try Digits.load().train.batch([7, 3], key: 0, position: 0)
        #expect(plain.indices == [7, 3] && plain.items == [7, 3])
    }

    @Test func impossibleRequestsAreRefused() {
        for bad in [Augmentation(crop: 5), Augmentation(crop: -1), Augmentation(cutout: 4), Augmentation(noise: -1), Augmentation(noise: .infinity)] {
            #expect(throws: NASError.self) { try Self.data.augmented(bad) }
        }
    }
}

@Suite struct SyntheticDataTests {
    @Test func signalsAreNormalisedAndBalanced() throws {
        let data = try MNIST1D.make(count: 500, using: Generator(seed: 42))
        #expect(data.shape == ImageShape(height: 1, width: 40, channels: 1) && data.classCounts == Array(repeating: 50, count: 10))
        let (means, deviations) = data.channelStatistics
        #expect(abs(means[0]) < 1e-6 && abs(deviations[0] - 1) < 1e-6)
        #expect(data.images == (try MNIST1D.make(count: 500, using: Generator(seed: 42)).images))
        #expect(throws: NASError.self) { try MNIST1D.make(count: 9, using: Generator(seed: 0)) }
    }

    /// The first points of the templates of 0 and 1, from the published formula in numpy.
    @Test func templatesAreThePublishedOnes() {
        #expect(MNIST1D.templates.allSatisfy { $0.count == 12 && $0[0] == 1e-8 })
        for (value, expected) in zip(MNIST1D.templates[0][1...2], [0.23693955, 0.35540933]) { #expect(abs(value - expected) < 1e-6) }
        for (value, expected) in zip(MNIST1D.templates[1][1...3], [-0.36986336, -0.36986336, -0.29589069]) { #expect(abs(value - expected) < 1e-6) }
    }

    /// scipy.ndimage.gaussian_filter([0, 0, 1, 0, 0, 2], 2) and numpy.interp, which the published code uses.
    @Test func filtersAreThePublishedOnes() {
        let smooth = MNIST1D.smoothed([0, 0, 1, 0, 0, 2, 0, 0, 0, 0])
        for (value, expected) in zip(smooth, SyntheticDataTests.smoothed) { #expect(abs(value - expected) < 1e-6) }
        #expect(MNIST1D.resampled([0, 1, 3], count: 5) == [0, 0.5, 1, 2, 3])
    }

    static let smoothed = [0.20770796, 0.25789633, 0.33789266, 0.4202267, 0.47349536, 0.46377615, 0.37920131, 0.25161198, 0.13616776, 0.07202379]

    @Test func pointsLieOnTheirCurves() throws {
        let moons = try PlanarData.twoMoons(count: 200, noise: 0, using: Generator(seed: 1))
        for i in 0..<moons.count {
            let (x, y) = (Double(moons.images[2 * i]), Double(moons.images[2 * i + 1]))
            let (dx, dy) = moons.labels[i] == 0 ? (x, y) : (1 - x, 0.5 - y)
            #expect(abs(dx * dx + dy * dy - 1) < 1e-5 && dy > -1e-6)
        }
        let spirals = try PlanarData.spirals(count: 300, classes: 3, turns: 0.5, noise: 0, using: Generator(seed: 1))
        #expect(spirals.classCounts == [100, 100, 100])
        for i in 0..<300 {
            let (x, y) = (spirals.images[2 * i], spirals.images[2 * i + 1])
            #expect(x * x + y * y < 1.00001)
        }
        let blobs = try PlanarData.blobs(count: 4000, classes: 2, deviation: 0.5, using: Generator(seed: 1))
        let right = (0..<4000).filter { blobs.labels[$0] == 0 }.map { Double(blobs.images[2 * $0]) }
        let mean = right.reduce(0, +) / 2000
        #expect(abs(mean - 1) < 0.06)
        #expect(abs(right.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 2000 - 0.25) < 0.04)
    }

    @Test func impossibleRequestsAreRefused() {
        let generator = Generator(seed: 0)
        #expect(throws: NASError.self) { try PlanarData.twoMoons(count: 1, noise: 0, using: generator) }
        #expect(throws: NASError.self) { try PlanarData.spirals(count: 10, classes: 1, turns: 1, noise: 0, using: generator) }
        #expect(throws: NASError.self) { try PlanarData.spirals(count: 10, classes: 2, turns: .nan, noise: 0, using: generator) }
        #expect(throws: NASError.self) { try PlanarData.blobs(count: 2_000_000, classes: 2, deviation: 0.1, using: generator) }
        #expect(throws: NASError.self) { try PlanarData.blobs(count: 20, classes: 2, deviation: -0.1, using: generator) }
    }
}
