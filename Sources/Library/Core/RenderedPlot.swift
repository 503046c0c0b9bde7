import Lang
import NASLib
import Plots
import Runtime

/// A plot, which is drawn when a front end asks for it.
struct RenderedPlot: Picture {
    let description: PlotDescription
    let width: Int

    func terminal(isColored: Bool) -> String { shown { try $0.text(width: width, isColored: isColored) } }

    var svg: String { shown { try $0.svg() } }

    /// Why there is no picture where there is none: the user stopped it, or there is no memory for it.
    private func shown(_ draw: (PlotDescription) throws -> String) -> String {
        do {
            return try draw(description)
        } catch {
            let reason = (error as? NASError)?.message ?? "\(error)"
            return (try? draw(PlotDescription(title: "not drawn: \(reason)", panels: []))) ?? ""
        }
    }

    var alternativeText: String { description.alternativeText.description }
}
