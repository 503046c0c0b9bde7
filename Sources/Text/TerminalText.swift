/// Text that is not padash's own, on its way to a terminal: file names, values, labels, messages.
extension StringProtocol {
    /// With what is seen in place of the characters that a terminal would obey, and of those that break a line or turn the direction of what
    /// stands around them; line breaks and tabs stay.
    package var harmless: String {
        // Most texts are. A control character is one or two bytes of UTF-8: below 0x20, 0x7F, or 0xC2 and then 0x80 to 0x9F; the others
        // (`Unicode.Scalar.isDisturbing`) are 0xE2 0x80 0xA8 to 0xAE and 0xE2 0x81 0xA6 to 0xA9.
        var (before, previous): (UInt8, UInt8) = (0, 0)
        let isHarmless = utf8.allSatisfy { byte in
            defer { (before, previous) = (previous, byte) }
            if byte < 0x80 { return byte >= 0x20 ? byte != 0x7F : byte == 0x0A || byte == 0x09 }
            if previous == 0xC2 { return byte >= 0xA0 }
            guard before == 0xE2 else { return true }
            return !(previous == 0x80 && (0xA8...0xAE).contains(byte) || previous == 0x81 && (0xA6...0xA9).contains(byte))
        }
        guard !isHarmless else { return String(self) }
        var text = ""
        for scalar in unicodeScalars {
            if scalar != "\n", scalar != "\t", let visible = scalar.visible { text += visible } else { text.unicodeScalars.append(scalar) }
        }
        return text
    }

    /// The same, but for what only draws, as a script that prints may: colours, moves of the cursor, erasing (`ESC [`, numbers, and one of
    /// `A` to `H`, `J`, `K`, `m`), and carriage returns, backspaces and bells. Nothing that a terminal answers, keeps or hands on gets through.
    package var drawing: String {
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
    /// Whether it separates lines or paragraphs, or turns the direction of the text around it, so that what stands there is not what is seen.
    package var isDisturbing: Bool {
        switch value {
        case 0x2028...0x202E, 0x2066...0x2069: true
        default: false
        }
    }

    /// What is seen in place of a character that a terminal would obey or that disturbs the text around it: a picture, or its escape in a string
    /// of the language. nil for any other.
    package var visible: String? { picture.map { String(Character($0)) } ?? (isDisturbing ? "\\u{\(String(value, radix: 16))}" : nil) }

    /// What stands for a control character, which a terminal would obey; nil for any other.
    package var picture: Unicode.Scalar? {
        switch value {
        case 0..<0x20: Unicode.Scalar(0x2400 + value)
        case 0x7F: "\u{2421}"
        case 0x80..<0xA0: "\u{FFFD}"
        default: nil
        }
    }
}
