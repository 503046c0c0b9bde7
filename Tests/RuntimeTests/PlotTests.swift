import Foundation
import FoundationXML
import Lang
import Testing

@testable import Runtime

/// Plots as SVG: what is in the document, read by an XML parser.
@Suite struct SVGPlots {
    /// The plot that a cell makes.
    static func plot(_ code: String) throws -> RenderedPlot {
        let outputs = Session().run(Source(name: "cell", text: code)).outputs
        return try #require(outputs.compactMap { if case .plot(let plot) = $0 { plot } else { nil } }.last, "\(outputs)")
    }

    static func document(_ code: String) throws -> SVGDocument { try #require(SVGDocument(try plot(code).svg)) }

    @Test(arguments: [
        ("plot.line([0, 1, 2], [3, 1, 2])", "line", 1, "L"), ("plot.line([0, 1, 2, 3, 4], [3, 1, nan, 2, 5])", "line", 2, "M"),
        ("plot.scatter([0, 1, 2], [3, 1, 2])", "points", 3, "M"), ("plot.scatter([0, inf, 2], [3, 1, nan])", "points", 1, "M"),
        ("plot.bar([3, -1, 2, nan])", "bars", 3, "M"), ("plot.histogram(0..100, bins: 7)", "bars", 7, "M"),
    ]) func marks(_ code: String, _ kind: String, _ count: Int, _ command: Character) throws {
        let document = try Self.document(code)
        let paths = document.elements.filter { $0.classes.contains(kind) }.compactMap { $0.attributes["d"] }
        #expect(paths.count == 1)
        #expect(paths.joined().count { $0 == command } == (command == "L" ? 2 : count))
    }

    /// Strange data, long texts and narrow places give a document whose ticks and texts stay within it.
    @Test(arguments: [
        "plot([5])", "plot([2, 2, 2])", "plot([1e308, -1e308])", "plot([5e-324, 1e-323])", "plot([1e15, 1e15 + 1])", "plot([1, nan, inf, 3])", "plot([])",
        "plot.line([1, 10, 1000], [1e-9, 1, 1e9], xscale: \"log\", yscale: \"log\")", "plot.line([-1, 0, 5], [1, 2, 3], xscale: \"log\")",
        "plot([1, 2], title: \"a very long title that goes on and on \" * 20, xlabel: \"x\" * 500, ylabel: \"y\" * 500)",
        "plot([1, 2], title: \"<&>\\\"'\\u{1}\\u{FFFE}\", xlabel: \"\\n\\t\")", "plot.histogram([1, 1, 1])", "plot.histogram([1e308, -1e308])", "plot.bar([0, 0])",
    ]) func everythingStaysInside(_ code: String) throws {
        let document = try Self.document(code)
        let size = try #require(document.elements.first).attributes
        let (width, height) = (try #require(size["width"].flatMap(Double.init)), try #require(size["height"].flatMap(Double.init)))
        for text in document.elements where text.name == "text" {
            guard let x = text.attributes["x"].flatMap(Double.init), let y = text.attributes["y"].flatMap(Double.init) else { continue }
            let half = SVGWriter.width(text.text) / 2
            let (left, right) = text.classes.contains("end") ? (x - 2 * half, x) : text.classes.contains("start") ? (x, x + 2 * half) : (x - half, x + half)
            #expect(left > -6 && right < width + 6 && y > 0 && y < height, "\(text)")
        }
        #expect(!document.elements.contains { $0.attributes.values.contains { $0.contains("nan") || $0.contains("inf") } })
    }

    /// Many points make a small file that shows the same.
    @Test func manyPointsAreThinnedOut() throws {
        let line = try Self.plot("plot([sin(i / 1000) for i in 0..1000000])").svg
        #expect(line.utf8.count < 60_000)
        let cloud = try Self.plot("plot.scatter(draw(normal(0, 1), 200000), draw(normal(0, 1), 200000))").svg
        #expect(cloud.utf8.count < 1_500_000)
    }

    @Test func tellsWhatItShows() throws {
        let plot = try Self.plot("plot.line([0, 1, 2], [3, 1, 2], title: \"loss\", xlabel: \"epoch\")")
        #expect(plot.alternativeText == "A line plot. x, epoch, from 0 to 2. y from 1 to 3. a line of 3 points, y from 1 to 3, starting at 3 and ending at 2.")
        let document = try #require(SVGDocument(plot.svg))
        #expect(document.elements.first { $0.name == "title" }?.text == "loss (line plot)")
        #expect(document.elements.first { $0.name == "desc" }?.text == plot.alternativeText)
        #expect(document.elements.first?.attributes["role"] == "img")
    }
}

/// The elements of an XML document in their order, with the text right inside each.
final class SVGDocument: NSObject, XMLParserDelegate {
    struct Element {
        var name: String
        var attributes: [String: String]
        var text = ""
        var classes: [String] { (attributes["class"] ?? "").split(separator: " ").map(String.init) }
    }

    private(set) var elements: [Element] = []
    private var open: [Int] = []

    /// nil for what is not well-formed.
    init?(_ text: String) {
        super.init()
        let parser = XMLParser(data: Data(text.utf8))
        parser.delegate = self
        guard parser.parse() else { return nil }
    }

    func parser(_ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?, attributes: [String: String]) {
        open.append(elements.count)
        elements.append(Element(name: name, attributes: attributes))
    }

    func parser(_ parser: XMLParser, foundCharacters text: String) {
        if let last = open.last { elements[last].text += text }
    }

    func parser(_ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?) { open.removeLast() }
}

/// Round values on axes, as matplotlib's users expect them.
@Suite struct Ticks {
    private func labels(_ low: Double, _ high: Double, _ count: Int = 5) -> [String] { Scale.labels(Scale.roundValues(from: low, to: high, count)) }

    @Test func areRound() {
        #expect(labels(0, 1) == ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"])
        #expect(labels(-3, 3, 4) == ["-2", "0", "2"])
        #expect(labels(0, 10, 4) == ["0.0", "2.5", "5.0", "7.5", "10.0"])
        #expect(labels(0, 100_000, 2) == ["0", "50000", "100000"])
        #expect(labels(0, 3e6, 3) == ["0", "1e6", "2e6", "3e6"])
        #expect(labels(0, 5e-7, 5) == ["0", "1e-7", "2e-7", "3e-7", "4e-7", "5e-7"])
        #expect(labels(1, 1 + 4e-9, 2) == ["1.0000000000", "1.0000000025"])
    }

    @Test func ofLogarithms() {
        func labels(_ low: Double, _ high: Double, _ count: Int = 5) -> [String] {
            Scale(low...high, Chart.Axis(isLogarithmic: true), stickyLow: true, stickyHigh: true).ticks(count).map(\.label)
        }
        #expect(labels(1, 1000) == ["1", "10", "100", "1000"])
        #expect(labels(1e-8, 1e8, 4) == ["1e-8", "0.0001", "1", "10000", "1e8"])
        #expect(labels(1, 10) == ["1", "2", "5", "10"])
        #expect(labels(4, 4.5, 2) == ["4.00", "4.25", "4.50"])
    }

    @Test func areWithinAndRising() {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<2000 {
            let numbers = (0..<2).map { _ in Double.random(in: -1...1, using: &generator) * Double.random(in: 0...1, using: &generator) * 1e6 }.sorted()
            let values = Scale.roundValues(from: numbers[0], to: numbers[1], 5)
            #expect(values.count <= 7 && values.count >= 2 && zip(values, values.dropFirst()).allSatisfy { $0 < $1 }, "\(numbers)")
            #expect(Set(Scale.labels(values)).count == values.count, "\(numbers)")
        }
    }
}
