import Foundation

/// Linear algebra by LAPACK, in double precision. LAPACK keeps matrices column by column.
extension Tensor {
    /// The sizes of a matrix, which must leave LAPACK no more than a minute or so of work.
    func matrix(_ operation: String) throws -> (rows: Int, columns: Int) {
        guard rank == 2, count > 0 else {
            throw NASError(.shape, "\(operation): it needs a matrix, not a tensor of shape \(Tensor.text(shape))")
        }
        guard min(shape[0], shape[1]) <= 1 << 12, count <= 1 << 26 else {
            throw NASError(.limit, "\(operation): a matrix of shape \(Tensor.text(shape)) is too large: the most is \(1 << 12) rows or columns, and \(1 << 26) elements")
        }
        return (shape[0], shape[1])
    }

    /// The size of a square matrix.
    func squareMatrix(_ operation: String) throws -> Int {
        let (rows, columns) = try matrix(operation)
        guard rows == columns else {
            throw NASError(.shape, "\(operation): it needs a square matrix, not one of shape \(Tensor.text(shape))")
        }
        guard values.allSatisfy(\.isFinite) else {
            throw NASError(.value, "\(operation): the matrix has elements that are not finite numbers")
        }
        return rows
    }

    /// LAPACK cannot be stopped: work on more than a small matrix is done on a thread that can be left alone.
    /// - Parameter copies: how many doubles it takes for each of `count` elements.
    private static func apart(_ count: Int, copies: Int = 4, _ work: @escaping @Sendable () throws -> Tensor) throws -> Tensor {
        try MemoryAccount.ask(count * copies * MemoryLayout<Double>.stride)
        return try Cancellation.abandoning(when: count >= 1 << 15, work)
    }

    /// The matrix column by column.
    private func columns() -> [Double] {
        let (rows, columns) = (shape[0], shape[1])
        return (0..<columns).flatMap { j in (0..<rows).map { Double(values[$0 * columns + j]) } }
    }

    /// The first `rows` of each column, columns being `stride` apart.
    private init(columns: [Double], rows: Int, count: Int, stride: Int) {
        self.init(shape: [rows, count]) { target in
            for i in 0..<rows { for j in 0..<count { target[i * count + j] = Float(columns[j * stride + i]) } }
        }
    }

    /// The X with A X = B, for matrices A [n, n] and B [n, m] (Gaussian elimination with pivots).
    static func solution(_ a: Tensor, _ b: Tensor, _ operation: String) throws -> Tensor {
        try Tensor.apart(a.count + b.count) {
            let n = try a.squareMatrix(operation)
            let (rows, m) = try b.matrix(operation)
            guard rows == n else {
                throw NASError(.shape, "\(operation): shapes \(text(a.shape)) and \(text(b.shape)) do not fit: \(n) rows against \(rows)")
            }
            var (matrix, x) = (a.columns(), b.columns())
            var pivots = [Int32](repeating: 0, count: n)
            let order = [Int32(n)]
            var info = Int32(0)
            try OpenBLAS.loaded().gesv(order, [Int32(m)], &matrix, order, &pivots, &x, order, &info)
            guard info == 0 else { throw NASError(.value, "\(operation): the matrix is singular") }
            return Tensor(columns: x, rows: n, count: m, stride: n)
        }
    }

    /// The determinant: the product of the pivots of Gaussian elimination.
    func determinant() throws -> Tensor {
        try Tensor.apart(count) {
            let n = try squareMatrix("det")
            var matrix = columns()
            var pivots = [Int32](repeating: 0, count: n)
            let order = [Int32(n)]
            var info = Int32(0)
            try OpenBLAS.loaded().getrf(order, order, &matrix, order, &pivots, &info)
            let exchanges = pivots.enumerated().count { $1 != Int32($0 + 1) }
            return Tensor(Float((0..<n).reduce(exchanges % 2 == 0 ? 1.0 : -1.0) { $0 * matrix[$1 * n + $1] }))
        }
    }

    /// The lower triangular L with L L^T = A, of a symmetric positive definite A; only its lower half is read.
    func cholesky() throws -> Tensor {
        try Tensor.apart(count) {
            let n = try squareMatrix("cholesky")
            var matrix = columns()
            let order = [Int32(n)]
            var info = Int32(0)
            try OpenBLAS.loaded().potrf("L", order, &matrix, order, &info, 1)
            guard info == 0 else { throw NASError(.value, "cholesky: the matrix is not positive definite") }
            for j in 0..<n { for i in 0..<j { matrix[j * n + i] = 0 } }
            return Tensor(columns: matrix, rows: n, count: n, stride: n)
        }
    }

    /// The eigenvalues of a symmetric matrix in ascending order as the first row, below it the eigenvectors as columns:
    /// [n + 1, n]. Only the lower half is read.
    func symmetricEigensystem() throws -> Tensor {
        try Tensor.apart(count, copies: 10) {
            let n = try squareMatrix("eigh")
            var matrix = columns()
            var eigenvalues = [Double](repeating: 0, count: n)
            let order = [Int32(n)]
            var info = Int32(0)
            var work = [Double](repeating: 0, count: 1 + 6 * n + 2 * n * n)
            var integers = [Int32](repeating: 0, count: 3 + 5 * n)
            let sizes = ([Int32(work.count)], [Int32(integers.count)])
            try OpenBLAS.loaded().syevd("V", "L", order, &matrix, order, &eigenvalues, &work, sizes.0, &integers, sizes.1, &info, 1, 1)
            guard info == 0 else { throw NASError(.value, "eigh: the computation did not converge") }
            let vectors = Tensor(columns: matrix, rows: n, count: n, stride: n)
            return Tensor(shape: [n + 1, n], values: eigenvalues.map { Float($0) } + vectors.values)
        }
    }

    /// U [m, k], the k = min(m, n) singular values in descending order, and V^T [k, n], with U diag(s) V^T = A; one after the
    /// other along one axis.
    func singularValues() throws -> Tensor {
        try Tensor.apart(count, copies: 10) {
            let (m, n) = try matrix("svd")
            guard values.allSatisfy(\.isFinite) else { throw NASError(.value, "svd: the matrix has elements that are not finite numbers") }
            let k = min(m, n)
            var matrix = self.columns()
            var s = [Double](repeating: 0, count: k)
            var (u, vt) = ([Double](repeating: 0, count: m * k), [Double](repeating: 0, count: k * n))
            var integers = [Int32](repeating: 0, count: 8 * k)
            let (rows, columns, inner) = ([Int32(m)], [Int32(n)], [Int32(k)])
            var info = Int32(0)
            var work = [0.0]
            let gesdd = try OpenBLAS.loaded().gesdd
            // Called with -1 it tells how much room it wants.
            for size in [-1, nil] as [Int32?] {
                if size == nil { work = Array(repeating: 0, count: max(1, Int(saturating: work[0]))) }
                let count = [size ?? Int32(work.count)]
                gesdd("S", rows, columns, &matrix, rows, &s, &u, rows, &vt, inner, &work, count, &integers, &info, 1)
            }
            guard info == 0 else { throw NASError(.value, "svd: the computation did not converge") }
            let left = Tensor(columns: u, rows: m, count: k, stride: m), right = Tensor(columns: vt, rows: k, count: n, stride: k)
            return Tensor(shape: [m * k + k + k * n], values: left.values + s.map { Float($0) } + right.values)
        }
    }

    /// The shortest X for which |A X - B| is least, for matrices A [m, n] and B [m, p]. Singular values count as 0 that are below the
    /// rounding of the greatest, in the double precision of the computation: columns whose sizes differ are no
    /// dependence, up to a factor of 1e15.
    static func leastSquares(_ a: Tensor, _ b: Tensor) throws -> Tensor {
        try Tensor.apart(a.count + b.count, copies: 8) {
            let (m, n) = try a.matrix("lstsq"), (rows, p) = try b.matrix("lstsq")
            guard rows == m else {
                throw NASError(.shape, "lstsq: shapes \(text(a.shape)) and \(text(b.shape)) do not fit: \(m) rows against \(rows)")
            }
            guard a.values.allSatisfy(\.isFinite), b.values.allSatisfy(\.isFinite) else {
                throw NASError(.value, "lstsq: there are elements that are not finite numbers")
            }
            let stride = max(m, n)
            var (matrix, given) = (a.columns(), b.columns())
            var x = [Double](repeating: 0, count: stride * p)
            for j in 0..<p { for i in 0..<m { x[j * stride + i] = given[j * m + i] } }
            given = []
            var s = [Double](repeating: 0, count: min(m, n))
            let precision = [Double.ulpOfOne * Double(stride)]
            let (height, width, sides, leading) = ([Int32(m)], [Int32(n)], [Int32(p)], [Int32(stride)])
            var (found, info) = (Int32(0), Int32(0))
            var (work, integers) = ([0.0], [Int32(0)])
            let gelsd = try OpenBLAS.loaded().gelsd
            for size in [-1, nil] as [Int32?] {
                if size == nil {
                    work = Array(repeating: 0, count: max(1, Int(saturating: work[0])))
                    integers = Array(repeating: 0, count: max(1, Int(integers[0])))
                }
                let count = [size ?? Int32(work.count)]
                gelsd(height, width, sides, &matrix, height, &x, leading, &s, precision, &found, &work, count, &integers, &info)
            }
            guard info == 0 else { throw NASError(.value, "lstsq: the computation did not converge") }
            return Tensor(columns: x, rows: n, count: p, stride: stride)
        }
    }
}
