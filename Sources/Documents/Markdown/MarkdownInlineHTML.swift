import Foundation
import Text

/// The text of a paragraph, heading or table cell as HTML.
struct MarkdownInlineHTML {
    let folder: String
    let files: PageFiles
    let destination: (String) -> String

    func html(_ pieces: ArraySlice<MarkdownInline.Piece>) -> String {
        var result = ""
        // What closes the link that is open.
        var ends: [String] = []
        var i = pieces.startIndex
        while i < pieces.endIndex {
            switch pieces[i] {
            case .text(let text): result += String(String.UnicodeScalarView(text)).readForHTML
            case .lineBreak(let isHard): result += isHard ? "<br/>\n" : "\n"
            case .code(let code): result += "<code>\(String(String.UnicodeScalarView(code)).escapedForHTML)</code>"
            case .formula(let tex, let isDisplayed): result += MathML.render(tex, isDisplayed: isDisplayed)
            case .tag(let tag, let isOpening): result += "<\(isOpening ? "" : "/")\(tag.rawValue)>"
            case .autolink(let text, let address):
                let (start, end) = anchor(.init(address: address))
                result += start + text.escapedForHTML + end
            case .link(let target):
                let (start, end) = anchor(target)
                result += start
                ends.append(end)
            case .linkEnd: result += ends.popLast() ?? ""
            case .image(let target, let end):
                result += image(target, alt: MarkdownInlineHTML.plainText(pieces[i + 1..<end]), isInLink: !ends.isEmpty)
                i = end
            case .imageEnd, .run: break
            }
            i += 1
        }
        return result
    }

    /// What a reader sees of it without markup.
    static func plainText(_ pieces: ArraySlice<MarkdownInline.Piece>) -> String {
        var result = ""
        for piece in pieces {
            switch piece {
            case .text(let text), .code(let text): result.unicodeScalars.append(contentsOf: text)
            case .lineBreak: result += " "
            case .formula(let tex, _): result += tex
            case .autolink(let text, _): result += text
            case .tag, .link, .linkEnd, .image, .imageEnd, .run: break
            }
        }
        return result
    }

    // MARK: - Links and images

    nonisolated(unsafe) private static let scheme = /^[A-Za-z][A-Za-z0-9+.\-]*:/

    /// Schemes whose addresses run code in the reader's browser or bring in a page of their own.
    private static let unsafeSchemes: Set = ["javascript:", "vbscript:", "data:", "file:", "blob:", "filesystem:"]

    /// What stands before and after a link's text. An address that would run code is shown as text.
    private func anchor(_ target: MarkdownDefinitions.Target) -> (start: String, end: String) {
        let scheme = MarkdownInlineHTML.encoded(target.address).firstMatch(of: MarkdownInlineHTML.scheme).map { $0.0.lowercased() }
        if let scheme, MarkdownInlineHTML.unsafeSchemes.contains(scheme) { return ("", " (\(target.address.escapedForHTML))") }
        let title = target.title.isEmpty ? "" : " title=\"\(target.title.escapedForHTML)\""
        return ("<a href=\"\(MarkdownInlineHTML.encoded(destination(target.address)).escapedForHTML)\"\(title)>", "</a>")
    }

    /// An address with what cannot stand in one, such as blanks, written as `%20`.
    static func encoded(_ address: String) -> String {
        var result = ""
        for byte in address.utf8 {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "a")...UInt8(ascii: "z"): result.unicodeScalars.append(Unicode.Scalar(byte))
            case _ where "-_.+!*'(),%#@?=;:/&$~".utf8.contains(byte): result.unicodeScalars.append(Unicode.Scalar(byte))
            default: result += (byte < 16 ? "%0" : "%") + String(byte, radix: 16, uppercase: true)
            }
        }
        return result
    }

    private static let mediaTypes = ["png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "gif": "image/gif",
        "svg": "image/svg+xml", "webp": "image/webp"]

    /// An image file becomes part of the page, which then needs nothing else. Of one that is not there a browser shows the text; one of the
    /// web, which no page fetches, is named.
    private func image(_ target: MarkdownDefinitions.Target, alt: String, isInLink: Bool) -> String {
        let address = target.address
        let title = target.title.isEmpty ? "" : " title=\"\(target.title.escapedForHTML)\""
        let rest = " alt=\"\(alt.escapedForHTML)\"\(title)/>"
        if address.hasPrefix("data:image/") { return "<img src=\"\(address.escapedForHTML)\"\(rest)" }
        let ending = (address.split(separator: "/").last ?? "").split(separator: ".").last?.lowercased()
        if let type = ending.flatMap({ MarkdownInlineHTML.mediaTypes[$0] }),
            let data = file(address) ?? address.removingPercentEncoding.flatMap(file) {
            return "<img src=\"data:\(type);base64,\(data.base64EncodedString())\"\(rest)"
        }
        let encoded = MarkdownInlineHTML.encoded(address)
        if !alt.isEmpty, !encoded.hasPrefix("//"), encoded.firstMatch(of: MarkdownInlineHTML.scheme) == nil {
            return "<img src=\"\(encoded.escapedForHTML)\"\(rest)"
        }
        let (start, end) = isInLink ? ("", "") : anchor(.init(address: address))
        return "<em>(\(alt.isEmpty ? "image" : alt.escapedForHTML): \(start)\(address.escapedForHTML)\(end))</em>"
    }

    private func file(_ path: String) -> Data? { files.path(path, from: folder).flatMap(files.bytes).map { Data($0) } }
}
