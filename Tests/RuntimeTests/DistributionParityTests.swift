import Foundation
import Lang
import Library
import Runtime
import Testing

/// Distributions against scipy's numbers: `Tests/recorded/distributions_scipy.json`, which the script beside it printed.
@Suite struct DistributionParity {
    struct Recording: Decodable, Sendable {
        let cases: [Case]
        let entropies: [Entropy]
        let divergences: [Divergence]
    }

    struct Case: Decodable, Sendable, CustomTestStringConvertible {
        let distribution: String
        let mean, variance, entropy: Double?
        /// x, log density, cdf, survival.
        let points: [[Double?]]
        /// p, quantile.
        let quantiles: [[Double]]
        var testDescription: String { distribution }
    }

    struct Entropy: Decodable, Sendable {
        let distribution: String
        let value: Double
    }

    struct Divergence: Decodable, Sendable {
        let p, q: String
        let value: Double
    }

    static let recording: Recording? = try? JSONDecoder().decode(
        Recording.self, from: Data(contentsOf: GoldenScript.root.appendingPathComponent("../recorded/distributions_scipy.json").standardizedFileURL))

    @Test(arguments: recording?.cases ?? [])
    func distribution(_ expected: Case) throws {
        var questions: [(code: String, answer: Double)] = []
        func ask(_ code: String, _ answer: Double?) { if let answer { questions.append((code, answer)) } }
        ask("mean(d)", expected.mean)
        ask("variance(d)", expected.variance)
        ask("entropy(d)", expected.entropy)
        for point in expected.points {
            try #require(point.count == 4)
            let x = try #require(point[0])
            ask("logprob(d, \(x))", point[1])
            ask("cdf(d, \(x))", point[2])
            ask("survival(d, \(x))", point[3])
        }
        for pair in expected.quantiles { ask("quantile(d, \(pair[0]))", pair[1]) }
        try check(questions, "let d = \(expected.distribution)")
    }

    @Test func entropies() throws { try check((Self.recording?.entropies ?? []).map { ("entropy(\($0.distribution))", $0.value) }) }
    @Test func divergences() throws { try check((Self.recording?.divergences ?? []).map { ("kl(\($0.p), \($0.q))", $0.value) }) }
    @Test func thereAreRecordings() { #expect((Self.recording?.cases.count ?? 0) > 20 && (Self.recording?.divergences.count ?? 0) > 10) }

    /// Answers agree to a relative 1e-9 (numbers that stand for 0 to an absolute 1e-15).
    private func check(_ questions: [(code: String, answer: Double)], _ setting: String = "") throws {
        let (outputs, outcome) = Session().run(Source(name: "case", text: "\(setting)\nprint([\(questions.map(\.code).joined(separator: ", "))])"))
        #expect(outcome == .finished, "\(outputs)")
        let text = outputs.map { if case .text(let text) = $0 { text } else { "" } }.joined()
        let answers = try JSONDecoder().decode([Double].self, from: Data(text.utf8))
        try #require(answers.count == questions.count)
        for (answer, question) in zip(answers, questions) {
            #expect(abs(answer - question.answer) <= 1e-9 * abs(question.answer) + 1e-15 * (question.answer == 0 ? 1 : 0), "\(question.code)")
        }
    }
}
