import Foundation

/// Shapes that do not fit, told with both of them.
public struct ShapeError: Error, Sendable {
    public let message: String
    public init(_ message: String) { self.message = message }
}

/// More than there is room for.
public struct SizeError: Error, Sendable {
    public let message: String
    public let hint: String?
    public init(message: String, hint: String? = nil) { (self.message, self.hint) = (message, hint) }
}

/// What is wrong with data or with a request for it.
public struct DataError: Error, Sendable {
    public let message: String
    public let hint: String?
    /// The parameter at fault, as the language calls it, where it is one alone.
    public let parameter: String?

    public init(_ message: String, hint: String? = nil, parameter: String? = nil) {
        self.message = message
        self.hint = hint
        self.parameter = parameter
    }
}

/// What is wrong with a file: which one, where in it, and what should have been there.
public struct FileError: Error, Equatable, Sendable {
    public let message: String
    public let hint: String?
    /// Whether the file has more bytes than are read.
    public let isTooLong: Bool

    public init(_ message: String, hint: String? = nil, isTooLong: Bool = false) {
        self.message = message
        self.hint = hint
        self.isTooLong = isTooLong
    }

    init(_ file: String, at offset: Int, _ problem: String, hint: String? = nil) {
        self.init("'\(file)' at byte \(offset): \(problem)", hint: hint)
    }
}

/// What the system refused.
public struct SystemError: Error, Equatable {
    /// Its `errno`.
    public let code: Int32
    public var reason: String { String(cString: strerror(code)) }

    public init(_ code: Int32) { self.code = code }
}

/// What is wrong between processes that were started together.
public struct RanksError: Error, Sendable {
    public let message: String
    public let hint: String?

    public init(_ message: String, hint: String? = nil) { (self.message, self.hint) = (message, hint) }

    /// Ranks do not do the same any more.
    static func parted(_ what: String) -> RanksError {
        RanksError(
            "the process ranks have parted: \(what)",
            hint: "outside share(…) all ranks must do the same: what a script does must not depend on rank()")
    }
}
