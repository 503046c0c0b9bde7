/// Arrays as numpy keeps them: NPY is one array, NPZ a ZIP file of them by name.
public enum NPY {
    /// An array of numbers of any of numpy's plain types, as 32-bit floats; a Fortran-ordered one is put in row-major order.
    public static func read(_ file: FileBytes) throws -> Tensor {
        var file = file
        let magic = Array(try file.take(6, "the magic number of an NPY file"))
        guard magic == [0x93] + Array("NUMPY".utf8) else { throw file.error(at: 0, "expected the magic number \\x93NUMPY of an NPY file") }
        let version = try file.byte("the version of the NPY file")
        _ = try file.byte("the version of the NPY file")
        guard (1...3).contains(version) else { throw file.error(at: 6, "expected version 1, 2 or 3 of the NPY format, found \(version)") }
        let headerLength = Int(try file.littleEndian(version == 1 ? 2 : 4, "the length of the header"))
        let start = file.offset
        let header = Header(String(decoding: try file.take(headerLength, "the header"), as: UTF8.self))
        guard let descr = header.quoted("descr"), let isFortran = header.bool("fortran_order"), let shape = header.shape() else {
            throw file.error(
                at: start, "expected a header with a text 'descr', True or False as 'fortran_order', and the sizes 'shape'",
                hint: "arrays of records or objects are not read")
        }
        guard let type = NumberType(descr) else {
            throw file.error(at: start, "expected numbers of type b1, i1 to i8, u1 to u8 or f2 to f8, found '\(descr)'")
        }
        let count: Int
        do {
            count = try Tensor.count(of: shape)
        } catch let error as NASError where error.kind == .limit {
            throw file.error(at: start, error.message)
        } catch {
            throw file.error(at: start, "expected a shape of at most \(Tensor.limit) elements, found \(Tensor.text(shape))")
        }
        let bytes = try file.take(count * type.size, "\(count) numbers of type '\(descr)'")
        try file.expectEnd(after: "\(count) numbers of type '\(descr)'")
        try MemoryAccount.ask(floats: count)
        let values = try type.values(bytes)
        guard isFortran, shape.count > 1 else { return Tensor(shape: shape, values: values) }
        return try Tensor(shape: shape.reversed(), values: values).transposed()
    }

    /// Version 1.0, type `<f4`, row-major.
    public static func write(_ tensor: Tensor) throws -> [UInt8] {
        try MemoryAccount.ask(floats: 2 * tensor.count)
        let shape = tensor.shape.map(String.init).joined(separator: ", ") + (tensor.rank == 1 ? "," : "")
        var header = "{'descr': '<f4', 'fortran_order': False, 'shape': (\(shape)), }"
        // The numbers begin at a multiple of 64 bytes, after a line break.
        header += String(repeating: " ", count: (64 - (10 + header.utf8.count + 1) % 64) % 64) + "\n"
        var output = [0x93] + Array("NUMPY".utf8) + [1, 0]
        output.append(littleEndian: UInt64(header.utf8.count), bytes: 2)
        output += Array(header.utf8)
        output.append(floats: tensor.values)
        return output
    }

    /// The arrays of an NPZ file by name, in the file's order.
    public static func readArchive(_ file: FileBytes) throws -> [(name: String, tensor: Tensor)] {
        var names: Set<[UInt8]> = []
        var total = 0
        return try Zip.read(file) { entry in
            guard names.insert(Array(entry.name.utf8)).inserted else {
                throw file.error(at: 0, "expected arrays of different names, found two called '\(entry.name)'")
            }
            guard entry.name.hasSuffix(".npy") else {
                throw file.error(at: 0, "expected an NPZ file, whose entries end in .npy, found '\(entry.name)'")
            }
            let tensor = try read(FileBytes(name: "\(file.name)/\(entry.name)", bytes: entry.bytes))
            // Many small arrays are much, too.
            total += tensor.count
            try MemoryAccount.ask(pieces: total, from: total - tensor.count, ofBytes: MemoryLayout<Float>.stride)
            return (String(entry.name.dropLast(4)), tensor)
        }
    }

    public static func writeArchive(_ arrays: [(name: String, tensor: Tensor)]) throws -> [UInt8] {
        try MemoryAccount.ask(floats: arrays.reduce(0) { $0 + 3 * $1.tensor.count })
        return try Zip.write(arrays.map { .init(name: $0.name + ".npy", bytes: try write($0.tensor)) })
    }

    /// The text of a Python dictionary with keys in quotes, such as `{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }`.
    private struct Header {
        private let text: String

        init(_ text: String) { self.text = text }

        private func value(_ key: String) -> Substring? {
            for quote in ["'", "\""] {
                guard let place = text.firstRange(of: quote + key + quote) else { continue }
                let rest = text[place.upperBound...].drop { $0 == " " }
                guard rest.first == ":" else { continue }
                return rest.dropFirst().drop { $0 == " " }
            }
            return nil
        }

        func quoted(_ key: String) -> String? {
            guard let value = value(key), let quote = value.first, quote == "'" || quote == "\"" else { return nil }
            return String(value.dropFirst().prefix { $0 != quote })
        }

        func bool(_ key: String) -> Bool? {
            switch value(key)?.prefix(while: \.isLetter) {
            case "True": true
            case "False": false
            default: nil
            }
        }

        func shape() -> [Int]? {
            guard let value = value("shape"), value.first == "(", let end = value.firstIndex(of: ")") else { return nil }
            let parts = value[value.index(after: value.startIndex)..<end].split(separator: ",").map { $0.filter { $0 != " " } }.filter {
                !$0.isEmpty
            }
            // Python 2 wrote 3L for 3.
            let sizes = parts.compactMap { Int($0.hasSuffix("L") ? $0.dropLast() : $0[...]) }
            return sizes.count == parts.count && sizes.allSatisfy { $0 >= 0 } ? sizes : nil
        }
    }

    /// A numpy type such as `<f4`: byte order (the machine's where it is not told), kind and size.
    private struct NumberType {
        let kind: Character
        let size: Int
        private let isBigEndian: Bool

        init?(_ descr: String) {
            let order = descr.first.flatMap { "<>|=".contains($0) ? $0 : nil }
            let rest = descr.dropFirst(order == nil ? 0 : 1)
            guard let kind = rest.first, let size = Int(rest.dropFirst()) else { return nil }
            let sizes: [Int]? = switch kind {
            case "b": [1]
            case "i", "u": [1, 2, 4, 8]
            case "f": [2, 4, 8]
            default: nil
            }
            guard sizes?.contains(size) == true else { return nil }
            (self.kind, self.size, isBigEndian) = (kind, size, order == ">")
        }

        func values(_ bytes: ArraySlice<UInt8>) throws -> [Float] {
            if kind == "f", size == 4, !isBigEndian { return [Float](littleEndian: bytes) }
            let start = bytes.startIndex
            return try (0..<bytes.count / size).map { i in
                if i & 0xffff == 0 { try Cancellation.check() }
                var bits: UInt64 = 0
                for k in 0..<size { bits |= UInt64(bytes[start + i * size + k]) << UInt64(8 * (isBigEndian ? size - 1 - k : k)) }
                switch kind {
                case "f":
                    return size == 8
                        ? Float(Double(bitPattern: bits)) : size == 4 ? Float(bitPattern: UInt32(bits)) : Self.half(UInt16(bits))
                case "i": return Float(Int64(bitPattern: bits << UInt64(64 - 8 * size)) >> Int64(64 - 8 * size))
                default: return Float(bits)
                }
            }
        }

        /// A 16-bit float: sign, 5 bits of exponent, 10 of fraction.
        private static func half(_ bits: UInt16) -> Float {
            let (exponent, fraction) = (Int(bits >> 10 & 31), Float(bits & 1023))
            let size: Float = switch exponent {
            case 0: fraction * 0x1p-24
            case 31: fraction == 0 ? .infinity : .nan
            default: Float(sign: .plus, exponent: exponent - 25, significand: 1024 + fraction)
            }
            return bits >> 15 == 1 ? -size : size
        }
    }
}

extension [Float] {
    /// The floats that bytes stand for, the lowest byte of each first.
    init(littleEndian bytes: ArraySlice<UInt8>) {
        self = bytes.withUnsafeBytes { buffer in
            (0..<buffer.count / 4).map {
                Float(bitPattern: UInt32(littleEndian: buffer.loadUnaligned(fromByteOffset: 4 * $0, as: UInt32.self)))
            }
        }
    }
}

extension [UInt8] {
    /// Floats, the lowest byte of each first.
    mutating func append(floats: some Collection<Float>) {
        let words = floats.map { $0.bitPattern.littleEndian }
        words.withUnsafeBytes { append(contentsOf: $0) }
    }
}
