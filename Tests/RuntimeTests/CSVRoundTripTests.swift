import NASLib
import Testing

@testable import Library
@testable import Runtime

/// What `write_csv` writes, `read_csv` gives back: types and values, to the last bit.
@Suite struct CSVRoundTrip {
    private let vm = VM(registry: Registry([]), options: SessionContext())

    private static let ints = [0, 1, -1, 7, 2028, 1 << 53, 1 << 53 + 1, .max, .max - 1, .min, .min + 1]
    private static let floats: [Double] = [
        0, -0.0, 1, -1, 2.5, 0.1, 1e16, 1e22, 1e308, 9007199254740992, .leastNonzeroMagnitude, 2024 * .leastNonzeroMagnitude,
        -.greatestFiniteMagnitude, .nan, .infinity, -.infinity,
    ]
    private static let texts = [
        "", "1", "01", "007", "1.50", "-0", "+5", "1e3", "1e400", ".5", "5.", "12345678901234567890", "true", "True", "FALSE", "nan", "NaN", "inf", "-Infinity", "NA",
        "N/A", "nil", "null", "NULL", "-", "--", " ", " a ", " 1 ", "\t1", "a", "x y", "\"", "\"\"", "\"a\"", "a\"b", ",", ";", "\t", "a,b", "\n", "\r", "\r\n", "a\nb", "1\n",
        "\u{0}", "1\u{0}", "\u{feff}", "\u{feff}a", "é", "e\u{301}", "数", "\u{2028}", "\u{85}", "\u{1e}", "#", "0x10", "1_000", "1.2.3", "2028", "\u{ff11}", "\u{a0}1",
    ]
    private static let names = [
        "a", "b", "c", "", " ", "1", "true", "NA", "\"", "a,b", "a;b", "x\ny", "\r", "\u{feff}", "é", "e\u{301}", "\u{212b}", "\u{c5}", "A\u{30a}", "column1", "two words",
    ]

    private func cell(_ kind: Int, _ generator: inout Generator) -> Value {
        switch kind {
        case 0: .int(Self.ints[generator.below(Self.ints.count)])
        case 1: .float(Self.floats[generator.below(Self.floats.count)])
        case 2: .bool(generator.below(2) == 0)
        default: .string(vm.heap.string(Self.texts[generator.below(Self.texts.count)]))
        }
    }

    private func table(_ generator: inout Generator) throws -> Table {
        let width = 1 + generator.below(3), height = generator.below(6)
        var names = Self.names
        var chosen: [String] = []
        for _ in 0..<width { chosen.append(names.remove(at: generator.below(names.count))) }
        let columns = try chosen.map { _ in
            // One kind of cell, or any.
            let kind = generator.below(6)
            let gaps = [0, 0, 3, 1][generator.below(4)]
            return try Column((0..<height).map { _ in
                if gaps > 0, generator.below(gaps) == 0 { return Value.nil }
                return cell(kind < 4 ? kind : generator.below(kind == 4 ? 2 : 4), &generator)
            })
        }
        return try Table(names: chosen, columns: columns)
    }

    private func isSame(_ a: Value, _ b: Value) -> Bool {
        switch (a.tag, b.tag) {
        case (.float, .float): a.asFloat.isNaN ? b.asFloat.isNaN : a.asFloat.bitPattern == b.asFloat.bitPattern
        case (.string, .string): a.asString.buffer.elementsEqual(b.asString.buffer)
        default: a.isIdentical(to: b)
        }
    }

    private func difference(_ a: Table, _ b: Table) -> String? {
        guard a.names.map({ Array($0.utf8) }) == b.names.map({ Array($0.utf8) }) else { return "names \(b.names)" }
        guard a.rowCount == b.rowCount else { return "\(b.rowCount) rows, not \(a.rowCount)" }
        for (i, (mine, theirs)) in zip(a.columns, b.columns).enumerated() {
            for row in 0..<a.rowCount where !isSame(mine.value(row, vm.heap), theirs.value(row, vm.heap)) {
                return "row \(row) of column \(i): \(Printer.literal(theirs.value(row, vm.heap), limit: 40)), not \(Printer.literal(mine.value(row, vm.heap), limit: 40))"
            }
            // Columns without any cell have no type.
            let isEmpty = (0..<a.rowCount).allSatisfy(mine.isMissing)
            if !isEmpty, mine.typeName != theirs.typeName { return "column \(i) of type \(theirs.typeName), not \(mine.typeName)" }
        }
        return nil
    }

    @Test(arguments: [UInt8(ascii: ","), UInt8(ascii: ";"), 9, 0x1e])
    func givesTheSameTableBack(delimiter: UInt8) throws {
        var generator = Generator(seed: UInt64(delimiter))
        var options = CSV.Options()
        options.delimiter = delimiter
        for i in 0..<25_000 {
            let table = try table(&generator)
            let text = String(decoding: try CSV.format(table, delimiter: delimiter, vm), as: UTF8.self)
            let back = try CSV.parse(text, name: "the text", options, vm)
            if let difference = difference(table, back) {
                Issue.record("table \(i): \(difference), from \(Printer.quoted(text))")
                return
            }
        }
    }
}
