import NASLib
import Runtime
import Text

extension Library {
    /// How good a ranking is, and how sure that is.
    static let evaluation: [Builtin] = [
        .fn("weighted_kendall", "predicted, truth",
            """
            Kendall's tau with weights for the top (Vigna, 2015): a pair of ranks r and s, counted from 1, weighs 1 / r + 1 / s, averaged \
            over the ranks by either list. nan if a list is constant.
            """,
            "round(weighted_kendall([1, 2, 3, 4], [2, 1, 3, 4]), digits: 3)  # => 0.813") { call in
            let (predicted, truth) = try rankings(call)
            return .float(try Correlation.weightedKendall(predicted, truth, check: call.vm.checkInterruption))
        },
        .fn("precision_at", "predicted, truth, k",
            """
            P@K: the share of the `k` best architectures that are among the `k` with the highest predictions. A `k` below 1 is a share of \
            all.
            """,
            "precision_at([5, 4, 3, 2], [90, 70, 80, 60], 2)  # => 0.5") { call in
            let (predicted, truth) = try rankings(call)
            return .float(try TopRanks.precision(predicted, truth, k: try top(2, of: truth.count, call), check: call.vm.checkInterruption))
        },
        .fn("best_rank", "predicted, truth, k",
            """
            BR@K: the best true rank, from 1, among the `k` with the highest predictions, divided by the number of all. A `k` below 1 is a \
            share of all.
            """,
            "best_rank([5, 4, 3, 2], [70, 80, 90, 60], 2)  # => 0.5") { call in
            let (predicted, truth) = try rankings(call)
            return .float(try TopRanks.bestRank(predicted, truth, k: try top(2, of: truth.count, call), check: call.vm.checkInterruption))
        },
        .fn("regret", "predicted, truth, k: 1",
            "How much the best of the `k` with the highest predictions falls short of the best of all.",
            "regret([5, 4, 3, 2], [70, 80, 90, 60])  # => 20.0") { call in
            let (predicted, truth) = try rankings(call, withSizes: true)
            return .float(try TopRanks.regret(predicted, truth, k: try top(2, of: truth.count, call), check: call.vm.checkInterruption))
        },
        .fn("binned_kendall", "predicted, truth, bins: 400",
            """
            Kendall's tau among the best of each of `bins` equal intervals of the truth, as in SUMNAS: many architectures of similar \
            accuracy count as one. Infinite truths are in the first and the last interval.
            """,
            "binned_kendall([1, 9, 2, 3], [10, 10.1, 20, 30], bins: 3)  # => -0.3333333333333333") { call in
            let (predicted, truth) = try rankings(call, withSizes: true)
            let bins = try call.int(2, atLeast: 1)
            guard bins <= 1_000_000 else { throw call.invalid(2, "'bins' goes up to 1000000") }
            return .float(try TopRanks.binnedKendall(predicted, truth, bins: bins, check: call.vm.checkInterruption))
        },
        .fn("noise_ceiling", "runs, resamples: 100",
            """
            How well a ranking without any error would agree with a noisy truth. `runs` are lists of equal length with repeated \
            measurements of the same architectures, such as a benchmark's columns for each seed. Returns the mean Kendall's tau `between` \
            two runs, and the expected tau of the noise-free values with a `single` run and with the `mean` of all runs; the latter is the \
            ceiling for a method judged by that mean. Assumes that the noise is independent, has mean zero, and is as large as the spread \
            of each architecture's runs; `resamples` sets of runs are simulated with the ambient generator.
            """,
            """
            seed(0)
            let truth = benchmark("digits")
            let archs = sample(truth.paths, 400)
            let c = noise_ceiling([truth.lookup(archs, "test_seed{i}") for i in 0..3], resamples: 20)
            c.between < c.single and c.single < c.mean  # => true
            """) { call in
            let runs = try call.sequence(0).array.map { try call.doubles($0, argument: 0) }
            let count = runs.first?.count ?? 0
            guard runs.count > 1, count > 1, runs.allSatisfy({ $0.count == count }) else {
                throw call.invalid(0, "'runs' must be 2 or more lists of one length, of at least 2 numbers each")
            }
            guard runs.allSatisfy({ $0.allSatisfy(\.isFinite) }) else { throw call.invalid(0, "'runs' must hold finite numbers only") }
            let resamples = try call.int(1, atLeast: 2)
            try Limit.check(times: resamples, call, argument: 1)
            let ceiling = try NoiseCeiling(
                runs: runs, resamples: resamples, using: &call.vm.generator.generator, check: call.vm.checkInterruption)
            return call.map(["between": .float(ceiling.between), "single": .float(ceiling.single), "mean": .float(ceiling.mean)])
        },
        .fn("bootstrap", "f, xs, ys: nil, resamples: 1000, level: 0.95, method: \"percentile\"",
            """
            The uncertainty of a statistic: `f(xs)`, or `f(xs, ys)` for pairs, is computed on `resamples` samples drawn with replacement \
            by the ambient generator. Returns its `value` on all numbers, the interval from `low` to `high` between quantiles that holds \
            the share `level` of the samples, and their standard deviation `error`. `method: "bca"` corrects the quantiles for the \
            statistic's bias and skewness (BCa, Efron 1987), which covers better for skewed numbers; it also computes `f` without each \
            number in turn. Samples for which `f` is nan are left out, with a warning; if nan is among the numbers, or `f` of all of them \
            is nan, so are the interval and the error.
            """,
            """
            seed(0)
            let tau = bootstrap(kendall, 0..50, [x + 10 * sin(x) for x in 0..50])
            tau.low < tau.value and tau.value < tau.high  # => true
            let skewed = bootstrap(mean, [1, 1, 2, 2, 3, 9], method: "bca")
            skewed.high - skewed.value > skewed.value - skewed.low  # => true
            """) { call in
            let function = try call.function(0)
            var lists = [try call.doubles(1)]
            if call.isGiven(2) { lists.append(try call.doubles(2)) }
            let count = lists[0].count
            guard lists.allSatisfy({ $0.count == count }) else {
                throw RuntimeError(.shape, "'xs' has \(count) numbers and 'ys' has \(lists[1].count)",
                    hint: "they must be of the same length", argument: 2)
            }
            guard count > 1 else { throw call.invalid(1, "a bootstrap needs at least 2 numbers") }
            let resamples = try call.int(3, atLeast: 2)
            try Limit.check(times: resamples, call, argument: 3)
            let level = try call.level(4)
            let method: BootstrapMethod = try call.option(5)
            func statistic(_ indices: [Int]) throws -> Double {
                try number(function, of: lists.map { list in indices.map { list[$0] } }, call, argument: 0)
            }
            let value = try statistic(Array(0..<count))
            let samples = try shared(resamples, "bootstrap", call,
                draw: { (0..<count).map { _ in call.vm.generator.generator.below(count) } }, statistic)
            // Of two equal numbers, say, there is no correlation.
            let defined = samples.filter { !$0.isNaN }
            // But what f gives for all numbers, or for samples of numbers with nan among them, is nan because it is not known.
            let hasNaN = lists.contains { $0.contains(where: \.isNaN) }
            if (hasNaN && defined.count < resamples) || (value.isNaN && defined.count > 1) {
                return call.map(["value": .float(value), "low": .float(.nan), "high": .float(.nan), "error": .float(.nan)])
            }
            if defined.count < resamples {
                call.vm.emit(
                    .warning("bootstrap: 'f' is not defined for \(resamples - defined.count) of \(resamples) samples, which are left out"))
            }
            guard defined.count > 1 else { throw call.invalid(0, "'f' is defined for \(defined.count) of \(resamples) samples") }
            let sample = Sample(defined)
            if Set(defined).count == 1 {
                call.vm.emit(.warning("bootstrap: 'f' is the same for all samples, so the interval says nothing"))
            }
            var shares = [(1 - level) / 2, (1 + level) / 2]
            if method == .bca {
                let leftOut = try (0..<count).map { left in try statistic((0..<count).filter { $0 != left }) }
                shares = BCaInterval(value: value, samples: defined, leftOut: leftOut).shares(level: level)
            }
            let isDefined = !shares.contains(where: \.isNaN)
            if !isDefined {
                call.vm.emit(.warning(
                    """
                    bootstrap: there is no BCa interval: all samples are on one side of the value, or 'f' is the same or nan without one \
                    of the numbers
                    """))
            }
            let ends = isDefined ? try sample.quantiles(shares, check: call.vm.checkInterruption) : [.nan, .nan]
            return call.map(
                ["value": .float(value), "low": .float(ends[0]), "high": .float(ends[1]), "error": .float(sample.standardDeviation)])
        },
    ]

    /// What a function of lists gives, which must be a number.
    static func number(_ function: Value, of lists: [[Double]], _ call: Call, argument: Int) throws -> Double {
        let mark = call.vm.protected.count
        defer { call.vm.protected.removeLast(call.vm.protected.count - mark) }
        var arguments: [Value] = []
        for list in lists {
            try arguments.append(call.list(list))
            call.protect(arguments[arguments.count - 1])
        }
        let result = try call.vm.call(function, arguments)
        guard let number = result.number else {
            throw RuntimeError(.type, "'f' must give a number, not \(call.describe(result))", argument: argument)
        }
        return number
    }

    /// Of the predictions only the order counts; of the truth, in some measures, also how large it is.
    private static func rankings(_ call: Call, withSizes: Bool = false) throws -> (predicted: [Double], truth: [Double]) {
        let (predicted, truth) = (try call.ordered(0), withSizes ? try call.doubles(1) : try call.ordered(1))
        guard predicted.count == truth.count else {
            throw RuntimeError(.shape, "'predicted' has \(predicted.count) numbers and 'truth' has \(truth.count)",
                hint: "they must be of the same length", argument: 1)
        }
        guard !predicted.isEmpty else { throw call.invalid(0, "there is nothing to rank") }
        for (i, list) in [predicted, truth].enumerated() {
            if let place = list.firstIndex(where: \.isNaN) {
                throw call.invalid(i, "nan at position \(place) of '\(call.signature.parameters[i].name)' has no rank")
            }
        }
        return (predicted, truth)
    }

    /// How many are at the top: a number of them, or a share of all, at least one.
    private static func top(_ index: Int, of count: Int, _ call: Call) throws -> Int {
        let k = try call.double(index)
        if k > 0, k < 1 { return max(1, Int(saturating: (k * Double(count)).rounded())) }
        guard k >= 1, let whole = Int(exactly: k), whole <= count else {
            throw call.invalid(index,
                "'k' must be a whole number from 1 to \(count), or a share below 1, not \(call.describe(call[index]))")
        }
        return whole
    }
}
