/// Parameters, written as in the language: `xs, by: nil, ...rest`. The last of a built-in may be `...names: {}`: a map, for
/// which arguments under any other names are gathered.
public struct Signature: Sendable {
    package struct Parameter: Sendable {
        package var name: String
        /// The default value as written; nil if there is none.
        package var defaultText: String?
        /// The default of a built-in's parameter as a value.
        package var literal: Literal?
        package var isRest = false
        package var gathersNames = false

        var isRequired: Bool { defaultText == nil && !isRest }
    }

    package let text: String
    package let parameters: [Parameter]
    package let hasRest: Bool

    /// A signature that accepts any arguments.
    package static let any = Signature("...arguments")

    package init(_ text: String) {
        self.init(text, Signature.split(text).map { part in
            let isGathering = part.hasPrefix("...")
            let part = isGathering ? String(part.dropFirst(3)) : part
            guard let colon = part.firstIndex(of: ":") else { return Parameter(name: part, isRest: isGathering) }
            let value = part[part.index(after: colon)...].drop(while: { $0 == " " })
            return Parameter(name: String(part[..<colon]), defaultText: String(value), literal: Literal(value), gathersNames: isGathering)
        })
    }

    /// The signature of a function of the language, with its defaults as written in the source.
    package init(_ function: Function, in source: Source) {
        let parameters = function.parameters.map { parameter in
            let text = parameter.defaultValue.map { source.text(of: $0.span) }
            return Parameter(name: parameter.name.name, defaultText: text, isRest: parameter.isRest)
        }
        let texts = parameters.map { ($0.isRest ? "..." : "") + $0.name + ($0.defaultText.map { ": " + $0 } ?? "") }
        self.init(texts.joined(separator: ", "), parameters)
    }

    private init(_ text: String, _ parameters: [Parameter]) {
        (self.text, self.parameters) = (text, parameters)
        hasRest = parameters.last?.isRest ?? false
    }

    /// The number of parameters that take one argument each: all but a rest parameter.
    package var plainCount: Int { hasRest ? parameters.count - 1 : parameters.count }

    package var requiredCount: Int { parameters.count(where: \.isRequired) }

    /// The number of positional arguments with which no required argument is missing.
    package var sufficientCount: Int { (parameters.lastIndex(where: \.isRequired) ?? -1) + 1 }

    /// The names by which arguments can be passed. A rest parameter has no such name.
    package var parameterNames: [String] { parameters.filter { !$0.gathersNames && !$0.isRest }.map(\.name) }

    package var droppingFirst: Signature {
        guard let comma = text.firstIndex(of: ",") else { return Signature("") }
        return Signature(String(text[text.index(after: comma)...].drop(while: { $0 == " " })))
    }

    /// Splits at the commas that stand outside brackets and texts.
    fileprivate static func split(_ text: some StringProtocol) -> [String] {
        var parts: [String] = []
        var current = ""
        var depth = 0
        var isInText = false
        for character in text {
            switch character {
            case "\"": isInText.toggle()
            case _ where isInText: break
            case "(", "[", "{": depth += 1
            case ")", "]", "}": depth -= 1
            case "," where depth == 0:
                parts.append(current)
                current = ""
                continue
            case " " where current.isEmpty: continue
            default: break
            }
            current.append(character)
        }
        return current.isEmpty ? parts : parts + [current]
    }
}

/// A default value that is written as a literal.
package indirect enum Literal: Sendable {
    case `nil`
    case bool(Bool)
    case int(Int)
    case float(Double)
    case text(String)
    case list([Literal])

    /// nil for any other expression.
    init?(_ text: some StringProtocol) {
        switch text {
        case "nil": self = .nil
        case "true": self = .bool(true)
        case "false": self = .bool(false)
        case _ where text.first == "\"": self = .text(String(text.dropFirst().dropLast()))
        case _ where text.first == "[":
            let parts = Signature.split(text.dropFirst().dropLast())
            let elements = parts.compactMap { Literal($0) }
            guard elements.count == parts.count else { return nil }
            self = .list(elements)
        case _ where text.first == "-" || text.first?.isNumber == true:
            guard let number = Int(text).map(Literal.int) ?? Double(text).map(Literal.float) else { return nil }
            self = number
        default: return nil
        }
    }
}
