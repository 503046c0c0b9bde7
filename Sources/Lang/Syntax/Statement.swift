/// A statement with its place in the source.
public struct Statement: Sendable {
    public var kind: Kind
    public var span: Span

    public init(_ kind: Kind, _ span: Span) {
        self.kind = kind
        self.span = span
    }

    public indirect enum Kind: Sendable {
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

/// `+=` and its kin.
public enum AssignmentOperator: Sendable {
    case binary(BinaryOperator)
    /// `??=`: assigns only where there is nil or nothing yet.
    case coalesce
}

public struct Binding: Sendable {
    /// `var` when true, `let` when false.
    public var isMutable: Bool
    public var pattern: Pattern
    /// `~` when true: the value is a distribution and the name gets a draw from it.
    public var isDraw: Bool
    public var value: Expression
    public var documentation: String?

    public init(isMutable: Bool, pattern: Pattern, isDraw: Bool, value: Expression, documentation: String?) {
        self.isMutable = isMutable
        self.pattern = pattern
        self.isDraw = isDraw
        self.value = value
        self.documentation = documentation
    }
}

/// What a binding, a `for` or a comprehension binds.
public struct Pattern: Sendable {
    public var kind: Kind
    public var span: Span

    public init(_ kind: Kind, _ span: Span) {
        self.kind = kind
        self.span = span
    }

    public indirect enum Kind: Sendable {
        /// `_` binds nothing.
        case name(String)
        /// `[a, b]`, `[first, ...rest]`; nesting allowed.
        case list([Pattern], rest: Identifier?)
        /// `{acc, loss: l}`
        case map([(key: Identifier, pattern: Pattern)])
    }
}

public struct Import: Sendable {
    public var target: Target
    /// `as name`; without it a path's module goes by its file name, or its names are all taken over: see `Target`.
    public var alias: Identifier?

    public init(target: Target, alias: Identifier?) {
        self.target = target
        self.alias = alias
    }

    public enum Target: Sendable {
        /// A string: a path relative to the importing file. Without an alias, all public names come in.
        case file(String, Span)
        /// A bare name: a module of the library, bound under that name.
        case library(Identifier)
    }
}

/// `{ … }` where a body is due. Its value is that of its last statement, when that is an expression.
public struct Block: Sendable {
    public var statements: [Statement]
    public var span: Span

    public init(_ statements: [Statement], _ span: Span) {
        self.statements = statements
        self.span = span
    }
}

/// A parsed source.
public struct Program: Sendable {
    public var source: Source
    public var statements: [Statement]
    /// Where each `# %% Title` comment begins a cell.
    public var cells: [CellMarker]
    /// Every comment, in order, for the formatter.
    public var comments: [Span]
    /// Every name that some assignment gives a new value. A variable of another name keeps its first one.
    public var assignedNames: Set<String>

    public init(source: Source, statements: [Statement], cells: [CellMarker], comments: [Span], assignedNames: Set<String>) {
        self.source = source
        self.statements = statements
        self.cells = cells
        self.comments = comments
        self.assignedNames = assignedNames
    }
}

public struct CellMarker: Sendable {
    /// Empty when the marker has none; `[markdown]` is kept as part of it.
    public var title: String
    public var span: Span

    public init(title: String, span: Span) {
        self.title = title
        self.span = span
    }
}
