import Foundation
import Lang

extension Library {
    static let strings: [Builtin] = [
        .fn("upper", "text", "In capital letters.", "upper(\"abc\")  # => \"ABC\"") { call in
            try mapped(call, { (97...122).contains($0) ? $0 - 32 : $0 }) ?? call.string(try call.text(0).uppercased())
        },
        .fn("lower", "text", "In small letters.", "lower(\"ABC\")  # => \"abc\"") { call in
            try mapped(call, { (65...90).contains($0) ? $0 + 32 : $0 }) ?? call.string(try call.text(0).lowercased())
        },
        .fn("trim", "text", "Without white space at both ends.", "trim(\"  x \")  # => \"x\"") { call in
            call.string(try call.text(0).trimmingCharacters(in: .whitespacesAndNewlines))
        },
        .fn("split", "text, separator: \" \"", "The parts between the separators.", "split(\"a,b\", \",\")  # => [\"a\", \"b\"]") { call in
            let separator = try call.text(1, default: " ")
            guard !separator.isEmpty else { throw call.invalid(1, "'separator' must not be empty", hint: "list(text) gives the characters") }
            guard call[0].tag == .string else { throw call.wrongType(0, expected: "a string") }
            if call[0].asString.isASCII { return split(call[0].asString, at: Array(separator.utf8), call) }
            return call.list(try call.text(0).components(separatedBy: separator))
        },
        .fn("lines", "text", "The lines of a text, without their ends.", "lines(\"a\\nb\\n\")  # => [\"a\", \"b\"]") { call in
            var lines = try call.text(0).split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map(String.init)
            if lines.last == "" { lines.removeLast() }
            return call.list(lines)
        },
        .fn("join", "parts, separator: \"\"", "The parts as one text, with the separator between.", "join([1, 2], \"-\")  # => \"1-2\"") { call in
            let parts = try call.sequence(0)
            let separator = call.has(1) ? call[1] : .string(call.heap.intern(""))
            guard separator.tag == .string else { throw call.wrongType(1, expected: "a string") }
            var text = TextBuffer()
            defer { text.deallocate() }
            for (i, part) in parts.enumerated() {
                if i > 0 { try text.append(separator) }
                try text.append(part)
                try Limit.check(bytes: text.count)
            }
            return .string(text.string(in: call.heap))
        },
        .fn("replace", "text, old, new", "With every `old` replaced by `new`.", "replace(\"a-b\", \"-\", \"+\")  # => \"a+b\"") { call in
            let old = try call.text(1)
            guard !old.isEmpty else { throw call.invalid(1, "'old' must not be empty") }
            let (text, new) = (try call.text(0), try call.text(2))
            // Only where it could be too long are the places counted.
            if text.utf8.count / old.utf8.count * new.utf8.count > Limit.bytes {
                let places = text.components(separatedBy: old).count - 1
                try Limit.check(bytes: text.utf8.count + places * (new.utf8.count - old.utf8.count))
            }
            return call.string(text.replacingOccurrences(of: old, with: new))
        },
        .fn("starts_with", "text, start", "Whether the text begins so.", "starts_with(\"padash\", \"pa\")  # => true") { call in
            .bool(try call.text(0).hasPrefix(try call.text(1)))
        },
        .fn("ends_with", "text, end", "Whether the text ends so.", "ends_with(\"padash\", \"sh\")  # => true") { call in
            .bool(try call.text(0).hasSuffix(try call.text(1)))
        },
        .fn("pad_left", "text, width, fill: \" \"", "At least `width` characters long, filled up at the left.", "pad_left(\"7\", 3)  # => \"  7\"") { call in
            let (text, filling) = try padding(call)
            return call.string(filling + text)
        },
        .fn("pad_right", "text, width, fill: \" \"", "At least `width` characters long, filled up at the right.", "pad_right(\"7\", 3, \".\")  # => \"7..\"") { call in
            let (text, filling) = try padding(call)
            return call.string(text + filling)
        },
    ]

    /// ASCII text changed byte by byte; nil for any other.
    private static func mapped(_ call: Call, _ change: (UInt8) -> UInt8) -> Value? {
        guard call[0].tag == .string, call[0].asString.isASCII else { return nil }
        let text = call[0].asString
        return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: text.byteCount) { bytes in
            for i in 0..<text.byteCount { bytes[i] = change(text.bytes[i]) }
            return .string(call.heap.string(ascii: UnsafeBufferPointer(bytes)))
        }
    }

    /// By bytes: in ASCII text, bytes and characters are the same thing.
    private static func split(_ text: StringRef, at separator: [UInt8], _ call: Call) -> Value {
        let heap = call.heap
        let parts = heap.list(capacity: 0)
        let bytes = text.bytes
        let first = separator[0]
        let last = text.byteCount - separator.count
        var start = 0
        var i = 0
        separator.withUnsafeBufferPointer { separator in
            while i <= last {
                if bytes[i] == first, separator.count == 1 || memcmp(bytes + i, separator.baseAddress.unsafelyUnwrapped, separator.count) == 0 {
                    heap.append(.string(heap.string(ascii: UnsafeBufferPointer(start: bytes + start, count: i - start))), to: parts)
                    i += separator.count
                    start = i
                } else {
                    i += 1
                }
            }
        }
        heap.append(.string(heap.string(ascii: UnsafeBufferPointer(start: bytes + start, count: text.byteCount - start))), to: parts)
        return .list(parts)
    }

    private static func padding(_ call: Call) throws -> (text: String, filling: String) {
        let text = call[0].tag == .string ? try call.text(0) : try Printer.text(call[0])
        let fill = try call.text(2, default: " ")
        guard fill.count == 1 else { throw call.invalid(2, "'fill' must be one character, not \"\(fill)\"") }
        let width = try call.int(1, atLeast: 0)
        try Limit.check(bytes: width.multipliedReportingOverflow(by: fill.utf8.count).overflow ? .max : width * fill.utf8.count, argument: 1)
        return (text, String(repeating: fill, count: max(0, width - text.count)))
    }
}
