import Runtime

/// What is put in place of a match: `$1` stands for its first group and `$0` for all of it, `\$` and `\\` for a `$` and a `\`.
struct ReplacementTemplate {
    private enum Piece {
        case text(String)
        case group(Int)
    }

    private var pieces: [Piece] = []

    /// - Throws: a value error at the argument, for a group that the regular expression has not and for a stroke before anything else.
    init(_ index: Int, groups: Int, of call: Call) throws {
        let name = call.signature.parameters[index].name
        let scalars = Array(try call.text(index).unicodeScalars)
        var plain = String.UnicodeScalarView()
        var i = 0
        while i < scalars.count {
            let next: Unicode.Scalar? = i + 1 < scalars.count ? scalars[i + 1] : nil
            switch scalars[i] {
            case "\\":
                guard let next, next == "$" || next == "\\" else {
                    let found = next.map { "'\\\($0)' in '\(name)' stands for nothing" } ?? "'\(name)' ends with '\\'"
                    let group = next.flatMap(ReplacementTemplate.digit).map { ", and $\($0) is a group" } ?? ""
                    throw call.invalid(index, "\(found): '\\' is written before '$' and '\\' only",
                        hint: "r\"\\\\\" stands for one \\\(group)")
                }
                plain.append(next)
                i += 2
            case "$":
                guard let first = next.flatMap(ReplacementTemplate.digit) else {
                    plain.append("$")
                    i += 1
                    continue
                }
                guard first <= groups else {
                    let count = groups == 0 ? "no groups" : groups == 1 ? "one group" : "\(groups) groups"
                    throw call.invalid(
                        index, "'\(name)' has $\(first), and the regular expression has \(count)",
                        hint: "round brackets make a group; r\"\\$\(first)\" stands for a dollar sign and a \(first)")
                }
                i += 2
                var group = first
                // As many digits as make the number of a group.
                while i < scalars.count, let digit = ReplacementTemplate.digit(scalars[i]), group > 0, group * 10 + digit <= groups {
                    group = group * 10 + digit
                    i += 1
                }
                if !plain.isEmpty { pieces.append(.text(String(plain))) }
                plain = String.UnicodeScalarView()
                pieces.append(.group(group))
            default:
                plain.append(scalars[i])
                i += 1
            }
        }
        if !plain.isEmpty { pieces.append(.text(String(plain))) }
    }

    private static func digit(_ scalar: Unicode.Scalar) -> Int? { scalar >= "0" && scalar <= "9" ? Int(scalar.value) - 48 : nil }

    /// - Parameter group: gives the text of a group, an empty one where it took no part.
    func text(_ group: (Int) -> Substring) -> String {
        var result = ""
        for piece in pieces {
            switch piece {
            case .text(let text): result += text
            case .group(let number): result += group(number)
            }
        }
        return result
    }
}
