import Foundation
import Synchronization

/// How a long operation on tensors learns that the user wants it to stop.
public enum Cancellation {
    /// A flag that asks work to stop. Any thread or signal handler may raise it; all that work for the call look at it.
    public final class Flag: Sendable {
        @usableFromInline let state = Atomic<Bool>(false)

        public init() {}

        /// Whether work is asked to stop. Cheap enough for every turn of a loop.
        @inlinable public var isRaised: Bool { @inline(__always) get { state.load(ordering: .relaxed) } }
        public func raise() { state.store(true, ordering: .relaxed) }
        public func lower() { state.store(false, ordering: .relaxed) }
    }

    /// That of the running thread's work.
    @TaskLocal public static var flag: Flag?

    public static var isRequested: Bool { isRequested(flag) }

    /// The same of work that was given the flag itself.
    static func isRequested(_ flag: Flag?) -> Bool { flag?.isRaised ?? false }

    /// Throws `NASError.interrupted` where this task's `flag` is raised.
    public static func check() throws {
        if isRequested { throw NASError.interrupted }
    }

    /// Goes through so many items in parts of some milliseconds, until it is time to stop. What was not done is then left as it was:
    /// `Variable.record` and `Tensor.complete` throw before anybody gets such a result.
    @inline(__always) static func inParts(_ count: Int, itemSize: Int = 1, _ body: (Range<Int>) -> Void) {
        let step = max(1, (1 << 20) / max(1, itemSize))
        var start = 0
        while start < count, !isRequested {
            let end = min(count, start &+ step)
            body(start..<end)
            start = end
        }
    }

    /// Runs work that looks seldom or never whether it is to stop; where it is long, on a thread of its own, which is left to finish by
    /// itself when it is time to stop. The thread costs some hundredths of a millisecond. Work that is left has a flag of its own, which
    /// stays raised, so that it ends where it does look. What ranks do in step stays on its thread, where they meet.
    package static func abandoning<Result: Sendable>(when isLong: Bool, _ work: @escaping @Sendable () throws -> Result) throws -> Result {
        guard isLong, flag != nil, Ranks.inStep == nil else { return try work() }
        let outcome = Outcome<Result>()
        let isDone = DispatchSemaphore(value: 0)
        let own = Flag()
        let isStarted = SystemThread.start("padash work", stackSize: 16 << 20) {
            let result = Swift.Result { try Cancellation.$flag.withValue(own) { try work() } }
            outcome.result.withLock { $0 = result }
            isDone.signal()
        }
        guard isStarted else { return try work() }
        while isDone.wait(timeout: .now() + .milliseconds(20)) == .timedOut {
            guard isRequested else { continue }
            own.raise()
            // What waits for a terminal or pipe looks every 20 ms: it must not take what is typed next.
            _ = isDone.wait(timeout: .now() + .milliseconds(60))
            throw NASError.interrupted
        }
        guard let result = outcome.result.withLock({ $0 }) else { throw NASError.interrupted }
        return try result.get()
    }

    private final class Outcome<Result: Sendable>: Sendable {
        let result = Guarded<Swift.Result<Result, any Error>?>(nil)
    }
}
