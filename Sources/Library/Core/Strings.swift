import Foundation
import Runtime

extension Library {
    static let strings: [Builtin] = [
        .fn("upper", "text", "In capital letters.", "upper(\"abc\")  # => \"ABC\"") { call in
            try mapped(call, { (97...122).contains($0) ? $0 - 32 : $0 })
                ?? call.string(try changed(call) { $0.properties.uppercaseMapping })
        },
        .fn("lower", "text", "In small letters.", "lower(\"ABC\")  # => \"abc\"") { call in
            try mapped(call, { (65...90).contains($0) ? $0 + 32 : $0 }) ?? call.string(try changed(call) { $0.properties.lowercaseMapping })
        },
        .fn("title", "text", "The text with each word capitalised and its other letters in lower case.",
            "title(\"deep NETS\")  # => \"Deep Nets\"") { call in
            var isInWord = false
            return call.string(try call.text(0).reduce(into: "") { text, character in
                try call.vm.checkInterruption()
                text += isInWord ? character.lowercased() : character.uppercased()
                isInWord = character.isLetter || character.isNumber || (isInWord && (character == "'" || character == "’"))
            })
        },
        .fn("trim", "text, characters: nil", "The text without white space, or without the given characters, at both ends.",
            "trim(\"  x \")  # => \"x\"\ntrim(\"--x-\", \"-\")  # => \"x\"") { call in
            call.string(String(try trimmed(call, left: true, right: true)))
        },
        .fn("trim_left", "text, characters: nil", "The text without white space, or without the given characters, at the start.",
            "trim_left(\" x \")  # => \"x \"") { call in
            call.string(String(try trimmed(call, left: true, right: false)))
        },
        .fn("trim_right", "text, characters: nil", "The text without white space, or without the given characters, at the end.",
            "trim_right(\"1.500\", \"0\")  # => \"1.5\"") { call in
            call.string(String(try trimmed(call, left: false, right: true)))
        },
        .fn("remove_prefix", "text, prefix", "The text without the prefix, if it begins with it.",
            "remove_prefix(\"run_7\", \"run_\")  # => \"7\"") { call in
            let (text, prefix) = (try call.string(0), try call.string(1))
            return text.starts(with: prefix) ? .string(call.heap.string(prefix.byteCount..<text.byteCount, of: text)) : call[0]
        },
        .fn("remove_suffix", "text, suffix", "The text without the suffix, if it ends with it.",
            "remove_suffix(\"a.csv\", \".csv\")  # => \"a\"") { call in
            let (text, suffix) = (try call.string(0), try call.string(1))
            return text.ends(with: suffix) ? .string(call.heap.string(0..<text.byteCount - suffix.byteCount, of: text)) : call[0]
        },
        .fn("split", "text, separator: \" \"", "The parts between the separators.", "split(\"a,b\", \",\")  # => [\"a\", \"b\"]") { call in
            let (text, separator) = (try call.string(0), try call.string(1))
            guard separator.byteCount > 0 else {
                throw call.invalid(1, "'separator' must not be empty", hint: "list(text) gives the characters")
            }
            return try split(text, at: separator.buffer, call.vm)
        },
        .fn("lines", "text", "The lines of a text, without their line breaks.", "lines(\"a\\nb\\n\")  # => [\"a\", \"b\"]") { call in
            let text = try call.text(0)
            return try call.list(try call.vm.searching(text) { try lines(of: text) })
        },
        .fn("words", "text", "The parts of a text between stretches of white space.", "words(\"  a  b\\n\")  # => [\"a\", \"b\"]") { call in
            let words = call.heap.list(capacity: 0)
            var rest = try call.text(0).unicodeScalars[...]
            func next(_ isWanted: (Unicode.Scalar) -> Bool) throws -> String.Index? {
                try rest.firstIndex {
                    try call.vm.checkInterruption()
                    return isWanted($0)
                }
            }
            while let start = try next({ !$0.properties.isWhitespace }) {
                rest = rest[start...]
                let end = try next(\.properties.isWhitespace) ?? rest.endIndex
                call.heap.append(call.string(String(rest[..<end])), to: words)
                rest = rest[end...]
            }
            return .list(words)
        },
        .fn("join", "parts, separator: \"\"", "The parts as one text, separated by the separator.",
            "join([1, 2], \"-\")  # => \"1-2\"") { call in
            let parts = try call.sequence(0)
            let separator = Value.string(try call.string(1))
            var text = TextBuffer()
            defer { text.deallocate() }
            for (i, part) in parts.enumerated() {
                try call.vm.checkInterruption()
                let before = text.count
                if i > 0 { try text.append(separator) }
                try text.append(part)
                try Limit.check(bytes: text.count, from: before)
            }
            return .string(text.string(in: call.heap))
        },
        .fn("replace", "text, old, new", "The text with every `old` replaced by `new`.",
            "replace(\"a-b\", \"-\", \"+\")  # => \"a+b\"") { call in
            let (text, old, new) = (try call.string(0), try call.string(1), try call.string(2))
            guard old.byteCount > 0 else { throw call.invalid(1, "'old' must not be empty") }
            var result: [UInt8] = []
            var taken = 0
            try call.vm.search(for: old, in: text).forEach { place in
                let before = result.count
                result += text.buffer[taken..<place]
                result += new.buffer
                try Limit.check(bytes: result.count, from: before)
                taken = place + old.byteCount
            }
            result += text.buffer[taken...]
            try Limit.check(bytes: result.count)
            return .string(result.withUnsafeBufferPointer { call.heap.string(bytes: $0) })
        },
        .fn("starts_with", "text, start", "Whether the text begins with `start`.", "starts_with(\"padash\", \"pa\")  # => true") { call in
            .bool(try call.string(0).starts(with: call.string(1)))
        },
        .fn("ends_with", "text, end", "Whether the text ends with `end`.", "ends_with(\"padash\", \"sh\")  # => true") { call in
            .bool(try call.string(0).ends(with: call.string(1)))
        },
        .fn("pad_left", "text, width, fill: \" \"", "The text padded on the left to at least `width` characters.",
            "pad_left(\"7\", 3)  # => \"  7\"") { call in
            try padded(call) { $0 }
        },
        .fn("pad_right", "text, width, fill: \" \"", "The text padded on the right to at least `width` characters.",
            "pad_right(\"7\", 3, \".\")  # => \"7..\"") { call in
            try padded(call) { _ in 0 }
        },
        .fn("pad_center", "text, width, fill: \" \"", "The text padded on both sides to at least `width` characters.",
            "pad_center(\"ab\", 6, \"*\")  # => \"**ab**\"") { call in
            try padded(call) { $0 / 2 }
        },
        .fn("format", "value, spec", "A value formatted as text, as after the colon in \"\\{x:.2f}\".",
            "format(3.14159, \".2f\")  # => \"3.14\"") { call in
            call.string(try Format(try call.text(1)).apply(to: call[0]))
        },
        .fn("code_points", "text", "The Unicode code points of the text.", "code_points(\"aé\")  # => [97, 233]") { call in
            let scalars = try call.text(0).unicodeScalars
            try Limit.check(elements: scalars.count)
            return try call.list(scalars.map { scalar in
                try call.vm.checkInterruption()
                return .int(Int(scalar.value))
            })
        },
        .fn("from_code_points", "numbers", "The text made of the given code points.", "from_code_points([104, 105])  # => \"hi\"") { call in
            var text = ""
            for number in try call.ints(0) {
                try call.vm.checkInterruption()
                guard let scalar = UInt32(exactly: number).flatMap(Unicode.Scalar.init) else {
                    throw call.invalid(0, "\(number) is not the number of a character")
                }
                text.unicodeScalars.append(scalar)
            }
            return call.string(text)
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

    private static func changed(_ call: Call, _ change: (Unicode.Scalar) -> String) throws -> String {
        try call.text(0).unicodeScalars.reduce(into: "") { text, scalar in
            try call.vm.checkInterruption()
            text += change(scalar)
        }
    }

    /// By code points, also within a character that is made of several.
    private static func trimmed(_ call: Call, left: Bool, right: Bool) throws -> Substring.UnicodeScalarView {
        let given = call.isGiven(1) ? Set(try call.text(1).unicodeScalars) : nil
        let isTrimmed = { (scalar: Unicode.Scalar) in
            try call.vm.checkInterruption()
            return given?.contains(scalar) ?? scalar.properties.isWhitespace
        }
        var text = try call.text(0)[...].unicodeScalars
        if left { text = try text.drop(while: isTrimmed) }
        while right, let last = text.last, try isTrimmed(last) { text.removeLast() }
        return text
    }

    private static func split(_ text: StringRef, at separator: UnsafeBufferPointer<UInt8>, _ vm: VM) throws -> Value {
        let heap = vm.heap
        let first = separator[0]
        // Where the list knows how long it gets, a short one is one piece with its elements.
        let parts = try heap.list(askingFor: separator.count == 1 ? text.buffer.count { $0 == first } + 1 : 0)
        let bytes = text.bytes
        let last = text.byteCount - separator.count
        var (start, i) = (0, 0)
        while i <= last, let found = memchr(bytes + i, Int32(first), last - i + 1) {
            i = UnsafeRawPointer(found) - UnsafeRawPointer(bytes)
            try vm.checkInterruption()
            if separator.count == 1 || memcmp(found, separator.baseAddress.unsafelyUnwrapped, separator.count) == 0 {
                heap.append(.string(heap.string(start..<i, of: text)), to: parts)
                i &+= separator.count
                start = i
            } else {
                i &+= 1
            }
        }
        heap.append(.string(heap.string(start..<text.byteCount, of: text)), to: parts)
        return .list(parts)
    }

    /// With so many of the missing characters before the text as `left` tells, and the others after it.
    private static func padded(_ call: Call, left: (Int) -> Int) throws -> Value {
        let text = call[0].tag == .string ? call[0].asString : call.heap.string(try Printer.text(call[0]))
        let fill = try call.text(2)
        guard fill.count == 1 else { throw call.invalid(2, "'fill' must be one character, not \"\(fill)\"") }
        let width = try call.int(1, atLeast: 0)
        try Limit.check(bytes: width.multipliedReportingOverflow(by: fill.utf8.count).overflow ? .max : width * fill.utf8.count,
            argument: 1)
        let missing = max(0, width - (try call.vm.characterCount(text)))
        let (before, filling) = (left(missing), call.heap.string(fill))
        var result = text
        if before > 0 { result = call.heap.concatenation(try call.vm.repeated(filling, before), result) }
        if missing > before { result = call.heap.concatenation(result, try call.vm.repeated(filling, missing - before)) }
        return .string(result)
    }
}
