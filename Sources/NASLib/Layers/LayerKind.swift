/// A kind of layer with its settings, as a space declares it: it knows no shapes and holds no numbers.
///
/// A layer is one file: how it is written, the shapes it gives, what it costs, its arrays of numbers, its equation, and its derivative
/// beside it. A network that is built for images of some shape has a `PlannedLayer` of each kind; a layer without parameters that computes
/// every image by itself, an `ImageLayer`, is its own.
protocol LayerKind: Hashable, Sendable {
    /// The layer in padash's notation, such as `conv(16, kernel: 3)`.
    var description: String { get }
    /// The shape of its outputs. Throws where images of that shape do not fit.
    func outputShape(for input: ImageShape) throws -> ImageShape
    /// The layer for images of a shape, without a place in a store yet. `isAlone`: in a network of one path, where normalisation is affine
    /// and has running statistics.
    func planned(for input: ImageShape, isAlone: Bool) throws -> any PlannedLayer
    /// The multiply-adds of its products for one image.
    func multiplyAdds(for input: ImageShape) throws -> Int
    /// Whether it counts in the depth of a network.
    var addsDepth: Bool { get }
    /// Whether there is anything to train in a supernet.
    var hasParameters: Bool { get }
    /// Whether an image of zeros gives zeros, as far as that is told from the settings alone; gamma and beta that only stand-alone networks
    /// have count as none.
    var keepsZero: Bool { get }
    /// Whether two of its kind are two layers also where they do the same: in a stand-alone network, whose normalisation is affine by
    /// itself.
    var isItsOwn: Bool { get }
    /// Whether it may as well be applied to each part of a sum.
    var isLinearWithoutWeights: Bool { get }
}

extension LayerKind {
    func outputShape(for input: ImageShape) throws -> ImageShape { input }
    func multiplyAdds(for input: ImageShape) throws -> Int { 0 }
    var addsDepth: Bool { false }
    var hasParameters: Bool { false }
    var keepsZero: Bool { true }
    var isItsOwn: Bool { hasParameters }
    var isLinearWithoutWeights: Bool { false }

    func isEqual(to other: any LayerKind) -> Bool { other as? Self == self }

    /// `conv(16, kernel: 3)` from the name and the arguments that are not nil.
    func call(_ name: String, _ arguments: String?...) -> String { "\(name)(\(arguments.compactMap(\.self).joined(separator: ", ")))" }

    func failure(_ message: String) -> NASError { NASError(.shape, "\(description): \(message)") }
}

extension LayerKind where Self: PlannedLayer {
    var keepsZero: Bool { true }
    func planned(for input: ImageShape, isAlone: Bool) throws -> any PlannedLayer { self }
}

/// A layer as a space declares it. Each kind has its own way to be written, in its file: `.maximumPool(kernel: 3, stride: 2, padding: 1)`.
public struct DeclaredLayer: Hashable, Sendable, CustomStringConvertible {
    let kind: any LayerKind

    init(_ kind: any LayerKind) { self.kind = kind }

    /// The layer in padash's notation, such as `conv(16, kernel: 3)`.
    public var description: String { kind.description }
    public static func == (a: DeclaredLayer, b: DeclaredLayer) -> Bool { a.kind.isEqual(to: b.kind) }
    public func hash(into hasher: inout Hasher) { kind.hash(into: &hasher) }
}
