import Foundation
import Lang

/// Renders the text of a paragraph, heading or table cell.
struct MarkdownLine {
    let folder: String
    let destination: (String) -> String

    /// Emphasis and links inside one another beyond this are plain text.
    private static let depthLimit = 32

    func html(_ text: String) -> String { html(Array(text)[...], depth: 0) }

    private func html(_ characters: ArraySlice<Character>, depth: Int) -> String {
        guard depth < MarkdownLine.depthLimit else { return String(characters).escapedForHTML }
        var result = ""
        var plain = ""
        var i = characters.startIndex
        func take(_ html: String, to end: Int) {
            result += plain.escapedForHTML + html
            plain = ""
            i = end
        }
        while i < characters.endIndex {
            let rest = characters[i...]
            switch characters[i] {
            case "\\":
                let next = rest.dropFirst().first
                if next == "\n" { take("<br/>\n", to: i + 2); continue }
                if let next, next.isASCII, next.isPunctuation || next.isSymbol {
                    plain.append(next)
                    i += 2
                    continue
                }
            case "`":
                if let (code, end) = code(rest) { take("<code>\(code.escapedForHTML)</code>", to: end); continue }
            case "$":
                if let (tex, end) = formula(rest) { take(MathML.render(tex, isDisplayed: false), to: end); continue }
            case "!" where rest.dropFirst().first == "[":
                if let (text, target, end) = link(rest.dropFirst()) { take(image(target, alt: String(text)), to: end); continue }
            case "[":
                if let (text, target, end) = link(rest) { take(anchor(target, html(text, depth: depth + 1)), to: end); continue }
            case "<":
                if let end = rest.firstIndex(of: ">"), let target = autolink(characters[(i + 1)..<end]) { take(target, to: end + 1); continue }
            case "*", "_", "~":
                if let (tag, inner, end) = emphasis(rest, before: i > characters.startIndex ? characters[i - 1] : " ") {
                    take("<\(tag)>\(html(inner, depth: depth + 1))</\(tag)>", to: end)
                    continue
                }
                // A run of marks that is no emphasis is text as a whole.
                let run = rest.prefix { $0 == characters[i] }
                plain += run
                i += run.count
                continue
            case " " where rest.prefix(while: { $0 == " " }).count >= 2 && rest.drop(while: { $0 == " " }).first == "\n":
                take("<br/>\n", to: i + rest.prefix { $0 == " " }.count + 1)
                continue
            default: break
            }
            plain.append(characters[i])
            i += 1
        }
        return result + plain.escapedForHTML
    }

    // MARK: - Code and formulas

    /// Up to as many backticks as it begins with.
    private func code(_ text: ArraySlice<Character>) -> (String, end: Int)? {
        let ticks = text.prefix { $0 == "`" }.count
        var i = text.startIndex + ticks
        let start = i
        while i < text.endIndex {
            guard text[i] == "`" else {
                i += 1
                continue
            }
            let run = text[i...].prefix { $0 == "`" }.count
            if run == ticks {
                var code = String(text[start..<i]).replacing("\n", with: " ")
                if code.hasPrefix(" "), code.hasSuffix(" "), code.contains(where: { $0 != " " }) { code = String(code.dropFirst().dropLast()) }
                return (code, i + run)
            }
            i += run
        }
        return nil
    }

    /// `$x$`: with a digit after it, the second sign is one of money, as the first is before a blank.
    private func formula(_ text: ArraySlice<Character>) -> (String, end: Int)? {
        let double = text.dropFirst().first == "$"
        let start = text.startIndex + (double ? 2 : 1)
        guard start < text.endIndex, !text[start].isWhitespace || double else { return nil }
        var i = start
        while i < text.endIndex {
            if text[i] == "\\" {
                i += 2
            } else if text[i] == "$" {
                let after = text[i...].dropFirst(double ? 2 : 1).first
                let isClosed = double ? text[i...].dropFirst().first == "$" : !text[i - 1].isWhitespace && after?.isNumber != true
                guard isClosed, i > start else { return nil }
                return (String(text[start..<i]), i + (double ? 2 : 1))
            } else {
                i += 1
            }
        }
        return nil
    }

    // MARK: - Emphasis

    private func emphasis(_ text: ArraySlice<Character>, before: Character) -> (tag: String, inner: ArraySlice<Character>, end: Int)? {
        guard let mark = text.first else { return nil }
        let run = text.prefix { $0 == mark }.count
        let length = mark == "~" ? 2 : min(run, 2)
        guard run >= length, run <= 3, mark != "~" || run == 2 else { return nil }
        let start = text.startIndex + length
        guard start < text.endIndex, !text[start].isWhitespace, mark != "_" || !MarkdownLine.isWord(before) else { return nil }
        var i = text.startIndex + run
        while i < text.endIndex {
            switch text[i] {
            case "\\": i += 2
            case "`": i = code(text[i...])?.end ?? i + 1
            case mark:
                let closing = text[i...].prefix { $0 == mark }.count
                let after = text[i...].dropFirst(closing).first ?? " "
                if closing >= length, closing != 2 || length == 2, !text[i - 1].isWhitespace, mark != "_" || !MarkdownLine.isWord(after) {
                    // Of three marks the outer ones belong to this pair.
                    let end = i + closing
                    return (mark == "~" ? "del" : length == 2 ? "strong" : "em", text[start..<(end - length)], end)
                }
                i += closing
            default: i += 1
            }
        }
        return nil
    }

    private static func isWord(_ character: Character) -> Bool { character.isLetter || character.isNumber }

    // MARK: - Links and images

    /// `[text](target)` at the beginning.
    private func link(_ text: ArraySlice<Character>) -> (text: ArraySlice<Character>, target: String, end: Int)? {
        var depth = 0
        var close: Int?
        var i = text.startIndex
        while i < text.endIndex, close == nil {
            switch text[i] {
            case "\\": i += 1
            case "[": depth += 1
            case "]":
                depth -= 1
                if depth == 0 { close = i }
            default: break
            }
            i += 1
        }
        guard let close, close + 1 < text.endIndex, text[close + 1] == "(" else { return nil }
        depth = 0
        for end in (close + 1)..<text.endIndex {
            if text[end] == "(" { depth += 1 }
            if text[end] == ")" { depth -= 1 }
            guard depth == 0 else { continue }
            // A title in quotes is left out.
            var target = String(text[(close + 2)..<end].prefix { $0 != " " && $0 != "\n" })
            if target.hasPrefix("<"), target.hasSuffix(">") { target = String(target.dropFirst().dropLast()) }
            return (text[(text.startIndex + 1)..<close], target, end + 1)
        }
        return nil
    }

    private func autolink(_ text: ArraySlice<Character>) -> String? {
        let target = String(text)
        guard target.firstMatch(of: /^(https?|mailto):[^ <>]+$/) != nil else { return nil }
        return anchor(target, target.escapedForHTML)
    }

    /// Links lead to pages and files; what would run code in the reader's browser is shown as text.
    private func anchor(_ target: String, _ html: String) -> String {
        let scheme = target.firstMatch(of: /^[A-Za-z][A-Za-z0-9+.\-]*:/).map { $0.0.lowercased() }
        guard scheme == nil || ["http:", "https:", "mailto:"].contains(scheme) else { return "\(html) (\(target.escapedForHTML))" }
        return "<a href=\"\(destination(target).escapedForHTML)\">\(html)</a>"
    }

    private static let mediaTypes = ["png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "gif": "image/gif", "svg": "image/svg+xml", "webp": "image/webp"]

    /// An image file becomes part of the page, which then needs nothing else; one that cannot be read is named.
    private func image(_ target: String, alt: String) -> String {
        let name = (target.split(separator: "/").last ?? "").lowercased()
        let path = target.hasPrefix("/") ? target : "\(folder)/\(target)"
        if target.hasPrefix("data:image/") { return "<img src=\"\(target.escapedForHTML)\" alt=\"\(alt.escapedForHTML)\"/>" }
        guard let type = name.split(separator: ".").last.flatMap({ MarkdownLine.mediaTypes[String($0)] }), let data = FileManager.default.contents(atPath: path) else {
            return "<em>(\(alt.isEmpty ? "image" : alt.escapedForHTML): \(anchor(target, target.escapedForHTML)))</em>"
        }
        return "<img src=\"data:\(type);base64,\(data.base64EncodedString())\" alt=\"\(alt.escapedForHTML)\"/>"
    }
}
