import Foundation
import NASLib

/// Turns signals into calls on a thread of their own, where anything may be done.
///
/// A handler proper may run on any thread (OpenBLAS starts some before `main`), in the middle of anything; so it only
/// writes the signal's number into a pipe.
enum Signals {
    /// What would end the process is told by the write's result: a reader that has gone away, a file that grew beyond its limit.
    static let ignored = [SIGPIPE, SIGXFSZ]

    nonisolated(unsafe) private static var pipeEnd: Int32 = -1

    /// From now on the signals call `handler` instead of ending the process. To be called once.
    static func watch(_ signals: [Int32], _ handler: @escaping @Sendable (Int32) -> Void) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { return }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        pipeEnd = ends[1]
        let source = ends[0]
        let isStarted = SystemThread.start("padash signals", stackSize: 1 << 20) {
            var number: UInt8 = 0
            while true {
                if read(source, &number, 1) == 1 { handler(Int32(number)) } else if errno != EINTR { return }
            }
        }
        // Without it signals do what they do by themselves.
        guard isStarted else { return }
        for signal in signals {
            var action = sigaction()
            action.__sigaction_handler.sa_handler = { signal in
                let saved = errno
                var number = UInt8(truncatingIfNeeded: signal)
                _ = write(Signals.pipeEnd, &number, 1)
                errno = saved
            }
            action.sa_flags = SA_RESTART
            sigaction(signal, &action, nil)
        }
        // Whoever started the process may have blocked them, as Dispatch's worker threads do.
        var set = sigset_t()
        sigemptyset(&set)
        for signal in signals { sigaddset(&set, signal) }
        pthread_sigmask(SIG_UNBLOCK, &set, nil)
    }
}
