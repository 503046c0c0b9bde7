import Foundation

/// A buffer of UTF-8 bytes to assemble a string in.
public struct TextBuffer {
    private var memory: UnsafeMutablePointer<UInt8>?
    public private(set) var count = 0
    private var capacity = 0
    private var isASCII = true

    public init() {}

    /// Empties the buffer and keeps its memory.
    public mutating func removeAll() {
        count = 0
        isASCII = true
    }

    /// Appends a value as `print` shows it. Throws if that is too long.
    public mutating func append(_ value: Value) throws {
        switch value.tag {
        case .string:
            append(value.asString.buffer)
            if !value.asString.isASCII { isASCII = false }
        case .int: append(value.asInt)
        default:
            var text = try Printer.text(value)
            isASCII = isASCII && text.utf8.allSatisfy { $0 < 0x80 && $0 != 13 }
            text.withUTF8 { append($0) }
        }
    }

    private mutating func append(_ bytes: UnsafeBufferPointer<UInt8>) {
        guard let source = bytes.baseAddress, bytes.count > 0 else { return }
        reserve(bytes.count)
        // The pair carriage return + line feed is one character, also where two parts make it.
        if count > 0, source[0] == 10, memory.unsafelyUnwrapped[count - 1] == 13 { isASCII = false }
        memcpy(memory.unsafelyUnwrapped + count, source, bytes.count)
        count += bytes.count
    }

    private mutating func append(_ number: Int) {
        reserve(20)
        var rest = number.magnitude
        var digits = 1
        while rest >= 10 {
            rest /= 10
            digits += 1
        }
        let target = memory.unsafelyUnwrapped + count + (number < 0 ? 1 : 0)
        if number < 0 { target[-1] = UInt8(ascii: "-") }
        rest = number.magnitude
        for i in stride(from: digits - 1, through: 0, by: -1) {
            target[i] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
        count += digits + (number < 0 ? 1 : 0)
    }

    private mutating func reserve(_ more: Int) {
        guard count + more > capacity else { return }
        capacity = max(64, capacity * 2, count + more)
        memory = SystemMemory.reallocate(memory, capacity).assumingMemoryBound(to: UInt8.self)
    }

    public func string(in heap: Heap) -> StringRef {
        let bytes = UnsafeBufferPointer(start: memory, count: count)
        return isASCII ? heap.string(ascii: bytes) : heap.string(bytes: bytes)
    }

    public func deallocate() { free(memory) }
}
