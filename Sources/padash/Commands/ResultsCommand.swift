import Library

/// `padash results`: lists the experiments in a folder.
struct ResultsCommand: CommandAction {
    static let command = Command(
        "results", .folder, "list the experiments in a folder, by default 'results'", compare, order, csv,
        does: ResultsCommand.self)
    private static let compare = CommandOption(names: ["--compare"], summary: "show only the columns in which experiments differ")
    private static let order = CommandOption(
        names: ["--sort"], value: .text("COLUMN"), summary: "sort by a column; --sort=-COLUMN sorts in descending order")
    private static let csv = CommandOption(names: ["--csv"], summary: "as CSV")

    private var report: ResultsReport

    init(_ arguments: CommandArguments) {
        report = ResultsReport(folder: arguments.operands.first ?? "results")
        report.isComparison = arguments[Self.compare] != nil
        report.order = arguments[Self.order]
        report.isCSV = arguments[Self.csv] != nil
        report.width = Descriptors.width
    }

    func run() throws -> Int32 { Report.say(try report.text(warn: Report.warn)) }
}
