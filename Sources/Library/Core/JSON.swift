import Runtime

extension Library {
    static let json: [Builtin] = [
        .fn("parse_json", "text", """
            The value of a JSON text: objects as maps, `null` as nil, numbers without a point or exponent as ints. Warns where the \
            language has no equal value: ints of more than 64 bits become floats, numbers beyond the range of floats infinite, unpaired \
            surrogates U+FFFD, and of two members with the same name the last counts.
            """,
            "parse_json(\"\\{\\\"acc\\\": [93.5, null]}\")  # => {acc: [93.5, nil]}") { call in
            try JSONValues.read(try call.text(0), name: "the text", call.vm)
        },
        .fn("read_json", "path", "The value in a JSON file. `table(read_json(path))` makes a table of a list of objects.",
            """
            write_text("{temporary_folder()}/read.json", "[1, 2.5]")
            read_json("{temporary_folder()}/read.json")  # => [1, 2.5]
            """) { call in
            let path = try call.filePath(0)
            return try JSONValues.read(try readFile(0, call), name: "'\(path)'", call.vm)
        },
        .fn("format_json", "value, indent: 0",
            """
            A value as JSON text, on one line, or with each level indented by `indent` spaces. A table becomes a list of objects, a tensor \
            nested lists, a path its notation; nan and infinity, which JSON lacks, become null. Keys that are numbers or bools become \
            texts.
            """,
            "format_json({acc: [93.5, nil], ok: true})  # => \"\\{\\\"acc\\\": [93.5, null], \\\"ok\\\": true}\"") { call in
            let bytes = try json(0, indent: 1, call)
            return .string(bytes.withUnsafeBufferPointer(call.heap.string(bytes:)))
        },
        .fn("write_json", "path, value, indent: 0", "Writes a value as JSON to a file and replaces its contents, atomically.",
            "write_json(\"{temporary_folder()}/write.json\", {a: 1})\nread_json(\"{temporary_folder()}/write.json\").a  # => 1") { call in
            try replaceFile(try call.filePath(0), with: try json(1, indent: 2, call) + [UInt8(ascii: "\n")])
            return .nil
        },
    ]

    private static func json(_ value: Int, indent: Int, _ call: Call) throws -> [UInt8] {
        let width = try call.int(indent, atLeast: 0)
        guard width <= 16 else { throw call.invalid(indent, "'indent' goes up to 16") }
        do {
            return try JSONValues.bytes(of: call[value], indent: width, call.vm)
        } catch var error as RuntimeError {
            if error.kind != .interrupted { error.argument = value }
            throw error
        }
    }
}
