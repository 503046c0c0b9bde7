import Foundation
import Lang
import NASLib

/// The virtual machine's state: stack, frames, globals and the ways in from Swift. The loop itself is in Interpreter.
///
/// The stack is one block of reserved address space that never moves, so registers are plain pointers. At a safe point
/// the collector marks everything below the current frame's end and clears what lies above it, up to the high-water
/// mark; so stale registers never point at freed objects, and calls need not clear theirs.
public final class VM {
    public let heap = Heap()
    package let registry: Registry
    package let globals = GlobalTable()
    /// Loaded modules by index, for the `import` instruction.
    package var modules: [Module] = []
    /// Where outputs go while a cell runs.
    package var emit: (Output) -> Void = { _ in }
    /// Objects that built-ins keep alive while they call back, see `Call.protect`.
    public var protected: [Value] = []
    /// The library's recorder of tensor operations, while it differentiates a function.
    public var recorder: AnyObject?
    /// The ambient generators, innermost last.
    public var generators: [GeneratorObject]
    package let options: SessionContext

    /// The flag that other threads and signal handlers raise to stop the run; checked at each call and loop iteration.
    public let interruption = Cancellation.Flag()
    /// The state used by the interpreter's loop, outside any class so that reading it is a plain load.
    public let state: UnsafeMutablePointer<State>
    public let stack: UnsafeMutablePointer<Value>
    public let frames: UnsafeMutablePointer<Frame>
    public var handlers: [Handler] = []
    public let methodCache: UnsafeMutablePointer<MethodCacheEntry>
    /// The buffer in which strings are assembled.
    public var textBuffer = TextBuffer()
    /// Parsed format specs, by the address of their constant.
    public var formats: [UInt64: Format] = [:]
    /// The depth of nested calls from built-ins.
    public var nesting = 0

    public struct State {
        /// Index of the running frame; -1 when nothing runs.
        public var frame = -1
        /// The first register that is free for a call from Swift.
        public var top: UnsafeMutablePointer<Value>
        /// No register from here on has been used since the last collection.
        public var highWater: UnsafeMutablePointer<Value>
        public var openUpvalues: UnsafeMutablePointer<UpvalueLayout>?
    }

    public struct Frame {
        public var closure: ClosureRef
        public var base: UnsafeMutablePointer<Value>
        /// The instruction to continue at, saved when the frame makes a call.
        public var pc: UnsafeMutablePointer<UInt32>
        /// Whether the frame was entered from Swift: returning from it leaves the loop.
        public var isEntry: Bool
    }

    /// A running `try`.
    public struct Handler {
        public var frame: Int
        public var target: UnsafeMutablePointer<UInt32>
        var register: Register
        public var generatorCount: Int
    }

    public struct MethodCacheEntry {
        public var type: UInt
        public var key: UInt64
        public var builtin: Int
    }

    public static let stackCapacity = Reservation.registers
    public static let frameCapacity = 200_002
    public static let nestingLimit = Reservation.nesting
    public static let methodCacheSize = 512
    /// The most arguments that `f(...list)` can pass.
    public static let largestSpread = 1 << 20
    /// How far the high-water mark moves at a time.
    public static let stackStep = 4096

    package init(registry: Registry, options: SessionContext) {
        _ = FreedMemory.isKept
        self.registry = registry
        self.options = options
        generators = [GeneratorObject(Generator(seed: 0))]
        stack = Reservation.map(Value.self, VM.stackCapacity)
        frames = Reservation.map(Frame.self, VM.frameCapacity)
        state = .allocate(capacity: 1)
        state.initialize(to: State(top: stack, highWater: stack))
        methodCache = .allocate(capacity: VM.methodCacheSize)
        methodCache.initialize(repeating: MethodCacheEntry(type: 0, key: 0, builtin: -1), count: VM.methodCacheSize)
    }

    deinit {
        munmap(stack, VM.stackCapacity * MemoryLayout<Value>.stride)
        munmap(frames, VM.frameCapacity * MemoryLayout<Frame>.stride)
        state.deallocate()
        textBuffer.deallocate()
        methodCache.deallocate()
    }

    public var generator: GeneratorObject { generators[generators.count - 1] }

    // MARK: - Memory

    /// Frees what cannot be reached. `top` is the end of the running frame's registers. Throws if the remaining objects take too much
    /// memory.
    public func collect(top: UnsafeMutablePointer<Value>) throws {
        if state.pointee.highWater > top {
            top.update(repeating: .nil, count: state.pointee.highWater - top)
        }
        // A function that called a built-in which collects goes on to use registers beyond `top`.
        var end = top
        let before = heap.bytesInUse
        heap.collect { mark in
            var register = stack
            while register < top {
                mark(register.pointee)
                register += 1
            }
            for i in 0..<globals.count { mark(globals.values[i]) }
            if state.pointee.frame >= 0 {
                for i in 0...state.pointee.frame {
                    mark(.closure(frames[i].closure))
                    end = max(end, frames[i].base + frames[i].closure.prototype.pointee.registerCount)
                }
            }
            var upvalue = state.pointee.openUpvalues
            while let open = upvalue {
                heap.mark(address: UpvalueRef(pointer: open).address)
                upvalue = open.pointee.nextOpen
            }
            for value in protected { mark(value) }
        }
        state.pointee.highWater = end
        if heap.isOverdrawn() {
            heap.memoryWasRefused()
            throw outOfMemory()
        }
        guard heap.isShort else { return }
        heap.isShort = false
        // What is freed serves again, also where the system's allocator keeps it.
        guard heap.bytesInUse > before / 2, !heap.hasRoom() else { return }
        heap.memoryWasRefused()
        throw outOfRoom()
    }

    /// Clears the registers when nothing runs. Otherwise what a cell left there would stay alive in the frames of the next one, which
    /// have not written to all of their registers when they collect.
    package func clearRegisters() {
        guard state.pointee.frame < 0 else { return }
        stack.update(repeating: .nil, count: state.pointee.highWater - stack)
        state.pointee.highWater = stack
    }

    /// Makes sure that registers up to `end` may be used.
    @inline(__always) public func ensureStack(_ end: UnsafeMutablePointer<Value>) throws {
        if end > state.pointee.highWater { try raiseHighWater(to: end) }
    }

    @inline(never) private func raiseHighWater(to end: UnsafeMutablePointer<Value>) throws {
        let limit = stack + VM.stackCapacity - 2 * VM.stackStep
        guard end < limit else { throw RuntimeError(.limit, "too many nested calls", hint: "is there infinite recursion?") }
        state.pointee.highWater = min(limit + VM.stackStep, end + VM.stackStep)
    }

    /// Keeps a value alive while `body` calls back.
    public func protecting<Result>(_ value: Value, _ body: () throws -> Result) rethrows -> Result {
        protected.append(value)
        defer { protected.removeLast() }
        return try body()
    }

    // MARK: - Calls from Swift

    /// Calls a function of the language with positional arguments.
    public func call(_ function: Value, _ arguments: [Value]) throws -> Value {
        try call(function, count: arguments.count) { first in
            for (i, argument) in arguments.enumerated() { first[i] = argument }
        }
    }

    /// Calls a function of the language with one argument.
    public func call(_ function: Value, _ argument: Value) throws -> Value {
        try call(function, count: 1) { $0.pointee = argument }
    }

    @inline(__always) private func call(_ function: Value, count: Int, place: (UnsafeMutablePointer<Value>) -> Void) throws -> Value {
        try checkInterruption()
        let savedTop = state.pointee.top
        defer { state.pointee.top = savedTop }
        let first = savedTop + 1
        try ensureStack(first + count + VM.stackStep / 8)
        savedTop.pointee = function
        place(first)
        state.pointee.top = first + count
        switch function.tag {
        case .closure:
            nesting += 1
            defer { nesting -= 1 }
            guard nesting <= VM.nestingLimit else {
                throw RuntimeError(.limit, "too many nested calls through built-ins", hint: "is there infinite recursion?")
            }
            let layout = function.asClosure.prototype
            guard layout.pointee.takes(count) else { throw miscalled(function, layout.pointee.prototype, count) }
            return try run(function.asClosure, base: first, argumentCount: count)
        default:
            // A built-in may call another over and over, and no instruction in between sees that there is garbage.
            if heap.needsCollection { try collect(top: first + count) }
            do {
                return try invoke(function, first, count)
            } catch var error as RuntimeError {
                // The call that the user wrote has other arguments.
                error.argument = nil
                throw error
            }
        }
    }

    /// A function that a built-in was given has other parameters than the built-in has arguments for it.
    private func miscalled(_ function: Value, _ prototype: Prototype, _ count: Int) -> RuntimeError {
        let callable = prototype.callable
        var error = RuntimeError(
            .type, "this function takes \(callable.arity), and is called with \(count)",
            hint: "its parameters are (\(callable.signature.text))")
        error.function = function
        return error
    }

    /// Calls a value that is not a closure of the language.
    @inline(__always) public func invoke(_ callee: Value, _ arguments: UnsafeMutablePointer<Value>, _ count: Int) throws -> Value {
        callee.tag == .builtin ? try invoke(builtin: Int(callee.payload), arguments, count) : try invoke(object: callee, arguments, count)
    }

    /// Runs a built-in whose positional arguments lie at `arguments`; of a method the receiver is the first.
    public func invoke(builtin index: Int, _ arguments: UnsafeMutablePointer<Value>, _ count: Int) throws -> Value {
        let layout = registry.layouts[index]
        if layout.plainCount != count {
            if count < layout.plainCount, count >= layout.requiredCount {
                try ensureStack(arguments + (layout.parameterCount &+ 1))
                (arguments + count).update(repeating: .missing, count: layout.parameterCount &- count)
            } else {
                try arrange(registry.builtins[index].callable, arguments, count)
            }
        }
        return try invoke(arranged: index, arguments, layout.parameterCount)
    }

    /// Runs a built-in whose arguments are in place.
    @inline(__always)
    public func invoke(arranged index: Int, _ arguments: UnsafeMutablePointer<Value>, _ parameterCount: Int) throws -> Value {
        state.pointee.top = arguments + parameterCount
        let protectedCount = protected.count
        defer { if protected.count > protectedCount { protected.removeSubrange(protectedCount...) } }
        do {
            if parameterCount > 0, arguments[0].tag == .host, arguments[0].asHost.charged >= MemoryAccount.smallest {
                try askForResult(arguments[0].hostObject)
            }
            let result = try registry.functions[index].body(Call(vm: self, arguments: arguments, count: parameterCount, builtin: index))
            guard parameterCount > 0, arguments[0].tag == .host else { return result.tag == .host ? try finished(result) : result }
            if arguments[0].asHost.isGrowing { heap.recharge(arguments[0].hostObject) }
            return try finished(result)
        } catch {
            // What a computation that was to stop has come to so far may look like a mistake of the user's.
            try checkStop()
            var error = error
            if var failure = error as? RuntimeError, let function = failure.function {
                failure.function = nil
                failure.argument = (0..<parameterCount).first {
                    arguments[$0].tag == function.tag && arguments[$0].payload == function.payload
                }
                error = failure
            }
            throw naming(error, registry.builtins[index].signature, usage: registry.builtins[index].usage)
        }
    }

    /// Adds the name of the parameter at fault, or, to an error of the engine that has the name, the argument.
    private func naming(_ error: Error, _ signature: Signature, usage: String? = nil) -> Error {
        guard var failure = error as? RuntimeError ?? (error as? NASError)?.runtimeError else { return error }
        switch (failure.argument, failure.parameter) {
        case (let index?, nil) where signature.parameters.indices.contains(index):
            failure.parameter = signature.parameters[index].name
        case (nil, let name?):
            guard let index = signature.parameters.firstIndex(where: { $0.name == name }) else { return error }
            failure.argument = index
            failure.hint = failure.hint ?? usage.map { "the call is \($0)" }
        default: return error
        }
        return failure
    }

    /// Calls a library object such as a schedule.
    public func invoke(object callee: Value, _ arguments: UnsafeMutablePointer<Value>, _ count: Int) throws -> Value {
        guard callee.tag == .host, callee.hostObject.isCallable else { throw notCallable(callee) }
        let object = callee.hostObject
        let callable = object.callable, signature = callable.signature
        if signature.hasRest || signature.parameters.count != count { try arrange(callable, arguments, count) }
        state.pointee.top = arguments + signature.parameters.count
        let protectedCount = protected.count
        defer { if protected.count > protectedCount { protected.removeSubrange(protectedCount...) } }
        do {
            return try finished(try object.call(Call(vm: self, arguments: arguments, count: signature.parameters.count)))
        } catch {
            throw naming(error, signature)
        }
    }

    public func notCallable(_ value: Value) -> RuntimeError {
        var error = RuntimeError(.type, "\(value.typePhrase) cannot be called",
            hint: value.tag == .nil ? "is the value nil by mistake?" : nil, argument: -1)
        error.isUncallable = true
        return error
    }
}
