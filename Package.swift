// swift-tools-version: 6.2
// Since 6.2 SwiftPM lets a package depend on this one by version although its targets have unsafe flags.
import PackageDescription

// On x86-64 the engine is built for AVX2 and FMA (x86-64-v3), and its convolutions for AVX-512 (x86-64-v4) too, which are called
// where the processor has it; other architectures use their own default.
#if arch(x86_64)
let processor: [SwiftSetting] = [.unsafeFlags(["-Xcc", "-march=x86-64-v3"])]
let wideProcessor: [SwiftSetting] = [.unsafeFlags(["-Xcc", "-march=x86-64-v4"])]
#else
let processor: [SwiftSetting] = []
let wideProcessor: [SwiftSetting] = []
#endif

// The interpreter's state is reached through one pointer from one thread; checking every access of it at run time
// costs a tenth of its speed (Benchmarks/language).
// The LLVM option copies the jump to the next instruction to the end of each instruction of the VM's loop: the processor
// then predicts each of these jumps by itself, as with threaded code, which makes float_loop twice as fast.
let interpreter: [SwiftSetting] = [.unsafeFlags(["-enforce-exclusivity=unchecked", "-Xllvm", "-tail-dup-size=20"])]

let package = Package(
    name: "padash",
    products: [
        .library(name: "NASLib", targets: ["NASLib"]),
        .executable(name: "padash", targets: ["padash"]),
    ],
    targets: [
        // Without their pkg-config files: OpenBLAS is loaded when it is first needed, and SwiftPM warns about readline's flags.
        .systemLibrary(name: "COpenBLAS", providers: [.apt(["libopenblas-dev"])]),
        .systemLibrary(name: "CReadline", providers: [.apt(["libreadline-dev"])]),
        // Headers only: what the processor can do, and what the kernels are told.
        .systemLibrary(name: "CProcessor"),
        .systemLibrary(name: "CKernels"),
        .target(name: "EmbeddedData", exclude: ["files"]),
        .target(name: "Text"),
        .target(name: "Lang", dependencies: ["Text"]),
        .target(name: "Plots", dependencies: ["Text"]),
        .target(name: "Documents", dependencies: ["Text", "Lang"]),
        // Files of NASLib/Kernels once more.
        .target(name: "WideKernels", dependencies: ["CKernels"], swiftSettings: wideProcessor + [.define("WIDE_VECTORS")]),
        .target(
            name: "NASLib", dependencies: ["COpenBLAS", "CProcessor", "CKernels", "EmbeddedData", "WideKernels", "Text"],
            swiftSettings: processor),
        .target(name: "Runtime", dependencies: ["Text", "Lang", "NASLib"], swiftSettings: interpreter),
        .target(name: "Library", dependencies: ["Text", "Lang", "Plots", "NASLib", "Runtime"], resources: [.embedInCode("Modules")]),
        .executableTarget(
            name: "padash", dependencies: ["Text", "Lang", "Documents", "NASLib", "Runtime", "Library", "CReadline", "CProcessor"],
            resources: [.embedInCode("Kernel/padash_kernel.py")]),
        .testTarget(name: "LangTests", dependencies: ["Lang", "Text"]),
        .testTarget(name: "NASLibTests", dependencies: ["NASLib", "Text"], swiftSettings: processor),
        .testTarget(name: "RuntimeTests", dependencies: ["Runtime", "Library", "Documents", "Plots", "Text", "padash"]),
        .testTarget(name: "padashTests", dependencies: ["padash"]),
    ],
    swiftLanguageModes: [.v6]
)
