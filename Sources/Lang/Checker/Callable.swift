import Text

/// What is known of a function without running it: its parameters, and how its calls look.
public struct Callable: Sendable {
    public struct Parameter: Sendable {
        public var name: String
        public var isRequired: Bool
        public var isRest: Bool

        public init(name: String, isRequired: Bool, isRest: Bool) {
            self.name = name
            self.isRequired = isRequired
            self.isRest = isRest
        }
    }

    public var parameters: [Parameter]
    /// `sort(xs, by: nil)`
    public var usage: String

    public init(parameters: [Parameter], usage: String) {
        self.parameters = parameters
        self.usage = usage
    }

    init(_ function: Function, named name: String, in source: Source) {
        parameters = function.parameters.map { Parameter(name: $0.name.name, isRequired: $0.defaultValue == nil && !$0.isRest, isRest: $0.isRest) }
        let texts = function.parameters.map { parameter in
            (parameter.isRest ? "..." : "") + parameter.name.name + (parameter.defaultValue.map { ": " + source.text(of: $0.span) } ?? "")
        }
        usage = "\(name)(\(texts.joined(separator: ", ")))"
    }
}

extension Callable {
    /// Why a call with these arguments must fail, and where; nil when nothing speaks against it.
    func mistake(in arguments: [Argument], of call: Span) -> (message: String, span: Span, hint: String)? {
        let plain = parameters.filter { !$0.isRest }
        let hasRest = plain.count < parameters.count
        var positional: [Expression] = []
        var named: [(name: Identifier, value: Expression)] = []
        var hasSpread = false
        for argument in arguments {
            switch argument.label {
            case .positional: positional.append(argument.value)
            case .named(let name): named.append((name, argument.value))
            case .spread: hasSpread = true
            }
        }
        let hint = "the call is \(usage)"
        if !hasRest, positional.count > plain.count {
            let least = plain.count(where: \.isRequired)
            let takes = least == plain.count ? Callable.counted(plain.count) : "\(least) to \(plain.count) arguments"
            let name = usage.prefix { $0 != "(" }
            return ("too many arguments: \(name) takes \(takes), not \(positional.count)\(hasSpread ? " or more" : "")", positional[plain.count].span, hint)
        }
        var given = Set(plain.prefix(positional.count).map(\.name))
        for (name, _) in named {
            guard plain.contains(where: { $0.name == name.name }) else {
                let near = Suggestion.nearest(to: name.name, among: plain.map(\.name)).map { "did you mean '\($0)'? " }
                return ("there is no parameter '\(name.name)'", name.span, (near ?? "") + hint)
            }
            guard given.insert(name.name).inserted else { return ("'\(name.name)' is given twice, by position and by name", name.span, hint) }
        }
        let missing = plain.filter { $0.isRequired && !given.contains($0.name) }.map { "'\($0.name)'" }
        guard !missing.isEmpty, !hasSpread else { return nil }
        return ("missing \(missing.count == 1 ? "argument" : "arguments") \(missing.joined(separator: " and "))", call, Callable.hint(missingIn: usage))
    }

    /// How a call looks that lacks an argument, and what to write where other languages need none.
    public static func hint(missingIn usage: String) -> String {
        (usage.hasPrefix("range(start, stop") ? "0..n and range(0, n) count from 0; " : "") + "the call is \(usage)"
    }

    private static func counted(_ count: Int) -> String { count == 1 ? "1 argument" : "\(count) arguments" }
}
