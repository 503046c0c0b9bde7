import Testing

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

    @Test func interlacedImagesAreRefused() throws {
        let error = #expect(throws: FileError.self) { try PNG.read(try FileBytes(Recorded.path("interlaced.png"))) }
        #expect(error?.message.contains("at byte 28: expected an image that is not interlaced") == true)
    }

    @Test func damageIsAlwaysNoticed() throws {
        for name in ["rgb.png", "palette.png"] {
            let whole = try FileBytes(Recorded.path(name)).bytes
            for length in whole.indices { #expect(throws: FileError.self) { try PNG.read(FileBytes(name: "f", bytes: Array(whole[..<length]))) } }
            for bit in 0..<whole.count * 8 {
                var bytes = whole
                bytes[bit / 8] ^= 1 << UInt8(bit % 8)
                #expect(throws: FileError.self) { try PNG.read(FileBytes(name: "f", bytes: bytes)) }
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
        let error = #expect(throws: FileError.self) { try ImageFolder.read(folder.path) }
        #expect(error?.message.contains("dogs/2.png' has 5x7 pixels of 3 channels where '\(folder.path)/cats/a.png' has 5x7 pixels of 1 channel") == true)
    }

    @Test func foldersWithoutClassesAreRefused() throws {
        #expect(throws: FileError.self) { try ImageFolder.read("/nowhere") }
        let folder = try TestFolder()
        #expect(throws: FileError.self) { try ImageFolder.read(folder.path) }
        try folder.write("a/x.txt", [])
        try folder.write("b/x.png", [])
        let error = #expect(throws: FileError.self) { try ImageFolder.read(folder.path) }
        #expect(error?.message.hasSuffix("/a' has no PNG images in it") == true)
    }
}
