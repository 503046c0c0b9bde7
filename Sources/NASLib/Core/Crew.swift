import CProcessor
import Foundation
import Synchronization

/// Threads that all run the same function on their own part of the work and meet at barriers. They end when nobody has the crew any more.
///
/// Results must not depend on the number of threads: whoever reduces over the batch does so over chunks of the batch, in order.
final class Crew: Sendable {
    private let core: Core
    /// Calls of `run` from several threads come one after the other.
    private let turn = NSLock()

    var threadCount: Int { core.threadCount }

    init(threadCount: Int, name: String) { core = Core(threadCount: max(1, threadCount), name: name) }

    deinit { core.stop() }

    /// Runs `body(thread)` on every thread, 0 being the caller, and returns when all are done.
    ///
    /// A crew's threads cannot run the same crew again: they would wait for themselves.
    func run(_ body: @escaping (Int) -> Void) {
        precondition(!core.isRunningHere, "calls of one crew do not nest")
        turn.withLock { core.run(body) }
    }

    /// Within `run`: returns when all threads have come here.
    func barrier() { core.barrier() }

    /// How often all threads have met so far.
    var barrierCount: Int { core.barrierCount }

    /// What `body` makes of `count` items, in order. Threads take `portion` items at a time that follow each other; `body` gets those,
    /// and which thread it is. Of several errors the first item's is thrown. Where several ranks do the same, their threads share the items.
    func map<Element: Codable>(
        count: Int, portion: Int = 1, purpose: String, _ body: @escaping (Range<Int>, _ thread: Int) throws -> [Element]
    ) throws -> [Element] {
        let portions = (count + portion - 1) / portion
        guard let ranks = Ranks.inStep, portions > 1 else { return try mapHere(count: count, portion: portion, body) }
        let handout = try Handout(ranks, count: portions, purpose: purpose)
        run { thread in
            while let part = handout.take() {
                let result = Result { try Ranks.$inStep.withValue(nil) { try body(part * portion..<min((part + 1) * portion, count), thread) } }
                handout.deliver(part, RankedResult.bytes(result))
                if case .failure = result { handout.stop() }
            }
        }
        var elements: [Element] = []
        for bytes in try handout.finish(purpose) { if let bytes { elements += try RankedResult.value(bytes) } }
        return elements
    }

    private func mapHere<Element>(count: Int, portion: Int, _ body: @escaping (Range<Int>, _ thread: Int) throws -> [Element]) throws -> [Element] {
        var parts: [Result<[Element], any Error>] = (0..<(count + portion - 1) / portion).map { _ in .success([]) }
        let next = Atomic<Int>(0), hasFailed = Atomic<Bool>(false)
        parts.withUnsafeMutableBufferPointer { parts in
            nonisolated(unsafe) let parts = parts
            run { thread in
                while !hasFailed.load(ordering: .relaxed) {
                    let part = next.add(1, ordering: .relaxed).oldValue
                    guard part < parts.count else { return }
                    parts[part] = Result { try body(part * portion..<min((part + 1) * portion, count), thread) }
                    // Portions before this one have been taken already, and will be done.
                    if case .failure = parts[part] { hasFailed.store(true, ordering: .relaxed) }
                }
            }
        }
        return try parts.flatMap { try $0.get() }
    }
}

/// What a crew's threads share. They keep it alive, and not the crew.
///
/// The work of a step comes in pieces of microseconds, so a thread that waits looks again and again for a moment. Then it sleeps, so
/// that the processor goes to whoever it waits for: a thread of the same crew, where another program has taken its processor.
private final class Core: @unchecked Sendable {
    /// As many as asked for, or fewer where the system has no room for so many. It does not change once the crew is made.
    private(set) var threadCount: Int
    /// Of threads that wait for each other in the middle of work, and of those that wait for the next work.
    private let patienceAtWork: Patience, patienceBetween: Patience

    /// Counts calls of `run`, and barriers.
    private let generation = Atomic<Int>(0)
    private let phase = Atomic<Int>(0)
    /// How many threads are still at work, and how many have come to the barrier.
    private let remaining = Atomic<Int>(0)
    private let arrived = Atomic<Int>(0)
    private let isStopping = Atomic<Bool>(false)
    private let sleepers = Atomic<Int>(0)
    private let condition = NSCondition()
    /// Which threads they are; the first is who called `run`. 0 is nobody.
    private let members: UnsafeMutablePointer<Atomic<UInt>>
    /// Changes before `generation` does, and after `remaining` is 0.
    private var work: ((Int) -> Void)?

    init(threadCount: Int, name: String) {
        self.threadCount = threadCount
        // More threads than processors wait for each other's turn.
        let isCrowded = threadCount > Processors.allowed
        (patienceAtWork, patienceBetween) = (Patience(isNone: isCrowded), Patience(isNone: isCrowded))
        members = .allocate(capacity: threadCount)
        for index in 0..<threadCount { (members + index).initialize(to: Atomic(0)) }
        for index in 1..<threadCount {
            guard SystemThread.start("\(name) \(index)", stackSize: 4 << 20, { [self] in loop(index) }) else {
                (members + index).deinitialize(count: threadCount - index)
                self.threadCount = index
                break
            }
        }
    }

    deinit {
        members.deinitialize(count: threadCount)
        members.deallocate()
    }

    /// Whether the thread that asks is at work for the crew.
    var isRunningHere: Bool {
        let own = Core.ownThread
        return (0..<threadCount).contains { members[$0].load(ordering: .relaxed) == own }
    }

    private static var ownThread: UInt { UInt(pthread_self()) }

    func run(_ body: @escaping (Int) -> Void) {
        work = body
        members[0].store(Core.ownThread, ordering: .relaxed)
        remaining.store(threadCount - 1, ordering: .relaxed)
        generation.add(1, ordering: .releasing)
        wake()
        body(0)
        wait(patienceAtWork) { remaining.load(ordering: .acquiring) == 0 }
        members[0].store(0, ordering: .relaxed)
        work = nil
    }

    func barrier() {
        if threadCount == 1 { return }
        let current = phase.load(ordering: .acquiring)
        if arrived.add(1, ordering: .acquiringAndReleasing).newValue == threadCount {
            arrived.store(0, ordering: .relaxed)
            phase.add(1, ordering: .releasing)
            wake()
        } else {
            wait(patienceAtWork) { phase.load(ordering: .acquiring) != current }
        }
    }

    var barrierCount: Int { phase.load(ordering: .relaxed) }

    /// Threads end. Nobody waits for them.
    func stop() {
        isStopping.store(true, ordering: .releasing)
        wake()
    }

    private func loop(_ index: Int) {
        members[index].store(Core.ownThread, ordering: .relaxed)
        var seen = 0
        while true {
            wait(patienceBetween) { generation.load(ordering: .acquiring) != seen || isStopping.load(ordering: .acquiring) }
            if isStopping.load(ordering: .acquiring) { return }
            seen = generation.load(ordering: .acquiring)
            work?(index)
            if remaining.subtract(1, ordering: .acquiringAndReleasing).newValue == 0 { wake() }
        }
    }

    // MARK: - Waiting

    private func wait(_ patience: Patience, until isDone: () -> Bool) {
        if patience.looks(until: isDone) { return }
        condition.lock()
        sleepers.add(1, ordering: .relaxed)
        // Either this thread sees what has changed, or who changed it sees that it sleeps.
        atomicMemoryFence(ordering: .sequentiallyConsistent)
        while !isDone() { condition.wait() }
        sleepers.subtract(1, ordering: .relaxed)
        condition.unlock()
    }

    /// After a change that threads may wait for.
    private func wake() {
        atomicMemoryFence(ordering: .sequentiallyConsistent)
        guard sleepers.load(ordering: .relaxed) > 0 else { return }
        condition.lock()
        condition.broadcast()
        condition.unlock()
    }
}

/// For how long a thread looks before it sleeps: at most about as long as it costs to be woken, and less and less while it looks in vain,
/// as where another program has the processors.
private final class Patience: Sendable {
    private static let most = 50_000, least = 2_000
    private let nanoseconds: Atomic<Int>

    init(isNone: Bool) { nanoseconds = Atomic(isNone ? 0 : Patience.most) }

    /// False when patience has ended.
    func looks(until isDone: () -> Bool) -> Bool {
        if isDone() { return true }
        let patience = nanoseconds.load(ordering: .relaxed)
        if patience == 0 { return false }
        let start = DispatchTime.now().uptimeNanoseconds
        repeat {
            for _ in 0..<32 {
                CProcessor_pause()
                if isDone() {
                    if patience < Patience.most { nanoseconds.store(min(Patience.most, 2 * patience), ordering: .relaxed) }
                    return true
                }
            }
        } while DispatchTime.now().uptimeNanoseconds &- start < UInt64(patience)
        nanoseconds.store(max(Patience.least, patience / 2), ordering: .relaxed)
        return false
    }
}
