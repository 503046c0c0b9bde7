import NASLib
import Runtime
import Text

/// What a CSV cell outside quotes shows. The reader takes cells for what this says, and the writer puts texts in quotes that would show
/// something else: so each gets back what the other wrote.
enum CSVCell {
    case int(Int), float(Double), bool(Bool)
    /// Anything else; also digits after a leading 0 and ints of more than 64 bits, which are often names and would lose digits.
    case text

    init(_ text: UnsafeBufferPointer<UInt8>) {
        if !CSVCell.mayShowOther(text) {
            self = .text
        } else if let int = CSVCell.int(text) {
            self = .int(int)
        } else if let float = NumberText.plainFloat(text) {
            self = .float(float)
        } else {
            self = CSVCell.bool(text).map(CSVCell.bool) ?? .text
        }
    }

    @inline(__always) static func int(_ text: UnsafeBufferPointer<UInt8>) -> Int? {
        guard let int = NumberText.int(text), let first = text.first else { return nil }
        return first > UInt8(ascii: "0") || !NumberText.hasLeadingZero(text) ? int : nil
    }

    /// Most texts begin as no number or bool does.
    @inline(__always) private static func mayShowOther(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        guard let first = text.first else { return false }
        switch first {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."), 9...13, 32: return true
        case UInt8(ascii: "n"), UInt8(ascii: "N"), UInt8(ascii: "i"), UInt8(ascii: "I"): return true
        case UInt8(ascii: "t"), UInt8(ascii: "T"), UInt8(ascii: "f"), UInt8(ascii: "F"): return true
        default: return false
        }
    }

    static func bool(_ text: UnsafeBufferPointer<UInt8>) -> Bool? {
        guard text.count == 4 || text.count == 5 else { return nil }
        switch String(decoding: text, as: UTF8.self) {
        case "true", "True", "TRUE": return true
        case "false", "False", "FALSE": return false
        default: return nil
        }
    }
}

/// Gathers one column of CSV text and finds out its type on the way. Each cell says what it is: text in quotes, else a number or bool where
/// it shows one. With any other text the column is of texts throughout, as they stand.
///
/// A guess that turns out wrong late leaves a `successor`, which must be given all cells once more.
final class CSVColumn {
    /// The types that a user can name.
    enum Kind: String, CaseIterable { case int, float, bool, string }

    private enum Content { case nothing, ints, floats, bools, texts, values }

    private var content = Content.nothing
    /// Whether the type is settled, and not guessed.
    private let isFixed: Bool
    /// Whether `content` cannot hold the cells that came; then they are only looked at.
    private var isWrong = false
    /// Texts outside quotes that show nothing but text, and numbers and bools among texts in quotes.
    private var hasPlainText = false, hasTyped = false
    private let heap: Heap

    private var ints: [Int] = []
    private var floats: [Double] = []
    private var bools: [Bool] = []
    private var texts = TextCells()
    private var values: [Value] = []
    private var missingRows: [Int] = []
    private var count = 0

    /// - Parameter kind: the type, where it is known.
    init(_ kind: Kind?, _ heap: Heap) {
        isFixed = kind != nil
        self.heap = heap
        switch kind {
        case .int: content = .ints
        case .float: content = .floats
        case .bool: content = .bools
        case .string: content = .texts
        case nil: break
        }
    }

    /// For cells of different types.
    private init(mixedIn heap: Heap) {
        isFixed = true
        content = .values
        self.heap = heap
    }

    /// What is to be given all cells once more, after the last of them; nil where this column is right.
    var successor: CSVColumn? {
        guard isWrong || (hasTyped && !hasPlainText) else { return nil }
        return hasPlainText ? CSVColumn(.string, heap) : CSVColumn(mixedIn: heap)
    }

    func appendMissing() {
        missingRows.append(count)
        count += 1
        switch content {
        case .ints: ints.append(0)
        case .floats: floats.append(0)
        case .bools: bools.append(false)
        case .texts: texts.appendEmpty()
        case .values: values.append(.nil)
        case .nothing: break
        }
    }

    /// False where the text is not of the type that the user named, whether in quotes or not; among numbers, an empty text is then a
    /// missing one.
    @inline(__always) func append(_ cell: DelimitedText.Cell) -> Bool {
        if isFixed { return appendFixed(cell) }
        count &+= 1
        if cell.isQuoted { appendQuoted(cell.text) } else { appendGuessed(cell.text) }
        return true
    }

    private func appendFixed(_ cell: DelimitedText.Cell) -> Bool {
        let text = cell.text
        switch content {
        case .texts: texts.append(text)
        case .values: values.append(value(of: cell))
        case _ where text.isEmpty && cell.isQuoted:
            appendMissing()
            return true
        case .ints:
            guard let int = NumberText.int(text) else { return false }
            ints.append(int)
        case .floats:
            guard let float = NumberText.float(text) else { return false }
            floats.append(float)
        case .bools:
            guard let bool = CSVCell.bool(text) else { return false }
            bools.append(bool)
        case .nothing: return false
        }
        count &+= 1
        return true
    }

    private func value(of cell: DelimitedText.Cell) -> Value {
        switch cell.isQuoted ? .text : CSVCell(cell.text) {
        case .int(let int): .int(int)
        case .float(let float): .float(float)
        case .bool(let bool): .bool(bool)
        case .text: .string(heap.string(bytes: cell.text))
        }
    }

    private func appendQuoted(_ text: UnsafeBufferPointer<UInt8>) {
        if content == .nothing { becomeTexts() }
        if content == .texts { texts.append(text) } else { isWrong = true }
    }

    @inline(__always) private func appendGuessed(_ text: UnsafeBufferPointer<UInt8>) {
        // Of a column of texts all else is known, and of one that is wrong nothing else matters.
        if hasPlainText {
            if !isWrong { texts.append(text) }
            return
        }
        switch content {
        case .ints: if let int = CSVCell.int(text) { return ints.append(int) }
        case .floats: if let float = NumberText.plainFloat(text) { return floats.append(float) }
        case .bools: if let bool = CSVCell.bool(text) { return bools.append(bool) }
        case .nothing, .texts, .values: break
        }
        appendOther(CSVCell(text), text)
    }

    /// The first cell, or one that the column's content so far does not fit.
    private func appendOther(_ cell: CSVCell, _ text: UnsafeBufferPointer<UInt8>) {
        switch (cell, content) {
        case (.text, _):
            hasPlainText = true
            if content == .nothing { becomeTexts() }
            if content == .texts { texts.append(text) } else { isWrong = true }
        case (_, .texts):
            hasTyped = true
            texts.append(text)
        case (.int(let int), .nothing):
            content = .ints
            ints = Array(repeating: 0, count: count - 1) + [int]
        case (.float(let float), .nothing):
            content = .floats
            floats = Array(repeating: 0, count: count - 1) + [float]
        case (.bool(let bool), .nothing):
            content = .bools
            bools = Array(repeating: false, count: count - 1) + [bool]
        case (.int(let int), .floats) where CSVColumn.isExact(int): floats.append(Double(int))
        case (.float(let float), .ints) where ints.allSatisfy(CSVColumn.isExact):
            content = .floats
            floats = ints.map(Double.init) + [float]
            ints = []
        default: isWrong = true
        }
    }

    private func becomeTexts() {
        content = .texts
        for _ in 0..<count - 1 { texts.appendEmpty() }
    }

    private static func isExact(_ int: Int) -> Bool { Int(exactly: Double(int)) == int }

    /// The cells, once there is no successor.
    var column: Column {
        get throws {
            var missing: [Bool]?
            if !missingRows.isEmpty {
                var flags = Array(repeating: false, count: count)
                for row in missingRows { flags[row] = true }
                missing = flags
            }
            switch content {
            case .ints: return Column(.ints(ints), missing: missing)
            case .floats: return Column(.floats(floats), missing: missing)
            case .bools: return Column(.bools(bools), missing: missing)
            case .texts: return Column(.strings(texts), missing: missing)
            case .values: return try Column(values)
            case .nothing: return Column(.values(Array(repeating: .nil, count: count)), missing: missing)
            }
        }
    }
}
