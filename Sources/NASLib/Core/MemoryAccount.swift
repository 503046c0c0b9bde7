import Foundation

/// What memory there is, and who may have how much of it: the one place that every large allocation asks first.
///
/// What there is, is the least of what the machine, its containers and the shell's `ulimit -v` and `-d` leave to this process.
public enum MemoryAccount {
    /// Smaller pieces do not ask: it takes some microseconds, and there is always a reserve for them.
    @inlinable public static var smallest: Int { 16 << 20 }

    /// All that this process may take beyond what it had when it first asked.
    package static let total = bounds.map { $0.isShared ? $0.limit : max(0, $0.limit - $0.inUse()) }.min() ?? .max

    /// What small pieces, which do not ask, and the parts of padash itself may need at any time.
    private static let reserve = min(64 << 20, total / 8)

    private static let bounds = MemoryBound.all()

    /// What is left of it, for a piece of some size.
    private static func free(for bytes: Int) -> Int {
        // What other processes leave of the machine's memory takes longer to find out, and the system is not strict about it.
        let left = bounds.filter { !$0.isShared || bytes >= 8 * smallest }.map { $0.limit - $0.inUse() }.min()
        return left.map { max(0, $0 - reserve) } ?? .max
    }

    /// Whether so many bytes more are to be had.
    package static func has(_ bytes: Int) -> Bool { bytes < smallest || bytes <= free(for: bytes) }

    /// Whether there is memory for more small pieces, which do not ask one by one.
    package static var hasRoom: Bool { free(for: 8 * smallest) >= smallest }

    /// Throws a `NASError` of kind `memory` where `bytes` more are not to be had.
    @inlinable public static func ask(_ bytes: Int) throws {
        if bytes >= smallest { try askForLarge(bytes) }
    }

    @usableFromInline static func askForLarge(_ bytes: Int) throws {
        guard !has(bytes) else { return }
        throw NASError(
            .memory, "\(text(bytes)) of memory are needed, and \(text(free(for: bytes))) are left",
            hint: "the least of what the machine, its container and 'ulimit' allow counts; smaller or fewer values and batches fit")
    }

    /// For an array that grows piece by piece from `before`: its buffer doubles when it is full, while the old one is there still. To ask
    /// at every piece would take longer than the piece, so it is asked for when the whole has passed a power of two.
    @inlinable public static func ask(pieces count: Int, from before: Int, ofBytes bytes: Int) throws {
        if doubles(count, from: before) { try ask(2 * count * bytes) }
    }

    /// Whether a number has passed a power of two.
    @inlinable public static func doubles(_ count: Int, from before: Int) -> Bool {
        count.leadingZeroBitCount != before.leadingZeroBitCount
    }

    /// Throws where so many numbers of four bytes are not to be had.
    static func ask(floats count: Int) throws { try ask(count.multipliedReportingOverflow(by: 4).overflow ? .max : count * 4) }

    /// `612 MB`.
    package static func text(_ bytes: Int) -> String {
        let megabytes = bytes >> 20
        return megabytes < 10_000 ? "\(megabytes) MB" : "\(megabytes >> 10) GB"
    }
}

/// One thing that bounds a process's memory.
struct MemoryBound: Sendable {
    /// In bytes.
    var limit: Int
    /// Whether it bounds all processes of the machine together.
    var isShared = false
    /// How many of them are taken.
    var inUse: @Sendable () -> Int

    /// All that bound this process.
    static func all() -> [MemoryBound] {
        var bounds = [machine]
        let page = Int(sysconf(Int32(_SC_PAGESIZE)))
        // The first number in /proc/self/statm is the address space, the sixth that of writable data.
        for (resource, field) in [(RLIMIT_AS, 0), (RLIMIT_DATA, 5)] {
            var limits = rlimit()
            guard getrlimit(__rlimit_resource_t(resource.rawValue), &limits) == 0, limits.rlim_cur < rlim_t(Int.max) else { continue }
            bounds.append(
                MemoryBound(limit: Int(limits.rlim_cur)) { (Self.numbers(in: "/proc/self/statm").dropFirst(field).first ?? 0) * page })
        }
        return bounds
            + containers(membership: (try? String(contentsOfFile: "/proc/self/cgroup", encoding: .utf8)) ?? "", root: "/sys/fs/cgroup")
    }

    /// Swap counts as memory.
    private static var machine: MemoryBound {
        let total = Int(clamping: ProcessInfo.processInfo.physicalMemory)
        return MemoryBound(limit: total, isShared: true) {
            let free = text(of: "/proc/meminfo").split(separator: "\n").reduce(0) { sum, line in
                guard line.hasPrefix("MemAvailable:") || line.hasPrefix("SwapFree:") else { return sum }
                return sum + (line.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0)
            }
            return free > 0 ? max(0, total - free * 1024) : 0
        }
    }

    /// Control groups: `membership` is the text of /proc/self/cgroup. Version 2 has one hierarchy, in which every group on the way up
    /// bounds; version 1 has one for memory. A container may see its own group at the root of the hierarchy.
    static func containers(membership: String, root: String) -> [MemoryBound] {
        var folders: [(folder: String, isFirstVersion: Bool)] = []
        for line in membership.split(separator: "\n") {
            let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count == 3 else { continue }
            let isFirstVersion = parts[1].split(separator: ",").contains("memory")
            guard isFirstVersion || parts[1].isEmpty else { continue }
            var names = parts[2].split(separator: "/")
            let top = root + (isFirstVersion ? "/memory" : "")
            folders.append((top, isFirstVersion))
            while !names.isEmpty {
                folders.append((top + "/" + names.joined(separator: "/"), isFirstVersion))
                names.removeLast()
            }
        }
        return folders.compactMap { folder, isFirstVersion in
            // "max", or a number near the largest, is no limit.
            guard let limit = numbers(in: folder + (isFirstVersion ? "/memory.limit_in_bytes" : "/memory.max")).first, limit < 1 << 60
            else { return nil }
            let (use, details) = (folder + (isFirstVersion ? "/memory.usage_in_bytes" : "/memory.current"), folder + "/memory.stat")
            return MemoryBound(limit: limit) {
                // Files that were read and are no longer used make room.
                let reclaimable = text(of: details).split(separator: "\n").first { $0.hasPrefix("inactive_file ") }?.split(separator: " ")
                    .last.flatMap { Int($0) }
                return max(0, (numbers(in: use).first ?? 0) - (reclaimable ?? 0))
            }
        }
    }

    /// The whole numbers at the beginning of a file of the system.
    private static func numbers(in path: String) -> [Int] {
        text(of: path).split { $0 == " " || $0 == "\n" }.prefix { Int($0) != nil }.compactMap { Int($0) }
    }

    /// The beginning of a file of the system, with plain reads: these files have no length.
    private static func text(of path: String) -> String {
        let file = open(path, O_RDONLY)
        guard file >= 0 else { return "" }
        defer { close(file) }
        return withUnsafeTemporaryAllocation(byteCount: 8192, alignment: 1) { buffer in
            String(decoding: buffer.prefix(max(0, read(file, buffer.baseAddress, buffer.count))), as: UTF8.self)
        }
    }
}
