import Foundation
import FoundationXML
import Lang
import Testing
import Text

@testable import Library
@testable import NASLib
@testable import Plots
@testable import Runtime

/// Plots as SVG: what is in the document, read by an XML parser.
@Suite struct SVGPlots {
    /// The plot that a cell makes.
    static func plot(_ code: String) throws -> RenderedPlot {
        let outputs = Session().run(Source(name: "cell", text: code)).outputs
        return try #require(outputs.compactMap { if case .plot(let plot) = $0 { plot as? RenderedPlot } else { nil } }.last, "\(outputs)")
    }

    static func document(_ code: String) throws -> SVGDocument { try #require(SVGDocument(try plot(code).svg)) }

    /// In each series of a kind, the path's commands of one letter. Legends have marks of their own, so there is none here.
    @Test(arguments: [
        ("plot.line([0, 1, 2], [3, 1, 2])", "line", 2, "L"), ("plot.line([0, 1, 2, 3, 4], [3, 1, nan, 2, 5])", "line", 2, "M"),
        ("plot.scatter([0, 1, 2], [3, 1, 2])", "points", 3, "M"), ("plot.scatter([0, inf, 2], [3, 1, nan])", "points", 1, "M"),
        ("plot.bar([3, -1, 2, nan])", "bars", 3, "M"), ("plot.histogram(0..100, bins: 7)", "bars", 7, "M"), ("plot.step([0, 1, 2], [1, 2, 3])", "line", 4, "L"),
        ("plot.density([1, 2, 3])", "area", 1, "M"), ("plot.density([1, 2, 3])", "line", 199, "L"), ("plot.band([0, 1, 2], [1, 2, 3], error: 1)", "area", 5, "L"),
        ("plot.box([[1, 2, 3, 4, 50], [1, 2, 3]])", "bars", 2, "M"), ("plot.box([[1, 2, 3, 4, 50], [1, 2, 3]])", "points", 1, "M"),
        ("plot.violin([[1, 2, 3]])", "area", 1, "M"), ("plot.pareto([1, 2, 3, 4], [70, 90, 80, 95])", "line", 4, "L"), ("plot.ranks([3, 1, 2], [1, 2, 3])", "points", 3, "M"),
    ]) func marks(_ code: String, _ kind: String, _ count: Int, _ command: Character) throws {
        let document = try Self.document(code)
        let paths = document.elements.filter { $0.classes.contains(kind) }.compactMap { $0.attributes["d"] }
        #expect(paths.joined().count { $0 == command } == count)
    }

    @Test func cellsOfAHeatMap() throws {
        let document = try Self.document("plot.heatmap([[1, 2, 3], [4, nan, 6]], names: [\"a\", \"b\"])")
        let paths = document.elements.filter { $0.classes.contains("cells") }.compactMap { $0.attributes["d"] }
        #expect(paths.joined().count { $0 == "M" } == 5)
        // Each has its number, and the rows their names.
        #expect(document.texts.isSuperset(of: ["1", "2", "3", "4", "6", "a", "b"]))
        let large = try Self.plot("plot.heatmap([[i * j for i in 0..1000] for j in 0..500])").svg
        #expect(large.utf8.count < 3_000_000)
    }

    @Test func legendsNameTheSeries() throws {
        let document = try Self.document("plot.line([0, 1], {uniform: [1, 2], learnt: [2, 1]}, title: \"loss\")")
        #expect(document.texts.isSuperset(of: ["uniform", "learnt", "loss"]))
        #expect(document.elements.filter { $0.classes.contains("line") }.count == 4)
        #expect(try Self.document("plot.evolution([[0.01 * k for k in 0..50] for t in 0..3])").texts.contains("and 31 more"))
    }

    @Test(arguments: [
        ("nasbench201()[15624]", ["edge": 6, "arrow": 6]), ("nasbench201()[0]", ["edge": 0]), ("nasbench201()", ["edge": 6]),
        ("darts()", ["edge": 28]), ("nasbenchmacro().path(\"01201201\")", ["node": 8, "arrow": 7]), ("mlp(depth: 3)", ["node": 3]),
    ]) func graphs(_ value: String, _ counts: [String: Int]) throws {
        let document = try Self.document("plot(\(value))")
        for (kind, count) in counts { #expect(document.elements.count { $0.classes.contains(kind) } == count, "\(kind)") }
    }

    @Test func graphsNameTheOperations() throws {
        let document = try Self.document("plot(nasbench201().path(\"|nor_conv_3x3~0|+|none~0|skip_connect~1|+|avg_pool_3x3~0|none~1|nor_conv_1x1~2|\"))")
        #expect(document.texts.isSuperset(of: ["nor_conv_3x3", "skip_connect", "avg_pool_3x3", "nor_conv_1x1", "0", "1", "2", "3"]))
        #expect(!document.texts.contains("none"))
    }

    @Test func panelsStandInAGrid() throws {
        let plot = "plot([1, 2], title: \"a\", show: false)"
        let document = try Self.document("plot.grid([\(plot), \(plot), \(plot)], columns: 3, title: \"three\")")
        #expect(document.elements.count { $0.classes.contains("line") } == 3)
        #expect(document.elements.count { $0.classes.contains("subtitle") && $0.text == "a" } == 3)
        #expect(try Self.document("plot.overlay([\(plot), \(plot)])").elements.count { $0.classes.contains("line") } == 4)
    }

    /// Each picture is a PNG image of its own pixels, which a reader of such files gives back.
    @Test func picturesAreImagesOfPixels() throws {
        let document = try Self.document("plot.images(tensor([[[[0, 0, 0], [1, 0, 0]], [[0, 1, 0], [1, 1, 1]]]]), labels: [\"four <pixels>\"])")
        let image = try #require(document.elements.first { $0.name == "image" })
        #expect(image.attributes["width"] == "96" && image.attributes["style"] == "image-rendering:pixelated")
        let prefix = "data:image/png;base64,"
        let address = try #require(image.attributes["href"])
        let bytes = [UInt8](try #require(Data(base64Encoded: String(address.dropFirst(prefix.count)))))
        let read = try PNG.read(FileBytes(name: "picture", bytes: bytes))
        #expect(address.hasPrefix(prefix) && read.shape == ImageShape(height: 2, width: 2, channels: 3))
        #expect(read.samples == [0, 0, 0, 255, 0, 0, 0, 255, 0, 255, 255, 255])
        #expect(document.texts.contains("four <pixels>"))
    }

    /// Grey ones have one sample a pixel; large ones are stored in several blocks.
    @Test func largePicturesCanBeRead() throws {
        let samples = (0..<300 * 400).map { UInt8(truncatingIfNeeded: $0 * 7) }
        let file = PNGWriter.write(width: 400, height: 300, isGrey: true, samples: samples)
        let read = try PNG.read(FileBytes(name: "picture", bytes: file))
        #expect(read.shape == ImageShape(height: 300, width: 400, channels: 1) && read.samples == samples)
    }

    @Test func picturesAreDescribed() throws {
        let plot = try Self.plot("plot.images(shapes(20, classes: 3))")
        #expect(plot.alternativeText == "3 pictures of 12x12 pixels in colour: disc, ring, square.")
        #expect(try Self.plot("plot.images(zeros([30, 2, 2, 1]))").alternativeText.hasPrefix("20 pictures of 2x2 pixels in grey: 0, 1, 2"))
    }

    /// Strange data, long texts and narrow places give a document whose ticks and texts stay within it.
    @Test(arguments: [
        "plot([5])", "plot([2, 2, 2])", "plot([1e308, -1e308])", "plot([5e-324, 1e-323])", "plot([1e15, 1e15 + 1])", "plot([1, nan, inf, 3])", "plot([])",
        "plot.line([1, 10, 1000], [1e-9, 1, 1e9], xscale: \"log\", yscale: \"log\")", "plot.line([-1, 0, 5], [1, 2, 3], xscale: \"log\")",
        "plot([1, 2], title: \"a very long title that goes on and on \" * 20, xlabel: \"x\" * 500, ylabel: \"y\" * 500)",
        "plot([1, 2], title: \"<&>\\\"'\\u{1}\\u{FFFE}\", xlabel: \"\\n\\t\")", "plot.histogram([1, 1, 1])", "plot.histogram([1e308, -1e308])", "plot.bar([0, 0])",
        "plot.box({})", "plot.box([[], [nan], [1]])", "plot.violin([[1, 1, 1]])", "plot.density([7])", "plot.density([1e308, -1e308])", "plot.heatmap([])",
        "plot.heatmap([[nan]])", "plot.heatmap([[1e308, -1e308]])", "plot.pareto([], [])", "plot.ranks([1], [2])", "plot.parallel({a: [1], b: [nan]})",
        "plot.parallel({a: [1, 2], b: [3, 3], [\"c\" * 200]: [0, 1]})", "plot.bar({[\"long name \" * 30]: 1, b: 2, c: 3})",
        "plot.bar({\"architecture {i}\": i for i in 0..60})", "plot.evolution([[1.0]])", "plot.band([0], [[1]])", "plot(cosine(0.1, 0))", "plot(gamma(0.5))",
        "plot(poisson(1e12))", "plot(binomial(3, 0.5))", "plot(dirichlet([1, 2, 3]))", "plot(categorical({a: 1, b: 2}))", "plot(bernoulli(0.1))",
        "plot.images(shapes(100))", "plot.images(zeros([100, 3, 40, 1]), 0..100, columns: 99, labels: [\"long label \" * 9 for i in 0..100])",
        "plot.images(zeros([2, 300, 20, 3]), columns: 1)", "plot.grid([plot([1, 2], show: false), plot.images(digits(), title: \"digits\", show: false)])",
        "plot(importance(darts()))", "plot(darts())", "plot(darts()[12345678])", "plot(mobilenet())", "plot(nasbench201()[15624])",
    ]) func everythingStaysInside(_ code: String) throws {
        let document = try Self.document(code)
        let size = try #require(document.elements.first).attributes
        let (width, height) = (try #require(size["width"].flatMap(Double.init)), try #require(size["height"].flatMap(Double.init)))
        for text in document.elements where text.name == "text" && !text.classes.contains("halo") {
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

    @Test(.timeLimit(.minutes(1))) func allPointsMayBeOnTheFront() throws {
        let plot = try Self.plot("plot.pareto(0..300000, 0..300000)")
        #expect(plot.svg.contains("Pareto front") && plot.terminal(isColored: false).contains("Pareto front"))
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
    /// What stands in the picture.
    var texts: Set<String> { Set(elements.filter { $0.name == "text" }.map(\.text)) }
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
            Scale(low...high, Chart.Axis(isLogarithmic: true, hasMargin: false)).ticks(count).map(\.label)
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

/// Plots as text.
@Suite struct TerminalPlots {
    static let plots = [
        "plot([3, 1, 2])", "plot([])", "plot([5])", "plot({uniform: [1, 2], learnt: [2, 1]})", "plot.bar({conv: 1, skip: -2})", "plot.histogram([1, 2, 2])",
        "plot.density({a: [1, 2], b: [3]})", "plot.box({a: [1, 2, 9], b: [3]})", "plot.violin([[1, 2, 3]])", "plot.band([0, 1], [[1, 2], [2, 3]])",
        "plot.heatmap([[1, 2], [3, 4]])", "plot.parallel({a: [1, 2], b: [2, 1]})", "plot.pareto([1, 2], [1, 2])", "plot.ranks([1, 2], [1, 2])",
        "plot.images(shapes(100))", "plot.images(zeros([30, 1, 90, 1]), labels: [\"日本語\" * 9 for i in 0..20])",
        "plot.evolution([[0.5, 0.5], [0.9, 0.1]])", "plot.evolution([[[0.5, 0.5], [1.0]], [[0.9, 0.1], [1.0]]])", "plot(nasbench201()[7])", "plot(darts())",
        "plot(nasbenchmacro())", "plot(importance(nasbench201()))", "plot(normal(0, 1))", "plot([1, 2], title: \"long \" * 99, xlabel: \"日本語\" * 40, ylabel: \"y\" * 200)",
    ]

    @Test(arguments: plots)
    func fitsTheWindow(_ code: String) throws {
        let plot = try SVGPlots.plot(code)
        for width in [1, 20, 33, 80, 200] {
            for isColored in [false, true] {
                let lines = RenderedPlot(description: plot.description, width: width).terminal(isColored: isColored).split(separator: "\n")
                for line in lines {
                    let plain = line.replacing(/\u{1B}\[[0-9;]*m/, with: "")
                    #expect(DisplayWidth.of(plain) <= max(20, width), "\(width): \(plain)")
                    if !isColored { #expect(plain == line) }
                }
            }
        }
    }

    /// Two pixels a character, the upper one in front.
    @Test func picturesAreHalfBlocks() throws {
        let text = try SVGPlots.plot("plot.images(tensor([[repeat([[0, 0, 0]], 12), repeat([[1, 0, 0]], 12), repeat([[1, 1, 1]], 12)]]), labels: [\"\"])").terminal(isColored: true)
        let blocks = String(repeating: "▀", count: 12)
        #expect(text == "\u{1B}[38;2;0;0;0;48;2;255;0;0m\(blocks)\u{1B}[0m\n\u{1B}[38;2;255;255;255m\(blocks)\u{1B}[0m\n\n")
    }

    @Test func colorsEndWithTheirLine() throws {
        let text = try SVGPlots.plot("plot({a: [1, 2], b: [2, 1]})").terminal(isColored: true)
        #expect(text.contains("\u{1B}[38;5;\(Palette.terminal[0])m") && text.contains("\u{1B}[38;5;\(Palette.terminal[1])m"))
        for line in text.split(separator: "\n") where line.contains("\u{1B}") { #expect(line.hasSuffix("\u{1B}[0m") || line.contains("\u{1B}[0m")) }
    }
}

/// What is computed for plots.
@Suite struct PlotStatistics {
    /// numpy.quantile of 1, 2, 3, 4, 50 gives 2, 3 and 4; 50 lies beyond 4 + 1.5 * 2.
    @Test func boxes() throws {
        let chart = Chart.boxes([NamedNumbers(name: "a", numbers: [1, 2, 3, 4, 50])], check: {})
        guard case .bars(let bars) = chart.series[1].mark, case .line(let medians) = chart.series[2].mark, case .points(let outliers) = chart.series[3].mark
        else { return #expect(Bool(false)) }
        #expect(bars.map(\.base) == [2] && bars.map(\.top) == [4])
        #expect(medians[0].y == 3)
        #expect(outliers == [Chart.Point(0, 50)])
        guard case .line(let whiskers) = chart.series[0].mark else { return #expect(Bool(false)) }
        #expect(Set(whiskers.map(\.y).filter(\.isFinite)) == [1, 2, 4])
    }

    /// The sum of Gaussians itself, in place of that over a fine grid.
    @Test func densities() {
        let numbers = [1, 1.5, 2, 4, 4.2]
        let curve = KernelDensity(numbers, bandwidth: 0.5, check: {}).curve
        func exact(_ x: Double) -> Double { numbers.reduce(0) { $0 + exp(-0.5 * (x - $1) * (x - $1) / 0.25) } / (5 * 0.5 * (2 * Double.pi).squareRoot()) }
        for point in curve { #expect(abs(point.y - exact(point.x)) < 2e-3) }
        let area = zip(curve, curve.dropFirst()).reduce(0) { $0 + ($1.1.x - $1.0.x) * ($1.1.y + $1.0.y) / 2 }
        #expect(abs(area - 1) < 5e-3)
    }

    private static let evenValues: [[Double]] = [(0..<22).map { 2.8 + 0.04 * Double($0) }, (0..<12).map { Double($0) }]

    /// Each bar has as many of the values that there can be: multiples of 0.04 in 24 intervals, whole numbers in 8.
    @Test(arguments: zip(evenValues, [24, 8])) func histogramsHaveNoFalseGaps(_ numbers: [Double], _ bins: Int) {
        let bars = Self.histogram(numbers, bins)
        #expect(bars.count == (bins == 24 ? 22 : 6) && Set(bars.map(\.top)).count == 1)
        for (bar, next) in zip(bars, bars.dropFirst()) { #expect(abs(bar.right - next.left) < 1e-9) }
    }

    @Test func histogramsCountAll() {
        #expect(Self.histogram([0, 3, 100], 200).count == 101)
        #expect(Self.histogram([0.1, 0.2517, 0.7, 0.71313], 10).map(\.top) == [1, 0, 1, 0, 0, 0, 0, 0, 0, 2])
        #expect(Self.histogram([7, 7], 20).map(\.top) == [2])
    }

    private static func histogram(_ numbers: [Double], _ bins: Int) -> [Chart.Bar] {
        guard case .bars(let bars)? = Chart.histogram([NamedNumbers(name: "", numbers: numbers)], bins: bins).series.first?.mark else { return [] }
        return bars
    }

    @Test func paretoFront() {
        let chart = Chart.pareto([3, 1, 2, 2, 4, .nan], [80, 70, 90, 60, 95, 99])
        guard case .points(let front) = chart.series[2].mark, case .points(let others) = chart.series[0].mark else { return #expect(Bool(false)) }
        #expect(front == [Chart.Point(1, 70), Chart.Point(2, 90), Chart.Point(4, 95)])
        #expect(others == [Chart.Point(3, 80), Chart.Point(2, 60)])
    }

    @Test func bandsAreOneDeviationWide() {
        let chart = Chart.bands([0, 1], [("", [2, 3], [1, 0.5])])
        guard case .area(let area) = chart.series[0].mark else { return #expect(Bool(false)) }
        #expect(area == [Chart.Point(0, 3), Chart.Point(1, 3.5), Chart.Point(1, 2.5), Chart.Point(0, 1)])
    }

    @Test func stacksAddUp() {
        let chart = Chart.stack([[0.25, 0.75], [0.5, 0.5]], names: ["a", "b"])
        guard case .area(let top) = chart.series[1].mark else { return #expect(Bool(false)) }
        #expect(top == [Chart.Point(0, 1), Chart.Point(1, 1), Chart.Point(1, 0.5), Chart.Point(0, 0.25)])
    }
}

/// Colours of series stay apart for all readers, on light and on dark.
@Suite struct PaletteColors {
    private func linear(_ color: String) -> [Double] {
        (0..<3).map { i in
            let start = color.index(color.startIndex, offsetBy: 1 + 2 * i)
            let part = Double(Int(color[start..<color.index(start, offsetBy: 2)], radix: 16) ?? 0) / 255
            return part <= 0.04045 ? part / 12.92 : pow((part + 0.055) / 1.055, 2.4)
        }
    }

    /// That of WCAG 2.
    private func contrast(_ a: String, _ b: String) -> Double {
        let luminances = [a, b].map { zip(linear($0), [0.2126, 0.7152, 0.0722]).reduce(0) { $0 + $1.0 * $1.1 } + 0.05 }.sorted()
        return luminances[1] / luminances[0]
    }

    @Test func contrastWithThePaper() {
        for color in Palette.light { #expect(contrast(color, "#ffffff") >= 3, "\(color)") }
        for color in Palette.dark { #expect(contrast(color, "#15191f") >= 3, "\(color)") }
    }

    /// What readers without one kind of cones see of linear RGB (Machado, Oliveira and Fernandes, 2009, severity 1).
    private let views: [[[Double]]] = [
        [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
    ]

    private func lab(_ color: String, _ view: [[Double]]) -> [Double] {
        let rgb = view.map { row in min(1, max(0, zip(row, linear(color)).reduce(0) { $0 + $1.0 * $1.1 })) }
        let xyz = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]].map { row in zip(row, rgb).reduce(0) { $0 + $1.0 * $1.1 } }
        let f = zip(xyz, [0.9505, 1, 1.089]).map { $0 / $1 > 0.008856 ? cbrt($0 / $1) : 7.787 * $0 / $1 + 16.0 / 116 }
        return [116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])]
    }

    @Test(arguments: [Palette.light, Palette.dark])
    func stayApart(_ palette: [String]) {
        for view in views {
            for i in palette.indices {
                for j in 0..<i {
                    let distance = zip(lab(palette[i], view), lab(palette[j], view)).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
                    #expect(distance > 20, "\(palette[i]) \(palette[j])")
                }
            }
        }
    }

    @Test func theScaleRisesInLightness() {
        let lightness = (0...20).map { lab(Palette.hexadecimal(at: Double($0) / 20), views[0])[0] }
        #expect(zip(lightness, lightness.dropFirst()).allSatisfy { $0 < $1 })
    }
}
