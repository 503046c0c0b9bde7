import Foundation
import Text

/// Files in the IDX format of MNIST (LeCun, Cortes and Burges) and Fashion-MNIST, plain or compressed by gzip.
///
/// A big-endian header: two zero bytes, the type of the numbers (8: bytes), the number of axes, and the size of each axis.
public enum IDX {
    /// Images (count x height x width, pixels 0...255 turned into 0...1) with their labels.
    public static func read(images imagesPath: String, labels labelsPath: String, name: String) throws -> Dataset {
        var images = try FileBytes(unpacking: imagesPath)
        let sizes = try header(&images, axes: 3, what: "images (three axes)")
        let (count, height, width) = (sizes[0], sizes[1], sizes[2])
        guard count > 0, (1...4096).contains(height), (1...4096).contains(width) else {
            throw images.error(at: 4, "expected at least one image of 1 to 4096 pixels a side, found \(count) of \(height)x\(width)")
        }
        guard count <= Tensor.limit / (height * width) else {
            throw images.error(at: 4, "expected at most \(Tensor.limit) pixels, found \(count) images of \(height)x\(width)")
        }
        let pixels = try images.take(count * height * width, "the pixels of \(count) images of \(height)x\(width)")
        try images.expectEnd(after: "\(count) images of \(height)x\(width)")

        var file = try FileBytes(unpacking: labelsPath)
        let labelCount = try header(&file, axes: 1, what: "labels (one axis)")[0]
        guard labelCount == count else {
            throw file.error(at: 4, "expected as many labels as there are images in '\(imagesPath)', \(count), found \(labelCount)")
        }
        let labels = try file.take(count, "\(count) labels")
        try file.expectEnd(after: "\(count) labels")
        try MemoryAccount.ask(floats: pixels.count)
        return Dataset(
            name: name, shape: ImageShape(height: height, width: width, channels: 1), classes: max(2, Int(labels.max() ?? 0) + 1),
            images: pixels.map { Float($0) / 255 }, labels: labels.map { Int32($0) }, pixelRanges: [(0, 1)])
    }

    private static func header(_ file: inout FileBytes, axes: Int, what: String) throws -> [Int] {
        let expected = UInt32(0x0800 + axes)
        let magic = UInt32(try file.bigEndian(4, "the magic number \(hex(expected)) of IDX \(what)"))
        guard magic == expected else {
            throw file.error(at: 0, "expected the magic number \(hex(expected)) of IDX \(what), found \(hex(magic))")
        }
        return try (0..<axes).map { _ in Int(try file.bigEndian(4, "the size of an axis")) }
    }

    /// MNIST or Fashion-MNIST from the folder with its four files, each plain or with `.gz`; a share of the training
    /// part, stratified, goes to validation.
    public static func mnist(folder: String, valid: Double, using generator: Generator) throws -> Split {
        func file(_ name: String) throws -> String { try DataFolder.file(folder, [name, name + ".gz"]) }
        func part(_ prefix: String, _ name: String) throws -> Dataset {
            try read(
                images: try file("\(prefix)-images-idx3-ubyte"), labels: try file("\(prefix)-labels-idx1-ubyte"), name: "mnist \(name)")
        }
        return try DataFolder.split(train: try part("train", "train"), test: try part("t10k", "test"), valid: valid, using: generator)
    }
}

/// Published data in a folder of its own, with a part for training and one for testing.
enum DataFolder {
    /// The first of some names that is there.
    static func file(_ folder: String, _ names: [String]) throws -> String {
        guard let name = names.first(where: { FilePath.exists("\(folder)/\($0)") }) else {
            throw NASError(.file, "there is no file '\(folder)/\(names[0])'\(names.count > 1 ? " (nor with \(names.dropFirst().map { "'\($0)'" }.joined(separator: ", ")))" : "")")
        }
        return "\(folder)/\(name)"
    }

    /// Cuts the validation part off the training part. The parts have the classes that either file knows.
    static func split(train: Dataset, test: Dataset, valid: Double, using generator: Generator) throws -> Split {
        guard valid >= 0, valid < 1 else {
            throw NASError(.value, "'valid' must be at least 0 and below 1, not \(valid)", parameter: "valid")
        }
        guard train.shape == test.shape else {
            throw NASError(.value, "the images for training are of \(train.shape.height)x\(train.shape.width), those for testing of \(test.shape.height)x\(test.shape.width)")
        }
        let classes = max(train.classes, test.classes)
        func widened(_ data: Dataset) -> Dataset { data.classes == classes ? data : data.with(classes: classes) }
        guard valid > 0 else {
            return Split(train: widened(train), valid: widened(train).subset([], name: train.name), test: widened(test))
        }
        let parts = widened(train).split(try SplitShares(train: 1 - valid, valid: valid), using: generator)
        let name = train.name.hasSuffix(" train") ? String(train.name.dropLast(6)) : train.name
        return Split(train: parts.train.with(name: "\(name) train"), valid: parts.valid.with(name: "\(name) valid"), test: widened(test))
    }
}
