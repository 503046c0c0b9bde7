/// A statement with its place in the source.
package struct Statement: Sendable {
    package var kind: Kind
    package var span: Span

    package init(_ kind: Kind, _ span: Span) {
        self.kind = kind
        self.span = span
    }

    package indirect enum Kind: Sendable {
        case expression(Expression)
        /// `let x = e`, `var x = e`, `let x ~ d`.
        case binding(Binding)
        case function(Function)
        /// `target = value`; with an operator, `target += value`.
        case assignment(target: Expression, operator: AssignmentOperator?, value: Expression)
        case `while`(condition: Expression, Block)
        case `for`(Pattern, in: Expression, Block)
        case `break`
        case `continue`
        case `return`(Expression?)
        case `throw`(Expression)
        /// `import "util.pada" as util`, `import search`
        case `import`(Import)
    }
}

/// An operator of assignment, such as `+=`.
package enum AssignmentOperator: Sendable {
    case binary(BinaryOperator)
    /// `??=`: assigns only where there is nil or nothing yet.
    case coalesce
}

package struct Binding: Sendable {
    /// Whether the binding is a `var`; otherwise it is a `let`.
    package var isMutable: Bool
    package var pattern: Pattern
    /// Whether the binding is written with `~`: the value is a distribution, and the name gets a draw from it.
    package var isDraw: Bool
    package var value: Expression
    package var documentation: String?

    package init(isMutable: Bool, pattern: Pattern, isDraw: Bool, value: Expression, documentation: String?) {
        self.isMutable = isMutable
        self.pattern = pattern
        self.isDraw = isDraw
        self.value = value
        self.documentation = documentation
    }
}

/// The pattern that a binding, a `for` or a comprehension binds.
package struct Pattern: Sendable {
    package var kind: Kind
    package var span: Span

    package init(_ kind: Kind, _ span: Span) {
        self.kind = kind
        self.span = span
    }

    package indirect enum Kind: Sendable {
        /// `_` binds nothing.
        case name(String)
        /// `[a, b]`, `[first, ...rest]`; nesting allowed.
        case list([Pattern], rest: Identifier?)
        /// `{acc, loss: l}`
        case map([(key: Identifier, pattern: Pattern)])
    }
}

package struct Import: Sendable {
    package var target: Target
    /// `as name`; without it a path's module goes by its file name, or its names are all taken over: see `Target`.
    package var alias: Identifier?

    package init(target: Target, alias: Identifier?) {
        self.target = target
        self.alias = alias
    }

    package enum Target: Sendable {
        /// A string: a path relative to the importing file. Without an alias, all public names come in.
        case file(String, Span)
        /// A bare name: a module of the library, bound under that name.
        case library(Identifier)
    }
}

/// A block `{ … }` as a body. Its value is that of its last statement, when that is an expression.
package struct Block: Sendable {
    package var statements: [Statement]
    package var span: Span

    package init(_ statements: [Statement], _ span: Span) {
        self.statements = statements
        self.span = span
    }
}

/// A parsed source.
package struct Program: Sendable {
    package var source: Source
    package var statements: [Statement]
    /// Where each `# %% Title` comment begins a cell.
    package var cells: [CellMarker]
    /// Every comment, in order, for the formatter.
    package var comments: [Span]
    /// Every name that some assignment gives a new value. A variable of another name keeps its first one.
    package var assignedNames: Set<String>

    package init(source: Source, statements: [Statement], cells: [CellMarker], comments: [Span], assignedNames: Set<String>) {
        self.source = source
        self.statements = statements
        self.cells = cells
        self.comments = comments
        self.assignedNames = assignedNames
    }
}

package struct CellMarker: Sendable {
    /// The marker's title; empty if there is none. `[markdown]` is kept as part of it.
    package var title: String
    package var span: Span

    package init(title: String, span: Span) {
        self.title = title
        self.span = span
    }
}
