import NASLib
import Runtime

extension Library {
    static let supernetWeights: [Builtin] = [
        .property("supernet.weights", """
            Copies of all arrays of the network by name, with PyTorch's shapes: convolutions are [outputs, inputs of a group, kernel, \
            kernel], linear layers [outputs, inputs]. A convolution's name is its number and, if it belongs to a choice, the choice and \
            candidate, such as `0.weight` for the first; `classifier.weight` and `classifier.bias` come last.
            """) { call in
            let arrays = try call.receiver(SupernetObject.self).net.arrays
            let map = call.heap.map(capacity: arrays.count)
            for (name, tensor) in arrays { call.heap.set(name, to: call.object(TensorObject(tensor)), in: map) }
            return .map(map)
        },
        .method("supernet.export", "path", "Writes all arrays of `net.weights` to an NPZ file, which numpy reads with `np.load`.") { call in
            let bytes = try NPY.writeArchive(try call.receiver(SupernetObject.self).net.arrays)
            try replaceFile(try call.filePath(1), with: bytes)
            return .nil
        },
        .method("supernet.import", "path", """
            Loads the arrays of an NPZ file, as written by `net.export` or `np.savez`, and resets the momentum. Names and shapes must \
            match `net.weights`; otherwise nothing changes.
            """) { call in
            let path = try call.filePath(1)
            let arrays = try reading(path) { try NPY.readArchive(try FileBytes(path)) }
            do {
                try call.receiver(SupernetObject.self).net.replaceArrays(arrays)
            } catch let error as NASError where error.kind == .value {
                throw RuntimeError(.value, "'\(path)' does not fit: \(error.message)", hint: "net.weights shows the names and shapes",
                    argument: 1)
            }
            return .nil
        },
    ]
}
