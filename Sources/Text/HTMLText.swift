/// Text that is not padash's own, on its way into HTML.
extension StringProtocol {
    /// The text with HTML's special characters escaped, so that it shows as it is, also in an attribute.
    package var escapedForHTML: String { html(isWrittenToBeRead: false) }

    /// Prose or a script's output escaped for HTML; characters that change the direction of text stay.
    package var readForHTML: String { html(isWrittenToBeRead: true) }

    private func html(isWrittenToBeRead: Bool) -> String {
        var result = ""
        for scalar in unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            default:
                if scalar.isAllowedInDocuments, isWrittenToBeRead || !scalar.isDisturbing {
                    result.unicodeScalars.append(scalar)
                } else {
                    result += scalar.visible ?? "\u{fffd}"
                }
            }
        }
        return result
    }
}

extension Unicode.Scalar {
    /// Whether HTML and XML allow the character: all but control characters other than tabs and line breaks.
    package var isAllowedInDocuments: Bool {
        switch self {
        case "\u{0}"..."\u{8}", "\u{b}"..."\u{1f}", "\u{7f}"..."\u{9f}", "\u{fffe}", "\u{ffff}": false
        default: true
        }
    }
}
