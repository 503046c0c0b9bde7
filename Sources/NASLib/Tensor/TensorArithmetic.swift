import COpenBLAS
import Foundation

extension Tensor {
    /// f of each element.
    public func mapped(_ f: (Float) -> Float) -> Tensor { Tensor(shape: shape, values: values.map(f)) }

    /// f of the elements of two tensors, broadcast to a common shape.
    public static func combine(_ a: Tensor, _ b: Tensor, _ f: (Float, Float) -> Float) throws -> Tensor {
        if a.shape == b.shape {
            var result = a.values
            for i in result.indices { result[i] = f(result[i], b.values[i]) }
            return Tensor(shape: a.shape, values: result)
        }
        let shape = try broadcastShape(a.shape, b.shape)
        _ = try count(of: shape)
        var left: [Float] = []
        walk(shape, a.broadcastStrides(to: shape), 0) { left.append(a.values[$0]) }
        var i = 0
        walk(shape, b.broadcastStrides(to: shape), 0) { offset in
            left[i] = f(left[i], b.values[offset])
            i += 1
        }
        return Tensor(shape: shape, values: left)
    }

    /// The matrix product [n, k] @ [k, m] = [n, m]; a vector on the left is a row, one on the right a column.
    public static func product(_ a: Tensor, _ b: Tensor) throws -> Tensor {
        guard (1...2).contains(a.rank), (1...2).contains(b.rank), a.shape[a.rank - 1] == b.shape[0] else {
            throw ShapeError("the matrix product needs shapes [n, k] and [k, m], not \(text(a.shape)) and \(text(b.shape))")
        }
        let (n, k, m) = (a.rank == 2 ? a.shape[0] : 1, b.shape[0], b.rank == 2 ? b.shape[1] : 1)
        let shape: [Int] = (a.rank == 2 ? [n] : []) + (b.rank == 2 ? [m] : [])
        var result = Array(repeating: Float(0), count: try count(of: [n, m]))
        guard n > 0, m > 0, k > 0, max(n, m, k) <= Int(Int32.max) else { return Tensor(shape: shape, values: result) }
        try OpenBLAS.loaded().sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, .init(n), .init(m), .init(k), 1, a.values, .init(k), b.values, .init(m), 0, &result, .init(m))
        return Tensor(shape: shape, values: result)
    }

    // MARK: - Reductions, in double precision

    /// One number made of all elements, or along an axis a tensor without that axis.
    public func reduced(axis: Int?, _ f: ([Float]) -> Double) throws -> Tensor {
        guard let axis else { return Tensor(Float(f(values))) }
        let (outer, size, inner) = try split(at: axis)
        var line = Array(repeating: Float(0), count: size)
        var result: [Float] = []
        result.reserveCapacity(outer * inner)
        for o in 0..<outer {
            for i in 0..<inner {
                for j in 0..<size { line[j] = values[(o * size + j) * inner + i] }
                result.append(Float(f(line)))
            }
        }
        var rest = shape
        rest.remove(at: axis)
        return Tensor(shape: rest, values: result)
    }

    private func split(at axis: Int) throws -> (outer: Int, size: Int, inner: Int) {
        guard shape.indices.contains(axis) else { throw ShapeError("a tensor of shape \(Tensor.text(shape)) has no axis \(axis)") }
        return (shape[..<axis].reduce(1, *), shape[axis], shape[(axis + 1)...].reduce(1, *))
    }

    public static func sum(_ x: [Float]) -> Double { x.reduce(0) { $0 + Double($1) } }
    public static func mean(_ x: [Float]) -> Double { sum(x) / Double(x.count) }
    /// With the divisor n - 1.
    public static func variance(_ x: [Float]) -> Double {
        let mean = mean(x)
        return x.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / Double(x.count - 1)
    }
    /// nan when an element is.
    public static func maximum(_ x: [Float]) -> Double { x.reduce(-.infinity) { $0.isNaN || $1.isNaN ? .nan : max($0, Double($1)) } }
    public static func norm(_ x: [Float]) -> Double { x.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot() }

    /// exp(x) / sum of exp(x) along an axis, the last one where none is given.
    public func softmax(axis: Int? = nil) throws -> Tensor {
        let axis = axis ?? rank - 1
        let (outer, size, inner) = try split(at: axis)
        var result = values
        for o in 0..<outer {
            for i in 0..<inner {
                let indices = (0..<size).map { (o * size + $0) * inner + i }
                let highest = Double(indices.map { values[$0] }.max() ?? 0)
                let total = indices.reduce(0) { $0 + exp(Double(values[$1]) - highest) }
                for j in indices { result[j] = Float(exp(Double(values[j]) - highest) / total) }
            }
        }
        return Tensor(shape: shape, values: result)
    }
}
