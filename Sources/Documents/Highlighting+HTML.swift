import Lang
import Text

extension Highlighting {
    /// The text as HTML, with each coloured part in a `span` with a class: `keyword`, `constant`, `number`, `string`, `comment`.
    package static func html(_ text: String) -> String {
        pieces(of: text).map { piece, part in
            let escaped = piece.escapedForHTML
            return part.map { "<span class=\"\($0)\">\(escaped)</span>" } ?? escaped
        }.joined()
    }
}
