import Foundation
import Testing

@testable import NASLib

/// What memory there is, and that executors share it.
@Suite struct MemoryAccountTests {
    /// A hierarchy of control groups in a folder.
    private func groups(_ files: [String: String]) throws -> String {
        let root = FileManager.default.temporaryDirectory.appendingPathComponent("padash-\(UUID().uuidString)")
        for (path, text) in files {
            let file = root.appendingPathComponent(path)
            try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: file)
        }
        return root.path
    }

    @Test func everyGroupOnTheWayUpBounds() throws {
        let root = try groups([
            "user/memory.max": "8000000\n", "user/memory.current": "5000000\n", "user/memory.stat": "anon 100\ninactive_file 1000000\n",
            "user/job/memory.max": "max\n", "user/job/memory.current": "4000000\n", "memory.max": "9000000", "memory.current": "6000000",
        ])
        defer { try? FileManager.default.removeItem(atPath: root) }
        let bounds = MemoryBound.containers(membership: "0::/user/job\n", root: root)
        #expect(Set(bounds.map { $0.limit - $0.inUse() }) == [4_000_000, 3_000_000])
    }

    @Test func groupsOfTheFirstVersionBound() throws {
        let root = try groups([
            "memory/docker/a/memory.limit_in_bytes": "700000\n", "memory/docker/a/memory.usage_in_bytes": "200000\n",
            "memory/memory.limit_in_bytes": "9223372036854771712\n",
        ])
        defer { try? FileManager.default.removeItem(atPath: root) }
        let bounds = MemoryBound.containers(membership: "12:cpu,cpuacct:/docker/a\n4:memory:/docker/a\n", root: root)
        #expect(bounds.map { $0.limit - $0.inUse() } == [500_000])
    }

    @Test func growthIsAskedForWhenItPassesAPowerOfTwo() {
        #expect(MemoryAccount.doubles(8, from: 7) && !MemoryAccount.doubles(9, from: 8) && MemoryAccount.doubles(40, from: 20))
        #expect(throws: NASError.self) { try MemoryAccount.ask(pieces: 1 << 40, from: 1 << 39, ofBytes: 1 << 10) }
        #expect(throws: Never.self) { try MemoryAccount.ask(pieces: (1 << 40) + 1, from: 1 << 40, ofBytes: 1 << 10) }
    }

    @Test func whatIsNotThereIsRefused() {
        #expect(throws: NASError.self) { try MemoryAccount.ask(.max) }
        #expect(throws: NASError.self) { try MemoryAccount.ask(floats: .max / 2) }
        #expect(throws: Never.self) { try MemoryAccount.ask(1 << 20) }
    }

    /// Counts how often its memory was taken away.
    private final class Owner {
        var releases = 0
        let pool: Workspace.Pool
        lazy var workspace = Workspace(pool: pool) { [unowned self] in releases += 1 }
        init(_ pool: Workspace.Pool) { self.pool = pool }
    }

    @Test func theOneThatRestsLongestMakesRoom() throws {
        let pool = Workspace.Pool(limit: 10_000)
        let (a, b, c) = (Owner(pool), Owner(pool), Owner(pool))
        for owner in [a, b] {
            try owner.workspace.begin(4_000)
            owner.workspace.rest()
        }
        try a.workspace.begin(4_000)
        a.workspace.rest()
        try c.workspace.begin(5_000)
        #expect(a.releases == 0 && b.releases == 1 && c.releases == 0)
        // It takes its own again.
        c.workspace.rest()
        try b.workspace.begin(4_000)
        #expect(a.releases == 1 && b.releases == 1 && c.releases == 0)
    }

    @Test func whatIsInUseStays() throws {
        let pool = Workspace.Pool(limit: 10_000)
        let (a, b) = (Owner(pool), Owner(pool))
        try a.workspace.begin(6_000)
        let error = #expect(throws: NASError.self) { try b.workspace.begin(5_000) }
        #expect(error?.hint == "smaller batches fit" && a.releases == 0)
        a.workspace.rest()
        try b.workspace.begin(5_000)
        #expect(a.releases == 1)
        #expect(throws: NASError.self) { try a.workspace.begin(11_000) }
    }

    @Test func whatGoesAwayIsNotCounted() throws {
        let pool = Workspace.Pool(limit: 10_000)
        do {
            let a = Owner(pool)
            try a.workspace.begin(9_000)
        }
        let b = Owner(pool)
        #expect(throws: Never.self) { try b.workspace.begin(9_000) }
    }

    /// A network that lost its buffers between two steps takes them again, and computes the same.
    @Test func anotherNetworksMemoryDoesNotChangeBits() throws {
        let data = try Digits.load().train
        let batch = Batch(dataset: data, indices: Array(0..<64))
        func losses(released: Bool) throws -> [Double] {
            var generator = Generator(seed: 1)
            let net = try Supernet(channels: 8, cells: 1, classes: 10, input: data.shape, generator: &generator)
            return try (0..<3).map { _ in
                if released { net.executor.releaseBuffers() }
                return try net.step(path: Path([3, 2, 1, 4, 3, 2]), batch: batch, options: StepOptions(learningRate: 0.1)).loss
            }
        }
        #expect(try losses(released: true) == losses(released: false))
    }
}
