import Foundation

/// What ranks tell each other in a training step whose batch they share: each has its chunks of it, see `Partition`.
///
/// Batch statistics go to all, so that each rank normalises as if it had the whole batch. Gradients go along the ranks: each adds its own
/// to those of the ranks before it, as one thread would, and the last one tells all the sum. So results do not depend on the ranks.
final class BatchExchange {
    let ranks: Ranks
    /// Whether each rank normalises by its own part of the batch.
    let isLocal: Bool
    /// Whether a rank has been told to stop: it is known to all at the same exchange.
    private(set) var isStopping = false
    private let outgoing = AlignedBuffer(), incoming = AlignedBuffer()
    /// How the batch is shared, and see `recordsOfRanks`.
    private var partition = Partition(batchSize: 1, threadCount: 1)
    private var records: [[Int]] = []
    private var mostExamples = 0

    /// A message begins with whether its rank is to stop, in as many bytes as keep what follows aligned.
    private static let header = 64
    private static let tag: Int32 = 3
    /// Floats that go along the ranks at a time, so that several ranks are at work.
    private static let sliceCount = 1 << 16
    static let sliceBytes = sliceCount * MemoryLayout<Float>.stride

    init(_ ranks: Ranks, isLocal: Bool) { (self.ranks, self.isLocal) = (ranks, isLocal) }

    /// Makes room for what ranks tell each other of a batch. Throws where there is no memory for it.
    func prepare(_ layout: PlanLayout, _ partition: Partition) throws {
        if partition !== self.partition {
            self.partition = partition
            records = partition.recordsOfRanks
            mostExamples = (0..<ranks.count).map { partition.examples(ofRank: $0).count }.max() ?? 0
        }
        let most = max(
            statisticsBytes(channels: layout.statisticsCount), mostExamples * MemoryLayout<CrossEntropy.Results.Example>.stride)
        let floats = (BatchExchange.header + most) / MemoryLayout<Float>.stride
        try outgoing.ensure(floats)
        try incoming.ensure(floats * ranks.count)
    }

    /// Before a pass over a batch.
    func begin() { isStopping = false }

    /// Of each record two sums a channel.
    private func statisticsBytes(channels: Int) -> Int {
        2 * channels * (records.map(\.count).max() ?? 0) * MemoryLayout<Double>.stride
    }

    // MARK: - To all

    /// Each rank's message of the same size, to all. `write` gets this rank's, `read` those of others.
    private func tellAll(
        bytes: Int, isStopping: Bool, write: (UnsafeMutableRawPointer) -> Void, read: (_ rank: Int, UnsafeRawPointer) -> Void
    ) {
        let size = BatchExchange.header + bytes
        let (own, all) = (UnsafeMutableRawPointer(outgoing.pointer), UnsafeMutableRawPointer(incoming.pointer))
        own.storeBytes(of: isStopping ? 1 : 0, as: UInt8.self)
        write(own + BatchExchange.header)
        ranks.allGather(own, count: size, into: all)
        for rank in 0..<ranks.count {
            let message = all + rank * size
            if message.load(as: UInt8.self) != 0 { self.isStopping = true }
            if rank != ranks.rank { read(rank, message + BatchExchange.header) }
        }
    }

    /// All ranks come to have the sums of all chunks and groups that some normalizers need.
    func tell(_ statistics: BatchStatistics.View, of normalizers: [Normalizer], _ pass: BatchStatistics.View.Pass, isStopping: Bool) {
        for normalizer in normalizers { normalizer.addUpSharedGroups(statistics, pass) }
        func forRecords(of rank: Int, _ body: (_ place: Int, UnsafeMutablePointer<Double>, _ count: Int) -> Void) {
            var place = 0
            for normalizer in normalizers {
                for record in records[rank] {
                    body(place, statistics.sums(normalizer.start, chunk: record, pass, channels: normalizer.row), 2 * normalizer.row)
                    place += 2 * normalizer.row
                }
            }
        }
        tellAll(bytes: statisticsBytes(channels: normalizers.reduce(0) { $0 + $1.row }), isStopping: isStopping) { own in
            let numbers = own.assumingMemoryBound(to: Double.self)
            forRecords(of: ranks.rank) { place, sums, count in (numbers + place).update(from: sums, count: count) }
        } read: { rank, message in
            let numbers = message.assumingMemoryBound(to: Double.self)
            forRecords(of: rank) { place, sums, count in sums.update(from: numbers + place, count: count) }
        }
    }

    /// All ranks come to have each example's results.
    func tell(_ results: CrossEntropy.Results, isStopping: Bool) {
        typealias Example = CrossEntropy.Results.Example
        let size = MemoryLayout<Example>.stride
        tellAll(bytes: mostExamples * size, isStopping: isStopping) { own in
            for (i, example) in partition.examples(ofRank: ranks.rank).enumerated() {
                own.storeBytes(of: results[example], toByteOffset: i * size, as: Example.self)
            }
        } read: { rank, message in
            for (i, example) in partition.examples(ofRank: rank).enumerated() {
                results[example] = message.load(fromByteOffset: i * size, as: Example.self)
            }
        }
    }

    // MARK: - Along the ranks

    /// All ranks come to have the sums of all chunks' gradients. `addUp` adds this rank's to those of the ranks before it, at some places:
    /// `sums` are of whole groups of chunks, `parts` of a group whose chunks go on in the next rank.
    func addUp(
        _ sums: UnsafeMutablePointer<Float>, parts: UnsafeMutablePointer<Float>, count: Int, _ addUp: (Range<Int>) -> Void
    ) {
        let atWork = (0..<ranks.count).filter { !partition.rankShares[$0].isEmpty }
        guard let last = atWork.last else { return }
        if let place = atWork.firstIndex(of: ranks.rank) {
            var sent: [MPI.Request] = []
            let own = partition.rankShares[ranks.rank]
            func cutsGroup(_ chunk: Int) -> Bool {
                partition.groups.contains { $0.chunks.lowerBound < chunk && chunk < $0.chunks.upperBound }
            }
            for start in stride(from: 0, to: count, by: BatchExchange.sliceCount) {
                let slice = start..<min(count, start + BatchExchange.sliceCount)
                func bytes(_ floats: UnsafeMutablePointer<Float>) -> UnsafeMutableRawBufferPointer {
                    UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(start: floats + slice.lowerBound, count: slice.count))
                }
                func messages(at chunk: Int) -> [UnsafeMutableRawBufferPointer] {
                    [bytes(sums)] + (cutsGroup(chunk) ? [bytes(parts)] : [])
                }
                if place > 0 {
                    for message in messages(at: own.lowerBound) { ranks.receive(message, from: atWork[place - 1], tag: BatchExchange.tag) }
                }
                addUp(slice)
                if place + 1 < atWork.count {
                    sent += messages(at: own.upperBound).map {
                        ranks.beginSending(UnsafeRawBufferPointer($0), to: atWork[place + 1], tag: BatchExchange.tag)
                    }
                }
            }
            for request in sent { ranks.finish(request) }
        }
        ranks.broadcast(UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(start: sums, count: count)), from: last)
    }
}
