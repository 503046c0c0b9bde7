import Foundation

/// Images in a folder, in a folder for each class.
public enum ImageFolder {
    /// All PNG images of one size, pixels 0...1; classes and images in the order of their names.
    public static func read(_ path: String) throws -> Dataset {
        let classes = try names(path).filter { isFolder("\(path)/\($0)") }
        guard classes.count > 1 else {
            throw FileError("'\(path)' has \(classes.count == 0 ? "no folder" : "one folder only") in it", hint: "expected a folder for each class, with its PNG images")
        }
        var shape: ImageShape?
        var first = ""
        var images: [Float] = []
        var labels: [Int32] = []
        for (label, name) in classes.enumerated() {
            let files = try names("\(path)/\(name)").filter { $0.lowercased().hasSuffix(".png") }
            guard !files.isEmpty else { throw FileError("'\(path)/\(name)' has no PNG images in it") }
            for file in files.map({ "\(path)/\(name)/\($0)" }) {
                let (size, samples) = try PNG.read(try FileBytes(file))
                if shape == nil { (shape, first) = (size, file) }
                guard size == shape else {
                    throw FileError("'\(file)' has \(text(size)) where '\(first)' has \(text(shape ?? size))", hint: "all images of a dataset have one size and as many channels")
                }
                guard images.count + samples.count <= Tensor.limit else { throw FileError("'\(path)' has more than \(Tensor.limit) pixels in all") }
                images += samples.map { Float($0) / 255 }
                labels.append(Int32(label))
            }
        }
        guard let shape else { throw FileError("'\(path)' has no images") }
        return Dataset(name: (path as NSString).lastPathComponent, shape: shape, classes: classes.count, images: images, labels: labels, classNames: classes)
    }

    private static func text(_ shape: ImageShape) -> String { "\(shape.height)x\(shape.width) pixels of \(shape.channels) channel\(shape.channels == 1 ? "" : "s")" }

    private static func isFolder(_ path: String) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
    }

    /// Sorted, hidden ones left out.
    private static func names(_ path: String) throws -> [String] {
        guard isFolder(path) else { throw FileError("there is no folder '\(path)'") }
        do {
            return try FileManager.default.contentsOfDirectory(atPath: path).filter { !$0.hasPrefix(".") }.sorted()
        } catch {
            throw FileError("'\(path)' cannot be read")
        }
    }
}
