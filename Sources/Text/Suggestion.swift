/// "Did you mean …?": the known name nearest to a mistyped one.
package enum Suggestion {
    /// The candidate that `name` is most likely a slip of, or nil if none is near enough.
    ///
    /// Near is a Damerau-Levenshtein distance (insert, delete, replace, swap neighbours) of at most a third of the length,
    /// a difference of case or underscores only, or the beginning of one candidate. O(candidates · length²).
    package static func nearest(to name: String, among candidates: some Sequence<String>) -> String? {
        let wanted = Array(name.unicodeScalars)
        guard !wanted.isEmpty, wanted.count <= 100 else { return nil }
        let folded = fold(name)
        let limit = wanted.count <= 2 ? 1 : max(1, (wanted.count + 1) / 3)
        var best: (cost: Int, candidate: String)?
        for candidate in candidates where candidate != name {
            let cost: Int
            let scalars = Array(candidate.unicodeScalars)
            if fold(candidate) == folded {
                cost = 0
            } else if abs(scalars.count - wanted.count) <= limit {
                let distance = distance(wanted, scalars, limit: limit)
                // In a name of one or two letters, one slip would match almost anything.
                guard distance <= limit, distance < wanted.count, wanted.count > 2 || wanted.first == scalars.first else { continue }
                cost = 2 * distance + (wanted.first == scalars.first ? 0 : 1)
            } else if wanted.count >= 3, candidate.hasPrefix(name) || name.hasPrefix(candidate) && scalars.count >= 3 {
                cost = 2 * limit + 2
            } else {
                continue
            }
            if best.map({ (cost, candidate) < ($0.cost, $0.candidate) }) ?? true { best = (cost, candidate) }
        }
        return best?.candidate
    }

    private static func fold(_ name: String) -> String { name.lowercased().filter { $0 != "_" } }

    /// Edits from `a` to `b`, where a swap of neighbours counts as one (optimal string alignment); more than `limit` may come back as any
    /// larger number.
    static func distance(_ a: [Unicode.Scalar], _ b: [Unicode.Scalar], limit: Int) -> Int {
        if a.isEmpty || b.isEmpty { return max(a.count, b.count) }
        var older = [Int](repeating: 0, count: b.count + 1)
        var old = Array(0...b.count)
        for i in 1...a.count {
            var row = [i] + [Int](repeating: 0, count: b.count)
            for j in 1...b.count {
                row[j] = min(old[j] + 1, row[j - 1] + 1, old[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1))
                if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] { row[j] = min(row[j], older[j - 2] + 1) }
            }
            if row.min() ?? 0 > limit { return limit + 1 }
            (older, old) = (old, row)
        }
        return old[b.count]
    }
}
