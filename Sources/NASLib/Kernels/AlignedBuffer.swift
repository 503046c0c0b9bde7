import Foundation

/// Floats in memory aligned for vectors, zeroed when allocated. Grows when asked for more and shrinks only when told to, so that
/// a step that has run once allocates nothing.
final class AlignedBuffer: @unchecked Sendable {
    private(set) var pointer: UnsafeMutablePointer<Float>
    private(set) var capacity: Int
    static let alignment = 64
    /// What is to be freed; the floats begin at the first multiple of the alignment in it.
    private var memory: UnsafeMutableRawPointer?

    init() { (capacity, memory, pointer) = (0, nil, AlignedBuffer.nothing) }

    /// At least `count` floats; what was there before is lost when it has to grow. Throws where there is no memory for them.
    @discardableResult func ensure(_ count: Int) throws -> UnsafeMutablePointer<Float> {
        if count > capacity {
            release()
            (memory, pointer) = try AlignedBuffer.allocate(count)
            capacity = count
        }
        return pointer
    }

    /// Gives the memory back.
    func release() {
        free(memory)
        (capacity, memory, pointer) = (0, nil, AlignedBuffer.nothing)
    }

    /// Where a buffer of no floats is.
    private nonisolated(unsafe) static let nothing = UnsafeMutableRawPointer.allocate(byteCount: alignment, alignment: alignment)
        .bindMemory(to: Float.self, capacity: 0)

    /// The system clears large pieces when they are first used, by the threads that use them; clearing gigabytes here would take
    /// a second that nothing can interrupt.
    private static func allocate(_ count: Int) throws -> (UnsafeMutableRawPointer, UnsafeMutablePointer<Float>) {
        let bytes = max(count, 16) * MemoryLayout<Float>.stride + 2 * alignment
        guard let memory = calloc(bytes, 1) else { throw NASError(.memory, "there is no memory for \(MemoryAccount.text(bytes)) more") }
        return (memory, memory.alignedUp(toMultipleOf: alignment).bindMemory(to: Float.self, capacity: count))
    }

    deinit { free(memory) }
}
