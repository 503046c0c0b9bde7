import Foundation
import Lang
import Library
import Runtime
import Testing

/// The script that LANGUAGE.md gives as the taste of Pada runs as printed, and gives the same output again.
@Suite struct ExampleScripts {
    static let folder = GoldenScript.root.appendingPathComponent("../../Examples").standardizedFileURL

    private func run(_ name: String) throws -> String {
        let text = try String(contentsOf: Self.folder.appendingPathComponent(name), encoding: .utf8)
        let (outputs, outcome) = Session().run(Source(name: name, text: text))
        #expect(outcome == .finished, "\(outputs.suffix(3))")
        return outputs.map { output in
            switch output {
            case .text(let text): text
            case .plot(let plot): plot.terminal(isColored: false)
            default: ""
            }
        }.joined()
    }

    @Test func taste() throws {
        let output = try run("taste.pada")
        #expect(output.contains("Kendall tau"))
        #expect(output.contains("stand-alone"))
        #expect(try run("taste.pada") == output)
    }

    /// What `make demo` shows: nothing in it is what padash warns of.
    @Test func quickstart() throws {
        let text = try String(contentsOf: Self.folder.appendingPathComponent("quickstart.pada"), encoding: .utf8)
        let (outputs, outcome) = Session().run(Source(name: "quickstart.pada", text: text))
        #expect(outcome == .finished, "\(outputs.suffix(3))")
        for case .warning(let warning) in outputs { Issue.record("\(warning)") }
    }

    /// Logistic regression on digits from tensors and derivatives.
    @Test func autodiff() throws {
        let output = try run("autodiff.pada")
        #expect(output.contains("derivative 0.165, by differences 0.165"))
        let accuracy = try #require(output.range(of: "test accuracy ")).upperBound
        #expect(try #require(Double(output[accuracy...].prefix { $0 != "%" })) > 95)
    }

    static let lessons = ((try? FileManager.default.contentsOfDirectory(atPath: folder.appendingPathComponent("teaching").path)) ?? []).filter { $0.hasSuffix(".pada") }.sorted()

    @Test func thereAreLessons() { #expect(Self.lessons.count >= 8) }

    /// Each runs from top to bottom, and every plot it makes can be drawn for a page.
    @Test(arguments: lessons) func teaches(_ name: String) throws {
        let text = try String(contentsOf: Self.folder.appendingPathComponent("teaching/\(name)"), encoding: .utf8)
        let (outputs, outcome) = Session().run(Source(name: name, text: text))
        #expect(outcome == .finished, "\(outputs.suffix(1))")
        for case .warning(let warning) in outputs { Issue.record("\(warning)") }
        for case .plot(let plot) in outputs { #expect(plot.svg.hasPrefix("<svg")) }
    }
}
