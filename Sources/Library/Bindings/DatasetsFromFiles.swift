import Foundation
import NASLib
import Runtime
import Text

extension Library {
    static let datasetsFromFiles: [Builtin] = [
        .fn("mnist", "folder, valid: 0.1, seed: 0",
            """
            MNIST or Fashion-MNIST from a folder with the four published files (`train-images-idx3-ubyte` and so on), plain or with `.gz`. \
            A share of the training part, chosen by `seed`, is for validation. Pixels are 0 to 1.
            """,
            "try { mnist(\"/no/such/folder\") } catch e { e.kind }  # => \"io\"") { call in
            let generator = try call.generator(seed: 2, for: "split")
            return call.object(
                DataObject(try IDX.mnist(folder: try call.filePath(0), valid: try call.double(1), using: generator), recipe: call.recipe()))
        },
        .fn("cifar10", "folder, valid: 0.1, seed: 0",
            """
            CIFAR-10 from a folder with its binary files, `data_batch_1.bin` to `data_batch_5.bin` (as many as there are) and \
            `test_batch.bin`. A share of the training part, chosen by `seed`, is for validation. Pixels are 0 to 1: \
            `cifar10(folder).normalize().augment(crop: 4, flip: true)` is the usual preparation.
            """,
            "try { cifar10(\"/no/such/folder\") } catch e { e.kind }  # => \"io\"") { call in
            let generator = try call.generator(seed: 2, for: "split")
            return call.object(
                DataObject(try CIFAR.cifar10(folder: try call.filePath(0), valid: try call.double(1), using: generator),
                recipe: call.recipe()))
        },
        .fn("cifar100", "folder, labels: \"fine\", valid: 0.1, seed: 0",
            """
            CIFAR-100 from a folder with its binary files `train.bin` and `test.bin`, with the 100 `"fine"` labels or the 20 `"coarse"` \
            ones. Pixels are 0 to 1.
            """,
            "try { cifar100(\"/no/such/folder\") } catch e { e.kind }  # => \"io\"") { call in
            let generator = try call.generator(seed: 3, for: "split")
            let labels: CIFAR.Labels = try call.option(1)
            return call.object(DataObject(
                try CIFAR.cifar100(folder: try call.filePath(0), labels: labels, valid: try call.double(2), using: generator),
                recipe: call.recipe()))
        },
        .fn("idx_dataset", "images, labels",
            "A dataset from a file of images and one of labels in MNIST's IDX format, plain or compressed by gzip. Pixels are 0 to 1.",
            """
            try { idx_dataset("/no/such/images", "/no/such/labels") } catch e { e.message }  # => "there is no file '/no/such/images'"
            """) { call in
            let path = try call.filePath(0)
            let labels = try call.filePath(1)
            return call.object(
                DatasetObject(try reading(path, labels) { try IDX.read(images: path, labels: labels, name: FilePath.name(path)) }))
        },
        .fn("csv_dataset", "path, label: -1, shape: nil",
            """
            A dataset from a CSV file with one example on each line: numbers, and one column of labels. `label` is the name or position of \
            that column (-1: the last). Whole numbers from 0 up are used as classes; other labels are numbered in sorted order and become \
            the class names. An example without a label is an error. `shape` is the shape of an example, by default [1, 1, columns]. A \
            first line of texts names the columns.
            """,
            """
            write_text("{temporary_folder()}/points.csv", "x,y,kind\\n0,1.5,b\\n2,3,a\\n")
            let points = csv_dataset("{temporary_folder()}/points.csv", label: "kind")
            points.class_names  # => ["a", "b"]
            points.labels  # => [1, 0]
            """) { call in
            let path = try call.filePath(0)
            let label: CSVData.Column = call[1].tag == .string ? .name(try call.text(1)) : .position(try call.int(1))
            let shape = call.isGiven(2) ? try call.imageShape(2) : nil
            return call.object(DatasetObject(try reading(path) {
                try CSVData.read(try FileBytes(unpacking: path), label: label, shape: shape, name: FilePath.name(path))
            }))
        },
        .fn("image_folder", "path",
            """
            A dataset from a folder that has a folder of PNG images for each class; classes and images are sorted by name. Images are grey \
            or in colour, all of one size; transparency is ignored. Pixels are 0 to 1.
            """,
            "try { image_folder(\"/no/such/folder\") } catch e { e.message }  # => \"there is no folder '/no/such/folder'\"") { call in
            call.object(DatasetObject(try ImageFolder.read(try call.filePath(0))))
        },
    ]
}
