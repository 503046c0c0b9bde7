import CProcessor
import Foundation
import Text

/// Processes that run the same program with the same seed, started together by MPI (single program, multiple data).
///
/// All of them do the same, in step: what they compute is the same everywhere, what they find in the world (files, the clock, the
/// environment) is what the first rank finds, and what has an effect there is done by the first rank alone. Work is shared out by
/// `Handout`; whoever does an item of it is not in step with the others until all items are done.
package final class Ranks: Sendable {
    /// Of this process, from 0.
    package let rank: Int
    package let count: Int
    let mpi: MPI
    /// Beside the communicator on which all meet: for messages from one rank to another.
    let desk: MPI.Handle
    private let parting = Guarded<NASError?>(nil)
    private let counted = Guarded(Traffic())

    private init(_ mpi: MPI) throws(NASError) {
        self.mpi = mpi
        (rank, count, desk) = try mpi.begin()
    }

    /// The ranks that this process belongs to; nil where it runs alone.
    package static var all: Ranks? { shared.withLock(\.self) }
    private static let shared = Guarded<Ranks?>(nil)

    /// The ranks that do the same as the running code; nil where it runs alone, or does an item that was shared out.
    @TaskLocal package static var inStep: Ranks?

    /// What tells where the running code is, for messages.
    package let place = Guarded<(@Sendable () -> String)?>(nil)

    /// Joins the others where this process was started together with others, and waits for them. Throws where MPI's library is missing or
    /// they are not the same padash.
    package static func begin(version: String) throws -> Ranks? {
        guard areLaunched, let (launcher, launched) = MPI.launch() else { return nil }
        let ranks = try Ranks(MPI(for: launcher, count: launched))
        do {
            try ranks.check(launcher, launched, version)
        } catch {
            ranks.end()
            throw error
        }
        shared.withLock { $0 = ranks }
        return ranks
    }

    /// Throws where they are not all that were started, or not the same program.
    private func check(_ launcher: MPI.Launcher, _ launched: Int, _ version: String) throws {
        guard count > 1 else {
            throw NASError(
                .ranks, "\(launcher.rawValue) started \(launched) processes of padash, of which \(mpi.version) sees each by itself",
                hint: "the library and the command that starts processes must be of the same MPI; PADASH_MPI names a library")
        }
        let programs = try gather(Array("\(version), \(Ranks.programDigest)".utf8), "begin")
        if let other = programs.firstIndex(where: { $0 != programs[0] }) {
            let hosts = try gather(Array(Ranks.host.utf8), "hosts").map { String(decoding: $0, as: UTF8.self) }
            let texts = [other, 0].map { String(decoding: programs[$0], as: UTF8.self) }
            throw NASError(
                .ranks,
                "process rank \(other) on \(hosts[other]) runs another padash than rank 0 on \(hosts[0]): \(texts[0]) and \(texts[1])",
                hint: "all processes must run the same binary")
        }
    }

    /// A variable of this process's own environment, which tells it from the others.
    static func own(_ name: String) -> String? { getenv(name).flatMap { FileName(cString: $0).text } }

    /// Whether this process was started together with others, and is to run with them.
    package static var areLaunched: Bool { own("PADASH_MPI") != "none" && MPI.launch() != nil }

    /// Whether what looks like a terminal may be none: Open MPI puts one between itself and each process, and of several processes none has
    /// one to itself. A shell that Slurm opened on a node is a process by itself, on a terminal.
    package static var hasNoTerminal: Bool { own("OMPI_COMM_WORLD_SIZE") != nil || areLaunched }

    /// The number of this process among those it was started with, before they have joined.
    package static var launchedRank: Int {
        guard areLaunched else { return 0 }
        let names = ["OMPI_COMM_WORLD_RANK", "PMI_RANK", "PMIX_RANK", "SLURM_PROCID"]
        return names.lazy.compactMap { own($0).flatMap { Int($0) } }.first ?? 0
    }

    /// All ranks must come here before their processes end.
    package func end() { mpi.finish() }

    static let host: String = {
        var name = [CChar](repeating: 0, count: 256)
        gethostname(&name, 255)
        return FileName(cString: name).shown
    }()

    /// Of the running program's file: its length, and a checksum of 4,096 bytes of each 256 KB.
    private static var programDigest: String {
        let file = open("/proc/self/exe", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return "" }
        defer { close(file) }
        var checksum = CRC32()
        var offset = 0
        var bytes = [UInt8](repeating: 0, count: 4096)
        while case let got = pread(file, &bytes, bytes.count, off_t(offset)), got > 0 {
            checksum.update(bytes.prefix(got))
            offset += 1 << 18
        }
        var status = stat()
        fstat(file, &status)
        return "\(status.st_size) bytes, checksum \(checksum.value)"
    }

    // MARK: - Meeting

    /// What a rank says where all meet.
    struct Report: BitwiseCopyable {
        /// Of what they meet for.
        var purpose: UInt64
        var hasFailed: Bool
        /// How many bytes it has for the others.
        var count: Int
    }

    /// All ranks come here for the same purpose. Where they do not, one of them has gone another way than the others, as by an error of its
    /// own: then all throw the same error, which tells of it.
    @discardableResult func meet(_ purpose: String, count: Int = 0, failure: String? = nil) throws -> [Report] {
        try checkTogether()
        var hash = FNV1a()
        hash.add(purpose.utf8)
        let reports = gather(Report(purpose: hash.value, hasFailed: failure != nil, count: count))
        let own = reports[rank]
        if reports.contains(where: { $0.purpose != own.purpose || $0.hasFailed != own.hasFailed }) {
            try part(reports, purpose, failure)
        }
        return reports
    }

    private func part(_ reports: [Report], _ purpose: String, _ failure: String?) throws {
        let where_ = failure ?? "\(purpose)\(place.withLock(\.self).map { " at \($0())" } ?? "")"
        let texts = try exchange(Array("\(Ranks.host)\u{0}\(where_)".utf8)).map {
            String(decoding: $0, as: UTF8.self).split(separator: "\u{0}", maxSplits: 1).map(String.init)
        }
        let error: NASError
        if let failed = reports.firstIndex(where: \.hasFailed) {
            error = NASError(
                .ranks,
                "process rank \(failed) of \(count), on \(texts[failed][0]), failed where others did not: \(texts[failed].last ?? "")")
        } else {
            let other = reports.firstIndex { $0.purpose != reports[0].purpose } ?? count - 1
            error = .parted("rank 0 is in \(texts[0].last ?? ""), rank \(other) in \(texts[other].last ?? "")")
        }
        parting.withLock { $0 = error }
        throw error
    }

    /// Throws where ranks no longer do the same.
    func checkTogether() throws {
        if let error = parting.withLock(\.self) { throw error }
    }

    /// Whether all ranks know that they no longer do the same.
    package var haveParted: Bool { parting.withLock { $0 != nil } }

    /// All ranks have come to the end of a part of the program, this one with an error or without.
    package func settle(failure: String?) throws { try meet("the end", failure: failure) }

    // MARK: - Exchanges

    /// A value of each rank, everywhere, in the order of ranks: for values of one size that hold no references. All ranks must be at the
    /// same place, see `meet`.
    func gather<Element: BitwiseCopyable>(_ own: Element) -> [Element] {
        var all = [Element](repeating: own, count: count)
        // A value's stride is more than its size.
        [own].withUnsafeBytes { own in
            all.withUnsafeMutableBytes { all in
                guard let own = own.baseAddress, let all = all.baseAddress else { return }
                allGather(own, count: MemoryLayout<Element>.stride, into: all)
            }
        }
        return all
    }

    /// As many bytes of each rank, everywhere, in the order of ranks.
    package func allGather(_ own: UnsafeRawPointer, count: Int, into all: UnsafeMutableRawPointer) {
        note(bytes: count * (self.count - 1))
        wait { mpi.allGather(own, count: count, into: all) }
    }

    /// From one rank to another, beside what all do.
    func beginSending(_ bytes: UnsafeRawBufferPointer, to rank: Int, tag: Int32) -> MPI.Request {
        note(bytes: bytes.count)
        return mpi.send(bytes, to: rank, tag: tag, on: desk)
    }

    func receive(_ bytes: UnsafeMutableRawBufferPointer, from rank: Int, tag: Int32) {
        wait { mpi.receive(bytes, from: rank, tag: tag, on: desk) }
    }
    func finish(_ request: MPI.Request) { wait { request } }

    /// How often this rank has told others something, and how many bytes, each counted as often as there are ranks that get them.
    package struct Traffic: Sendable, Equatable {
        package var exchanges = 0
        package var bytes = 0
    }

    package var traffic: Traffic { counted.withLock(\.self) }

    private func note(bytes: Int) {
        counted.withLock {
            $0.exchanges += 1
            $0.bytes += bytes
        }
    }

    /// The bytes of all ranks, everywhere, in the order of ranks.
    package func gather(_ bytes: [UInt8], _ purpose: String) throws -> [[UInt8]] {
        try meet(purpose)
        return try exchange(bytes)
    }

    private func exchange(_ bytes: [UInt8]) throws -> [[UInt8]] {
        let counts = gather(bytes.count)
        try makeRoom(counts.reduce(0, +))
        var parts = counts.map { [UInt8](repeating: 0, count: $0) }
        // MPI counts by 32 bits.
        for (rank, size) in counts.enumerated() {
            if rank == self.rank { parts[rank] = bytes }
            if size > 0 { parts[rank].withUnsafeMutableBytes { broadcast($0, from: rank) } }
        }
        return parts
    }

    /// Asks for memory for what comes from others.
    private func makeRoom(_ bytes: Int) throws {
        if bytes >= MemoryAccount.smallest { try together("the memory for it") { try MemoryAccount.ask(bytes) } }
    }

    /// What each rank does by itself and may fail on one of them, as for want of memory, before they tell each other more: all learn of it,
    /// rather than to wait for what does not come.
    func together<Value>(_ purpose: String, _ body: () throws -> Value) throws -> Value {
        let result = Result { try body() }
        switch result {
        case .success: try meet(purpose)
        case .failure(let error): try meet(purpose, failure: (error as? NASError)?.message ?? "\(error)")
        }
        return try result.get()
    }

    /// The same bytes everywhere: those of one rank.
    package func broadcast(_ bytes: UnsafeMutableRawBufferPointer, from root: Int) {
        if root == rank { note(bytes: bytes.count * (count - 1)) }
        var rest = bytes[...]
        while !rest.isEmpty {
            let part = UnsafeMutableRawBufferPointer(rebasing: rest.prefix(1 << 28))
            if let address = part.baseAddress { wait { mpi.broadcast(address, count: part.count, from: root) } }
            rest = rest.dropFirst(part.count)
        }
    }

    /// The bytes that rank 0 has, everywhere. Others need not have any.
    func ofFirst(_ bytes: [UInt8], _ purpose: String) throws -> [UInt8] {
        let count = try meet(purpose, count: bytes.count)[0].count
        var result = rank == 0 ? bytes : []
        try makeRoom(count)
        if rank != 0 { result = [UInt8](repeating: 0, count: count) }
        result.withUnsafeMutableBytes { broadcast($0, from: 0) }
        return result
    }

    /// Waits for something that is on its way: looks for a moment, then leaves the processor to others more and more.
    func wait(_ begin: () -> MPI.Request) {
        var request = begin()
        var looks = 0
        while !mpi.isDone(&request) {
            looks += 1
            if looks < 200 { CProcessor_pause() } else if looks < 400 { sched_yield() } else { usleep(looks < 1000 ? 50 : 500) }
        }
    }
}
