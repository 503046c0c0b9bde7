import Lang
import Text

extension Highlighting {
    /// The text as HTML, each part that has a colour in a `span` of a class: `keyword`, `constant`, `number`, `string`, `comment`.
    package static func html(_ text: String) -> String {
        pieces(of: text).map { piece, part in
            let escaped = piece.escapedForHTML
            return part.map { "<span class=\"\($0)\">\(escaped)</span>" } ?? escaped
        }.joined()
    }
}
