/// Text that is not padash's own, on its way to a terminal: file names, values, labels, messages.
extension StringProtocol {
    /// With pictures in place of the characters that a terminal would obey; line breaks and tabs stay.
    public var harmless: String {
        // Most texts are. A control character is one or two bytes of UTF-8: below 0x20, 0x7F, or 0xC2 and then 0x80 to 0x9F.
        var previous: UInt8 = 0
        let isHarmless = utf8.allSatisfy { byte in
            defer { previous = byte }
            return byte >= 0x20 ? byte != 0x7F && !(previous == 0xC2 && byte < 0xA0) : byte == 0x0A || byte == 0x09
        }
        guard !isHarmless else { return String(self) }
        var text = ""
        for scalar in unicodeScalars { text.unicodeScalars.append(scalar == "\n" || scalar == "\t" ? scalar : scalar.picture ?? scalar) }
        return text
    }

    /// The same, but for what only draws, as a script that prints may: colours, moves of the cursor, erasing (`ESC [`, numbers, and one of
    /// `A` to `H`, `J`, `K`, `m`), and carriage returns, backspaces and bells. Nothing that a terminal answers, keeps or hands on gets through.
    public var drawing: String {
        guard utf8.contains(where: { $0 < 0x20 && $0 != 0x0A || $0 == 0x7F || $0 == 0xC2 }) else { return String(self) }
        var text = ""
        var rest = String(self).unicodeScalars[...]
        while let scalar = rest.first {
            if let length = rest.drawingSequence {
                text.unicodeScalars.append(contentsOf: rest.prefix(length))
                rest = rest.dropFirst(length)
            } else {
                let isKept = ["\n", "\t", "\r", "\u{7}", "\u{8}"].contains(scalar)
                text.unicodeScalars.append(isKept ? scalar : scalar.picture ?? scalar)
                rest.removeFirst()
            }
        }
        return text
    }
}

extension Substring.UnicodeScalarView {
    /// How long the sequence is that the text begins with, where it only draws.
    fileprivate var drawingSequence: Int? {
        guard first == "\u{1B}", dropFirst().first == "[" else { return nil }
        let numbers = dropFirst(2).prefix { ("0"..."9").contains($0) || $0 == ";" }
        guard numbers.count < 40, let last = dropFirst(2 + numbers.count).first, ("A"..."H").contains(last) || ["J", "K", "m"].contains(last) else { return nil }
        return 3 + numbers.count
    }
}

extension Unicode.Scalar {
    /// What stands for a control character, which a terminal would obey; nil for any other.
    var picture: Unicode.Scalar? {
        switch value {
        case 0..<0x20: Unicode.Scalar(0x2400 + value)
        case 0x7F: "\u{2421}"
        case 0x80..<0xA0: "\u{FFFD}"
        default: nil
        }
    }
}
