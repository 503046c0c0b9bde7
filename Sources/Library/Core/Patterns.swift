import Foundation
import NASLib
import Runtime

extension Library {
    /// Regular expressions (ICU's syntax, which is much like Python's).
    static let patterns: [Builtin] = [
        .fn("match", "text, pattern",
            """
            The first match of a regular expression: a map of the matched `text`, its position `start`, and the list of its `groups`, with \
            nil for a group that did not take part. nil if there is no match.
            """,
            "match(\"lr=0.05\", r\"(\\w+)=([\\d.]+)\").groups  # => [\"lr\", \"0.05\"]") { call in
            var found = Value.nil
            try scan(call) { match in
                found = match
                return false
            }
            return found
        },
        .fn("matches", "text, pattern",
            "All matches of a regular expression that do not overlap, as maps like that of `match`.",
            "[m.text for m in matches(\"1 a 23\", r\"\\d+\")]  # => [\"1\", \"23\"]") { call in
            let list = call.heap.list(capacity: 0)
            try scan(call) { match in
                call.heap.append(match, to: list)
                return true
            }
            return .list(list)
        },
        .fn("replace_matches", "text, pattern, new",
            """
            Replaces each match of a regular expression by a text, in which `$1` stands for the first group, `$0` for the whole match and \
            `\\$` for a dollar sign; or by the result of a function of the map that `match` gives.
            """,
            """
            replace_matches("a1b22", r"\\d+", "#")  # => "a#b#"
            replace_matches("a1b22", r"\\d+", m => len(m.text))  # => "a1b2"
            """) { call in
            let text = try call.text(0)
            let expression = try expression(call)
            let template = call[2].tag == .string ? try ReplacementTemplate(2, groups: expression.numberOfCaptureGroups, of: call) : nil
            let f = template == nil ? try call.function(2) : .nil
            let list = call.heap.list(capacity: 0)
            call.protect(.list(list))
            var ranges: [Range<String.Index>] = []
            var texts: [String] = []
            var size = text.utf8.count
            try scan(call, expression) { (match, result) in
                ranges.append(range(result.range, in: text))
                // A place and a text for each.
                try MemoryAccount.ask(pieces: ranges.count, from: ranges.count - 1, ofBytes: 96)
                if let template {
                    texts.append(template.text { group in
                        let place = result.range(at: group)
                        return place.location == NSNotFound ? "" : text[range(place, in: text)]
                    })
                } else {
                    call.heap.append(try match(), to: list)
                }
                let before = size
                size += texts.last?.utf8.count ?? 0
                try Limit.check(bytes: size, from: before)
                return true
            }
            if template == nil {
                for i in 0..<list.count {
                    texts.append(try Printer.text(try call.vm.call(f, list[i])))
                    let before = size
                    size += texts[i].utf8.count
                    try Limit.check(bytes: size, from: before)
                }
            }
            var result = ""
            var end = text.startIndex
            for (range, replacement) in zip(ranges, texts) {
                result += text[end..<range.lowerBound] + replacement
                end = range.upperBound
            }
            return call.string(result + text[end...])
        },
    ]

    private static func scan(_ call: Call, _ body: (Value) -> Bool) throws {
        try scan(call, try expression(call)) { match, _ in body(try match()) }
    }

    /// The pattern, argument 1.
    private static func expression(_ call: Call) throws -> NSRegularExpression {
        let pattern = try call.text(1)
        guard !pattern.isEmpty else { throw call.invalid(1, "'pattern' must not be empty", hint: "r\"^$\" fits an empty text") }
        do {
            return try NSRegularExpression(pattern: pattern)
        } catch {
            let cause = PatternMistake(pattern).cause
            throw call.invalid(
                1, "\(Printer.quoted(pattern)) is not a regular expression\(cause.isEmpty ? "" : ": \(cause)")",
                hint: "a \\ before a mark takes it as it is; write it raw, r\"…\", so that \\ stays as it is")
        }
    }

    /// Goes through the places where the expression fits the text, argument 0, until `body` says false.
    private static func scan(_ call: Call, _ expression: NSRegularExpression,
        _ body: (() throws -> Value, NSTextCheckingResult) throws -> Bool) throws {
        let (text, pattern) = (try call.text(0), try call.text(1))
        // Positions are counted on from match to match.
        var (index, position) = (text.startIndex, 0)
        var failure: Error?
        withoutActuallyEscaping(body) { body in
            expression.enumerateMatches(in: text, options: [.reportProgress, .reportCompletion],
                range: NSRange(text.startIndex..., in: text)) { result, flags, stop in
                do {
                    try call.vm.checkInterruption()
                    // The places that it would go back to are more than its stack has room for.
                    if flags.contains(.internalError) {
                        throw RuntimeError(
                            .limit,
                            "the regular expression \(Printer.quoted(pattern)) has too many ways to fit a text of \(text.utf8.count) bytes",
                            hint: "a set such as [ab]* or [^;]* takes no memory, (a|b)* does, and *+ keeps what it has found", argument: 1)
                    }
                    guard let result else { return }
                    let isWanted = try body({ try value(of: result, in: text, &index, &position, call) }, result)
                    if !isWanted { stop.pointee = true }
                } catch {
                    failure = error
                    stop.pointee = true
                }
            }
        }
        if let failure { throw failure }
    }

    /// A match's place. It may begin or end within a character: between the carriage return and the line feed of a line's end, between
    /// a letter and its accent. (Foundation has no such `Range`.)
    private static func range(_ range: NSRange, in text: String) -> Range<String.Index> {
        let start = text.utf16.index(text.startIndex, offsetBy: range.location)
        return start..<text.utf16.index(start, offsetBy: range.length)
    }

    private static func value(of result: NSTextCheckingResult, in text: String, _ index: inout String.Index, _ position: inout Int,
        _ call: Call) throws -> Value {
        let part = { (i: Int) -> Value in
            let place = result.range(at: i)
            return place.location == NSNotFound ? .nil : call.string(String(text[range(place, in: text)]))
        }
        let start = range(result.range, in: text).lowerBound
        if start >= index {
            // Within a character, the distance is that to its beginning.
            position += text.distance(from: index, to: start)
            index = start
        }
        let map = call.heap.map(capacity: 3)
        call.heap.set("text", to: part(0), in: map)
        call.heap.set("start", to: .int(position), in: map)
        call.heap.set("groups", to: try call.list((1..<max(1, result.numberOfRanges)).map(part)), in: map)
        return .map(map)
    }
}
