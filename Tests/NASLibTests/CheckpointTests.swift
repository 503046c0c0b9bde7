import Testing

@testable import NASLib

@Suite struct CheckpointFileTests {
    static let contents = (0..<300).map { UInt8(truncatingIfNeeded: $0 * $0) }
    static let packed = CheckpointFile.pack(contents)

    private func unpack(_ bytes: [UInt8]) throws -> [UInt8] {
        var reader = try CheckpointFile.unpack(FileBytes(name: "run.ckpt", bytes: bytes))
        return try (0..<300).map { _ in try reader.byte() }
    }

    @Test func contentsComeBack() throws { #expect(try unpack(Self.packed) == Self.contents) }

    @Test func everyTruncationIsRefused() {
        for length in Self.packed.indices { #expect(throws: NASError.self) { try unpack(Array(Self.packed[..<length])) } }
        #expect(throws: NASError.self) { try unpack(Self.packed + [0]) }
    }

    @Test func everyFlippedBitIsRefused() {
        for bit in 0..<Self.packed.count * 8 {
            var bytes = Self.packed
            bytes[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(throws: NASError.self) { try unpack(bytes) }
        }
    }

    @Test(arguments: [
        ([], "'run.ckpt' is no checkpoint: it is empty"), (Array("hello".utf8), "it begins with other bytes"),
        (CheckpointFile.pack([1], version: CheckpointFile.version + 1), "written by a newer padash"),
        (Array(packed.dropLast()), "is damaged: expected 300 bytes of contents, found 299"),
        (packed.dropLast() + [packed[packed.count - 1] ^ 1], "is damaged: its checksum is"),
    ] as [([UInt8], String)])
    func theReasonIsTold(bytes: [UInt8], fragment: String) {
        let error = #expect(throws: NASError.self) { try unpack(bytes) }
        #expect(error?.message.contains(fragment) == true, "\(error?.message ?? "")")
    }
}

@Suite struct StateTests {
    private func saved(_ object: some Checkpointable) -> ArchiveReader {
        var archive = ArchiveWriter()
        object.save(to: &archive)
        return ArchiveReader(FileBytes(name: "state", bytes: archive.bytes))
    }

    private func restore(_ object: some Checkpointable, from archive: ArchiveReader) throws {
        var archive = archive
        try object.restoration(from: &archive)()
        #expect(archive.isAtEnd)
    }

    @Test func archivesHoldWhatWasWritten() throws {
        var writer = ArchiveWriter()
        writer.write(Int.min)
        writer.write("größe")
        writer.write([1.5, -.infinity])
        writer.write([Float.leastNonzeroMagnitude])
        var generator = Generator(seed: 3)
        _ = generator.next()
        writer.write(generator)
        var reader = ArchiveReader(FileBytes(name: "a", bytes: writer.bytes))
        #expect(try reader.int() == .min)
        #expect(try reader.text() == "größe")
        #expect(try reader.doubles() == [1.5, -.infinity])
        #expect(try reader.floats() == [.leastNonzeroMagnitude])
        #expect(try reader.generator() == generator)
        #expect(reader.isAtEnd)
        #expect(throws: NASError.self) { try reader.int() }
    }

    @Test func aCountBeyondTheFileIsRefused() {
        var writer = ArchiveWriter()
        writer.write(Int.max)
        for read in [{ _ = try $0.floats() }, { _ = try $0.doubles() }, { _ = try $0.text() }] as [(inout ArchiveReader) throws -> Void] {
            var reader = ArchiveReader(FileBytes(name: "a", bytes: writer.bytes))
            #expect(throws: NASError.self) { try read(&reader) }
        }
    }

    /// Steps after a restored state are those after the state itself, momentum included.
    @Test func aSupernetGoesOnFromItsState() throws {
        let data = try Digits.load().train
        var generator = Generator(seed: 1)
        let net = try Supernet(channels: 8, cells: 1, classes: 10, input: data.shape, generator: &generator)
        func steps(_ net: Supernet) throws -> [Double] {
            try (0..<3).map { i in
                let batch = Batch(dataset: data, indices: Array(i * 32..<(i + 1) * 32))
                return try net.step(path: Path([3, 2, 1, 4, 3, 2]), batch: batch, options: StepOptions(learningRate: 0.05)).loss
            }
        }
        _ = try steps(net)
        let state = saved(net)
        let losses = try steps(net)
        let weights = Array(net.weights)
        try restore(net, from: state)
        #expect(try steps(net) == losses)
        #expect(Array(net.weights) == weights)
        let other = try Supernet(channels: 8, cells: 1, classes: 10, input: data.shape, generator: &generator)
        try restore(other, from: state)
        #expect(try steps(other) == losses)
        let larger = try Supernet(channels: 16, cells: 1, classes: 10, input: data.shape, generator: &generator)
        let before = Array(larger.weights)
        #expect(throws: NASError.self) { try restore(larger, from: state) }
        #expect(Array(larger.weights) == before)
    }

    @Test(arguments: SamplingMode.allCases) func samplersGoOnFromTheirState(_ mode: SamplingMode) throws {
        let items = try ItemImportance(count: 20, mode: mode), paths = try PathImportance(candidates: [5, 5], mode: mode)
        func live(_ items: ItemImportance, _ paths: PathImportance) throws -> [Double] {
            var generator = Generator(seed: 4)
            for _ in 0..<5 {
                let item = items.draw(using: &generator)
                try items.observe([item], norms: [generator.uniform()])
                try paths.observe(paths.draw(using: &generator), norms: [generator.uniform(), generator.uniform()])
            }
            try items.refresh(smoothing: 0.7)
            try paths.refresh(smoothing: 0.7)
            return items.probabilities + paths.probabilities.flatMap(\.self) + items.epoch(using: &generator).map(Double.init)
        }
        _ = try live(items, paths)
        try items.observe([3], norms: [2])  // in the middle of an epoch
        try paths.observe(Path([1, 2]), norms: [2, 1])
        let (itemState, pathState) = (saved(items), saved(paths))
        let expected = try live(items, paths)
        let otherItems = try ItemImportance(count: 20, mode: mode), otherPaths = try PathImportance(candidates: [5, 5], mode: mode)
        try restore(otherItems, from: itemState)
        try restore(otherPaths, from: pathState)
        #expect(try live(otherItems, otherPaths) == expected)
        #expect(throws: NASError.self) { try restore(try ItemImportance(count: 21, mode: mode), from: itemState) }
        #expect(throws: NASError.self) { try restore(try PathImportance(candidates: [5, 4], mode: mode), from: pathState) }
    }
}

@Suite struct NamedWeightTests {
    private func net(seed: UInt64, path: Path? = nil) throws -> Supernet {
        var generator = Generator(seed: seed)
        return try Supernet(
            space: NASBench201(channels: 8, cells: 1), input: ImageShape(height: 8, width: 8, channels: 1), path: path, generator: &generator)
    }

    /// Every number of the network has one name, and no other place does.
    @Test(arguments: [nil, Path([3, 2, 1, 4, 3, 2])]) func namesCoverTheNetwork(_ path: Path?) throws {
        let net = try net(seed: 1, path: path)
        let arrays = net.namedWeights
        #expect(Set(arrays.map(\.name)).count == arrays.count)
        #expect(arrays.allSatisfy { $0.shape.reduce(1, *) == $0.offsets.count })
        for isRunning in [false, true] {
            let offsets = arrays.filter { $0.isRunning == isRunning }.flatMap(\.offsets)
            #expect(Set(offsets).count == offsets.count)
        }
        // What is left are gaps, which hold zeros.
        var gaps = Set(0..<net.store.count)
        for array in arrays where !array.isRunning { gaps.subtract(array.offsets) }
        #expect(gaps.allSatisfy { net.weights[$0] == 0 })
        let names = arrays.map(\.name)
        #expect(names.contains("classifier.bias") && names[0] == "0.weight")
        #expect(names.contains { $0.hasSuffix("0->1.nor_conv_3x3.weight") })
        #expect(names.contains { $0.hasSuffix("norm.running_var") } == (path != nil))
    }

    @Test func arraysMakeTheSameNetwork() throws {
        let (first, second) = (try net(seed: 1), try net(seed: 2))
        #expect(Array(first.weights) != Array(second.weights))
        try second.replaceArrays(first.arrays.reversed())
        #expect(Array(first.weights) == Array(second.weights))
    }

    @Test func arraysOfAnotherNetworkChangeNothing() throws {
        let net = try net(seed: 1)
        let before = Array(net.weights)
        var arrays = net.arrays
        arrays[3].tensor = Tensor(shape: [1], values: [0])
        for bad in [Array(net.arrays.dropLast()), net.arrays + [("x", Tensor(0))], arrays] {
            #expect(throws: NASError.self) { try net.replaceArrays(bad) }
            #expect(Array(net.weights) == before)
        }
    }
}
