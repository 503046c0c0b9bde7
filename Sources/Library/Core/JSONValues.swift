import NASLib
import Runtime
import Text

/// Makes values of the language of a JSON text: objects as maps, numbers without point or exponent as ints.
struct JSONValues {
    private var reader: JSONReader
    /// What errors call the text.
    private let name: String
    private let vm: VM
    private var valueCount = 0

    /// What the value is not quite what the text says, and where: the first such place, and how many there are.
    private var remark = ""
    private var remarkCount = 0
    private var halfCount = 0

    static func read(_ text: String, name: String, _ vm: VM) throws -> Value {
        var text = text
        return try text.withUTF8 { bytes in
            var values = JSONValues(reader: JSONReader(bytes), name: name, vm: vm)
            do {
                return try values.whole()
            } catch let mistake as JSONReader.Mistake {
                let hint = mistake.reason == .rest ? "a text holds one value; lines of them are read one by one with parse_json(line)" : mistake.hint
                throw RuntimeError(
                    mistake.reason == .depth ? .limit : .value, "line \(mistake.line), column \(mistake.column) of \(name): \(mistake.message)", hint: hint)
            }
        }
    }

    private init(reader: JSONReader, name: String, vm: VM) { (self.reader, self.name, self.vm) = (reader, name, vm) }

    private mutating func whole() throws -> Value {
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
            if map.count == count { note("an object has two members called \(Printer.quoted(key.text)), of which the last counts", at: start) }
        }
        return map
    }

    private mutating func number(_ digits: UnsafeBufferPointer<UInt8>, _ isWhole: Bool) -> Value {
        if isWhole, let int = NumberText.int(digits) { return .int(int) }
        let float = NumberText.float(digits) ?? .nan
        if isWhole || float.isInfinite {
            let shown = digits.count > 40 ? "a number of \(digits.count) digits" : String(decoding: digits, as: UTF8.self)
            note("\(shown) \(float.isInfinite ? "is beyond the floats" : "does not fit an int") and becomes \(Numbers.shortest(float))", at: reader.start)
        }
        return .float(float)
    }

    private mutating func made(of string: JSONString) -> StringRef {
        for half in reader.halves.dropFirst(halfCount) { note("\\u\(String(half.unit, radix: 16)) is half of a character and becomes U+FFFD", at: half.place) }
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
