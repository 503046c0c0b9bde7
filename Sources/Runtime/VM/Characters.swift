import NASLib

/// Characters of text that is not plain ASCII are found by going through it, which can be stopped.
extension VM {
    private static let characterStep = 1 << 12

    public func characterCount(_ text: StringRef) throws -> Int {
        if text.isASCII { return text.byteCount }
        let text = text.text
        var (count, start) = (0, text.startIndex)
        while let next = text.index(start, offsetBy: VM.characterStep, limitedBy: text.endIndex) {
            try checkInterruption()
            (count, start) = (count + VM.characterStep, next)
        }
        return count + text[start...].count
    }

    /// The position of the character that a byte of the text belongs to.
    public func characterPosition(ofByte offset: Int, in text: StringRef) throws -> Int {
        if text.isASCII { return offset }
        let text = text.text
        let target = text.utf8.index(text.startIndex, offsetBy: offset)
        var (count, start) = (0, text.startIndex)
        while let next = text.index(start, offsetBy: VM.characterStep, limitedBy: text.endIndex), next <= target {
            try checkInterruption()
            (count, start) = (count + VM.characterStep, next)
        }
        // Within a character, the distance is that to its beginning.
        return count + text.distance(from: start, to: target)
    }

    public func search(for part: StringRef, in text: StringRef) -> TextSearch {
        TextSearch(text: text.buffer, part: part.buffer, check: checkInterruption)
    }

    /// The index `distance` characters after another; the characters must exist.
    public func index(in text: String, _ start: String.Index, offsetBy distance: Int) throws -> String.Index {
        var (index, rest) = (start, distance)
        while rest > VM.characterStep {
            try checkInterruption()
            index = text.index(index, offsetBy: VM.characterStep)
            rest -= VM.characterStep
        }
        return text.index(index, offsetBy: rest)
    }

    /// Runs work on a text in the system's library, which cannot be interrupted.
    public func searching<Result: Sendable>(_ text: String, _ work: @escaping @Sendable () throws -> Result) throws -> Result {
        try Cancellation.abandoning(when: text.utf8.count >= 1 << 20, work)
    }

    /// A new list of the characters of a text.
    public func characters(_ text: String) throws -> ListRef {
        let list = heap.list(capacity: 0)
        for character in text {
            try checkInterruption()
            heap.append(.string(heap.string(String(character))), to: list)
        }
        return list
    }
}
