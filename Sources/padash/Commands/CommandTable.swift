/// Every command and option there is. The command line is read by this table, `--help` prints it, and shells complete from it.
enum CommandTable {
    static let run = Command(name: "run", operand: .script, summary: "run a Pada script; 'run' may be left out")
    static let format = Command(
        name: "fmt", operand: .files, summary: "write scripts in the one style; - is standard input",
        options: [formatCheck])
    static let formatCheck = CommandOption(names: ["--check"], summary: "change nothing; list the files that are not in the style, and exit with 1")

    static let check = Command(
        name: "check", operand: .files, summary: "look for mistakes in scripts without running them", options: [checkStrict])
    static let checkStrict = CommandOption(names: ["--strict"], summary: "exit with 1 when there are warnings")

    static let notebook = Command(
        name: "notebook", operand: .file, summary: "run a script's '# %%' cells and write a document: code, outputs, plots",
        options: [notebookOutput, watch, keepGoing, noTiming])
    static let notebookOutput = CommandOption(
        names: ["--output", "-o"], value: .file, summary: "where to write it: FILE.html, .md or .ipynb; beside the script, as HTML, without it")
    static let watch = CommandOption(names: ["--watch"], summary: "write it anew whenever the script is saved, from the first changed cell on")
    static let keepGoing = CommandOption(names: ["--keep-going"], summary: "run the other cells too when one fails")
    static let noTiming = CommandOption(names: ["--no-timing"], summary: "leave out times and dates: the same script gives the same document")

    static let convert = Command(
        name: "convert", operand: .file, summary: "a script as a Jupyter notebook or the other way round, without running it", options: [convertOutput])
    static let convertOutput = CommandOption(names: ["--output", "-o"], value: .file, summary: "where to write it, FILE.pada or FILE.ipynb; beside the other without it, where there is no such file")

    static let results = Command(
        name: "results", operand: .folder, summary: "list the experiments in a folder, 'results' where none is given",
        options: [compareResults, resultsOrder, resultsCSV])
    static let compareResults = CommandOption(names: ["--compare"], summary: "only the columns in which they differ")
    static let resultsOrder = CommandOption(names: ["--sort"], value: .text("COLUMN"), summary: "order by a column; --sort=-COLUMN begins with the greatest")
    static let resultsCSV = CommandOption(names: ["--csv"], summary: "as CSV")

    static let documentation = Command(
        name: "doc", operand: .pages, summary: "write the reference of all built-ins, or a site of it and pages of Markdown",
        options: [documentationFormat, documentationOutput, documentationSite])
    static let documentationFormat = CommandOption(
        names: ["--format"], value: .choice(Documentation.Format.allCases.map(\.rawValue)), summary: "Markdown, the default, or one page of HTML")
    static let documentationOutput = CommandOption(names: ["--output", "-o"], value: .file, summary: "where to write it; standard output without it")
    static let documentationSite = CommandOption(
        names: ["--site"], value: .folder, summary: "a folder that gets a page of HTML for each PAGE.md, docs/*.md where none is given, and one for the reference")

    static let completions = Command(
        name: "completions", operand: .choice(name: "shell", words: Shell.allCases.map(\.rawValue)),
        summary: "print what makes Tab complete this command line in a shell")

    static let kernel = Command(
        name: "kernel", operand: .choice(name: "action", words: KernelAction.allCases.map(\.rawValue)),
        summary: "install or remove padash as a kernel of Jupyter; serve is what that kernel runs", options: [kernelName, kernelPrefix, kernelPython])
    static let kernelName = CommandOption(names: ["--name"], value: .text("NAME"), summary: "what Jupyter calls it; padash without it")
    static let kernelPrefix = CommandOption(names: ["--prefix"], value: .folder, summary: "a folder, such as a virtual environment, that gets share/jupyter/kernels; the user's own without it")
    static let kernelPython = CommandOption(names: ["--python"], value: .file, summary: "an interpreter that has ipykernel; python3 without it")

    static let commands = [run, notebook, convert, results, format, check, documentation, kernel, completions]

    static let code = CommandOption(names: ["-e"], value: .text("CODE"), summary: "run code given on the command line")
    static let noRC = CommandOption(names: ["--no-rc"], summary: "start the prompt without its rc file")
    static let help = CommandOption(names: ["-h", "--help"], summary: "print this, or with a command what it takes")
    static let version = CommandOption(names: ["-V", "--version"], summary: "print the version")

    /// Those that stand in place of a command.
    static let options = [code, noRC, help, version]
}

/// A word that says what to do, and what may follow it.
struct Command: Equatable, Sendable {
    enum Operand: Equatable, Sendable {
        /// One script, and then arguments of its own, whatever they look like.
        case script
        /// One script or notebook.
        case file
        /// A folder, or none.
        case folder
        /// One or more scripts.
        case files
        /// Pages of Markdown, or none.
        case pages
        /// One of a few words; `name` is what the usage calls them.
        case choice(name: String, words: [String])
    }

    var name: String
    var operand: Operand
    var summary: String
    var options: [CommandOption] = []

    /// As the usage shows it, without the program's name: `fmt [--check] FILE…`.
    var usage: String {
        let operands = switch operand {
        case .script: " FILE [ARGS]"
        case .file: " FILE"
        case .folder: " [FOLDER]"
        case .files: " FILE…"
        case .pages: " [PAGE.md…]"
        case .choice(_, let words): " " + words.joined(separator: "|")
        }
        return name + options.map { " [\($0.usage)]" }.joined() + operands
    }
}

struct CommandOption: Equatable, Sendable {
    enum Value: Equatable, Sendable {
        /// Any text; the word is what the usage calls it.
        case text(String)
        case file
        case folder
        case choice([String])

        var usage: String {
            switch self {
            case .text(let name): name
            case .file: "FILE"
            case .folder: "FOLDER"
            case .choice(let words): words.joined(separator: "|")
            }
        }
    }

    /// All its spellings.
    var names: [String]
    var value: Value?
    var summary: String

    var usage: String { (names.last ?? "") + (value.map { " " + $0.usage } ?? "") }
}
