/// Ends the program where the calling code is mistaken, with a message in release builds too, which `precondition` has not.
///
/// The rule for all of NASLib's public functions: what a program can only find out while it runs, such as what is in a file, what shapes a
/// user's data has and whether there is memory, is thrown as a `NASError`. What the calling code can know, such as that a position lies
/// within its axis and that a standard deviation is positive, is required here; nothing reads out of bounds instead.
@inline(__always)
func require(
    _ isMet: Bool, _ message: @autoclosure () -> String, file: StaticString = #fileID, line: UInt = #line
) {
    if !isMet { fatalError(message(), file: file, line: line) }
}

/// The result of an operation in a place that cannot throw, such as an operator: what it throws ends the program. It runs to its end
/// whatever `Cancellation` asks for; the next function that can throw stops.
func unthrowing<Result>(_ operation: () throws -> Result) -> Result {
    do {
        return try Cancellation.$flag.withValue(nil) { try operation() }
    } catch {
        fatalError("\(error)")
    }
}
