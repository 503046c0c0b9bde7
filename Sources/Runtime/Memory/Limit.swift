import Foundation
import NASLib

/// The limits of values: a slip such as `list(0..10**12)` is an error instead of filling the memory.
public enum Limit {
    /// The most elements of a list; a gigabyte.
    public static let elements = 1 << 26
    /// The most bytes of a string, in UTF-8.
    public static let bytes = 1 << 28

    /// The most bytes of a list or map as printed, in UTF-8.
    public static let printed = 1 << 26

    /// The most bytes of all values together: a quarter of the memory that the machine, its container or the shell's `ulimit` leaves to
    /// padash.
    public static let memory = MemoryAccount.total / 4

    public static func check(elements count: Int, argument: Int? = nil) throws {
        guard count > elements else { return try MemoryAccount.ask(count * MemoryLayout<Value>.stride) }
        throw RuntimeError(
            .limit, "a list of \(count == .max ? "so many" : "\(count)") elements is too long: the most is \(elements)",
            hint: "a loop can take them one at a time", argument: argument)
    }

    /// Checks an argument that says how often a call repeats something, such as resamples or draws of paths.
    public static func check(times count: Int, _ call: Call, argument: Int) throws {
        guard count > elements else { return }
        throw RuntimeError(.limit, "'\(call.signature.parameters[argument].name)' is \(count): the most is \(elements)", argument: argument)
    }

    /// The most bytes of the texts in a table's column, in UTF-8.
    public static let columnBytes = 1 << 31

    public static func check(columnBytes count: Int) throws {
        guard count > columnBytes else { return try MemoryAccount.ask(count) }
        throw RuntimeError(.limit, "the texts of a column take \(count) bytes, the most is \(columnBytes)")
    }

    public static func check(bytes count: Int, argument: Int? = nil) throws {
        guard count > bytes else { return try MemoryAccount.ask(count) }
        throw RuntimeError(.limit, "a string of \(count) bytes is too long: the most is \(bytes)", argument: argument)
    }

    // For what grows piece by piece from `before`, see `MemoryAccount.ask(pieces:from:ofBytes:)`.

    public static func check(elements count: Int, from before: Int) throws {
        if count > elements { try check(elements: count) }
        try MemoryAccount.ask(pieces: count, from: before, ofBytes: MemoryLayout<Value>.stride)
    }

    public static func check(bytes count: Int, from before: Int) throws {
        if count > bytes { try check(bytes: count) }
        try MemoryAccount.ask(pieces: count, from: before, ofBytes: 1)
    }

    /// What a built-in makes of so many values on its way to a result, such as a copy of them to sort, their positions or their numbers.
    /// It is asked for where the built-in gets the values, so that none can forget it; what makes more asks for that itself.
    public static func askForWork(on count: Int) throws { try MemoryAccount.ask(count * MemoryLayout<Value>.stride) }
}
