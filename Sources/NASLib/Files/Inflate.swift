/// Unpacks DEFLATE (RFC 1951), the compression of gzip, ZIP and PNG.
struct Inflate {
    /// Unpacks the stream at the file's offset, and leaves the offset behind the stream's last byte.
    ///
    /// - Parameter limit: the most bytes that may come out.
    static func unpack(_ file: inout FileBytes, limit: Int = FileBytes.limit) throws -> [UInt8] {
        var inflate = Inflate(bits: BitReader(file: file), limit: limit)
        try inflate.run()
        file.offset = inflate.bits.byteOffset
        return inflate.output
    }

    private var bits: BitReader
    private let limit: Int
    private var output: [UInt8] = []
    /// How many bytes may come out before there must be more memory for them.
    private var room = 0

    private mutating func run() throws {
        var isLast = false
        while !isLast {
            isLast = try bits.take(1) == 1
            switch try bits.take(2) {
            case 0: try stored()
            case 1: try compressed(literals: Inflate.fixedLiterals, distances: Inflate.fixedDistances)
            case 2:
                let (literals, distances) = try codes()
                try compressed(literals: literals, distances: distances)
            default: throw bits.error("expected a compressed block of type 0, 1 or 2, found 3")
            }
        }
    }

    @inline(__always) private mutating func checkRoom(_ count: Int) throws {
        if output.count + count > room { try makeRoom(output.count + count) }
    }

    /// A small file may unpack to more than there is memory.
    private mutating func makeRoom(_ count: Int) throws {
        guard count <= limit else { throw bits.error("expected at most \(limit) bytes of unpacked data, but there are more") }
        room = min(limit, max(2 * count, 1 << 16))
        try MemoryAccount.ask(room)
        output.reserveCapacity(room)
    }

    /// A block of bytes as they are: their number, its complement, the bytes.
    private mutating func stored() throws {
        bits.alignToByte()
        let count = try bits.take(16)
        let complement = try bits.take(16)
        guard count ^ complement == 0xffff else {
            throw bits.error("expected a stored block's length and its complement, found \(count) and \(complement)")
        }
        try checkRoom(count)
        output += try bits.bytes(count)
    }

    /// Literals and copies of what came before, up to the symbol that ends the block.
    private mutating func compressed(literals: HuffmanCode, distances: HuffmanCode) throws {
        while true {
            let symbol = try bits.symbol(literals)
            if symbol < 256 {
                try checkRoom(1)
                output.append(UInt8(symbol))
                continue
            }
            if symbol == 256 { return }
            guard symbol < 286 else { throw bits.error("expected a length symbol below 286, found \(symbol)") }
            let length = Inflate.lengthBases[symbol - 257] + (try bits.take(Inflate.lengthExtras[symbol - 257]))
            let code = try bits.symbol(distances)
            guard code < 30 else { throw bits.error("expected a distance symbol below 30, found \(code)") }
            let distance = Inflate.distanceBases[code] + (try bits.take(Inflate.distanceExtras[code]))
            guard distance <= output.count else {
                throw bits.error("expected a distance of at most the \(output.count) bytes unpacked so far, found \(distance)")
            }
            try checkRoom(length)
            // The copy may overlap what it makes: byte by byte.
            for _ in 0..<length { output.append(output[output.count - distance]) }
        }
    }

    /// The code lengths of a dynamic block, themselves in a Huffman code.
    private mutating func codes() throws -> (literals: HuffmanCode, distances: HuffmanCode) {
        let literalCount = try bits.take(5) + 257
        let distanceCount = try bits.take(5) + 1
        let metaCount = try bits.take(4) + 4
        guard literalCount <= 286, distanceCount <= 30 else {
            throw bits.error("expected at most 286 literal and 30 distance codes, found \(literalCount) and \(distanceCount)")
        }
        var metaLengths = [UInt8](repeating: 0, count: 19)
        for i in 0..<metaCount { metaLengths[Inflate.metaOrder[i]] = UInt8(try bits.take(3)) }
        let meta = try code(metaLengths, "code lengths", mayBeIncomplete: false)
        var lengths: [UInt8] = []
        while lengths.count < literalCount + distanceCount {
            let symbol = try bits.symbol(meta)
            var (value, count) = (UInt8(truncatingIfNeeded: symbol), 1)
            switch symbol {
            case 16:
                guard let last = lengths.last else { throw bits.error("expected a code length before a repetition of it") }
                (value, count) = (last, 3 + (try bits.take(2)))
            case 17: (value, count) = (0, 3 + (try bits.take(3)))
            case 18: (value, count) = (0, 11 + (try bits.take(7)))
            default: break
            }
            guard lengths.count + count <= literalCount + distanceCount else {
                throw bits.error("expected \(literalCount + distanceCount) code lengths, found more")
            }
            lengths += repeatElement(value, count: count)
        }
        guard lengths[256] > 0 else { throw bits.error("expected a code for the end of the block") }
        return (
            try code(Array(lengths[..<literalCount]), "literals", mayBeIncomplete: true),
            try code(Array(lengths[literalCount...]), "distances", mayBeIncomplete: true)
        )
    }

    private func code(_ lengths: [UInt8], _ what: String, mayBeIncomplete: Bool) throws -> HuffmanCode {
        guard let code = HuffmanCode(lengths: lengths, mayBeIncomplete: mayBeIncomplete) else {
            throw bits.error("expected a complete code of \(what)")
        }
        return code
    }

    private static let metaOrder = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]
    private static let lengthBases = [
        3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258,
    ]
    private static let lengthExtras = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0]
    private static let distanceExtras = [0, 0] + (0..<14).flatMap { [$0, $0] }
    /// Each range of distances begins where the one before ends.
    private static let distanceBases = distanceExtras.indices.map { code in distanceExtras[..<code].reduce(1) { $0 + 1 << $1 } }
    private static let fixedLiterals = fixed((0..<288).map { $0 < 144 ? 8 : $0 < 256 ? 9 : $0 < 280 ? 7 : 8 })
    private static let fixedDistances = fixed(Array(repeating: 5, count: 32))

    private static func fixed(_ lengths: [UInt8]) -> HuffmanCode {
        guard let code = HuffmanCode(lengths: lengths, mayBeIncomplete: false) else { preconditionFailure("the fixed codes are complete") }
        return code
    }
}

/// A canonical Huffman code as one table: for each pattern of `width` bits, the first bit lowest, the symbol whose code
/// it begins with.
private struct HuffmanCode {
    /// symbol << 4 | length; 0 where no code begins.
    let table: [UInt16]
    let width: Int

    /// Lengths of 0 to 15 bits, 0 for a symbol that does not occur. nil when the lengths are those of no code, or of an
    /// incomplete one; a single code of one bit may be incomplete, as may be no code at all.
    init?(lengths: [UInt8], mayBeIncomplete: Bool) {
        let longest = Int(lengths.max() ?? 0)
        var counts = [Int](repeating: 0, count: 16)
        for length in lengths where length > 0 { counts[Int(length)] += 1 }
        var left = 1
        var firsts = [Int](repeating: 0, count: 17)
        for length in 1...15 {
            left = left * 2 - counts[length]
            guard left >= 0 else { return nil }
            firsts[length + 1] = (firsts[length] + counts[length]) * 2
        }
        guard left == 0 || (mayBeIncomplete && longest <= 1) else { return nil }
        width = max(1, longest)
        var table = [UInt16](repeating: 0, count: 1 << width)
        for (symbol, length) in lengths.enumerated() where length > 0 {
            let length = Int(length)
            var code = 0  // its bits reversed: the first comes lowest
            for bit in 0..<length where firsts[length] >> bit & 1 == 1 { code |= 1 << (length - 1 - bit) }
            firsts[length] += 1
            for pattern in stride(from: code, to: table.count, by: 1 << length) { table[pattern] = UInt16(symbol << 4 | length) }
        }
        self.table = table
    }
}

/// The bits of a file, each byte's lowest first.
private struct BitReader {
    private let name: String
    private let source: [UInt8]
    private var position: Int
    private var buffer: UInt64 = 0
    private var count = 0

    init(file: FileBytes) { (name, source, position) = (file.name, file.bytes, file.offset) }

    /// The offset of the first byte of which no bit was used.
    var byteOffset: Int { position - count / 8 }

    func error(_ problem: String) -> NASError { NASError(name, at: byteOffset, problem) }

    private mutating func fill() {
        while count <= 56, position < source.count {
            buffer |= UInt64(source[position]) << UInt64(count)
            position += 1
            count += 8
        }
    }

    private mutating func drop(_ n: Int) {
        buffer >>= UInt64(n)
        count -= n
    }

    /// A number of up to 16 bits.
    mutating func take(_ n: Int) throws -> Int {
        if count < n { fill() }
        guard count >= n else { throw ended() }
        defer { drop(n) }
        return Int(buffer & (1 << UInt64(n) - 1))
    }

    mutating func symbol(_ code: HuffmanCode) throws -> Int {
        if count < code.width { fill() }
        let entry = code.table[Int(buffer & (1 << UInt64(code.width) - 1))]
        let length = Int(entry & 15)
        guard length > 0, length <= count else {
            throw count < code.width ? ended() : error("expected a code of the block's Huffman table")
        }
        drop(length)
        return Int(entry >> 4)
    }

    mutating func alignToByte() { drop(count % 8) }

    /// Whole bytes, from a byte's beginning on.
    mutating func bytes(_ n: Int) throws -> ArraySlice<UInt8> {
        let start = byteOffset
        guard n <= source.count - start else {
            throw NASError(name, at: start, "expected \(n) stored bytes, but only \(source.count - start) are left")
        }
        (position, buffer, count) = (start + n, 0, 0)
        return source[start..<start + n]
    }

    private func ended() -> NASError { NASError(name, at: source.count, "expected more compressed data, but the file ends here") }
}
