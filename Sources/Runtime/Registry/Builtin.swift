import Lang

/// One built-in of the language: its name, parameters, documentation, a runnable example and the function itself.
/// Dispatch, argument errors, `help`, completion and the reference are all made from these.
package struct Builtin: Sendable {
    /// `sort`, `plot.scatter`; a member of a type is named `supernet.step`.
    package let name: String
    package let kind: Kind
    package let signature: Signature
    /// What it does, in a sentence or a few; Markdown.
    package let doc: String
    /// Code that runs as it stands; `# => text` after a line gives what the line's value prints as.
    package let example: String
    package let body: NativeFunction
    /// What to write where other languages need no such argument as is missing.
    package private(set) var advice: String?
    /// What the checker may count on.
    package private(set) var fact: Callable.Fact?

    package enum Kind: Equatable, Sendable {
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
    package static func fn(_ name: String, _ parameters: String, _ doc: String, _ example: String = "", _ body: @escaping NativeFunction) -> Builtin {
        Builtin(name: name, kind: .function, signature: Signature(parameters), doc: doc, example: example, body: body)
    }

    /// A method, `type.name`; `call[0]` is the value it is called on, and `parameters` come after it.
    package static func method(_ name: String, _ parameters: String, _ doc: String, _ example: String = "", _ body: @escaping NativeFunction) -> Builtin {
        Builtin(
            name: name, kind: .method, signature: Signature(parameters.isEmpty ? "self" : "self, " + parameters), doc: doc, example: example, body: body)
    }

    /// A property, `type.name`; `call[0]` is the value it is read from.
    package static func property(_ name: String, _ doc: String, _ example: String = "", _ body: @escaping NativeFunction) -> Builtin {
        Builtin(name: name, kind: .property, signature: Signature("self"), doc: doc, example: example, body: body)
    }

    package static func constant(_ name: String, _ value: Double, _ doc: String, _ example: String = "") -> Builtin {
        Builtin(name: name, kind: .constant(value), signature: Signature(""), doc: doc, example: example) { _ in .float(value) }
    }

    package func advising(_ advice: String) -> Builtin {
        var builtin = self
        builtin.advice = advice
        return builtin
    }

    package func giving(_ fact: Callable.Fact) -> Builtin {
        var builtin = self
        builtin.fact = fact
        return builtin
    }

    package var callable: Callable {
        var callable = Callable(name, signature, isMethod: kind == .method)
        (callable.advice, callable.fact) = (advice, fact)
        return callable
    }

    /// As a user would write it: `sort(xs, by: nil)`, `x.step(path, batch, lr: 0.05)`, `pi`.
    package var usage: String {
        switch kind {
        case .function, .method: callable.usage
        case .property, .constant: name
        }
    }
}

extension Signature {
    /// That of anything that can be called.
    package init(of function: Value, _ registry: Registry) {
        self = switch function.tag {
        case .closure: function.asClosure.prototype.pointee.prototype.signature
        case .builtin: registry.builtins[Int(function.payload)].signature
        default: function.hostObject.signature
        }
    }
}

/// Built-ins under the title that the reference gives them.
package struct Topic: Sendable {
    package let title: String
    package let builtins: [Builtin]

    package init(_ title: String, _ builtins: [Builtin]) { (self.title, self.builtins) = (title, builtins) }
}

/// The Swift side of a built-in. Arguments the user left out are `.missing`.
package typealias NativeFunction = @Sendable (Call) throws -> Value
