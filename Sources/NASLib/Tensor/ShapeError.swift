/// Shapes that do not fit, told with both of them.
public struct ShapeError: Error, Sendable {
    public let message: String
    public init(_ message: String) { self.message = message }
}

/// More than there is room for.
public struct SizeError: Error, Sendable {
    public let message: String
    public let hint: String?
    public init(message: String, hint: String? = nil) { (self.message, self.hint) = (message, hint) }
}
