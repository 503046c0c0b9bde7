/// A distribution over training examples that learns from their scores, such as the bounds of their gradient norms
/// (Katharopoulos and Fleuret, 2018; PA&DA, arXiv 2302.14772): q = s * norm / sum of norms + (1 - s) / N.
public final class ItemImportance: ItemSampler, ImportanceSampler, @unchecked Sendable {
    public let mode: SamplingMode
    public let score: ItemScore
    public private(set) var probabilities: [Double]
    private var table: AliasTable?
    /// What an epoch has seen: the mean norm of each example (in reference mode the running value), and how many norms it is of.
    private var observed: [Double]
    private var counts: [Int]
    /// Last known norms; below 0 as long as there is none.
    private var known: [Double]

    public init(count: Int, mode: SamplingMode = .stable, score: ItemScore = .bound) throws {
        guard count > 0 else { throw NASError(.value, "there are no examples to draw") }
        try MemoryAccount.ask(count * ItemImportance.bytesEach)
        self.mode = mode
        self.score = score
        probabilities = Array(repeating: 1 / Double(count), count: count)
        observed = Array(repeating: 0, count: count)
        counts = Array(repeating: 0, count: count)
        known = Array(repeating: -1, count: count)
    }

    public var count: Int { probabilities.count }
    /// The memory of its numbers for each example, and of the table that draws once it has learnt.
    public var byteCount: Int { count * (table == nil ? 32 : ItemImportance.bytesEach) }
    private static let bytesEach = 52

    public func draw(using generator: inout Generator) -> Int { table?.draw(using: &generator) ?? generator.below(count) }

    /// The examples of an epoch, as many as the dataset has: with replacement once the distribution has learnt, before that each once.
    public func epoch(using generator: inout Generator) -> [Int] {
        if let table { return (0..<count).map { _ in table.draw(using: &generator) } }
        var order = Array(0..<count)
        generator.shuffle(&order)
        return order
    }

    /// 1 / (N q): what makes the gradient of a step unbiased. Throws for an example that is never drawn.
    public func weight(of index: Int) throws -> Double {
        try check(index)
        let weight = 1 / (Double(count) * probabilities[index])
        guard Float(weight).isFinite else { throw never("example \(index)") }
        return weight
    }

    private func check(_ index: Int) throws {
        guard probabilities.indices.contains(index) else { throw NASError(.value, "there is no example \(index) among \(count)") }
    }

    /// Takes in one norm for each of a batch's examples.
    public func observe(_ indices: [Int], norms: [Double]) throws {
        try check(norms: norms, count: indices.count, of: "examples")
        try indices.forEach(check)
        for (i, norm) in zip(indices, norms) {
            counts[i] += 1
            if mode == .reference {
                observed[i] = counts[i] == 1 ? norm : Shares.midpoint(observed[i], norm)
            } else {
                observed[i] = Shares.mean(observed[i], adding: norm, count: counts[i])
            }
        }
    }

    /// Makes the probabilities anew from what was observed. `smoothing` is the weight of the learnt part,
    /// which is in proportion to score^(1 / temperature). O(N).
    public func refresh(smoothing: Double, temperature: Double = 1) throws {
        try check(smoothing: smoothing)
        try check(temperature: temperature)
        probabilities = Shares.probabilities(
            of: mode == .reference ? observed : learntNorms(), smoothing: smoothing, temperature: temperature)
        table = AliasTable(weights: probabilities)
        for i in observed.indices { (observed[i], counts[i]) = (0, 0) }
    }

    private func learntNorms() -> [Double] {
        for i in observed.indices where counts[i] > 0 { known[i] = observed[i] }
        let mean = Shares.mean(of: known.filter { $0 >= 0 })
        return known.map { $0 >= 0 ? $0 : mean }
    }
}

extension ItemImportance: Checkpointable {
    private var structure: String { "mode \"\(mode.rawValue)\", score \"\(score.rawValue)\"" }

    public func save(to archive: inout ArchiveWriter) {
        archive.write(structure)
        for numbers in [probabilities, observed, known] { archive.write(numbers) }
        archive.write(counts)
        archive.write(byte: table == nil ? 0 : 1)
    }

    public func restoration(from archive: inout ArchiveReader) throws -> () -> Void {
        let saved = try archive.text()
        let (probabilities, observed, known) = (try archive.doubles(), try archive.doubles(), try archive.doubles())
        let (counts, hasTable) = (try archive.ints(), try archive.byte() == 1)
        guard saved == structure else { throw NASError(.value, "the saved sampler has \(saved), this one \(structure)") }
        guard probabilities.count == count else {
            throw NASError(.value, "the saved sampler is over \(probabilities.count) examples, this one over \(count)")
        }
        guard [observed.count, known.count, counts.count].allSatisfy({ $0 == count }) else {
            throw archive.error("expected the state of \(count) examples")
        }
        let table = hasTable ? AliasTable(weights: probabilities) : nil
        guard (table != nil) == hasTable else { throw archive.error("expected probabilities, one of them positive") }
        return { [self] in
            self.probabilities = probabilities
            self.table = table
            (self.observed, self.counts, self.known) = (observed, counts, known)
        }
    }
}
