import Foundation
import Runtime

extension Library {
    /// Tables in CSV files and texts.
    static let tableFiles: [Builtin] = [
        .fn("read_csv", "path, delimiter: \",\", header: true, columns: nil, types: {}, missing: \(CSV.missing)",
            """
            The table in a CSV file: the first line names the columns unless `header` is false; `columns` gives other names. A cell in \
            quotes is a text. Outside quotes it is an int, a float or a bool if it reads as one, and missing if it is one of the texts in \
            `missing`. Any other text outside quotes makes its whole column text; so do digits after a leading 0, as in `007`, and ints of \
            more than 64 bits. `types` fixes the type of some columns, with or without quotes: `{zip: "string", n: "int"}`.
            """,
            """
            write_text("{temporary_folder()}/runs.csv", "op,acc\\nconv,93.5\\nskip,\\n")
            read_csv("{temporary_folder()}/runs.csv").acc  # => [93.5, nil]
            """) { call in
            let path = try call.filePath(0)
            return try parseCSV(try readFile(0, call), name: "'\(path)'", call)
        },
        .fn("parse_csv", "text, delimiter: \",\", header: true, columns: nil, types: {}, missing: \(CSV.missing)",
            "The table in CSV text, as `read_csv` reads it from a file.",
            "parse_csv(\"a;b\\n1;x\\n\", delimiter: \";\")[0]  # => {a: 1, b: \"x\"}") { call in
            try parseCSV(try call.text(0), name: "the text", call)
        },
        .fn("write_csv", "path, table, delimiter: \",\"",
            """
            Writes a table to a CSV file and replaces its contents, atomically. `read_csv` gives the same table back: texts that would \
            read as something else are quoted. Cells that are not numbers, texts or bools become the text they print as.
            """,
            """
            write_csv("{temporary_folder()}/written.csv", table({a: [1, nil]}))
            read_csv("{temporary_folder()}/written.csv").a  # => [1, nil]
            """) { call in
            let table = try call.object(1, as: TableObject.self, "a table").table
            try replaceFile(try call.filePath(0), with: try CSV.format(table, delimiter: try delimiter(2, call), call.vm))
            return .nil
        },
        .fn("format_csv", "table, delimiter: \",\"", "A table as CSV text.",
            "format_csv(table({a: [1, 2], b: [\"x\", nil]}))  # => \"a,b\\n1,x\\n2,\\n\"") { call in
            let bytes = try CSV.format(try call.object(0, as: TableObject.self, "a table").table, delimiter: try delimiter(1, call),
                call.vm)
            try Limit.check(bytes: bytes.count)
            return .string(bytes.withUnsafeBufferPointer(call.heap.string(bytes:)))
        },
    ]

    private static func delimiter(_ index: Int, _ call: Call) throws -> UInt8 {
        let text = try call.text(index)
        let isFit = { (byte: UInt8) in
            byte < 128 && !"\"\r\n.+-".utf8.contains(byte) && !Character(Unicode.Scalar(byte)).isLetter && byte &- 48 > 9
        }
        guard text.utf8.count == 1, let byte = text.utf8.first, isFit(byte) else {
            throw call.invalid(
                index, "'delimiter' must be one character such as \",\", \";\" or \"\\t\", not \(Printer.quoted(text))",
                hint: "letters, digits, quotes, points, signs and line ends stand in cells")
        }
        return byte
    }

    private static func parseCSV(_ text: String, name: String, _ call: Call) throws -> Value {
        var options = CSV.Options()
        options.delimiter = try delimiter(1, call)
        options.hasHeader = try call.bool(2)
        if call.isGiven(3) { options.names = try texts(3, call) }
        if call.has(4) {
            options.types = try call.map(4).pairs.map { key, value in
                guard key.tag == .string, value.tag == .string, let kind = CSVColumn.Kind(rawValue: value.asString.text) else {
                    throw call.invalid(4,
                        """
                        'types' maps columns to "int", "float", "bool" or "string", not \(call.describe(key)) to \(call.describe(value))
                        """)
                }
                return (key.asString.text, kind)
            }
        }
        options.missing = try texts(5, call)
        return call.object(TableObject(try CSV.parse(text, name: name, options, call.vm)))
    }

    private static func texts(_ index: Int, _ call: Call) throws -> [String] {
        try call.list(index).array.map { value in
            guard value.tag == .string else { throw call.wrongType(index, expected: "a list of strings") }
            return value.asString.text
        }
    }
}
