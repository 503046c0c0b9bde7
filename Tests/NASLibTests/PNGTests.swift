import Testing
import Text

@testable import NASLib

/// Images of 5x7 pixels with every kind of filter (Tests/recorded/files.py).
@Suite struct PNGTests {
    @Test(arguments: [("grey", 1, 1), ("rgb", 3, 3), ("grey-alpha", 1, 2), ("rgba", 3, 4)])
    func readsSamples(name: String, channels: Int, width: Int) throws {
        let (shape, samples) = try PNG.read(try FileBytes(Recorded.path("\(name).png")))
        #expect(shape == ImageShape(height: 5, width: 7, channels: channels))
        let all = Recorded.numbers(35 * width, 256)
        var expected: [UInt8] = []
        for pixel in 0..<35 { expected += all[pixel * width..<pixel * width + channels] }
        #expect(samples == expected)
    }

    @Test func looksUpPalettes() throws {
        let (shape, samples) = try PNG.read(try FileBytes(Recorded.path("palette.png")))
        #expect(shape.channels == 3)
        var expected: [UInt8] = []
        for number in Recorded.numbers(35, 256) {
            let first = 100 + 3 * (number % 4)
            expected += [first, first + 1, first + 2]
        }
        #expect(samples == expected)
    }

    /// By Pillow's reading, too, where it gives samples of that depth.
    @Test(arguments: [("grey", [1, 2, 4, 8, 16]), ("rgb", [8, 16]), ("grey-alpha", [8, 16]), ("rgba", [8, 16])], ["", "-interlaced"])
    func readsSamplesOfAnyDepth(kind: (name: String, depths: [Int]), ending: String) throws {
        let width = ["grey": 1, "grey-alpha": 2, "rgb": 3, "rgba": 4][kind.name] ?? 0
        let channels = width > 2 ? 3 : 1
        for depth in kind.depths where depth != 8 || !ending.isEmpty {
            let (shape, samples) = try PNG.read(try FileBytes(Recorded.path("\(kind.name)-\(depth)\(ending).png")))
            #expect(shape == ImageShape(height: 5, width: 7, channels: channels))
            let bytes = Recorded.numbers(35 * width * max(1, depth / 8), UInt32(1 << min(depth, 8)))
            let numbers = depth == 16 ? (0..<35 * width).map { Int(bytes[2 * $0]) << 8 | Int(bytes[2 * $0 + 1]) } : bytes.map { Int($0) }
            let most = Double(1 << depth - 1)
            let expected = (0..<35).flatMap { pixel in
                numbers[pixel * width..<pixel * width + channels].map { UInt8((Double($0) / most * 255).rounded()) }
            }
            #expect(samples == expected, "\(kind.name) of \(depth) bits\(ending)")
        }
    }

    @Test(arguments: ["palette-1", "palette-2", "palette-4", "palette-1-interlaced", "palette-2-interlaced", "palette-4-interlaced", "palette-8-interlaced"])
    func looksUpPalettesOfAnyDepth(_ name: String) throws {
        let depth = Int(name.split(separator: "-")[1]) ?? 0
        let palette = Recorded.numbers(3 << depth, 256)
        let (_, samples) = try PNG.read(try FileBytes(Recorded.path("\(name).png")))
        #expect(samples == Recorded.numbers(35, UInt32(1 << depth)).flatMap { palette[3 * Int($0)..<3 * Int($0) + 3] })
    }

    @Test func passesMayBeEmpty() throws {
        let (shape, samples) = try PNG.read(try FileBytes(Recorded.path("one-interlaced.png")))
        #expect(shape == ImageShape(height: 1, width: 1, channels: 1) && samples == [77])
    }

    private static func chunk(_ kind: String, _ contents: [UInt8]) -> [UInt8] {
        func number(_ value: Int) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * $0)) } }
        let body = Array(kind.utf8) + contents
        return number(contents.count) + body + number(Int(CRC32.of(body)))
    }

    private static func file(_ chunks: [(String, [UInt8])]) -> FileBytes {
        FileBytes(name: "f", bytes: [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a] + chunks.flatMap { chunk($0.0, $0.1) })
    }

    /// A pixel of grey 5: a stored block of filter 0 and the pixel, and its Adler-32.
    private static let pixel: [UInt8] = [0x78, 0x01, 1, 2, 0, 0xfd, 0xff, 0, 5, 0, 7, 0, 6]
    private static func header(depth: UInt8 = 8, color: UInt8 = 0, _ methods: [UInt8] = [0, 0, 0]) -> (String, [UInt8]) {
        ("IHDR", [0, 0, 0, 1, 0, 0, 0, 1, depth, color] + methods)
    }

    @Test func chunksThatDoNotBelongAreRefused() throws {
        let (data, end): ((String, [UInt8]), (String, [UInt8])) = (("IDAT", Self.pixel), ("IEND", []))
        #expect(try PNG.read(Self.file([Self.header(), data, end])).samples == [5])
        let refused: [([(String, [UInt8])], String)] = [
            ([Self.header(), Self.header(), data, end], "found another"), ([Self.header([1, 0, 0]), data, end], "compression method 0"),
            ([Self.header([0, 1, 0]), data, end], "filter method 0"), ([Self.header([0, 0, 2]), data, end], "interlace method"),
            ([Self.header(depth: 3), data, end], "bits a sample"), ([Self.header(depth: 4, color: 2), data, end], "8, 16 bits"),
            ([Self.header(), ("IDAT", Self.pixel + [0]), end], "expected the end of the file after the checksum of the rows"),
            ([Self.header(), ("IDAT", Array(Self.pixel[..<5])), ("tEXt", []), ("IDAT", Array(Self.pixel[5...])), end], "found one after tEXt"),
            ([Self.header(color: 3), ("PLTE", [1, 2, 3, 4]), data, end], "colours of 3 bytes"), ([Self.header(color: 3), data, end], "expected a colour below 0"),
            ([Self.header(color: 3), ("PLTE", [1, 2, 3]), ("PLTE", [1, 2, 3]), data, end], "one chunk PLTE"),
            ([Self.header(), end], "the header of the compressed data"),
        ]
        for (chunks, fragment) in refused {
            let error = #expect(throws: NASError.self) { try PNG.read(Self.file(chunks)) }
            #expect(error?.message.contains(fragment) == true, "\(error?.message ?? "")")
        }
    }

    @Test func damageIsAlwaysNoticed() throws {
        for name in ["rgb.png", "palette.png", "grey-1-interlaced.png"] {
            let whole = try FileBytes(Recorded.path(name)).bytes
            for length in whole.indices { #expect(throws: NASError.self) { try PNG.read(FileBytes(name: "f", bytes: Array(whole[..<length]))) } }
            for bit in 0..<whole.count * 8 {
                var bytes = whole
                bytes[bit / 8] ^= 1 << UInt8(bit % 8)
                #expect(throws: NASError.self) { try PNG.read(FileBytes(name: "f", bytes: bytes)) }
            }
        }
    }

    @Test func foldersAreClasses() throws {
        let folder = try TestFolder()
        let grey = try FileBytes(Recorded.path("grey.png")).bytes, rgb = try FileBytes(Recorded.path("rgb.png")).bytes
        for name in ["dogs/1.png", "cats/b.PNG", "cats/a.png"] { try folder.write(name, grey) }
        try folder.write("cats/notes.txt", [65])
        try folder.write("list.txt", [65])
        let data = try ImageFolder.read(folder.path)
        #expect(data.classNames == ["cats", "dogs"] && data.labels == [0, 0, 1] && data.shape == ImageShape(height: 5, width: 7, channels: 1))
        let expected: [Float] = Recorded.numbers(35, 256).map { Float($0) / 255 }
        #expect(Array(data.images[..<35]) == expected)
        try folder.write("dogs/2.png", rgb)
        let error = #expect(throws: NASError.self) { try ImageFolder.read(folder.path) }
        #expect(error?.message.contains("dogs/2.png' has 5x7 pixels of 3 channels where '\(folder.path)/cats/a.png' has 5x7 pixels of 1 channel") == true)
    }

    @Test func foldersWithoutClassesAreRefused() throws {
        #expect(throws: NASError.self) { try ImageFolder.read("/nowhere") }
        let folder = try TestFolder()
        #expect(throws: NASError.self) { try ImageFolder.read(folder.path) }
        try folder.write("a/x.txt", [])
        try folder.write("b/x.png", [])
        let error = #expect(throws: NASError.self) { try ImageFolder.read(folder.path) }
        #expect(error?.message.hasSuffix("/a' has no PNG images in it") == true)
    }
}
