import Foundation
import NASLib

/// A thread with a large stack that runs one piece of work after another while the caller waits. Deeply nested
/// source, values and calls need more stack than a program's other threads have.
final class WorkerThread: @unchecked Sendable {
    private let condition = NSCondition()
    private var work: (() -> Void)?
    private var isStopping = false

    init() {
        // The thread holds only the condition's shared state, so that the worker can go away.
        guard SystemThread.start("padash session", stackSize: Reservation.nativeStack, { [unowned(unsafe) self] in loop() }) else {
            Reservation.fail("a thread with a stack of \(Reservation.nativeStack >> 20) MB")
        }
    }

    private func loop() {
        condition.lock()
        while true {
            while work == nil && !isStopping { condition.wait() }
            guard let current = work else { break }
            condition.unlock()
            current()
            condition.lock()
            work = nil
            condition.broadcast()
        }
        isStopping = false
        condition.broadcast()
        condition.unlock()
    }

    /// Runs `body` on the thread and waits for its result.
    func perform<Result>(_ body: @escaping () -> Result) -> Result {
        var result: Result?
        condition.lock()
        while work != nil { condition.wait() }
        work = { result = body() }
        condition.broadcast()
        while work != nil { condition.wait() }
        condition.unlock()
        return result.unsafelyUnwrapped
    }

    deinit {
        condition.lock()
        isStopping = true
        condition.broadcast()
        while isStopping { condition.wait() }
        condition.unlock()
    }
}
