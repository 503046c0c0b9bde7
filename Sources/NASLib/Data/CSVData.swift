/// Tables of numbers with a column of labels, as comma-separated text.
public enum CSVData {
    /// Where the labels are.
    public enum Column: Sendable {
        /// Counted from 0, or from the end when negative.
        case position(Int)
        case name(String)
    }

    /// Reads one example from each line. A first line of texts only names the columns. Fields may stand in double quotes.
    ///
    /// Labels are classes 0, 1, 2… or texts (or other numbers), which are then numbered in sorted order.
    /// - Parameter shape: of an example; without it 1 x 1 x the number of columns.
    public static func read(_ file: FileBytes, label: Column, shape: ImageShape?, name: String) throws -> Dataset {
        guard !file.bytes.isEmpty else { throw file.error("expected lines of numbers, but the file is empty") }
        guard String(validating: file.bytes, as: UTF8.self) != nil else { throw FileError("'\(file.name)' is not UTF-8 text") }
        var lines = Lines(file.bytes)
        guard let first = lines.next() else { throw file.error(at: 0, "expected lines of numbers, but the file is blank") }
        let width = first.fields.count
        guard width > 1 else { throw FileError("line \(first.number) of '\(file.name)': expected at least two columns separated by commas, found one") }
        let column = try position(of: label, width: width, first, file)
        let shape = shape ?? ImageShape(height: 1, width: 1, channels: width - 1)
        guard shape.count == width - 1 else {
            throw FileError("'\(file.name)' has \(width - 1) numbers an example besides the label, which are not \(shape.height) x \(shape.width) x \(shape.channels)")
        }
        // One bad number does not make the first example a header.
        var hasHeader = first.fields.indices.allSatisfy { $0 == column || number(first.fields[$0]) == nil && !first.fields[$0].isEmpty }
        if case .name = label { hasHeader = true }

        var values: [Float] = []
        var texts: [String] = []
        var line = hasHeader ? lines.next() : first
        while let current = line {
            let fields = current.fields
            guard fields.count == width else {
                throw FileError("line \(current.number) of '\(file.name)': expected \(width) columns as in line \(first.number), found \(fields.count)")
            }
            guard values.count + width <= Tensor.limit else { throw FileError("'\(file.name)' has more than \(Tensor.limit) numbers") }
            for (i, field) in fields.enumerated() where i != column {
                guard let value = number(field), value.isFinite else {
                    throw FileError("line \(current.number) of '\(file.name)': expected a number in column \(i + 1), found '\(text(field).prefix(40))'")
                }
                values.append(value)
            }
            texts.append(text(fields[column]))
            line = lines.next()
        }
        guard !texts.isEmpty else { throw FileError("'\(file.name)' has a header, but no lines of numbers below it") }
        let (labels, classNames) = classes(texts)
        guard classNames?.count ?? 0 != 1 else { throw FileError("'\(file.name)' has one label only, '\(classNames?[0] ?? "")': expected at least two classes") }
        return Dataset(
            name: name, shape: shape, classes: classNames?.count ?? max(2, Int(labels.max() ?? 0) + 1), images: values, labels: labels, classNames: classNames)
    }

    /// The lines that are not blank, cut into fields at the commas.
    private struct Lines {
        private var rest: ArraySlice<UInt8>
        private var number = 0

        init(_ bytes: [UInt8]) {
            let mark: [UInt8] = [0xef, 0xbb, 0xbf]
            rest = bytes.starts(with: mark) ? bytes.dropFirst(mark.count) : bytes[...]
        }

        mutating func next() -> (number: Int, fields: [ArraySlice<UInt8>])? {
            while !rest.isEmpty {
                number += 1
                let line = rest.prefix { $0 != UInt8(ascii: "\n") }
                rest = rest[line.endIndex...].dropFirst()
                if line.allSatisfy(CSVData.isBlank) { continue }
                return (number, CSVData.fields(of: line))
            }
            return nil
        }
    }

    /// Cut at the commas, but for those between quotes; a quote in quotes stands twice.
    private static func fields(of line: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
        let quote = UInt8(ascii: "\"")
        var isQuoted = false
        return line.split(omittingEmptySubsequences: false) { byte in
            if byte == quote { isQuoted.toggle() }
            return byte == UInt8(ascii: ",") && !isQuoted
        }.map { field in
            let field = trimmed(field)
            guard field.count > 1, field.first == quote, field.last == quote else { return field }
            return Array(String(decoding: field.dropFirst().dropLast(), as: UTF8.self).replacing("\"\"", with: "\"").utf8)[...]
        }
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 32 || byte == 9 || byte == 13 }

    private static func trimmed(_ field: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var field = field.drop(while: isBlank)
        while let last = field.last, isBlank(last) { field.removeLast() }
        return field
    }

    private static func text(_ field: ArraySlice<UInt8>) -> String { String(decoding: field, as: UTF8.self) }

    /// Most fields are a few digits, which need no general reader.
    private static func number(_ field: ArraySlice<UInt8>) -> Float? {
        guard field.count <= 7, !field.isEmpty, field.allSatisfy({ (48...57).contains($0) }) else { return Float(text(field)) }
        return Float(field.reduce(0) { $0 * 10 + Int($1 - 48) })
    }

    private static func position(of label: Column, width: Int, _ first: (number: Int, fields: [ArraySlice<UInt8>]), _ file: FileBytes) throws -> Int {
        switch label {
        case .position(let position):
            guard (-width..<width).contains(position) else { throw DataError("'\(file.name)' has \(width) columns, and none at position \(position)") }
            return position < 0 ? position + width : position
        case .name(let name):
            guard let position = first.fields.firstIndex(where: { text($0) == name }) else {
                throw DataError("'\(file.name)' has no column '\(name)'", hint: "its first line is \(first.fields.prefix(8).map(text).joined(separator: ", "))\(width > 8 ? ", …" : "")")
            }
            return position
        }
    }

    /// Small whole numbers are classes as they are; anything else is numbered in sorted order.
    private static func classes(_ texts: [String]) -> (labels: [Int32], names: [String]?) {
        let numbers = texts.map { text in Double(text).flatMap { Int32(exactly: $0) } }
        if numbers.allSatisfy({ $0.map { (0..<10_000).contains($0) } ?? false }) { return (numbers.compactMap(\.self), nil) }
        let names = Set(texts).sorted()
        let index = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, Int32($0)) })
        return (texts.map { index[$0] ?? 0 }, names)
    }
}
