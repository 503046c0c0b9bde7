import Foundation

/// Tables of numbers with a column of labels, as comma-separated text.
public enum CSVData {
    /// Where the labels are.
    public enum Column: Sendable {
        /// Counted from 0, or from the end when negative.
        case position(Int)
        case name(String)
    }

    /// Reads one example from each line. A first line with texts where numbers should be names the columns.
    ///
    /// Labels are classes 0, 1, 2… or texts (or other numbers), which are then numbered in sorted order.
    /// - Parameter shape: of an example; without it 1 x 1 x the number of columns.
    public static func read(_ file: FileBytes, label: Column, shape: ImageShape?, name: String) throws -> Dataset {
        guard !file.bytes.isEmpty else { throw file.error("expected lines of numbers, but the file is empty") }
        guard let text = String(validating: file.bytes, as: UTF8.self) else { throw FileError("'\(file.name)' is not UTF-8 text") }
        var lines: [(number: Int, fields: [Substring])] = []
        for (i, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            if line.allSatisfy({ $0 == " " }) { continue }
            lines.append((i + 1, line.split(separator: ",", omittingEmptySubsequences: false).map { $0.trimmed }))
        }
        guard let first = lines.first else { throw file.error(at: 0, "expected lines of numbers, but the file is blank") }
        let width = first.fields.count
        guard width > 1 else { throw FileError("line \(first.number) of '\(file.name)': expected at least two columns separated by commas, found one") }
        let column = try position(of: label, width: width, first, file)
        var hasHeader = first.fields.indices.contains { $0 != column && Double(first.fields[$0]) == nil }
        if case .name = label { hasHeader = true }
        if hasHeader { lines.removeFirst() }
        guard !lines.isEmpty else { throw FileError("'\(file.name)' has a header, but no lines of numbers below it") }
        let shape = shape ?? ImageShape(height: 1, width: 1, channels: width - 1)
        guard shape.count == width - 1 else {
            throw FileError("'\(file.name)' has \(width - 1) numbers an example besides the label, which are not \(shape.height) x \(shape.width) x \(shape.channels)")
        }
        guard lines.count <= Tensor.limit / shape.count else { throw FileError("'\(file.name)' has \(lines.count) lines of \(width) columns: the most is \(Tensor.limit) numbers") }

        var values: [Float] = []
        values.reserveCapacity(lines.count * shape.count)
        for line in lines {
            guard line.fields.count == width else {
                throw FileError("line \(line.number) of '\(file.name)': expected \(width) columns as in line \(first.number), found \(line.fields.count)")
            }
            for (i, field) in line.fields.enumerated() where i != column {
                guard let value = Float(field), value.isFinite else { throw FileError("line \(line.number) of '\(file.name)': expected a number in column \(i + 1), found '\(field.prefix(40))'") }
                values.append(value)
            }
        }
        let (labels, classNames) = classes(lines.map { String($0.fields[column]) })
        guard classNames?.count ?? 0 != 1 else { throw FileError("'\(file.name)' has one label only, '\(classNames?[0] ?? "")': expected at least two classes") }
        return Dataset(
            name: name, shape: shape, classes: max(2, Int(labels.max() ?? 0) + 1), images: values, labels: labels, classNames: classNames)
    }

    private static func position(of label: Column, width: Int, _ first: (number: Int, fields: [Substring]), _ file: FileBytes) throws -> Int {
        switch label {
        case .position(let position):
            guard (-width..<width).contains(position) else { throw DataError("'\(file.name)' has \(width) columns, and none at position \(position)") }
            return position < 0 ? position + width : position
        case .name(let name):
            guard let position = first.fields.firstIndex(where: { $0 == name }) else {
                throw DataError("'\(file.name)' has no column '\(name)'", hint: "its first line is \(first.fields.prefix(8).joined(separator: ", "))\(width > 8 ? ", …" : "")")
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

extension Substring {
    fileprivate var trimmed: Substring {
        var text = self
        while text.first == " " || text.first == "\t" { text.removeFirst() }
        while text.last == " " || text.last == "\t" { text.removeLast() }
        return text
    }
}
