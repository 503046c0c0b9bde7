import CProcessor

/// What this machine's processor can do.
public enum Processor {
    /// Whether it runs the engine: on x86-64 that takes AVX2, FMA and the rest of x86-64-v3 (Intel since 2013, AMD since 2015).
    public static var runsTheEngine: Bool { CProcessor_runsTheEngine() != 0 }

    /// Throws a `NASError` of kind `processor` on a processor that does not run the engine, and ends the program on one that has not even
    /// AVX. A supernet asks for it when it is made; a program that uses other parts of the engine first can ask before them.
    public static func check() throws {
        guard !runsTheEngine else { return }
        // This file is itself built for AVX2: code that makes an error would use instructions that are not there.
        if CProcessor_hasVectors() == 0 { fatalError("this processor lacks AVX2 and FMA (x86-64-v3), for which the engine is built") }
        throw NASError(.processor, "this processor lacks AVX2 and FMA (x86-64-v3), for which the engine is built")
    }
}
