import Foundation
import Runtime
import Text

extension Library {
    static let json: [Builtin] = [
        .fn("parse_json", "text", """
            The value that a JSON text shows: objects as maps, `null` as nil, numbers without a point or exponent as ints. Warns of what the language \
            has no value for: ints of more than 64 bits become floats, numbers beyond the floats infinite, halves of characters U+FFFD; of two \
            members of one name the last counts.
            """,
            "parse_json(\"\\{\\\"acc\\\": [93.5, null]}\")  # => {acc: [93.5, nil]}") { call in try JSONValues.read(try call.text(0), name: "the text", call.vm) },
        .fn("read_json", "path", "The value in a JSON file. `table(read_json(path))` makes a table of a list of objects.",
            "write_text(\"{temporary_folder()}/read.json\", \"[1, 2.5]\")\nread_json(\"{temporary_folder()}/read.json\")  # => [1, 2.5]") { call in
            let path = try call.filePath(0)
            return try JSONValues.read(try readFile(0, call), name: "'\(path)'", call.vm)
        },
        .fn("format_json", "value, indent: 0",
            "A value as JSON text, on one line, or with each level indented by so many blanks. A table becomes a list of objects, a tensor nested lists, a path its notation; nan and infinity, which JSON has not, become null. Keys that are numbers or bools become texts.",
            "format_json({acc: [93.5, nil], ok: true})  # => \"\\{\\\"acc\\\": [93.5, null], \\\"ok\\\": true}\"") { call in
            let bytes = try json(0, indent: 1, call)
            return .string(bytes.withUnsafeBufferPointer(call.heap.string(bytes:)))
        },
        .fn("write_json", "path, value, indent: 0", "Writes a value as JSON to a file, in place of what was there: all of it or nothing.",
            "write_json(\"{temporary_folder()}/write.json\", {a: 1})\nread_json(\"{temporary_folder()}/write.json\").a  # => 1") { call in
            try replaceFile(try call.filePath(0), with: try json(1, indent: 2, call) + [UInt8(ascii: "\n")])
            return .nil
        },
    ]

    private static func json(_ value: Int, indent: Int, _ call: Call) throws -> [UInt8] {
        let width = try call.int(indent, atLeast: 0)
        guard width <= 16 else { throw call.invalid(indent, "'indent' goes up to 16") }
        var writer = JSONWriter(indent: width, vm: call.vm)
        do {
            try writer.write(call[value])
        } catch var error as RuntimeError {
            if error.kind != .interrupted { error.argument = value }
            throw error
        }
        return writer.bytes
    }
}

/// Writes values of the language as JSON.
struct JSONWriter {
    private(set) var bytes: [UInt8] = []
    private let indent: Int
    /// Whether nan and the infinities, which JSON has not, become texts; else they become null.
    private let keepsNonFinite: Bool
    private let vm: VM
    private var depth = 0
    private var valueCount = 0
    private var checkedCount = 0

    init(indent: Int, keepsNonFinite: Bool = false, vm: VM) {
        self.indent = indent
        self.keepsNonFinite = keepsNonFinite
        self.vm = vm
    }

    mutating func write(_ value: Value) throws {
        valueCount += 1
        if valueCount & 0xfff == 0 {
            try vm.checkInterruption()
            try Limit.check(bytes: bytes.count, from: checkedCount)
            checkedCount = bytes.count
        }
        switch value.tag {
        case .nil, .missing: put("null")
        case .true: put("true")
        case .false: put("false")
        case .int: put(String(value.asInt))
        case .float:
            let text = Numbers.shortest(value.asFloat)
            put(value.asFloat.isFinite ? text : keepsNonFinite ? JSONString(text).quoted : "null")
        case .string: put(value.asString.buffer)
        case .list: try nested("[", "]", value.asList) { try $0.write($1) }
        case .range: try nested("[", "]", try vm.elements(of: value)) { try $0.write($1) }
        case .map:
            let pairs = value.asMap.pairs
            try checkKeys(pairs)
            try nested("{", "}", pairs) { writer, entry in
                switch entry.key.tag {
                case .string: writer.put(entry.key.asString.buffer)
                case .int, .float, .true, .false: writer.put("\"\(try Printer.text(entry.key))\"")
                default: throw RuntimeError(.type, "a key of a JSON object is a text, not \(entry.key.typePhrase)")
                }
                writer.put(": ")
                try writer.write(entry.value)
            }
        case .host where value.hostObject is PathObject: put(Array(value.hostObject.description.utf8))
        case .host where value.hostObject is TensorObject || value.hostObject is TableObject:
            try nested("[", "]", try vm.elements(of: value)) { try $0.write($1) }
        case .host, .builtin, .closure: throw RuntimeError(.type, "\(value.typePhrase) cannot be written as JSON")
        }
    }

    /// Keys of different types may be the same text.
    private func checkKeys(_ pairs: [(key: Value, value: Value)]) throws {
        guard pairs.contains(where: { $0.key.tag != .string }) else { return }
        var texts: Set<[UInt8]> = []
        for (key, _) in pairs {
            let text = try Printer.text(key)
            guard texts.insert(Array(text.utf8)).inserted else {
                throw RuntimeError(.value, "two keys of a map would both be called \(Printer.quoted(text)) in JSON")
            }
        }
    }

    private mutating func nested<Elements: Collection>(_ open: String, _ close: String, _ elements: Elements, _ body: (inout JSONWriter, Elements.Element) throws -> Void) throws {
        guard depth < JSONReader.depthLimit else {
            throw RuntimeError(.value, "the value is nested too deeply for JSON, or holds itself", hint: "the most is \(JSONReader.depthLimit) levels")
        }
        depth += 1
        put(open)
        for (i, element) in elements.enumerated() {
            if i > 0 { put(indent > 0 ? "," : ", ") }
            if indent > 0 { lineBreak() }
            try body(&self, element)
        }
        depth -= 1
        if indent > 0, !elements.isEmpty { lineBreak() }
        put(close)
    }

    private mutating func lineBreak() {
        bytes.append(UInt8(ascii: "\n"))
        bytes.append(contentsOf: repeatElement(32, count: indent * depth))
    }

    private mutating func put(_ text: String) { bytes.append(contentsOf: text.utf8) }

    private mutating func put(_ text: some Sequence<UInt8>) { JSONWriter.append(text, to: &bytes) }

    private static func append(_ text: some Sequence<UInt8>, to bytes: inout [UInt8]) {
        let put = { (escape: String, bytes: inout [UInt8]) in bytes.append(contentsOf: escape.utf8) }
        bytes.append(UInt8(ascii: "\""))
        for byte in text {
            switch byte {
            case UInt8(ascii: "\""): put("\\\"", &bytes)
            case UInt8(ascii: "\\"): put("\\\\", &bytes)
            case 10: put("\\n", &bytes)
            case 13: put("\\r", &bytes)
            case 9: put("\\t", &bytes)
            case 0..<0x20: put("\\u00" + (byte < 16 ? "0" : "") + String(byte, radix: 16), &bytes)
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }
}
