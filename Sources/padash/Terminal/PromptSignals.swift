import Foundation

/// Signals that came while the prompt was waiting, for the thread that waits there.
final class PromptSignals: @unchecked Sendable {
    private let lock = NSLock()
    private var isWaiting = false
    private var ends: [Int32] = [-1, -1]

    /// From here on signals are for the prompt.
    private let onWait: @Sendable () -> Void

    enum Event { case input, signal(Int32) }

    init(onWait: @escaping @Sendable () -> Void) {
        self.onWait = onWait
        guard pipe(&ends) == 0 else { return }
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
    }

    /// Hands a signal to the prompt; false when it is not waiting.
    func post(_ signal: Int32) -> Bool {
        lock.withLock {
            guard isWaiting else { return false }
            var number = UInt8(truncatingIfNeeded: signal)
            _ = write(ends[1], &number, 1)
            return true
        }
    }

    /// Runs `body` while signals go to `next`.
    func whileWaiting<Result>(_ body: () -> Result) -> Result {
        var number: UInt8 = 0
        while read(ends[0], &number, 1) == 1 {}
        lock.withLock { isWaiting = true }
        onWait()
        defer { lock.withLock { isWaiting = false } }
        return body()
    }

    /// Waits until standard input can be read, or a signal comes.
    func next() -> Event {
        while true {
            var sources = [pollfd(fd: ends[0], events: Int16(POLLIN), revents: 0), pollfd(fd: 0, events: Int16(POLLIN), revents: 0)]
            guard poll(&sources, 2, -1) > 0 else { continue }
            var number: UInt8 = 0
            if sources[0].revents != 0, read(ends[0], &number, 1) == 1 { return .signal(Int32(number)) }
            if sources[1].revents != 0 { return .input }
        }
    }
}
