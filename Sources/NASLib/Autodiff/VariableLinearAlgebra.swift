/// Linear algebra; d is the gradient of the result. The formulas are those of Giles (2008, "Collected matrix derivative
/// results") and, for the singular value decomposition, Townsend (2016).
extension Variable {
    /// The X with A X = B: B's share is A^-T d, A's is -A^-T d X^T. A vector b gives a vector.
    public static func solution(_ a: Variable, _ b: Variable) throws -> Variable {
        guard b.rank != 1 else { return try solution(a, b.reshaped([b.count, 1])).reshaped([b.count]) }
        return try record(
            try Tensor.solution(a.tensor, b.tensor, "solve"),
            a, { d, x in try product(solution(a.transposed(), d), x.transposed()).negated() },
            b, { d, _ in try solution(a.transposed(), d) })
    }

    /// A^-1: -Y^T d Y^T.
    public func inverse() throws -> Variable {
        let n = try tensor.squareMatrix("inv")
        return try Variable.record(try Tensor.solution(tensor, Variable.identity(n).tensor, "inv"), self) { d, y in
            let back = try y.transposed()
            return try Variable.product(Variable.product(back, d), back).negated()
        }
    }

    /// d det(A) A^-T.
    public func determinant() throws -> Variable {
        try Variable.record(try tensor.determinant(), self) { d, y in try Variable.multiply(Variable.multiply(d, y), inverse().transposed()) }
    }

    /// The X for which |A X - B| is least. With Z = (A^T A)^-1 d, B's share is A Z and A's is (B - A X) Z^T - A Z X^T.
    public static func leastSquares(_ a: Variable, _ b: Variable) throws -> Variable {
        guard b.rank != 1 else { return try leastSquares(a, b.reshaped([b.count, 1])).reshaped([a.shape.last ?? 0]) }
        func z(_ d: Variable) throws -> Variable { try solution(product(a.transposed(), a), d) }
        return try record(
            try Tensor.leastSquares(a.tensor, b.tensor),
            a, { d, x in
                let z = try z(d)
                let rest = try product(subtract(b, product(a, x)), z.transposed())
                return try subtract(rest, product(product(a, z), x.transposed()))
            },
            b, { d, _ in try product(a, z(d)) })
    }

    /// The lower triangular L with L L^T = A. With P the lower half of L^T d, its diagonal halved, the share is the symmetric
    /// part of L^-T P L^-1.
    public func cholesky() throws -> Variable {
        let n = try tensor.squareMatrix("cholesky")
        return try Variable.record(try tensor.cholesky(), self) { d, l in
            let half = Variable(Tensor(shape: [n, n]) { target in
                for i in 0..<n { for j in 0..<n { target[i * n + j] = i > j ? 1 : i == j ? 0.5 : 0 } }
            })
            let inner = try Variable.multiply(Variable.product(l.transposed(), d), half)
            let inverse = try l.inverse()
            return try Variable.product(Variable.product(inverse.transposed(), inner), inverse).symmetricPart()
        }
    }

    /// The eigenvalues w (ascending) and eigenvectors V (columns) of a symmetric matrix. The share is the symmetric part of
    /// V (diag(dw) + F * (V^T dV)) V^T with F[i, j] = 1 / (w[j] - w[i]) off the diagonal; it needs distinct eigenvalues.
    public func symmetricEigensystem() throws -> (values: Variable, vectors: Variable) {
        let n = try tensor.squareMatrix("eigh")
        func parts(_ x: Variable) throws -> (Variable, Variable) { (try x[[.position(0)]], try x[[.range(1..<n + 1)]]) }
        let both = try Variable.record(try tensor.symmetricEigensystem(), self) { d, y in
            let (w, v) = try parts(y), (dw, dv) = try parts(d)
            let one = Variable.identity(n)
            let turn = try Variable.multiply(Variable.product(v.transposed(), dv), Variable.reciprocalDifferences(w))
            let inner = try Variable.add(Variable.multiply(one, dw), turn)
            return try Variable.product(Variable.product(v, inner), v.transposed()).symmetricPart()
        }
        return try parts(both)
    }

    /// U [m, k], s [k] (descending) and V^T [k, n] with U diag(s) V^T = A, k = min(m, n). The gradient needs distinct
    /// singular values that are not 0.
    public func singularValues() throws -> (u: Variable, s: Variable, vt: Variable) {
        let (m, n) = try tensor.matrix("svd")
        let k = min(m, n)
        func parts(_ x: Variable) throws -> (Variable, Variable, Variable) {
            (try x[[.range(0..<m * k)]].reshaped([m, k]), try x[[.range(m * k..<m * k + k)]], try x[[.range(m * k + k..<x.count)]].reshaped([k, n]))
        }
        let all = try Variable.record(try tensor.singularValues(), self) { d, y in
            let (u, s, vt) = try parts(y), (du, ds, dvt) = try parts(d)
            let (v, dv) = (try vt.transposed(), try dvt.transposed())
            let gaps = try Variable.reciprocalDifferences(Variable.multiply(s, s))
            /// F * (Q^T dQ - dQ^T Q).
            func turn(_ q: Variable, _ dq: Variable) throws -> Variable {
                let product = try Variable.product(q.transposed(), dq)
                return try Variable.multiply(gaps, Variable.subtract(product, product.transposed()))
            }
            /// What of x lies outside the columns of q.
            func outside(_ q: Variable, _ x: Variable) throws -> Variable {
                try Variable.subtract(x, Variable.product(q, Variable.product(q.transposed(), x)))
            }
            let column = try s.reshaped([k, 1])
            let core = try Variable.add(
                Variable.multiply(Variable.identity(k), ds), Variable.add(Variable.multiply(turn(u, du), s), Variable.multiply(column, turn(v, dv))))
            let inside = try Variable.product(Variable.product(u, core), vt)
            let left = try Variable.product(Variable.divide(outside(u, du), s), vt)
            let right = try Variable.product(u, Variable.divide(outside(v, dv).transposed(), column))
            return try Variable.add(inside, Variable.add(left, right))
        }
        return try parts(all)
    }

    private static func identity(_ n: Int) -> Variable {
        Variable(Tensor(shape: [n, n]) { target in
            for i in 0..<n { for j in 0..<n { target[i * n + j] = i == j ? 1 : 0 } }
        })
    }

    /// 1 / (x[j] - x[i]), 0 on the diagonal.
    private static func reciprocalDifferences(_ x: Variable) throws -> Variable {
        let n = x.count
        let one = identity(n)
        let differences = try add(subtract(x, x.reshaped([n, 1])), one)
        return try divide(subtract(Variable(1), one), differences)
    }

    private func symmetricPart() throws -> Variable { try Variable.multiply(Variable.add(self, transposed()), Variable(0.5)) }
}
