/// An expression with its place in the source. A parenthesised expression's span includes its parentheses.
package struct Expression: Sendable {
    package var kind: Kind
    package var span: Span

    package init(_ kind: Kind, _ span: Span) {
        self.kind = kind
        self.span = span
    }

    package indirect enum Kind: Sendable {
        case `nil`
        case bool(Bool)
        case int(Int)
        case float(Double)
        case string([StringPart])
        case name(String)
        /// `[1, ...xs]`
        case list([Element])
        /// `{lr: 0.05, "a b": 1, [key]: v, ...m}`
        case map([Entry])
        /// `lo..hi`, `lo..=hi`. An open end (`xs[1..]`, `t[..]`) stands only inside an index.
        case range(lower: Expression?, upper: Expression?, isClosed: Bool)
        case unary(UnaryOperator, Expression, operator: Span)
        case binary(BinaryOperator, Expression, Expression, operator: Span)
        /// `a < b`, and chains: `a < b <= c` is `a < b and b <= c` with b computed once. operators.count == operands.count - 1.
        case comparison(operands: [Expression], operators: [ComparisonOperator])
        /// `a and b`, `a or b`, `a ?? b`: the right side runs only when it is needed.
        case logical(LogicalOperator, Expression, Expression)
        /// `x |> f(b)` is `f(x, b)`; `x |> f` is `f(x)`.
        case pipe(Expression, into: Expression)
        case call(Expression, [Argument])
        case index(Expression, [Expression])
        case member(Expression, Identifier)
        case lambda(Function)
        case `if`(condition: Expression, then: Block, else: ElseBranch?)
        case `do`(Block)
        case `try`(Block, catch: Identifier?, handler: Block)
        /// `with rng(1) { … }`
        case with(Expression, Block)
        case listComprehension(Expression, [Clause])
        case mapComprehension(key: Expression, value: Expression, [Clause])
        /// Stands where the parser reported an error and went on. A tree with one is never compiled.
        case error
    }

    package enum ElseBranch: Sendable {
        case block(Block)
        /// An `else if`: the expression's kind is `.if`.
        case `if`(Expression)
    }
}

package enum UnaryOperator: String, Sendable { case negate = "-", not }

package enum BinaryOperator: String, Sendable {
    case add = "+", subtract = "-", multiply = "*", divide = "/", floorDivide = "//", remainder = "%", power = "**", matmul = "@"
}

package enum ComparisonOperator: String, Sendable {
    case equal = "==", notEqual = "!=", less = "<", lessOrEqual = "<=", greater = ">", greaterOrEqual = ">="
    case `in`, notIn = "not in", `is`, isNot = "is not"
}

package enum LogicalOperator: String, Sendable { case and, or, coalesce = "??" }

package struct Identifier: Sendable {
    package var name: String
    package var span: Span

    package init(_ name: String, _ span: Span) {
        self.name = name
        self.span = span
    }
}

/// Literal text, or an expression in braces with its format spec: `{acc:.3f}`.
package enum StringPart: Sendable {
    case text(String)
    case interpolation(Expression, format: FormatSpec?)
}

/// The text after the colon in `{x:.3f}`, unchecked; the run time reads it.
package struct FormatSpec: Sendable {
    package var text: String
    package var span: Span

    package init(_ text: String, _ span: Span) {
        self.text = text
        self.span = span
    }
}

package enum Element: Sendable {
    case value(Expression)
    case spread(Expression)
}

package enum Entry: Sendable {
    /// `lr: 0.05`, `"a b": 1`; also the shorthand `{acc, loss}`, where the value is the name itself.
    case named(Identifier, Expression)
    /// `[key]: value`
    case computed(Expression, Expression)
    case spread(Expression)
}

package struct Argument: Sendable {
    package enum Label: Sendable {
        case positional
        case named(Identifier)
        case spread
    }

    package var label: Label
    package var value: Expression

    package init(_ label: Label, _ value: Expression) {
        self.label = label
        self.value = value
    }
}

/// `for pattern in sequence` or `if condition` in a comprehension; the first is always a `for`.
package enum Clause: Sendable {
    case `for`(Pattern, in: Expression)
    case `if`(Expression)
}

/// A named function, lambda or method body with its parameters.
package struct Function: Sendable {
    /// The function's name; nil for a lambda.
    package var name: Identifier?
    package var parameters: [Parameter]
    package var body: Body
    /// The `##` lines above the function, joined by newlines.
    package var documentation: String?

    package init(name: Identifier?, parameters: [Parameter], body: Body, documentation: String?) {
        self.name = name
        self.parameters = parameters
        self.body = body
        self.documentation = documentation
    }

    package enum Body: Sendable {
        case block(Block)
        case expression(Expression)
    }
}

package struct Parameter: Sendable {
    package var name: Identifier
    /// The default value of the parameter, as in `scale: 1.0`; nil if there is none.
    package var defaultValue: Expression?
    /// Whether this is a rest parameter, as in `...xs`.
    package var isRest: Bool

    package init(name: Identifier, defaultValue: Expression?, isRest: Bool) {
        self.name = name
        self.defaultValue = defaultValue
        self.isRest = isRest
    }
}
