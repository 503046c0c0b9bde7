/// Text that is not padash's own, on its way to a terminal: file names, values, labels, messages.
extension StringProtocol {
    /// The text with visible replacements for the characters that a terminal would obey, and for those that break a line or change the
    /// direction of the text around them. Line breaks and tabs stay.
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

    /// The text with control characters replaced, except those that only draw, which a script may print: colours, cursor movement,
    /// erasing (`ESC [`, numbers, and one of `A` to `H`, `J`, `K`, `m`), carriage returns, backspaces and bells. Nothing gets through that
    /// a terminal answers, keeps or hands on.
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
    /// The length of the escape sequence at the start of the text, if it only draws.
    fileprivate var drawingSequence: Int? {
        guard first == "\u{1B}", dropFirst().first == "[" else { return nil }
        let numbers = dropFirst(2).prefix { ("0"..."9").contains($0) || $0 == ";" }
        guard numbers.count < 40, let last = dropFirst(2 + numbers.count).first, ("A"..."H").contains(last)
            || ["J", "K", "m"].contains(last) else {
            return nil
        }
        return 3 + numbers.count
    }
}

extension Unicode.Scalar {
    /// Whether the character separates lines or paragraphs, or changes the direction of the text around it, so that the reader sees
    /// something else than is there.
    package var isDisturbing: Bool {
        switch value {
        case 0x2028...0x202E, 0x2066...0x2069: true
        default: false
        }
    }

    /// The visible replacement for a character that a terminal would obey or that disturbs the text around it: a picture, or its escape
    /// in a string of the language. nil for any other character.
    package var visible: String? { picture.map { String(Character($0)) } ?? (isDisturbing ? "\\u{\(String(value, radix: 16))}" : nil) }

    /// The picture that stands for a control character; nil for any other character.
    package var picture: Unicode.Scalar? {
        switch value {
        case 0..<0x20: Unicode.Scalar(0x2400 + value)
        case 0x7F: "\u{2421}"
        case 0x80..<0xA0: "\u{FFFD}"
        default: nil
        }
    }
}
