import NASLib
import Runtime
import Text

/// Values of the language and JSON: objects are maps, numbers without point or exponent ints.
enum JSONValues {
    /// - Parameter name: what errors call the text.
    static func read(_ text: String, name: String, _ vm: VM) throws -> Value {
        var text = text
        return try text.withUTF8 { bytes in
            var input = JSONInput(JSONReader(bytes), name: name, vm)
            do {
                return try input.whole()
            } catch let mistake as JSONReader.Mistake {
                let hint = mistake.reason == .rest ? "a text holds one value; lines of them are read one by one with parse_json(line)"
                    : mistake.hint
                throw RuntimeError(
                    mistake.reason == .depth ? .limit : .value,
                    "line \(mistake.line), column \(mistake.column) of \(name): \(mistake.message)", hint: hint)
            }
        }
    }

    /// - Parameter keepsNonFinite: whether nan and the infinities, which JSON has not, become texts; else they become null.
    static func bytes(of value: Value, indent: Int = 0, keepsNonFinite: Bool = false, _ vm: VM) throws -> [UInt8] {
        var output = JSONOutput(JSONWriter(indent: indent), keepsNonFinite: keepsNonFinite, vm)
        try output.write(value)
        return output.writer.bytes
    }
}

private struct JSONInput {
    private var reader: JSONReader
    /// What errors call the text.
    private let name: String
    private let vm: VM
    private var valueCount = 0

    /// What the value is not quite what the text says, and where: the first such place, and how many there are.
    private var remark = ""
    private var remarkCount = 0
    private var halfCount = 0

    init(_ reader: JSONReader, name: String, _ vm: VM) { (self.reader, self.name, self.vm) = (reader, name, vm) }

    mutating func whole() throws -> Value {
        let value = try value()
        try reader.finish()
        if remarkCount > 0 {
            let others = remarkCount - 1
            vm.emit(.warning(remark + (others > 0 ? "; \(others) more such place\(others == 1 ? "" : "s")" : "")))
        }
        return value
    }

    private mutating func value() throws -> Value {
        valueCount += 1
        if valueCount & 0xfff == 0 { try vm.checkInterruption() }
        switch try reader.next() {
        case .object: return .map(try object())
        case .array:
            let list = vm.heap.list(capacity: 0)
            while try reader.nextElement() { vm.heap.append(try value(), to: list) }
            return .list(list)
        case .string(let string): return .string(made(of: string))
        case .number(let digits, let isWhole): return number(digits, isWhole)
        case .bool(let bool): return .bool(bool)
        // Numbers that are not finite are not let through.
        case .null, .notFinite: return .nil
        }
    }

    private mutating func object() throws -> MapRef {
        let map = vm.heap.map()
        while let name = try reader.nextKey() {
            let start = reader.start
            let key = made(of: name)
            let count = map.count
            // With the table that finds the entries.
            try MemoryAccount.ask(pieces: count, from: count - 1, ofBytes: 96)
            vm.heap.set(.string(key), hash: key.hash, to: try value(), in: map)
            if map.count == count {
                note("an object has two members called \(Printer.quoted(key.text)), of which the last counts", at: start)
            }
        }
        return map
    }

    private mutating func number(_ digits: UnsafeBufferPointer<UInt8>, _ isWhole: Bool) -> Value {
        if isWhole, let int = NumberText.int(digits) { return .int(int) }
        let float = NumberText.float(digits) ?? .nan
        if isWhole || float.isInfinite {
            let shown = digits.count > 40 ? "a number of \(digits.count) digits" : String(decoding: digits, as: UTF8.self)
            note("\(shown) \(float.isInfinite ? "is beyond the floats" : "does not fit an int") and becomes \(Numbers.shortest(float))",
                at: reader.start)
        }
        return .float(float)
    }

    private mutating func made(of string: JSONString) -> StringRef {
        for half in reader.halves.dropFirst(halfCount) {
            note("\\u\(String(half.unit, radix: 16)) is half of a character and becomes U+FFFD", at: half.place)
        }
        halfCount = reader.halves.count
        return string.withUTF8 { vm.heap.string(bytes: $0) }
    }

    /// Remembers that the value is not quite what the text says here.
    private mutating func note(_ message: String, at offset: Int) {
        if remarkCount == 0 {
            let (line, column) = reader.place(of: offset)
            remark = "line \(line), column \(column) of \(name): \(message)"
        }
        remarkCount += 1
    }
}

private struct JSONOutput {
    private(set) var writer: JSONWriter
    private let keepsNonFinite: Bool
    private let vm: VM
    private var valueCount = 0
    private var checkedCount = 0

    init(_ writer: JSONWriter, keepsNonFinite: Bool, _ vm: VM) {
        (self.writer, self.keepsNonFinite, self.vm) = (writer, keepsNonFinite, vm)
    }

    mutating func write(_ value: Value) throws {
        valueCount += 1
        if valueCount & 0xfff == 0 {
            try vm.checkInterruption()
            try Limit.check(bytes: writer.bytes.count, from: checkedCount)
            checkedCount = writer.bytes.count
        }
        switch value.tag {
        case .nil, .missing: writer.word("null")
        case .true: writer.word("true")
        case .false: writer.word("false")
        case .int: writer.word(String(value.asInt))
        case .float:
            let text = Numbers.shortest(value.asFloat)
            writer.word(value.asFloat.isFinite ? text : keepsNonFinite ? "\"\(text)\"" : "null")
        case .string: writer.string(value.asString.buffer)
        case .list: try array(value.asList)
        case .range: try array(try vm.elements(of: value))
        case .map: try object(value.asMap.pairs)
        case .host:
            switch value.hostObject.plainForm {
            case .description:
                var text = value.hostObject.description
                text.withUTF8 { writer.string($0) }
            case .elements: try array(try vm.elements(of: value))
            case nil: throw unwritable(value)
            }
        case .builtin, .closure: throw unwritable(value)
        }
    }

    private func unwritable(_ value: Value) -> RuntimeError { RuntimeError(.type, "\(value.typePhrase) cannot be written as JSON") }

    private mutating func array(_ elements: ListRef) throws {
        try checkDepth()
        writer.openArray()
        for element in elements {
            writer.beginElement()
            try write(element)
        }
        writer.close()
    }

    private mutating func object(_ pairs: [(key: Value, value: Value)]) throws {
        try checkKeys(pairs)
        try checkDepth()
        writer.openObject()
        for (key, value) in pairs {
            switch key.tag {
            case .string: writer.key(key.asString.buffer)
            case .int, .float, .true, .false:
                var text = try Printer.text(key)
                text.withUTF8 { writer.key($0) }
            default: throw RuntimeError(.type, "a key of a JSON object is a text, not \(key.typePhrase)")
            }
            try write(value)
        }
        writer.close()
    }

    private func checkDepth() throws {
        guard writer.depth < JSONReader.depthLimit else {
            throw RuntimeError(
                .value, "the value is nested too deeply for JSON, or holds itself", hint: "the most is \(JSONReader.depthLimit) levels")
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
}
