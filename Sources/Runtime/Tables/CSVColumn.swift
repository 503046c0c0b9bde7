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
            if let int = CSVNumber.int(text) { ints.append(int) } else { return appendOther(text) }
        case .float:
            if let float = CSVNumber.float(text) { floats.append(float) } else { return appendOther(text) }
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
        if wasEmpty, let int = CSVNumber.int(text) {
            kind = .int
            ints = Array(repeating: 0, count: count) + [int]
        } else if wasEmpty || kind == .int, let float = CSVNumber.float(text) {
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

/// Numbers in CSV text. White space around them does not count.
enum CSVNumber {
    static func int(_ text: UnsafeBufferPointer<UInt8>) -> Int? {
        guard let (digits, isNegative) = unsigned(text), !digits.isEmpty, digits.count <= 19 else { return nil }
        var magnitude: UInt = 0
        for byte in digits {
            guard byte &- 48 <= 9 else { return nil }
            magnitude = magnitude &* 10 &+ UInt(byte &- 48)
        }
        if isNegative { return magnitude <= UInt(Int.max) + 1 ? Int(truncatingIfNeeded: 0 &- magnitude) : nil }
        return Int(exactly: magnitude)
    }

    /// The nearest double. A decimal of up to 15 digits is the quotient of two numbers that doubles hold exactly.
    static func float(_ text: UnsafeBufferPointer<UInt8>) -> Double? {
        guard let (digits, isNegative) = unsigned(text), let first = digits.first else { return nil }
        guard first &- 48 <= 9 || first == UInt8(ascii: ".") else { return special(digits).map { isNegative ? -$0 : $0 } }
        var mantissa: UInt64 = 0
        var exponent = 0, significant = 0, count = 0, i = digits.startIndex
        var hasPoint = false
        while i < digits.endIndex {
            let byte = digits[i]
            if byte &- 48 <= 9 {
                mantissa = mantissa &* 10 &+ UInt64(byte &- 48)
                count &+= 1
                if mantissa != 0 { significant &+= 1 }
                if hasPoint { exponent &-= 1 }
            } else if byte == UInt8(ascii: "."), !hasPoint {
                hasPoint = true
            } else {
                break
            }
            i &+= 1
        }
        guard count > 0 else { return nil }
        if i < digits.endIndex, digits[i] | 0x20 == UInt8(ascii: "e") {
            // Written out with an exponent, numbers are few: the general way will do.
            return slow(digits, isNegative)
        }
        guard i == digits.endIndex else { return nil }
        guard significant <= 15, exponent >= -22 else { return slow(digits, isNegative) }
        let magnitude = Double(mantissa) / powers[-exponent]
        return isNegative ? -magnitude : magnitude
    }

    private static let powers: [Double] = (0...22).map { Double("1e\($0)") ?? 1 }

    private static func slow(_ digits: Slice<UnsafeBufferPointer<UInt8>>, _ isNegative: Bool) -> Double? {
        Double(String(decoding: digits, as: UTF8.self)).map { isNegative ? -$0 : $0 }
    }

    private static func special(_ digits: Slice<UnsafeBufferPointer<UInt8>>) -> Double? {
        guard digits.count <= 8 else { return nil }
        switch String(decoding: digits, as: UTF8.self).lowercased() {
        case "nan": return .nan
        case "inf", "infinity": return .infinity
        default: return nil
        }
    }

    /// The text without white space and sign.
    @inline(__always) private static func unsigned(_ text: UnsafeBufferPointer<UInt8>) -> (Slice<UnsafeBufferPointer<UInt8>>, isNegative: Bool)? {
        var (start, end) = (0, text.count)
        while start < end, text[start] == 32 || text[start] == 9 { start &+= 1 }
        while end > start, text[end &- 1] == 32 || text[end &- 1] == 9 { end &-= 1 }
        guard start < end else { return nil }
        let isNegative = text[start] == UInt8(ascii: "-")
        if isNegative || text[start] == UInt8(ascii: "+") { start &+= 1 }
        return (text[start..<end], isNegative)
    }
}
