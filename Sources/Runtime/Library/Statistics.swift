import Foundation
import Lang
import NASLib

extension Library {
    static let statistics: [Builtin] = [
        .fn("mean", "x", "The mean of a distribution (of one over lists, that of each component), or of a sequence of numbers.", "mean([1, 2, 6])  # => 3.0") { call in
            if let tensor = call.tensorIfGiven(0), tensor.count > 0 { return call.value(try tensor.mean()) }
            if let vectors = vectors(call) { return call.list(vectors.mean) }
            if let moments = try moments(call) { return moments.mean.map(Value.float) ?? .nil }
            let xs = try numbers(0, call)
            return .float(xs.reduce(0, +) / Double(xs.count))
        },
        .fn("variance", "x", "The variance of a distribution, or of a sequence of numbers, with the divisor n - 1.", "variance([1, 2, 3])  # => 1.0") { call in
            if let tensor = call.tensorIfGiven(0), tensor.count > 1 { return call.value(try tensor.variance()) }
            if let vectors = vectors(call) { return call.list(vectors.variance) }
            if let moments = try moments(call) { return moments.variance.map(Value.float) ?? .nil }
            return .float(try variance(call))
        },
        .fn("std", "x", "The square root of the variance.", "std(normal(0, 2))  # => 2.0") { call in
            if let tensor = call.tensorIfGiven(0), tensor.count > 1 { return call.value(try tensor.deviation()) }
            if let vectors = vectors(call) { return call.list(vectors.variance.map { $0.squareRoot() }) }
            if let moments = try moments(call) { return moments.variance.map { .float($0.squareRoot()) } ?? .nil }
            return .float(try variance(call).squareRoot())
        },
        .fn("median", "sequence", "The middle of the numbers in order.", "median([3, 1, 2])  # => 2.0") { call in .float(try quantile(call, 0.5)) },
        .fn("quantile", "sequence, p", "The number below which the share p of the numbers lies, on straight lines between them.", "quantile([0, 10], 0.25)  # => 2.5") { call in
            let p = try call.double(1)
            guard (0...1).contains(p) else { throw call.invalid(1, "'p' must be from 0 to 1, not \(p)") }
            return .float(try quantile(call, p))
        },
        .fn("kendall", "xs, ys", "Kendall's rank correlation tau-b: 1 for the same order, -1 for the reverse; ties are counted right. nan when a list is constant.",
            "kendall([1, 2, 3], [10, 30, 20])  # => 0.3333333333333333") { call in .float(try correlation(call, Correlation.kendall)) },
        .fn("spearman", "xs, ys", "Spearman's rank correlation.", "spearman([1, 2, 3], [10, 30, 20])  # => 0.5") { call in .float(try correlation(call, Correlation.spearman)) },
        .fn("pearson", "xs, ys", "Pearson's linear correlation.", "pearson([1, 2, 3], [2, 4, 6])  # => 1.0") { call in .float(try correlation(call, Correlation.pearson)) },
    ]

    private static func moments(_ call: Call) throws -> (any Moments)? {
        guard call[0].tag == .host else { return nil }
        return call[0].hostObject as? any Moments
    }

    private static func vectors(_ call: Call) -> (any VectorDistribution)? {
        call[0].tag == .host ? (call[0].hostObject as? VectorDistributionObject)?.distribution : nil
    }

    private static func numbers(_ index: Int, _ call: Call) throws -> [Double] {
        let xs = try call.doubles(index)
        guard !xs.isEmpty else { throw call.invalid(index, "the \(call.name) of no numbers is not defined") }
        return xs
    }

    private static func variance(_ call: Call) throws -> Double {
        let xs = try numbers(0, call)
        guard xs.count > 1 else { throw call.invalid(0, "the \(call.name) of one number is not defined") }
        let mean = xs.reduce(0, +) / Double(xs.count)
        return xs.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(xs.count - 1)
    }

    private static func quantile(_ call: Call, _ p: Double) throws -> Double {
        let xs = try numbers(0, call).sorted()
        guard !xs.contains(where: \.isNaN) else { return .nan }
        let position = p * Double(xs.count - 1)
        let below = Int(position)
        return below + 1 < xs.count ? xs[below] + (xs[below + 1] - xs[below]) * (position - Double(below)) : xs[below]
    }

    private static func correlation(_ call: Call, _ f: ([Double], [Double]) -> Double) throws -> Double {
        let (xs, ys) = (try call.doubles(0), try call.doubles(1))
        guard xs.count == ys.count else {
            throw RuntimeError(.shape, "'xs' has \(xs.count) numbers and 'ys' has \(ys.count)", hint: "they must be of the same length", argument: 1)
        }
        return f(xs, ys)
    }
}
