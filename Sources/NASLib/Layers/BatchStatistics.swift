/// The memory of what batch normalisations know of the batch, see `View`.
final class BatchStatistics {
    private var sums = BatchStatistics.allocate(8)
    private(set) var capacity = 8
    /// Each thread computes the vectors for itself: that is cheaper than to meet once more.
    private var vectors: [AlignedBuffer] = []

    private static func allocate(_ count: Int) -> UnsafeMutableRawPointer { .allocate(byteCount: count * 8, alignment: 64) }

    /// Room for so many channels in all.
    func ensure(channels: Int, _ partition: Partition) throws {
        let count = channels * 4 * partition.recordCount
        if count > capacity {
            sums.deallocate()
            sums = BatchStatistics.allocate(count)
            capacity = count
        }
        while vectors.count < partition.threadCount { vectors.append(AlignedBuffer()) }
        for vector in vectors.prefix(partition.threadCount) { try vector.ensure(channels * View.Kind.allCases.count) }
    }

    /// `isLocal`: of the rank's own part of the batch.
    func view(_ partition: Partition, thread: Int, isLocal: Bool = false) -> View {
        View(partition: partition, thread: thread, isLocal: isLocal, sums: sums.assumingMemoryBound(to: Double.self), vectors: vectors[thread].pointer)
    }

    deinit { sums.deallocate() }
}

extension Partition {
    /// Sums are kept of each chunk, and of each group.
    fileprivate var recordCount: Int { chunks.count + groups.count }

    /// For each rank the records that it tells the others: those of the groups that it has all chunks of, and of its chunks of other groups.
    var recordsOfRanks: [[Int]] {
        rankShares.map { share in
            groups.enumerated().flatMap { g, group in
                let own = group.chunks.clamped(to: share)
                return own == group.chunks ? [chunks.count + g] : Array(own)
            }
        }
    }
}

extension BatchStatistics {
    /// A thread's view of them: for each chunk, and for each group of chunks that one thread has, two sums a channel (forward: mean
    /// and squared deviations; backward: of dy and of dy * (x - mean)), and the vectors that they turn into.
    struct View {
        let partition: Partition
        let thread: Int
        /// Whether the rank's own part of the batch is taken for the whole.
        let isLocal: Bool
        fileprivate let sums: UnsafeMutablePointer<Double>
        fileprivate let vectors: UnsafeMutablePointer<Float>

        /// y = (x - mean) * scale + shift and dx = dy * scale - (x - mean) * product - offset; `rest` is what the mean lost when it
        /// became a float, `inverse` 1 / deviation.
        enum Kind: Int, CaseIterable { case mean, rest, inverse, scale, shift, product, offset }
        enum Pass: Int { case forward, backward }
    }
}

extension BatchStatistics.View {
    func vector(_ start: Int, _ kind: Kind, channels: Int) -> UnsafeMutablePointer<Float> {
        vectors + start * Kind.allCases.count + kind.rawValue * channels
    }

    /// The two sums of a chunk (or, after the chunks, of a group), the second `channels` numbers after the first.
    func sums(_ start: Int, chunk: Int, _ pass: Pass, channels: Int) -> UnsafeMutablePointer<Double> {
        sums + start * 4 * partition.recordCount + (chunk * 2 + pass.rawValue) * 2 * channels
    }

    // MARK: - Over the batch

    /// The groups that a thread has all chunks of: it adds them up before the others ask.
    func addUpGroups(_ start: Int, _ pass: Pass, pixels: Int, channels: Int) {
        let chunks = partition.chunks(ofThread: thread)
        for (g, group) in partition.groups.enumerated() where !group.isShared && chunks.contains(group.chunks.lowerBound) {
            addUp(g, start, pass, pixels: pixels, channels: channels)
        }
    }

    /// The groups that several threads of a rank have all chunks of, when they have met, for the other ranks.
    func addUpSharedGroups(_ start: Int, _ pass: Pass, pixels: Int, channels: Int) {
        for (g, group) in partition.groups.enumerated() where group.isShared && group.own == group.chunks {
            addUp(g, start, pass, pixels: pixels, channels: channels)
        }
    }

    private func addUp(_ g: Int, _ start: Int, _ pass: Pass, pixels: Int, channels: Int) {
        let chunks = partition.groups[g].chunks
        let target = sums(start, chunk: partition.chunks.count + g, pass, channels: channels)
        for block in 0..<channels / 8 {
            switch pass {
            case .forward:
                let moments = chunkMoments(start, chunks, pixels: pixels, channels: channels, block: block)
                target.vectors[block] = moments.mean
                (target + channels).vectors[block] = moments.deviations
            case .backward:
                let (deltas, products) = chunkSums(start, chunks, channels: channels, block: block)
                target.vectors[block] = deltas
                (target + channels).vectors[block] = products
            }
        }
    }

    /// The examples that are taken together.
    var exampleCount: Int { isLocal ? partition.examples(ofRank: partition.rank).count : partition.batchSize }

    /// The records of a group's sums, in order.
    private func records(_ g: Int) -> Range<Int> {
        let group = partition.groups[g]
        if isLocal && group.own.isEmpty { return 0..<0 }
        if group.isShared { return isLocal ? group.own : group.chunks }
        return partition.chunks.count + g..<partition.chunks.count + g + 1
    }

    /// Of eight channels, when all threads have met.
    func moments(_ start: Int, pixels: Int, channels: Int, block: Int) -> Moments {
        var all = Moments()
        for (g, group) in partition.groups.enumerated() {
            let records = records(g)
            if records.isEmpty { continue }
            if group.isShared {
                all.add(chunkMoments(start, records, pixels: pixels, channels: channels, block: block))
            } else {
                let count = partition.chunks[group.chunks.upperBound - 1].upperBound - partition.chunks[group.chunks.lowerBound].lowerBound
                all.add(moments(start, record: records.lowerBound, count: count * pixels, channels: channels, block: block))
            }
        }
        return all
    }

    /// The sums of dy and of dy * (x - mean) of eight channels, when all threads have met.
    func deltaSums(_ start: Int, channels: Int, block: Int) -> (Doubles, Doubles) {
        var (deltas, products) = (Doubles.zero, Doubles.zero)
        for g in partition.groups.indices {
            let sums = chunkSums(start, records(g), channels: channels, block: block)
            deltas += sums.0
            products += sums.1
        }
        return (deltas, products)
    }

    private func moments(_ start: Int, record: Int, count: Int, channels: Int, block: Int) -> Moments {
        let sums = sums(start, chunk: record, .forward, channels: channels)
        return Moments(count: Double(count), mean: sums.vectors[block], deviations: (sums + channels).vectors[block])
    }

    private func chunkMoments(_ start: Int, _ chunks: Range<Int>, pixels: Int, channels: Int, block: Int) -> Moments {
        var all = Moments()
        for chunk in chunks { all.add(moments(start, record: chunk, count: partition.chunks[chunk].count * pixels, channels: channels, block: block)) }
        return all
    }

    private func chunkSums(_ start: Int, _ chunks: Range<Int>, channels: Int, block: Int) -> (Doubles, Doubles) {
        var (deltas, products) = (Doubles.zero, Doubles.zero)
        for chunk in chunks {
            let sums = sums(start, chunk: chunk, .backward, channels: channels)
            deltas += sums.vectors[block]
            products += (sums + channels).vectors[block]
        }
        return (deltas, products)
    }
}
