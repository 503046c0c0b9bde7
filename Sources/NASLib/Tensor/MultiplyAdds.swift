/// Counts the multiply-adds of matrix products, to which index notation and convolution come down as well.
package final class MultiplyAdds {
    private var total = 0

    @TaskLocal private static var counter: MultiplyAdds?

    /// What `body` gives, and the multiply-adds of the products that it asks for on this thread.
    package static func count<Result>(_ body: () throws -> Result) rethrows -> (result: Result, multiplyAdds: Int) {
        let counter = MultiplyAdds()
        let result = try $counter.withValue(counter, operation: body)
        return (result, counter.total)
    }

    /// Of `count` products [rows, inner] [inner, columns].
    static func note(_ count: Int, rows: Int, inner: Int, columns: Int) { counter?.total += count * rows * inner * columns }
}

extension MultiplyAdds: @unchecked Sendable {}
