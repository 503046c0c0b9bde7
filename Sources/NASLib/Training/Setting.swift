/// A setting that may vary over a training: a function of its progress, which is epoch / epochs, from 0 to below 1.
public struct Setting: ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral {
    private let function: (_ progress: Double) throws -> Double

    public init(_ function: @escaping (_ progress: Double) throws -> Double) { self.function = function }
    public init(_ schedule: Schedule) { self.init(schedule.value(at:)) }
    public init(_ constant: Double) { self.init { _ in constant } }
    public init(floatLiteral value: Double) { self.init(value) }
    public init(integerLiteral value: Int) { self.init(Double(value)) }

    public func value(at progress: Double) throws -> Double { try function(progress) }

    /// The value of a setting that has to be a finite number of at least 0.
    func nonNegative(_ name: String, at progress: Double) throws -> Double {
        let value = try function(progress)
        require(value >= 0 && value.isFinite, "\(name) must be at least 0, not \(value)")
        return value
    }
}
