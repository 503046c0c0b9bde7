import Foundation
import NASLib
import Text

/// Reads JSON (RFC 8259) into values of the language: objects as maps, numbers without point or exponent as ints.
struct JSONReader {
    private let bytes: UnsafeBufferPointer<UInt8>
    /// What errors call the text.
    private let name: String
    private let vm: VM
    private var position = 0
    private var depth = 0
    private var valueCount = 0

    /// What the value is not quite what the text says, and where: the first such place, and how many there are.
    private var remark = ""
    private var remarkCount = 0

    static func read(_ text: String, name: String, _ vm: VM) throws -> Value {
        var text = text
        return try text.withUTF8 { bytes in
            var reader = JSONReader(bytes: bytes, name: name, vm: vm)
            if bytes.starts(with: [0xef, 0xbb, 0xbf]) { reader.position = 3 }
            let value = try reader.value()
            reader.skipBlanks()
            guard reader.position == bytes.count else { throw reader.failure("something follows the value", hint: "a text holds one value; lines of them are read one by one with parse_json(line)") }
            if reader.remarkCount > 0 {
                let others = reader.remarkCount - 1
                vm.emit(.warning(reader.remark + (others > 0 ? "; \(others) more such place\(others == 1 ? "" : "s")" : "")))
            }
            return value
        }
    }

    private init(bytes: UnsafeBufferPointer<UInt8>, name: String, vm: VM) {
        self.bytes = bytes
        self.name = name
        self.vm = vm
    }

    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func skipBlanks() {
        while let byte = next, byte == 32 || byte == 10 || byte == 13 || byte == 9 { position += 1 }
    }

    private mutating func value() throws -> Value {
        valueCount += 1
        if valueCount & 0xfff == 0 { try vm.checkInterruption() }
        skipBlanks()
        switch next {
        case UInt8(ascii: "{"): return try nested { try $0.object() }
        case UInt8(ascii: "["): return try nested { try $0.array() }
        case UInt8(ascii: "\""): return .string(vm.heap.string(try string()))
        case nil: throw failure("the text ends where a value should be")
        case let byte? where byte == UInt8(ascii: "-") || byte &- 48 <= 9: return try number()
        default:
            for (word, value) in [("true", Value.bool(true)), ("false", .bool(false)), ("null", .nil)] where bytes[position...].starts(with: word.utf8) {
                position += word.utf8.count
                return value
            }
            throw failure("a value should be here, not \(found)", hint: "values are null, true, false, numbers, \"texts\", [lists] and {\"objects\": …}")
        }
    }

    private mutating func nested(_ body: (inout JSONReader) throws -> Value) throws -> Value {
        guard depth < JSONWriter.depthLimit else { throw RuntimeError(.limit, "\(place(position)): more than \(JSONWriter.depthLimit) brackets inside one another") }
        depth += 1
        defer { depth -= 1 }
        position += 1
        return try body(&self)
    }

    private mutating func array() throws -> Value {
        let list = vm.heap.list(capacity: 0)
        skipBlanks()
        if next == UInt8(ascii: "]") {
            position += 1
            return .list(list)
        }
        while true {
            vm.heap.append(try value(), to: list)
            guard try goesOn(to: "]") else { return .list(list) }
        }
    }

    private mutating func object() throws -> Value {
        let map = vm.heap.map()
        skipBlanks()
        if next == UInt8(ascii: "}") {
            position += 1
            return .map(map)
        }
        while true {
            skipBlanks()
            guard next == UInt8(ascii: "\"") else { throw failure("a key in double quotes should be here, not \(found)") }
            let start = position
            let key = vm.heap.string(try string())
            skipBlanks()
            guard next == UInt8(ascii: ":") else { throw failure("':' should be here, not \(found)") }
            position += 1
            let count = map.count
            // With the table that finds the entries.
            try MemoryAccount.ask(pieces: count, from: count - 1, ofBytes: 96)
            vm.heap.set(.string(key), hash: key.hash, to: try value(), in: map)
            if map.count == count { note("an object has two members called \(Printer.quoted(key.text)), of which the last counts", at: start) }
            guard try goesOn(to: "}") else { return .map(map) }
        }
    }

    /// Whether a comma comes next; false at the closing bracket.
    private mutating func goesOn(to bracket: Character) throws -> Bool {
        skipBlanks()
        if next == UInt8(ascii: ",") {
            position += 1
            skipBlanks()
            if next == bracket.asciiValue { throw failure("a comma must not stand before '\(bracket)'") }
            return true
        }
        guard next == bracket.asciiValue else { throw failure("',' or '\(bracket)' should be here, not \(found)") }
        position += 1
        return false
    }

    private mutating func number() throws -> Value {
        let start = position
        var isFloat = false
        if next == UInt8(ascii: "-") { position += 1 }
        guard let first = next, first &- 48 <= 9 else { throw failure("digits should be here, not \(found)") }
        skipDigits()
        if first == UInt8(ascii: "0"), position - start > (bytes[start] == UInt8(ascii: "-") ? 2 : 1) {
            position = start
            throw failure("a number must not begin with 0 and go on")
        }
        if next == UInt8(ascii: ".") {
            isFloat = true
            position += 1
            guard let digit = next, digit &- 48 <= 9 else { throw failure("digits should be here, not \(found)") }
            skipDigits()
        }
        if let e = next, e | 0x20 == UInt8(ascii: "e") {
            isFloat = true
            position += 1
            if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { position += 1 }
            guard let digit = next, digit &- 48 <= 9 else { throw failure("digits should be here, not \(found)") }
            skipDigits()
        }
        let text = UnsafeBufferPointer(rebasing: bytes[start..<position])
        if !isFloat, let int = NumberText.int(text) { return .int(int) }
        let float = NumberText.float(text) ?? .nan
        if !isFloat || float.isInfinite {
            let shown = text.count > 40 ? "a number of \(text.count) digits" : String(decoding: text, as: UTF8.self)
            note("\(shown) \(float.isInfinite ? "is beyond the floats" : "does not fit an int") and becomes \(Printer.text(float))", at: start)
        }
        return .float(float)
    }

    private mutating func skipDigits() {
        while let byte = next, byte &- 48 <= 9 { position += 1 }
    }

    private mutating func string() throws -> String {
        let opening = position
        position += 1
        var start = position
        var text = ""
        while true {
            guard let byte = next else {
                position = opening
                throw failure("the text that begins here is never closed")
            }
            if byte == UInt8(ascii: "\"") { break }
            guard byte >= 0x20 else { throw failure("a line break or control character in a text must be written as an escape such as \\n") }
            guard byte == UInt8(ascii: "\\") else {
                position += 1
                continue
            }
            text += String(decoding: bytes[start..<position], as: UTF8.self)
            text.unicodeScalars.append(try escape())
            start = position
        }
        let rest = String(decoding: bytes[start..<position], as: UTF8.self)
        position += 1
        return text.isEmpty ? rest : text + rest
    }

    private mutating func escape() throws -> Unicode.Scalar {
        position += 1
        guard let byte = next else { throw failure("the text ends in an escape") }
        position += 1
        switch byte {
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{c}"
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
        case UInt8(ascii: "u"):
            let unit = try hexadecimal()
            if let scalar = Unicode.Scalar(unit) { return scalar }
            // A character beyond 16 bits comes as two escapes.
            let before = position
            if unit < 0xdc00, bytes[position...].starts(with: "\\u".utf8) {
                position += 2
                let second = try hexadecimal()
                if (0xdc00...0xdfff).contains(second), let scalar = Unicode.Scalar(0x10000 + (unit - 0xd800) << 10 + (second - 0xdc00)) { return scalar }
                position = before
            }
            note("\\u\(String(unit, radix: 16)) is half of a character and becomes U+FFFD", at: before - 6)
            return "\u{fffd}"
        default:
            position -= 1
            throw failure("there is no escape \\\(found.filter { $0 != "'" })")
        }
    }

    private mutating func hexadecimal() throws -> UInt32 {
        let end = position + 4
        guard end <= bytes.count, let unit = NumberText.magnitude(bytes[position..<end], radix: 16, underscores: false) else {
            throw failure("four hexadecimal digits must follow \\u")
        }
        position = end
        return UInt32(unit)
    }

    // MARK: - Errors

    private var found: String {
        guard position < bytes.count else { return "the end of the text" }
        return "'\(String(decoding: bytes[position..<min(bytes.count, position + 16)], as: UTF8.self).prefix(1))'"
    }

    private func place(_ offset: Int) -> String {
        let before = bytes[..<min(offset, bytes.count)]
        let line = before.count { $0 == 10 } + 1
        let start = before.lastIndex(of: 10).map { $0 + 1 } ?? 0
        return "line \(line), column \(String(decoding: before[start...], as: UTF8.self).count + 1) of \(name)"
    }

    /// Remembers that the value is not quite what the text says here.
    private mutating func note(_ message: String, at offset: Int) {
        if remarkCount == 0 { remark = "\(place(offset)): \(message)" }
        remarkCount += 1
    }

    private func failure(_ message: String, hint: String? = nil) -> RuntimeError { RuntimeError(.value, "\(place(position)): \(message)", hint: hint) }
}
