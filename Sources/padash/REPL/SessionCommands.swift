import Lang
import Text

extension REPL {
    /// `:who`
    func who() -> Int32? {
        let all = session.variables(width: Descriptors.width)
        guard !all.isEmpty else {
            console.write("nothing is declared yet\n")
            return nil
        }
        let names = min(24, all.map { DisplayWidth.of($0.name) }.max() ?? 0)
        let types = min(16, all.map(\.type.count).max() ?? 0)
        let pad = { (text: String, width: Int) in text + String(repeating: " ", count: max(0, width - DisplayWidth.of(text))) }
        for variable in session.variables(width: max(20, Descriptors.width - names - types - 4)) {
            console.write(
                """
                \(pad(variable.name, names))  \(console.style.dim(pad(variable.type, types)))  \
                \(console.style.code(variable.text.harmless))\n
                """)
        }
        return nil
    }

    /// `:forget`
    func forget(_ name: String) -> Int32? {
        if name.isEmpty {
            complain(":forget needs a name, such as :forget max")
        } else if !session.forget(name) {
            let near = Suggestion.nearest(to: name, among: session.variables(width: 20).map(\.name))
            complain("no '\(name)' is declared here" + (near.map { "; did you mean '\($0)'?" } ?? ""))
        }
        return nil
    }

    /// `:reset`
    func reset() -> Int32? {
        session.reset()
        cells = []
        return readsRC ? runRC() : nil
    }

    /// `:time`
    func time(_ code: String) -> Int32? {
        guard !code.isEmpty else {
            complain(":time needs code, such as :time sum(0..1000)")
            return nil
        }
        let number = session.cellNumber
        let (timing, outcome) = session.time(Source(name: "In [\(number)]", text: code), emit: emitter(number))
        if outcome == .finished, let timing {
            let text = timing.runs == 1
                ? "\(REPL.duration(timing.median)), one run"
                : "\(REPL.duration(timing.median)) in the median of \(timing.runs) runs, \(REPL.duration(timing.fastest)) at best"
            console.write(console.style.dim(text) + "\n")
        }
        return record(number, code, outcome)
    }

    /// Three significant digits.
    private static func duration(_ seconds: Double) -> String {
        let (scaled, unit) = seconds < 1e-6 ? (seconds * 1e9, "ns") : seconds < 1e-3 ? (seconds * 1e6, "µs") : seconds < 1
            ? (seconds * 1e3, "ms") : (seconds, "s")
        let scale = scaled >= 100 ? 1.0 : scaled >= 10 ? 10.0 : 100.0
        let text = "\((scaled * scale).rounded() / scale)"
        return "\(text.hasSuffix(".0") ? String(text.dropLast(2)) : text) \(unit)"
    }
}
