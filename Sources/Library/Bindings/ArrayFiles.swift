import NASLib
import Runtime

extension Library {
    static let arrayFiles: [Builtin] = [
        .fn("read_npy", "path", "The array in a numpy NPY file, as a tensor: numbers of any plain type, converted to 32-bit floats.",
            """
            write_npy("{temporary_folder()}/array.npy", tensor([[1, 2], [3, 4]]))
            read_npy("{temporary_folder()}/array.npy").shape  # => [2, 2]
            """) { call in
            let path = try call.filePath(0)
            return call.object(TensorObject(try reading(path) { try NPY.read(try FileBytes(path)) }))
        },
        .fn("write_npy", "path, tensor", "Writes a tensor to an NPY file, which numpy reads with `np.load`, atomically.",
            "write_npy(\"{temporary_folder()}/zeros.npy\", zeros([3]))") { call in
            let tensor = try call.object(1, as: TensorObject.self, "a tensor").tensor
            let path = try call.filePath(0)
            try replaceFile(path, with: try Cancellation.abandoning(when: tensor.count >= 1 << 18) { try NPY.write(tensor) })
            return .nil
        },
        .fn("read_npz", "path",
            "The arrays in a numpy NPZ file (`np.savez`, `np.savez_compressed`): a map from their names to tensors.",
            """
            write_npz("{temporary_folder()}/arrays.npz", {x: zeros([2, 3]), y: ones([4])})
            read_npz("{temporary_folder()}/arrays.npz").y.shape  # => [4]
            """) { call in
            let path = try call.filePath(0)
            let arrays = try reading(path) { try NPY.readArchive(try FileBytes(path)) }
            let map = call.heap.map(capacity: arrays.count)
            for (name, tensor) in arrays { call.heap.set(name, to: call.object(TensorObject(tensor)), in: map) }
            return .map(map)
        },
        .fn("write_npz", "path, tensors", "Writes a map of tensors to an NPZ file, which numpy reads with `np.load`, atomically.",
            "write_npz(\"{temporary_folder()}/two.npz\", {x: zeros([2, 3]), y: ones([4])})") { call in
            let arrays = try call.map(1).pairs.map { key, value in
                guard key.tag == .string, !key.asString.text.isEmpty, value.tag == .host,
                    let object = value.hostObject as? TensorObject else {
                    throw RuntimeError(
                        .type, "'tensors' must map names to tensors, but \(Printer.literal(key, limit: 40)) is \(call.describe(value))",
                        hint: "tensor(xs) makes one of numbers or lists", argument: 1)
                }
                return (key.asString.text, object.tensor)
            }
            let path = try call.filePath(0)
            try replaceFile(path,
                with: try Cancellation.abandoning(when: arrays.contains { $0.1.count >= 1 << 18 }) { try NPY.writeArchive(arrays) })
            return .nil
        },
    ]
}
