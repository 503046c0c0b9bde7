/// How a batch is cut into chunks, and which thread of which rank has which of them.
///
/// Chunks, and groups of chunks that follow each other, depend on the batch's size alone. A sum over the batch is taken within each
/// chunk, then over the chunks of each group in order, then over the groups in order. The numbers of threads and of ranks decide only who
/// computes what, and where it waits for the rest.
final class Partition {
    let batchSize: Int
    let threadCount: Int
    /// The rank whose threads' shares these are, and of how many.
    let rank: Int
    let rankCount: Int
    /// The examples of each chunk.
    let chunks: [Range<Int>]
    let groups: [Group]
    /// For each group the buffers of this rank's chunks.
    let groupBuffers: [Range<Int>]
    /// How many buffers hold sums over chunks or groups.
    let bufferCount: Int
    /// For each chunk of this rank, which of them, and whether it is the first that is added there.
    let buffers: [(index: Int, isFirst: Bool)]
    /// The chunks of each rank.
    let rankShares: [Range<Int>]
    /// The chunks of each thread of this rank.
    private let shares: [Range<Int>]

    struct Group {
        var chunks: Range<Int>
        /// Those of this rank.
        var own: Range<Int>
        /// Whether several threads or ranks have chunks of it. One that has all of them adds them up in one buffer; otherwise each chunk's
        /// sum waits in a buffer of its own until all are there.
        var isShared: Bool
    }

    /// More threads than chunks leave some without work.
    static let mostChunks = 32
    private static let mostGroups = 4

    init(batchSize: Int, threadCount: Int, rank: Int = 0, rankCount: Int = 1) {
        (self.batchSize, self.threadCount, self.rank, self.rankCount) = (batchSize, threadCount, rank, rankCount)
        let chunkCount = min(batchSize, Partition.mostChunks), groupCount = min(batchSize, Partition.mostGroups)
        func part(_ i: Int, of count: Int, in whole: Range<Int>) -> Range<Int> {
            whole.lowerBound + whole.count * i / count..<whole.lowerBound + whole.count * (i + 1) / count
        }
        chunks = (0..<chunkCount).map { part($0, of: chunkCount, in: 0..<batchSize) }
        let rankShares = (0..<rankCount).map { part($0, of: rankCount, in: 0..<chunkCount) }
        let shares = (0..<threadCount).map { part($0, of: threadCount, in: rankShares[rank]) }
        let owners = shares + rankShares.indices.filter { $0 != rank }.map { rankShares[$0] }
        var groups: [Group] = []
        var groupBuffers: [Range<Int>] = []
        var buffers = Array(repeating: (index: 0, isFirst: true), count: chunkCount)
        var bufferCount = 0
        for g in 0..<groupCount {
            let chunks = part(g, of: groupCount, in: 0..<chunkCount)
            let own = chunks.clamped(to: rankShares[rank])
            let isShared = !owners.contains { chunks.clamped(to: $0) == chunks }
            let first = bufferCount
            for chunk in own { buffers[chunk] = isShared ? (first + chunk - own.lowerBound, true) : (first, chunk == own.lowerBound) }
            bufferCount += isShared ? own.count : min(1, own.count)
            groups.append(Group(chunks: chunks, own: own, isShared: isShared))
            groupBuffers.append(first..<bufferCount)
        }
        (self.rankShares, self.shares, self.groups) = (rankShares, shares, groups)
        (self.groupBuffers, self.buffers, self.bufferCount) = (groupBuffers, buffers, bufferCount)
    }

    func chunks(ofThread thread: Int) -> Range<Int> { shares[thread] }

    /// The examples of a rank.
    func examples(ofRank rank: Int) -> Range<Int> {
        let own = rankShares[rank]
        return own.isEmpty ? 0..<0 : chunks[own.lowerBound].lowerBound..<chunks[own.upperBound - 1].upperBound
    }
}
