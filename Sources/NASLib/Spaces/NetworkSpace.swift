/// A space whose networks padash can build: it declares them as a block.
public protocol NetworkSpace: SearchSpace {
    /// The whole network, its classifier last.
    var body: Block { get }
    var classes: Int { get }
    /// Throws where its networks are not for images of that shape, or can have no weights.
    func checkImages(_ input: ImageShape) throws
    /// The functions of its networks' custom layers.
    var customFunctions: [any CustomFunction] { get }
    /// A text that is the same for two paths exactly when their networks compute the same function of the same layers, whatever the
    /// weights.
    func canonical(_ path: Path) -> String
}

extension NetworkSpace {
    public var customFunctions: [any CustomFunction] { [] }
    public func checkImages(_ input: ImageShape) throws {}

    /// What the stand-alone network of a path costs on images of a shape.
    public func cost(of path: Path, input: ImageShape) throws -> Cost {
        try check(path)
        return try NetworkBuilder.build(body, choices: choices, input: input, path: path, store: ParameterStore()).cost
    }

    /// Throws for a path of another space.
    public func check(_ path: Path) throws {
        guard path.choices.count == choices.count, zip(path.choices, choices).allSatisfy({ Int($0) < $1.candidates.count }) else {
            throw NASError(.shape, "the path is not one of \(name)")
        }
    }

    /// The network of all paths, or of one; then normalisation is affine and has running statistics.
    func makeNetwork(input: ImageShape, path: Path?, store: ParameterStore, generator: inout Generator) throws -> DeclaredNetwork {
        if let path { try check(path) }
        try checkImages(input)
        return try withUnsafeMutablePointer(to: &generator) {
            try NetworkBuilder.build(body, choices: choices, input: input, path: path, store: store, generator: $0).network
        }
    }
}
