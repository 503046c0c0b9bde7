import Foundation
import Lang
import Library
import Runtime
import Testing

/// Built-ins that may run long look whether the user wants them to stop.
@Suite struct Interruption {
    /// The interrupt comes while the line before prints, so that no more than the one call can notice it.
    @Test(arguments: [
        "draw(normal(0, 1), 3)", "sort([2, 1])", "argsort([2, 1])", "map([1], abs)", "filter([1], bool)", "list(progress(0..3))", "sum(0..3)",
        "product(1..3)", "unique([1, 2])", "enumerate([1, 2])", "zip([1], [2])", "sleep(5)", "count_by([1])", "windows([1], 1)", "cumsum([1, 2])",
        "deep_copy([[1]])", "combinations([1, 2], 1)", "permutations([1, 2])", "cartesian([1], [2])", "match(\"a\", \"a\")", "moving_average([1], 1)",
        "table([{a: 1}])", "table({a: [1]}).sort(\"a\")", "table({a: [1]}).filter(r => true)", "table({a: [1]}).join(table({a: [1]}), \"a\")",
        "table({a: [1]}).unique()", "format_csv(table({a: [1]}))", "parse_csv(\"a\\n\" + repeat(\"1\\n\", 5000))",
        "parse_json(\"[\" + repeat(\"1,\", 5000) + \"1]\")", "format_json(0..5000)",
        "str(list(0..5000))", "print({a: list(0..5000)})", "join([list(0..5000)])", "\"{list(0..5000)}\"", "tensor([[1]]) @ tensor([[2]])",
"reverse([1])", "reverse(\"é\")", "repeat([1], 3)", "repeat(\"a\", 3)", "diff([1, 2])", "kendall([1, 2], [2, 1])", "spearman([1, 2], [2, 1])",
        "ranks([2, 1])", "median([2, 1])", "weighted_kendall([1, 2], [2, 1])", "regret([1, 2], [2, 1])", "pareto_k([2.0, 1])", "sobol(3)", "halton(3)",
        "sample([1, 2], 1)", "union([1])", "keys({a: 1})", "copy([1])", "[1, 2][1..]", "[1] == [1]", "1 in [1]", "upper(\"é\")", "trim(\" é\")",
        "list(\"é\")", "flatten([[1]])", "ks_test([0.1, 0.2], uniform(0, 1))", "categorical([1, 2])", "table({a: [1]}).describe()", "plot.box([1, 2], show: false)",
        "read_npy(\"/dev/zero\")", "read_npz(\"/dev/zero\")", "load(\"/dev/zero\")", "csv_dataset(\"/dev/zero\")", "idx_dataset(\"/dev/zero\", \"/dev/zero\")",
        "benchmark(\"/dev/zero\")", "read_csv(\"/dev/zero\")", "read_json(\"/dev/zero\")", "read_text(\"/dev/zero\")",
        "einsum(\"ij,jk->ik\", tensor([[1]]), tensor([[2]]))",
    ])
    func stops(_ call: String) {
        let session = Session()
        let outcome = session.run(Source(name: "cell", text: "print(0)\n\(call)")) { output in
            if case .text = output { session.interrupt() }
        }
        #expect(outcome == .interrupted)
        #expect(session.run(Source(name: "cell", text: "1 + 1")).outcome == .finished)
    }

    /// What was stopped in the middle of a drawing is not written to a file.
    @Test(arguments: ["svg", "txt"]) func savesNoHalfOfAPlot(_ kind: String) {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID()).\(kind)").path
        let session = Session()
        #expect(session.run(Source(name: "setup", text: "let p = plot.line([1, 2], [2, 1], show: false)")).outcome == .finished)
        let outcome = session.run(Source(name: "cell", text: "print(0)\np.save(\"\(file)\")")) { output in
            if case .text = output { session.interrupt() }
        }
        #expect(outcome == .interrupted)
        #expect(!FileManager.default.fileExists(atPath: file))
    }

    /// To make a plot of many numbers, and to draw one.
    @Test(.timeLimit(.minutes(1)), arguments: [
        "p.svg", "p.text()", "cloud.svg", "front.svg", "plot.pareto(xs, xs, show: false)", "plot.bar(xs, show: false)", "plot.line(xs, xs, show: false)",
        "plot.scatter(xs, xs, show: false)", "plot.histogram(xs, show: false)", "plot.density(xs, show: false)", "plot.violin(xs, show: false)",
        "plot.ranks(xs, xs, show: false)", "plot.parallel({a: xs, b: xs}, show: false)", "plot.heatmap([xs, xs], show: false)", "plot(xs, show: false)",
        "plot.overlay([p, cloud], show: false)", "plot.facets(t, \"a\", \"b\", y: \"b\", show: false)", "plot.bar({a: 1, b: 2}, show: false)",
    ])
    func stopsPlots(_ call: String) {
        let session = Session()
        let setup = """
            let xs = list(0..300000)
            let p = plot.bar(xs, show: false)
            let cloud = plot.scatter(xs, xs, show: false)
            let front = plot.pareto(xs, xs, show: false)
            let t = table({a: [x % 3 for x in xs], b: xs})
            """
        #expect(session.run(Source(name: "setup", text: setup)).outcome == .finished)
        let outcome = session.run(Source(name: "cell", text: "print(0)\n\(call)")) { output in
            if case .text = output { session.interrupt() }
        }
        #expect(outcome == .interrupted)
    }

    /// Values that hold the same ones many times over are never gone through to their end.
    @Test(.timeLimit(.minutes(2)), arguments: [
        "str(x)", "print(m)", "\"{nets}\"", "format_json(x)", "join([x])", "grad(f => 1.0)(x)", "jacobian(f => tensor(1.0))(m)", "sgd(0.1).step(x, x)",
        "quantile(s, 0.3)", "truncated(s, 0, 1)", "plot(s, show: false)", "draw(s, 1000, method: \"stratified\")",
    ])
    func stopsWhereMuchIsShared(_ call: String) {
        let session = Session()
        let setup = """
            var [x, m, s, nets] = [[1], {a: 1}, normal(0, 1), supernet(mlp(depth: 2, width: 8))]
            for i in 0..60 { x = [x, x]; m = {a: m, b: m}; nets = [nets, nets] }
            for i in 0..15 { s = mixture([s, s]) }
            """
        #expect(session.run(Source(name: "setup", text: setup)).outcome == .finished)
        let outcome = session.run(Source(name: "cell", text: "print(0)\n\(call)")) { output in
            if case .text = output { session.interrupt() }
        }
        #expect(outcome == .interrupted)
    }
}
