import Foundation

/// Points of the unit cube that fill it more evenly than independent ones.
public protocol LowDiscrepancySequence: Sendable {
    /// Calls the body with the first n points, in order.
    func forEachPoint(_ n: Int, _ body: ([Double]) throws -> Void) rethrows
}

extension LowDiscrepancySequence {
    /// The first n points.
    public func points(_ n: Int) -> [[Double]] {
        var points: [[Double]] = []
        forEachPoint(n) { points.append($0) }
        return points
    }
}

/// Sobol's sequence (1967): points of the unit cube that fill it evenly, in the order of the Gray code (Antonov and Saleev, 1979).
public struct Sobol: LowDiscrepancySequence {
    /// Column j of a dimension's generating matrix, the first bit of the fraction highest.
    private let columns: [[UInt64]]
    private let shifts: [UInt64]
    private static let bits = 52

    /// Up to `dimensionLimit` dimensions. With a generator the points are scrambled: multiplied by random triangular matrices, then
    /// shifted (Matoušek, 1998), which makes each of them uniform and keeps their evenness.
    public init(dimensions: Int, scrambledBy generator: inout Generator?) {
        require((1...Sobol.dimensionLimit).contains(dimensions), "there are 1 to \(Sobol.dimensionLimit) dimensions, not \(dimensions)")
        var columns = (0..<dimensions).map(Sobol.columns)
        var shifts = Array(repeating: UInt64(0), count: dimensions)
        if var source = generator {
            for d in 0..<dimensions {
                let rows = (0..<Sobol.bits).map { i in
                    // A one on the diagonal, random bits before it.
                    let diagonal = UInt64(1) << (Sobol.bits - 1 - i)
                    return source.next() & (1 << UInt64(Sobol.bits) - 1) & ~(2 * diagonal - 1) | diagonal
                }
                columns[d] = columns[d].map { column in rows.reduce(0) { $0 << 1 | UInt64(($1 & column).nonzeroBitCount % 2) } }
                shifts[d] = source.next() >> UInt64(64 - Sobol.bits)
            }
            generator = source
        }
        (self.columns, self.shifts) = (columns, shifts)
    }

    public func forEachPoint(_ n: Int, _ body: ([Double]) throws -> Void) rethrows {
        var state = shifts
        for i in 0..<n {
            if i > 0 {
                let changed = i.trailingZeroBitCount
                for d in state.indices { state[d] ^= columns[d][changed] }
            }
            try body(state.map { Double($0) * 0x1p-52 })
        }
    }

    /// Column j is m_j / 2^j, with m from the recurrence of a primitive polynomial x^s + a_1 x^(s-1) + … + 1 over two elements:
    /// m_j = 2 a_1 m_(j-1) ^ 4 a_2 m_(j-2) ^ … ^ 2^s m_(j-s) ^ m_(j-s).
    private static func columns(of dimension: Int) -> [UInt64] {
        guard dimension > 0 else { return (1...bits).map { 1 << UInt64(bits - $0) } }
        let (polynomial, first) = directions[dimension - 1]
        let s = first.count
        var m = first
        for j in s..<bits {
            var next = m[j - s] ^ m[j - s] << UInt64(s)
            for i in 1..<max(1, s) where polynomial >> (s - i) & 1 == 1 { next ^= m[j - i] << UInt64(i) }
            m.append(next)
        }
        return m.enumerated().map { $0.element << UInt64(bits - 1 - $0.offset) }
    }

    public static let dimensionLimit = directions.count + 1

    /// The polynomial of each dimension after the first as bits, and the first of its direction numbers, which Tables/sobol_directions.pada
    /// searches for: those whose pairs with earlier dimensions are most even.
    private static let directions: [(polynomial: Int, first: [UInt64])] = [
        (3, [1]), (7, [1, 3]), (11, [1, 3, 1]), (13, [1, 1, 5]), (19, [1, 1, 7, 15]), (25, [1, 3, 7, 13]), (37, [1, 1, 5, 15, 15]),
        (41, [1, 3, 1, 7, 17]), (47, [1, 1, 1, 13, 3]), (55, [1, 3, 5, 1, 1]), (59, [1, 1, 3, 15, 23]), (61, [1, 3, 3, 13, 9]),
        (67, [1, 1, 7, 11, 9, 49]), (91, [1, 1, 3, 1, 21, 47]), (97, [1, 3, 5, 3, 29, 43]), (103, [1, 1, 5, 1, 27, 3]),
        (109, [1, 1, 7, 11, 1, 31]), (115, [1, 3, 3, 9, 21, 53]), (131, [1, 1, 1, 3, 3, 11, 25]), (137, [1, 1, 5, 11, 29, 51, 77]),
        (143, [1, 3, 7, 1, 29, 15, 71]), (145, [1, 3, 5, 7, 11, 61, 75]), (157, [1, 1, 1, 13, 17, 23, 29]),
        (167, [1, 3, 7, 11, 29, 37, 119]), (171, [1, 3, 3, 13, 19, 59, 79]), (185, [1, 3, 3, 3, 15, 55, 7]),
        (191, [1, 1, 5, 7, 3, 39, 59]), (193, [1, 1, 5, 3, 5, 15, 3]), (203, [1, 1, 3, 15, 25, 45, 21]), (211, [1, 1, 3, 5, 25, 25, 115]),
        (213, [1, 1, 3, 3, 11, 51, 99]), (229, [1, 3, 7, 9, 29, 43, 19]), (239, [1, 3, 3, 9, 23, 47, 111]),
        (241, [1, 1, 3, 7, 25, 9, 15]), (247, [1, 1, 1, 13, 15, 7, 51]), (253, [1, 1, 5, 11, 29, 49, 65]),
        (285, [1, 3, 5, 13, 21, 35, 99, 255]), (299, [1, 1, 1, 15, 11, 53, 65, 65]), (301, [1, 3, 1, 9, 7, 1, 51, 197]),
        (333, [1, 3, 3, 3, 29, 43, 101, 109]), (351, [1, 3, 3, 9, 1, 53, 19, 141]), (355, [1, 1, 3, 1, 17, 49, 103, 251]),
        (357, [1, 1, 5, 5, 11, 11, 101, 151]), (361, [1, 1, 7, 3, 31, 21, 95, 127]), (369, [1, 3, 5, 7, 7, 19, 105, 43]),
        (391, [1, 1, 5, 13, 31, 1, 5, 41]), (397, [1, 3, 7, 13, 29, 21, 121, 111]), (425, [1, 3, 3, 15, 9, 57, 15, 247]),
        (451, [1, 3, 1, 1, 23, 53, 83, 201]), (463, [1, 1, 3, 15, 17, 27, 41, 205]), (487, [1, 1, 1, 13, 7, 61, 49, 235]),
        (501, [1, 3, 5, 3, 1, 61, 57, 207]), (529, [1, 1, 3, 7, 25, 49, 29, 47, 443]), (539, [1, 1, 1, 11, 31, 63, 95, 251, 103]),
        (545, [1, 3, 5, 5, 31, 7, 77, 125, 97]), (557, [1, 3, 3, 11, 7, 33, 21, 47, 431]), (563, [1, 3, 1, 3, 31, 11, 97, 77, 123]),
        (601, [1, 3, 7, 13, 19, 47, 117, 9, 411]), (607, [1, 1, 7, 15, 11, 27, 51, 211, 129]), (617, [1, 1, 1, 1, 11, 7, 113, 155, 239]),
        (623, [1, 3, 5, 3, 29, 45, 83, 131, 241]), (631, [1, 1, 7, 9, 1, 21, 87, 79, 217]), (637, [1, 3, 1, 3, 29, 5, 59, 209, 373]),
    ]
}

/// Halton's sequence: in dimension d, the digits of 0, 1, 2… to the d-th prime as base, mirrored at the point.
public struct Halton: LowDiscrepancySequence {
    private let bases: [Int]
    /// For each dimension and position of a digit, what the digits are replaced by; empty when they stay.
    private let permutations: [[[Int]]]

    public static let dimensionLimit = 100

    /// Up to `dimensionLimit` dimensions. With a generator the digits of each position are permuted at random (Owen, 2017).
    public init(dimensions: Int, scrambledBy generator: inout Generator?) {
        require((1...Halton.dimensionLimit).contains(dimensions), "there are 1 to \(Halton.dimensionLimit) dimensions, not \(dimensions)")
        var primes: [Int] = []
        var candidate = 2
        while primes.count < dimensions {
            if primes.prefix(while: { $0 * $0 <= candidate }).allSatisfy({ candidate % $0 != 0 }) { primes.append(candidate) }
            candidate += 1
        }
        bases = primes
        guard var source = generator else {
            permutations = []
            return
        }
        permutations = primes.map { base in
            (0..<Int(saturating: (53 / log2(Double(base))).rounded(.up))).map { _ in
                var digits = Array(0..<base)
                source.shuffle(&digits)
                return digits
            }
        }
        generator = source
    }

    public func forEachPoint(_ n: Int, _ body: ([Double]) throws -> Void) rethrows {
        for i in 0..<n { try body(bases.indices.map { coordinate(i, $0) }) }
    }

    private func coordinate(_ index: Int, _ dimension: Int) -> Double {
        let base = bases[dimension]
        var (rest, value, scale) = (index, 0.0, 1.0)
        guard !permutations.isEmpty else {
            while rest > 0 {
                scale /= Double(base)
                value += Double(rest % base) * scale
                rest /= base
            }
            return value
        }
        // Zeros before the number count, too.
        for permutation in permutations[dimension] {
            scale /= Double(base)
            value += Double(permutation[rest % base]) * scale
            rest /= base
        }
        return min(value, 1.0.nextDown)
    }
}
