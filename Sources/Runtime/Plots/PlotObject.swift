/// A plot as a value. It was shown when it was made, so a cell does not echo it again.
final class PlotObject: HostObject {
    let plot: PlotDescription

    init(_ plot: PlotDescription) { self.plot = plot }

    override var typeName: String { "plot" }
    override var description: String { "<plot\(plot.title.isEmpty ? "" : " \(plot.title)")>" }
    override var isEchoed: Bool { false }
}

/// A library object that `plot(x)` can show.
protocol Plottable: HostObject {
    func plot(_ vm: VM) throws -> PlotDescription
}
