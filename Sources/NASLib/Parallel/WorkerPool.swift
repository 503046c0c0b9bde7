import Foundation
import Synchronization

/// Threads that all run the same function on their own part of the work and meet at barriers.
///
/// Threads spin for a moment when they wait, then yield, then sleep: the work of a step comes in pieces of microseconds.
/// Results must not depend on the number of threads: whoever reduces over the batch does so over a fixed number of
/// chunks, in order.
public final class WorkerPool: @unchecked Sendable {
    public let threadCount: Int
    private let generation = Atomic<Int>(0)
    private let remaining = Atomic<Int>(0)
    private let arrived = Atomic<Int>(0)
    private let phase = Atomic<Int>(0)
    private let condition = NSCondition()
    private var isStopping = false
    private var work: ((Int) -> Void)?
    private let lock = NSLock()

    /// One pool for the whole machine.
    public static let shared = WorkerPool(threadCount: min(8, allowedProcessors))

    /// How many processors this process may use: with `taskset -c 0`, or in a container that is kept to some of them, not all there are.
    private static var allowedProcessors: Int {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        if let mask = status.split(separator: "\n").first(where: { $0.hasPrefix("Cpus_allowed:") }) {
            return max(1, mask.dropFirst("Cpus_allowed:".count).reduce(0) { $0 + ($1.hexDigitValue?.nonzeroBitCount ?? 0) })
        }
        return max(1, ProcessInfo.processInfo.activeProcessorCount)
    }

    public init(threadCount: Int) {
        self.threadCount = threadCount
        for index in 1..<max(1, threadCount) {
            let thread = Thread { [unowned(unsafe) self] in loop(index) }
            thread.name = "padash worker \(index)"
            thread.stackSize = 4 << 20
            thread.start()
        }
    }

    /// Runs `body(thread)` on every thread, 0 being the caller, and returns when all are done. Calls do not nest.
    public func run(_ body: @escaping (Int) -> Void) {
        if threadCount == 1 { return body(0) }
        lock.lock()
        defer { lock.unlock() }
        work = body
        remaining.store(threadCount - 1, ordering: .relaxed)
        generation.add(1, ordering: .releasing)
        condition.lock()
        condition.broadcast()
        condition.unlock()
        body(0)
        WorkerPool.wait { self.remaining.load(ordering: .acquiring) == 0 }
        work = nil
    }

    /// Within `run`: returns when all threads have come here.
    public func barrier() {
        if threadCount == 1 { return }
        let current = phase.load(ordering: .acquiring)
        if arrived.add(1, ordering: .acquiringAndReleasing).newValue == threadCount {
            arrived.store(0, ordering: .relaxed)
            phase.add(1, ordering: .releasing)
        } else {
            WorkerPool.wait { self.phase.load(ordering: .acquiring) != current }
        }
    }

    private static func wait(until isDone: () -> Bool) {
        var spins = 0
        while !isDone() {
            spins += 1
            if spins > 4000 { sched_yield() }
        }
    }

    private func loop(_ index: Int) {
        var seen = 0
        while true {
            var spins = 0
            while generation.load(ordering: .acquiring) == seen, spins < 20_000 { spins += 1 }
            if generation.load(ordering: .acquiring) == seen {
                condition.lock()
                while generation.load(ordering: .acquiring) == seen && !isStopping { condition.wait() }
                condition.unlock()
            }
            if isStopping { return }
            seen = generation.load(ordering: .acquiring)
            work?(index)
            remaining.subtract(1, ordering: .releasing)
        }
    }
}
