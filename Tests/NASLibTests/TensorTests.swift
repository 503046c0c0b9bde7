import Foundation
import Testing

@testable import NASLib

/// Operations on tensors against plain loops in double precision.
@Suite struct TensorTests {
    private func numbers(_ shape: [Int], seed: UInt64 = 1) -> Tensor {
        var generator = Generator(seed: seed)
        return Tensor(shape: shape, values: (0..<shape.reduce(1, *)).map { _ in Float(generator.normal()) })
    }

    private func expect(_ tensor: Tensor, _ shape: [Int], _ expected: [Double], tolerance: Double = 1e-6, _ what: String = "") {
        #expect(tensor.shape == shape, "\(what)")
        #expect(tensor.count == expected.count, "\(what)")
        for (value, expected) in zip(tensor.values, expected) { #expect(abs(Double(value) - expected) <= tolerance * (1 + abs(expected)), "\(what)") }
    }

    /// Products of more than 2^30 multiplications are made in parts of rows and columns.
    @Test(arguments: [(false, false), (true, true)]) func largeProducts(_ transposes: (a: Bool, b: Bool)) throws {
        let (n, k, m) = (300, 4200, 1000)
        let a = numbers(transposes.a ? [k, n] : [n, k]), b = numbers(transposes.b ? [m, k] : [k, m], seed: 2)
        let product = try Tensor.product(a, b, transposeA: transposes.a, transposeB: transposes.b)
        #expect(product.shape == [n, m])
        for row in [0, 255, 256, n - 1] {
            for column in [0, 997, 998, m - 1] {
                let expected = (0..<k).reduce(0.0) { sum, i in
                    sum + Double(a.values[transposes.a ? i * n + row : row * k + i]) * Double(b.values[transposes.b ? column * k + i : i * m + column])
                }
                #expect(abs(Double(product.values[row * m + column]) - expected) < 1e-3, "[\(row), \(column)]")
            }
        }
    }

    // MARK: - Functions of elements

    /// Numbers of all sizes, in counts that are no multiple of eight.
    private static let arguments: [Float] = (-2003...2003).map { Float($0) / 20 } + (-40...40).map { Float(sign: .plus, exponent: $0, significand: 1.37) }

    struct Function: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let compute: @Sendable (Tensor) -> Tensor
        let exact: @Sendable (Double) -> Double
        /// Where it is looked at.
        var range = -1e15...1e15
        /// The error is relative to the result, but at least to this.
        var scale = 0.0
    }

    static let functions: [Function] = [
        Function(testDescription: "exp", compute: { $0.exp() }, exact: { Foundation.exp($0) }, range: -87...88),
        Function(testDescription: "log", compute: { $0.log() }, exact: { Foundation.log($0) }, range: 1e-30...1e30),
        Function(testDescription: "tanh", compute: { $0.tanh() }, exact: { Foundation.tanh($0) }),
        Function(testDescription: "sigmoid", compute: { $0.sigmoid() }, exact: { 1 / (1 + Foundation.exp(-$0)) }, range: -80...1e15),
        Function(testDescription: "normal share", compute: { $0.normalShare() }, exact: { 0.5 * erfc(-$0 / 2.0.squareRoot()) }, range: -13...1e15),
        Function(testDescription: "sin", compute: { $0.sin() }, exact: { Foundation.sin($0) }, range: -100...100, scale: 0.5),
    ]

    @Test(arguments: functions)
    func function(_ f: Function) {
        let x = Self.arguments.filter { f.range.contains(Double($0)) }
        for (x, y) in zip(x, f.compute(Tensor(shape: [x.count], values: x)).values) {
            let expected = f.exact(Double(x))
            #expect(abs(Double(y) - expected) <= 4e-7 * max(abs(expected), f.scale), "of \(x) is \(y), not \(expected)")
        }
    }

    @Test func functionsAtTheEdges() {
        let x = Tensor(shape: [6], values: [.infinity, -.infinity, .nan, 0, Float(bitPattern: 71_362), -1])
        let e = x.exp().values, l = x.log().values, t = x.tanh().values
        #expect(e[0] == .infinity && e[1] == 0 && e[2].isNaN && e[3] == 1)
        #expect(l[0] == .infinity && l[1].isNaN && l[2].isNaN && l[3] == -.infinity && abs(l[4] - Float(log(1e-40))) < 1e-4 && l[5].isNaN)
        #expect(t[0] == 1 && t[1] == -1 && t[2].isNaN && t[3] == 0)
        #expect(Tensor(shape: [2], values: [89, -103]).exp().values == [.infinity, Float(exp(-103.0))])
        #expect(x.relu().values[2].isNaN && x.sign().values[2].isNaN)
    }

    // MARK: - Broadcasting

    @Test(arguments: [
        ([2, 3], [2, 3]), ([2, 3], [3]), ([2, 3], [2, 1]), ([3], [2, 1]), ([], [2, 3]), ([2, 3], [1, 1]), ([4, 1, 5], [1, 3, 1]), ([2, 1, 19], [3, 19]),
        ([0, 3], [3]), ([2, 3, 4, 5], [3, 1, 5]), ([1], [1]), ([17], []),
    ] as [([Int], [Int])])
    func broadcasting(_ shapeA: [Int], _ shapeB: [Int]) throws {
        let a = numbers(shapeA), b = numbers(shapeB, seed: 2)
        let shape = try Tensor.broadcastShape(shapeA, shapeB, "test")
        func element(_ t: Tensor, _ position: [Int]) -> Double {
            var offset = 0
            for (axis, size) in t.shape.enumerated() { offset = offset * size + (size == 1 ? 0 : position[axis + shape.count - t.rank]) }
            return Double(t.values[offset])
        }
        let places = positions(shape)
        expect(try Tensor.subtract(a, b), shape, places.map { element(a, $0) - element(b, $0) })
        expect(try Tensor.power(a.magnitude(), b), shape, places.map { pow(abs(element(a, $0)), element(b, $0)) }, tolerance: 1e-5)
        expect(try Tensor.compare(a, b, .less), shape, places.map { element(a, $0) < element(b, $0) ? 1 : 0 })
        expect(try a.broadcast(to: shape), shape, places.map { element(a, $0) })
    }

    @Test func errorsNameOperationAndShapes() {
        func message(_ body: () throws -> Tensor) -> String {
            do { return "\(try body().shape)" } catch let error as NASError { return error.message } catch { return "\(error)" }
        }
        #expect(message { try Tensor.add(numbers([2, 3]), numbers([2])) } == "addition: shapes [2, 3] and [2] do not fit: 3 against 2 in the last axis")
        #expect(message { try Variable.product(Variable(numbers([2, 3])), Variable(numbers([2, 3]))).tensor }
            == "matrix product: it needs shapes [n, k] and [k, m], not [2, 3] and [2, 3]")
        #expect(message { try Tensor.concatenated([numbers([2, 3]), numbers([2, 2])], axis: 0) } == "concat: shapes [2, 3] and [2, 2] do not fit along axis 0")
    }

    private func positions(_ shape: [Int]) -> [[Int]] { shape.reduce([[]]) { places, size in places.flatMap { place in (0..<size).map { place + [$0] } } } }

    // MARK: - Reductions

    @Test(arguments: [nil, [0], [1], [2], [0, 1], [1, 2], [0, 2], [0, 1, 2]] as [[Int]?])
    func reductions(_ axes: [Int]?) {
        let x = numbers([3, 10, 13])
        let reduced = axes ?? [0, 1, 2]
        let kept = [0, 1, 2].filter { !reduced.contains($0) }
        let shape = kept.map { x.shape[$0] }
        var lines: [[Int]: [Double]] = [:]
        for place in positions(x.shape) { lines[kept.map { place[$0] }, default: []].append(Double(x.values[(place[0] * 10 + place[1]) * 13 + place[2]])) }
        func expected(_ f: ([Double]) -> Double) -> [Double] { positions(shape).map { f(lines[$0] ?? []) } }
        let mean = { (line: [Double]) in line.reduce(0, +) / Double(line.count) }
        let spread = { (line: [Double]) in line.reduce(0) { $0 + ($1 - mean(line)) * ($1 - mean(line)) } }
        expect(x.sum(axes), shape, expected { $0.reduce(0, +) }, "sum")
        expect(x.mean(axes), shape, expected(mean), "mean")
        expect(x.variance(axes), shape, expected { spread($0) / Double($0.count - 1) }, "variance")
        expect(x.variance(axes, correction: 0), shape, expected { spread($0) / Double($0.count) }, "biased variance")
        expect(x.norm(axes), shape, expected { $0.reduce(0) { $0 + $1 * $1 }.squareRoot() }, "norm")
        expect(x.product(axes), shape, expected { $0.reduce(1, *) }, "product")
        expect(x.maximum(axes), shape, expected { $0.max() ?? 0 }, "maximum")
        expect(x.minimum(axes), shape, expected { $0.min() ?? 0 }, "minimum")
        expect(x.logSumExp(axes, keepsAxes: false), shape, expected { log($0.reduce(0) { $0 + exp($1) }) }, "log sum exp")
        let ones = [0, 1, 2].map { reduced.contains($0) ? 1 : x.shape[$0] }
        #expect(x.sum(axes, keepsAxes: true).shape == ones && x.maximum(axes, keepsAxes: true).shape == ones)
    }

    @Test func sumsAreKeptInDoublePrecision() {
        // A sum in single precision stops growing at 2^24.
        let x = Tensor(shape: [1 << 24 | 1, 1], values: Array(repeating: 1, count: 1 << 24 | 1))
        #expect(Double(x.mean().values[0]) == 1)
        #expect(Tensor(shape: [4], values: [1e8, 1, -1e8, 1]).sum().values == [2])
        #expect(Tensor(shape: [4, 2], values: [1e8, 0, 1, 0, -1e8, 0, 1, 0]).sum([0]).values == [2, 0])
    }

    @Test func notANumberWins() {
        let x = Tensor(shape: [2, 3], values: [1, .nan, 3, 4, 5, 6])
        #expect(x.maximum([1]).values[0].isNaN && x.maximum([1]).values[1] == 6 && x.minimum([0]).values[1].isNaN)
        #expect(x.extremePosition(least: false) == 1 && x.extremePosition(least: true) == 1)
    }

    @Test(arguments: [0, 1, 2])
    func alongAnAxis(_ axis: Int) {
        let x = numbers([3, 4, 5])
        let softmax = x.softmax(axis: axis), sums = x.cumulativeSum(axis: axis)
        for (value, log) in zip(softmax.values, x.logSoftmax(axis: axis).values) { #expect(abs(Foundation.log(value) - log) < 1e-5) }
        for total in softmax.sum([axis]).values { #expect(abs(total - 1) < 1e-6) }
        let last = sums.gathered(Layout(x.shape).selecting((0..<axis).map { .range(0..<x.shape[$0]) } + [.position(x.shape[axis] - 1)]))
        expect(last, x.sum([axis]).shape, x.sum([axis]).values.map(Double.init))
    }

    // MARK: - Products

    @Test(arguments: [(false, false), (true, false), (false, true), (true, true)])
    func batchedMatrixProducts(_ transposeA: Bool, _ transposeB: Bool) throws {
        let a = numbers([2, 1] + (transposeA ? [4, 3] : [3, 4])), b = numbers([5] + (transposeB ? [6, 4] : [4, 6]), seed: 2)
        func at(_ t: Tensor, _ matrix: Int, _ i: Int, _ j: Int, _ isTransposed: Bool) -> Double {
            Double(t.values[matrix * (t.count / (t.rank == 4 ? 2 : 5)) + (isTransposed ? j * t.shape[t.rank - 1] + i : i * t.shape[t.rank - 1] + j)])
        }
        let expected = positions([2, 5, 3, 6]).map { p in (0..<4).reduce(0.0) { $0 + at(a, p[0], p[2], $1, transposeA) * at(b, p[1], $1, p[3], transposeB) } }
        expect(try Tensor.product(a, b, transposeA: transposeA, transposeB: transposeB), [2, 5, 3, 6], expected)
    }

    @Test(arguments: [(1, 0), (1, 2), (2, 1), (3, 0), (3, 4)])
    func convolution(stride: Int, padding: Int) throws {
        let x = numbers([2, 3, 7, 6]), w = numbers([4, 3, 3, 2], seed: 2)
        let (height, width) = ((7 + 2 * padding - 3) / stride + 1, (6 + 2 * padding - 2) / stride + 1)
        let expected = positions([2, 4, height, width]).map { p in
            positions([3, 3, 2]).reduce(0.0) { sum, k in
                let (row, column) = (p[2] * stride + k[1] - padding, p[3] * stride + k[2] - padding)
                guard (0..<7).contains(row), (0..<6).contains(column) else { return sum }
                return sum + Double(x.values[((p[0] * 3 + k[0]) * 7 + row) * 6 + column]) * Double(w.values[((p[1] * 3 + k[0]) * 3 + k[1]) * 2 + k[2]])
            }
        }
        expect(try Variable.convolution(Variable(x), Variable(w), stride: stride, padding: padding).tensor, [2, 4, height, width], expected, tolerance: 1e-5)
    }

    // MARK: - Linear algebra

    @Test func decompositionsGiveTheMatrixBack() throws {
        let a = Variable(numbers([6, 4])), square = try Variable.product(a.transposed(), a)
        let (u, s, vt) = try a.singularValues()
        expect(try Variable.product(.multiply(u, s), vt).tensor, [6, 4], a.tensor.values.map(Double.init), tolerance: 1e-5)
        let l = try square.cholesky()
        expect(try Variable.product(l, l.transposed()).tensor, [4, 4], square.tensor.values.map(Double.init), tolerance: 1e-5)
        let (w, v) = try square.symmetricEigensystem()
        expect(try Variable.product(.multiply(v, w), v.transposed()).tensor, [4, 4], square.tensor.values.map(Double.init), tolerance: 1e-5)
        expect(try Variable.multiply(s, s).tensor, [4], w.tensor.values.reversed().map(Double.init), tolerance: 1e-5)
        expect(try square.determinant().tensor, [], [w.tensor.values.reduce(1.0) { $0 * Double($1) }], tolerance: 1e-5)
        expect(try Variable.product(square.inverse(), square).tensor, [4, 4], (0..<16).map { $0 % 5 == 0 ? 1 : 0 }, tolerance: 1e-5)
    }

    @Test func leastSquaresOfWideAndDeficientMatrices() throws {
        // The shortest of the many solutions.
        expect(try Tensor.leastSquares(Tensor(shape: [1, 2], values: [1, 1]), Tensor(shape: [1, 1], values: [4])), [2, 1], [2, 2])
        expect(try Tensor.leastSquares(Tensor(shape: [2, 2], values: [1, 1, 1, 1]), Tensor(shape: [2, 1], values: [1, 3])), [2, 1], [1, 1])
    }
}
