import Foundation
import Testing

@testable import NASLib

/// A folder that goes away with the value.
final class TestFolder {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent("padash-\(UUID().uuidString)")
    var path: String { url.path }

    init() throws { try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true) }

    @discardableResult func write(_ name: String, _ bytes: [UInt8]) throws -> String {
        let file = url.appendingPathComponent(name)
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(bytes).write(to: file)
        return file.path
    }

    deinit { try? FileManager.default.removeItem(at: url) }
}

@Suite struct IDXTests {
    /// Two images of 2x3 pixels.
    static let images: [UInt8] = [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 3] + [0, 51, 102, 153, 204, 255, 255, 0, 0, 0, 0, 0]
    static let labels: [UInt8] = [0, 0, 8, 1, 0, 0, 0, 2, 4, 1]

    @Test func readsImagesAndLabels() throws {
        let folder = try TestFolder()
        let data = try IDX.read(images: try folder.write("i", Self.images), labels: try folder.write("l", Self.labels), name: "tiny")
        #expect(data.shape == ImageShape(height: 2, width: 3, channels: 1))
        #expect(data.images == [0, 0.2, 0.4, 0.6, 0.8, 1, 1, 0, 0, 0, 0, 0] && data.labels == [4, 1] && data.classes == 5)
    }

    @Test(arguments: [
        (images: [], labels: labels, "at byte 0: expected the magic number 0x00000803 of IDX images (three axes), 4 bytes, but the file ends here"),
        (images: labels, labels: labels, "at byte 0: expected the magic number 0x00000803 of IDX images (three axes), found 0x00000801"),
        (images: Array(images[..<10]), labels: labels, "at byte 8: expected the size of an axis, 4 bytes, but only 2 are left"),
        (images: Array(images[..<20]), labels: labels, "at byte 16: expected the pixels of 2 images of 2x3, 12 bytes, but only 4 are left"),
        (images: images + [7], labels: labels, "at byte 28: expected the end of the file after 2 images of 2x3, but 1 more byte follows"),
        (images: [0, 0, 8, 3, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 3], labels: labels, "at least one image"),
        (images: [0, 0, 8, 3, 255, 255, 255, 255, 0, 0, 15, 0, 0, 0, 15, 0], labels: labels, "pixels, found 4294967295 images"),
        (images: images, labels: [0, 0, 8, 1, 0, 0, 0, 3, 4, 1, 0], "expected as many labels as there are images"),
        (images: images, labels: Array(labels[..<9]), "at byte 8: expected 2 labels, 2 bytes, but only 1 are left"),
        (images: images, labels: labels + [1, 1], "at byte 10: expected the end of the file after 2 labels, but 2 more bytes follow"),
    ] as [(images: [UInt8], labels: [UInt8], String)])
    func badFilesNameFileOffsetAndExpectation(images: [UInt8], labels: [UInt8], fragment: String) throws {
        let folder = try TestFolder()
        let (i, l) = (try folder.write("i", images), try folder.write("l", labels))
        let error = #expect(throws: NASError.self) { try IDX.read(images: i, labels: l, name: "x") }
        #expect(error?.message.contains(fragment) == true, "\(error?.message ?? "")")
        #expect(error?.message.hasPrefix("'\(folder.path)/") == true)
    }

    @Test func aFolderWithTheFourFiles() throws {
        let folder = try TestFolder()
        for prefix in ["train", "t10k"] {
            try folder.write("\(prefix)-images-idx3-ubyte", [0, 0, 8, 3, 0, 0, 0, 20, 0, 0, 0, 1, 0, 0, 0, 1] + (0..<20).map { UInt8($0) })
            try folder.write("\(prefix)-labels-idx1-ubyte", [0, 0, 8, 1, 0, 0, 0, 20] + (0..<20).map { UInt8($0 % 2) })
        }
        let split = try IDX.mnist(folder: folder.path, valid: 0.2, using: Generator(seed: 0))
        #expect(split.train.classCounts == [8, 8] && split.valid.classCounts == [2, 2] && split.test.count == 20)
        #expect(split.train.name == "mnist train" && split.valid.name == "mnist valid")
        #expect(try IDX.mnist(folder: folder.path, valid: 0, using: Generator(seed: 0)).valid.count == 0)
        let error = #expect(throws: NASError.self) { try IDX.mnist(folder: "/nowhere", valid: 0.1, using: Generator(seed: 0)) }
        #expect(error?.message.contains("'/nowhere/train-images-idx3-ubyte'") == true)
    }

    static let hasShared = FileManager.default.fileExists(atPath: BenchmarkTableTests.shared + "/mnist/t10k-images-idx3-ubyte.gz")

    /// The published counts of the ten digits in MNIST's test part.
    @Test(.enabled(if: hasShared, "MNIST is not on this machine")) func publishedTestPart() throws {
        let folder = BenchmarkTableTests.shared + "/mnist"
        let data = try IDX.read(images: "\(folder)/t10k-images-idx3-ubyte.gz", labels: "\(folder)/t10k-labels-idx1-ubyte.gz", name: "mnist")
        #expect(data.shape == ImageShape(height: 28, width: 28, channels: 1))
        #expect(data.classCounts == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009])
    }
}

@Suite struct CIFARTests {
    /// A record whose pixels are 0 in red, 51 in green and 255 in blue, but for its first red one.
    static func record(_ labels: [UInt8], first: UInt8) -> [UInt8] {
        labels + [first] + [UInt8](repeating: 0, count: 1023) + [UInt8](repeating: 51, count: 1024) + [UInt8](repeating: 255, count: 1024)
    }

    @Test func planesBecomeChannels() throws {
        let folder = try TestFolder()
        try folder.write("data_batch_1.bin", (0..<10).flatMap { Self.record([$0], first: 102) })
        try folder.write("data_batch_2.bin", (0..<10).flatMap { Self.record([$0], first: 204) })
        try folder.write("test_batch.bin", Self.record([9], first: 255))
        let split = try CIFAR.cifar10(folder: folder.path, valid: 0.5, using: Generator(seed: 3))
        #expect(split.train.count == 10 && split.valid.count == 10 && split.test.count == 1)
        #expect(Array(split.test.images[..<6]) == [1, 0.2, 1, 0, 0.2, 1] && split.test.labels == [9] && split.test.classNames?[9] == "truck")
        #expect(split.train.classCounts == Array(repeating: 1, count: 10))
    }

    @Test func fineAndCoarseLabels() throws {
        let folder = try TestFolder()
        for name in ["train.bin", "test.bin"] { try folder.write(name, Self.record([19, 99], first: 0) + Self.record([0, 7], first: 0)) }
        #expect(try CIFAR.cifar100(folder: folder.path, labels: .fine, valid: 0, using: Generator(seed: 0)).train.labels == [99, 7])
        let coarse = try CIFAR.cifar100(folder: folder.path, labels: .coarse, valid: 0, using: Generator(seed: 0)).train
        #expect(coarse.labels == [19, 0] && coarse.classes == 20)
    }

    @Test(arguments: [
        ([], "at byte 0: expected records of 3073 bytes, but the file is empty"),
        (record([1], first: 0) + [1, 2], "at byte 3073: expected another record of 3073 bytes or the end of the file, but 2 bytes follow"),
        (Array(record([1], first: 0).dropLast()), "at byte 0: expected another record of 3073 bytes or the end of the file, but 3072 bytes follow"),
        (record([1], first: 0) + record([10], first: 0), "at byte 3073: expected a label below 10, found 10"),
    ] as [([UInt8], String)])
    func badFilesNameFileOffsetAndExpectation(bytes: [UInt8], fragment: String) throws {
        let folder = try TestFolder()
        try folder.write("data_batch_1.bin", bytes)
        try folder.write("test_batch.bin", Self.record([0], first: 0))
        let error = #expect(throws: NASError.self) { try CIFAR.cifar10(folder: folder.path, valid: 0, using: Generator(seed: 0)) }
        #expect(error?.message == "'\(folder.path)/data_batch_1.bin' \(fragment)")
    }

    static let hasShared = FileManager.default.fileExists(atPath: BenchmarkTableTests.shared + "/cifar10/test_batch.bin")

    /// The published means and standard deviations of CIFAR-10's channels, of which these 10,000 images are a fifth.
    @Test(.enabled(if: hasShared, "CIFAR-10 is not on this machine")) func publishedStatistics() throws {
        let split = try CIFAR.cifar10(folder: BenchmarkTableTests.shared + "/cifar10", valid: 0, using: Generator(seed: 0))
        #expect(split.train.count == 10_000 && split.test.count == 2_000)
        let (means, deviations) = split.train.channelStatistics
        for (value, expected) in zip(means + deviations, [0.4914, 0.4822, 0.4465, 0.2470, 0.2435, 0.2616]) { #expect(abs(value - expected) < 0.005) }
    }
}

@Suite struct CSVDataTests {
    private func read(_ text: String, label: CSVData.Column = .position(-1), shape: ImageShape? = nil) throws -> Dataset {
        try CSVData.read(FileBytes(name: "t.csv", bytes: Array(text.utf8)), label: label, shape: shape, name: "t.csv")
    }

    @Test func labelsByPositionOrName() throws {
        let plain = try read("1,2,0\n3,4,2\n")
        #expect(plain.images == [1, 2, 3, 4] && plain.labels == [0, 2] && plain.classes == 3 && plain.classNames == nil)
        let named = try read("kind, x ,y\r\nb,1,2\r\n\r\na,3,4.5\r\n", label: .name("kind"))
        #expect(named.images == [1, 2, 3, 4.5] && named.labels == [1, 0] && named.classNames == ["a", "b"])
        let marked = try read("\u{FEFF}x,y,kind\n 12345678 ,-1e2,0\n1.25,7,1", label: .name("kind"))
        #expect(marked.images == [12345678, -100, 1.25, 7])
        #expect(try read("5,1\n5,2\n7,1", label: .position(0)).labels == [5, 5, 7])
        #expect(try read("1,2,3,4,0\n5,6,7,8,1", shape: ImageShape(height: 2, width: 2, channels: 1)).shape.height == 2)
    }

    @Test(arguments: [
        ("", "at byte 0: expected lines of numbers, but the file is empty"), (" \n\n", "blank"), ("1\n2\n", "two columns"),
        ("a,b\n", "no lines of numbers"), ("1,2,0\n3,4\n", "line 2 of 't.csv': expected 3 columns as in line 1, found 2"),
        ("1,2,0\n3,x,1\n", "line 2 of 't.csv': expected a number in column 2, found 'x'"), ("1,2,0\n3,inf,1\n", "found 'inf'"),
        ("1,a\n2,a\n", "one label only"),
    ])
    func badTextsNameFileAndLine(text: String, fragment: String) {
        let error = #expect(throws: NASError.self) { try read(text) }
        #expect(error?.message.contains(fragment) == true, "\(error?.message ?? "")")
    }

    @Test func badRequests() {
        #expect(throws: NASError.self) { try read("a,b\n1,2\n", label: .name("c")) }
        #expect(throws: NASError.self) { try read("1,2\n", label: .position(2)) }
        #expect(throws: NASError.self) { try read("1,2,3,0\n", shape: ImageShape(height: 2, width: 2, channels: 1)) }
    }

    @Test(.enabled(if: BenchmarkTableTests.hasPublished, "the digits as CSV are not on this machine")) func digitsAsPublished() throws {
        let data = try CSVData.read(
            try FileBytes(BenchmarkTableTests.shared + "/digits.csv"), label: .position(-1), shape: ImageShape(height: 8, width: 8, channels: 1), name: "digits")
        #expect(data.count == 1797 && data.classCounts == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180])
    }
}
