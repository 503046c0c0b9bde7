import Foundation
import Lang
import NASLib
import Runtime

extension Library {
    /// Several processes that run the same script.
    static let ranks: [Builtin] = [
        .fn("rank", "",
            """
            The number of this process among those that run the script together, from 0. Use it for file names inside `share`. Outside \
            `share` all processes must do the same, and only process rank 0 prints, writes and plots.
            """,
            "rank()  # => 0") { _ in
            .int(Ranks.all?.rank ?? 0)
        },
        .fn("share", "sequence, f",
            """
            A new list with the result of `f` for each element, like `map`. Under `mpirun`, the elements are distributed over the \
            processes: each goes to the next free process, and all processes get all results, in order. Each element has its own stream of \
            random numbers, which depends only on the seed and its position, so that the results are the same with any number of \
            processes. What `f` prints also appears in order. A result is a copy: numbers, texts, lists, maps, tables, tensors and paths. \
            Inside `f` a process works alone: `share`, and other functions that distribute their work, then run in that process only. \
            With `progress(sequence)`, a bar shows how many elements are done.
            """,
            """
            share([1, 2, 3], x => x * x)  # => [1, 4, 9]
            seed(1)
            let first = share(0..4, i => draw(normal(0, 1)))
            seed(1)
            first == share(0..4, i => draw(normal(0, 1)))  # => true
            """) { call in
            let progress = call[0].tag == .host ? call[0].hostObject as? ProgressIterator : nil
            let elements = try progress?.takenAhead { try snapshot(0, call) } ?? snapshot(0, call)
            let function = try call.function(1)
            let stream = Generator(seed: call.vm.generator.generator.next())
            let results = call.heap.list(capacity: elements.count)
            call.protect(.list(results))
            let vm = call.vm
            let report = progress.map { progress in
                { completed in progress.report(completed, isFinished: completed == elements.count, vm) }
            }
            try Sharing(count: elements.count, purpose: "share", call: call, report: report) { item in
                try call.vm.drawing(from: stream.stream("item \(item)")) {
                    let value = try call.vm.call(function, elements[item])
                    return try call.vm.protecting(value) { try RankedValue.bytes(of: value, what: "the result for element \(item)", call) }
                }
            }.run { call.heap.append(try RankedValue.value($0, knowing: [.list(elements), function], call.vm), to: results) }
            return .list(results)
        },
        .fn("gather", "value",
            """
            The values of all processes, as a list in the order of their ranks; every process gets the same list. Each value is a copy, as \
            for `share`. With one process, or inside `share`, the list holds one value.
            """,
            "gather(rank())  # => [0]") { call in
            let own = try RankedValue.bytes(of: call[0], what: "'value'", call)
            let result = call.heap.list(capacity: Ranks.inStep?.count ?? 1)
            call.protect(.list(result))
            for bytes in try Ranks.inStep?.gather(own, "gather") ?? [own] {
                call.heap.append(try RankedValue.value(bytes, knowing: [call[0]], call.vm), to: result)
            }
            return .list(result)
        },
        .fn("barrier", "", "Waits until all processes have reached this point.", "barrier()") { _ in
            _ = try Ranks.inStep?.gather([], "barrier")
            return .nil
        },
    ]

    /// What `statistic` gives for each of so many samples, which are drawn one after the other from the ambient generator. Processes share
    /// the samples, so that what the statistic itself draws comes from a stream of each sample's own.
    static func shared<Sample>(
        _ count: Int, _ purpose: String, _ call: Call, draw: @escaping () throws -> Sample, _ statistic: @escaping (Sample) throws -> Double
    ) throws -> [Double] {
        let vm = call.vm
        var ahead = vm.generator.generator
        let stream = Generator(seed: ahead.next())
        func compute(_ range: Range<Int>) throws -> [Double] {
            try range.map { item in
                try vm.checkInterruption()
                let sample = try draw()
                return try vm.drawing(from: stream.stream("item \(item)")) { try statistic(sample) }
            }
        }
        guard Ranks.inStep != nil else { return try compute(0..<count) }
        // Where each portion's drawing starts.
        let portion = max(1, count / 64)
        let starts = Array(stride(from: 0, to: count, by: portion))
        var generators: [Generator] = []
        for start in starts {
            try vm.checkInterruption()
            generators.append(vm.generator.generator)
            for _ in start..<min(count, start + portion) { _ = try draw() }
        }
        var numbers: [Double] = []
        try Sharing(count: starts.count, purpose: purpose, call: call) { item in
            try vm.drawing(from: generators[item]) {
                var archive = ArchiveWriter()
                archive.write(try compute(starts[item]..<min(count, starts[item] + portion)))
                return archive.bytes
            }
        }.run { bytes in
            var archive = ArchiveReader(FileBytes(name: "a result", bytes: bytes))
            numbers += try archive.doubles()
        }
        return numbers
    }
}

extension VM {
    /// Runs something for which a generator is the ambient one: `seed` seeds that one, and streams by name are its own.
    func drawing<Result>(from generator: Generator, _ body: () throws -> Result) rethrows -> Result {
        let outer = generators
        generators = [GeneratorObject(generator)]
        defer { generators = outer }
        return try body()
    }
}

/// A value on its way to other processes.
enum RankedValue {
    static func bytes(of value: Value, what: String, _ call: Call) throws -> [UInt8] {
        var writer = ValueWriter(heap: call.heap, isResult: true)
        do {
            try writer.write(value)
        } catch var error as RuntimeError where error.kind == .type || error.kind == .limit {
            error.message = error.message.replacing(/^state/, with: what)
            error.hint =
                """
                numbers, texts, lists, maps, tables, tensors and paths go from one process to another; of a supernet give what is asked of \
                it, such as its scores
                """
            error.argument = nil
            throw error
        }
        if let shortage = writer.archive.shortage { throw shortage }
        return writer.archive.bytes
    }

    /// - Parameter values: paths may be of the spaces that occur in these, or in global variables.
    static func value(_ bytes: [UInt8], knowing values: [Value], _ vm: VM) throws -> Value {
        let known = values + (0..<vm.globals.count).map { vm.globals.values[$0] }
        let list = Value.list(vm.heap.list(known.filter { !$0.isMissing }))
        return try vm.protecting(list) {
            var reader = ValueReader(ArchiveReader(FileBytes(name: "a result", bytes: bytes)), heap: vm.heap, target: list)
            let value = try reader.read(into: .missing)
            reader.commit()
            return value
        }
    }
}

/// Items that processes share out, each of which gives bytes.
private struct Sharing {
    let count: Int
    let purpose: String
    let call: Call
    /// Is given how many items are done, on the first process.
    let report: ((Int) -> Void)?
    /// Does an item; it is not in step with other processes meanwhile.
    let perform: (Int) throws -> [UInt8]
    private var vm: VM { call.vm }

    init(count: Int, purpose: String, call: Call, report: ((Int) -> Void)? = nil, perform: @escaping (Int) throws -> [UInt8]) {
        (self.count, self.purpose, self.call, self.report, self.perform) = (count, purpose, call, report, perform)
    }

    /// Hands what all items gave to `take`, in order; of one process alone as soon as it is there.
    func run(take: ([UInt8]) throws -> Void) throws {
        report?(0)
        if let ranks = Ranks.inStep { return try run(over: ranks, take: take) }
        for item in 0..<count {
            try take(try perform(item))
            report?(item + 1)
        }
    }

    private func run(over ranks: Ranks, take: ([UInt8]) throws -> Void) throws {
        let handout = try Handout(ranks, count: count, purpose: purpose)
        // What the first process shows of the items, in order.
        var shown = 0
        func show() {
            while shown < count, let item = handout.result(of: shown).flatMap(RankedItem.init) {
                for output in item.outputs { vm.emit(output.output) }
                shown = item.failure == nil ? shown + 1 : count
            }
            report?(handout.resultCount)
        }
        while let item = handout.take() {
            let done = RankedItem(vm) { try Ranks.$inStep.withValue(nil) { try perform(item) } }
            handout.deliver(item, done.bytes)
            if done.failure != nil { handout.stop() }
            show()
        }
        while handout.othersAreAtWork {
            show()
            usleep(500)
        }
        show()
        for item in try handout.finish("the end of \(purpose)").lazy.compactMap({ $0.flatMap(RankedItem.init) }) {
            if let failure = item.failure { throw failure.error(vm) }
            try take(item.value)
        }
    }
}

/// What a process made of an element: what it showed on the way, and a value or an error.
private struct RankedItem: Codable {
    var outputs: [RankedOutput] = []
    /// Data goes as it is; a list of bytes would be one of numbers.
    private var data = Data()
    var value: [UInt8] { Array(data) }
    var failure: RankedFailure?

    init(_ vm: VM, _ body: () throws -> [UInt8]) {
        let emit = vm.emit
        let collected = Guarded<[RankedOutput]>([])
        vm.emit = { output in if let output = RankedOutput(output) { collected.withLock { $0.append(output) } } }
        do {
            data = Data(try body())
        } catch {
            failure = RankedFailure(vm.located(error), vm)
        }
        vm.emit = emit
        outputs = collected.withLock(\.self)
    }

    init?(_ bytes: [UInt8]) {
        guard let item = try? PropertyListDecoder().decode(RankedItem.self, from: Data(bytes)) else { return nil }
        self = item
    }

    var bytes: [UInt8] {
        let encoder = PropertyListEncoder()
        encoder.outputFormat = .binary
        do { return Array(try encoder.encode(self)) } catch { preconditionFailure("texts and bytes are property lists: \(error)") }
    }
}

/// One of the outputs that an element of `share` can have. How far its loops are is not told.
private enum RankedOutput: Codable {
    case text(String), warning(String), plot(DrawnPlot)

    init?(_ output: Output) {
        switch output {
        case .text(let text): self = .text(text)
        case .warning(let text): self = .warning(text)
        case .plot(let plot): self = .plot(DrawnPlot(plot))
        case .value, .progress, .error: return nil
        }
    }

    var output: Output {
        switch self {
        case .text(let text): .text(text)
        case .warning(let text): .warning(text)
        case .plot(let plot): .plot(plot)
        }
    }
}

/// A plot as it looked in another process, in all the ways that a front end may ask for.
private struct DrawnPlot: Picture, Codable {
    private let text, coloredText: String
    let svg, alternativeText: String

    init(_ plot: any Picture) {
        (text, coloredText, svg, alternativeText) = (plot.terminal(isColored: false), plot.terminal(isColored: true), plot.svg,
            plot.alternativeText)
    }

    func terminal(isColored: Bool) -> String { isColored ? coloredText : text }
}

/// An error on its way to other processes, which have the same sources.
private struct RankedFailure: Codable {
    private struct Place: Codable {
        var source: String
        var start, end: Int

        init(_ place: Diagnostic.Place) { (source, start, end) = (place.source.name, place.span.start, place.span.end) }

        func place(_ vm: VM) -> Diagnostic.Place? {
            guard let source = vm.source(named: source) else { return nil }
            return .init(source, Span(start, end))
        }
    }

    private struct Remark: Codable { var message: String, place: Place }
    private struct Entry: Codable { var function: String, arguments: String, place: Place }

    private var kind, message: String
    private var hint: String?
    private var place: Place?
    private var notes: [Remark]
    private var trace: [Entry]
    private var thrown: Data?
    /// Of `exit(code)`, which is no error but ends as one does.
    private var exitCode: Int32?

    init(_ error: PadaError, _ vm: VM) {
        let diagnostic = error.diagnostic
        (kind, message, hint) = (diagnostic.kind.rawValue, diagnostic.message, diagnostic.hint)
        place = diagnostic.place.map(Place.init)
        notes = diagnostic.notes.map { Remark(message: $0.message, place: Place($0.place)) }
        trace = diagnostic.trace.map { Entry(function: $0.function, arguments: $0.arguments, place: Place($0.place)) }
        var writer = ValueWriter(heap: vm.heap, isResult: true)
        if let value = error.thrown, (try? writer.write(value)) != nil { thrown = Data(writer.archive.bytes) }
        exitCode = vm.options.exitCode
    }

    func error(_ vm: VM) -> PadaError {
        let diagnostic = Diagnostic(
            Diagnostic.Kind(rawValue: kind) ?? .error, message, at: place?.place(vm), hint: hint,
            notes: notes.compactMap { note in note.place.place(vm).map { .init(note.message, at: $0) } },
            trace: trace.compactMap { entry in entry.place.place(
                vm).map { .init(function: entry.function, arguments: entry.arguments, place: $0) } })
        let value = thrown.flatMap { try? RankedValue.value(Array($0), knowing: [], vm) }
        vm.options.exitCode = exitCode
        return PadaError(diagnostic, thrown: value.map { Rooted($0, vm.heap) })
    }
}
