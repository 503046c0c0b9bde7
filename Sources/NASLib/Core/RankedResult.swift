import Foundation

/// What a rank has come to, as bytes for the others: a value or an error.
enum RankedResult {
    static func pack(_ result: Result<[UInt8], any Error>) -> [UInt8] {
        switch result {
        case .success(let bytes): [0] + bytes
        case .failure(let error): [1] + encoded(RankedError(error))
        }
    }

    static func unpack(_ bytes: [UInt8]) throws -> [UInt8] {
        let rest = Array(bytes.dropFirst())
        if bytes.first == 0 { return rest }
        throw try PropertyListDecoder().decode(RankedError.self, from: Data(rest)).error
    }

    static func bytes<Value: Encodable & SendableMetatype>(_ result: Result<Value, any Error>) -> [UInt8] { pack(result.map(encoded)) }

    static func value<Value: Decodable>(_ bytes: [UInt8]) throws -> Value {
        try PropertyListDecoder().decode(Value.self, from: Data(try unpack(bytes)))
    }

    private static func encoded(_ value: some Encodable) -> [UInt8] {
        let encoder = PropertyListEncoder()
        encoder.outputFormat = .binary
        do { return Array(try encoder.encode(value)) } catch { preconditionFailure("numbers and texts are property lists: \(error)") }
    }
}

/// An error as it goes to other ranks: those of the engine's ground by what they are, others by their words.
private struct RankedError: Codable {
    private enum Kind: Int, Codable { case system, file, size, interrupted, ranks, shape, data }

    private var kind: Kind
    private var message = ""
    private var hint, parameter: String?
    /// Of `SystemError`.
    private var code: Int32 = 0
    /// Of `FileError`.
    private var isTooLong = false

    init(_ error: any Error) {
        switch error {
        case let error as SystemError: (kind, code) = (.system, error.code)
        case let error as FileError: (kind, message, hint, isTooLong) = (.file, error.message, error.hint, error.isTooLong)
        case let error as SizeError: (kind, message, hint) = (.size, error.message, error.hint)
        case is Interrupted: kind = .interrupted
        case let error as RanksError: (kind, message, hint) = (.ranks, error.message, error.hint)
        case let error as ShapeError: (kind, message) = (.shape, error.message)
        case let error as DataError: (kind, message, hint, parameter) = (.data, error.message, error.hint, error.parameter)
        default: (kind, message) = (.data, "\(error)")
        }
    }

    var error: any Error {
        switch kind {
        case .system: SystemError(code)
        case .file: FileError(message, hint: hint, isTooLong: isTooLong)
        case .size: SizeError(message: message, hint: hint)
        case .interrupted: Interrupted()
        case .ranks: RanksError(message, hint: hint)
        case .shape: ShapeError(message)
        case .data: DataError(message, hint: hint, parameter: parameter)
        }
    }
}
