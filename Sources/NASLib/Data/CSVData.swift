import Text

/// Tables of numbers with a column of labels, as comma-separated text.
public enum CSVData {
    /// The column of a CSV file that has the labels.
    public enum Column: Sendable {
        /// Counted from 0, or from the end when negative.
        case position(Int)
        case name(String)
    }

    /// Reads one example from each row. A first row of texts only names the columns. Cells may stand in quotes (`DelimitedText`).
    ///
    /// Labels are classes 0, 1, 2… or texts (or other numbers), which are then numbered in sorted order.
    /// - Parameter shape: of an example; without it 1 x 1 x the number of columns.
    public static func read(_ file: FileBytes, label: Column, shape: ImageShape?, name: String) throws -> Dataset {
        guard !file.bytes.isEmpty else { throw file.error("expected lines of numbers, but the file is empty") }
        guard try file.text() != nil else { throw NASError(.file, "'\(file.name)' is not UTF-8 text") }
        do {
            return try file.bytes.withUnsafeBufferPointer {
                try read(DelimitedText($0, trimsBlanks: true), file, label: label, shape: shape, name: name)
            }
        } catch let error as DelimitedText.Malformed {
            throw NASError(error, in: file.name)
        }
    }

    private static func read(_ start: DelimitedText, _ file: FileBytes, label: Column, shape: ImageShape?, name: String) throws -> Dataset {
        var rows = start
        var first: [(text: String, isNumber: Bool)] = []
        guard try rows.nextRow({ first.append((text($1.text), NumberText.single($1.text) != nil)) }) != nil else {
            throw file.error(at: 0, "expected lines of numbers, but the file is blank")
        }
        let (width, firstLine) = (first.count, rows.line)
        guard width > 1 else {
            throw NASError(.file, "line \(firstLine) of '\(file.name)': expected at least two columns separated by commas, found one")
        }
        let column = try position(of: label, among: first.map(\.text), file)
        let shape = shape ?? ImageShape(height: 1, width: 1, channels: width - 1)
        guard shape.count == width - 1 else {
            throw NASError(.file, "'\(file.name)' has \(width - 1) numbers an example besides the label, which are not \(shape.height) x \(shape.width) x \(shape.channels)")
        }
        // One bad number does not make the first example a header.
        var hasHeader = first.enumerated().allSatisfy { $0 == column || (!$1.isNumber && !$1.text.isEmpty) }
        if case .name = label { hasHeader = true }
        if !hasHeader { rows = start }

        var values: [Float] = []
        var labels: [String] = []
        while true {
            var problem: String?
            let count = try rows.nextRow { i, cell in
                if i == column {
                    if isMissing(cell) {
                        problem = "a label in column \(i + 1), found \(cell.text.isEmpty ? "an empty cell" : "'\(text(cell.text))'")"
                    }
                    labels.append(text(cell.text))
                } else if let value = NumberText.single(cell.text), value.isFinite {
                    values.append(value)
                } else if problem == nil {
                    problem = "a number in column \(i + 1), found '\(text(cell.text).prefix(40))'"
                }
            }
            guard let count else { break }
            guard count == width else {
                throw NASError(
                    .file, "line \(rows.line) of '\(file.name)': expected \(width) columns as in line \(firstLine), found \(count)")
            }
            if let problem { throw NASError(.file, "line \(rows.line) of '\(file.name)': expected \(problem)") }
            if labels.count & 0xfff == 0 { try Cancellation.check() }
            try MemoryAccount.ask(pieces: values.count, from: values.count - count + 1, ofBytes: 4)
            try MemoryAccount.ask(pieces: labels.count, from: labels.count - 1, ofBytes: 64)
            guard values.count <= Tensor.limit else { throw NASError(.file, "'\(file.name)' has more than \(Tensor.limit) numbers") }
        }
        guard !labels.isEmpty else { throw NASError(.file, "'\(file.name)' has a header, but no lines of numbers below it") }
        let (numbers, classNames) = classes(labels)
        guard classNames?.count ?? 0 != 1 else {
            throw NASError(.file, "'\(file.name)' has one label only, '\(classNames?[0] ?? "")': expected at least two classes")
        }
        return Dataset(
            name: name, shape: shape, classes: classNames?.count ?? max(2, Int(numbers.max() ?? 0) + 1), images: values, labels: numbers,
            classNames: classNames)
    }

    /// Whether there is no label: nothing, or what stands for a missing cell or number outside quotes.
    private static func isMissing(_ cell: DelimitedText.Cell) -> Bool {
        cell.text.isEmpty
            || (!cell.isQuoted && (["NA", "N/A", "nil", "null"].contains(text(cell.text)) || NumberText.float(cell.text)?.isNaN == true))
    }

    private static func text(_ bytes: UnsafeBufferPointer<UInt8>) -> String { String(decoding: bytes, as: UTF8.self) }

    private static func position(of label: Column, among names: [String], _ file: FileBytes) throws -> Int {
        let width = names.count
        switch label {
        case .position(let position):
            guard (-width..<width).contains(position) else {
                throw NASError(.value, "'\(file.name)' has \(width) columns, and none at position \(position)", parameter: "label")
            }
            return position < 0 ? position + width : position
        case .name(let name):
            let positions = names.indices.filter { names[$0].isSame(as: name) }
            guard let position = positions.first else {
                throw NASError(
                    .value, "'\(file.name)' has no column '\(name)'",
                    hint: "its first line is \(names.prefix(8).joined(separator: ", "))\(width > 8 ? ", …" : "")", parameter: "label")
            }
            guard positions.count == 1 else {
                throw NASError(
                    .value, "columns \(position + 1) and \(positions[1] + 1) of '\(file.name)' are both called '\(name)'",
                    hint: "label: \(position) is the first", parameter: "label")
            }
            return position
        }
    }

    /// Small whole numbers are classes as they are; anything else is numbered in sorted order.
    private static func classes(_ texts: [String]) -> (labels: [Int32], names: [String]?) {
        let numbers = texts.map { text in
            var text = text
            return text.withUTF8 { NumberText.float($0) }.flatMap { Int32(exactly: $0) }
        }
        if numbers.allSatisfy({ $0.map { (0..<10_000).contains($0) } ?? false }) { return (numbers.compactMap(\.self), nil) }
        let names = Set(texts.map { TextKey($0) }).map(\.text).sortedByCodePoints()
        let index = Dictionary(uniqueKeysWithValues: names.enumerated().map { (TextKey($1), Int32($0)) })
        return (texts.map { index[TextKey($0)] ?? 0 }, names)
    }
}
