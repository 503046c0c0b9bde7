import Foundation
import Testing

@testable import NASLib

/// Gradients, directional derivatives and gradients of gradients against finite differences.
@Suite struct GradientTests {
    struct Case: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let shapes: [[Int]]
        /// Elements are from `low` to `low + 2`.
        var low: Float = -1
        /// Whether it has a second derivative to compare.
        var isSmooth = true
        let function: @Sendable ([Variable]) throws -> Variable

        init(_ name: String, _ shapes: [Int]..., low: Float = -1, isSmooth: Bool = true, _ function: @escaping @Sendable ([Variable]) throws -> Variable) {
            (testDescription, self.shapes, self.low, self.isSmooth, self.function) = (name, shapes, low, isSmooth, function)
        }
    }

    static let cases = [
        Case("a row added", [2, 3], [3]) { try .add($0[0], $0[1]) },
        Case("a column subtracted", [2, 3], [2, 1]) { try .subtract($0[0], $0[1]) },
        Case("product of row and column", [3], [2, 1]) { try .multiply($0[0], $0[1]) },
        Case("quotient", [2, 3], [3], low: 0.5) { try .divide($0[0], $0[1]) },
        Case("power", [2, 3], [3], low: 0.5) { try .power($0[0], $0[1]) },
        Case("operators", [2, 3], [3], low: 0.5) { x in 2 * x[0] - (1 - x[1] / x[0]) * x[1] + -x[0] / 4 },
        Case("operators in place", [2, 3], [3], low: 0.5) { x in
            var y = x[0] * 3 + 1
            y += x[1]
            y -= 2 / x[1]
            y *= x[0] - 0.25
            y /= x[1]
            return y
        },
        Case("cube", [5]) { try .power($0[0], Variable(3)) },
        Case("maximum", [7], [7], isSmooth: false) { try .maximum($0[0], $0[1]) },
        Case("choice", [6], [6]) { try .choose(Tensor.compare($0[0].tensor, $0[1].tensor, .less), .multiply($0[0], $0[0]), $0[1].exp()) },
        Case("clamp", [9], isSmooth: false) { try $0[0].clamped(-0.6, 0.45) },
        Case("exp and log", [5], low: 0.5) { try .multiply($0[0].exp(), $0[0].log()) },
        Case("roots", [5], low: 0.5) { try $0[0].squareRoot() },
        Case("angles", [5], low: -0.9) { try .add($0[0].sin(), .multiply($0[0].cos(), $0[0].atan())) },
        Case("tan", [5], low: -0.9) { try $0[0].tan() },
        Case("arcs", [5], low: -0.9) { x in try .multiply(.multiply(x[0], Variable(0.8)).asin(), .multiply(x[0], Variable(0.5)).acos()) },
        Case("activations", [9]) { try .add($0[0].tanh(), .multiply($0[0].sigmoid(), $0[0].gelu())) },
        Case("kinks", [9], isSmooth: false) { try .add($0[0].relu(), $0[0].magnitude()) },
        Case("sum along an axis", [2, 3, 4]) { try .multiply($0[0].sum([1], keepsAxes: true), $0[0]) },
        Case("mean along axes", [2, 3, 4]) { try .multiply($0[0].mean([0, 2], keepsAxes: true), $0[0]) },
        Case("variance", [2, 5]) { try $0[0].variance([1]) },
        Case("standard deviation", [2, 5]) { try $0[0].deviation() },
        Case("norm", [2, 3]) { try $0[0].norm([1]) },
        Case("greatest", [3, 4], isSmooth: false) { try $0[0].maximum([0]) },
        Case("product", [2, 3]) { try $0[0].product([1]) },
        Case("product with a zero", [4]) { try Variable.multiply($0[0], Variable(Tensor(shape: [4], values: [1, 0, 1, 1]))).product() },
        Case("cumulative sum", [2, 4]) { try .multiply($0[0].cumulativeSum(axis: 1), $0[0]) },
        Case("softmax", [2, 4]) { try $0[0].softmax(axis: 0) },
        Case("log softmax", [2, 4]) { try $0[0].logSoftmax(axis: 1) },
        Case("log sum exp", [2, 4]) { try $0[0].logSumExp([0]) },
        Case("transposed", [2, 3, 4]) { try .multiply($0[0].transposed([2, 0, 1]).reshaped([6, 4]), $0[0].reshaped([6, 4])) },
        Case("flipped", [2, 3]) { try .multiply($0[0].flipped([1]), $0[0]) },
        Case("diagonal", [3, 3]) { try .multiply($0[0].diagonal(0, 1), $0[0]) },
        Case("slices in steps", [5, 4]) { try .multiply($0[0][[.range(0..<5, step: 2), .position(1)]], $0[0][[.position(0), .range(1..<4)]]) },
        Case("positions", [3, 4]) { try .multiply($0[0].taking([2, 0, 2], axis: 0), $0[0]) },
        Case("concatenated", [2, 3], [2, 1]) { try Variable.concatenated([$0[0], .multiply($0[1], $0[1])], axis: 1) },
        Case("stacked", [3], [3]) { try Variable.stacked([$0[0], $0[1], .multiply($0[0], $0[1])], axis: 1) },
        Case("assigned to", [3, 2], [2]) { x in
            var t = try Variable.multiply(x[0], x[0])
            try t.assign(x[1], to: [.position(1)])
            return try .multiply(t, t)
        },
        Case("matrix product", [2, 3], [3, 4]) { try .product($0[0], $0[1]) },
        Case("vectors", [3], [3]) { try .product($0[0], $0[1]) },
        Case("batched product", [4, 1, 2, 3], [2, 3, 2]) { try .product($0[0], $0[1]) },
        Case("batch times matrix", [2, 2, 3], [3, 2]) { try .product($0[0], $0[1]) },
        Case("index notation", [2, 3], [3, 2, 4], [4]) { try .einsum("ij,jik,k->jk", $0) },
        Case("convolution", [2, 2, 5, 4], [3, 2, 3, 2]) { try .convolution($0[0], $0[1], stride: 2, padding: 1) },
        Case("pooling", [1, 2, 4, 4], isSmooth: false) { try $0[0].pooled("max", size: 2, stride: 2).maximum([2]) },
        Case("linear equations", [3, 3], [3, 2], low: 0.5) { try .solution(.add($0[0], identity(3)), $0[1]) },
        Case("inverse", [3, 3]) { try Variable.add($0[0], identity(3)).inverse() },
        Case("determinant", [3, 3]) { try Variable.add($0[0], identity(3)).determinant() },
        Case("least squares", [5, 2], [5]) { try .leastSquares($0[0], $0[1]) },
        Case("Cholesky factor", [3, 3]) { try .add(.product($0[0], $0[0].transposed()), identity(3)).cholesky() },
        Case("eigenvalues", [3, 3]) { try .add($0[0], $0[0].transposed()).symmetricEigensystem().values },
        Case("singular values", [4, 3]) { try $0[0].singularValues().s },
    ]

    private static func identity(_ n: Int) -> Variable { Variable(Tensor(shape: [n, n], values: (0..<n * n).map { $0 % (n + 1) == 0 ? 2 : 0 })) }

    // MARK: - Tests

    @Test(arguments: cases)
    func gradient(_ c: Case) throws {
        let x = inputs(c)
        let gradients = try gradients(c, x)
        for i in x.indices {
            expect(gradients[i].values, try differences(x, i) { Double(try loss(c, $0.map(Variable.init)).tensor.values[0]) }, "\(c) by input \(i)")
        }
    }

    @Test(arguments: cases)
    func derivativeAlongADirection(_ c: Case) throws {
        let x = inputs(c), directions = x.enumerated().map { numbers($1.shape, stream: 70 + $0, low: -1) }
        let tape = Tape()
        defer { tape.close() }
        let variables = try x.map { try tape.input(Variable($0)) }
        let derivative = try tape.derivative(of: try c.function(variables), at: variables, along: directions)
        let h: Float = 1 / 128
        func moved(_ h: Float) throws -> Tensor { try c.function(zip(x, directions).map { Variable(try Tensor.add($0, try Tensor.multiply($1, Tensor(h)))) }).tensor }
        let (above, below) = (try moved(h), try moved(-h))
        expect(derivative.tensor.values, zip(above.values, below.values).map { Double($0 - $1) / Double(2 * h) }, "\(c)")
    }

    /// The gradient of (the gradient times a direction).
    @Test(arguments: cases.filter(\.isSmooth))
    func gradientOfTheGradient(_ c: Case) throws {
        let x = inputs(c), directions = x.enumerated().map { numbers($1.shape, stream: 80 + $0, low: -1) }
        let tape = Tape()
        defer { tape.close() }
        let variables = try x.map { try tape.input(Variable($0)) }
        let first = try tape.gradients(of: try loss(c, variables), seed: Variable(1), at: variables, isRecorded: true)
        var product = Variable(0)
        for case (let gradient?, let direction) in zip(first, directions) { product = try .add(product, Variable.multiply(gradient, Variable(direction)).sum()) }
        let second = try tape.gradients(of: product, seed: Variable(1), at: variables)
        for i in x.indices {
            let expected = try differences(x, i) { x in
                zip(try gradients(c, x), directions).reduce(0) { sum, pair in sum + zip(pair.0.values, pair.1.values).reduce(0) { $0 + Double($1.0) * Double($1.1) } }
            }
            expect(second[i]?.tensor.values ?? Array(repeating: 0, count: x[i].count), expected, "\(c) by input \(i)", tolerance: 4e-3)
        }
    }

    @Test func nestedDifferentiationKeepsVariablesApart() throws {
        // d/dx (x d/dy (x + y)) at y = 1 is 1, not 2.
        let tape = Tape()
        defer { tape.close() }
        let x = try tape.input(Variable(1))
        let y = try tape.input(Variable(1))
        let inner = try #require(try tape.gradients(of: try .add(x, y), seed: Variable(1), at: [y], isRecorded: true)[0])
        let outer = try tape.gradients(of: try .multiply(x, inner), seed: Variable(1), at: [x])[0]
        #expect(outer?.tensor == Tensor(1))
    }

    @Test func whatDoesNotDependHasNoGradient() throws {
        let tape = Tape()
        defer { tape.close() }
        let x = try tape.input(Variable(1)), y = try tape.input(Variable(2))
        #expect(try tape.gradients(of: try x.exp(), seed: Variable(1), at: [y])[0] == nil)
        #expect(try tape.gradients(of: Variable(3), seed: Variable(1), at: [x])[0] == nil)
    }

    @Test func variablesOfAClosedTapeAreConstants() throws {
        let tape = Tape()
        let x = try tape.input(Variable(1))
        #expect(x.isTracked)
        tape.close()
        #expect(!x.isTracked)
        #expect(try !x.exp().isTracked)
    }

    @Test func aLongChainIsDifferentiatedAndReleased() throws {
        let tape = Tape()
        var y = try tape.input(Variable(1))
        let x = y
        for _ in 0..<200_000 { y = try .multiply(y, Variable(1)) }
        #expect(try tape.gradients(of: y, seed: Variable(1), at: [x])[0]?.tensor == Tensor(1))
        tape.close()
    }

    @Test func aTapeHoldsNoMoreThanItsLimit() throws {
        let tape = Tape(limit: 10_000)
        defer { tape.close() }
        var y = try tape.input(Variable(Tensor(repeating: 1, shape: [1000])))
        #expect(throws: NASError.self) { for _ in 0..<100 { y = try y.exp() } }
    }

    // MARK: - Parts of the above

    private func inputs(_ c: Case) -> [Tensor] { c.shapes.enumerated().map { numbers($1, stream: $0, low: c.low) } }

    /// Well-mixed numbers from `low` to `low + 2`.
    private func numbers(_ shape: [Int], stream: Int, low: Float) -> Tensor {
        var generator = Generator(seed: UInt64(1000 + stream))
        return Tensor(shape: shape, values: (0..<shape.reduce(1, *)).map { _ in low + 2 * Float(generator.uniform()) })
    }

    /// The weighted sum of a function's elements.
    private func loss(_ c: Case, _ x: [Variable]) throws -> Variable {
        let y = try c.function(x)
        return try Variable.multiply(y, Variable(numbers(y.shape, stream: 99, low: -1))).sum()
    }

    private func gradients(_ c: Case, _ x: [Tensor]) throws -> [Tensor] {
        let tape = Tape()
        defer { tape.close() }
        let variables = try x.map { try tape.input(Variable($0)) }
        return try zip(tape.gradients(of: try loss(c, variables), seed: Variable(1), at: variables), x).map {
            try $0?.tensor ?? Tensor(repeating: 0, shape: $1.shape)
        }
    }

    private func differences(_ x: [Tensor], _ input: Int, _ f: ([Tensor]) throws -> Double) rethrows -> [Double] {
        let h: Float = 1 / 128
        return try x[input].values.indices.map { j in
            var (above, below) = (x, x)
            above[input].values[j] += h
            below[input].values[j] -= h
            return (try f(above) - f(below)) / Double(above[input].values[j] - below[input].values[j])
        }
    }

    private func expect(_ values: [Float], _ expected: [Double], _ what: String, tolerance: Double = 2e-3) {
        #expect(values.count == expected.count, "\(what)")
        let scale = expected.map(abs).max() ?? 0
        for (value, expected) in zip(values, expected) { #expect(abs(Double(value) - expected) <= tolerance * (0.5 + scale), "\(what): \(values) and \(expected)") }
    }
}
