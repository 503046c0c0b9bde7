/// The keywords, which cannot be names.
package enum Keywords {
    /// All keywords in the order of the syntax tables; also for completion and highlighting.
    package static let all = table.map(\.word)

    /// Whether a text is a valid name, for example for a map's key without quotes.
    package static func isName(_ text: String) -> Bool {
        guard let first = text.unicodeScalars.first, text.utf8.count <= Lexer.longestWord, first == "_"
            || first.properties.isXIDStart else {
            return false
        }
        return text.unicodeScalars.allSatisfy { $0.isASCII ? Lexer.continuesWord(UInt8($0.value)) : $0.properties.isXIDContinue }
            && kind(of: Array(text.utf8)[...]) == nil
    }

    /// The keyword spelt by `bytes[range]`. O(length).
    static func kind(of bytes: ArraySlice<UInt8>) -> Token.Kind? {
        guard bytes.count <= 8 else { return nil }
        return kinds[pack(bytes)]
    }

    private static let table: [(word: String, kind: Token.Kind)] = [
        ("nil", .nil), ("true", .true), ("false", .false), ("let", .let), ("var", .var), ("fn", .fn), ("if", .if), ("else", .else),
        ("while", .while), ("for", .for), ("in", .in), ("break", .break), ("continue", .continue), ("return", .return),
        ("try", .try), ("catch", .catch), ("throw", .throw), ("import", .import), ("as", .as), ("and", .and), ("or", .or),
        ("not", .not), ("is", .is), ("do", .do), ("with", .with),
    ]

    private static let kinds = Dictionary(uniqueKeysWithValues: table.map { (pack(Array($0.word.utf8)[...]), $0.kind) })

    /// Up to eight bytes in one word, so that looking a keyword up costs no string.
    private static func pack(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        bytes.reduce(0) { $0 << 8 | UInt64($1) }
    }
}
