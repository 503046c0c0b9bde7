/// A name as the checker knows it.
struct Variable {
    var name: Identifier
    /// Its parameters, where it is a function for good.
    var callable: Callable?
    /// The names of the module that it stands for.
    var members: [String: Callable?]?
    /// Whether it deserves a word when nobody reads it.
    var isWatched = false
    var isRead = false
    /// Its declaration stands above, in the order in which code at top level runs.
    var isDeclared = false

    init(_ name: Identifier, callable: Callable? = nil, members: [String: Callable?]? = nil) {
        self.name = name
        self.callable = callable
        self.members = members
    }
}

/// The names in sight, from the top level inwards.
struct Scopes {
    /// All names of the top level, those further down included.
    var topLevel: [String: Variable] = [:]
    /// An import whose names are not known may have declared anything.
    var hasUnknownNames = false
    private var blocks: [[String: Variable]] = []

    /// At top level of the file, in no block.
    var isTopLevel: Bool { blocks.isEmpty }

    mutating func open() { blocks.append([:]) }

    /// Gives the variables of the block in the order of the text.
    mutating func close() -> [Variable] {
        (blocks.popLast() ?? [:]).values.sorted { $0.name.span.start < $1.name.span.start }
    }

    /// In the innermost block.
    mutating func declare(_ variable: Variable) {
        var variable = variable
        variable.isDeclared = true
        blocks[blocks.count - 1][variable.name.name] = variable
    }

    /// At top level, the name has its value from here on.
    mutating func reach(_ name: String) { topLevel[name]?.isDeclared = true }

    /// The variable that the name means here, which counts as read when `isRead`.
    mutating func find(_ name: String, isRead: Bool) -> Variable? {
        for i in blocks.indices.reversed() where blocks[i][name] != nil {
            if isRead { blocks[i][name]?.isRead = true }
            return blocks[i][name]
        }
        if isRead { topLevel[name]?.isRead = true }
        return topLevel[name]
    }

    var names: [String] { blocks.flatMap(\.keys) + topLevel.keys }
}

extension Pattern {
    /// The names that it binds.
    var names: [Identifier] {
        switch kind {
        case .name(let name): name == "_" ? [] : [Identifier(name, span)]
        case .list(let patterns, let rest): patterns.flatMap(\.names) + (rest.map { [$0] } ?? [])
        case .map(let entries): entries.flatMap(\.pattern.names)
        }
    }
}
