import Foundation
import Lang
import NASLib

/// A checkpoint file: the ambient generators, how much of a loop is done, and values.
struct Checkpoint {
    let path: String

    /// Replaces the file, all of it or nothing.
    func save(_ value: Value, completed: Int, _ vm: VM) throws {
        var writer = ValueWriter(heap: vm.heap)
        writer.archive.write(vm.generators.count)
        for object in vm.generators { writer.archive.write(object.generator) }
        writer.archive.write(completed)
        try writer.write(value)
        try Library.replaceFile(path, with: CheckpointFile.pack(writer.archive.bytes))
    }

    private func opened(_ vm: VM, _ target: Value) throws -> (reader: ValueReader, generators: [Generator], completed: Int) {
        var reader = ValueReader(try CheckpointFile.unpack(try FileBytes(path)), heap: vm.heap, target: target)
        let (generators, completed) = (try reader.generators(), try reader.int())
        return (reader, generators, completed)
    }

    /// The values alone, the world left as it is.
    func read(_ vm: VM) throws -> Value {
        var (reader, _, _) = try opened(vm, .missing)
        let value = try reader.read(into: .missing)
        reader.commit()
        return value
    }

    /// Puts everything back, and gives how much of the loop was done.
    func restore(into target: Value, _ vm: VM) throws -> (value: Value, completed: Int) {
        var (reader, generators, completed) = try opened(vm, target)
        guard generators.count == vm.generators.count else {
            throw RuntimeError(
                .value, "'\(path)' was saved within \(generators.count - 1) blocks of 'with', and is loaded within \(vm.generators.count - 1)",
                hint: "the state of each block's generator belongs to the checkpoint")
        }
        let value = try reader.read(into: target)
        reader.commit()
        for (object, generator) in zip(vm.generators, generators) { object.generator = generator }
        return (value, completed)
    }
}

extension Checkpoint {
    /// Goes on from the file where there is one, with everything put back in place, and tells how much of the loop is done;
    /// otherwise writes it, since a path that cannot be written is an error now, not after the first hour.
    func begin(_ state: Value, argument: Int, _ vm: VM) throws -> Int {
        guard FileManager.default.fileExists(atPath: path) else {
            try save(state, completed: 0, vm)
            return 0
        }
        let completed = try restore(into: state, vm).completed
        guard completed >= 0 else { throw RuntimeError(.value, "'\(path)' was not made by such a loop", argument: argument) }
        if completed > 0 { vm.emit(.warning("going on from '\(path)', where \(completed) are done")) }
        return completed
    }
}

/// Steps through a sequence, and saves a checkpoint whenever some more of its elements are done.
private final class ResumableIterator: HostIterator {
    private let checkpoint: Checkpoint
    private let sequence: Value
    private let state: Value
    private let interval: Int
    private var position: Value
    /// Elements that are done.
    private var completed: Int
    /// Whether an element has been handed out and its turn is not over.
    private var isRunning = false

    init(_ sequence: Value, _ checkpoint: Checkpoint, state: Value, interval: Int, completed: Int) {
        self.sequence = sequence
        self.checkpoint = checkpoint
        self.state = state
        self.interval = interval
        self.completed = completed
        position = .int(completed)
    }

    override var isForLoopsOnly: Bool { true }
    private var total: Int { sequence.tag == .list ? sequence.asList.count : sequence.asRange.count }
    /// Those that are left.
    override var count: Int? { max(0, total - completed) }
    override func visitValues(_ visit: (Value) -> Void) {
        visit(sequence)
        visit(state)
    }

    override func next(_ vm: VM) throws -> Value? {
        if isRunning {
            isRunning = false
            completed += 1
            if completed % interval == 0 || completed >= total { try checkpoint.save(state, completed: completed, vm) }
        }
        var element = Value.nil
        guard completed < total, try vm.next(sequence, &position, into: &element) else { return nil }
        isRunning = true
        return element
    }
}

extension Library {
    static let checkpoints: [Builtin] = [
        .fn("save", "path, value",
            """
            Writes a checkpoint: a value (as a rule a map) of numbers, texts, lists, maps, tables, tensors, paths, generators, and of the states of \
            supernets and samplers; and with it the state of the ambient generator. The file is replaced whole or not at all. Functions cannot \
            be saved; schedules, spaces and data are made anew by the script, and `load` checks that they are as they were.
            """,
            """
            save("/tmp/padash-saved.ckpt", {epoch: 3, losses: [1.5, 0.5]})
            load("/tmp/padash-saved.ckpt")  # => {epoch: 3, losses: [1.5, 0.5]}
            """) { call in
            try Checkpoint(path: try call.filePath(0)).save(call[1], completed: 0, call.vm)
            return .nil
        },
        .fn("load", "path, into: nil",
            """
            The value in a checkpoint. With `into`, everything saved is put back in place: the supernets, samplers, generators, tensors, lists \
            and maps in the value `into` take on what they were, and so does the ambient generator. A checkpoint that is damaged, of a newer \
            padash or of something else is refused, and nothing is changed. Without `into` the file is only read, and supernets and samplers \
            are no more than `<saved …>`.
            """,
            """
            let paths = importance(nasbench201())
            let state = {paths: paths, epoch: 1}
            save("/tmp/padash-example.ckpt", state)
            state.epoch = 2
            load("/tmp/padash-example.ckpt", into: state).epoch  # => 1
            [state.epoch, state.paths is paths]  # => [1, true]
            """) { call in
            let checkpoint = Checkpoint(path: try call.filePath(0))
            guard call.isGiven(1) else { return try checkpoint.read(call.vm) }
            guard [.list, .map, .host].contains(call[1].tag) else { throw call.wrongType(1, expected: "a map, a list or a library object to restore") }
            return try checkpoint.restore(into: call[1], call.vm).value
        },
        .fn("resumable", "sequence, path, state: nil, every: 1",
            """
            The elements of a range or list, with a checkpoint whenever `every` of them are done and at the end: it keeps `state` (a map of all \
            that the loop changes: supernet, samplers, lists of results…), the ambient generator, and the loop's place. A script that was \
            killed goes on from there when it is run again, to the same bits; one that was finished skips the loop. What changes must be in \
            `state`, a number for example as `state.best`. It stands in a `for` loop, by itself or within `progress(…)`. Delete the file to \
            start anew.
            """,
            """
            let path = "/tmp/padash-example-{clock()}.ckpt"
            let state = {losses: []}
            for epoch in resumable(0..3, path, state) { state.losses.push(epoch * 0.5) }
            load(path).losses  # => [0.0, 0.5, 1.0]
            for epoch in resumable(0..4, path, state) { print("epoch {epoch}") }  # prints: epoch 3
            """) { call in
            guard call[0].tag == .list || call[0].tag == .range else { throw call.wrongType(0, expected: "a range or a list") }
            let checkpoint = Checkpoint(path: try call.filePath(1))
            let state = call.has(2) ? call[2] : .nil
            guard [.list, .map, .host, .nil].contains(state.tag) else { throw call.wrongType(2, expected: "a map of all that the loop changes") }
            let interval = try call.int(3, default: 1, atLeast: 1)
            let completed = try checkpoint.begin(state, argument: 1, call.vm)
            return call.object(ResumableIterator(call[0], checkpoint, state: state, interval: interval, completed: completed))
        },
    ]
}
