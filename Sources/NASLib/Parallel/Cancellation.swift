/// How a long operation on tensors learns that the user wants it to stop.
public enum Cancellation {
    /// Becomes nonzero then.
    public struct Flag: @unchecked Sendable {
        let pointer: UnsafePointer<Int32>

        public init(_ pointer: UnsafePointer<Int32>) { self.pointer = pointer }
    }

    /// That of the running thread's work.
    @TaskLocal public static var flag: Flag?

    public static var isRequested: Bool { flag.map { $0.pointer.pointee != 0 } ?? false }

    /// Throws `Interrupted` when it is time to stop.
    public static func check() throws {
        if isRequested { throw Interrupted() }
    }
}
