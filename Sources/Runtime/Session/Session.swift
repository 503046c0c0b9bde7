import Foundation
import Lang
import NASLib
import Text

/// The interface of the interpreter for every front end: it takes cells of source, gives outputs, keeps state, and can be interrupted.
///
/// A session runs its cells on a thread of its own with a large stack. `run` waits for it; `interrupt` may be called
/// from anywhere.
package final class Session: @unchecked Sendable {
    package struct Options: Sendable {
        /// The arguments that a script gets from `args()`.
        package var arguments: [String] = []
        /// The script that contains the cells, if they are not scripts themselves.
        package var script: Source?
        /// The width a front end can show, in characters.
        package var width = 80
        /// The number of lines that a front end can show.
        package var height = 24
        /// Whether a `let` at top level may redeclare: true for a REPL or notebook, false for a file.
        package var allowsRedeclaration = false
        /// Whether `_` is the last value and `Out[n]` that of cell n: true for a REPL. It costs the memory of all values shown.
        package var remembersValues = false
        /// The folder that relative imports start from.
        package var directory = "."
        /// The most memory that all values together may take, in bytes; nil for a quarter of the available memory.
        package var memoryLimit: Int?
        /// Whether to collect garbage at every chance: slow, for tests of the collector.
        package var stressesCollector = false

        package init() {}
    }

    package var options: Options {
        didSet { apply(options) }
    }

    package let context = SessionContext()
    package let vm: VM
    let modules: ModuleLoader
    package let scope = GlobalScope()
    let thread = WorkerThread()
    private var memory: CellMemory?

    /// The number of the next cell, counted from 1.
    package private(set) var cellNumber = 1

    /// A session in which scripts can call the built-ins of a registry.
    package init(_ registry: Registry, options: Options) {
        self.options = options
        vm = VM(registry: registry, options: context)
        Reservation.checkRest()
        modules = ModuleLoader(vm: vm)
        context.scope = scope
        apply(options)
    }

    private func apply(_ options: Options) {
        if options.remembersValues, memory == nil { memory = CellMemory(vm: vm, scope: scope) }
        context.arguments = options.arguments
        context.width = options.width
        vm.heap.isStressed = options.stressesCollector
        vm.heap.limit = options.memoryLimit ?? Limit.memory
    }

    /// Runs one cell to its end and hands over each output as it comes: `emit` is called on the session's own thread
    /// while this call waits. A cell that is not `numbered` leaves `cellNumber` and the remembered values as they are.
    /// Relative imports start from `directory`, or from the one in `options`.
    package func run(_ cell: Source, directory: String? = nil, isNumbered: Bool = true,
        emit: @escaping @Sendable (Output) -> Void) -> CellOutcome {
        context.script = options.script ?? cell
        defer {
            if isNumbered { cellNumber += 1 }
            forgetInterruption()
        }
        return thread.perform {
            self.attempt(cell, directory, emit) { function in
                self.show(try self.vm.call(function, []), isRemembered: isNumbered)
            }
        }
    }

    /// Runs one cell repeatedly for about a second, and reports how long it takes. Its output is shown once.
    package func time(_ cell: Source, emit: @escaping @Sendable (Output) -> Void) -> (timing: Timing?, outcome: CellOutcome) {
        defer {
            cellNumber += 1
            forgetInterruption()
        }
        return thread.perform {
            var timing: Timing?
            let outcome = self.attempt(cell, nil, emit) { function in
                timing = try Timing(first: {
                    let value = try self.vm.call(function, [])
                    return { self.show(value, isRemembered: true) }
                }, again: {
                    self.vm.emit = { _ in }
                    _ = try self.vm.call(function, [])
                })
            }
            return (timing, outcome)
        }
    }

    /// Runs one cell and gives back all its outputs.
    package func run(_ cell: Source) -> (outputs: [Output], outcome: CellOutcome) {
        let collected = Collected()
        let outcome = run(cell) { collected.outputs.append($0) }
        return (collected.outputs, outcome)
    }

    private final class Collected: @unchecked Sendable { var outputs: [Output] = [] }

    /// Compiles a cell and has `body` call it; shows what goes wrong.
    private func attempt(_ cell: Source, _ directory: String?, _ emit: @escaping (Output) -> Void,
        _ body: (Value) throws -> Void) -> CellOutcome {
        let (program, diagnostics) = Parser.parse(cell)
        // What a front end does with an output, it does alone.
        let emit = Ranks.all == nil ? emit : { output in Ranks.$inStep.withValue(nil) { emit(output) } }
        vm.emit = { emit($0.harmless) }
        defer { vm.emit = { _ in } }
        // The cells of one script are one run.
        if options.script == nil { context.unfinished = [:] }
        guard diagnostics.isEmpty else {
            emit(.error(diagnostics))
            tellUnfinished("failed", diagnostics[0].message)
            return .syntaxError
        }
        let directory = directory ?? options.directory
        // Modules are read on the way, which can be stopped.
        let compiled = inStep {
            Compiler.compile(
                program, into: scope, heap: vm.heap, globals: vm.globals, registry: vm.registry,
                allowsRedeclaration: options.allowsRedeclaration
            ) { [modules] (target) throws(Diagnostic) in try modules.load(target, from: directory) }
        }
        guard let prototype = compiled.prototype else {
            let first = compiled.diagnostics.first.map(agreed)
            emit(.error(Ranks.all?.haveParted == true ? first.map { [$0] } ?? [] : compiled.diagnostics))
            let isInterrupted = compiled.diagnostics.contains { $0.kind == .interrupted }
            forgetInterruption()
            tellUnfinished(isInterrupted ? "interrupted" : "failed", compiled.diagnostics.first?.message ?? "")
            return isInterrupted ? .interrupted : .syntaxError
        }
        cells.append(prototype)
        let function = Value.closure(vm.heap.closure(prototype.layout))
        vm.protected.append(function)
        defer {
            vm.protected.removeLast()
            vm.clearRegisters()
        }
        do {
            try inStep {
                try body(function)
                try Ranks.inStep?.settle(failure: nil)
            }
            return .finished
        } catch {
            if let code = context.exitCode {
                context.exitCode = nil
                try? inStep { try Ranks.inStep?.settle(failure: nil) }
                if code != 0 { tellUnfinished("failed", "exit(\(code))") }
                return .exit(code)
            }
            let failure = agreed(vm.located(error).diagnostic)
            emit(.error([failure]))
            forgetInterruption()
            tellUnfinished(failure.kind == .interrupted ? "interrupted" : "failed", failure.message)
            return failure.kind == .interrupted ? .interrupted : .runtimeError
        }
    }

    /// Runs something that can be stopped, and that all ranks do together.
    private func inStep<Result, Failure>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result {
        Ranks.all?.place.withLock { $0 = { [weak self] in self?.vm.placeText ?? "its end" } }
        let result: Swift.Result<Result, Failure> = Cancellation.$flag.withValue(vm.interruption) {
            Ranks.$inStep.withValue(Ranks.all) { Swift.Result { () throws(Failure) in try body() } }
        }
        return try result.get()
    }

    /// What all ranks tell of an error: where another one failed by itself, its error.
    private func agreed(_ failure: Diagnostic) -> Diagnostic {
        guard let ranks = Ranks.all, !ranks.haveParted else { return failure }
        do {
            try ranks.settle(
                failure: """
                \(failure.kind.rawValue): \
                \(failure.message)\(failure.place.map { " (\($0.source.name):\($0.source.position(at: $0.span.start).line))" } ?? "")
                """)
            return failure
        } catch {
            // This one has a place in the source.
            guard ranks.rank != 0 else { return failure }
            return vm.located(error).diagnostic
        }
    }

    private func tellUnfinished(_ status: String, _ error: String) {
        guard Ranks.all.map({ $0.rank == 0 }) ?? true else { return }
        for (_, tell) in context.unfinished.sorted(by: { $0.key.text.precedes($1.key.text) }) { tell(status, error) }
    }

    private func show(_ value: Value, isRemembered: Bool) {
        guard !value.isNil else { return }
        if isRemembered { memory?.remember(value, of: cellNumber) }
        guard value.tag != .host || value.hostObject.isEchoed else { return }
        let text = ValueLayout(width: context.width, height: options.height).text(value)
        // The display of a library object that takes several lines is a table or a drawing.
        let table = value.tag == .host ? value.hostObject.displayedTable : nil
        vm.emit(.value(DisplayedValue(type: value.typeName, text: text, isCode: value.tag != .host || !text.contains("\n"), table: table)))
    }

    /// Compiled cells live as long as the session: closures made in them point at their code.
    private var cells: [Prototype] = []

    /// Asks the running cell to stop, or the next cell if none runs yet, so that an interrupt between the call of `run` and the cell's
    /// first instruction is not lost. Safe from any thread and from a signal handler.
    package func interrupt() { vm.interruption.raise() }

    /// Cancels an interrupt that came too late for its cell. Front ends call this as soon as the next interrupt is for themselves.
    package func forgetInterruption() { vm.interruption.lower() }

    /// Reads a source file, which `interrupt` can stop.
    package func read(_ path: String) throws(Diagnostic) -> Source {
        defer { forgetInterruption() }
        let text = Cancellation.$flag.withValue(vm.interruption) {
            Result { () throws(Diagnostic) in try SourceFile.read(path, shownAs: path) }
        }
        return Source(name: path, text: try text.get())
    }

    /// Whether `text` is a whole cell, or more lines must follow (an open bracket, string or operator).
    package func isComplete(_ text: String) -> Bool { Parser.isComplete(text) }

    /// Completions of the word that ends at UTF-8 offset `cursor` in `text`, and where that word starts.
    package func completions(of text: String, at cursor: Int) -> (start: Int, candidates: [String]) {
        thread.perform { Completion(vm: self.vm, scope: self.scope).candidates(text, cursor) }
    }

    /// What `help(name)` would show, or nil for a name that has no documentation.
    package func help(for name: String) -> String? {
        thread.perform { Help(vm: self.vm, scope: self.scope).text(for: name) }
    }

    /// Forgets all names, values and modules, and starts over with cell 1 and the generator of a fresh session.
    package func reset() {
        thread.perform {
            self.scope.variables = [:]
            for i in 0..<self.vm.globals.count { self.vm.globals.values[i] = .missing }
            self.vm.protected = []
            self.vm.generators = [GeneratorObject(Generator(seed: 0))]
            self.modules.forget()
            self.context.unfinished = [:]
            self.memory = nil
            self.apply(self.options)
        }
        cellNumber = 1
    }
}
