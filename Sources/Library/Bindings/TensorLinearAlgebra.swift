import NASLib
import Runtime

extension Library {
    /// Linear algebra on matrices, all of it differentiable.
    static let linearAlgebra: [Builtin] = [
        .fn("solve", "a, b", "The x with `a @ x` equal to b, for a square matrix a and a vector or matrix b.",
            "solve(tensor([[2, 0], [0, 4]]), tensor([2, 8])).to_list()  # => [1.0, 2.0]") { call in
            call.object(TensorObject(try Variable.solution(try call.tensor(0), try call.tensor(1))))
        },
        .fn("lstsq", "a, b", "The least-squares solution x of `a @ x` = b, for a matrix a and a vector or matrix b.",
            "lstsq(tensor([[1], [1]]), tensor([1, 3])).to_list()[0]  # => 2.0") { call in
            call.object(TensorObject(try Variable.leastSquares(try call.tensor(0), try call.tensor(1))))
        },
        .fn("inv", "a", "The inverse of a square matrix.",
            "inv(tensor([[2, 0], [0, 4]])).to_list()  # => [[0.5, 0.0], [0.0, 0.25]]") { call in
            call.object(TensorObject(try call.tensor(0).inverse()))
        },
        .fn("det", "a", "The determinant of a square matrix.", "det(tensor([[2, 1], [1, 3]]))  # => 5.0") { call in
            call.value(try call.tensor(0).determinant())
        },
        .fn("cholesky", "a",
            """
            The lower triangular matrix l with `l @ l.T` equal to a symmetric positive definite matrix, of which only the lower half is \
            read.
            """,
            "cholesky(tensor([[4, 2], [2, 2]])).to_list()  # => [[2.0, 0.0], [1.0, 1.0]]") { call in
            call.object(TensorObject(try call.tensor(0).cholesky()))
        },
        .fn("eigh", "a",
            """
            A map of the eigenvalues `values` of a symmetric matrix, in ascending order, and its eigenvectors `vectors`, as columns. Only \
            the lower half of the matrix is read.
            """,
            "eigh(tensor([[2, 0], [0, 1]])).values.to_list()  # => [1.0, 2.0]") { call in
            let (values, vectors) = try call.tensor(0).symmetricEigensystem()
            return map([("values", values), ("vectors", vectors)], call)
        },
        .fn("svd", "a",
            """
            The singular value decomposition of a matrix: a map of u, s (in descending order) and vt such that `(u * s) @ vt` is the \
            matrix.
            """,
            "svd(tensor([[3, 0], [0, -4]])).s.to_list()  # => [4.0, 3.0]") { call in
            let (u, s, vt) = try call.tensor(0).singularValues()
            return map([("u", u), ("s", s), ("vt", vt)], call)
        },
    ]

    private static func map(_ entries: [(String, Variable)], _ call: Call) -> Value {
        let map = call.heap.map(capacity: entries.count)
        for (name, value) in entries { call.heap.set(name, to: call.object(TensorObject(value)), in: map) }
        return .map(map)
    }
}
