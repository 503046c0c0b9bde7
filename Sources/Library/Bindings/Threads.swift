import NASLib
import Runtime

extension Library {
    static let threads: [Builtin] = [
        .fn("threads", "n: nil",
            """
            The number of threads for training and ranking networks; with `n`, sets it. The initial value is that of the environment \
            variable `PADASH_THREADS`, or the number of processors that this process may use. Results are the same bits with any number of \
            threads; a training step on a batch of 64 or more has work for 32.
            """,
            "let before = threads()\nthreads(2)  # => 2\nthreads(before) == before  # => true") { call in
            guard call.has(0), !call[0].isNil else { return .int(try World.value("threads") { WorkerPool.shared.threadCount }) }
            let count = try call.int(0)
            guard (1...WorkerPool.mostThreads).contains(count) else {
                throw call.invalid(0, "the number of threads must be from 1 to \(WorkerPool.mostThreads), not \(count)")
            }
            WorkerPool.shared.resize(to: count)
            return .int(count)
        },
    ]
}

package enum ThreadSetting {
    /// The mistake in the environment variable `PADASH_THREADS`; nil if it is valid.
    package static var mistake: String? {
        do {
            _ = try WorkerPool.setting()
            return nil
        } catch {
            return "\(error)"
        }
    }
}
