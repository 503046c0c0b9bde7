import Foundation

/// How many processors this process may use: not all that there are with `taskset -c 0`, or in a container that is kept to some of
/// them or to a share of their time.
enum Processors {
    static var allowed: Int {
        let groups = (try? String(contentsOfFile: "/proc/self/cgroup", encoding: .utf8)) ?? ""
        let mounts = (try? String(contentsOfFile: "/proc/self/mountinfo", encoding: .utf8)) ?? ""
        let quota = quota(groups: groups, mounts: mounts) { try? String(contentsOfFile: $0, encoding: .utf8) }
        return max(1, min(inMask, quota.map { Int(saturating: $0.rounded(.up)) } ?? .max))
    }

    private static var inMask: Int {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        if let mask = status.split(separator: "\n").first(where: { $0.hasPrefix("Cpus_allowed:") }) {
            return mask.dropFirst("Cpus_allowed:".count).reduce(0) { $0 + ($1.hexDigitValue?.nonzeroBitCount ?? 0) }
        }
        return ProcessInfo.processInfo.activeProcessorCount
    }

    /// The least share of processors that one of the process's control groups, or a group above it, leaves it; nil without a limit.
    ///
    /// - Parameters:
    ///   - groups: what `/proc/self/cgroup` holds, a line `ID:CONTROLLERS:PATH` for each hierarchy; version 2 has no controllers.
    ///   - mounts: what `/proc/self/mountinfo` holds, which tells where they are mounted, and from which group on.
    ///   - read: a file's text, if there is one.
    static func quota(groups: String, mounts: String, read: (String) -> String?) -> Double? {
        var least: Double?
        for line in groups.split(separator: "\n") {
            let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard fields.count == 3, fields[1].isEmpty || fields[1].split(separator: ",").contains("cpu") else { continue }
            for folder in folders(of: String(fields[2]), isUnified: fields[1].isEmpty, mounts: mounts) {
                guard let share = fields[1].isEmpty ? unifiedShare(folder, read) : share(folder, read), share > 0 else { continue }
                least = min(least ?? share, share)
            }
        }
        return least
    }

    /// Where a group and those above it are, as far as this process sees them.
    private static func folders(of group: String, isUnified: Bool, mounts: String) -> [String] {
        for line in mounts.split(separator: "\n") {
            // ID PARENT DEVICE ROOT POINT OPTIONS … - TYPE SOURCE OPTIONS
            let halves = line.components(separatedBy: " - ")
            guard halves.count == 2 else { continue }
            let place = halves[0].split(separator: " "), kind = halves[1].split(separator: " ")
            guard place.count > 4, let type = kind.first, let options = kind.last else { continue }
            guard isUnified ? type == "cgroup2" : type == "cgroup" && options.split(separator: ",").contains("cpu") else { continue }
            let (root, point) = (String(place[3]), String(place[4]))
            // In a container the mount may begin at the process's own group.
            var rest = group.hasPrefix(root) && root != "/" ? String(group.dropFirst(root.count)) : group
            var folders: [String] = []
            while true {
                folders.append(point + (rest == "/" ? "" : rest))
                guard let slash = rest.lastIndex(of: "/"), rest != "/" else { return folders }
                rest = slash == rest.startIndex ? "/" : String(rest[..<slash])
            }
        }
        return []
    }

    /// Version 2: `cpu.max` holds the time of a period that the group may use, or "max", and the period.
    private static func unifiedShare(_ folder: String, _ read: (String) -> String?) -> Double? {
        let words = (read(folder + "/cpu.max") ?? "").split(whereSeparator: \.isWhitespace)
        guard words.count == 2, let time = Double(words[0]), let period = Double(words[1]), period > 0 else { return nil }
        return time / period
    }

    /// Version 1: two files; a quota of -1 is none.
    private static func share(_ folder: String, _ read: (String) -> String?) -> Double? {
        func number(_ name: String) -> Double? { read(folder + "/" + name).flatMap { Double($0.trimmingCharacters(in: .whitespacesAndNewlines)) } }
        guard let time = number("cpu.cfs_quota_us"), let period = number("cpu.cfs_period_us"), period > 0 else { return nil }
        return time / period
    }
}
