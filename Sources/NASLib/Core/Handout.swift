import Foundation
import Synchronization

/// Hands the items of some work out to ranks, one after the other to whoever asks next, and collects what they make of them.
///
/// The first rank keeps the counter, on a thread of its own beside its own work. Items are handed out in their order, and an item that has
/// been handed out is done; so where items fail, all before the first of them are there.
package final class Handout: Sendable {
    private let ranks: Ranks
    private let count: Int
    /// Of the first rank: the next item.
    private let next = Atomic<Int>(0)
    /// Of the first rank: what has come in.
    private let desk = Guarded(Desk())
    /// One thread at a time asks for items; whether there are none left.
    private let isDry = Guarded(false)

    private struct Desk {
        var results: [Int: [UInt8]] = [:]
        /// How many other ranks take no more.
        var leavers = 0
    }

    /// What a rank tells the first one, in a message's first byte.
    private enum Word: UInt8 {
        /// Wants an item.
        case take
        /// Takes no more.
        case leave
        /// No further items are to be handed out.
        case stop
        /// An item's number and what was made of it follow.
        case result
    }

    private static let toFirst: Int32 = 1, fromFirst: Int32 = 2

    /// All ranks begin the same work, of the same number of items.
    package init(_ ranks: Ranks, count: Int, purpose: String) throws {
        (self.ranks, self.count) = (ranks, count)
        try ranks.meet("\(purpose) of \(count) items")
        // Without a thread the first rank serves the others, and they do all the work.
        if ranks.rank == 0, !SystemThread.start("padash ranks", stackSize: 1 << 20, { [self] in serve() }) { serve() }
    }

    // MARK: - Taking

    /// The next item's number, from any thread; nil when there are none left.
    package func take() -> Int? {
        if ranks.rank == 0 {
            let item = next.add(1, ordering: .relaxed).oldValue
            return item < count ? item : nil
        }
        return isDry.withLock { isDry in
            if isDry { return nil }
            tell(.take)
            var item = -1
            withUnsafeMutableBytes(of: &item) { item in
                ranks.wait { ranks.mpi.receive(item, from: 0, tag: Handout.fromFirst, on: ranks.desk) }
            }
            if item < 0 { isDry = true }
            return item < 0 ? nil : item
        }
    }

    /// Hands in what was made of an item.
    package func deliver(_ item: Int, _ bytes: [UInt8]) {
        if ranks.rank == 0 {
            desk.withLock { $0.results[item] = bytes }
        } else {
            isDry.withLock { _ in tell(.result, withUnsafeBytes(of: item) { Array($0) } + bytes) }
        }
    }

    /// No further items are handed out: what has been made is enough.
    package func stop() {
        if ranks.rank == 0 { next.store(count, ordering: .relaxed) } else { isDry.withLock { _ in tell(.stop) } }
    }

    /// On the first rank, what was made of an item, when it has come in.
    package func result(of item: Int) -> [UInt8]? { desk.withLock { $0.results[item] } }

    /// On the first rank, how many results have come in.
    public var resultCount: Int { desk.withLock { $0.results.count } }

    /// On the first rank, whether the others are still at work.
    package var othersAreAtWork: Bool { ranks.rank == 0 && desk.withLock { $0.leavers } < ranks.count - 1 }

    /// All threads of this rank have delivered what they took. Waits for the others; then all have what was made of each item, nil of those
    /// that nobody took.
    package func finish(_ purpose: String) throws -> [[UInt8]?] {
        if ranks.rank != 0 { isDry.withLock { _ in tell(.leave) } }
        while othersAreAtWork { usleep(500) }
        var all: [UInt8] = []
        if ranks.rank == 0 {
            desk.withLock { desk in
                for item in 0..<count {
                    let bytes = desk.results.removeValue(forKey: item)
                    withUnsafeBytes(of: bytes?.count ?? -1) { all.append(contentsOf: $0) }
                    all.append(contentsOf: bytes ?? [])
                }
            }
        }
        all = try ranks.ofFirst(all, purpose)
        var place = 0
        return (0..<count).map { _ in
            let size = all.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: place, as: Int.self) }
            place += MemoryLayout<Int>.stride
            guard size >= 0 else { return nil }
            defer { place += size }
            return Array(all[place..<place + size])
        }
    }

    private func tell(_ word: Word, _ bytes: [UInt8] = []) {
        ([word.rawValue] + bytes).withUnsafeBytes { message in
            ranks.wait { ranks.mpi.send(message, to: 0, tag: Handout.toFirst, on: ranks.desk) }
        }
    }

    // MARK: - Serving

    /// Answers the other ranks until all of them take no more.
    private func serve() {
        var leavers = 0
        while leavers < ranks.count - 1 {
            guard let (source, size) = ranks.mpi.waiting(tag: Handout.toFirst, on: ranks.desk) else {
                usleep(100)
                continue
            }
            var message = [UInt8](repeating: 0, count: size)
            message.withUnsafeMutableBytes { message in
                ranks.wait { ranks.mpi.receive(message, from: source, tag: Handout.toFirst, on: ranks.desk) }
            }
            switch message.first.flatMap(Word.init) {
            case .take:
                let item = next.add(1, ordering: .relaxed).oldValue
                withUnsafeBytes(of: item < count ? item : -1) { answer in
                    ranks.wait { ranks.mpi.send(answer, to: source, tag: Handout.fromFirst, on: ranks.desk) }
                }
            case .leave: leavers += 1
            case .stop: next.store(count, ordering: .relaxed)
            case .result:
                let item = message.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: 1, as: Int.self) }
                desk.withLock { $0.results[item] = Array(message.dropFirst(1 + MemoryLayout<Int>.stride)) }
            case nil: preconditionFailure("ranks send words")
            }
            desk.withLock { $0.leavers = leavers }
        }
    }
}
