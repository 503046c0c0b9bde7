import Foundation
import Lang
import Library
import Runtime
import Testing

/// Functions of tensors and their gradients, and optimizers, against PyTorch's numbers: `Tests/recorded/tensors_torch.json`,
/// which the script beside it printed, in double precision.
@Suite struct TensorParity {
    struct Recording: Decodable, Sendable {
        let functions: [Function]
        let optimizers: [Optimizer]
    }

    struct Function: Decodable, Sendable, CustomTestStringConvertible {
        let name: String
        let function: String
        let arguments: [Nested]
        let weights: Nested
        let value: [Double]
        let gradients: [[Double]]
        var testDescription: String { name }
    }

    struct Optimizer: Decodable, Sendable, CustomTestStringConvertible {
        let optimizer: String
        let path: [[Double]]
        var testDescription: String { optimizer }
    }

    /// Numbers in lists, nested to any depth, which JSON and Pada write alike.
    enum Nested: Decodable, Sendable, CustomStringConvertible {
        case number(Double)
        case list([Nested])

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            self = if let number = try? container.decode(Double.self) { .number(number) } else { .list(try container.decode([Nested].self)) }
        }

        var description: String {
            switch self {
            case .number(let x): "\(x)"
            case .list(let parts): "[\(parts.map(\.description).joined(separator: ", "))]"
            }
        }
    }

    static let recording: Recording? = try? JSONDecoder().decode(
        Recording.self, from: Data(contentsOf: GoldenScript.root.appendingPathComponent("../recorded/tensors_torch.json").standardizedFileURL))

    @Test(arguments: recording?.functions ?? [])
    func function(_ expected: Function) throws {
        let lines = try run("""
            let arguments = [\(expected.arguments.map { "tensor(\($0))" }.joined(separator: ", "))]
            let weights = tensor(\(expected.weights))
            let f = \(expected.function)
            print(tensor(f(...arguments)).flatten().to_list())
            let gradients = grad((...xs) => (f(...xs) * weights).sum(), wrt: list(0..\(expected.arguments.count)))
            for gradient in gradients(...arguments) { print(tensor(gradient).flatten().to_list()) }
            """)
        try #require(lines.count == 1 + expected.gradients.count)
        expect(lines[0], expected.value, "value")
        for (i, gradient) in expected.gradients.enumerated() { expect(lines[1 + i], gradient, "gradient by argument \(i)") }
    }

    @Test(arguments: recording?.optimizers ?? [])
    func optimizer(_ expected: Optimizer) throws {
        let lines = try run("""
            let params = {x: tensor([1, -0.5, 0.25])}
            let optimizer = \(expected.optimizer)
            let gradient = grad(p => (p.x ** 4 / 4 + tensor([0.5, -1, 0.125]) * p.x).sum())
            for i in 0..\(expected.path.count) {
                optimizer.step(params, gradient(params))
                print(params.x.to_list())
            }
            """)
        try #require(lines.count == expected.path.count)
        for (line, parameters) in zip(lines, expected.path) { expect(line, parameters, "parameters") }
    }

    @Test func thereAreRecordings() { #expect((Self.recording?.functions.count ?? 0) > 80 && Self.recording?.optimizers.count == 9) }

    /// The lists of numbers that a script prints.
    private func run(_ script: String) throws -> [[Double]] {
        let (outputs, outcome) = Session().run(Source(name: "case", text: script))
        #expect(outcome == .finished, "\(outputs)")
        let text = outputs.map { if case .text(let text) = $0 { text } else { "" } }.joined()
        return try text.split(separator: "\n").map { try JSONDecoder().decode([Double].self, from: Data($0.utf8)) }
    }

    /// Equal but for what single precision loses, measured by the largest number.
    private func expect(_ values: [Double], _ expected: [Double], _ what: String) {
        #expect(values.count == expected.count, "\(what)")
        let scale = expected.map(abs).max() ?? 0
        for (value, expected) in zip(values, expected) { #expect(abs(value - expected) <= 2e-5 * (0.1 + scale), "\(what): \(values)") }
    }
}
