import Foundation

/// A small symmetric matrix of doubles, where floats would not do.
struct SymmetricMatrix {
    let size: Int
    private var elements: [Double]

    init(size: Int) {
        self.size = size
        elements = Array(repeating: 0, count: size * size)
    }

    /// Pearson's correlations between rows of one length; nil where a row is constant.
    init?(correlationsOf rows: [[Double]]) {
        self.init(size: rows.count)
        let centred = rows.map { row in
            let mean = row.reduce(0, +) / Double(row.count)
            return row.map { $0 - mean }
        }
        let norms = centred.map { row in row.reduce(0) { $0 + $1 * $1 }.squareRoot() }
        guard norms.allSatisfy({ $0 > 0 }) else { return nil }
        for a in 0..<size {
            for b in a..<size { add(zip(centred[a], centred[b]).reduce(0) { $0 + $1.0 * $1.1 } / norms[a] / norms[b], a, b) }
        }
    }

    mutating func add(_ value: Double, _ a: Int, _ b: Int) {
        elements[a * size + b] += value
        if a != b { elements[b * size + a] += value }
    }

    /// By Jacobi's rotations, in no order. O(size³) for each of a few rounds.
    func eigenvalues() -> [Double] {
        var m = elements
        let scale = m.reduce(0) { $0 + $1 * $1 }
        for _ in 0..<60 {
            var rest = 0.0
            for p in 0..<size { for q in 0..<p { rest += m[p * size + q] * m[p * size + q] } }
            if rest <= 1e-30 * scale { break }
            for p in 0..<size {
                for q in p + 1..<max(p + 1, size) where m[p * size + q] != 0 {
                    // The rotation by which the element (p, q) becomes 0: t = tan of the angle.
                    let theta = (m[q * size + q] - m[p * size + p]) / (2 * m[p * size + q])
                    let t = (theta < 0 ? -1 : 1) / (abs(theta) + (theta * theta + 1).squareRoot())
                    let c = 1 / (t * t + 1).squareRoot()
                    let s = t * c
                    for k in 0..<size {
                        let (a, b) = (m[k * size + p], m[k * size + q])
                        m[k * size + p] = c * a - s * b
                        m[k * size + q] = s * a + c * b
                    }
                    for k in 0..<size {
                        let (a, b) = (m[p * size + k], m[q * size + k])
                        m[p * size + k] = c * a - s * b
                        m[q * size + k] = s * a + c * b
                    }
                }
            }
        }
        return (0..<size).map { m[$0 * size + $0] }
    }

    /// log |det|, -inf where the matrix is singular but for rounding.
    func logarithmOfDeterminant() -> Double {
        let values = eigenvalues().map(abs)
        guard let largest = values.max(), largest > 0, !values.contains(where: { $0 < 1e-12 * largest }) else { return -.infinity }
        return values.reduce(0) { $0 + log($1) }
    }
}
