/// Shapes that do not fit, told with both of them.
public struct ShapeError: Error, Sendable {
    public let message: String
    public init(_ message: String) { self.message = message }
}

/// A tensor of more than `Tensor.limit` elements.
public struct SizeError: Error, Sendable {
    public let message: String
}
