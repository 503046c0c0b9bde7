import Foundation
import Lang
import NASLib

/// The one door for every front end: a cell of source in, outputs out, state kept, interruptible.
///
/// A session runs its cells on a thread of its own with a large stack. `run` waits for it; `interrupt` may be called
/// from anywhere.
public final class Session: @unchecked Sendable {
    public struct Options: Sendable {
        /// `args()` in a script.
        public var arguments: [String] = []
        /// The width a front end can show, in characters.
        public var width = 80
        /// Whether a `let` at top level may redeclare: true for a REPL or notebook, false for a file.
        public var allowsRedeclaration = false
        /// Whether `_` is the last value and `Out[n]` that of cell n: true for a REPL. It costs the memory of all values shown.
        public var remembersValues = false
        /// What relative imports start from.
        public var directory = "."
        /// The most memory that all values together may take, in bytes; nil for a quarter of the machine's.
        public var memoryLimit: Int?
        /// Collect garbage at every chance: slow, for tests of the collector.
        public var stressesCollector = false

        public init() {}
    }

    /// How a cell ended.
    public enum Outcome: Sendable, Equatable {
        case finished
        /// The source has errors; nothing ran.
        case syntaxError
        case runtimeError
        case interrupted
        /// The cell called `exit(code)`.
        case exit(Int32)
    }

    public var options: Options {
        didSet { apply(options) }
    }

    private let context = SessionContext()
    private let vm: VM
    private let modules: ModuleLoader
    private let scope = GlobalScope()
    private let thread = WorkerThread(name: "padash session")
    private var memory: CellMemory?

    /// The number of the next cell, counted from 1.
    public private(set) var cellNumber = 1

    public init(options: Options = Options()) {
        self.options = options
        vm = VM(registry: Registry(Library.topics), options: context)
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
    /// while this call waits.
    public func run(_ cell: Source, emit: @escaping @Sendable (Output) -> Void) -> Outcome {
        vm.state.pointee.isInterrupted = 0
        defer { cellNumber += 1 }
        return thread.perform { self.execute(cell, emit) }
    }

    /// Runs one cell and gives back all its outputs.
    public func run(_ cell: Source) -> (outputs: [Output], outcome: Outcome) {
        let collected = Collected()
        let outcome = run(cell) { collected.outputs.append($0) }
        return (collected.outputs, outcome)
    }

    private final class Collected: @unchecked Sendable { var outputs: [Output] = [] }

    private func execute(_ cell: Source, _ emit: @escaping (Output) -> Void) -> Outcome {
        let (program, diagnostics) = Parser.parse(cell)
        guard diagnostics.isEmpty else {
            emit(.error(diagnostics))
            return .syntaxError
        }
        let directory = options.directory
        let compiled = Compiler.compile(
            program, into: scope, heap: vm.heap, globals: vm.globals, registry: vm.registry, allowsRedeclaration: options.allowsRedeclaration
        ) { [modules] (target) throws(Diagnostic) in try modules.load(target, from: directory) }
        guard let prototype = compiled.prototype else {
            emit(.error(compiled.diagnostics))
            return .syntaxError
        }
        cells.append(prototype)
        vm.emit = emit
        defer { vm.emit = { _ in } }
        do {
            let value = try vm.call(.closure(vm.heap.closure(prototype.layout, upvalueCount: 0)), [])
            if !value.isNil { memory?.remember(value, of: cellNumber) }
            if !value.isNil, value.tag != .host || value.hostObject.isEchoed { emit(.value(.init(type: value.typeName, text: display(value)))) }
            return .finished
        } catch {
            if let code = context.exitCode {
                context.exitCode = nil
                return .exit(code)
            }
            let failure = vm.located(error)
            emit(.error([failure.diagnostic]))
            return failure.diagnostic.kind == .interrupted ? .interrupted : .runtimeError
        }
    }

    /// Compiled cells live as long as the session: closures made in them point at their code.
    private var cells: [Prototype] = []

    private func display(_ value: Value) -> String {
        if value.tag == .host { return value.hostObject.display(width: context.width) }
        return Printer.literal(value, limit: context.width * 12)
    }

    /// Asks the running cell to stop. Safe from any thread and from a signal handler.
    public func interrupt() { vm.state.pointee.isInterrupted = 1 }

    /// Whether `text` is a whole cell, or more lines must follow (an open bracket, string or operator).
    public func isComplete(_ text: String) -> Bool { Parser.isComplete(text) }

    /// Completions of the word that ends at UTF-8 offset `cursor` in `text`, and where that word starts.
    public func completions(of text: String, at cursor: Int) -> (start: Int, candidates: [String]) {
        thread.perform { Completion(vm: self.vm, scope: self.scope).candidates(text, cursor) }
    }

    /// What `help(name)` would show, or nil for a name that has no documentation.
    public func help(for name: String) -> String? {
        thread.perform { Help(vm: self.vm, scope: self.scope).text(for: name) }
    }
}
