import Plots
import Runtime

/// A plot as a value. It was shown when it was made, so a cell does not echo it again.
final class PlotObject: HostObject {
    let plot: PlotDescription
    private let byteCount: Int

    init(_ plot: PlotDescription) { (self.plot, byteCount) = (plot, plot.byteCount) }

    override var typeName: String { "plot" }
    override var description: String { "<plot\(plot.title.isEmpty ? "" : " \(plot.title)")>" }
    override var isEchoed: Bool { false }
    override var footprint: Int { byteCount }
}

extension PlotDescription {
    /// A bar for the probability of each outcome.
    static func probabilities(_ title: String, _ names: [String], _ shares: [Double]) -> PlotDescription {
        var chart = Chart.bars([NamedNumbers(name: "", numbers: shares)], names: names)
        chart.y.label = "probability"
        return PlotDescription(title: title, chart)
    }
}

/// A library object that `plot(x)` can show.
protocol Plottable: HostObject {
    func plot(_ vm: VM) throws -> PlotDescription
}

/// A library object that an experiment saves in a form of its own.
protocol FileForm: HostObject {
    func file(_ vm: VM) throws -> (bytes: [UInt8], ending: String)
}

extension PlotObject: Plottable, FileForm {
    func plot(_ vm: VM) -> PlotDescription { plot }
    func file(_ vm: VM) throws -> (bytes: [UInt8], ending: String) { (Array(try plot.svg().utf8), ".svg") }
}
