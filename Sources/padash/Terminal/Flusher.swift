import Foundation
import NASLib

/// Does something a moment after it is asked to, on a thread of its own. (Dispatch waits for ever where the system has no room for its
/// threads.)
final class Flusher: @unchecked Sendable {
    private let condition = NSCondition()
    private let delay: Double
    private var isDue = false
    private var isRunning = false
    var flush: () -> Void = {}

    init(delay: Double) { self.delay = delay }

    /// False where there is no thread to do it.
    func schedule() -> Bool {
        condition.lock()
        defer { condition.unlock() }
        if !isRunning { isRunning = SystemThread.start("padash output", stackSize: 1 << 20) { [self] in loop() } }
        if !isDue {
            isDue = true
            condition.signal()
        }
        return isRunning
    }

    private func loop() {
        while true {
            condition.lock()
            while !isDue { condition.wait() }
            condition.unlock()
            Thread.sleep(forTimeInterval: delay)
            condition.lock()
            isDue = false
            condition.unlock()
            flush()
        }
    }
}
