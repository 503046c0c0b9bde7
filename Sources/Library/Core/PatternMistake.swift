import Runtime

/// Why a text is no regular expression, as far as its brackets and strokes tell.
struct PatternMistake {
    /// What goes on after "is not a regular expression"; empty where the cause is not known.
    private(set) var cause = ""

    init(_ pattern: String) {
        // What stands between \Q and \E is no bracket.
        if pattern.contains(#"\Q"#) { return }
        var open: [(bracket: Character, position: Int)] = []
        var isEscaped = false
        // Whether there is something before that can be repeated.
        var isRepeatable = false
        var isAfterBracket = false
        for (position, character) in pattern.enumerated() {
            let (isInSet, wasEscaped) = (open.last?.bracket == "[", isEscaped)
            defer { isAfterBracket = !wasEscaped && !isInSet && character == "(" }
            if wasEscaped {
                (isEscaped, isRepeatable) = (false, true)
                continue
            }
            switch character {
            case "\\": isEscaped = true
            case "[": open.append((character, position))
            case "]" where isInSet:
                open.removeLast()
                isRepeatable = true
            case _ where isInSet: break
            case "(":
                open.append((character, position))
                isRepeatable = false
            case ")":
                guard open.popLast() != nil else {
                    cause = "the ')' at position \(position) closes nothing"
                    return
                }
                isRepeatable = true
            case "*", "+", "?":
                // `(?:` begins a group of its own kind.
                if !isRepeatable, !(character == "?" && isAfterBracket) {
                    cause = "the '\(character)' at position \(position) has nothing before it to repeat"
                    return
                }
            case "|": isRepeatable = false
            default: isRepeatable = true
            }
        }
        if isEscaped {
            cause = "it ends with '\\', which stands before a character"
        } else if let last = open.last {
            cause = "the '\(last.bracket)' at position \(last.position) is not closed"
        }
    }
}
