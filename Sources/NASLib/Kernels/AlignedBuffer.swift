import Foundation

/// Floats in memory aligned for vectors, zeroed when allocated. Grows when asked for more, never shrinks, so that a
/// step that has run once allocates nothing.
final class AlignedBuffer: @unchecked Sendable {
    private(set) var pointer: UnsafeMutablePointer<Float>
    private(set) var capacity: Int
    static let alignment = 64

    init(capacity: Int = 0) {
        self.capacity = capacity
        pointer = AlignedBuffer.allocate(capacity)
    }

    /// At least `count` floats; what was there before is lost when it has to grow.
    func ensure(_ count: Int) -> UnsafeMutablePointer<Float> {
        if count > capacity {
            free(pointer)
            capacity = count
            pointer = AlignedBuffer.allocate(count)
        }
        return pointer
    }

    private static func allocate(_ count: Int) -> UnsafeMutablePointer<Float> {
        let bytes = (max(count, 16) * MemoryLayout<Float>.stride + alignment - 1) / alignment * alignment
        guard let memory = aligned_alloc(alignment, bytes) else { fatalError("out of memory: \(bytes) bytes of activations") }
        memset(memory, 0, bytes)
        return memory.bindMemory(to: Float.self, capacity: bytes / 4)
    }

    deinit { free(pointer) }
}
