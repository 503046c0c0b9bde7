import Foundation

/// Sobol's sequence: points of the unit cube that fill it evenly, with the direction numbers of Joe and Kuo (2008), in the order of
/// the Gray code (Antonov and Saleev, 1979).
public struct Sobol: Sendable {
    /// Column j of a dimension's generating matrix, the first bit of the fraction highest.
    private let columns: [[UInt64]]
    private let shifts: [UInt64]
    private static let bits = 52

    /// Up to `dimensionLimit` dimensions. With a generator the points are scrambled: multiplied by random triangular matrices, then
    /// shifted (Matoušek, 1998), which makes each of them uniform and keeps their evenness.
    public init(dimensions: Int, scrambledBy generator: inout Generator?) {
        precondition((1...Sobol.dimensionLimit).contains(dimensions))
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

    /// The first n points.
    public func points(_ n: Int) -> [[Double]] {
        var state = shifts
        return (0..<n).map { i in
            if i > 0 {
                let changed = i.trailingZeroBitCount
                for d in state.indices { state[d] ^= columns[d][changed] }
            }
            return state.map { Double($0) * 0x1p-52 }
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

    /// The polynomial of each dimension after the first as bits, and the first of its direction numbers
    /// (S. Joe and F. Y. Kuo, Constructing Sobol sequences with better two-dimensional projections, SIAM J. Sci. Comput. 30, 2008).
    private static let directions: [(polynomial: Int, first: [UInt64])] = [
        (3, [1]), (7, [1, 3]), (11, [1, 3, 1]), (13, [1, 1, 1]), (19, [1, 1, 3, 3]), (25, [1, 3, 5, 13]), (37, [1, 1, 5, 5, 17]),
        (41, [1, 1, 5, 5, 5]), (47, [1, 1, 7, 11, 19]), (55, [1, 1, 5, 1, 1]), (59, [1, 1, 1, 3, 11]), (61, [1, 3, 5, 5, 31]),
        (67, [1, 3, 3, 9, 7, 49]), (91, [1, 1, 1, 15, 21, 21]), (97, [1, 3, 1, 13, 27, 49]), (103, [1, 1, 1, 15, 7, 5]),
        (109, [1, 3, 1, 15, 13, 25]), (115, [1, 1, 5, 5, 19, 61]), (131, [1, 3, 7, 11, 23, 15, 103]), (137, [1, 3, 7, 13, 13, 15, 69]),
        (143, [1, 1, 3, 13, 7, 35, 63]), (145, [1, 3, 5, 9, 1, 25, 53]), (157, [1, 3, 1, 13, 9, 35, 107]), (167, [1, 3, 1, 5, 27, 61, 31]),
        (171, [1, 1, 5, 11, 19, 41, 61]), (185, [1, 3, 5, 3, 3, 13, 69]), (191, [1, 1, 7, 13, 1, 19, 1]), (193, [1, 3, 7, 5, 13, 19, 59]),
        (203, [1, 1, 3, 9, 25, 29, 41]), (211, [1, 3, 5, 13, 23, 1, 55]), (213, [1, 3, 7, 3, 13, 59, 17]), (229, [1, 3, 1, 3, 5, 53, 69]),
        (239, [1, 1, 5, 5, 23, 33, 13]), (241, [1, 1, 7, 7, 1, 61, 123]), (247, [1, 1, 7, 9, 13, 61, 49]), (253, [1, 3, 3, 5, 3, 55, 33]),
        (285, [1, 3, 1, 15, 31, 13, 49, 245]), (299, [1, 3, 5, 15, 31, 59, 63, 97]), (301, [1, 3, 1, 11, 11, 11, 77, 249]),
        (333, [1, 3, 1, 11, 27, 43, 71, 9]), (351, [1, 1, 7, 15, 21, 11, 81, 45]), (355, [1, 3, 7, 3, 25, 31, 65, 79]),
        (357, [1, 3, 1, 1, 19, 11, 3, 205]), (361, [1, 1, 5, 9, 19, 21, 29, 157]), (369, [1, 3, 7, 11, 1, 33, 89, 185]),
        (391, [1, 3, 3, 3, 15, 9, 79, 71]), (397, [1, 3, 7, 11, 15, 39, 119, 27]), (425, [1, 1, 3, 1, 11, 31, 97, 225]),
        (451, [1, 1, 1, 3, 23, 43, 57, 177]), (463, [1, 3, 7, 7, 17, 17, 37, 71]), (487, [1, 3, 1, 5, 27, 63, 123, 213]),
        (501, [1, 1, 3, 5, 11, 43, 53, 133]), (529, [1, 3, 5, 5, 29, 17, 47, 173, 479]), (539, [1, 3, 3, 11, 3, 1, 109, 9, 69]),
        (545, [1, 1, 1, 5, 17, 39, 23, 5, 343]), (557, [1, 3, 1, 5, 25, 15, 31, 103, 499]), (563, [1, 1, 1, 11, 11, 17, 63, 105, 183]),
        (601, [1, 1, 5, 11, 9, 29, 97, 231, 363]), (607, [1, 1, 5, 15, 19, 45, 41, 7, 383]), (617, [1, 3, 7, 7, 31, 19, 83, 137, 221]),
        (623, [1, 1, 1, 3, 23, 15, 111, 223, 83]), (631, [1, 1, 5, 13, 31, 15, 55, 25, 161]), (637, [1, 1, 3, 13, 25, 47, 39, 87, 257]),
    ]
}

/// Halton's sequence: in dimension d, the digits of 0, 1, 2… to the d-th prime as base, mirrored at the point.
public struct Halton: Sendable {
    private let bases: [Int]
    /// For each dimension and position of a digit, what the digits are replaced by; empty when they stay.
    private let permutations: [[[Int]]]

    public static let dimensionLimit = 100

    /// Up to `dimensionLimit` dimensions. With a generator the digits of each position are permuted at random (Owen, 2017).
    public init(dimensions: Int, scrambledBy generator: inout Generator?) {
        precondition((1...Halton.dimensionLimit).contains(dimensions))
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
            (0..<Int((53 / log2(Double(base))).rounded(.up))).map { _ in
                var digits = Array(0..<base)
                source.shuffle(&digits)
                return digits
            }
        }
        generator = source
    }

    /// The first n points.
    public func points(_ n: Int) -> [[Double]] { (0..<n).map { i in bases.indices.map { coordinate(i, $0) } } }

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
