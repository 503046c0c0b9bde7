/// The memory in which an executor computes: activations, partial gradients and what else it needs within a step.
///
/// Between steps it is only there to be used again. So all executors of the process together have half of the memory there is, and
/// where another one needs more than is left of that, those that rest lose theirs, the one that rested longest first.
final class Workspace: @unchecked Sendable {
    /// Workspaces that share a limit.
    final class Pool: Sendable {
        static let shared = Pool(limit: MemoryAccount.total / 2)

        let limit: Int
        fileprivate let registry = Guarded(Registry())

        init(limit: Int) { self.limit = limit }

        /// The error of work that would take so much.
        func excess(_ bytes: Int) -> NASError {
            NASError(
                .memory, "activations of \(MemoryAccount.text(bytes)) are more than the \(MemoryAccount.text(limit)) that they may take",
                hint: "smaller batches fit")
        }
    }

    fileprivate struct Entry {
        weak var workspace: Workspace?
        var bytes = 0
        var isResting = false
        /// The number of its last use.
        var lastUse = 0
    }

    fileprivate struct Registry {
        var entries: [ObjectIdentifier: Entry] = [:]
        var uses = 0

        /// Of those that rest and have anything, the one that does so longest.
        var longestResting: ObjectIdentifier? {
            entries.filter { $0.value.isResting && $0.value.bytes > 0 }.min { $0.value.lastUse < $1.value.lastUse }?.key
        }
    }

    private let pool: Pool
    /// Gives all of it back.
    private let release: () -> Void

    init(pool: Pool = .shared, release: @escaping () -> Void) { (self.pool, self.release) = (pool, release) }

    /// Before it grows to so many bytes; throws where they are not to be had. It is in use then, until `rest`.
    func begin(_ bytes: Int) throws {
        // Kept until the registry is free again, which those that go away need.
        var dropped: [Workspace] = []
        defer { dropped = [] }
        try pool.registry.withLock { registry in
            let id = ObjectIdentifier(self)
            registry.uses += 1
            var entry = registry.entries[id] ?? Entry(workspace: self)
            (entry.isResting, entry.lastUse) = (false, registry.uses)
            registry.entries[id] = entry
            let growth = bytes - entry.bytes
            guard growth > 0 else { return }
            var total = registry.entries.values.reduce(growth) { $0 + $1.bytes }
            while total > pool.limit || !MemoryAccount.has(growth), let other = registry.longestResting {
                total -= registry.entries[other]?.bytes ?? 0
                registry.entries[other]?.bytes = 0
                guard let workspace = registry.entries[other]?.workspace else { continue }
                workspace.release()
                dropped.append(workspace)
            }
            guard total <= pool.limit else { throw pool.excess(total) }
            try MemoryAccount.ask(growth)
            registry.entries[id]?.bytes = bytes
        }
    }

    /// Until the next `begin`, it may be taken away.
    func rest() { pool.registry.withLock { $0.entries[ObjectIdentifier(self)]?.isResting = true } }

    deinit { pool.registry.withLock { _ = $0.entries.removeValue(forKey: ObjectIdentifier(self)) } }
}
