import Lang

/// One built-in of the language: its name, parameters, documentation, a runnable example and the function itself.
/// Dispatch, argument errors, `help`, completion and the reference are all made from these.
public struct Builtin: Sendable {
    /// `sort`, `plot.scatter`; a member of a type is named `supernet.step`.
    public let name: String
    public let kind: Kind
    public let signature: Signature
    /// What it does, in a sentence or a few; Markdown.
    public let doc: String
    /// Code that runs as it stands; `# => text` after a line gives what the line's value prints as.
    public let example: String
    public let body: NativeFunction

    public enum Kind: Equatable, Sendable {
        /// Called by its name.
        case function
        /// Called on a value of a type: `net.step(…)`. The value is the first argument.
        case method
        /// Read from a value of a type: `data.classes`. The value is the only argument.
        case property
        /// A number with a name, such as `pi`.
        case constant(Double)
    }

    /// A function of the language: `fn("sqrt", "x", "The square root.", "sqrt(9)  # => 3.0") { … }`.
    public static func fn(_ name: String, _ parameters: String, _ doc: String, _ example: String = "", _ body: @escaping NativeFunction) -> Builtin {
        Builtin(name: name, kind: .function, signature: Signature(parameters), doc: doc, example: example, body: body)
    }

    /// A method, `type.name`; `call[0]` is the value it is called on, and `parameters` come after it.
    public static func method(_ name: String, _ parameters: String, _ doc: String, _ example: String = "", _ body: @escaping NativeFunction) -> Builtin {
        Builtin(
            name: name, kind: .method, signature: Signature(parameters.isEmpty ? "self" : "self, " + parameters), doc: doc, example: example, body: body)
    }

    /// A property, `type.name`; `call[0]` is the value it is read from.
    public static func property(_ name: String, _ doc: String, _ example: String = "", _ body: @escaping NativeFunction) -> Builtin {
        Builtin(name: name, kind: .property, signature: Signature("self"), doc: doc, example: example, body: body)
    }

    public static func constant(_ name: String, _ value: Double, _ doc: String, _ example: String = "") -> Builtin {
        Builtin(name: name, kind: .constant(value), signature: Signature(""), doc: doc, example: example) { _ in .float(value) }
    }

    /// As a user would call it: `sort(xs, by: nil)`, `x.step(path, batch, lr: 0.05)`.
    public var usage: String {
        switch kind {
        case .function: "\(name)(\(signature.text))"
        case .method: "\(name)(\(signature.droppingFirst.text))"
        case .property, .constant: name
        }
    }
}

/// Built-ins under the title that the reference gives them.
public struct Topic: Sendable {
    public let title: String
    public let builtins: [Builtin]

    public init(_ title: String, _ builtins: [Builtin]) { (self.title, self.builtins) = (title, builtins) }
}

/// The Swift side of a built-in. Arguments the user left out are `.missing`.
public typealias NativeFunction = @Sendable (Call) throws -> Value

/// Parameters, written as in the language: `xs, by: nil, ...rest`. The last of a built-in may be `...names: {}`: a map, for
/// which arguments under any other names are gathered.
public struct Signature: Sendable {
    public struct Parameter: Sendable {
        public var name: String
        /// The default as documented; nil for a required parameter.
        public var defaultText: String?
        public var isRest: Bool
        public var gathersNames = false
    }

    public let text: String
    public let parameters: [Parameter]
    public let requiredCount: Int
    public let hasRest: Bool

    /// Anything goes.
    public static let any = Signature("...arguments")

    public init(_ text: String) {
        self.text = text
        parameters = Signature.split(text).map { part in
            let isGathering = part.hasPrefix("...")
            let part = isGathering ? String(part.dropFirst(3)) : part
            guard let colon = part.firstIndex(of: ":") else { return Parameter(name: part, defaultText: nil, isRest: isGathering) }
            let value = part[part.index(after: colon)...].drop(while: { $0 == " " })
            return Parameter(name: String(part[..<colon]), defaultText: String(value), isRest: false, gathersNames: isGathering)
        }
        requiredCount = parameters.count(where: { $0.defaultText == nil && !$0.isRest })
        hasRest = parameters.last?.isRest ?? false
    }

    /// That of anything that can be called.
    public init(of function: Value, _ registry: Registry) {
        switch function.tag {
        case .closure: self.init(function.asClosure.prototype.pointee.prototype)
        case .builtin: self = registry.builtins[Int(function.payload)].signature
        default: self = function.hostObject.signature
        }
    }

    /// That of a function of the language.
    public init(_ prototype: Prototype) {
        text = String(prototype.signature.dropFirst().dropLast())
        parameters = prototype.parameters.map { Parameter(name: $0.name, defaultText: $0.isRequired ? nil : $0.defaultText ?? "nil", isRest: $0.isRest) }
        requiredCount = parameters.count(where: { $0.defaultText == nil && !$0.isRest })
        hasRest = parameters.last?.isRest ?? false
    }

    /// The names that arguments can be given by. One that gathers arguments has none.
    public var parameterNames: [String] { parameters.filter { !$0.gathersNames && !$0.isRest }.map(\.name) }

    public var droppingFirst: Signature {
        guard let comma = text.firstIndex(of: ",") else { return Signature("") }
        return Signature(String(text[text.index(after: comma)...].drop(while: { $0 == " " })))
    }

    /// Splits at the commas that stand outside brackets and texts.
    private static func split(_ text: String) -> [String] {
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
