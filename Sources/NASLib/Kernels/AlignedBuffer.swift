import Foundation

/// Floats in memory aligned for vectors, zeroed when allocated. Grows when asked for more, never shrinks, so that a
/// step that has run once allocates nothing.
final class AlignedBuffer: @unchecked Sendable {
    private(set) var pointer: UnsafeMutablePointer<Float>
    private(set) var capacity: Int
    static let alignment = 64
    /// What is to be freed; the floats begin at the first multiple of the alignment in it.
    private var memory: UnsafeMutableRawPointer

    init(capacity: Int = 0) {
        self.capacity = capacity
        (memory, pointer) = AlignedBuffer.allocate(capacity)
    }

    /// At least `count` floats; what was there before is lost when it has to grow.
    func ensure(_ count: Int) -> UnsafeMutablePointer<Float> {
        if count > capacity {
            free(memory)
            capacity = count
            (memory, pointer) = AlignedBuffer.allocate(count)
        }
        return pointer
    }

    /// The system clears large pieces when they are first used, by the threads that use them; clearing gigabytes here would take
    /// a second that nothing can interrupt.
    private static func allocate(_ count: Int) -> (UnsafeMutableRawPointer, UnsafeMutablePointer<Float>) {
        let bytes = max(count, 16) * MemoryLayout<Float>.stride + 2 * alignment
        guard let memory = calloc(bytes, 1) else { fatalError("out of memory: \(bytes) bytes of activations") }
        return (memory, memory.alignedUp(toMultipleOf: alignment).bindMemory(to: Float.self, capacity: count))
    }

    deinit { free(memory) }
}
