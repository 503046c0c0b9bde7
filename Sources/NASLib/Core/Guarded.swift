import Foundation

/// A value that one thread at a time may touch. Its lock is the system's, which the thread sanitizer knows; that of the standard library's
/// `Mutex` it does not see on Linux.
package final class Guarded<Value>: @unchecked Sendable {
    private let lock = NSLock()
    private var value: Value

    package init(_ value: Value) { self.value = value }

    package func withLock<Result>(_ body: (inout Value) throws -> Result) rethrows -> Result {
        lock.lock()
        defer { lock.unlock() }
        return try body(&value)
    }
}
