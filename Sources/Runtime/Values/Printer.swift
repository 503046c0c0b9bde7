import Foundation
import Lang
import NASLib
import Text

/// Values as text, which can be read back if the language has a literal for the value.
public enum Printer {
    /// A value as `print` and `{x}` show it: strings as they are. Lists that hold the same list many times over can print as more than any
    /// memory holds, which is an error.
    public static func text(_ value: Value) throws -> String {
        if value.tag == .string { return value.asString.text }
        var writer = Writer(byteLimit: Limit.printed)
        writer.write(value)
        if writer.isStopped { throw NASError.interrupted }
        if writer.isFull {
            throw RuntimeError(.limit, "\(value.typePhrase) that prints as more than \(Limit.printed) bytes is too long to be a string")
        }
        return writer.text
    }

    /// A value as inside containers, with strings quoted, cut off after about `limit` characters.
    public static func literal(_ value: Value, limit: Int) -> String {
        var writer = Writer(byteLimit: 4 * limit)
        writer.write(value)
        return writer.text.utf8.count > limit && writer.text.count > limit ? String(writer.text.prefix(limit)) + "…" : writer.text
    }

    /// What a call trace shows of an argument: as inside containers, of large ones the beginning, of library objects the type.
    static func brief(_ value: Value) -> String {
        let limit = 24
        switch value.tag {
        case .host: return "<\(value.typeName)>"
        case .string:
            let part = String(decoding: value.asString.buffer.prefix(4 * limit), as: UTF8.self).prefix(limit)
            return part.utf8.count == value.asString.byteCount ? quoted(String(part)) : quoted(part + "…")
        case .list, .map:
            let text = literal(value, limit: limit)
            guard text.hasSuffix("…") else { return text }
            let whole = text.range(of: ", ", options: .backwards).map { text[..<$0.upperBound] } ?? text.prefix(1)
            return whole + (value.tag == .list ? "…]" : "…}")
        default: return literal(value, limit: limit)
        }
    }

    /// A value as inside containers, or nil if it takes more columns than `width`; writing stops there.
    public static func literal(_ value: Value, within width: Int) -> String? {
        var writer = Writer(byteLimit: 4 * max(0, width))
        writer.write(value)
        return !writer.isFull && DisplayWidth.of(writer.text) <= width ? writer.text : nil
    }

    /// A map's key as in a map literal, without the colon.
    public static func key(_ key: Value) -> String {
        guard key.tag == .string else { return "[\(literal(key, limit: 200))]" }
        let name = key.asString.text
        return Keywords.isName(name) ? name : quoted(name)
    }

    public static func quoted(_ text: String) -> String { "\"\(escaped(text))\"" }

    private static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\t": result += "\\t"
            case "{": result += "\\{"
            default:
                if scalar.properties.generalCategory == .control || scalar.isDisturbing {
                    result += "\\u{\(String(scalar.value, radix: 16))}"
                } else {
                    result.unicodeScalars.append(scalar)
                }
            }
        }
        return result
    }

    private struct Writer {
        var text = ""
        let byteLimit: Int
        var isFull = false
        /// Whether the user wanted it to stop.
        var isStopped = false
        /// Values written, to look now and then whether it is time to stop: lists that share their elements can print as very much.
        private var count = 0
        /// Containers being written, so that a cycle ends in `…`.
        private var open: [UInt64] = []

        init(byteLimit: Int) { self.byteLimit = byteLimit }

        mutating func write(_ value: Value) {
            if text.utf8.count > byteLimit { isFull = true }
            count &+= 1
            // Of a library object the text may take long.
            if count & 0xff == 0 || value.tag == .host { checkInterruption() }
            guard !isFull else { return }
            switch value.tag {
            case .nil, .missing: text += "nil"
            case .true: text += "true"
            case .false: text += "false"
            case .int: text += String(value.asInt)
            case .float: text += Numbers.shortest(value.asFloat)
            case .string: write(value.asString)
            case .range: write(value.asRange)
            case .builtin: text += "<function \(Registry.name(of: Int(value.payload)))>"
            case .closure: text += "<function \(value.asClosure.prototype.pointee.prototype.name)>"
            case .host: text += value.hostObject.description
            case .list: nested(value) { $0.writeElements(of: value.asList) }
            case .map: nested(value) { $0.writeEntries(of: value.asMap) }
            }
        }

        private mutating func write(_ string: StringRef) {
            // Of a string that is too long only the beginning will be shown.
            let part = string.buffer.prefix(byteLimit)
            text += "\""
            var start = 0
            while start < part.count, !isFull {
                checkInterruption()
                // Up to the end of a code point.
                var end = min(part.count, start + 1 << 16)
                while end < part.count, part[end] & 0xc0 == 0x80 { end += 1 }
                text += Printer.escaped(String(decoding: part[start..<end], as: UTF8.self))
                start = end
            }
            text += "\""
        }

        private mutating func nested(_ value: Value, _ body: (inout Writer) -> Void) {
            guard open.count < 200, !open.contains(value.payload) else {
                text += value.tag == .list ? "[…]" : "{…}"
                return
            }
            open.append(value.payload)
            body(&self)
            open.removeLast()
        }

        private mutating func writeElements(of list: ListRef) {
            text += "["
            for i in 0..<list.count {
                if i > 0 { text += ", " }
                write(list[i])
                if isFull { return }
            }
            text += "]"
        }

        private mutating func writeEntries(of map: MapRef) {
            text += "{"
            var isFirst = true
            for i in 0..<map.entryCount where !map.entries[i].key.isMissing {
                if !isFirst { text += ", " }
                isFirst = false
                let key = map.entries[i].key
                if key.tag == .string {
                    let name = key.asString
                    if Keywords.isName(name.text) { text += name.text } else { write(name) }
                } else {
                    text += "["
                    write(key)
                    text += "]"
                }
                text += ": "
                write(map.entries[i].value)
                if isFull { return }
            }
            text += "}"
        }

        private mutating func checkInterruption() {
            guard Cancellation.isRequested else { return }
            isStopped = true
            isFull = true
        }

        private mutating func write(_ range: RangeRef) {
            if range.step != 1 {
                text += "range(\(range.lower), \(range.upper), by: \(range.step))"
                return
            }
            let upper = range.isClosed ? range.upper - 1 : range.upper
            text += "\(range.hasLower ? String(range.lower) : "")\(range.isClosed ? "..=" : "..")\(range.hasUpper ? String(upper) : "")"
        }
    }
}
