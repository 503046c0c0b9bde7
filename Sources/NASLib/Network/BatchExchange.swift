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
    private let outgoing = ByteBuffer(), incoming = ByteBuffer()

    /// A message begins with whether its rank is to stop, in as many bytes as keep what follows aligned.
    private static let header = 64
    private static let tag: Int32 = 3
    /// Floats that go along the ranks at a time, so that several ranks are at work.
    private static let sliceCount = 1 << 16
    static let sliceBytes = sliceCount * MemoryLayout<Float>.stride

    init(_ ranks: Ranks, isLocal: Bool) { (self.ranks, self.isLocal) = (ranks, isLocal) }

    /// Before a pass over a batch.
    func begin() { isStopping = false }

    // MARK: - To all

    /// Each rank's message of the same size, to all. `write` gets this rank's, `read` those of others.
    private func tellAll(
        bytes: Int, isStopping: Bool, write: (UnsafeMutableRawPointer) -> Void, read: (_ rank: Int, UnsafeRawPointer) -> Void
    ) {
        let size = BatchExchange.header + bytes
        let (own, all) = (outgoing.bytes(size), incoming.bytes(size * ranks.count))
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
        let partition = statistics.partition
        for normalizer in normalizers { normalizer.addUpSharedGroups(statistics, pass) }
        let records = (0..<ranks.count).map { partition.records(ofRank: $0) }
        let channels = normalizers.reduce(0) { $0 + 2 * $1.row }
        func forRecords(of rank: Int, _ body: (_ place: Int, UnsafeMutablePointer<Double>, _ count: Int) -> Void) {
            var place = 0
            for normalizer in normalizers {
                for record in records[rank] {
                    body(place, statistics.sums(normalizer.start, chunk: record, pass, channels: normalizer.row), 2 * normalizer.row)
                    place += 2 * normalizer.row
                }
            }
        }
        tellAll(bytes: channels * (records.map(\.count).max() ?? 0) * MemoryLayout<Double>.stride, isStopping: isStopping) { own in
            let numbers = own.assumingMemoryBound(to: Double.self)
            forRecords(of: ranks.rank) { place, sums, count in (numbers + place).update(from: sums, count: count) }
        } read: { rank, message in
            let numbers = message.assumingMemoryBound(to: Double.self)
            forRecords(of: rank) { place, sums, count in sums.update(from: numbers + place, count: count) }
        }
    }

    /// All ranks come to have each example's results.
    func tell(_ results: CrossEntropy.Results, _ partition: Partition, isStopping: Bool) {
        let most = (0..<ranks.count).map { partition.examples(ofRank: $0).count }.max() ?? 0
        let size = MemoryLayout<CrossEntropy.Results.Example>.stride
        tellAll(bytes: most * size, isStopping: isStopping) { own in
            for (i, example) in partition.examples(ofRank: ranks.rank).enumerated() { own.storeBytes(of: results[example], toByteOffset: i * size, as: CrossEntropy.Results.Example.self) }
        } read: { rank, message in
            for (i, example) in partition.examples(ofRank: rank).enumerated() { results[example] = message.load(fromByteOffset: i * size, as: CrossEntropy.Results.Example.self) }
        }
    }

    // MARK: - Along the ranks

    /// All ranks come to have the sums of all chunks' gradients. `addUp` adds this rank's to those of the ranks before it, at some places:
    /// `sums` are of whole groups of chunks, `parts` of a group whose chunks go on in the next rank.
    func addUp(_ partition: Partition, _ sums: UnsafeMutablePointer<Float>, parts: UnsafeMutablePointer<Float>, count: Int, _ addUp: (Range<Int>) -> Void) {
        let atWork = (0..<ranks.count).filter { !partition.rankShares[$0].isEmpty }
        guard let last = atWork.last else { return }
        if let place = atWork.firstIndex(of: ranks.rank) {
            var sent: [MPI.Request] = []
            let own = partition.rankShares[ranks.rank]
            func cutsGroup(_ chunk: Int) -> Bool { partition.groups.contains { $0.chunks.lowerBound < chunk && chunk < $0.chunks.upperBound } }
            for start in stride(from: 0, to: count, by: BatchExchange.sliceCount) {
                let slice = start..<min(count, start + BatchExchange.sliceCount)
                func bytes(_ floats: UnsafeMutablePointer<Float>) -> UnsafeMutableRawBufferPointer {
                    UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(start: floats + slice.lowerBound, count: slice.count))
                }
                func messages(at chunk: Int) -> [UnsafeMutableRawBufferPointer] { [bytes(sums)] + (cutsGroup(chunk) ? [bytes(parts)] : []) }
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

/// Memory for messages, that only grows.
private final class ByteBuffer {
    private var memory = UnsafeMutableRawPointer.allocate(byteCount: 64, alignment: 64)
    private var capacity = 64

    func bytes(_ count: Int) -> UnsafeMutableRawPointer {
        if count > capacity {
            memory.deallocate()
            memory = .allocate(byteCount: count, alignment: 64)
            capacity = count
        }
        return memory
    }

    deinit { memory.deallocate() }
}
