import Foundation

/// Gathers one column of CSV text and finds out its type on the way: int where every field is one, else float, else bool, else string.
///
/// A column that looked like numbers and then holds other text is `isIncomplete`: the texts before must be read again, with `restart`.
final class CSVColumn {
    enum Kind: String, CaseIterable { case int, float, bool, string }

    private(set) var isIncomplete = false
    private var kind: Kind?
    /// Whether the user named the type.
    private let isFixed: Bool
    private var ints: [Int] = []
    private var floats: [Double] = []
    private var bools: [Bool] = []
    private var texts = TextCells()
    private var missingRows: [Int] = []
    private var count = 0

    init(_ kind: Kind?) {
        self.kind = kind
        isFixed = kind != nil
    }

    /// Ready to take all fields once more, as texts.
    func restart() {
        isIncomplete = false
        missingRows = []
        count = 0
    }

    func appendMissing() {
        missingRows.append(count)
        appendBlank()
    }

    private func appendBlank() {
        count += 1
        switch kind {
        case .int: ints.append(0)
        case .float: floats.append(0)
        case .bool: bools.append(false)
        case .string: texts.appendEmpty()
        case nil: break
        }
    }

    /// False where the text is not of the type that the user named. Among numbers, an empty text in quotes is a missing one.
    @inline(__always) func append(_ text: UnsafeBufferPointer<UInt8>, isQuoted: Bool) -> Bool {
        if isQuoted, text.isEmpty, kind != nil, kind != .string {
            appendMissing()
            return true
        }
        switch kind {
        case .int:
            if let int = NumberReader.int(text) { ints.append(int) } else { return appendOther(text) }
        case .float:
            if let float = NumberReader.float(text) { floats.append(float) } else { return appendOther(text) }
        case .bool:
            if let bool = CSVColumn.bool(text) { bools.append(bool) } else { return appendOther(text) }
        case .string: texts.append(text)
        case nil: return appendOther(text)
        }
        count &+= 1
        return true
    }

    /// The first field, or one that the column's type so far does not fit.
    private func appendOther(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        if isFixed { return false }
        let wasEmpty = kind == nil
        if wasEmpty, let int = NumberReader.int(text) {
            kind = .int
            ints = Array(repeating: 0, count: count) + [int]
        } else if wasEmpty || kind == .int, let float = NumberReader.float(text) {
            kind = .float
            floats = wasEmpty ? Array(repeating: 0, count: count) : ints.map(Double.init)
            floats.append(float)
            ints = []
        } else if wasEmpty, let bool = CSVColumn.bool(text) {
            kind = .bool
            bools = Array(repeating: false, count: count) + [bool]
        } else {
            isIncomplete = missingRows.count < count
            (ints, floats, bools) = ([], [], [])
            kind = .string
            texts = TextCells()
            if !isIncomplete {
                for _ in 0..<count { texts.appendEmpty() }
                texts.append(text)
            }
        }
        count += 1
        return true
    }

    private static func bool(_ text: UnsafeBufferPointer<UInt8>) -> Bool? {
        guard text.count == 4 || text.count == 5 else { return nil }
        switch String(decoding: text, as: UTF8.self) {
        case "true", "True", "TRUE": return true
        case "false", "False", "FALSE": return false
        default: return nil
        }
    }

    var column: Column {
        var missing: [Bool]?
        if !missingRows.isEmpty {
            var flags = Array(repeating: false, count: count)
            for row in missingRows { flags[row] = true }
            missing = flags
        }
        switch kind {
        case .int: return Column(.ints(ints), missing: missing)
        case .float: return Column(.floats(floats), missing: missing)
        case .bool: return Column(.bools(bools), missing: missing)
        case .string: return Column(.strings(texts), missing: missing)
        case nil: return Column(.values(Array(repeating: .nil, count: count)), missing: missing)
        }
    }
}
