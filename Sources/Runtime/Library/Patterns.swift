import Foundation
import NASLib

extension Library {
    /// Regular expressions (ICU's syntax, which is much like Python's).
    static let patterns: [Builtin] = [
        .fn("match", "text, pattern",
            "The first place where a regular expression fits: a map of the `text` that fits, its position `start`, and the list of its `groups`, nil for one that took no part. nil where it fits nowhere.",
            "match(\"lr=0.05\", r\"(\\w+)=([\\d.]+)\").groups  # => [\"lr\", \"0.05\"]") { call in
            var found = Value.nil
            try scan(call) { match in
                found = match
                return false
            }
            return found
        },
        .fn("matches", "text, pattern", "The maps that `match` gives, for all places where a regular expression fits, which do not overlap.",
            "[m.text for m in matches(\"1 a 23\", r\"\\d+\")]  # => [\"1\", \"23\"]") { call in
            let list = call.heap.list(capacity: 0)
            try scan(call) { match in
                call.heap.append(match, to: list)
                return true
            }
            return .list(list)
        },
        .fn("replace_matches", "text, pattern, new",
            "With a text in place of each part that a regular expression fits, in which `$1` stands for the first group; or with what a function gives for the map that `match` makes.",
            "replace_matches(\"a1b22\", r\"\\d+\", \"#\")  # => \"a#b#\"\nreplace_matches(\"a1b22\", r\"\\d+\", m => len(m.text))  # => \"a1b2\"") { call in
            let text = try call.text(0)
            let template = call[2].tag == .string ? try call.text(2) : nil
            let f = template == nil ? try call.function(2) : .nil
            let list = call.heap.list(capacity: 0)
            call.protect(.list(list))
            var ranges: [Range<String.Index>] = []
            var texts: [String] = []
            var size = text.utf8.count
            try scan(call) { (match, result, expression) in
                ranges.append(range(result.range, in: text))
                // A place and a text for each.
                try MemoryAccount.ask(pieces: ranges.count, from: ranges.count - 1, ofBytes: 96)
                if let template { texts.append(expression.replacementString(for: result, in: text, offset: 0, template: template)) } else { call.heap.append(try match(), to: list) }
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
        try scan(call) { match, _, _ in body(try match()) }
    }

    /// Goes through the places where the pattern, argument 1, fits the text, argument 0, until `body` says false.
    private static func scan(_ call: Call, _ body: (() throws -> Value, NSTextCheckingResult, NSRegularExpression) throws -> Bool) throws {
        let (text, pattern) = (try call.text(0), try call.text(1))
        let expression: NSRegularExpression
        do { expression = try NSRegularExpression(pattern: pattern) } catch {
            throw call.invalid(1, "\(Printer.quoted(pattern)) is not a regular expression", hint: "brackets must be closed; write it raw, r\"…\", so that \\ stays as it is")
        }
        // Positions are counted on from match to match.
        var (index, position) = (text.startIndex, 0)
        var failure: Error?
        withoutActuallyEscaping(body) { body in
            expression.enumerateMatches(in: text, options: [.reportProgress, .reportCompletion], range: NSRange(text.startIndex..., in: text)) { result, flags, stop in
                do {
                    try call.vm.checkInterruption()
                    // The places that it would go back to are more than its stack has room for.
                    if flags.contains(.internalError) {
                        throw RuntimeError(
                            .limit, "the regular expression \(Printer.quoted(pattern)) has too many ways to fit a text of \(text.utf8.count) bytes",
                            hint: "a set such as [ab]* or [^;]* takes no memory, (a|b)* does, and *+ keeps what it has found", argument: 1)
                    }
                    guard let result else { return }
                    let isWanted = try body({ try value(of: result, in: text, &index, &position, call) }, result, expression)
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

    private static func value(of result: NSTextCheckingResult, in text: String, _ index: inout String.Index, _ position: inout Int, _ call: Call) throws -> Value {
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
