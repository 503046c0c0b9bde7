import NASLib
import Runtime

extension Library {
    /// Whether two lists of numbers differ by more than chance.
    static let statisticalTests: [Builtin] = [
        .fn("t_test", "xs, ys, paired: false, equal_variances: false, level: 0.95",
            """
            Student's two-sided t-test of whether two means differ: Welch's test for independent lists, or the test with the pooled \
            variance if `equal_variances` is true. With `paired`, for example for two methods under the same seeds, it tests whether the \
            mean of xs[i] - ys[i] is 0. Returns the `statistic` t, its degrees of freedom `df`, the `p_value`, and the `difference` of the \
            means with its interval from `low` to `high`. If there is no spread, t is infinite, or nan if the means are equal.
            """,
            """
            let test = t_test([5, 7, 9], [4, 5, 6], paired: true)
            round(test.p_value, digits: 4)  # => 0.0742
            [test.difference, test.low < 0, test.df]  # => [2.0, true, 2.0]
            """) { call in
            let isPaired = try call.bool(2)
            let (xs, ys) = isPaired ? try pairs(call, atLeast: 2) : try lists(call, atLeast: 2)
            if isPaired { try call.refuse(3, unless: "of pairs there is one variance, that of their differences") }
            let test = isPaired ? TTest(pairs: xs, ys) : TTest(xs, ys, equalVariances: try call.bool(3))
            let interval = test.interval(level: try call.level(4))
            return record(
                [
                    "statistic": test.statistic, "df": test.degreesOfFreedom, "p_value": test.pValue, "difference": test.difference,
                    "low": interval.low, "high": interval.high,
                ],
                call)
        },
        .fn("wilcoxon", "xs, ys",
            """
            Wilcoxon's two-sided signed rank test for pairs: whether xs[i] - ys[i] is distributed evenly around 0. Differences of 0 are \
            left out, and the others are ranked by size. Returns the `statistic`, the smaller of the rank sums of positive and of negative \
            differences, the `p_value`, whether that is `exact`, and the mean `difference`. The p-value is exact for up to 50 pairs \
            without ties and zeros, and for up to 13 pairs of any kind; otherwise it is the normal approximation.
            """,
            "wilcoxon([5, 7, 9, 12], [4, 5, 6, 8])  # => {statistic: 0.0, p_value: 0.125, exact: true, difference: 2.5}") { call in
            let (xs, ys) = try pairs(call, atLeast: 1)
            let differences = zip(xs, ys).map { $0 - $1 }
            let test = try SignedRankTest(differences, check: call.vm.checkInterruption)
            return call.map([
                "statistic": .float(test.statistic), "p_value": .float(test.pValue), "exact": .bool(test.isExact),
                "difference": .float(Sample(differences).mean),
            ])
        },
        .fn("permutation_test", "xs, ys, f: nil, paired: false, resamples: 9999",
            """
            A permutation test of whether two lists differ by more than chance: `f(xs, ys)`, by default the difference of the means, is \
            computed again for other assignments of the numbers to the lists, or with `paired` after swapping xs[i] and ys[i] in some \
            pairs. If there are at most `resamples` assignments, all are used; otherwise that many are drawn from the ambient generator, \
            and the observed one is added to them. Returns f's `statistic`, the `p_value`, which is twice the share of assignments at \
            least as extreme on its side, the number of `resamples`, whether they are all (`exact`), and the `difference` of the means. \
            Assignments for which f is nan are left out, with a warning.
            """,
            """
            permutation_test([5, 7, 9, 12], [4, 5, 6, 8], paired: true).p_value  # => 0.125
            permutation_test([1, 2, 9], [3, 10, 11], f: (a, b) => median(a) - median(b)).resamples  # => 20
            """) { call in
            let isPaired = try call.bool(3)
            let (xs, ys) = isPaired ? try pairs(call, atLeast: 1) : try lists(call, atLeast: 1)
            let function = call.isGiven(2) ? try call.function(2) : nil
            let resamples = try call.int(4, atLeast: 1)
            try Limit.check(times: resamples, call, argument: 4)
            let (numbers, exchange) = (xs + ys, isPaired ? Exchange.pairs(xs.count) : .lists(xs.count, ys.count))
            func statistic(_ way: [Int]) throws -> Double {
                let (first, second) = (way.prefix(xs.count).map { numbers[$0] }, way.dropFirst(xs.count).map { numbers[$0] })
                guard let function else { return Sample(first).mean - Sample(second).mean }
                return try number(function, of: [first, second], call, argument: 2)
            }
            let observed = try statistic(Array(numbers.indices))
            let areAll = exchange.count <= resamples
            let values = areAll
                ? try (0..<exchange.count).map { way in
                    try call.vm.checkInterruption()
                    return try statistic(exchange.way(way))
                }
                : try shared(resamples, "permutation_test", call, draw: { exchange.draw(using: &call.vm.generator.generator) }, statistic)
            let defined = values.filter { !$0.isNaN }
            if !observed.isNaN, defined.count < values.count {
                let undefined = values.count - defined.count
                call.vm.emit(.warning(
                    "permutation_test: 'f' is not defined for \(undefined) of \(values.count) assignments, which are left out"))
            }
            return call.map([
                "statistic": .float(observed), "p_value": .float(PermutationTest.pValue(observed, among: defined, areAll: areAll)),
                "resamples": .int(values.count), "exact": .bool(areAll), "difference": .float(Sample(xs).mean - Sample(ys).mean),
            ])
        },
        .fn("adjust", "p_values, method: \"holm\"",
            """
            The p-values of several tests, corrected for their number. `"holm"` controls the probability of any false finding, and \
            `"benjamini_hochberg"` the share of false findings. nan is skipped and stays nan.
            """,
            """
            adjust([0.01, 0.04, 0.03])  # => [0.03, 0.06, 0.06]
            adjust([0.01, 0.04, 0.03], "benjamini_hochberg")  # => [0.03, 0.04, 0.04]
            """) { call in
            let ps = try call.doubles(0)
            if let odd = ps.first(where: { $0 < 0 || $0 > 1 }) { throw call.invalid(0, "a p-value is from 0 to 1, not \(odd)") }
            let method: PValueCorrection = try call.option(1)
            return try call.list(try method.corrected(ps, check: call.vm.checkInterruption))
        },
    ]

    private static func lists(_ call: Call, atLeast least: Int) throws -> ([Double], [Double]) {
        let lists = try [call.doubles(0), call.doubles(1)]
        for (i, list) in lists.enumerated() where list.count < least {
            let (numbers, name) = (least == 1 ? "number" : "numbers", call.signature.parameters[i].name)
            throw call.invalid(i, "\(call.name) needs at least \(least) \(numbers) in each list, and '\(name)' has \(list.count)")
        }
        return (lists[0], lists[1])
    }
}

extension Call {
    /// The share of intervals that hold what they are for.
    func level(_ index: Int) throws -> Double {
        let level = try double(index)
        guard level > 0, level < 1 else { throw invalid(index, "'level' must be between 0 and 1, not \(level)") }
        return level
    }
}
