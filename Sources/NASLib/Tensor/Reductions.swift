import Foundation

/// What a sum adds up of an element x, given a number that belongs to the result it goes into. A type and not a closure, so
/// that a loop is compiled for each.
private protocol Term {
    static func of(_ x: Double, _ column: Double) -> Double
}

private enum Element: Term { static func of(_ x: Double, _ column: Double) -> Double { x } }
private enum Square: Term { static func of(_ x: Double, _ column: Double) -> Double { x * x } }
private enum SquaredDistance: Term { static func of(_ x: Double, _ column: Double) -> Double { (x - column) * (x - column) } }

/// Which of two elements an extreme keeps.
private protocol Preference {
    static func better(_ x: Vector, _ y: Vector) -> Vector
}

private enum Greater: Preference { @inline(__always) static func better(_ x: Vector, _ y: Vector) -> Vector { VectorMath.maximum(x, y) } }
private enum Lesser: Preference { @inline(__always) static func better(_ x: Vector, _ y: Vector) -> Vector { VectorMath.minimum(x, y) } }

/// Summaries of all elements or along axes. Sums are kept in double precision and rounded once.
extension Tensor {
    /// The shape that is left when axes are reduced: without them, or with size 1 in their place.
    func reducedShape(_ axes: [Int]?, keepsAxes: Bool) -> [Int] {
        shape.indices.compactMap { axis in
            guard axes?.contains(axis) ?? true else { return shape[axis] }
            return keepsAxes ? 1 : nil
        }
    }

    /// The tensor as [outer, size, inner], reduced along the middle; nil for all axes.
    private func split(_ axes: [Int]?) -> (tensor: Tensor, outer: Int, size: Int, inner: Int) {
        guard let axes = axes?.sorted(), axes.count < rank else { return (self, 1, count, 1) }
        guard let first = axes.first, let last = axes.last else { return (self, count, 1, 1) }
        if last - first + 1 == axes.count {
            return (self, shape[..<first].reduce(1, *), shape[first...last].reduce(1, *), shape[(last + 1)...].reduce(1, *))
        }
        let kept = shape.indices.filter { !axes.contains($0) }
        return (gathered(Layout(shape).permuted(kept + axes)), kept.reduce(1) { $0 * shape[$1] }, axes.reduce(1) { $0 * shape[$1] }, 1)
    }

    /// `finish` of the sum of terms along axes, in double precision; `columns` has a number for each result.
    private func summed<T: Term>(
        _ term: T.Type, _ axes: [Int]?, keepsAxes: Bool, columns: [Double] = [], finish: (Double) -> Double = { $0 }
    ) -> Tensor {
        Tensor(shape: reducedShape(axes, keepsAxes: keepsAxes)) { target in
            sum(term, axes, columns: columns) { target[$0] = Float(finish($1)) }
        }
    }

    /// The sums of terms along axes, which `store` gets with their positions.
    @inline(__always) private func sum<T: Term>(_ term: T.Type, _ axes: [Int]?, columns: [Double], store: (Int, Double) -> Void) {
        let (tensor, outer, size, inner) = split(axes)
        tensor.values.withUnsafeBufferPointer { buffer in
            guard let x = buffer.baseAddress, size > 0 else {
                for i in 0..<outer * inner { store(i, 0) }
                return
            }
            if inner == 1 {
                for o in 0..<outer {
                    let column = columns.isEmpty ? 0 : columns[o]
                    let row = x + o * size
                    // Eight sums side by side, which one register pair holds.
                    var sums = SIMD8<Double>.zero
                    var i = 0
                    while i &+ 8 <= size {
                        for lane in 0..<8 { sums[lane] += T.of(Double(row[i &+ lane]), column) }
                        i &+= 8
                    }
                    var total = sums.sum()
                    while i < size {
                        total += T.of(Double(row[i]), column)
                        i &+= 1
                    }
                    store(o, total)
                }
                return
            }
            withUnsafeTemporaryAllocation(of: Double.self, capacity: inner) { sums in
                guard let sums = sums.baseAddress else { return }
                for o in 0..<outer {
                    sums.update(repeating: 0, count: inner)
                    for j in 0..<size {
                        let row = x + (o * size + j) * inner
                        if columns.isEmpty {
                            for i in 0..<inner { sums[i] += T.of(Double(row[i]), 0) }
                        } else {
                            for i in 0..<inner { sums[i] += T.of(Double(row[i]), columns[o * inner + i]) }
                        }
                    }
                    for i in 0..<inner { store(o * inner + i, sums[i]) }
                }
            }
        }
    }

    /// How many elements go into each result.
    func reducedCount(_ axes: [Int]?) -> Int { axes?.reduce(1) { $0 * shape[$1] } ?? count }

    func sum(_ axes: [Int]? = nil, keepsAxes: Bool = false) -> Tensor { summed(Element.self, axes, keepsAxes: keepsAxes) }

    func mean(_ axes: [Int]? = nil, keepsAxes: Bool = false) -> Tensor {
        let n = Double(reducedCount(axes))
        return summed(Element.self, axes, keepsAxes: keepsAxes, finish: { $0 / n })
    }

    /// sum of (x - mean)^2 / (n - correction).
    func variance(_ axes: [Int]? = nil, keepsAxes: Bool = false, correction: Int = 1) -> Tensor {
        spread(axes, keepsAxes: keepsAxes, correction: correction) { $0 }
    }

    /// The square root of the variance, which may itself be out of a float's range.
    func deviation(_ axes: [Int]? = nil, keepsAxes: Bool = false, correction: Int = 1) -> Tensor {
        spread(axes, keepsAxes: keepsAxes, correction: correction) { $0.squareRoot() }
    }

    private func spread(_ axes: [Int]?, keepsAxes: Bool, correction: Int, finish: (Double) -> Double) -> Tensor {
        let n = reducedCount(axes)
        let divisor = Double(n - correction)
        // Rounded to floats, the means would be off by more than the distances of large numbers from them.
        var means = Array(repeating: 0.0, count: reducedShape(axes, keepsAxes: false).reduce(1, *))
        sum(Element.self, axes, columns: []) { means[$0] = $1 / Double(n) }
        return summed(SquaredDistance.self, axes, keepsAxes: keepsAxes, columns: means, finish: { finish($0 / divisor) })
    }

    /// The square root of the sum of squares.
    func norm(_ axes: [Int]? = nil, keepsAxes: Bool = false) -> Tensor {
        summed(Square.self, axes, keepsAxes: keepsAxes, finish: { $0.squareRoot() })
    }

    func product(_ axes: [Int]? = nil, keepsAxes: Bool = false) -> Tensor {
        lines(axes, keepsAxes: keepsAxes) { line in Float(line.reduce(1.0) { $0 * Double($1) }) }
    }

    /// The greatest elements; nan where a line has one. Lines must not be empty.
    func maximum(_ axes: [Int]? = nil, keepsAxes: Bool = false) -> Tensor { extreme(Greater.self, axes, keepsAxes) }
    func minimum(_ axes: [Int]? = nil, keepsAxes: Bool = false) -> Tensor { extreme(Lesser.self, axes, keepsAxes) }

    private func extreme<C: Preference>(_ choice: C.Type, _ axes: [Int]?, _ keepsAxes: Bool) -> Tensor {
        let (tensor, outer, size, inner) = split(axes)
        return Tensor(shape: reducedShape(axes, keepsAxes: keepsAxes)) { target in
            tensor.values.withUnsafeBufferPointer { buffer in
                guard let x = buffer.baseAddress else { return }
                for o in 0..<outer {
                    let block = x + o * size * inner
                    if inner == 1 {
                        var best = Vector(repeating: block[0])
                        var i = 0
                        while i &+ 8 <= size {
                            best = C.better(best, block.vector(at: i))
                            i &+= 8
                        }
                        while i < size {
                            best = C.better(best, Vector(repeating: block[i]))
                            i &+= 1
                        }
                        for lane in 1..<8 { best = C.better(best, Vector(repeating: best[lane])) }
                        target[o] = best[0]
                    } else {
                        let best = target + o * inner
                        best.update(from: block, count: inner)
                        let known = UnsafePointer(best)
                        for j in 1..<max(1, size) {
                            let row = block + j * inner
                            var i = 0
                            while i &+ 8 <= inner {
                                best.store(C.better(known.vector(at: i), row.vector(at: i)), at: i)
                                i &+= 8
                            }
                            if i < inner {
                                let rest = inner &- i
                                best.store(C.better(known.vector(at: i, count: rest), row.vector(at: i, count: rest)), at: i, count: rest)
                            }
                        }
                    }
                }
            }
        }
    }

    /// The position of the first greatest (or least) element of each line; nan counts as more extreme than any number.
    public func extremePosition(_ axes: [Int]?, keepsAxes: Bool, least: Bool) throws -> Tensor {
        guard reducedCount(axes) <= 1 << 24 else { throw NASError(.limit, "positions beyond \(1 << 24) do not fit a tensor's floats") }
        return try lines(axes, keepsAxes: keepsAxes) { Float(Tensor.extremePosition($0, least: least)) }.complete()
    }

    /// The position of the least or the greatest of all elements, in row-major order. There must be some.
    public func extremePosition(least: Bool) -> Int {
        require(count > 0, "the extreme position of no elements")
        return values.withUnsafeBufferPointer { Tensor.extremePosition($0, least: least) }
    }

    private static func extremePosition(_ line: UnsafeBufferPointer<Float>, least: Bool) -> Int {
        var position = 0
        var best = line[0]
        // Not <= rather than >: nan is neither.
        for i in 1..<max(1, line.count) where least ? !(line[i] >= best) : !(line[i] <= best) {
            if best.isNaN { break }
            position = i
            best = line[i]
        }
        return position
    }

    /// 1 where an element (or, with `all`, every element) of a line is not 0, else 0.
    public func truth(_ axes: [Int]?, keepsAxes: Bool, all: Bool) throws -> Tensor {
        try lines(axes, keepsAxes: keepsAxes) { line in (all ? line.allSatisfy { $0 != 0 } : line.contains { $0 != 0 }) ? 1 : 0 }.complete()
    }

    /// f of each line along the axes.
    @inline(__always) private func lines(_ axes: [Int]?, keepsAxes: Bool, _ f: (UnsafeBufferPointer<Float>) -> Float) -> Tensor {
        let kept = shape.indices.filter { !(axes?.contains($0) ?? true) }
        let moved = axes == nil || axes == [rank - 1] ? self : gathered(Layout(shape).permuted(kept + (axes ?? [])))
        let size = reducedCount(axes)
        return Tensor(shape: reducedShape(axes, keepsAxes: keepsAxes)) { target in
            moved.values.withUnsafeBufferPointer { x in
                Cancellation.inParts(kept.reduce(1) { $0 * shape[$1] }, itemSize: size) { part in
                    for o in part { target[o] = f(UnsafeBufferPointer(rebasing: x[o * size..<(o + 1) * size])) }
                }
            }
        }
    }

    // MARK: - Along one axis, the shape staying

    /// `f(line, target, size)` for each line along an axis.
    @inline(__always) private func rewritten(axis: Int, _ f: (UnsafePointer<Float>, UnsafeMutablePointer<Float>, Int) -> Void) -> Tensor {
        guard axis == rank - 1 else {
            var order = Array(shape.indices)
            order.swapAt(axis, rank - 1)
            return gathered(Layout(shape).permuted(order)).rewritten(f).gathered(Layout(order.map { shape[$0] }).permuted(order))
        }
        return rewritten(f)
    }

    @inline(__always) private func rewritten(_ f: (UnsafePointer<Float>, UnsafeMutablePointer<Float>, Int) -> Void) -> Tensor {
        let size = shape.last ?? 1
        return Tensor(shape: shape) { target in
            values.withUnsafeBufferPointer { buffer in
                guard let x = buffer.baseAddress else { return }
                Cancellation.inParts(buffer.count / size, itemSize: size) { part in
                    for o in part { f(x + o * size, target + o * size, size) }
                }
            }
        }
    }

    /// y[i] = x[0] + … + x[i]; reversed, y[i] = x[i] + … + x[n - 1].
    func cumulativeSum(axis: Int, reversed: Bool = false) -> Tensor {
        rewritten(axis: axis) { x, y, size in
            var sum = 0.0
            for i in 0..<size {
                let j = reversed ? size &- 1 &- i : i
                sum += Double(x[j])
                y[j] = Float(sum)
            }
        }
    }

    /// e^x / sum of e^x.
    func softmax(axis: Int) -> Tensor {
        rewritten(axis: axis) { x, y, size in
            let total = Tensor.exponentials(x, y, size).total
            // Of inf there are no shares.
            let factor = total.isFinite ? Float(1 / total) : .nan
            for i in 0..<size { y[i] *= factor }
        }
    }

    /// x - log sum of e^x.
    func logSoftmax(axis: Int) -> Tensor {
        rewritten(axis: axis) { x, y, size in
            let (highest, total) = Tensor.exponentials(x, y, size)
            let shift = total.isFinite ? Foundation.log(total) : .nan
            for i in 0..<size { y[i] = Float(Double(x[i] - highest) - shift) }
        }
    }

    /// log sum of e^x.
    func logSumExp(_ axes: [Int]?, keepsAxes: Bool) -> Tensor {
        lines(axes, keepsAxes: keepsAxes) { line in
            guard let x = line.baseAddress, line.count > 0 else { return -.infinity }
            return withUnsafeTemporaryAllocation(of: Float.self, capacity: line.count) { scratch in
                guard let y = scratch.baseAddress else { return .nan }
                let (highest, total) = Tensor.exponentials(x, y, line.count)
                return Float(Double(highest) + Foundation.log(total))
            }
        }
    }

    /// y = e^(x - the greatest x), and the sum of that.
    @inline(__always) private static func exponentials(
        _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ size: Int
    ) -> (highest: Float, total: Double) {
        var best = Vector(repeating: -.infinity)
        var i = 0
        while i &+ 8 <= size {
            let vector = x.vector(at: i)
            best = best.replacing(with: vector, where: vector .> best)
            i &+= 8
        }
        var highest = best.max()
        while i < size {
            if x[i] > highest { highest = x[i] }
            i &+= 1
        }
        if !highest.isFinite { highest = 0 }
        var sums = SIMD8<Double>.zero
        i = 0
        while i < size {
            let count = min(8, size &- i)
            let vector = VectorMath.exp((count == 8 ? x.vector(at: i) : x.vector(at: i, count: count)) - highest)
            if count == 8 { y.store(vector, at: i) } else { y.store(vector, at: i, count: count) }
            i &+= 8
        }
        i = 0
        while i &+ 8 <= size {
            for lane in 0..<8 { sums[lane] += Double(y[i &+ lane]) }
            i &+= 8
        }
        var total = sums.sum()
        while i < size {
            total += Double(y[i])
            i &+= 1
        }
        return (highest, total)
    }
}
