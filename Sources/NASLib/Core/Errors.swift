import Foundation

/// What NASLib throws: a sentence on what is wrong, and of what kind it is.
///
/// `print(error)` shows the sentence and the hint. A function that takes a closure throws what the closure throws, too.
///
///     do {
///         try net.step(path: path, batch: batch, options: StepOptions(learningRate: 0.05))
///     } catch let error as NASError where error.kind == .interrupted {
///         print("stopped")
///     }
public struct NASError: Error, Equatable, Sendable, Codable, CustomStringConvertible {
    public enum Kind: String, Sendable, Codable, CaseIterable {
        /// Shapes, paths or datasets that do not fit one another.
        case shape
        /// A value that an operation cannot take.
        case value
        /// More than an operation or a file format allows.
        case limit
        /// More memory than there is.
        case memory
        /// A file that cannot be read or written, or whose contents are not what they should be.
        case file
        /// A library of the system that is missing or unfit.
        case library
        /// A processor without the instructions that the engine is built for.
        case processor
        /// Processes that were started together and no longer do the same.
        case ranks
        /// A run that was asked to stop, see `Cancellation`.
        case interrupted
    }

    public let kind: Kind
    /// A plain sentence, without a full stop.
    public let message: String
    /// What to do about it, where that is known.
    public let hint: String?
    /// The name of the one parameter at fault, if it is one alone.
    public let parameter: String?
    /// Where in a notation the mistake is, in characters from its start; nil for what is no mistake in a notation.
    public let offset: Int?

    public init(_ kind: Kind, _ message: String, hint: String? = nil, parameter: String? = nil, offset: Int? = nil) {
        self.kind = kind
        self.message = message
        self.hint = hint
        self.parameter = parameter
        self.offset = offset
    }

    public var description: String { hint.map { "\(message); \($0)" } ?? message }

    /// A run that was asked to stop, see `Cancellation`.
    public static var interrupted: NASError { NASError(.interrupted, "the run was stopped") }

    /// Bytes of a file that are not what they should be.
    init(_ file: String, at offset: Int, _ problem: String, hint: String? = nil) {
        self.init(.file, "'\(file)' at byte \(offset): \(problem)", hint: hint)
    }

    /// Ranks do not do the same any more.
    static func parted(_ what: String) -> NASError {
        NASError(
            .ranks, "the process ranks have parted: \(what)",
            hint: "outside share(…) all ranks must do the same: what a script does must not depend on rank()")
    }
}

/// What the system refused to do with a file. Callers know which file it was, and make a `NASError` of it.
package struct SystemError: Error, Equatable {
    /// Its `errno`.
    package let code: Int32
    package var reason: String { String(cString: strerror(code)) }

    package init(_ code: Int32) { self.code = code }
}
