import Lang
import Testing
import Text

@testable import Library
@testable import Plots
@testable import Runtime

/// Every kind of plot of every kind of numbers ends, as SVG and as text, or is refused with an error.
@Suite struct PlotExtremes {
    private static let values = [
        "[nan, nan]", "[inf, 1, -inf]", "[2, 2, 2]", "[5e-324, 1e-323]", "[5e-324, 1]", "[1e308, -1e308]", "[1.7976931348623157e308, 1.7e308]", "[-1.7976931348623157e308, 0]",
        "[0, 0]", "[-1, -2]", "[]", "[3]", "[0, nan, -5, 1e300, inf, 1e-300]",
    ]

    private static let axes = [
        "", ", xscale: \"log\"", ", yscale: \"log\"", ", xscale: \"log\", yscale: \"log\"", ", xlim: [1.7976931348623157e308, nil], ylim: [nil, -1.7976931348623157e308]",
        ", xlim: [-1e308, 1e308], ylim: [1, 1.0000000000000002]", ", xscale: \"log\", xlim: [5e-324, 1e-323], yscale: \"log\", ylim: [nil, 5e-324]",
    ]

    /// How the values V come into a call of each plot, up to the closing bracket.
    private static let calls: [String: [String]] = [
        "plot": ["plot(V", "plot({a: V, b: [1, 2]}"],
        "plot.line": ["plot.line(V, V", "plot.line(0..len(V), V"],
        "plot.scatter": ["plot.scatter(V, V", "plot.scatter(V, 0..len(V)"],
        "plot.step": ["plot.step(V, V"],
        "plot.bar": ["plot.bar(V", "plot.bar({a: V, b: V}, names: [\"n{i}\" for i in 0..len(V)]"],
        "plot.histogram": ["plot.histogram(V", "plot.histogram({a: V, b: V}, bins: 3"],
        "plot.density": ["plot.density(V", "plot.density(V, bandwidth: 1e-300", "plot.density(V, bandwidth: 1e300"],
        "plot.box": ["plot.box({a: V, b: [1, 2]}"],
        "plot.violin": ["plot.violin({a: V, b: [1, 2]}"],
        "plot.band": ["plot.band(V, [V, V]", "plot.band(0..len(V), V, error: 1e308"],
        "plot.heatmap": ["plot.heatmap([V, V]", "plot.heatmap([V], names: [\"a\"]"],
        "plot.parallel": ["plot.parallel({a: V, b: V}"],
        "plot.pareto": ["plot.pareto(V, V"],
        "plot.ranks": ["plot.ranks(V, V"],
        "plot.evolution": ["plot.evolution([V, V]", "plot.evolution([V, V], as: \"heatmap\"", "plot.evolution([[V, V], [V, V]], as: \"heatmap\""],
        "plot.images": ["plot.images(tensor([[[[v] for v in V]]])", "plot.images(tensor([[[[v, 0, v]] for v in V]]), labels: [1e-300], columns: 3"],
        "plot.overlay": [
            "plot.overlay([plot(V, show: false), plot.scatter(V, V, show: false)]", "plot.overlay([plot.line(V, V, xscale: \"log\", show: false), plot.heatmap([V], show: false)]",
            "plot.overlay([plot(V, xlim: [-1, 1], show: false), plot(V, show: false)]", "plot.overlay([plot.line(V, V, xscale: \"log\", show: false), plot.box([V], show: false)]",
        ],
        "plot.facets": ["line", "scatter", "step", "histogram", "density", "box", "violin"].flatMap { kind in
            ["true", "false"].flatMap { share in
                let y = kind == "histogram" || kind == "density" ? "" : ", y: \"y\""
                return ["v", "i"].map { x in "plot.facets(table({g: [\"g{i % 2}\" for i in 0..len(V)], v: V, i: 0..len(V), y: V}), \"g\", \"\(x)\"\(y), kind: \"\(kind)\", share: \(share)" }
            }
        },
    ]

    /// One that is registered has its calls here; `plot.grid` takes plots alone.
    @Test func allKindsAreTried() {
        let registered = Library.plots.filter { $0.kind == .function }.map(\.name)
        #expect(Set(registered) == Set(Self.calls.keys).union(["plot.grid"]))
    }

    @Test(.timeLimit(.minutes(15)), arguments: calls.keys.sorted())
    func end(_ name: String) throws {
        let session = Session()
        var shown = 0
        for call in Self.calls[name] ?? [] {
            for values in Self.values {
                for axes in Self.axes {
                    let code = call.replacing("V", with: values) + axes + ")"
                    let result = session.run(Source(name: "cell", text: code))
                    guard let plot = result.outputs.lazy.compactMap({ if case .plot(let plot) = $0 { plot as? RenderedPlot } else { nil } }).first else {
                        #expect(result.outputs.contains { if case .error = $0 { true } else { false } }, "\(code)")
                        continue
                    }
                    shown += 1
                    check(plot.description, code)
                    let panel = PlotDescription(panels: plot.description.panels + plot.description.panels, columns: 2)
                    check(panel, "the same twice: \(code)")
                }
            }
        }
        #expect(shown > 10)
    }

    // By hand: regular expressions took most of the time of this suite.

    /// The numbers of an attribute, nil for one that cannot be read.
    private func numbers(in value: String) -> [Double?] {
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        let others = Set("+-.e".utf8)
        return value.utf8.split { !digits.contains($0) && !others.contains($0) }
            .filter { $0.contains(where: digits.contains) }
            .map { Double(Substring($0)) }
    }

    private func withoutColors(_ line: Substring) -> String {
        var parts = line.split(separator: "\u{1B}[", omittingEmptySubsequences: false)
        for i in parts.indices.dropFirst() { parts[i] = parts[i].drop { $0 != "m" }.dropFirst() }
        return parts.joined()
    }

    private func check(_ plot: PlotDescription, _ code: String) {
        guard let document = SVGDocument(plot.drawSVG()) else {
            Issue.record("no XML: \(code)")
            return
        }
        for element in document.elements {
            for name in ["x", "y", "width", "height", "d", "transform", "stroke-width"] {
                guard let value = element.attributes[name] else { continue }
                if numbers(in: value).contains(where: { $0.map { abs($0) <= 1e6 } != true }) || value.contains("nan") || value.contains("inf") {
                    Issue.record("\(name) is \(value): \(code)")
                }
            }
        }
        for width in [1, 37, 80, 160] {
            for isColored in [false, true] {
                for line in plot.drawText(width: width, isColored: isColored).split(separator: "\n") {
                    let plain = isColored ? withoutColors(line) : String(line)
                    if DisplayWidth.of(plain) > max(20, width) { Issue.record("\(width): \(plain): \(code)") }
                }
            }
        }
    }

    @Test(arguments: [
        ("plot([5, 5])", "A line plot. x from 0 to 1. y is 5. a line of 2 points, y is 5, starting at 5 and ending at 5."),
        ("plot.bar([3])", "A bar chart. x from -0.4 to 0.4. y from 0 to 3. 1 bar, y is 3."), ("plot([nan])", "A line plot; no finite points."),
    ]) func areDescribed(_ code: String, _ text: String) throws { #expect(try SVGPlots.plot(code).alternativeText == text) }

    @Test(arguments: [
        ("plot.heatmap([[1, 2]], xscale: \"log\")", "an axis of the cells of a heat map cannot be logarithmic"),
        ("plot.evolution([[[0.5]], [[0.2]]], as: \"heatmap\", yscale: \"log\")", "an axis of the cells of a heat map cannot be logarithmic"),
        ("plot.box([[1]], xscale: \"log\")", "an axis of names cannot be logarithmic"),
        ("plot.overlay([plot([1, 2], ylim: [-1, 3], show: false)], yscale: \"log\")", "a logarithmic axis has no place for -1.0"),
        ("plot([1, 2], yscale: \"log\", ylim: [0, 3])", "a logarithmic axis has no place for 0.0"),
    ]) func logarithmsOfNothingAreRefused(_ code: String, _ message: String) {
        let errors = Session().run(Source(name: "cell", text: code)).outputs.compactMap { if case .error(let diagnostics) = $0 { diagnostics.first?.message } else { nil } }
        #expect(errors == [message])
    }

    /// Panels that share a logarithmic axis have the ends of all positive values.
    @Test func sharedAxesAreThoseOfWhatIsShown() throws {
        let plot = try SVGPlots.plot("plot.facets(table({g: [\"a\", \"a\", \"b\"], x: [0, 10, 1000], y: [1, 2, 3]}), \"g\", \"x\", y: \"y\", kind: \"scatter\", xscale: \"log\")").description
        let spans = plot.panels.map { panel -> ClosedRange<Double>? in if case .chart(let chart) = panel.content { chart.x.spans } else { nil } }
        #expect(spans == [10...1000, 10...1000])
    }
}
