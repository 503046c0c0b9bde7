import Foundation
import Text

/// Images in a folder, in a folder for each class.
public enum ImageFolder {
    /// All PNG images of one size, pixels 0...1; classes and images in the order of their names.
    public static func read(_ path: String) throws -> Dataset {
        let classes = try names(path).filter { FilePath.isFolder("\(path)/\($0)") }
        guard classes.count > 1 else {
            throw NASError(
                .file, "'\(path)' has \(classes.count == 0 ? "no folder" : "one folder only") in it",
                hint: "expected a folder for each class, with its PNG images")
        }
        var shape: ImageShape?
        var first = ""
        var images: [Float] = []
        var labels: [Int32] = []
        for (label, name) in classes.enumerated() {
            let files = try names("\(path)/\(name)").filter { $0.lowercased().hasSuffix(".png") }
            guard !files.isEmpty else { throw NASError(.file, "'\(path)/\(name)' has no PNG images in it") }
            for file in files.map({ "\(path)/\(name)/\($0)" }) {
                let (size, samples) = try PNG.read(try FileBytes(file))
                if shape == nil { (shape, first) = (size, file) }
                guard size == shape else {
                    throw NASError(
                        .file, "'\(file)' has \(text(size)) where '\(first)' has \(text(shape ?? size))",
                        hint: "all images of a dataset have one size and as many channels")
                }
                guard images.count + samples.count <= Tensor.limit else {
                    throw NASError(.file, "'\(path)' has more than \(Tensor.limit) pixels in all")
                }
                try MemoryAccount.ask(pieces: images.count + samples.count, from: images.count, ofBytes: 4)
                images += samples.map { Float($0) / 255 }
                labels.append(Int32(label))
            }
        }
        guard let shape else { throw NASError(.file, "'\(path)' has no images") }
        return Dataset(
            name: FilePath.name(path), shape: shape, classes: classes.count, images: images, labels: labels, classNames: classes,
            pixelRanges: Array(repeating: (0, 1), count: shape.channels))
    }

    private static func text(_ shape: ImageShape) -> String {
        "\(shape.height)x\(shape.width) pixels of \(shape.channels) channel\(shape.channels == 1 ? "" : "s")"
    }

    /// Sorted, hidden ones left out.
    private static func names(_ path: String) throws -> [String] {
        guard FilePath.isFolder(path) else { throw NASError(.file, "there is no folder '\(path)'") }
        return try FilePath.names(in: path).filter { $0.bytes.first != UInt8(ascii: ".") }.map { name in
            guard let text = name.text else {
                throw NASError(
                    .file, "'\(path)' has a name that is not UTF-8: '\(name.shown)'", hint: "rename it: classes are named by their folders")
            }
            return text
        }
    }
}
