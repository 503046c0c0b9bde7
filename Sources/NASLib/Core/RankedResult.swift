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

/// An error as it goes to other ranks: those of the engine by what they are, others by their words.
private struct RankedError: Codable {
    private var known: NASError?
    /// Of `SystemError`.
    private var code: Int32?

    init(_ error: any Error) {
        if let error = error as? SystemError { code = error.code } else { known = error as? NASError ?? NASError(.value, "\(error)") }
    }

    var error: any Error { code.map(SystemError.init) ?? known ?? NASError(.value, "an error of another rank cannot be read") }
}
