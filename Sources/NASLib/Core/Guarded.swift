import Foundation

/// A value that one thread at a time may touch. Its lock is the system's, which the thread sanitizer knows; that of the standard library's
/// `Mutex` it does not see on Linux.
public final class Guarded<Value>: @unchecked Sendable {
    private let lock = NSLock()
    private var value: Value

    public init(_ value: Value) { self.value = value }

    public func withLock<Result>(_ body: (inout Value) throws -> Result) rethrows -> Result {
        lock.lock()
        defer { lock.unlock() }
        return try body(&value)
    }
}
