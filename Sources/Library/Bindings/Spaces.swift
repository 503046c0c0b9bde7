import NASLib
import Plots
import Runtime
import Text

/// A set of architectures with the networks that they stand for: what `nasbench201(channels: 8, cells: 1)` gives.
final class SpaceObject: HostObject, Drawable, Plottable, ConstantObject {
    let space: any NetworkSpace
    /// The call that makes it again.
    let recipe: String

    init(_ space: any NetworkSpace, recipe: String) {
        (self.space, self.recipe) = (space, recipe)
    }

    override var typeName: String { "space" }
    override var description: String { recipe }
    override var count: Int? { space.size }
    override var footprint: Int { space.choices.reduce(0) { $0 + ($1.candidates.count + 1) * 128 } }

    func draw(_ vm: VM) throws -> Value {
        .host(vm.heap.host(PathObject(space.uniformPath(using: &vm.generator.generator), in: space)))
    }

    func plot(_ vm: VM) -> PlotDescription { PlotDescription(space, path: nil) }

    /// The i-th path of the enumeration, counted from the end when negative.
    override func element(at indices: [Value], _ vm: VM) throws -> Value? {
        guard indices.count == 1, indices[0].tag == .int else { return nil }
        let index = indices[0].asInt
        guard let size = space.size else {
            // More paths than an int counts: any int is the position of one, from the start.
            guard index >= 0 else { throw RuntimeError(.index, "the paths of \(space.name) are too many to count from the end") }
            return .host(vm.heap.host(PathObject(space.path(at: index), in: space)))
        }
        guard (-size..<size).contains(index) else {
            throw RuntimeError(.index, "index \(index) is outside the space of \(size) paths",
                hint: "valid indices are 0 to \(size - 1), or -\(size) to -1")
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
final class PathObject: HostObject, Plottable {
    let path: Path
    let space: any NetworkSpace

    init(_ path: Path, in space: any NetworkSpace) {
        self.path = path
        self.space = space
    }

    override var typeName: String { "path" }
    override var description: String { space.format(path) }
    override var plainForm: PlainForm? { .description }
    override var count: Int? { path.choices.count }
    override var footprint: Int { path.choices.count }
    override var hashForKey: Int? { path.hashValue }

    func plot(_ vm: VM) -> PlotDescription { PlotDescription(space, path: path) }

    override func isEqual(to other: HostObject) -> Bool {
        guard let other = other as? PathObject else { return false }
        return other.path == path && other.belongs(to: space)
    }

    /// Spaces of one name and equal choices have the same paths, whatever the size of their networks.
    func belongs(to other: any NetworkSpace) -> Bool {
        space === other || space.name.isSame(as: other.name) && space.choices == other.choices
    }

    func operations(_ call: Call) throws -> Value {
        try call.list(zip(space.choices, path.choices).map { $0.candidates[Int($1)] })
    }
}

extension Call {
    func path(_ path: Path, in space: any NetworkSpace) -> Value { object(PathObject(path, in: space)) }

    /// The space's methods take a path or a list of paths, and give a value or a list of values.
    func each(_ index: Int, of space: any NetworkSpace, _ body: (Path) throws -> Value) throws -> Value {
        let (paths, isList) = try paths(index, of: space)
        guard isList else { return try body(paths[0]) }
        let list = try heap.list(askingFor: paths.count)
        protect(.list(list))
        for path in paths {
            try vm.checkInterruption()
            heap.append(try body(path), to: list)
        }
        return .list(list)
    }

    /// What the networks of one or several paths cost on images of a shape, CIFAR's where none is given.
    func costs(_ part: KeyPath<Cost, Int>) throws -> Value {
        let space = try receiver(SpaceObject.self).space
        let input = try imageShape(2)
        return try each(1, of: space) { .int(try space.cost(of: $0, input: input)[keyPath: part]) }
    }

    func space(_ space: NASBench201) -> Value {
        object(SpaceObject(space, recipe: "nasbench201(channels: \(space.channels), cells: \(space.cells), classes: \(space.classes))"))
    }

    /// A path, or its notation.
    func path(_ value: Value, of space: any NetworkSpace, argument index: Int) throws -> Path {
        if value.tag == .host, let object = value.hostObject as? PathObject {
            guard object.belongs(to: space) else { throw invalid(index, "the path is one of \(object.space.name), not of \(space.name)") }
            return object.path
        }
        if value.tag == .list { return try path(ofCandidates: value.asList.array, in: space, argument: index) }
        guard value.tag == .string else { throw wrongType(index, expected: "a path or its notation") }
        do {
            return try space.parse(value.asString.text)
        } catch let error as NASError where error.kind == .value {
            throw RuntimeError(.value, describe(error, in: value.asString.text), hint: error.hint, argument: index)
        }
    }

    /// The names or numbers of the chosen candidates.
    private func path(ofCandidates given: [Value], in space: any NetworkSpace, argument index: Int) throws -> Path {
        guard given.count == space.choices.count else {
            throw invalid(index, "\(space.name) has \(space.choices.count) choices, not \(given.count)")
        }
        return Path(try zip(space.choices, given).map { try candidate($1, of: $0, argument: index) })
    }

    /// A candidate, by its number or its name.
    func candidate(_ value: Value, of choice: Choice, argument index: Int) throws -> UInt8 {
        if value.tag == .int, choice.candidates.indices.contains(value.asInt) { return UInt8(value.asInt) }
        if value.tag == .string, let i = choice.candidates.firstIndex(same: value.asString.text) { return UInt8(i) }
        throw invalid(index, "\(describe(value)) is not a candidate of choice \(choice.name)",
            hint: "candidates are \(choice.candidates.joined(separator: ", "))")
    }

    private func isName(_ value: Value, of choice: Choice) -> Bool {
        value.tag == .string && choice.candidates.contains(same: value.asString.text)
    }

    /// One path or a list of paths; `isList` tells which. A list of ints is one path.
    func paths(_ index: Int, of space: any NetworkSpace) throws -> (paths: [Path], isList: Bool) {
        guard self[index].tag == .list, self[index].asList.array.first?.tag != .int else {
            return ([try path(self[index], of: space, argument: index)], false)
        }
        let items = try list(index).array
        guard items.isEmpty || items.count != space.choices.count || !zip(space.choices, items).allSatisfy({ isName($1, of: $0) }) else {
            throw invalid(
                index, "a list stands for several paths, and \(Printer.literal(self[index], limit: 60)) names the candidates of one",
                hint: "space.path(…) makes a path of them")
        }
        return (try items.map { try path($0, of: space, argument: index) }, true)
    }

    /// The message with the place in the notation that it is about.
    private func describe(_ error: NASError, in text: String) -> String {
        guard let offset = error.offset else { return error.message }
        return "\(error.message) (at character \(offset) of \"\(text.count > 120 ? text.prefix(117) + "…" : text[...])\")"
    }
}

extension Library {
    static let spaces: [Builtin] = [
        .fn("nasbench201", "channels: 16, cells: 5, classes: 10",
            """
            The NAS-Bench-201 space: a cell of six edges, each with one of five operations, in a network of three stages. `channels` is \
            the width of the first stage (a multiple of 8), `cells` the number of cells in each stage. A space is a distribution: `~` \
            draws a path, all equally likely.
            """,
            "let space = nasbench201(channels: 8, cells: 1)\nspace.size  # => 15625\nlen(draw(space, 3))  # => 3") { call in
            let channels = try call.int(0, atLeast: 8)
            guard channels % 8 == 0 else { throw call.invalid(0, "'channels' must be a multiple of 8, not \(channels)") }
            let cells = try call.int(1, atLeast: 1)
            guard channels <= 4096 else { throw RuntimeError(.limit, "'channels' must be at most 4096, not \(channels)", argument: 0) }
            guard cells <= NASBench201.largestCells else {
                throw RuntimeError(.limit, "'cells' must be at most \(NASBench201.largestCells), not \(cells)", argument: 1)
            }
            return call.space(NASBench201(
                channels: channels, cells: cells, classes: try call.int(2, atLeast: 2)))
        },
        .fn("nasbenchmacro", "channels: 32, features: 1280, classes: 10",
            """
            The NAS-Bench-Macro space: a chain of eight layers, each the identity or one of two inverted residual blocks. `channels` is \
            the width of the stem, `features` the width before the classifier. A path is written as eight digits.
            """,
            "let space = nasbenchmacro()\nspace.size  # => 6561\nspace.path(\"01201201\").operations[2]  # => \"k5t6\"") { call in
            let (channels, features, classes) = (try call.extent(0), try call.extent(1), try call.int(2, atLeast: 2))
            return call.object(SpaceObject(
                try NASBenchMacro.space(channels: channels, features: features, classes: classes),
                recipe: "nasbenchmacro(channels: \(channels), features: \(features), classes: \(classes))"))
        },
        .fn("darts", "channels: 16, cells: 8, nodes: 4, classes: 10",
            """
            The DARTS space: a normal and a reduction cell of `nodes` nodes, each getting the two cells before and all earlier nodes, with \
            seven candidates and none on each edge. `channels` is the width of the first nodes.
            """,
            "len(darts().choices)  # => 28") { call in
            let (channels, cells) = (try call.extent(0), try call.extent(1))
            let (nodes, classes) = (try call.extent(2), try call.int(3, atLeast: 2))
            return call.object(SpaceObject(
                try DARTS.space(channels: channels, cells: cells, nodes: nodes, classes: classes),
                recipe: "darts(channels: \(channels), cells: \(cells), nodes: \(nodes), classes: \(classes))"))
        },
        .fn("mobilenet", "width: 1.0, layers: 4, stem_stride: 2, classes: 10",
            """
            The chain of ProxylessNAS: inverted residual blocks of kernel 3, 5 or 7 and expansion 3 or 6, or a skip connection where the \
            shape does not change. `width` multiplies all channels, `layers` limits the layers of a stage, and a `stem_stride` of 1 is for \
            small images.
            """,
            "mobilenet(layers: 2).choices[1]  # => [\"k3e3\", \"k3e6\", \"k5e3\", \"k5e6\", \"k7e3\", \"k7e6\", \"skip\"]") { call in
            let (width, layers) = (try call.double(0), try call.extent(1))
            let (stride, classes) = (try call.extent(2), try call.int(3, atLeast: 2))
            return call.object(SpaceObject(
                try MobileNet.space(width: width, layers: layers, stemStride: stride, classes: classes),
                recipe: "mobilenet(width: \(width), layers: \(layers), stem_stride: \(stride), classes: \(classes))"))
        },
        .fn("mlp", "width: 64, depth: 4, classes: 10",
            """
            Networks of linear layers: each of `depth` hidden layers is left out, or a linear layer with one of five activations, or a \
            bottleneck.
            """,
            "mlp(depth: 2).size  # => 49") { call in
            let (width, depth, classes) = (try call.extent(0), try call.extent(1), try call.int(2, atLeast: 2))
            return call.object(SpaceObject(
                try MLP.space(width: width, depth: depth, classes: classes),
                recipe: "mlp(width: \(width), depth: \(depth), classes: \(classes))"))
        },
        .property("space.size", "The number of paths.") { call in
            try call.receiver(SpaceObject.self).space.size.map(Value.int) ?? .nil
        },
        .property("space.name", "The name of the space.") { call in call.string(try call.receiver(SpaceObject.self).space.name) },
        .property("space.choices", "For each choice, the names of its candidates.") { call in
            let choices = try call.receiver(SpaceObject.self).space.choices
            return try call.list(choices.map { try call.list($0.candidates) })
        },
        .method("space.path", "arch",
            "The path given by a text in the space's notation, or by a list of the candidates' names or numbers.") { call in
            let space = try call.receiver(SpaceObject.self).space
            return call.path(try call.path(call[1], of: space, argument: 1), in: space)
        },
        .method("space.neighbours", "path", "All paths that differ from `path` in one choice.") { call in
            let space = try call.receiver(SpaceObject.self).space
            return try call.list(space.neighbours(of: try call.path(call[1], of: space, argument: 1)).map { call.path($0, in: space) })
        },
        .method("space.canonical", "path",
            """
            A text that is the same for two paths exactly when their networks compute the same function of the same layers: dead and \
            identity edges are gone, and the order of a sum does not count.
            """) { call in
            let space = try call.receiver(SpaceObject.self).space
            return call.string(space.canonical(try call.path(call[1], of: space, argument: 1)))
        },
        .method("space.isomorphic", "a, b",
            "Whether the networks of two paths compute the same function of the same layers: whether their canonical forms are equal.",
            "let space = nasbench201()\nspace.isomorphic([3, 0, 0, 3, 0, 0], [0, 0, 0, 3, 0, 0])  # => true") { call in
            let space = try call.receiver(SpaceObject.self).space
            return .bool(
                space.canonical(try call.path(call[1], of: space, argument: 1)) == space.canonical(
                try call.path(call[2], of: space, argument: 2)))
        },
        .method("space.distance", "a, b", "The number of choices in which two paths differ.",
            "let space = nasbench201()\nspace.distance(space[0], space[6])  # => 2") { call in
            let space = try call.receiver(SpaceObject.self).space
            return .int(space.distance(try call.path(call[1], of: space, argument: 1), try call.path(call[2], of: space, argument: 2)))
        },
        .method("space.encode", "paths, as: \"one_hot\"",
            """
            A path as numbers: for each candidate of each choice 1 if it is chosen and 0 if not or, with `as: "index"`, the numbers of the \
            chosen candidates. A list of paths gives a list.
            """,
            "mlp(depth: 1).encode(\"layer1=relu\")  # => [0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0]") { call in
            let space = try call.receiver(SpaceObject.self).space
            let encoding: Encoding = try call.option(2)
            return try call.each(1, of: space) { path in
                try encoding == .index ? call.list(path.choices.map { Int($0) }) : call.list(space.oneHot(path))
            }
        },
        .method("space.params", "paths, input: [32, 32, 3]",
            """
            The number of trained parameters of a path's stand-alone network, including biases and affine normalisation, for images of the \
            shape `input`. A list of paths gives a list.
            """,
            "nasbench201(channels: 16, cells: 5).params([0, 0, 0, 0, 0, 0])  # => 73306") { call in try call.costs(\.parameters) },
        .method("space.flops", "paths, input: [32, 32, 3]",
            "The multiply-adds of the convolutions and linear layers of a path's network for one image. A list of paths gives a list.",
            "mlp(width: 64, depth: 1).flops(\"layer1=skip\", input: [8, 8, 1])  # => 4736") { call in try call.costs(\.flops) },
        .method("space.depth", "paths, input: [32, 32, 3]",
            "The largest number of convolutions and linear layers between the image and the classes. A list of paths gives a list.",
            "mlp(width: 64, depth: 1).depth(\"layer1=bottleneck\")  # => 4") { call in try call.costs(\.depth) },
        .method("space.diagram", "path", "A drawing of a path's network, as text.") { call in
            let space = try call.receiver(SpaceObject.self).space
            return call.string(try space.diagram(try call.path(call[1], of: space, argument: 1)))
        },
        .method("space.build", "path, input: [8, 8, 1], from: nil",
            """
            The stand-alone network of a path, with weights of its own and affine normalisation with running statistics. It has the \
            members of a supernet; `step` and `rank` take its path. With `from`, it starts from the path's weights in a supernet.
            """,
            """
            let space = mlp(depth: 2)
            let path = space.path("layer1=relu layer2=skip")
            let net = space.build(path)
            for batch in batches(digits().train, size: 20) { net.step(path, batch, lr: 0.1) }
            net.rank(path, digits().valid).top1 > 60  # => true
            """) { call in
            let space = try call.receiver(SpaceObject.self)
            let path = try call.path(call[1], of: space.space, argument: 1)
            let net = try Supernet(space: space.space, input: try call.imageShape(2), path: path, generator: &call.vm.generator.generator)
            net.cancellation = call.vm.interruption
            if call.isGiven(3) { try net.inherit(from: try call.object(3, as: SupernetObject.self, "a supernet").net, path: path) }
            return call.object(SupernetObject(net, space: space))
        },
        .property("path.operations", "The names of the chosen candidates, one for each choice.") { call in
            try call.receiver(PathObject.self).operations(call)
        },
        .property("path.choices", "The numbers of the chosen candidates, one for each choice.") { call in
            try call.list(try call.receiver(PathObject.self).path.choices.map { Value.int(Int($0)) })
        },
    ]

    private enum Encoding: String, CaseIterable { case index, oneHot = "one_hot" }
}
