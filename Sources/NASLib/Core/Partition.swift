/// How a batch is cut into chunks, and which thread has which of them.
///
/// Chunks, and groups of chunks that follow each other, depend on the batch's size alone. A sum over the batch is taken within each
/// chunk, then over the chunks of each group in order, then over the groups in order. The number of threads decides only who
/// computes what, and where it waits for the rest.
final class Partition {
    let batchSize: Int
    let threadCount: Int
    /// The examples of each chunk.
    let chunks: [Range<Int>]
    let groups: [Group]
    /// How many buffers hold sums over chunks or groups.
    let bufferCount: Int
    /// For each chunk, which of them, and whether it is the first that is added there.
    let buffers: [(index: Int, isFirst: Bool)]
    /// The chunks of each thread.
    private let shares: [Range<Int>]

    struct Group {
        var chunks: Range<Int>
        /// Whether several threads have chunks of it. One that has all of them adds them up in one buffer; otherwise each chunk's sum
        /// waits in a buffer of its own until all are there.
        var isShared: Bool
        var buffers: Range<Int>
    }

    /// More threads than chunks leave some without work.
    static let mostChunks = 32
    private static let mostGroups = 4

    init(batchSize: Int, threadCount: Int) {
        self.batchSize = batchSize
        self.threadCount = threadCount
        let chunkCount = min(batchSize, Partition.mostChunks), groupCount = min(batchSize, Partition.mostGroups)
        chunks = (0..<chunkCount).map { (batchSize * $0 / chunkCount)..<(batchSize * ($0 + 1) / chunkCount) }
        let shares = (0..<threadCount).map { (chunkCount * $0 / threadCount)..<(chunkCount * ($0 + 1) / threadCount) }
        var groups: [Group] = []
        var buffers: [(index: Int, isFirst: Bool)] = []
        for g in 0..<groupCount {
            let chunks = (chunkCount * g / groupCount)..<(chunkCount * (g + 1) / groupCount)
            let isShared = !shares.contains { $0.lowerBound <= chunks.lowerBound && chunks.upperBound <= $0.upperBound }
            let first = groups.last?.buffers.upperBound ?? 0
            for chunk in chunks { buffers.append(isShared ? (first + chunk - chunks.lowerBound, true) : (first, chunk == chunks.lowerBound)) }
            groups.append(Group(chunks: chunks, isShared: isShared, buffers: first..<first + (isShared ? chunks.count : 1)))
        }
        bufferCount = groups.last?.buffers.upperBound ?? 0
        (self.shares, self.groups, self.buffers) = (shares, groups, buffers)
    }

    func chunks(ofThread thread: Int) -> Range<Int> { shares[thread] }
}
