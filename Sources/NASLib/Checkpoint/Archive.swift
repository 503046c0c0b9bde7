/// State as bytes, piece by piece: numbers are eight bytes with the lowest first, arrays and texts come after their length.
public struct ArchiveWriter: Sendable {
    public private(set) var bytes: [UInt8] = []
    /// The error of a large array for which there was no memory, and which is not among `bytes`; nil where all was written.
    package private(set) var shortage: (any Error)?

    public init() {}

    public mutating func write(byte value: UInt8) { bytes.append(value) }
    public mutating func write(_ value: UInt64) { bytes.append(littleEndian: value, bytes: 8) }
    public mutating func write(_ value: Int) { write(UInt64(bitPattern: Int64(value))) }
    public mutating func write(_ value: Double) { write(value.bitPattern) }

    public mutating func write(_ text: String) {
        write(text.utf8.count)
        bytes += Array(text.utf8)
    }

    public mutating func write(bytes values: [UInt8]) {
        write(values.count)
        bytes += values
    }

    public mutating func write(_ values: [Int]) {
        write(values.count)
        for value in values { write(value) }
    }

    public mutating func write(_ values: [Double]) {
        write(values.count)
        for value in values { write(value) }
    }

    public mutating func write(_ values: some Collection<Float>) {
        write(values.count)
        do {
            try MemoryAccount.ask(pieces: bytes.count + 4 * values.count, from: bytes.count, ofBytes: 1)
            bytes.append(floats: values)
        } catch { shortage = error }
    }

    public mutating func write(_ generator: Generator) {
        write(generator.seed)
        for i in 0..<4 { write(generator.state[i]) }
    }
}

/// Reads what an `ArchiveWriter` wrote, in the same order. What does not fit is a `NASError` with the place.
public struct ArchiveReader: Sendable {
    private var file: FileBytes

    public init(_ file: FileBytes) { self.file = file }

    public var isAtEnd: Bool { file.remaining == 0 }
    public func error(_ problem: String, hint: String? = nil) -> NASError { file.error(problem, hint: hint) }

    public mutating func byte() throws -> UInt8 { try file.byte("a byte") }
    public mutating func word() throws -> UInt64 { try file.littleEndian(8, "a number") }
    public mutating func int() throws -> Int { Int(Int64(bitPattern: try word())) }
    public mutating func double() throws -> Double { Double(bitPattern: try word()) }

    /// How many elements follow, each of at least `size` bytes: never more than the file has.
    public mutating func count(size: Int = 1) throws -> Int {
        let count = try int()
        guard count >= 0, count <= file.remaining / size else {
            throw file.error("expected at most \(file.remaining / size) elements, found \(count)")
        }
        return count
    }

    public mutating func text() throws -> String { String(decoding: try file.take(try count(), "a text"), as: UTF8.self) }
    public mutating func bytes() throws -> [UInt8] { Array(try file.take(try count(), "bytes")) }

    /// A part that was written as bytes, to be read by itself.
    public mutating func part() throws -> ArchiveReader { ArchiveReader(FileBytes(name: file.name, bytes: try bytes())) }

    public mutating func ints() throws -> [Int] { try (0..<count(size: 8)).map { _ in try int() } }
    public mutating func doubles() throws -> [Double] { try (0..<count(size: 8)).map { _ in try double() } }
    public mutating func floats() throws -> [Float] { [Float](littleEndian: try file.take(4 * (try count(size: 4)), "floats")) }

    public mutating func generator() throws -> Generator {
        let seed = try word()
        let state = SIMD4(try word(), try word(), try word(), try word())
        guard let generator = Generator(seed: seed, state: state) else {
            throw file.error("expected the state of a generator, found zeros")
        }
        return generator
    }
}

/// Something that changes while a program runs and whose state a checkpoint keeps.
public protocol Checkpointable {
    func save(to archive: inout ArchiveWriter)

    /// Reads a state that `save` wrote, and gives what puts it in place of the present one. Throws a `NASError`
    /// where the state is that of something else; nothing has changed then.
    func restoration(from archive: inout ArchiveReader) throws -> () -> Void
}
