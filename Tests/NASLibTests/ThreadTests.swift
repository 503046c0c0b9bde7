import Foundation
import Synchronization
import Testing

@testable import NASLib

/// The number of threads decides how fast something is done, and nothing else.
@Suite struct ThreadTests {
    static let batchSizes = [1, 2, 3, 5, 31, 64, 65, 100, 256]
    static let threadCounts = [2, 3, 7, 16, 32]

    private func noise(_ shape: ImageShape, _ count: Int) -> Dataset {
        var generator = Generator(seed: 7)
        return Dataset(
            name: "noise", shape: shape, classes: 5, images: (0..<count * shape.count).map { _ in Float(generator.normal()) },
            labels: (0..<count).map { _ in Int32(generator.below(5)) })
    }

    /// Every kind of layer that has weights, on images of several sizes down to one pixel.
    private static func mixed() throws -> DeclaredSpace {
        let norm = Block.layer(.batchNormalization(affine: true)), relu = Block.relu
        return try DeclaredSpace(.sequence([
            .convolution(16, kernel: 3), norm,
            .choice(name: "a", candidates: [
                .init("dense", .sequence([relu, LayerParityTests.convolution(16, 3), norm])),
                .init("depthwise", .sequence([LayerParityTests.convolution(nil, 5), norm, LayerParityTests.convolution(nil, 3, bias: true)])),
                .init("grouped", .sequence([relu, LayerParityTests.convolution(16, 3, groups: 8, bias: true)])),
            ]),
            .layer(.layerNormalization(affine: true)), .layer(.squeezeExcite(reduction: 4)), .layer(.dropout(0.2)),
            LayerParityTests.convolution(24, 3, stride: 2, bias: true), norm, LayerParityTests.convolution(nil, 7), relu,
            LayerParityTests.maximum(2, 2, 0), .flatten, .linear(20), .layer(.batchNormalization(affine: false)), relu, .linear(5),
        ]))
    }

    /// What training, evaluation and ranking with some threads give.
    private func numbers(
        _ space: any NetworkSpace, _ paths: [Path], _ data: Dataset, batchSize: Int, threads: Int, isAlone: Bool = false
    ) throws -> [Double] {
        var generator = Generator(seed: 3)
        let net = try Supernet(
            space: space, input: data.shape, path: isAlone ? paths[0] : nil, generator: &generator, pool: WorkerPool(threadCount: threads))
        var numbers: [Double] = []
        for path in paths {
            var options = StepOptions(learningRate: 0.05)
            options.seed = 5
            let step = try net.step(path: path, batch: Batch(dataset: data, indices: Array(0..<batchSize)), options: options)
            numbers += [step.loss, step.gradientNorm] + step.candidateGradientNorms + step.exampleGradientBounds
        }
        numbers += net.weights.map(Double.init) + UnsafeBufferPointer(start: net.store.running, count: net.store.runningCount).map(Double.init)
        for evaluation in try net.rank(paths: paths, on: data, batchSize: batchSize) { numbers += [evaluation.loss, evaluation.top1] }
        return numbers
    }

    @Test(arguments: batchSizes)
    func sameBitsOfNASBench201(batchSize: Int) throws {
        let space = NASBench201(channels: 8, cells: 1, classes: 5)
        let paths = [Path([3, 3, 3, 3, 3, 3]), Path([2, 1, 4, 3, 0, 2])]
        let data = noise(ImageShape(height: 8, width: 8, channels: 3), 256)
        let one = try numbers(space, paths, data, batchSize: batchSize, threads: 1)
        for threads in Self.threadCounts {
            #expect(try numbers(space, paths, data, batchSize: batchSize, threads: threads) == one, "\(threads) threads")
        }
    }

    @Test(arguments: batchSizes)
    func sameBitsOfEveryLayer(batchSize: Int) throws {
        let space = try Self.mixed()
        let data = noise(ImageShape(height: 8, width: 8, channels: 3), 256)
        for (paths, isAlone) in [([Path([0]), Path([1]), Path([2])], false), ([Path([1])], true)] {
            let one = try numbers(space, paths, data, batchSize: batchSize, threads: 1, isAlone: isAlone)
            for threads in Self.threadCounts {
                #expect(try numbers(space, paths, data, batchSize: batchSize, threads: threads, isAlone: isAlone) == one, "\(threads) threads")
            }
        }
    }

    @Test(arguments: [1, 2, 3, 5, 8, 32, 40]) func ranksCoverTheBatch(ranks: Int) {
        for (batchSize, threads) in [(1, 1), (3, 2), (20, 3), (32, 1), (37, 2), (64, 4), (130, 1)] {
            let parts = (0..<ranks).map { Partition(batchSize: batchSize, threadCount: threads, rank: $0, rankCount: ranks) }
            let alone = Partition(batchSize: batchSize, threadCount: threads)
            // Chunks and groups are those of one rank alone; each chunk is one thread's of one rank.
            #expect(parts.allSatisfy { $0.chunks == alone.chunks && $0.groups.map(\.chunks) == alone.groups.map(\.chunks) })
            #expect(parts.flatMap { part in (0..<threads).flatMap { Array(part.chunks(ofThread: $0)) } } == Array(alone.chunks.indices))
            #expect((0..<ranks).flatMap { Array(parts[0].examples(ofRank: $0)) } == Array(0..<batchSize))
            for (rank, part) in parts.enumerated() {
                #expect(part.rankShares == parts[0].rankShares)
                #expect(part.groups.flatMap { Array($0.own) } == Array(part.rankShares[rank]))
                // The sums of this rank's chunks: in one buffer where the group is one thread's, or each in its own.
                for (group, buffers) in zip(part.groups, part.groupBuffers) {
                    #expect(buffers.count == (group.isShared ? group.own.count : min(1, group.own.count)))
                    #expect(Set(group.own.map { part.buffers[$0].index }) == Set(buffers))
                }
            }
        }
    }

    /// The formulas of docs/scaling.md, with numbers that make each term 1 second.
    @Test func stepsOfRanksTakeWhatTheModelSays() {
        let second = StepModel.speed / 3
        let compute = StepModel(batch: 32, multiplyAdds: second / 32, exchanges: 0, gradientBytes: 0)
        #expect(abs(compute.seconds(ranks: 1, threads: 1) - 1) < 1e-9 && abs(compute.seconds(ranks: 1, threads: 4) - 0.25) < 1e-9)
        // 32 chunks in portions of 7, after four meetings of three doublings each.
        #expect(abs(compute.seconds(ranks: 5, threads: 1) - 7 / 32 - 12 * StepModel.latency) < 1e-9)
        let gradient = StepModel(batch: 1, multiplyAdds: 0, exchanges: 96, gradientBytes: Int(exactly: StepModel.bandwidth) ?? 0)
        let slices = Double(BatchExchange.sliceBytes * 3) / StepModel.bandwidth
        #expect(abs(gradient.seconds(ranks: 4, threads: 1) - 200 * StepModel.latency - 2 - slices) < 1e-9)
        // Three paths: two at a time, then one, with their gradients of one second each.
        let path = StepModel(batch: 32, multiplyAdds: second / 32, exchanges: 9, gradientBytes: gradient.gradientBytes)
        #expect(abs(StepModel.seconds(paths: [path, path, path], ranks: 2, threads: 1) - 5 - 4 * StepModel.latency) < 1e-9)
        #expect(StepModel.seconds(paths: [path, path, path], ranks: 1, threads: 1) == 3)
    }

    @Test func chunksAndThreadsCoverTheBatch() {
        for batchSize in 1...130 {
            for threads in [1, 2, 3, 4, 5, 7, 8, 16, 31, 32, 33, 64] {
                let partition = Partition(batchSize: batchSize, threadCount: threads)
                #expect(partition.chunks.flatMap { Array($0) } == Array(0..<batchSize))
                #expect((0..<threads).flatMap { Array(partition.chunks(ofThread: $0)) } == Array(partition.chunks.indices))
                #expect(partition.groups.flatMap { Array($0.chunks) } == Array(partition.chunks.indices))
                // Enough for 32 threads from 64 examples on, in shares that differ by one chunk.
                if batchSize >= 64, threads <= 32 {
                    let shares = (0..<threads).map { partition.chunks(ofThread: $0).count }
                    #expect((shares.max() ?? 0) - (shares.min() ?? 0) <= 1 && shares.allSatisfy { $0 > 0 })
                }
                // Each buffer has one thread, begins once, and belongs to one group.
                for buffer in 0..<partition.bufferCount {
                    let chunks = partition.chunks.indices.filter { partition.buffers[$0].index == buffer }
                    #expect(chunks.count { partition.buffers[$0].isFirst } == 1 && partition.buffers[chunks[0]].isFirst)
                    #expect(Set((0..<threads).filter { !partition.chunks(ofThread: $0).clamped(to: chunks[0]..<chunks[chunks.count - 1] + 1).isEmpty }).count == 1)
                    #expect(zip(partition.groups, partition.groupBuffers).count { $1.contains(buffer) && $0.chunks.contains(chunks[0]) } == 1)
                }
                if [1, 2, 4].contains(threads) { #expect(partition.bufferCount == partition.groups.count) }
            }
        }
    }

    // MARK: - The pool

    @Test(arguments: [1, 2, 5, 32])
    func everyThreadMeetsTheOthers(threads: Int) throws {
        let crew = WorkerPool(threadCount: threads).crew
        for _ in 0..<20 {
            let before = Atomic<Int>(0), after = Atomic<Int>(0)
            crew.run { _ in
                for round in 1...10 {
                    before.add(1, ordering: .relaxed)
                    crew.barrier()
                    if before.load(ordering: .relaxed) < round * threads { after.add(1, ordering: .relaxed) }
                    crew.barrier()
                }
            }
            #expect(before.load(ordering: .relaxed) == 10 * threads && after.load(ordering: .relaxed) == 0)
        }
    }

    /// A process that makes many pools would run out of threads.
    @Test func threadsEndWithTheirPool() {
        func workers() -> Int {
            ((try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/task")) ?? []).count {
                (try? String(contentsOfFile: "/proc/self/task/\($0)/comm", encoding: .utf8))?.hasPrefix("pooltest") == true
            }
        }
        var pool: WorkerPool? = WorkerPool(threadCount: 4, name: "pooltest")
        pool?.crew.run { _ in }
        #expect(workers() == 3)
        pool?.resize(to: 6)
        pool?.crew.run { _ in }
        #expect(pool?.threadCount == 6)
        pool = nil
        for _ in 0..<200 where workers() > 0 { usleep(10_000) }
        #expect(workers() == 0)
    }

    @Test func thereIsAtLeastOneThread() {
        for count in [0, -3] {
            let pool = WorkerPool(threadCount: count)
            let calls = Atomic<Int>(0)
            pool.crew.run { _ in calls.add(1, ordering: .relaxed) }
            #expect(pool.threadCount == 1 && calls.load(ordering: .relaxed) == 1)
        }
    }

    /// Who runs keeps the threads that it began with.
    @Test func poolsChangeWhileTheyWork() {
        let pool = WorkerPool(threadCount: 3)
        let crew = pool.crew
        let calls = Atomic<Int>(0)
        crew.run { thread in
            if thread == 0 { pool.resize(to: 2) }
            crew.barrier()
            calls.add(1, ordering: .relaxed)
        }
        #expect(calls.load(ordering: .relaxed) == 3 && pool.threadCount == 2)
        pool.crew.run { _ in calls.add(1, ordering: .relaxed) }
        #expect(calls.load(ordering: .relaxed) == 5)
    }

    @Test func mapKeepsTheOrderAndThrowsTheFirstError() throws {
        struct Refusal: Error, Equatable { var item: Int }
        for threads in [1, 4] {
            let crew = WorkerPool(threadCount: threads).crew
            for portion in [1, 3, 100] {
                #expect(try crew.map(count: 50, portion: portion, purpose: "test") { range, _ in range.map { $0 * $0 } } == (0..<50).map { $0 * $0 })
                #expect(throws: Refusal(item: 17)) {
                    _ = try crew.map(count: 50, portion: portion, purpose: "test") { range, _ in
                        try range.map { if $0 >= 17 { throw Refusal(item: $0) } else { $0 } }
                    }
                }
            }
            #expect(try crew.map(count: 0, purpose: "test") { range, _ in Array(range) } == [])
        }
    }

    @Test func rankingThatIsStoppedThrows() throws {
        var generator = Generator(seed: 1)
        let data = noise(ImageShape(height: 8, width: 8, channels: 3), 8)
        let space = NASBench201(channels: 8, cells: 1, classes: 5)
        let net = try Supernet(space: space, input: data.shape, generator: &generator, pool: WorkerPool(threadCount: 3))
        let flag = Cancellation.Flag()
        net.cancellation = flag
        flag.raise()
        #expect(throws: NASError.self) { try net.rank(paths: (0..<9).map { space.path(at: $0 * 100) }, on: data) }
        flag.lower()
        #expect(try net.rank(paths: [space.path(at: 100)], on: data)[0].loss > 0)
    }

    // MARK: - How many there are

    @Test func settingIsAWholeNumber() throws {
        #expect(try WorkerPool.setting(["PADASH_THREADS": "7"]) == 7)
        #expect(try WorkerPool.setting([:]) >= 1)
        #expect(try WorkerPool.setting(["PADASH_THREADS": ""]) == WorkerPool.setting([:]))
        for text in ["0", "-1", "two", "1.5", "1025", "99999999999999999999", " 3"] {
            #expect(throws: NASError.self) { try WorkerPool.setting(["PADASH_THREADS": text]) }
        }
    }

    /// Control groups as Linux, Docker and systemd show them.
    @Test func quotasOfControlGroupsCount() {
        func quota(_ groups: String, _ mounts: String, _ files: [String: String]) -> Double? {
            Processors.quota(groups: groups, mounts: mounts) { files[$0] }
        }
        let unified = "25 1 0:22 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n"
        let older = "31 30 0:27 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n32 30 0:28 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
        #expect(quota("0::/\n", unified, ["/sys/fs/cgroup/cpu.max": "150000 100000\n"]) == 1.5)
        #expect(quota("0::/\n", unified, ["/sys/fs/cgroup/cpu.max": "max 100000\n"]) == nil)
        #expect(quota("0::/\n", unified, [:]) == nil)
        // The group's own limit, or a stricter one above it.
        let slices = ["/sys/fs/cgroup/user.slice/cpu.max": "200000 100000", "/sys/fs/cgroup/user.slice/job.scope/cpu.max": "max 100000"]
        #expect(quota("0::/user.slice/job.scope\n", unified, slices) == 2)
        // The mount begins at the container's own group.
        let container = "25 1 0:22 /docker/abc /sys/fs/cgroup ro - cgroup2 cgroup rw\n"
        #expect(quota("0::/docker/abc\n", container, ["/sys/fs/cgroup/cpu.max": "300000 100000"]) == 3)
        let files = [
            "/sys/fs/cgroup/cpu,cpuacct/docker/abc/cpu.cfs_quota_us": "-1\n", "/sys/fs/cgroup/cpu,cpuacct/docker/abc/cpu.cfs_period_us": "100000\n",
            "/sys/fs/cgroup/cpu,cpuacct/docker/cpu.cfs_quota_us": "250000\n", "/sys/fs/cgroup/cpu,cpuacct/docker/cpu.cfs_period_us": "100000\n",
        ]
        #expect(quota("4:memory:/docker/abc\n2:cpu,cpuacct:/docker/abc\n0::/\n", older, files) == 2.5)
        #expect(quota("garbage\n\n1:cpu\n", "no mounts", [:]) == nil)
    }
}
