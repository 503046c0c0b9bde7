import NASLib
import Runtime

extension Library {
    /// Whether two lists of numbers differ by more than chance.
    static let statisticalTests: [Builtin] = [
        .fn("t_test", "xs, ys, paired: false, equal_variances: false, level: 0.95",
            """
            Student's t-test of whether two means differ, two-sided: of lists drawn independently that of Welch, or with `equal_variances` that with \
            the pooled variance; with `paired`, such as of two methods under the same seeds, of whether the mean of xs[i] - ys[i] is 0. Gives the \
            `statistic` t, its degrees of freedom `df`, `p_value`, the probability of so great a one by chance, and the `difference` of the means with \
            its interval from `low` to `high`. Without any spread t is infinite, or nan where the means are the same, too.
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
                ["statistic": test.statistic, "df": test.degreesOfFreedom, "p_value": test.pValue, "difference": test.difference, "low": interval.low, "high": interval.high],
                call)
        },
        .fn("wilcoxon", "xs, ys",
            """
            Wilcoxon's signed rank test of pairs, two-sided: whether xs[i] - ys[i] lies as far above 0 as below. Differences of 0 are left out, the others \
            ranked by their size. Gives the `statistic`, the sum of the ranks of the positive or of the negative ones, whichever is less, `p_value`, \
            whether that is `exact`, and the mean `difference`. It is counted over all signs for up to 50 pairs without ties and zeros, and for up to 13 \
            of any; otherwise it is by the normal approximation.
            """,
            "wilcoxon([5, 7, 9, 12], [4, 5, 6, 8])  # => {statistic: 0.0, p_value: 0.125, exact: true, difference: 2.5}") { call in
            let (xs, ys) = try pairs(call, atLeast: 1)
            let differences = zip(xs, ys).map { $0 - $1 }
            let test = try SignedRankTest(differences, check: call.vm.checkInterruption)
            return call.map([
                "statistic": .float(test.statistic), "p_value": .float(test.pValue), "exact": .bool(test.isExact), "difference": .float(Sample(differences).mean),
            ])
        },
        .fn("permutation_test", "xs, ys, f: nil, paired: false, resamples: 9999",
            """
            Whether two lists differ by more than the chance of which number is in which of them: `f(xs, ys)`, unless given the difference of the means, \
            is computed anew with the numbers handed out to the lists in other ways, or with `paired` with xs[i] and ys[i] exchanged in some pairs. All \
            ways are taken where there are no more than `resamples`; otherwise so many are drawn from the ambient generator, and the one that is there \
            counts as another. Gives f's `statistic`, `p_value`, twice the share of the ways in which it is as far out on its side, the number of `resamples`, \
            whether these are all (`exact`), and the `difference` of the means. Ways for which f is nan are left out, with a warning.
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
                call.vm.emit(.warning("permutation_test: 'f' is not defined for \(values.count - defined.count) of \(values.count) ways to hand out the numbers, which are left out"))
            }
            return call.map([
                "statistic": .float(observed), "p_value": .float(PermutationTest.pValue(observed, among: defined, areAll: areAll)),
                "resamples": .int(values.count), "exact": .bool(areAll), "difference": .float(Sample(xs).mean - Sample(ys).mean),
            ])
        },
        .fn("adjust", "p_values, method: \"holm\"",
            """
            The p-values of several tests, corrected for how many they are. `"holm"` keeps the chance of even one false finding below a level, \
            `"benjamini_hochberg"` the share of false ones among the findings. nan is passed over and stays.
            """,
            "adjust([0.01, 0.04, 0.03])  # => [0.03, 0.06, 0.06]\nadjust([0.01, 0.04, 0.03], \"benjamini_hochberg\")  # => [0.03, 0.04, 0.04]") { call in
            let ps = try call.doubles(0)
            if let odd = ps.first(where: { $0 < 0 || $0 > 1 }) { throw call.invalid(0, "a p-value is from 0 to 1, not \(odd)") }
            let method: PValueCorrection = try call.option(1)
            return try call.list(try method.corrected(ps, check: call.vm.checkInterruption))
        },
    ]

    private static func lists(_ call: Call, atLeast least: Int) throws -> ([Double], [Double]) {
        let lists = try [call.doubles(0), call.doubles(1)]
        for (i, list) in lists.enumerated() where list.count < least {
            throw call.invalid(i, "\(call.name) needs at least \(least) number\(least == 1 ? "" : "s") in each list, and '\(call.signature.parameters[i].name)' has \(list.count)")
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
