import Foundation
import NASLib
import Runtime
import Text

/// A table of stand-alone accuracies.
final class BenchmarkObject: HostObject, ConstantObject {
    let table: BenchmarkTable

    /// The space whose notation the table is in.
    let space: any NetworkSpace
    /// The value that was given for it, if one was.
    let given: SpaceObject?
    /// Where the table comes with padash.
    let trained: TrainedTable?

    init(_ table: BenchmarkTable, space given: SpaceObject? = nil) {
        self.table = table
        self.given = given
        trained = nil
        let macro: (any NetworkSpace)? = table.name == NASBenchMacro.name ? try? NASBenchMacro.space() : nil
        space = given?.space ?? macro ?? NASBench201()
    }

    init(_ trained: TrainedTable) {
        (table, space, given) = (trained.table, trained.space, nil)
        self.trained = trained
    }

    override var typeName: String { "benchmark" }
    override var description: String { "<benchmark \(table.name): \(table.architectures.count) architectures>" }
    override func display(width: Int) -> String {
        description + (trained.map { "\n" + $0.description } ?? "") + "\ncolumns: " + table.columns.joined(separator: ", ")
    }
    override var count: Int? { table.architectures.count }
    /// The table that comes with padash is there once; it is made when it is first asked for.
    override var footprint: Int { trained == nil ? table.byteCount : 0 }

    override func contains(_ value: Value, _ vm: VM) throws -> Bool? { notation(value).map { table.row(of: $0) != nil } }

    /// An architecture in the table's notation.
    func notation(_ value: Value) -> String? {
        if value.tag == .string { return value.asString.text }
        return value.tag == .host ? (value.hostObject as? PathObject)?.description : nil
    }

    /// The row of an architecture, an argument or an element of one, which is to be what `expected` says.
    func row(of architecture: Value, argument index: Int, expected: String, _ call: Call) throws -> Int {
        guard let text = notation(architecture) else { throw call.wrongType(index, expected: expected) }
        if let row = table.row(of: text) { return row }
        _ = try call.path(architecture, of: space, argument: index)
        throw RuntimeError(
            .key, "the benchmark \(table.name) has no architecture \"\(text.prefix(120))\"", hint: "its 'paths' lists those it has",
            argument: index)
    }
}

extension Library {
    static let benchmarks: [Builtin] = [
        .fn("benchmark", "name: \"\(TrainedTable.standard)\", space: nil",
            """
            A table of the accuracies of architectures that were each trained alone. These are included in padash: \
            \(TrainedTable.all.map { "`\"\($0.name)\"`, \($0.description)" }.joined(separator: "; ")). \
            `"nasbench201"` and `"nasbenchmacro"` are published tables, read from `$PADASH_DATA` or `~/.local/share/padash`; any \
            other name is the path of a table: CSV with a header `arch,COLUMN,…`, \
            or JSON `{"ARCH": {"COLUMN": number}}`. Its architectures are written in the notation of `space`, as paths are printed; by \
            default that of one of these two spaces. `Tables/published` has the scripts that create them from the official packages.
            """,
            """
            let truth = benchmark("digits")
            truth.lookup(truth.paths[0], "test") > 0  # => true
            benchmark().name  # => "\(TrainedTable.standard)"
            """) { call in
            let name = try call.filePath(0)
            let space = call.isGiven(1) ? try call.object(1, as: SpaceObject.self, "a space") : nil
            if space != nil, TrainedTable.all.contains(where: { $0.name == name }) || BenchmarkTable.published[name] != nil {
                throw call.invalid(1, "the benchmark \(name) has its own space")
            }
            if let trained = TrainedTable.named(name) { return call.object(BenchmarkObject(trained)) }
            if BenchmarkTable.published[name] != nil { return call.object(BenchmarkObject(try BenchmarkTable.published(name))) }
            guard FilePath.exists(name) else {
                let known = TrainedTable.all.map(\.name) + BenchmarkTable.published.keys.sorted()
                let hint = Suggestion.nearest(to: name, among: known).map { "did you mean \"\($0)\"?" }
                throw RuntimeError(
                    .io, "there is no benchmark and no file '\(name)'", hint: hint ?? "benchmarks are \(known.joined(separator: ", "))",
                    argument: 0)
            }
            let given = space?.space
            let table = try reading(name) { try BenchmarkTable.read(file: name, space: given) }
            return call.object(BenchmarkObject(table, space: space))
        },
        .fn("benchmarks", "", "The names of the tables that come with padash.", "\"digits\" in benchmarks()  # => true") { call in
            try call.list(TrainedTable.all.map(\.name))
        },
        .property("benchmark.description", "What was trained on what, for a table that comes with padash; nil for any other.") { call in
            guard let trained = try call.receiver(BenchmarkObject.self).trained else { return .nil }
            return call.string(trained.description)
        },
        .property("benchmark.name", "The name of the table.") { call in call.string(try call.receiver(BenchmarkObject.self).table.name) },
        .property("benchmark.columns", "The names of the table's columns.") { call in
            try call.list(try call.receiver(BenchmarkObject.self).table.columns)
        },
        .property("benchmark.paths", "The architectures in the table.") { call in
            let benchmark = try call.receiver(BenchmarkObject.self)
            let (table, space) = (benchmark.table, benchmark.space)
            return try call.list(
                table.architectures.map { text in (try? space.parse(text)).map { call.path($0, in: space) } ?? call.string(text) })
        },
        .property("benchmark.data",
            "The data on which the networks of a table included in padash were trained; nil for other tables.") { call in
            guard let trained = try call.receiver(BenchmarkObject.self).trained else { return .nil }
            return call.object(DataObject(try trained.data(), recipe: trained.dataCode))
        },
        .property("benchmark.space", "The space of the table's architectures, with the size of the trained networks.") { call in
            let benchmark = try call.receiver(BenchmarkObject.self)
            if let given = benchmark.given { return call.object(given) }
            return call.object(SpaceObject(benchmark.space, recipe: benchmark.trained?.spaceCode ?? "\(benchmark.table.name)()"))
        },
        .method("benchmark.recipe", "path, seed: 0",
            """
            The code that trains a row of a table included in padash again, with one of its seeds. It gives the same accuracies with any \
            number of threads and on any machine; for rows trained by an older version, similar ones.
            """,
            """
            let truth = benchmark("digits")
            split(truth.recipe(truth.paths[1]), "\\n")[1]  # => "let data = digits(train: 0.3, valid: 0.2, shift: 2)"
            """) { call in
            let benchmark = try call.receiver(BenchmarkObject.self)
            guard let trained = benchmark.trained else {
                throw RuntimeError(.value, "the benchmark \(benchmark.table.name) was not made by padash, which cannot train its rows",
                    argument: 0)
            }
            let row = try benchmark.row(of: call[1], argument: 1, expected: "a path or its notation", call)
            let seed = try call.int(2, atLeast: 0)
            let seeds = trained.seeds(ofRow: row)
            guard seed < seeds else { throw call.invalid(2, "the row has the seeds 0 to \(seeds - 1), not \(seed)") }
            return call.string(trained.recipe(of: trained.table.architectures[row], seed: seed))
        },
        .method("benchmark.fidelities", "measure",
            """
            The epochs before the last after which the table has a measure, from columns such as `test_3ep` for the measure "test".
            """,
            "benchmark(\"digits\").fidelities(\"test\")  # => [3, 6]") { call in
            let table = try call.receiver(BenchmarkObject.self).table
            _ = try column(1, epochs: nil, of: table, call)
            return try call.list(table.fidelities(of: try call.text(1)).map(Value.int))
        },
        .method("benchmark.column", "name, epochs: nil",
            "All numbers of a column, in the order of `paths`; with `epochs`, the measure after that many epochs.") { call in
            let table = try call.receiver(BenchmarkObject.self).table
            return try call.list(try column(1, epochs: 2, of: table, call))
        },
        .method("benchmark.lookup", "paths, column, epochs: nil",
            """
            The number in `column` for a path or its notation; for a list of paths, a list of numbers. With `epochs`, the measure of that \
            name after that many epochs, one of `fidelities`.
            """,
            """
            let truth = benchmark("digits")
            truth.lookup(truth.paths[9], "test", epochs: 3) == truth.lookup(truth.paths[9], "test_3ep")  # => true
            """) { call in
            let benchmark = try call.receiver(BenchmarkObject.self)
            let column = try column(2, epochs: 3, of: benchmark.table, call)
            func number(_ architecture: Value) throws -> Value {
                .float(column[try benchmark.row(of: architecture, argument: 1, expected: "a path, its notation, or a list of them", call)])
            }
            return try call[1].tag == .list ? call.list(call.list(1).array.map(number)) : number(call[1])
        },
    ]

    private static func column(_ index: Int, epochs: Int?, of table: BenchmarkTable, _ call: Call) throws -> [Double] {
        let name = try call.text(index)
        let columns = "its columns are \(table.columns.joined(separator: ", "))"
        if let epochs, call.isGiven(epochs) {
            let wanted = try call.int(epochs, atLeast: 1)
            if let column = table.column(BenchmarkTable.column(name, epochs: wanted)) { return column }
            let known = table.fidelities(of: name)
            throw RuntimeError(
                .key, "the benchmark \(table.name) does not have \"\(name)\" after \(wanted) epochs",
                hint: table.column(name) == nil ? columns
                    : known.isEmpty ? "it has it only without 'epochs'"
                    : "it has it after \(known.map(String.init).joined(separator: ", ")) epochs, and after the last without 'epochs'",
                argument: epochs)
        }
        if let column = table.column(name) { return column }
        let hint = Suggestion.nearest(to: name, among: table.columns).map { "did you mean \"\($0)\"?" }
        throw RuntimeError(
            .key, "the benchmark \(table.name) has no column \"\(name)\"", hint: hint ?? columns, argument: index)
    }
}
