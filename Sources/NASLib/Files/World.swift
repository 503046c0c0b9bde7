import Foundation

/// What lies outside of the program: files, the clock, the environment. Where several ranks run it in step, there is one world, that of the
/// first rank: it alone looks and acts there, and tells the others what came of it.
package enum World {
    /// What rank 0 finds or does, everywhere; an error of its is everybody's. As bytes it goes to the others, where there are others.
    private static func find<Found>(
        _ purpose: () -> String, _ body: () throws -> Found, pack: (Found) -> [UInt8], unpack: ([UInt8]) -> Found
    ) throws -> Found {
        guard let ranks = Ranks.inStep else { return try body() }
        // Who has parted from the others does nothing any more that can be seen.
        try ranks.checkTogether()
        let message = ranks.rank == 0 ? RankedResult.pack(Result { pack(try Ranks.$inStep.withValue(nil) { try body() }) }) : []
        return unpack(try RankedResult.unpack(try ranks.ofFirst(message, purpose())))
    }

    static func bytes(_ purpose: @autoclosure () -> String, _ body: () throws -> [UInt8]) throws -> [UInt8] {
        try find(purpose, body, pack: { $0 }, unpack: { $0 })
    }

    /// An act without a result.
    package static func act(_ purpose: @autoclosure () -> String, _ body: () throws -> Void) throws {
        try find(purpose, body, pack: { [] }, unpack: { _ in })
    }

    /// A value of a fixed size, such as a number or the answer to a question.
    package static func value<Value: BitwiseCopyable>(_ purpose: @autoclosure () -> String, _ body: () throws -> Value) throws -> Value {
        try find(
            purpose, body, pack: { value in withUnsafeBytes(of: value) { Array($0) } },
            unpack: { bytes in bytes.withUnsafeBytes { $0.loadUnaligned(as: Value.self) } })
    }

    /// A name or text as the system has it, or none.
    static func name(_ purpose: @autoclosure () -> String, _ body: () throws -> FileName?) throws -> FileName? {
        try find(
            purpose, body, pack: { $0.map { [1] + $0.bytes } ?? [0] },
            unpack: { $0.first == 1 ? FileName(bytes: Array($0.dropFirst())) : nil })
    }

    static func names(_ purpose: @autoclosure () -> String, _ body: () throws -> [FileName]) throws -> [FileName] {
        try find(
            purpose, body, pack: { Array($0.map(\.bytes).joined(separator: [0])) },
            unpack: { $0.split(separator: 0).map { FileName(bytes: Array($0)) } })
    }

    /// A text, or none.
    package static func text(_ purpose: @autoclosure () -> String, _ body: () throws -> String?) throws -> String? {
        try find(
            purpose, body, pack: { $0.map { [1] + Array($0.utf8) } ?? [0] },
            unpack: { $0.first == 1 ? String(decoding: $0.dropFirst(), as: UTF8.self) : nil })
    }

    /// All of standard input.
    package static func input(limit: Int) throws -> [UInt8] {
        try bytes("standard input") { try FileBytes.read(0, name: "<stdin>", limit: limit) }
    }

    /// A variable of the environment.
    package static func variable(_ variable: String) throws -> FileName? {
        try name("the environment's \(variable)") { getenv(variable).map { FileName(cString: $0) } }
    }
}
