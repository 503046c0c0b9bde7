import Lang
import Text

/// A script's cells with their results, from which every document format is made.
package struct Notebook: Sendable {
    /// The script's name in errors.
    package var name: String
    /// The folder that relative paths of images start from.
    package var folder: String
    package var cells: [Cell]
    /// The results of the cells; nil for prose and for cells that did not run.
    package var results: [CellResult?]

    package init(name: String, folder: String, cells: [Cell], results: [CellResult?] = []) {
        self.name = name
        self.folder = folder
        self.cells = cells
        self.results = results + Array(repeating: nil, count: max(0, cells.count - results.count))
    }

    /// The first title or heading as plain text, or the script's name.
    package var title: String { heading ?? name.split(separator: "/").last.map(String.init) ?? name }

    /// nil where there is no title and no heading.
    var heading: String? { cells.lazy.compactMap { $0.heading ?? $0.proseHeading }.first }

    /// The script, byte for byte.
    package var script: String { cells.map { $0.marker + $0.body }.joined() }

    /// The run time of all cells together in seconds.
    package var seconds: Double { results.reduce(0) { $0 + ($1?.seconds ?? 0) } }
}

/// The result of a cell.
package struct CellResult: Sendable {
    package var outputs: [Output] = []
    package var seconds = 0.0
    package var outcome = CellOutcome.finished

    package init(outputs: [Output], seconds: Double, outcome: CellOutcome) {
        (self.outputs, self.seconds, self.outcome) = (outputs, seconds, outcome)
    }

    /// Whether there is anything to stop for.
    var isFailed: Bool { outcome != .finished }
}

/// The conditions under which a notebook ran, for its last line.
package struct NotebookProvenance: Sendable {
    /// The version of padash.
    package var version: String
    /// The machine that the notebook ran on, in a few words.
    package var machine: String
    /// The seed of the ambient generator at the end of the run.
    package var seed: Int
    /// Whether documents show how long the cells took, and when they ran.
    package var hasTiming: Bool
    /// When the run ended, in UTC.
    package var date: String

    package init(version: String, machine: String, seed: Int, hasTiming: Bool, date: String) {
        self.version = version
        self.machine = machine
        self.seed = seed
        self.hasTiming = hasTiming
        self.date = date
    }
}

extension NotebookProvenance {
    /// The last line of a document.
    func line(for notebook: Notebook) -> String {
        let ran = notebook.results.compactMap(\.self).count
        let parts = ["padash \(version)", "seed \(seed)", machine,
            "\(ran) cell\(ran == 1 ? "" : "s")" + (hasTiming ? " in \(NotebookProvenance.duration(notebook.seconds))" : "")]
        return (parts + (hasTiming ? [date] : [])).joined(separator: " · ")
    }

    /// `4 ms`, `1.20 s`, `3 min 20 s`.
    static func duration(_ seconds: Double) -> String {
        if seconds < 0.1 { return "\(Int(saturating: (seconds * 1000).rounded())) ms" }
        if seconds < 100 { return "\(Numbers.fixed(seconds, seconds < 10 ? 2 : 1)) s" }
        let whole = Int(saturating: min(seconds, 1e12).rounded())
        return whole < 3600 ? "\(whole / 60) min \(whole % 60) s" : "\(whole / 3600) h \(whole / 60 % 60) min"
    }
}
