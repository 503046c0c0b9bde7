import COpenBLAS
import Foundation

/// The functions of OpenBLAS that the library calls.
///
/// It is loaded at the first use and not linked: merely being loaded, it starts threads that spin for a tenth of a second,
/// which every start of padash would pay for.
struct OpenBLAS: Sendable {
    let sgemm: COpenBLAS_sgemm

    /// Throws `OpenBLASError` where the library cannot be loaded.
    static func loaded() throws -> OpenBLAS { try result.get() }

    private static let result = Result { try OpenBLAS() }

    private init() throws {
        // Its own threads make small products slower, and results depend on their number. It reads this when loaded.
        setenv("OPENBLAS_NUM_THREADS", "1", 1)
        #if os(macOS)
        let names = ["/opt/homebrew/opt/openblas/lib/libopenblas.dylib", "/usr/local/opt/openblas/lib/libopenblas.dylib", "libopenblas.dylib"]
        #else
        let names = ["libopenblas.so.0", "libopenblas.so"]
        #endif
        guard let library = names.lazy.compactMap({ dlopen($0, RTLD_NOW | RTLD_LOCAL) }).first else {
            throw OpenBLASError(message: "cannot load OpenBLAS: \(dlerror().map { String(cString: $0) } ?? names[0])")
        }
        func function<F>(_ name: String, as type: F.Type) throws -> F {
            guard let symbol = dlsym(library, name) else { throw OpenBLASError(message: "the installed OpenBLAS has no function \(name)") }
            return unsafeBitCast(symbol, to: type)
        }
        sgemm = try function("cblas_sgemm", as: COpenBLAS_sgemm.self)
    }
}

/// OpenBLAS is missing or unfit.
public struct OpenBLASError: Error, Sendable {
    /// A plain sentence.
    public let message: String
    /// What to do about it.
    public var hint: String { "install it (on Debian and Ubuntu: apt-get install libopenblas0)" }
}
