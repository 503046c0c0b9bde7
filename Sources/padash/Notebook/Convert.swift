import Foundation
import Lang
import Text

/// `padash convert`: a script as a Jupyter notebook, or the other way round, without running it.
struct Convert: CommandAction {
    static let command = Command(
        "convert", .file, "convert a script to a Jupyter notebook or back, without running it", destination, does: Convert.self)
    private static let destination = CommandOption(
        names: ["--output", "-o"], value: .file,
        summary: "where to write it, FILE.pada or FILE.ipynb; by default beside the input, if there is no such file yet")

    var path: String
    /// Where the other one goes; nil for beside it, where nothing is yet.
    var output: String?

    init(_ arguments: CommandArguments) { (path, output) = (arguments.operands[0], arguments[Convert.destination]) }

    /// Gives the exit code.
    func run() -> Int32 {
        do throws(Diagnostic) {
            let notebook = try NotebookFile.read(path)
            let sibling = NotebookFile.sibling(of: path, NotebookFile.Format(path: path, among: [.jupyter]) == nil ? ".ipynb" : ".pada")
            if self.output == nil, FilePath.exists(sibling) {
                throw Diagnostic(.io, "there is a file '\(sibling)' already", at: nil, hint: "-o \(sibling) writes over it")
            }
            let output = try NotebookFile.output(self.output ?? sibling, from: path, among: NotebookFile.Format.notebooks)
            return Report.write(output.format == .jupyter ? notebook.jupyter(nil) : notebook.script, to: output.path)
        } catch {
            Report.complain([error])
            return ExitCode.usage
        }
    }
}
