import NASLib
import Runtime
import Text

/// Supernets that share the paths of a space between them, as few-shot NAS trains.
final class FamilyObject: HostObject, Trainable {
    let family: SupernetFamily
    let space: SpaceObject
    let nets: [SupernetObject]

    init(_ family: SupernetFamily, space: SpaceObject) {
        self.family = family
        self.space = space
        nets = family.nets.map { SupernetObject($0, space: space) }
    }

    override var typeName: String { "supernet_family" }
    override var description: String { "<family of \(nets.count) supernets over \(space.description)>" }
    override var count: Int? { nets.count }
    override var footprint: Int { nets.reduce(0) { $0 + $1.footprint } }
}

extension FamilyObject: StatefulObject { var state: any Checkpointable { family } }

extension Call {
    /// A choice, by its number or its name.
    fileprivate func choice(_ index: Int, of space: any NetworkSpace) throws -> Int {
        if self[index].tag == .int, space.choices.indices.contains(self[index].asInt) { return self[index].asInt }
        if self[index].tag == .string, let i = space.choices.firstIndex(where: { $0.name.isSame(as: self[index].asString.text) }) {
            return i
        }
        guard self[index].tag == .int || self[index].tag == .string else {
            throw wrongType(index, expected: "the number or the name of a choice")
        }
        let names = space.choices.map(\.name)
        throw invalid(
            index, "\(space.name) has no choice \(Printer.literal(self[index], limit: 60))",
            hint: "choices are 0 to \(names.count - 1), called \(names.prefix(8).joined(separator: ", "))\(names.count > 8 ? ", …" : "")")
    }

    /// A choice's candidates in groups; each by itself where none are given.
    fileprivate func groups(_ index: Int, of choice: Choice) throws -> [Set<UInt8>] {
        guard isGiven(index) else { return choice.candidates.indices.map { [UInt8($0)] } }
        let groups = try list(index).array.map { group in
            guard group.tag == .list else { throw wrongType(index, expected: "a list of lists of candidates") }
            return Set(try group.asList.array.map { try candidate($0, of: choice, argument: index) })
        }
        guard !groups.contains([]), groups.reduce(0, { $0 + $1.count }) == choice.candidates.count,
            groups.reduce(Set(), { $0.union($1) }).count == choice.candidates.count else {
            throw invalid(index, "each of the \(choice.candidates.count) candidates of choice \(choice.name) must be in exactly one group")
        }
        return groups
    }

    fileprivate func split(_ net: any Trainable) throws -> Value {
        let choice = try choice(1, of: net.space.space)
        let groups = try groups(2, of: net.space.space.choices[choice])
        return object(FamilyObject(try net.family.split(choice: choice, groups: groups), space: net.space))
    }
}

extension Library {
    /// Splitting supernets.
    static let families: [Builtin] = [
        .method("supernet.copy", "", "A separate supernet with the same weights, without momentum.") { call in
            let supernet = try call.receiver(SupernetObject.self)
            return call.object(SupernetObject(try supernet.net.copy(), space: supernet.space))
        },
        .method("supernet.split", "choice, groups: nil",
            """
            Few-shot NAS: a family of supernets, each with the paths through some candidates of one choice (its number or name). They \
            start from copies of this supernet's weights. `groups` are lists of candidates; by default each candidate gets its own \
            supernet. A family is trained and ranked like a supernet: each path goes to the supernet that holds it. It can be split again.
            """,
            """
            let space = nasbench201(channels: 8, cells: 1)
            let family = supernet(space).split(0, [["none", "skip_connect"], ["nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3"]])
            len(family)  # => 2
            train(family, digits(), epochs: 1, batch: 300).stopped  # => nil
            """) { call in try call.split(try call.receiver(SupernetObject.self)) },
        .method("supernet.gradient_similarity", "choice, path, batch",
            """
            The cosine between the gradients of the path with each two candidates of a choice, over the weights that belong to other \
            choices or to none: how much candidates agree on their shared weights (GM-NAS). A tensor, with 0 where a gradient is zero and \
            nan where one is not finite.
            """,
            """
            let space = nasbench201(channels: 8, cells: 1)
            let net = supernet(space)
            for batch in batches(digits().train, size: 901) { print(net.gradient_similarity(0, space[7812], batch).shape) }  # prints: [5, \
            5]
            """) { call in
            let supernet = try call.receiver(SupernetObject.self)
            let space = supernet.space.space
            let path = try call.path(call[2], of: space, argument: 2)
            let rows = try supernet.net.gradientSimilarity(choice: try call.choice(1, of: space), path: path, batch: try call.batch(3))
            return call.object(TensorObject(Tensor(shape: [rows.count, rows.count], values: rows.flatMap { $0.map { Float($0) } })))
        },
        .method("supernet_family.split", "choice, groups: nil", "Splits every supernet of the family, see `supernet.split`.") { call in
            try call.split(try call.receiver(FamilyObject.self))
        },
        .method("supernet_family.step", Library.stepParameters,
            "A training step of a path, or of several paths, each with the supernet that holds it, see `supernet.step`.") {
            try Library.step($0)
        },
        .method("supernet_family.rank", "paths, data, batch: 512",
            "Evaluates each path with the supernet that holds it, see `supernet.rank`.") {
            try Library.rank($0)
        },
        .method("supernet_family.sample_losses", "path, batch",
            "The cross-entropy of each example with the supernet that holds the path.") {
            try Library.sampleLosses($0)
        },
        .property("supernet_family.nets", "The supernets.") { call in
            try call.list(try call.receiver(FamilyObject.self).nets.map { call.object($0) })
        },
        .property("supernet_family.space", "The space whose paths the supernets of the family share.") { call in
            call.object(try call.receiver(FamilyObject.self).space)
        },
    ]
}
