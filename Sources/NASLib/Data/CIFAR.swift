import Foundation
import Text

/// CIFAR-10 and CIFAR-100 (Krizhevsky, 2009) in their binary version: records of a label (CIFAR-100: a coarse and a fine
/// one) and 3,072 pixels, plane by plane: red, green, blue.
public enum CIFAR {
    public enum Labels: String, Sendable, CaseIterable { case fine, coarse }

    static let shape = ImageShape(height: 32, width: 32, channels: 3)
    static let names = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]

    /// The folder's `data_batch_1.bin` to `data_batch_5.bin`, as many of them as there are, and `test_batch.bin`.
    /// A share of the training part, stratified, goes to validation. Pixels are 0...1.
    public static func cifar10(folder: String, valid: Double, using generator: Generator) throws -> Split {
        let batches = (1...5).map { "data_batch_\($0).bin" }.filter { FilePath.exists("\(folder)/\($0)") }
        let files = batches.isEmpty ? [try DataFolder.file(folder, ["data_batch_1.bin"])] : batches.map { "\(folder)/\($0)" }
        let test = try DataFolder.file(folder, ["test_batch.bin"])
        return try DataFolder.split(
            train: try read(files, name: "cifar10 train", classes: 10, labelBytes: 1, labelAt: 0, classNames: names),
            test: try read([test], name: "cifar10 test", classes: 10, labelBytes: 1, labelAt: 0, classNames: names), valid: valid, using: generator)
    }

    /// The folder's `train.bin` and `test.bin`, with the 100 fine or the 20 coarse labels.
    public static func cifar100(folder: String, labels: Labels, valid: Double, using generator: Generator) throws -> Split {
        func part(_ name: String) throws -> Dataset {
            try read(
                [try DataFolder.file(folder, ["\(name).bin"])], name: "cifar100 \(name)", classes: labels == .fine ? 100 : 20, labelBytes: 2,
                labelAt: labels == .fine ? 1 : 0, classNames: nil)
        }
        return try DataFolder.split(train: try part("train"), test: try part("test"), valid: valid, using: generator)
    }

    static func read(_ paths: [String], name: String, classes: Int, labelBytes: Int, labelAt: Int, classNames: [String]?) throws -> Dataset {
        let record = labelBytes + shape.count
        let plane = shape.height * shape.width
        var images: [Float] = []
        var labels: [Int32] = []
        for path in paths {
            let file = try FileBytes(path)
            guard !file.bytes.isEmpty else { throw file.error("expected records of \(record) bytes, but the file is empty") }
            guard file.bytes.count % record == 0 else {
                let whole = file.bytes.count / record * record
                throw file.error(at: whole, "expected another record of \(record) bytes or the end of the file, but \(file.bytes.count - whole) bytes follow")
            }
            let count = file.bytes.count / record
            guard labels.count + count <= Tensor.limit / shape.count else { throw file.error(at: 0, "expected at most \(Tensor.limit / shape.count) images in all") }
            try MemoryAccount.ask(floats: images.count + count * shape.count)
            images.reserveCapacity(images.count + count * shape.count)
            for i in 0..<count {
                if i & 0xff == 0 { try Cancellation.check() }
                let label = file.bytes[i * record + labelAt]
                guard label < classes else { throw file.error(at: i * record + labelAt, "expected a label below \(classes), found \(label)") }
                labels.append(Int32(label))
                let start = i * record + labelBytes
                for pixel in 0..<plane { for channel in 0..<3 { images.append(Float(file.bytes[start + channel * plane + pixel]) / 255) } }
            }
        }
        return Dataset(
            name: name, shape: shape, classes: classes, images: images, labels: labels, classNames: classNames,
            pixelRanges: Array(repeating: (0, 1), count: 3))
    }
}
