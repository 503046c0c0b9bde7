import Foundation
import Lang

/// The cells of a session as one script.
///
/// At the prompt a name may be declared again and again, in a file only once: so a `let` that is repeated becomes a
/// `var`, and the later ones assign to it. What cannot be made into a file that way is remarked on.
struct SessionScript {
    let text: String
    private(set) var remarks: [String] = []

    init(_ cells: [(number: Int, code: String)]) {
        let sources = cells.map { Source(name: "", text: $0.code) }
        let declarations = sources.map { SessionScript.declarations(in: $0) }
        var uses: [String: [Declaration]] = [:]
        for declaration in declarations.joined() { for name in declaration.names { uses[name, default: []].append(declaration) } }
        let repeated = uses.filter { $0.value.count > 1 }
        let mendable = Set(repeated.filter { $0.value.allSatisfy { $0.keyword != nil } }.keys)
        var seen: Set<String> = []
        var text = ""
        for (index, cell) in cells.enumerated() {
            var bytes = sources[index].bytes
            var edits: [(span: Span, text: String)] = []
            for declaration in declarations[index] {
                guard let keyword = declaration.keyword, let name = declaration.names.first, mendable.contains(name) else { continue }
                if seen.insert(name).inserted {
                    edits.append((keyword, "var"))
                } else if let drawn = declaration.drawn {
                    edits.append((Span(keyword.start, drawn.start), "\(name) = draw("))
                    edits.append((Span(drawn.end, drawn.end), ")"))
                } else {
                    edits.append((Span(keyword.start, declaration.nameStart), ""))
                }
            }
            for edit in edits.reversed() { bytes.replaceSubrange(edit.span.start..<edit.span.end, with: edit.text.utf8) }
            text += "# %% In [\(cell.number)]\n" + String(decoding: bytes, as: UTF8.self) + "\n\n"
        }
        self.text = text
        let unmended = repeated.keys.filter { !mendable.contains($0) }.sorted()
        if !unmended.isEmpty {
            remarks.append(
                """
                \(unmended.map { "'\($0)'" }.joined(separator: ", ")) declared more than once: the prompt allows that (:load too), a \
                script does not
                """)
        }
        let remembered = cells.filter { SessionScript.usesMemory($0.code) }.map { "In [\($0.number)]" }
        if !remembered.isEmpty { remarks.append("\(remembered.joined(separator: ", ")) uses '_' or 'Out', which only the prompt has") }
    }

    private struct Declaration {
        var names: [String]
        /// The `let` or `var` of a plain `let name = value` or `let name ~ value`; nil for anything else.
        var keyword: Span?
        var nameStart = 0
        /// What it draws from.
        var drawn: Span?
    }

    /// What the statements at top level declare.
    private static func declarations(in source: Source) -> [Declaration] {
        Parser.parse(source).program.statements.compactMap { statement in
            switch statement.kind {
            case .binding(let binding):
                if case .name(let name) = binding.pattern.kind {
                    return Declaration(
                        names: [name], keyword: Span(statement.span.start, statement.span.start + 3), nameStart: binding.pattern.span.start,
                        drawn: binding.isDraw ? binding.value.span : nil)
                }
                return Declaration(names: names(in: binding.pattern))
            case .function(let function): return function.name.map { Declaration(names: [$0.name]) }
            default: return nil
            }
        }
    }

    private static func names(in pattern: Pattern) -> [String] {
        switch pattern.kind {
        case .name(let name): [name]
        case .list(let parts, let rest): parts.flatMap { names(in: $0) } + (rest.map { [$0.name] } ?? [])
        case .map(let entries): entries.flatMap { names(in: $0.pattern) }
        }
    }

    /// Whether the code mentions `_` or `Out` outside of strings and comments.
    private static func usesMemory(_ code: String) -> Bool {
        var bytes = Array(code.utf8)
        for (span, _) in Highlighting.parts(of: code) { for i in span.start..<span.end { bytes[i] = UInt8(ascii: " ") } }
        return String(decoding: bytes, as: UTF8.self).firstMatch(of: /\b(_|Out)\b/) != nil
    }
}
