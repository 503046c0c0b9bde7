import Lang

/// One built-in of the language: its name, parameters, documentation, a runnable example and the function itself.
/// Dispatch, argument errors, `help`, completion and the reference are all made from these.
package struct Builtin: Sendable {
    /// The built-in's name: `sort`, `plot.scatter`; a member of a type is named `supernet.step`.
    package let name: String
    package let kind: Kind
    package let signature: Signature
    /// What the built-in does, in a few sentences of Markdown.
    package let doc: String
    /// An example that runs as written; `# => text` after a line gives the line's value as printed.
    package let example: String
    package let body: NativeFunction
    /// Advice for a missing argument that other languages do not need.
    package private(set) var advice: String?
    /// A fact about the built-in's values on which the checker may rely.
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

    /// Makes a function of the language: `fn("sqrt", "x", "The square root.", "sqrt(9)  # => 3.0") { … }`.
    package static func fn(_ name: String, _ parameters: String, _ doc: String, _ example: String = "",
        _ body: @escaping NativeFunction) -> Builtin {
        Builtin(name: name, kind: .function, signature: Signature(parameters), doc: doc, example: example, body: body)
    }

    /// Makes a method, `type.name`; `call[0]` is the value it is called on, and `parameters` come after it.
    package static func method(_ name: String, _ parameters: String, _ doc: String, _ example: String = "",
        _ body: @escaping NativeFunction) -> Builtin {
        Builtin(
            name: name, kind: .method, signature: Signature(parameters.isEmpty ? "self" : "self, " + parameters), doc: doc,
            example: example, body: body)
    }

    /// Makes a property, `type.name`; `call[0]` is the value it is read from.
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

    /// The built-in's usage as a user would write it: `sort(xs, by: nil)`, `x.step(path, batch, lr: 0.05)`, `pi`.
    package var usage: String {
        switch kind {
        case .function, .method: callable.usage
        case .property, .constant: name
        }
    }
}

extension Signature {
    /// The signature of any value that can be called.
    package init(of function: Value, _ registry: Registry) {
        self = switch function.tag {
        case .closure: function.asClosure.prototype.pointee.prototype.signature
        case .builtin: registry.builtins[Int(function.payload)].signature
        default: function.hostObject.signature
        }
    }
}

/// A topic: built-ins under their title in the reference.
package struct Topic: Sendable {
    package let title: String
    package let builtins: [Builtin]

    package init(_ title: String, _ builtins: [Builtin]) { (self.title, self.builtins) = (title, builtins) }
}

/// The Swift side of a built-in. Arguments the user left out are `.missing`.
package typealias NativeFunction = @Sendable (Call) throws -> Value
