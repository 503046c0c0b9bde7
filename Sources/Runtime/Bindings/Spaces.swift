import Lang
import NASLib

/// A set of architectures with the networks that they stand for: what `nasbench201(channels: 8, cells: 1)` gives.
final class SpaceObject: HostObject, Drawable {
    let space: any NetworkSpace
    /// The call that makes it again.
    let recipe: String

    init(_ space: any NetworkSpace, recipe: String) { (self.space, self.recipe) = (space, recipe) }

    override var typeName: String { "space" }
    override var description: String { recipe }
    override var count: Int? { space.size }

    func draw(_ vm: VM) throws -> Value {
        .host(vm.heap.host(PathObject(space.uniformPath(using: &vm.generator.generator), in: space)))
    }

    /// The i-th path of the enumeration, counted from the end when negative.
    override func element(at indices: [Value], _ vm: VM) throws -> Value? {
        guard indices.count == 1, indices[0].tag == .int, let size = space.size else { return nil }
        let index = indices[0].asInt
        guard (-size..<size).contains(index) else {
            throw RuntimeError(.index, "index \(index) is outside the space of \(size) paths", hint: "valid indices are 0 to \(size - 1), or -\(size) to -1")
        }
        return .host(vm.heap.host(PathObject(space.path(at: index < 0 ? index + size : index), in: space)))
    }

    override func contains(_ value: Value, _ vm: VM) throws -> Bool? {
        if value.tag == .host, let path = value.hostObject as? PathObject { return path.belongs(to: space) }
        if value.tag == .string { return (try? space.parse(value.asString.text)) != nil }
        return nil
    }
}

/// An architecture: one candidate for each choice of a space.
final class PathObject: HostObject {
    let path: Path
    let space: any NetworkSpace

    init(_ path: Path, in space: any NetworkSpace) {
        self.path = path
        self.space = space
    }

    override var typeName: String { "path" }
    override var description: String { space.format(path) }
    override var count: Int? { path.choices.count }
    override var hashForKey: Int? { path.hashValue }

    override func isEqual(to other: HostObject) -> Bool {
        guard let other = other as? PathObject else { return false }
        return other.path == path && other.belongs(to: space)
    }

    /// Spaces of one name and equal choices have the same paths, whatever the size of their networks.
    func belongs(to other: any NetworkSpace) -> Bool { space === other || space.name == other.name && space.choices == other.choices }

    func operations(_ call: Call) -> Value {
        call.list(zip(space.choices, path.choices).map { $0.candidates[Int($1)] })
    }
}

extension Call {
    func path(_ path: Path, in space: any NetworkSpace) -> Value { object(PathObject(path, in: space)) }

    func space(_ space: NASBench201) -> Value {
        object(SpaceObject(space, recipe: "nasbench201(channels: \(space.channels), cells: \(space.cells), classes: \(space.classes))"))
    }

    /// A path, or its notation.
    func path(_ value: Value, of space: any NetworkSpace, argument index: Int) throws -> Path {
        if value.tag == .host, let object = value.hostObject as? PathObject {
            guard object.belongs(to: space) else { throw invalid(index, "the path is one of \(object.space.name), not of \(space.name)") }
            return object.path
        }
        guard value.tag == .string else { throw wrongType(index, expected: "a path or its notation") }
        do {
            return try space.parse(value.asString.text)
        } catch let error as SpaceError {
            throw RuntimeError(.value, describe(error, in: value.asString.text), hint: error.hint, argument: index)
        }
    }

    /// One path or a list of paths; `isList` tells which.
    func paths(_ index: Int, of space: any NetworkSpace) throws -> (paths: [Path], isList: Bool) {
        guard self[index].tag == .list else { return ([try path(self[index], of: space, argument: index)], false) }
        return (try list(index).array.map { try path($0, of: space, argument: index) }, true)
    }

    /// The message with the place in the notation that it is about.
    private func describe(_ error: SpaceError, in text: String) -> String {
        guard let offset = error.offset else { return error.message }
        return "\(error.message) (at character \(offset) of \"\(text.count > 120 ? text.prefix(117) + "…" : text[...])\")"
    }
}

extension Library {
    static let spaces: [Builtin] = [
        .fn("nasbench201", "channels: 16, cells: 5, classes: 10",
            """
            The NAS-Bench-201 space: a cell of six edges, each one of five operations, in a network of three stages. `channels` are those of \
            the first stage (a multiple of 8), `cells` the cells in each stage. A space is a distribution: `~` draws a path, every one equally likely.
            """,
            "let space = nasbench201(channels: 8, cells: 1)\nspace.size  # => 15625\nlen(draw(space, 3))  # => 3") { call in
            let channels = try call.int(0, default: 16, atLeast: 8)
            guard channels % 8 == 0 else { throw call.invalid(0, "'channels' must be a multiple of 8, not \(channels)") }
            return call.space(NASBench201(
                channels: channels, cells: try call.int(1, default: 5, atLeast: 1), classes: try call.int(2, default: 10, atLeast: 2)))
        },
        .property("space.size", "How many paths there are.") { call in
            try call.receiver(SpaceObject.self).space.size.map(Value.int) ?? .nil
        },
        .property("space.name", "The name of the space.") { call in call.string(try call.receiver(SpaceObject.self).space.name) },
        .property("space.choices", "For each choice, the names of its candidates.") { call in
            let choices = try call.receiver(SpaceObject.self).space.choices
            return call.list(choices.map { call.list($0.candidates) })
        },
        .method("space.path", "arch", "The path that a text in the space's notation, or a list of the candidates' names or numbers, stands for.") { call in
            let space = try call.receiver(SpaceObject.self).space
            guard call[1].tag == .list else { return call.path(try call.path(call[1], of: space, argument: 1), in: space) }
            let given = try call.list(1).array
            guard given.count == space.choices.count else {
                throw call.invalid(1, "\(space.name) has \(space.choices.count) choices, not \(given.count)")
            }
            let choices = try zip(space.choices, given).map { choice, value -> UInt8 in
                if value.tag == .int, choice.candidates.indices.contains(value.asInt) { return UInt8(value.asInt) }
                if value.tag == .string, let i = choice.candidates.firstIndex(of: value.asString.text) { return UInt8(i) }
                throw call.invalid(1, "\(call.describe(value)) is no candidate of choice \(choice.name)", hint: "candidates are \(choice.candidates.joined(separator: ", "))")
            }
            return call.path(Path(choices), in: space)
        },
        .method("space.neighbours", "path", "All paths that differ from `path` in one choice.") { call in
            let space = try call.receiver(SpaceObject.self).space
            return call.list(space.neighbours(of: try call.path(call[1], of: space, argument: 1)).map { call.path($0, in: space) })
        },
        .method("space.canonical", "path",
            "A text that is the same for two paths exactly when their cells compute the same function of their weights: dead and identity edges are gone.") { call in
            let space = try call.receiver(SpaceObject.self).space
            return call.string(space.canonical(try call.path(call[1], of: space, argument: 1)))
        },
        .property("path.operations", "The names of the chosen candidates, one for each choice.") { call in
            try call.receiver(PathObject.self).operations(call)
        },
        .property("path.choices", "The numbers of the chosen candidates, one for each choice.") { call in
            call.list(try call.receiver(PathObject.self).path.choices.map { Value.int(Int($0)) })
        },
    ]
}
