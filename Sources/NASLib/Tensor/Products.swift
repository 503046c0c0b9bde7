import COpenBLAS
import Foundation

extension Tensor {
    /// The matrix products op(a) op(b) = [n, k] [k, m] = [n, m], op being the transpose where asked for. Axes before the
    /// last two number matrices and are broadcast.
    static func product(_ a: Tensor, _ b: Tensor, transposeA: Bool = false, transposeB: Bool = false) throws -> Tensor {
        let (n, k) = a.matrixSizes(transposeA)
        let (inner, m) = b.matrixSizes(transposeB)
        guard k == inner else { throw productError(a.shape, b.shape) }
        let leading = (Array(a.shape.dropLast(2)), Array(b.shape.dropLast(2)))
        let batch = try broadcastShape(leading.0, leading.1, "matrix product")
        let shape = batch + [n, m]
        _ = try count(of: shape)
        // Many matrices times one are one tall matrix times it.
        if leading.1.allSatisfy({ $0 == 1 }), !transposeA, leading.0 == batch, batch.reduce(1, *) > 1 {
            let rows = Tensor(shape: [batch.reduce(n, *), k], values: a.values)
            return Tensor(
                shape: shape,
                values: try product(rows, Tensor(shape: Array(b.shape.suffix(2)), values: b.values), transposeB: transposeB).values)
        }
        guard k > 0, max(n, m, k) <= Int(Int32.max) else { return try Tensor(repeating: 0, shape: shape) }
        let (stepA, stepB) = (n * k, k * m)
        let places = (Layout(leading.0).broadcast(to: batch).offsets, Layout(leading.1).broadcast(to: batch).offsets)
        MultiplyAdds.note(places.0.count, rows: n, inner: k, columns: m)
        let sgemm = try OpenBLAS.loaded().sgemm
        // A large product is made in parts, of some ten milliseconds each, so that it can be stopped.
        let rows = n * m <= partSize / k ? n : min(n, 256)
        let columns = rows * m <= partSize / k ? m : max(256, partSize / k / rows)
        return try Tensor(shape: shape) { target in
            try a.values.withUnsafeBufferPointer { x in
                try b.values.withUnsafeBufferPointer { y in
                    guard let x = x.baseAddress, let y = y.baseAddress else { return }
                    for i in 0..<places.0.count {
                        let (x, y, target) = (x + places.0[i] * stepA, y + places.1[i] * stepB, target + i * n * m)
                        for row in stride(from: 0, to: n, by: rows) {
                            for column in stride(from: 0, to: m, by: columns) {
                                try Cancellation.check()
                                sgemm(
                                    CblasRowMajor, transposeA ? CblasTrans : CblasNoTrans, transposeB ? CblasTrans : CblasNoTrans,
                                    .init(min(rows, n - row)), .init(min(columns, m - column)), .init(k), 1,
                                    x + row * (transposeA ? 1 : k), .init(transposeA ? n : k), y + column * (transposeB ? k : 1),
                                    .init(transposeB ? k : m),
                                    0, target + row * m + column, .init(m))
                            }
                        }
                    }
                }
            }
        }
    }

    /// The most multiplications of one part of a product.
    private static let partSize = 1 << 30

    static func productError(_ a: [Int], _ b: [Int]) -> NASError {
        NASError(.shape, "matrix product: it needs shapes [n, k] and [k, m], not \(text(a)) and \(text(b))")
    }

    private func matrixSizes(_ isTransposed: Bool) -> (rows: Int, columns: Int) {
        let (rows, columns) = (shape[rank - 2], shape[rank - 1])
        return isTransposed ? (columns, rows) : (rows, columns)
    }
}

extension Layout {
    /// The offsets of all elements, in order.
    var offsets: [Int] {
        var result: [Int] = []
        let size = shape.last ?? 1, stride = strides.last ?? 0
        forEachRun { offset in for i in 0..<size { result.append(offset + i * stride) } }
        return result
    }
}
