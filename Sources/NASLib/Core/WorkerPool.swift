import Foundation

/// How many threads there are, and the crew that has so many.
public final class WorkerPool: Sendable {
    private let name: String
    private let current: Guarded<Crew>

    /// One pool for the whole machine, with as many threads as `setting` tells.
    public static let shared = WorkerPool(threadCount: (try? setting()) ?? Processors.allowed)

    /// To ask for more is a mistake.
    package static let mostThreads = 1024

    /// How many threads the environment's `PADASH_THREADS` asks for, or as many as there are processors that this process may use.
    package static func setting(_ environment: [String: String] = ProcessInfo.processInfo.environment) throws -> Int {
        guard let text = environment["PADASH_THREADS"], !text.isEmpty else { return min(Processors.allowed, mostThreads) }
        guard let count = Int(text), (1...mostThreads).contains(count) else {
            throw NASError(
                .value, "PADASH_THREADS is '\(text)'",
                hint: "it takes a number of threads from 1 to \(mostThreads); without it there are as many as this process has processors")
        }
        return count
    }

    /// A pool of its own, whose threads start when there is work.
    ///
    /// - Parameter name: what the system shows the threads by, with their numbers: 15 bytes at most.
    public init(threadCount: Int, name: String = "padash") {
        self.name = name
        current = Guarded(Crew(threadCount: threadCount, name: name))
    }

    public var threadCount: Int { crew.threadCount }

    /// Changes the number of threads for what begins to use the pool from here on. Networks that were made before keep theirs.
    public func resize(to threadCount: Int) {
        current.withLock { if $0.threadCount != max(1, threadCount) { $0 = Crew(threadCount: threadCount, name: name) } }
    }

    var crew: Crew { current.withLock(\.self) }
}
