import Text

/// A value as the prompt shows it: on one line where it fits, otherwise over several, and cut off with a count where it
/// is longer than the window: `[0, 1, 2, … 9,997 more]`.
public struct ValueLayout {
    /// The width of the window in columns.
    public let width: Int
    /// The most lines that a value may take.
    public let height: Int

    public func text(_ value: Value) -> String {
        if value.tag == .host { return value.hostObject.display(width: width) }
        return lines(value, room: width, rows: height, depth: 0).joined(separator: "\n")
    }

    /// A value on one line of at most `room` columns.
    public static func line(_ value: Value, room: Int) -> String {
        if let whole = Printer.literal(value, within: room) { return whole }
        switch value.tag {
        case .list:
            let list = value.asList
            return cut("[", list.count, "]", room: room) { ("", list[$0]) }
        case .map:
            let pairs = value.asMap.pairs
            return cut("{", pairs.count, "}", room: room) { (Printer.key(pairs[$0].key) + ": ", pairs[$0].value) }
        case .string: return cut(value.asString.text, room: room)
        case .host: return DisplayWidth.fitted(String(value.hostObject.display(width: room).prefix { !$0.isNewline }), columns: room)
        default: return DisplayWidth.fitted(Printer.literal(value, limit: room), columns: room)
        }
    }

    /// A number with thousands separators: 9940 as `9,940`.
    public static func count(_ number: Int) -> String {
        let digits = Array(String(number))
        return digits.indices.map { ($0 > 0 && (digits.count - $0) % 3 == 0 ? "," : "") + String(digits[$0]) }.joined()
    }

    // MARK: - Several lines

    private static let deepest = 20

    private func lines(_ value: Value, room: Int, rows: Int, depth: Int) -> [String] {
        if let whole = Printer.literal(value, within: room) { return [whole] }
        guard rows > 1, room > 20, depth < ValueLayout.deepest else { return [ValueLayout.line(value, room: room)] }
        switch value.tag {
        case .list:
            let list = value.asList
            // A row of a filled block says as much as several of the others.
            if let filled = filled(list, room: room, rows: max(2, rows / 2)) { return filled }
            return stacked("[", list.count, "]", room: room, rows: rows, depth: depth) { ("", list[$0]) }
        case .map:
            let pairs = value.asMap.pairs
            return stacked("{", pairs.count, "}", room: room, rows: rows, depth: depth) {
                (Printer.key(pairs[$0].key) + ": ", pairs[$0].value)
            }
        // The terminal breaks it, so that it can be copied as a whole.
        case .string where depth == 0: return [ValueLayout.line(value, room: room * max(1, rows / 2) - 1)]
        default: return [ValueLayout.line(value, room: room)]
        }
    }

    /// Short elements, as many in a row as there is room for; nil when some are long. Numbers are aligned.
    private func filled(_ list: ListRef, room: Int, rows: Int) -> [String]? {
        // No more than this many can be seen.
        let cells = list.buffer.prefix(rows * room / 2).map { Printer.literal($0, within: room / 3) }
        let shown = cells.compactMap(\.self)
        guard shown.count == cells.count else { return nil }
        let isNumeric = list.buffer.prefix(cells.count).allSatisfy(\.isNumber)
        let cell = isNumeric ? shown.map(\.count).max() ?? 0 : 0
        var lines: [[String]] = [[]]
        var column = 1
        for (index, text) in shown.enumerated() {
            let piece = String(repeating: " ", count: max(0, cell - text.count)) + text + (index + 1 < list.count ? "," : "]")
            let size = DisplayWidth.of(piece)
            if column + size > room {
                if lines.count == rows { break }
                lines.append([])
                column = 1
            }
            lines[lines.count - 1].append(piece)
            column += size + 1
        }
        let isWhole = { lines.reduce(0) { $0 + $1.count } == list.count }
        while !isWhole(), let last = lines.last {
            let tail = "… \(ValueLayout.count(list.count - lines.reduce(0) { $0 + $1.count })) more]"
            if last.isEmpty || last.reduce(1, { $0 + DisplayWidth.of($1) + 1 }) + tail.count <= room {
                lines[lines.count - 1].append(tail)
                break
            }
            lines[lines.count - 1].removeLast()
        }
        return lines.enumerated().map { ($0 == 0 ? "[" : " ") + $1.joined(separator: " ") }
    }

    /// Each element on lines of its own. Where there are few, each gets its share of the rows.
    private func stacked(_ opening: String, _ count: Int, _ closing: String, room: Int, rows: Int, depth: Int,
        _ element: (Int) -> (label: String, Value)) -> [String] {
        var result: [String] = []
        let shown = count > rows ? rows - 1 : count
        for index in 0..<shown {
            let (label, value) = element(index)
            let share = max(1, (rows - result.count - (count > shown ? 1 : 0)) / (shown - index))
            let name = DisplayWidth.fitted(label, columns: room / 2)
            let indent = String(repeating: " ", count: min(DisplayWidth.of(name), 4))
            let body = lines(value, room: room - 2 - DisplayWidth.of(name), rows: share, depth: depth + 1)
            for (row, line) in body.enumerated() {
                result.append((index == 0 && row == 0 ? opening : " ") + (row == 0 ? name : indent) + line)
            }
            result[result.count - 1] += index + 1 < count ? "," : closing
        }
        if shown < count { result.append(" … \(ValueLayout.count(count - shown)) more\(closing)") }
        return result
    }

    // MARK: - One line

    private static func cut(_ opening: String, _ count: Int, _ closing: String, room: Int,
        _ element: (Int) -> (label: String, Value)) -> String {
        var text = opening
        for index in 0..<count {
            let tail = "… \(ValueLayout.count(count - index)) more\(closing)"
            let left = room - DisplayWidth.of(text) - tail.count - 2
            let (label, value) = element(index)
            guard let whole = Printer.literal(value, within: left - DisplayWidth.of(label)) else {
                // Something of the first is better than nothing of all.
                guard index == 0, left > 12, DisplayWidth.of(label) < left - 8, count > 1 else { return text + tail }
                return text + label + line(value, room: left - DisplayWidth.of(label))
                    + ", … \(ValueLayout.count(count - 1)) more\(closing)"
            }
            text += label + whole + (index + 1 < count ? ", " : closing)
        }
        return text
    }

    private static func cut(_ string: String, room: Int) -> String {
        let count = string.count
        var shown = ""
        var used = 0
        let tail = "…\" … \(ValueLayout.count(count)) more"
        for character in string {
            let piece = Printer.quoted(String(character)).dropFirst().dropLast()
            used += DisplayWidth.of(piece)
            if used > room - tail.count - 1 { break }
            shown.append(character)
        }
        return "\(Printer.quoted(shown).dropLast())…\" … \(ValueLayout.count(count - shown.count)) more"
    }
}
