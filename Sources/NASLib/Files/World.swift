import Foundation

/// What lies outside of the program: files, the clock, the environment. Where several ranks run it in step, there is one world, that of the
/// first rank: it alone looks and acts there, and tells the others what came of it.
public enum World {
    /// What rank 0 finds or does, everywhere; an error of its is everybody's.
    static func bytes(_ purpose: String, _ body: () throws -> [UInt8]) throws -> [UInt8] {
        guard let ranks = Ranks.inStep else { return try body() }
        let message = ranks.rank == 0 ? RankedResult.pack(Result { try Ranks.$inStep.withValue(nil) { try body() } }) : []
        return try RankedResult.unpack(try ranks.ofFirst(message, purpose))
    }

    /// An act without a result.
    public static func act(_ purpose: String, _ body: () throws -> Void) throws {
        _ = try bytes(purpose) {
            try body()
            return []
        }
    }

    /// A value of a fixed size, such as a number or the answer to a question.
    public static func value<Value: BitwiseCopyable>(_ purpose: String, _ body: () throws -> Value) throws -> Value {
        guard Ranks.inStep != nil else { return try body() }
        let bytes = try bytes(purpose) { try withUnsafeBytes(of: body()) { Array($0) } }
        return bytes.withUnsafeBytes { $0.loadUnaligned(as: Value.self) }
    }

    /// All of standard input.
    public static func input(limit: Int) throws -> [UInt8] {
        try bytes("standard input") { try FileBytes.read(0, name: "<stdin>", limit: limit) }
    }

    /// A variable of the environment.
    public static func variable(_ name: String) throws -> FileName? {
        let bytes = try bytes("the environment's \(name)") { getenv(name).map { [1] + FileName(cString: $0).bytes } ?? [0] }
        return bytes.first == 1 ? FileName(bytes: Array(bytes.dropFirst())) : nil
    }

    /// A text, or none.
    public static func text(_ purpose: String, _ body: () throws -> String?) throws -> String? {
        guard Ranks.inStep != nil else { return try body() }
        let bytes = try bytes(purpose) { try body().map { [1] + Array($0.utf8) } ?? [0] }
        return bytes.first == 1 ? String(decoding: bytes.dropFirst(), as: UTF8.self) : nil
    }
}
