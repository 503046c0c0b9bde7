import Foundation
import Testing
import Text

@testable import NASLib

/// Files that Python and numpy wrote (Tests/recorded/files.py).
enum Recorded {
    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../recorded/files").standardizedFileURL.path
    static func path(_ name: String) -> String { "\(folder)/\(name)" }

    /// The contents of the `words-…` files.
    static let words = Array((0..<120).map { "\($0) paths, \($0 * $0) steps; " }.joined().utf8)

    /// The pseudo-random numbers of `numbers` there.
    static func numbers(_ count: Int, _ limit: UInt32) -> [UInt8] {
        var state: UInt32 = 1
        return (0..<count).map { _ in
            state = state &* 1_664_525 &+ 1_013_904_223
            return UInt8((state >> 16) % limit)
        }
    }
}

@Suite struct CompressionTests {
    @Test(arguments: ["words-0", "words-1", "words-6", "words-9", "words-fixed", "words-huffman", "words-fields", "words-members"])
    func unpacksGzip(_ name: String) throws {
        let file = try FileBytes(unpacking: Recorded.path("\(name).gz"))
        #expect(file.bytes == Recorded.words)
        #expect(file.name.hasSuffix("(unpacked)"))
    }

    @Test func unpacksRunsAndNothing() throws {
        #expect(try FileBytes(unpacking: Recorded.path("words-rle.gz")).bytes == Array(repeating: UInt8(ascii: "a"), count: 1000) + Recorded.words)
        #expect(try FileBytes(unpacking: Recorded.path("empty.gz")).bytes == [])
    }

    @Test func unpacksManyBlocksAndFarCopies() throws {
        let letters = Recorded.numbers(32_768, 2)
        #expect(try FileBytes(unpacking: Recorded.path("letters.gz")).bytes == letters + letters[..<4000] + Recorded.numbers(60_000, 3))
    }

    @Test func zerosAfterTheLastMemberArePadding() throws {
        let bytes = try FileBytes(Recorded.path("words-members.gz")).bytes + [UInt8](repeating: 0, count: 600)
        #expect(try Gzip.unpack(FileBytes(name: "f", bytes: bytes)) == Recorded.words)
        let error = #expect(throws: NASError.self) { try Gzip.unpack(FileBytes(name: "f", bytes: bytes + [1])) }
        #expect(error?.message.contains("magic number 1f8b") == true)
    }

    /// Its flags announce a checksum of the header.
    @Test func theHeaderHasAChecksum() throws {
        var bytes = try FileBytes(Recorded.path("words-fields.gz")).bytes
        bytes[13] ^= 1
        let error = #expect(throws: NASError.self) { try Gzip.unpack(FileBytes(name: "f", bytes: bytes)) }
        #expect(error?.message.contains("of the gzip header, found") == true)
    }

    /// By the published check value of the CRC-32 of "123456789".
    @Test func checksum() {
        #expect(CRC32.of(Array("123456789".utf8)) == 0xcbf4_3926)
        #expect(CRC32.of([UInt8]()) == 0)
    }

    @Test(arguments: ["words-0", "words-9", "words-fixed", "words-fields", "words-members"])
    func everyTruncationIsAnErrorWithItsPlace(_ name: String) throws {
        let whole = try FileBytes(Recorded.path("\(name).gz")).bytes
        // Where the first or second member ends a shorter file is whole, too.
        let ends = name == "words-members" ? (0..<whole.count).filter { whole[$0...].starts(with: [0x1f, 0x8b, 8]) } : []
        for length in 1..<whole.count where !ends.contains(length) {
            let error = #expect(throws: NASError.self) { try Gzip.unpack(FileBytes(name: "f", bytes: Array(whole[..<length]))) }
            #expect(error?.message.hasPrefix("'f' at byte ") == true)
        }
    }

    /// No damage is taken for the original: at each place of each bit there is an error or, in the header's time and
    /// texts, the same contents.
    @Test(arguments: ["words-1", "words-fixed", "words-fields"])
    func everyFlippedBitIsNoticed(_ name: String) throws {
        let whole = try FileBytes(Recorded.path("\(name).gz")).bytes
        for bit in 0..<whole.count * 8 {
            var bytes = whole
            bytes[bit / 8] ^= 1 << UInt8(bit % 8)
            let result = try? Gzip.unpack(FileBytes(name: "f", bytes: bytes))
            #expect(result == nil || result == Recorded.words)
        }
    }

    @Test(arguments: [
        ([0x03, 0x00, 0x00], "found"), ([0x07], "type 0, 1 or 2, found 3"), ([0x01, 0x01, 0x00, 0x00, 0x00], "complement"),
        ([0x01, 0x05, 0x00, 0xfa, 0xff, 0x61], "expected 5 stored bytes, but only 1"), ([0x05, 0xff, 0xff], "286"),
        // A fixed block that begins with a copy of what is not there.
        ([0x03, 0x02], "distance"), ([], "more compressed data"),
    ] as [([UInt8], String)])
    func badStreams(bytes: [UInt8], fragment: String) {
        var file = FileBytes(name: "f", bytes: bytes)
        if bytes == [0x03, 0x00, 0x00] {
            #expect((try? Inflate.unpack(&file)) == [])
            #expect(file.remaining == 1)  // the stream ended before
        } else {
            let error = #expect(throws: NASError.self) { try Inflate.unpack(&file) }
            #expect(error?.message.contains(fragment) == true, "\(error?.message ?? "")")
        }
    }

    @Test func moreThanTheLimitIsRefused() throws {
        var file = try FileBytes(Recorded.path("words-9.gz"))
        file.offset = 10
        let error = #expect(throws: NASError.self) { try Inflate.unpack(&file, limit: 1000) }
        #expect(error?.message.contains("at most 1000 bytes") == true)
    }
}

@Suite struct ArrayFileTests {
    static let third = (0..<6).map { Float($0) / 3 }

    @Test(arguments: ["stored.npz", "packed.npz"]) func readsNumpysArrays(_ name: String) throws {
        let list = try NPY.readArchive(try FileBytes(Recorded.path(name)))
        let arrays = Dictionary(uniqueKeysWithValues: list.map { ($0.name, $0.tensor) })
        #expect(list.map(\.name) == ["f4", "f8", "f2", "big", "i8", "i1", "u2", "b1", "fortran", "deep", "scalar", "empty"])
        #expect(arrays["f4"] == Tensor(shape: [2, 3], values: Self.third))
        #expect(arrays["f8"] == Tensor(shape: [2, 3], values: (0..<6).map { Float(Double($0) / 3) }))
        #expect(arrays["f2"]?.values == [0, -1.5, 65504, 0x1p-24, .infinity, 0.099975586])
        #expect(arrays["big"]?.values == [-2, -1, 0, 1, 2, 3])
        #expect(arrays["i8"]?.values == [-3, -2, -1, 0, 1, 2] && arrays["i1"]?.values == [-3, -2, -1, 0, 1, 2])
        #expect(arrays["u2"]?.values == [65000, 65001, 65002, 65003, 65004, 65005])
        #expect(arrays["b1"]?.values == [1, 0, 1, 0, 1, 0])
        #expect(arrays["fortran"] == Tensor(shape: [2, 3], values: [0, 1, 2, 3, 4, 5]))
        #expect(arrays["deep"] == Tensor(shape: [2, 3, 4], values: (0..<24).map { Float($0) }))
        #expect(arrays["scalar"] == Tensor(2.5))
        #expect(arrays["empty"] == Tensor(shape: [0, 3], values: []))
    }

    @Test func writesTheBytesThatNumpyWrites() throws {
        #expect(try NPY.write(Tensor(shape: [2, 3], values: Self.third)) == (try FileBytes(Recorded.path("f4.npy")).bytes))
    }

    @Test func whatIsWrittenIsReadBack() throws {
        let arrays = [
            (name: "a", tensor: Tensor(shape: [3], values: [1, -0.0, .nan])), (name: "größe", tensor: Tensor(7)),
            (name: "none", tensor: Tensor(shape: [2, 0], values: [])),
        ]
        let bytes = try NPY.writeArchive(arrays)
        let back = try NPY.readArchive(FileBytes(name: "f", bytes: bytes))
        #expect(back.map(\.name) == arrays.map(\.name) && back.map(\.tensor.shape) == arrays.map(\.tensor.shape))
        #expect(back[0].tensor.values.map(\.bitPattern) == arrays[0].tensor.values.map(\.bitPattern))
        #expect(bytes == (try NPY.writeArchive(arrays)))
    }

    @Test func complexNumbersAreRefused() throws {
        let error = #expect(throws: NASError.self) { try NPY.read(try FileBytes(Recorded.path("complex.npy"))) }
        #expect(error?.message.contains("found '<c8'") == true)
    }

    @Test func damageIsAnErrorAndNeverACrash() throws {
        for name in ["stored.npz", "packed.npz", "f4.npy"] {
            let whole = try FileBytes(Recorded.path(name)).bytes
            func read(_ bytes: [UInt8]) throws {
                let file = FileBytes(name: "f", bytes: bytes)
                if name == "f4.npy" { _ = try NPY.read(file) } else { _ = try NPY.readArchive(file) }
            }
            try read(whole)
            for length in 0..<whole.count { #expect(throws: NASError.self) { try read(Array(whole[..<length])) } }
            for i in whole.indices {
                for mask: UInt8 in [1, 0x80, 0xff] {
                    var bytes = whole
                    bytes[i] ^= mask
                    do { try read(bytes) } catch is NASError {}
                }
            }
        }
    }

    private static func array(_ header: String, _ numbers: [UInt8]) -> FileBytes {
        FileBytes(name: "f", bytes: [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(header.utf8.count), 0] + Array(header.utf8) + numbers)
    }

    /// Headers that numpy reads, of Python 2 among them.
    @Test(arguments: ["{'descr': 'f4', 'fortran_order': False, 'shape': (2, 1)}", "{'descr': '<f4', 'fortran_order': False, 'shape': (2L, 1L), }"])
    func headersOfOtherTimes(_ header: String) throws {
        #expect(try NPY.read(Self.array(header, [0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0])) == Tensor(shape: [2, 1], values: [1, -2]))
    }

    @Test(arguments: [
        "{'descr': '<f4', 'fortran_order': Falee, 'shape': (2, 1)}", "{'descr': '<f4', 'fortran_order': 0, 'shape': (2, 1)}",
        "{'descr': 'f', 'fortran_order': False, 'shape': (2, 1)}", "{'descr': '', 'fortran_order': False, 'shape': (2, 1)}",
    ])
    func headersThatAreRefused(_ header: String) {
        #expect(throws: NASError.self) { try NPY.read(Self.array(header, [0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0])) }
    }

    /// The directory entries of an archive, which end with the place of their contents and the name.
    private static func directory(_ bytes: [UInt8]) -> [Int] { bytes.indices.filter { bytes[$0...].starts(with: [0x50, 0x4b, 1, 2]) } }

    @Test func entriesMustNotShareTheirContents() throws {
        var bytes = try NPY.writeArchive((0..<3).map { (name: "\($0)", tensor: Tensor(7)) })
        let entries = Self.directory(bytes)
        for entry in entries.dropFirst() { bytes.replaceSubrange(entry + 42..<entry + 46, with: bytes[entries[0] + 42..<entries[0] + 46]) }
        let error = #expect(throws: NASError.self) { try NPY.readArchive(FileBytes(name: "f", bytes: bytes)) }
        #expect(error?.message.contains("behind the end of '0.npy'") == true, "\(error?.message ?? "")")
    }

    @Test func sizesThatCannotBeAreRefusedUnpacked() throws {
        var bytes = try FileBytes(Recorded.path("packed.npz")).bytes
        let entry = try #require(Self.directory(bytes).first)
        bytes.replaceSubrange(entry + 24..<entry + 28, with: [0, 0, 0, 0x7f])
        let error = #expect(throws: NASError.self) { try NPY.readArchive(FileBytes(name: "f", bytes: bytes)) }
        #expect(error?.message.contains("packed bytes can be, found 2130706432 bytes") == true, "\(error?.message ?? "")")
    }

    @Test func namesAreDifferent() throws {
        let bytes = try NPY.writeArchive([(name: "a", tensor: Tensor(7)), (name: "a", tensor: Tensor(8))])
        let error = #expect(throws: NASError.self) { try NPY.readArchive(FileBytes(name: "f", bytes: bytes)) }
        #expect(error?.message.contains("found two called 'a.npy'") == true)
        let alike = try NPY.readArchive(FileBytes(name: "f", bytes: try NPY.writeArchive([(name: "\u{e9}", tensor: Tensor(7)), (name: "e\u{301}", tensor: Tensor(8))])))
        #expect(alike.map(\.tensor) == [Tensor(7), Tensor(8)])
    }

    @Test func whatFollowsAnArrayIsRefused() throws {
        let bytes = try NPY.write(Tensor(shape: [2], values: [1, 2])) + [0]
        let error = #expect(throws: NASError.self) { try NPY.read(FileBytes(name: "f", bytes: bytes)) }
        #expect(error?.message == "'f' at byte 136: expected the end of the file after 2 numbers of type '<f4', but 1 more byte follows")
    }
}
