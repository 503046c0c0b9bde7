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

/// What is wrong with data or with a request for it.
public struct DataError: Error, Sendable {
    public let message: String
    public let hint: String?
    /// The parameter at fault, as the language calls it, where it is one alone.
    public let parameter: String?

    public init(_ message: String, hint: String? = nil, parameter: String? = nil) {
        self.message = message
        self.hint = hint
        self.parameter = parameter
    }
}
