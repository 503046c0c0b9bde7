/// Memory for some images with a border of zeros. The border is cleared only when images of another shape come than the last ones:
/// what fills them leaves it alone.
final class PaddedBuffer {
    private struct Shape: Equatable {
        var height: Int
        var width: Int
        var channels: Int
        var border: Int
    }

    private let buffer = AlignedBuffer()
    private var shape: Shape?
    private var clearedCount = 0

    var capacity: Int { buffer.capacity }

    /// Room for as many floats, of which `images` takes its own.
    func ensure(_ count: Int) throws {
        if count > buffer.capacity { shape = nil }
        try buffer.ensure(count)
    }

    /// Gives the memory back.
    func release() {
        shape = nil
        buffer.release()
    }

    /// The first of `count` images, which follow each other. There must be room for them.
    func images(_ count: Int, height: Int, width: Int, channels: Int, border: Int) -> UnsafeMutablePointer<Float> {
        let size = (height + 2 * border) * (width + 2 * border) * channels
        precondition(count * size <= buffer.capacity)
        let wanted = Shape(height: height, width: width, channels: channels, border: border)
        if wanted != shape { (shape, clearedCount) = (wanted, 0) }
        while clearedCount < count {
            Padding.clearBorder(buffer.pointer + clearedCount * size, height: height, width: width, channels: channels, border: border)
            clearedCount += 1
        }
        return buffer.pointer
    }

    /// Where the images begin.
    var pointer: UnsafeMutablePointer<Float> { buffer.pointer }
}
