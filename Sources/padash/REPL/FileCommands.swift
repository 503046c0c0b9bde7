import Foundation
import Lang
import Text

extension REPL {
    /// `:load`
    func load(_ operand: String) -> Int32? {
        guard !operand.isEmpty else {
            complain(":load needs a file, such as :load search.pada")
            return nil
        }
        let path = FilePath.expandingHome(operand)
        guard let source = readSource(path) else { return nil }
        return run(source.text, name: path, directory: FilePath.importFolder(path))
    }

    /// `:save`
    func save(_ operand: String) -> Int32? {
        guard !operand.isEmpty else {
            complain(":save needs a file, such as :save session.pada")
            return nil
        }
        let good = cells.filter { $0.outcome == .finished }
        guard !good.isEmpty else {
            complain("no cell has run yet, so there is nothing to save")
            return nil
        }
        let path = FilePath.expandingHome(operand)
        if FilePath.exists(path) {
            // On a line of its own: however long the path is, the question stays in one piece.
            console.write("'\(path.harmless)' exists\n")
            guard confirm("Replace it? [y/N] ") else {
                console.write("nothing was written\n")
                return nil
            }
        }
        let script = SessionScript(good.map { ($0.number, $0.code) })
        guard Report.write(script.text, to: path) == 0 else { return nil }
        let left = cells.count - good.count
        console.write(
            """
            \(good.count) cell\(good.count == 1 ? "" : "s") written to \
            '\(path.harmless)'\(left == 0 ? "" : "; \(left) with errors left out")\n
            """)
        for remark in script.remarks { console.show(.warning(remark)) }
        if script.remarks.isEmpty,
            let mistake = session.check(Source(name: path, text: script.text)).first(where: { $0.severity == .error }),
            let place = mistake.place {
            console.show(
                .warning(
                """
                the script does not run by itself: \(mistake.message.harmless), in line \
                \(place.source.position(at: place.span.start).line)
                """))
        }
        return nil
    }
}
