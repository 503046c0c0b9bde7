import Testing

import NASLib

/// What a Swift program has of the library by its public declarations alone.
@Suite struct PublicUseTests {
    private static let x = Tensor(shape: [2, 3], values: [0.5, 1, -1.5, 2, 0.25, -0.75])

    // MARK: - Operators

    @Test func operatorsBroadcast() {
        let row = Tensor(shape: [3], values: [1, 2, 4])
        #expect((Self.x + row).values == [1.5, 3, 2.5, 3, 2.25, 3.25])
        #expect((Self.x - row).values == [-0.5, -1, -5.5, 1, -1.75, -4.75])
        #expect((Self.x * row).values == [0.5, 2, -6, 2, 0.5, -3])
        #expect((Self.x / row).values == [0.5, 0.5, -0.375, 2, 0.125, -0.1875])
        #expect((2 * -row + 1).values == [-1, -3, -7])
        #expect((1 - row / 2).values == [0.5, 0, -1])
        #expect((4 / row).values == [4, 2, 1])
    }

    @Test func anOperatorRunsToItsEndThoughARunIsStopped() throws {
        let flag = Cancellation.Flag()
        flag.raise()
        let sum = Cancellation.$flag.withValue(flag) { Variable(Self.x) + 1 }
        #expect(sum.tensor.values == Self.x.values.map { $0 + 1 })
    }

    // MARK: - Differentiation

    /// sum(x^3 - 2x)
    private static func f(_ x: Variable) throws -> Variable { try (x * x * x - 2 * x).sum() }

    @Test func gradientsAgreeWithFiniteDifferences() throws {
        let (value, gradient) = try valueWithGradient(at: Self.x, in: Self.f)
        #expect(gradient.shape == [2, 3])
        #expect(abs(value - (try Self.f(Variable(Self.x))).tensor.values[0]) < 1e-6)
        for i in 0..<Self.x.count {
            func shifted(_ step: Float) throws -> Float {
                var values = Self.x.values
                values[i] += step
                return try Self.f(Variable(Tensor(shape: [2, 3], values: values))).tensor.values[0]
            }
            let slope = (try shifted(0.01) - shifted(-0.01)) / 0.02
            #expect(abs(gradient.values[i] - slope) < 1e-2 * max(1, abs(slope)))
        }
    }

    @Test func eachOfSeveralTensorsHasItsGradient() throws {
        let w = Tensor(shape: [3, 1], values: [1, -1, 2]), b = Tensor(1), unused = Tensor(shape: [2], values: [1, 1])
        let (value, gradients) = try valueWithGradient(at: [w, b, unused]) { p in
            try (Variable.product(Variable(Self.x), p[0]) + p[1]).sum()
        }
        #expect(value == -1.25)
        #expect(gradients.map(\.values) == [[2.5, 1.25, -2.25], [2], [0, 0]])
        #expect(gradients.map(\.shape) == [[3, 1], [], [2]])
    }

    /// d2/dx2 x^3 = 6x, and d/dy of d/dx x^2 y is 2x, of which only the outer function knows y.
    @Test func derivativesNest() throws {
        let (slope, curvature) = try valueWithGradient(at: Tensor(2)) { x in try valueWithGradient(at: x) { $0 * $0 * $0 }.gradient }
        #expect(slope == 12)
        #expect(curvature.values == [12])
        let mixed = try valueWithGradient(at: Tensor(5)) { y in
            try valueWithGradient(at: Variable(3)) { x in x * x * y }.gradient
        }
        #expect(mixed.value == 30)
        #expect(mixed.gradient.values == [6])
    }

    @Test func nothingOfTheRecordIsLeft() throws {
        var kept: Variable?
        _ = try valueWithGradient(at: Self.x) { x in
            kept = x
            #expect(x.isTracked)
            return try x.sum()
        }
        #expect(kept?.isTracked == false)
        #expect(throws: NASError.self) { try valueWithGradient(at: Self.x) { x in x + 1 } }
        let constant = try valueWithGradient(at: Tensor(1)) { _ in Variable(7) }
        #expect(constant.value == 7)
        #expect(constant.gradient == Tensor(0))
    }

    // MARK: - Errors

    @Test func anErrorReadsAsASentence() throws {
        let space = NASBench201(channels: 8, cells: 1)
        let error = #expect(throws: NASError.self) { try space.parse("|none~0|") }
        #expect(error?.kind == .value)
        #expect(error?.description == "a cell has three nodes joined by '+', this has 1; the form is |op~0|+|op~0|op~1|+|op~0|op~1|op~2|")
        let shapes = #expect(throws: NASError.self) { try Tensor.add(Self.x, Tensor(shape: [2], values: [1, 2])) }
        #expect(shapes?.description == "addition: shapes [2, 3] and [2] do not fit: 3 against 2 in the last axis")
        #expect(shapes?.kind == .shape)
    }

    @Test func theProcessorRunsTheEngine() throws {
        try Processor.check()
        #expect(Processor.runsTheEngine)
    }

    // MARK: - The caller's mistakes end the program, with a message

    private static func says(_ message: String, _ result: ExitTest.Result?) -> Bool {
        String(decoding: result?.standardErrorContent ?? [], as: UTF8.self).contains(message)
    }

    @Test func shapesThatDoNotFitAnOperator() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = Tensor(shape: [2], values: [1, 2]) + Tensor(shape: [3], values: [1, 2, 3])
        }
        #expect(Self.says("addition: shapes [2] and [3] do not fit", result))
    }

    @Test func aPositionBeyondAnAxis() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = Tensor(shape: [2], values: [1, 2])[[.position(2)]]
        }
        #expect(Self.says("axis 0 of shape [2] has no position 2", result))
    }

    @Test func aNegativeDeviation() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = Normal(mean: 0, deviation: -1)
        }
        #expect(Self.says("a standard deviation is positive, not -1.0", result))
    }

    @Test func anExampleBeyondADataset() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let image = ImageShape(height: 1, width: 1, channels: 1)
            let data = Dataset(name: "two", shape: image, classes: 2, images: [0, 1], labels: [0, 1])
            _ = Batch(dataset: data, indices: [2])
        }
        #expect(Self.says("positions in two are from 0 to 1", result))
    }
}
