import Foundation

/// Finds a part in a text by its bytes. UTF-8 is made so that a part is found where its code points are, and nowhere else.
public struct TextSearch {
    public let text: UnsafeBufferPointer<UInt8>
    /// The part to find; not empty.
    public let part: UnsafeBufferPointer<UInt8>
    /// Called during the search; may throw to stop it.
    public let check: () throws -> Void

    /// The first match from `start` on, counted in bytes.
    public func first(from start: Int = 0) throws -> Int? {
        guard let bytes = text.baseAddress, let wanted = part.baseAddress else { return nil }
        let last = text.count - part.count
        var from = start
        while from <= last, let place = memchr(bytes + from, Int32(wanted[0]), last - from + 1) {
            let position = UnsafeRawPointer(place) - UnsafeRawPointer(bytes)
            if memcmp(place, wanted, part.count) == 0 { return position }
            try check()
            from = position + 1
        }
        return nil
    }

    public func last() throws -> Int? {
        guard let bytes = text.baseAddress, let wanted = part.baseAddress else { return nil }
        var position = text.count - part.count
        while position >= 0 {
            if bytes[position] == wanted[0], memcmp(bytes + position, wanted, part.count) == 0 { return position }
            if position & 0xffff == 0 { try check() }
            position -= 1
        }
        return nil
    }

    /// Calls `body` with each place, from the left; places do not overlap.
    public func forEach(_ body: (Int) throws -> Void) throws {
        var start = 0
        while let place = try first(from: start) {
            try check()
            try body(place)
            start = place + part.count
        }
    }
}

extension StringRef {
    public func starts(with start: StringRef) -> Bool { byteCount >= start.byteCount && memcmp(bytes, start.bytes, start.byteCount) == 0 }
    public func ends(with end: StringRef) -> Bool {
        byteCount >= end.byteCount && memcmp(bytes + byteCount - end.byteCount, end.bytes, end.byteCount) == 0
    }
}

extension Heap {
    /// A part of a text, given by a range of bytes with whole code points.
    @inlinable @inline(__always) public func string(_ range: Range<Int>, of text: StringRef) -> StringRef {
        let bytes = UnsafeBufferPointer(start: text.bytes + range.lowerBound, count: range.count)
        return text.isASCII ? string(ascii: bytes) : string(bytes: bytes)
    }
}
