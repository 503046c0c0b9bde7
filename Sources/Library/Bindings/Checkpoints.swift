import Foundation
import NASLib
import Runtime
import Text

/// A checkpoint file: the ambient generators, how much of a loop is done, and values.
struct Checkpoint {
    let path: String

    /// Replaces the file, all of it or nothing.
    /// `digest` tells the elements apart that a loop has done.
    func save(_ value: Value, completed: Int, digest: UInt64? = nil, _ vm: VM) throws {
        var writer = ValueWriter(heap: vm.heap)
        writer.archive.write(vm.generators.count)
        for object in vm.generators { writer.archive.write(object.generator) }
        writer.archive.write(completed)
        try writer.write(value)
        if let digest { writer.archive.write(Int(bitPattern: UInt(digest))) }
        if let shortage = writer.archive.shortage { throw shortage }
        try Library.replaceFile(path, with: CheckpointFile.pack(writer.archive.bytes))
    }

    private func opened(_ vm: VM, _ target: Value) throws -> (reader: ValueReader, generators: [Generator], completed: Int) {
        let path = path
        let archive = try Library.reading(path) { try CheckpointFile.unpack(try FileBytes(path)) }
        var reader = ValueReader(archive, heap: vm.heap, target: target)
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

    /// Puts everything back, and gives how much of the loop was done. `check` may refuse that before anything changes; it is given the
    /// digest of the elements, which older checkpoints lack.
    func restore(into target: Value, _ vm: VM,
        check: (_ completed: Int, _ digest: UInt64?) throws -> Void = { _, _ in }) throws -> (value: Value, completed: Int) {
        var (reader, generators, completed) = try opened(vm, target)
        guard generators.count == vm.generators.count else {
            throw RuntimeError(
                .value,
                "'\(path)' was saved within \(generators.count - 1) blocks of 'with', and is loaded within \(vm.generators.count - 1)",
                hint: "the state of each block's generator belongs to the checkpoint")
        }
        let value = try reader.read(into: target)
        try check(completed, reader.archive.isAtEnd ? nil : UInt64(UInt(bitPattern: try reader.int())))
        reader.commit()
        for (object, generator) in zip(vm.generators, generators) { object.generator = generator }
        return (value, completed)
    }
}

extension Checkpoint {
    /// Goes on from the file where there is one, with everything put back in place, and tells how much of the loop is done;
    /// otherwise writes it, since a path that cannot be written is an error now, not after the first hour.
    func begin(_ state: Value, argument: Int, _ vm: VM,
        check: (_ completed: Int, _ digest: UInt64?) throws -> Void = { _, _ in }) throws -> Int {
        guard FilePath.exists(path) else {
            try save(state, completed: 0, vm)
            return 0
        }
        let completed = try restore(into: state, vm, check: check).completed
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
    /// Of the elements handed out so far.
    private var digest = ElementDigest()
    /// Of the first element, the first two, and so on, as they were before the loop: of a list all, of a range those that are done.
    private let digests: [UInt64]

    init(_ sequence: Value, _ checkpoint: Checkpoint, state: Value, interval: Int, completed: Int, digests: [UInt64]) {
        self.digests = digests
        if let last = digests.prefix(completed).last { digest.value = last }
        self.sequence = sequence
        self.checkpoint = checkpoint
        self.state = state
        self.interval = interval
        self.completed = completed
        position = .int(completed)
    }

    override var isForLoopsOnly: Bool { true }
    override var footprint: Int { 0 }
    /// nil where a range has more elements than an int counts.
    private var total: Int? { sequence.tag == .list ? sequence.asList.count : sequence.asRange.count }
    /// Those that are left.
    override var count: Int? { total.map { max(0, $0 - completed) } }
    override func visitValues(_ visit: (Value) -> Void) {
        visit(sequence)
        visit(state)
    }

    override func next(_ vm: VM) throws -> Value? {
        if isRunning {
            isRunning = false
            completed += 1
            if completed % interval == 0 || count == 0 { try checkpoint.save(state, completed: completed, digest: digest.value, vm) }
        }
        var element = Value.nil
        guard count != 0, try vm.next(sequence, &position, into: &element) else { return nil }
        isRunning = true
        if completed < digests.count { digest.value = digests[completed] } else { try digest.add(element, vm) }
        return element
    }
}

/// A number by which the first elements of a sequence are known again.
private struct ElementDigest {
    private var hash = FNV1a()

    var value: UInt64 {
        get { hash.value }
        set { hash.value = newValue }
    }

    /// What a checkpoint would hold of the element. Of one that is a function its source, of one that is a plot its drawing, and of what
    /// else cannot be saved, such as a list with those in it, what it prints as.
    mutating func add(_ element: Value, _ vm: VM) throws {
        var writer = ValueWriter(heap: vm.heap)
        let isSaved = (try? writer.write(element)) != nil
        if let shortage = writer.archive.shortage { throw shortage }
        if isSaved { hash.add(writer.archive.bytes) } else {
            if element.tag == .closure {
                let prototype = element.asClosure.prototype.pointee.prototype
                hash.add(prototype.source.text(of: prototype.span).utf8)
            }
            if element.tag == .host, let plot = element.hostObject as? PlotObject { hash.add(plot.plot.drawSVG().utf8) }
            hash.add(Printer.literal(element, limit: 1_000_000).utf8)
        }
        hash.add(0xFF as UInt8)
    }

    /// Of the first element, the first two, and so on.
    static func ofEach(_ sequence: Value, _ count: Int, _ vm: VM) throws -> [UInt64] {
        try Limit.askForWork(on: count)
        var position = Value.int(0)
        var element = Value.nil
        var digest = ElementDigest()
        var digests: [UInt64] = []
        for _ in 0..<count {
            try vm.checkInterruption()
            guard try vm.next(sequence, &position, into: &element) else { break }
            try digest.add(element, vm)
            digests.append(digest.value)
        }
        return digests
    }
}

extension Library {
    static let checkpoints: [Builtin] = [
        .fn("save", "path, value",
            """
            Writes a checkpoint of a value, usually a map, and of the ambient generator's state. The value may contain numbers, texts, \
            lists, maps, tables, tensors, paths, generators, and the states of supernets and samplers. The file is replaced atomically. \
            Functions cannot be saved. The script creates schedules, spaces and data again, and `load` checks that they have not changed.
            """,
            """
            save("{temporary_folder()}/saved.ckpt", {epoch: 3, losses: [1.5, 0.5]})
            load("{temporary_folder()}/saved.ckpt")  # => {epoch: 3, losses: [1.5, 0.5]}
            """) { call in
            try Checkpoint(path: try call.filePath(0)).save(call[1], completed: 0, call.vm)
            return .nil
        },
        .fn("load", "path, into: nil",
            """
            The value in a checkpoint. With `into`, everything is restored in place: the supernets, samplers, generators, tensors, lists \
            and maps in the value `into`, and the ambient generator, get their saved state. A checkpoint that is damaged, from a newer \
            padash or of something else is refused, and nothing changes. Without `into` the file is only read, and supernets and samplers \
            appear as `<saved …>`.
            """,
            """
            let paths = importance(nasbench201())
            let state = {paths: paths, epoch: 1}
            save("{temporary_folder()}/example.ckpt", state)
            state.epoch = 2
            load("{temporary_folder()}/example.ckpt", into: state).epoch  # => 1
            [state.epoch, state.paths is paths]  # => [1, true]
            """) { call in
            let checkpoint = Checkpoint(path: try call.filePath(0))
            guard call.isGiven(1) else { return try checkpoint.read(call.vm) }
            guard [.list, .map, .host].contains(call[1].tag) else {
                throw call.wrongType(1, expected: "a map, a list or a library object to restore")
            }
            return try checkpoint.restore(into: call[1], call.vm).value
        },
        .fn("resumable", "sequence, path, state: nil, every: 1",
            """
            The elements of a range or list, with a checkpoint after every `every` elements and at the end. It keeps `state` (a map of all \
            that the loop changes: supernet, samplers, lists of results…), the ambient generator, and the position in the loop. A script \
            that was killed resumes there when it is run again, with the same bits; a finished one skips the loop. Everything that changes \
            must be in `state`, for example a number as `state.best`. Use it in a `for` loop, alone or inside `progress(…)`. A sequence \
            that differs from the saved one is an error; a longer one continues. Delete the file to start over.
            """,
            """
            let path = "{temporary_folder()}/example-{clock()}.ckpt"
            let state = {losses: []}
            for epoch in resumable(0..3, path, state) { state.losses.push(epoch * 0.5) }
            load(path).losses  # => [0.0, 0.5, 1.0]
            for epoch in resumable(0..4, path, state) { print("epoch {epoch}") }  # prints: epoch 3
            """) { call in
            guard call[0].tag == .list || call[0].tag == .range else { throw call.wrongType(0, expected: "a range or a list") }
            let checkpoint = Checkpoint(path: try call.filePath(1))
            let state = call.value(2)
            guard [.list, .map, .host, .nil].contains(state.tag) else {
                throw call.wrongType(2, expected: "a map of all that the loop changes")
            }
            let interval = try call.int(3, atLeast: 1)
            let sequence = call[0]
            let total = sequence.tag == .list ? sequence.asList.count : sequence.asRange.count ?? .max
            // The loop may change its elements, and the state may hold them.
            var digests = sequence.tag == .list ? try ElementDigest.ofEach(sequence, total, call.vm) : []
            let completed = try checkpoint.begin(state, argument: 1, call.vm) { completed, digest in
                guard completed <= total else {
                    throw RuntimeError(
                        .value, "'\(checkpoint.path)' has \(completed) elements done, and the sequence has no more than \(total)",
                        hint: "delete the file to start over", argument: 0)
                }
                // What has been done of a range may be all that it has.
                if sequence.tag == .range { digests = try ElementDigest.ofEach(sequence, max(0, completed), call.vm) }
                guard digest == nil || digest == (digests.prefix(max(0, completed)).last ?? ElementDigest().value) else {
                    throw RuntimeError(
                        .value, "the first \(completed) elements are not those that '\(checkpoint.path)' has done",
                        hint: "delete the file to start over, or use another", argument: 0)
                }
            }
            return call.object(
                ResumableIterator(sequence, checkpoint, state: state, interval: interval, completed: completed, digests: digests))
        },
    ]
}
