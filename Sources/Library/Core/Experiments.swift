import Foundation
import NASLib
import Runtime
import Text

extension Library {
    /// Records of what was run, with which parameters, and what came out.
    static let experiments: [Builtin] = [
        .fn("experiment", "name, params: {}, folder: \"results\"",
            """
            Begins an experiment: creates the folder `results/NAME/DATE_TIME-N` and records the script, the git commit, the seed, the \
            machine and the parameters. `run.log` adds metrics, `run.save` plots and tables, `run.finish` the result. Nothing is ever \
            overwritten. `results()` and the command `padash results` compare experiments. An experiment whose script or cell ends in an \
            error is recorded as failed.
            """,
            """
            let run = experiment("example", params: {lr: 0.05}, folder: "{temporary_folder()}/results")
            for epoch in 0..3 { run.log({epoch: epoch, loss: 1 / (epoch + 1)}) }
            run.finish({loss: 0.25})
            is_folder(run.folder)  # => true
            """) { call in
            let (name, folder) = (try call.text(0), try call.filePath(2))
            try checkName(name, 0, call)
            // As they are now, whatever becomes of the map.
            let parameters = call.has(1)
                ? try JSONValues.read(try json(of: .map(try call.map(1)), 1, keepsNonFinite: true, call), name: "the parameters", call.vm)
                : .map(call.heap.map())
            let place = try newFolder("\(folder)/\(name)")
            let record = try record(name, parameters, call)
            call.protect(.map(record))
            let experiment = ExperimentObject(folder: place, record: record)
            if let script = call.vm.options.script { _ = try experiment.save(Array(script.text.utf8), "script", ".pada") }
            try experiment.writeRecord(call.vm)
            ExperimentObject.begin(place, call.vm)
            return call.object(experiment)
        },
        .method("experiment.log", "metrics", "Adds a line to `log.jsonl`: a map of metrics, for example of an epoch.",
            "let run = experiment(\"example\", folder: \"{temporary_folder()}/results\")\nrun.log({epoch: 0, loss: 0.5})") { call in
            try call.receiver(ExperimentObject.self).log(try call.map(1), call.vm)
            return .nil
        },
        .method("experiment.save", "value, name",
            """
            Writes a value to a file of the experiment and returns its path: a plot as SVG, a table as CSV, a tensor as NPY, a string as \
            text, anything else as JSON.
            """,
            """
            let run = experiment("example", folder: "{temporary_folder()}/results")
            read_csv(run.save(table({a: [1, 2]}), "counts")).a  # => [1, 2]
            """) { call in
            let experiment = try call.receiver(ExperimentObject.self)
            let name = try call.text(2)
            try checkName(name, 2, call)
            let (bytes, ending) = try file(of: call[1], call)
            return call.string(try experiment.save(bytes, name, ending))
        },
        .method("experiment.finish", "metrics: nil",
            "Ends the experiment with its result, a map of metrics; by default the metrics that were logged last.",
            "let run = experiment(\"example\", folder: \"{temporary_folder()}/results\")\nrun.finish({accuracy: 97.5})") { call in
            try call.receiver(ExperimentObject.self).finish(call.isGiven(1) ? try call.map(1) : nil, call.vm)
            return .nil
        },
        .property("experiment.folder", "The folder of the experiment.",
            """
            experiment("example", folder: "{temporary_folder()}/results").folder.starts_with("{temporary_folder()}/results/example/")  # \
            => true
            """) { call in
            call.string(try call.receiver(ExperimentObject.self).folder)
        },
        .fn("results", "folder: \"results\"",
            """
            The experiments in a folder as a table with a row each: name, run, status, parameters, final or last logged metrics, seconds, \
            seed, and commit. The status is running, finished, failed, interrupted, or stopped (the process has ended without recording a \
            reason). A run with a damaged record is left out, with a warning.
            """,
            """
            let run = experiment("example", params: {lr: 0.1}, folder: "{temporary_folder()}/results-{clock()}")
            run.finish({accuracy: 97.5})
            results(parent_folder(parent_folder(run.folder))).select("status", "lr", "accuracy")[0]  # => {status: "finished", lr: 0.1, \
            accuracy: 97.5}
            """) { call in
            let folder = try call.filePath(0)
            guard FilePath.isFolder(folder) else {
                throw RuntimeError(.io, "there is no folder '\(folder)'", hint: "experiment(\"name\") makes it", argument: 0)
            }
            return call.object(TableObject(try Results.table(in: folder, call.vm)))
        },
    ]

    /// A name that a file or folder can have.
    private static func checkName(_ name: String, _ index: Int, _ call: Call) throws {
        guard !name.isEmpty, name.utf8.count <= 100, !name.hasPrefix("."),
            name.allSatisfy({ $0.isLetter || $0.isNumber || "-_. +=,()".contains($0) }) else {
            throw call.invalid(index,
                "'name' must be of letters, digits, blanks and -_.+=,(), not \(Printer.quoted(String(name.prefix(60))))")
        }
    }

    /// Makes `folder/DATE_TIME-N`, with the first number that is free.
    private static func newFolder(_ folder: String) throws -> String {
        do {
            try FilePath.makeFolder(folder)
        } catch {
            throw RuntimeError(.io, "the folder '\(folder)' cannot be made",
                hint: "is there a file in its way, or are its permissions lacking?", argument: 2)
        }
        var moment = time_t(try World.value("now") { Date().timeIntervalSince1970 })
        var parts = tm()
        localtime_r(&moment, &parts)
        var buffer = Array(repeating: CChar(0), count: 64)
        let length = strftime(&buffer, buffer.count, "%Y-%m-%d_%H-%M-%S", &parts)
        let date = String(decoding: buffer[..<length].map(UInt8.init(bitPattern:)), as: UTF8.self)
        for number in 1...10_000 {
            let place = "\(folder)/\(date)-\(number)"
            let code = try World.value("making '\(place)'") { mkdir(place, 0o777) == 0 ? 0 : errno }
            if code == 0 { return place }
            guard code == EEXIST else { throw ExperimentObject.refused(place, code) }
        }
        throw RuntimeError(.limit, "more than 10000 experiments began in one second", argument: 0)
    }

    private static func record(_ name: String, _ parameters: Value, _ call: Call) throws -> MapRef {
        let heap = call.heap
        func map(_ entries: [(String, Value)]) -> MapRef {
            let map = heap.map(capacity: entries.count)
            for (name, value) in entries { heap.set(name, to: value, in: map) }
            return map
        }
        let machine = Machine.current
        let commit = try GitCommit.current()
        return try map([
            ("name", call.string(name)), ("status", call.string("running")), ("started", .float(Date().timeIntervalSince1970)),
            ("script", call.vm.options.script.map { call.string($0.name) } ?? .nil), ("arguments", call.list(call.vm.options.arguments)),
            ("process", .int(Int(getpid()))),
            ("git", commit.map { .map(map([("commit", call.string($0))])) } ?? .nil),
            ("padash", call.string(Release.version)), ("seed", .int(Int(truncatingIfNeeded: call.vm.generators[0].generator.seed))),
            ("machine", .map(map([
                ("host", call.string(Machine.host)), ("system", call.string(machine.system)), ("processor", call.string(machine.processor)),
                ("cores", .int(machine.cores)), ("memory", .int(machine.memory)),
            ]))),
            ("params", parameters),
        ])
    }

    /// A library object's own form, a string as text, anything else as JSON.
    private static func file(of value: Value, _ call: Call) throws -> (bytes: [UInt8], ending: String) {
        if value.tag == .string { return (Array(value.asString.text.utf8), ".txt") }
        if value.tag == .host, let object = value.hostObject as? any FileForm { return try object.file(call.vm) }
        return (Array((try json(of: value, 1, call) + "\n").utf8), ".json")
    }

    /// The value of an argument as JSON.
    private static func json(of value: Value, _ index: Int, keepsNonFinite: Bool = false, _ call: Call) throws -> String {
        do {
            return String(decoding: try JSONValues.bytes(of: value, indent: 2, keepsNonFinite: keepsNonFinite, call.vm), as: UTF8.self)
        } catch var error as RuntimeError {
            if error.kind == .type { error.hint = "save(join_path(run.folder, \"state.ckpt\"), value) writes supernets and samplers" }
            error.argument = index
            throw error
        }
    }
}
