import COpenBLAS
import Foundation

/// The functions of OpenBLAS that the library calls.
///
/// It is loaded at the first use and not linked: merely being loaded, it starts threads that spin for a tenth of a second,
/// which every start of padash would pay for.
struct OpenBLAS: Sendable {
    let sgemm: COpenBLAS_sgemm

    // LAPACK in double precision, called as Fortran is: everything by address, the lengths of texts at the end.
    typealias Size = UnsafePointer<Int32>
    typealias Letter = UnsafePointer<CChar>
    typealias Doubles = UnsafeMutablePointer<Double>
    typealias Int32s = UnsafeMutablePointer<Int32>
    /// n, columns, A, its stride, pivots, B, its stride, info: solves linear equations.
    let gesv: @convention(c) (Size, Size, Doubles, Size, Int32s, Doubles, Size, Int32s) -> Void
    /// rows, columns, A, its stride, pivots, info: the LU decomposition.
    let getrf: @convention(c) (Size, Size, Doubles, Size, Int32s, Int32s) -> Void
    /// half, n, A, its stride, info: the Cholesky decomposition.
    let potrf: @convention(c) (Letter, Size, Doubles, Size, Int32s, Int) -> Void
    /// job, half, n, A, its stride, eigenvalues, work, integers, info: a symmetric eigensystem.
    let syevd: @convention(c) (Letter, Letter, Size, Doubles, Size, Doubles, Doubles, Size, Int32s, Size, Int32s, Int, Int) -> Void
    /// job, rows, columns, A, its stride, s, U, its stride, V^T, its stride, work, integers, info: singular values.
    let gesdd:
        @convention(c) (Letter, Size, Size, Doubles, Size, Doubles, Doubles, Size, Doubles, Size, Doubles, Size, Int32s, Int32s, Int) ->
            Void
    /// rows, columns, right sides, A, its stride, B, its stride, s, precision, rank, work, integers, info: least squares.
    let gelsd:
        @convention(c) (
            Size, Size, Size, Doubles, Size, Doubles, Size, Doubles, UnsafePointer<Double>, Int32s, Doubles, Size, Int32s, Int32s
        ) -> Void

    /// Throws where the library cannot be loaded, and where there is no memory for it now.
    static func loaded() throws -> OpenBLAS {
        try known.withLock { known in
            if let known { return known }
            try MemoryAccount.ask(ownMemory)
            let library = try OpenBLAS()
            known = library
            return library
        }
    }

    private static let known = Guarded<OpenBLAS?>(nil)

    /// What it takes for itself with its first product, in bytes. Where it gets less, it tries again for ever.
    private static let ownMemory = 192 << 20

    private init() throws {
        // Its own threads make small products slower, and results depend on their number. It reads this when loaded.
        setenv("OPENBLAS_NUM_THREADS", "1", 1)
        func unfit(_ message: String) -> NASError {
            NASError(.library, message, hint: "install it (on Debian and Ubuntu: apt-get install libopenblas0)")
        }
        #if os(macOS)
        let names = [
            "/opt/homebrew/opt/openblas/lib/libopenblas.dylib", "/usr/local/opt/openblas/lib/libopenblas.dylib", "libopenblas.dylib",
        ]
        #else
        let names = ["libopenblas.so.0", "libopenblas.so"]
        #endif
        guard let library = names.lazy.compactMap({ dlopen($0, RTLD_NOW | RTLD_LOCAL) }).first else {
            throw unfit("cannot load OpenBLAS: \(dlerror().map { String(cString: $0) } ?? names[0])")
        }
        func function<F>(_ name: String, as type: F.Type = F.self) throws -> F {
            guard let symbol = dlsym(library, name) else { throw unfit("the installed OpenBLAS has no function \(name)") }
            return unsafeBitCast(symbol, to: type)
        }
        sgemm = try function("cblas_sgemm", as: COpenBLAS_sgemm.self)
        gesv = try function("dgesv_")
        getrf = try function("dgetrf_")
        potrf = try function("dpotrf_")
        syevd = try function("dsyevd_")
        gesdd = try function("dgesdd_")
        gelsd = try function("dgelsd_")
        takeOwnMemory()
    }
}

extension OpenBLAS {
    /// What it works in it sets up with the first product that is not small, and keeps: now it is there.
    private func takeOwnMemory() {
        let size = 192
        let matrix = [Float](repeating: 0, count: size * size)
        var product = matrix
        let n = Int32(size)
        sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, n, n, n, 1, matrix, n, matrix, n, 0, &product, n)
    }
}
