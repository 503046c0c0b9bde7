import Foundation

/// What a rank has come to, as bytes for the others: a value or an error.
enum RankedResult {
    static func pack(_ result: Result<[UInt8], any Error>) -> [UInt8] {
        switch result {
        case .success(let bytes): [0] + bytes
        case .failure(let error): [1] + RankedError(error).bytes
        }
    }

    static func unpack(_ bytes: [UInt8]) throws -> [UInt8] {
        if bytes.first == 0 { return Array(bytes.dropFirst()) }
        throw RankedError(bytes.dropFirst()).error
    }

    static func bytes<Value: Encodable>(_ result: Result<Value, any Error>) -> [UInt8] {
        let encoder = PropertyListEncoder()
        encoder.outputFormat = .binary
        return pack(result.flatMap { value in Result { Array(try encoder.encode(value)) } })
    }

    static func value<Value: Decodable>(_ bytes: [UInt8]) throws -> Value {
        try PropertyListDecoder().decode(Value.self, from: Data(try unpack(bytes)))
    }
}

/// An error as bytes: those of files by what they are, others by their words.
private struct RankedError {
    let error: any Error

    init(_ error: any Error) { self.error = error }

    /// Kind, number, message, whether there is a hint, and the hint.
    var bytes: [UInt8] {
        func pack(_ kind: UInt8, number: Int = 0, _ message: String = "", hint: String? = nil) -> [UInt8] {
            let text = Array(message.utf8)
            return [kind] + withUnsafeBytes(of: number) { Array($0) } + withUnsafeBytes(of: text.count) { Array($0) } + text + (hint.map { [1] + Array($0.utf8) } ?? [0])
        }
        return switch error {
        case let error as SystemError: pack(0, number: Int(error.code))
        case let error as FileError: pack(1, number: error.isTooLong ? 1 : 0, error.message, hint: error.hint)
        case let error as SizeError: pack(2, error.message, hint: error.hint)
        case is Interrupted: pack(3)
        case let error as RanksError: pack(4, error.message, hint: error.hint)
        case let error as ShapeError: pack(5, error.message)
        case let error as DataError: pack(6, error.message, hint: error.hint)
        default: pack(4, "\(error)")
        }
    }

    init(_ bytes: ArraySlice<UInt8>) {
        let bytes = Array(bytes)
        let (number, length) = bytes.withUnsafeBytes { ($0.loadUnaligned(fromByteOffset: 1, as: Int.self), $0.loadUnaligned(fromByteOffset: 9, as: Int.self)) }
        let message = String(decoding: bytes[17..<17 + length], as: UTF8.self)
        let hint = bytes[17 + length] == 1 ? String(decoding: bytes[(18 + length)...], as: UTF8.self) : nil
        error = switch bytes[0] {
        case 0: SystemError(Int32(truncatingIfNeeded: number))
        case 2: SizeError(message: message, hint: hint)
        case 3: Interrupted()
        case 4: RanksError(message, hint: hint)
        case 5: ShapeError(message)
        case 6: DataError(message, hint: hint)
        default: FileError(message, hint: hint, isTooLong: number == 1)
        }
    }
}
