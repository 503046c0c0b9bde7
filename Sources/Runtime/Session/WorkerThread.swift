import Foundation
import NASLib

/// A thread with a large stack that runs one piece of work after another while the caller waits. Deeply nested
/// source, values and calls need more stack than a program's other threads have. It ends when this goes away.
final class WorkerThread: Sendable {
    private let desk = Desk()

    init() {
        // The thread holds the desk alone, so that the worker can go away.
        guard SystemThread.start("padash session", stackSize: Reservation.nativeStack, { [desk] in desk.serve() }) else {
            Reservation.fail("a thread with a stack of \(Reservation.nativeStack >> 20) MB")
        }
    }

    /// Runs `body` on the thread and waits for its result.
    func perform<Result>(_ body: @escaping () -> Result) -> Result {
        var result: Result?
        desk.hand { result = body() }
        return result.unsafelyUnwrapped
    }

    deinit { desk.close() }
}

/// Where work is handed over.
private final class Desk: @unchecked Sendable {
    private let condition = NSCondition()
    private var work: (() -> Void)?
    private var isOpen = true

    /// Does what is handed over until the desk is closed.
    func serve() {
        condition.lock()
        while true {
            while work == nil && isOpen { condition.wait() }
            guard work != nil else { break }
            condition.unlock()
            work?()
            condition.lock()
            work = nil
            condition.broadcast()
        }
        condition.unlock()
    }

    /// Returns when it is done.
    func hand(_ new: @escaping () -> Void) {
        condition.lock()
        while work != nil { condition.wait() }
        work = new
        condition.broadcast()
        while work != nil { condition.wait() }
        condition.unlock()
    }

    func close() {
        condition.lock()
        isOpen = false
        condition.broadcast()
        condition.unlock()
    }
}
