import Foundation
import NASLib
import Runtime
import Text

/// An expectation with its standard error.
final class EstimateObject: HostObject {
    let estimate: ImportanceEstimate
    let warnings: [String]

    init(_ estimate: ImportanceEstimate, warnings: [String]) { (self.estimate, self.warnings) = (estimate, warnings) }

    override var typeName: String { "estimate" }
    override var footprint: Int { 8 * estimate.weights.count }

    /// `0.1587 ± 0.0012 (n = 10000, ESS 7312, k 0.31)`, the error in two digits.
    override var description: String {
        var parts = ["n = \(estimate.count)"]
        if !estimate.weights.isEmpty {
            parts.append(
                """
                ESS \
                \(Numbers.significant(estimate.effectiveSampleSize, max(2, String(Int(saturating: estimate.effectiveSampleSize)).count)))
                """)
        }
        if let k = estimate.paretoK { parts.append("k \(Numbers.fixed(k, 2))") }
        return "\(numbers) (\(parts.joined(separator: ", ")))"
    }

    private var numbers: String {
        let (value, error) = (estimate.value, estimate.standardError)
        guard value.isFinite, error.isFinite, error > 1e-300 else {
            return "\(Numbers.significant(value, 6)) ± \(Numbers.significant(abs(error), 2))"
        }
        let size = Int(saturating: log10(max(abs(value), error)).rounded(.down))
        let exponent = (-4...6).contains(size) ? 0 : size
        let scale = pow(10, Double(exponent))
        let decimals = min(12, max(0, 1 - Int(saturating: (log10(error) - Double(exponent)).rounded(.down))))
        let text = "\(Numbers.fixed(value / scale, decimals)) ± \(Numbers.fixed(error / scale, decimals))"
        return exponent == 0 ? text : "(\(text))e\(exponent)"
    }
}

extension Call {
    /// An estimate from the values of f, with warnings of what makes it wrong: what it leaves out, if anything, an event that was never
    /// seen or never missed, too few draws that count or make its error, and terms with too heavy a tail.
    fileprivate func estimate(_ estimate: ImportanceEstimate, of values: [Double], isSelfNormalized: Bool = false,
        gap: String? = nil) -> Value {
        var warnings = gap.map { [$0] } ?? []
        let (n, isWeighted) = (estimate.count, !estimate.weights.isEmpty)
        // With weights that are not divided by their sum, f may well be 1 at all draws: of a proposal that draws nothing else.
        if gap == nil, let first = values.first, first == 0 || (first == 1 && (!isWeighted || isSelfNormalized)),
            values.allSatisfy({ $0 == first }) {
            let event = first == 0 ? "an event that was never seen may still have"
                : "an event that was never missed may still be missed with"
            warnings.append(
                """
                f was \(first == 0 ? 0 : 1) at all \(n) draws: \(event) a probability of up to 3 / n = \
                \(Numbers.significant(3 / Double(n), 2))\(isWeighted ? " under the proposal" : "")
                """)
        }
        let draws = estimate.effectiveTermCount
        let counted: String? = if draws > 0, draws < min(10, Double(n)) { "they count as \(Numbers.significant(draws, 2)) of \(n)" }
            // Of few draws, one is often far from the others.
            else if estimate.greatestShare > 0.5 + 3 / Double(n) {
                "one of \(n) makes \(Int(saturating: estimate.greatestShare * 100)) % of its variance"
            }
            else { nil }
        if let counted {
            warnings.append(
                "the estimate rests on few of the draws (\(counted)): neither it nor its standard error can be relied on; "
                    + "a proposal nearer to where the target and f are large helps, or more draws")
        }
        if let k = estimate.paretoK, let reason = heavyTail(k, of: n, "weighted values") {
            warnings.append(
                "\(reason): neither the estimate nor its standard error can be relied on; "
                    + "a proposal with heavier tails helps, or a mixture of it with the target")
        }
        for warning in warnings { vm.emit(.warning(warning)) }
        return object(EstimateObject(estimate, warnings: warnings))
    }
}

/// A sentence on the tail of n `terms` whose Pareto k is too high for so few (Vehtari et al., 2024); nil if it is not.
private func heavyTail(_ k: Double, of n: Int, _ terms: String) -> String? {
    let limit = min(0.7, 1 - 1 / log10(Double(n)))
    guard k > limit else { return nil }
    return k < .infinity
        ? "the \(terms) have too heavy a tail (Pareto k \(Numbers.fixed(k, 2)) is above \(Numbers.fixed(limit, 2)))"
        : "too few of the \(terms) stand out to tell how heavy their tail is (Pareto k inf)"
}

extension Call {
    /// Logarithms of weights: numbers, or -inf of a weight of 0.
    fileprivate func logWeights(_ index: Int) throws -> [Double] {
        let logWeights = try doubles(index)
        if let bad = logWeights.first(where: { $0.isNaN || $0 == .infinity }) {
            throw invalid(index, "the logarithm of a weight must be a number or -inf, not \(bad)")
        }
        return logWeights
    }
}

/// The two sides of an importance sampling run, as calls of a built-in give them.
private struct Sampling {
    let call: Call
    let isSelfNormalized: Bool
    let f: Value
    let target: Value
    /// What is drawn, held for the collector.
    let current: ListRef

    /// `f` and `target` are the arguments 0 and 1.
    init(_ call: Call, isSelfNormalized: Bool) throws {
        (self.call, self.isSelfNormalized) = (call, isSelfNormalized)
        f = try call.function(0)
        target = call[1]
        current = call.heap.list([Value.nil])
        call.protect(.list(current))
        if target.tag == .host, target.hostObject is any Probabilistic { return }
        guard [.closure, .builtin].contains(target.tag) else {
            throw call.wrongType(1, expected: "a distribution, or the logarithm of a density as a function")
        }
        guard isSelfNormalized else {
            throw call.invalid(1, "a function gives a density up to a factor only, which the plain estimate does not cancel",
                hint: "self_normalized: true does")
        }
    }

    func draw(from proposal: any Drawable) throws -> Value {
        try call.vm.checkInterruption()
        current[0] = try proposal.draw(call.vm)
        return current[0]
    }

    /// f(x), where true counts as 1 and false as 0.
    func value(of function: Value, at x: Value, argument: Int) throws -> Double {
        let result = try call.vm.call(function, [x])
        if let number = result.scalar { return number }
        guard result.tag == .true || result.tag == .false else {
            throw RuntimeError(.type, "'\(call.signature.parameters[argument].name)' must give a number, not \(call.describe(result))",
                argument: argument)
        }
        return result.tag == .true ? 1 : 0
    }

    func logTarget(_ x: Value) throws -> Double {
        if target.tag == .host, let distribution = target.hostObject as? any Probabilistic {
            return try distribution.logProbability(of: x, call, argument: 1)
        }
        return try value(of: target, at: x, argument: 1)
    }

    /// What the estimate leaves out: a point that the target may draw and none of the proposals does, where f is not 0 or the weights are
    /// divided by their sum. Looked for among the target's quantiles, far into its tails, or among draws of its own.
    func gap(_ proposals: [any Probabilistic], _ argument: Int) throws -> String? {
        guard target.tag == .host, let distribution = target.hostObject as? any Probabilistic else { return nil }
        for x in try points(distribution, proposals) {
            current[0] = x
            guard try proposals.allSatisfy({ try $0.logProbability(of: x, call, argument: argument) == -.infinity }) else { continue }
            guard try logTarget(x) > -.infinity, try isSelfNormalized || value(of: f, at: x, argument: 0) != 0 else { continue }
            let names = proposals.map(\.description).joined(separator: ", ")
            let never = "never \(proposals.count == 1 ? "draws" : "draw")"
            return "the estimate leaves out a part: \(names) \(never) \(Printer.literal(x, limit: 60)), which "
                + "\(distribution.description) does\(isSelfNormalized ? ": the weights' sum leaves it out, too" : " and where f is not 0")"
        }
        return nil
    }

    private func points(_ target: any Probabilistic, _ proposals: [any Probabilistic]) throws -> [Value] {
        if let p = target as? DistributionObject {
            let supports = proposals.compactMap { ($0 as? DistributionObject)?.distribution.support }
            var parts = [p.distribution]
            if let low = supports.map(\.lowerBound).min(), let high = supports.map(\.upperBound).max() {
                for part in [-.infinity...low, high ... .infinity] {
                    if let rest = Truncated(p.distribution, to: part) { parts.append(rest) }
                }
            }
            let tails = (1...40).map { pow(2, -Double($0)) }
            return parts.flatMap { part in
                (1..<50).map { p.value(part.quantile(Double($0) / 50)) } + tails.map { p.value(part.quantile($0)) } + tails.map {
                    p.value(part.quantile(upper: $0))
                }
            }
        }
        // Draws that do not disturb the others.
        call.vm.generators.append(GeneratorObject(call.vm.generator.generator.stream("support")))
        defer { call.vm.generators.removeLast() }
        let list = call.heap.list(capacity: 200)
        call.protect(.list(list))
        for _ in 0..<200 { call.heap.append(try target.draw(call.vm), to: list) }
        return list.array
    }

    func checkWeights(_ logWeights: [Double], argument: Int) throws {
        if logWeights.contains(where: { $0.isNaN || $0 == .infinity }) {
            throw call.invalid(argument, "a weight is infinite or not a number: the target's density is infinite there, or not a number")
        }
        guard logWeights.contains(where: { $0 > -.infinity }) else {
            throw call.invalid(argument, "the target gives none of the draws any probability",
                hint: "the proposal must draw where the target does")
        }
    }
}

extension Library {
    static let importanceSampling: [Builtin] = [
        .fn("estimate", "f, target, proposal: nil, n: 10000, self_normalized: false, control: nil, control_mean: nil",
            """
            Estimates the mean of f(x) under the target from n draws: from the target itself, or from a proposal with the weights target / \
            proposal. f gives numbers, or true and false for a probability. The result has a standard error. `self_normalized` divides by \
            the sum of the weights instead of n; the target may then be a function, the logarithm of a density up to a constant. `control` \
            is a control variate: a function with the known mean `control_mean` under the target; `n` must then be 3 or more. Warns of a \
            proposal that misses a part of the target, of weighted values with an effective sample size below 10 or too heavy a tail \
            (`pareto_k`), of a single draw that makes up more than the share 1/2 + 3/n of the variance, and of an event that was never \
            seen or never missed.
            """,
            """
            seed(1)
            let tail = estimate(x => x > 4, normal(0, 1), proposal: normal(4, 1))
            abs(tail.value - survival(normal(0, 1), 4)) < 4 * tail.standard_error  # => true
            """) { call in
            let isSelfNormalized = try call.bool(4)
            let run = try Sampling(call, isSelfNormalized: isSelfNormalized)
            let hasProposal = call.isGiven(2)
            let proposal = try call.probabilistic(hasProposal ? 2 : 1)
            guard hasProposal || !isSelfNormalized else {
                throw call.invalid(4, "draws of the target itself have no weights to divide by", hint: "give a proposal")
            }
            let n = try call.int(3, atLeast: 2)
            try Limit.check(elements: n, argument: 3)
            let control = call.isGiven(5) ? try call.function(5) : nil
            guard (control != nil) == call.isGiven(6) else {
                throw call.invalid(control == nil ? 6 : 5,
                    "a control variate needs both 'control' and 'control_mean', its mean under the target")
            }
            guard control == nil || n >= 3 else {
                throw call.invalid(3, "with a control variate 'n' must be at least 3, not \(n)",
                    hint: "its coefficient is fitted to the draws, and with two the error cannot be estimated")
            }
            let controlMean = control == nil ? 0 : try call.double(6)
            var (f, g, logWeights): ([Double], [Double], [Double]) = ([], [], [])
            for _ in 0..<n {
                let x = try run.draw(from: proposal)
                if hasProposal { logWeights.append(try run.logTarget(x) - proposal.logProbability(of: x, call, argument: 1)) }
                f.append(try run.value(of: run.f, at: x, argument: 0))
                if let control { g.append(try run.value(of: control, at: x, argument: 5)) }
            }
            if hasProposal { try run.checkWeights(logWeights, argument: 2) }
            return call.estimate(
                try ImportanceEstimate(
                    f, logWeights: hasProposal ? logWeights : nil, isSelfNormalized: isSelfNormalized,
                    control: control.map { _ in .init(values: g, mean: controlMean) }, check: call.vm.checkInterruption),
                of: f, isSelfNormalized: isSelfNormalized, gap: hasProposal ? try run.gap([proposal], 2) : nil)
        },
        .fn("multiple_importance", "f, target, proposals, n: 10000",
            """
            Estimates the mean of f(x) under the target from n draws, divided evenly among several proposals; `n` may be a list with a \
            number for each. The weights follow the balance heuristic, target / mixture of the proposals: a draw counts little where \
            another proposal covers the target better, so that no single bad proposal spoils the estimate.
            """,
            """
            seed(1)
            let e = multiple_importance(x => x ** 2, normal(0, 1), [normal(-1, 1), student_t(3)])
            abs(e.value - 1) < 4 * e.standard_error  # => true
            """) { call in
            let run = try Sampling(call, isSelfNormalized: false)
            let proposals = try call.sequence(2).map { value in
                guard value.tag == .host, let proposal = value.hostObject as? any Probabilistic else {
                    throw call.wrongType(2, expected: "a list of distributions")
                }
                return proposal
            }
            guard !proposals.isEmpty else { throw call.invalid(2, "there is no proposal to draw from") }
            let counts: [Int]
            if call.has(3), call[3].tag == .list { counts = try call.ints(3) } else {
                let n = try call.int(3, atLeast: 2)
                counts = proposals.indices.map { n / proposals.count + ($0 < n % proposals.count ? 1 : 0) }
            }
            guard counts.count == proposals.count, counts.allSatisfy({ $0 >= 0 }) else {
                throw call.invalid(3, "'n' must be a number of draws, or a list of one for each of the \(proposals.count) proposals")
            }
            for count in counts { try Limit.check(elements: count, argument: 3) }
            let n = counts.reduce(0, +)
            guard n >= 2 else { throw call.invalid(3, "an estimate needs at least two draws") }
            try Limit.check(elements: n, argument: 3)
            var (f, logWeights): ([Double], [Double]) = ([], [])
            for (proposal, count) in zip(proposals, counts) {
                for _ in 0..<count {
                    let x = try run.draw(from: proposal)
                    let terms = try zip(proposals, counts).map { q, count in
                        count == 0 ? -.infinity : log(Double(count) / Double(n)) + (try q.logProbability(of: x, call, argument: 2))
                    }
                    logWeights.append(try run.logTarget(x) - logSumExp(terms))
                    f.append(try run.value(of: run.f, at: x, argument: 0))
                }
            }
            try run.checkWeights(logWeights, argument: 2)
            let used = zip(proposals, counts).filter { $0.1 > 0 }.map(\.0)
            return call.estimate(try ImportanceEstimate(f, logWeights: logWeights, strata: counts, check: call.vm.checkInterruption), of: f,
                gap: try run.gap(used, 2))
        },
        .fn("importance_estimate", "values, log_weights: nil, self_normalized: false",
            "The estimate from given values of f and the logarithms of their weights, target / proposal.",
            """
            importance_estimate([1, 2, 3]).value  # => 2.0
            importance_estimate([1, 3], log_weights: [log(3), 0], self_normalized: true).value  # => 1.5
            """) { call in
            let values = try call.doubles(0)
            guard values.count >= 2 else { throw call.invalid(0, "an estimate needs at least two draws") }
            let logWeights = call.isGiven(1) ? try call.logWeights(1) : nil
            if logWeights == nil { try call.refuse(2, unless: "without 'log_weights' there is nothing to normalise") }
            if let logWeights {
                guard logWeights.count == values.count else {
                    throw RuntimeError(.shape, "there are \(values.count) values and \(logWeights.count) weights", argument: 1)
                }
                guard logWeights.contains(where: { $0 > -.infinity }) else { throw call.invalid(1, "all weights are 0") }
            }
            let isSelfNormalized = try call.bool(2)
            return call.estimate(
                try ImportanceEstimate(values, logWeights: logWeights, isSelfNormalized: isSelfNormalized,
                    check: call.vm.checkInterruption), of: values,
                isSelfNormalized: isSelfNormalized)
        },
        .fn("ess", "weights",
            """
            The effective sample size of weighted draws, (sum of w)^2 / sum of w^2: the number of equally weighted draws with the same \
            information.
            """,
            "ess([1, 1, 0, 0])  # => 2.0") { call in
            .float(effectiveSampleSize(logWeights: try call.weights(0).map {
                try call.vm.checkInterruption()
                return log($0)
            }))
        },
        .fn("pareto_k", "log_weights",
            """
            How heavy the tail of importance weights is, from their logarithms: the shape parameter of the generalised Pareto distribution \
            fitted to the largest weights. Below 0.5 is good; above 0.7, or above 1 - 1 / log10(n) for n below about 2,200, the estimate \
            and its standard error are unreliable. nil if no weight stands out, infinite if fewer than five do, since the tail is then \
            unknown.
            """,
            """
            seed(1)
            let k = pareto_k([x * 0.3 for x in draw(exponential(1), 2000)])
            0.1 < k < 0.5  # => true
            pareto_k([0, 0])  # => nil
            """) { call in
            try paretoK(logWeights: try call.logWeights(0), check: call.vm.checkInterruption).map(Value.float) ?? .nil
        },
        .fn("psis", "log_weights",
            """
            Pareto smoothed importance sampling (Vehtari et al., 2024), from the logarithms of weights: the largest weights are replaced \
            by the quantiles of a generalised Pareto distribution fitted to them, which lowers the variance of estimates. Returns the \
            smoothed `weights`, which add up to 1, their logarithms `log_weights`, `pareto_k`, and their effective sample size `ess`. It \
            warns if k is too high (see `pareto_k`) or the effective sample size is below 10. If k is nil or infinite, nothing is smoothed.
            """,
            """
            seed(1)
            let xs = draw(normal(0, 1), 2000)
            let smooth = psis([logprob(normal(0, 1.2), x) - logprob(normal(0, 1), x) for x in xs])
            is_close(sum(smooth.weights), 1)  # => true
            let e = importance_estimate([x ** 2 for x in xs], log_weights: smooth.log_weights, self_normalized: true)
            abs(e.value - 1.44) < 0.3  # => true
            """) { call in
            let logWeights = try call.logWeights(0)
            guard logWeights.contains(where: { $0 > -.infinity }) else {
                throw call.invalid(0, logWeights.isEmpty ? "there are no weights" : "all weights are 0")
            }
            let smoothed = try ParetoSmoothedWeights(logWeights: logWeights, check: call.vm.checkInterruption)
            let (n, size) = (logWeights.count, effectiveSampleSize(logWeights: smoothed.logWeights))
            if size < min(10, Double(n)) {
                call.vm.emit(.warning(
                    """
                    psis: a few draws carry the weights (they count as \(Numbers.significant(size, 2)) of \(n)): estimates with them are \
                    unreliable
                    """))
            }
            if let k = smoothed.paretoK, let reason = heavyTail(k, of: n, "weights") {
                call.vm.emit(.warning(
                    "psis: \(reason): estimates with them are unreliable; a proposal with heavier tails helps"))
            }
            return try call.map([
                "weights": call.list(smoothed.logWeights.map { exp($0) }), "log_weights": call.list(smoothed.logWeights),
                "pareto_k": smoothed.paretoK.map(Value.float) ?? .nil, "ess": .float(size),
            ])
        },
        .fn("chain_ess", "chain",
            """
            The effective sample size of the states of a Markov chain: the number of independent draws that would give the mean as \
            precisely. It adds up the autocorrelations as long as they are positive, with the two halves of the chain as two chains \
            (Geyer, 1992; Vehtari et al., 2021), and is equal to ArviZ's `ess(chain, method="mean")`. nan for fewer than four numbers, or \
            if one is not finite.
            """,
            """
            seed(1)
            chain_ess(cumsum(draw(normal(0, 1), 500))) < 20  # => true
            chain_ess([1, 2, 3])  # => nan
            """) { call in
            .float(try chainEffectiveSampleSize(try call.doubles(0), check: call.vm.checkInterruption))
        },
        .property("estimate.value", "The estimated mean.", "importance_estimate([1, 2, 3]).value  # => 2.0") { call in
            .float(try call.receiver(EstimateObject.self).estimate.value)
        },
        .property("estimate.standard_error", "The standard deviation of the estimate.",
            "importance_estimate([1, 3]).standard_error  # => 1.0") { call in
            .float(try call.receiver(EstimateObject.self).estimate.standardError)
        },
        .property("estimate.n", "The number of draws.", "importance_estimate([1, 3]).n  # => 2") { call in
            .int(try call.receiver(EstimateObject.self).estimate.count)
        },
        .property("estimate.ess", "The effective sample size: the number of draws from the target itself with the same information.",
            "importance_estimate([1, 3]).ess  # => 2.0") { call in
            .float(try call.receiver(EstimateObject.self).estimate.effectiveSampleSize)
        },
        .property("estimate.pareto_k",
            """
            How heavy the tail of the weighted values is, see `pareto_k`. Large weights where f is 0 do no harm. nil without weights.
            """, "importance_estimate([1, 3]).pareto_k  # => nil") { call in
            try call.receiver(EstimateObject.self).estimate.paretoK.map(Value.float) ?? .nil
        },
        .property("estimate.weights", "The weights of the draws, target / proposal; empty if the draws come from the target itself.",
            "importance_estimate([1, 3], log_weights: [0, 0]).weights  # => [1.0, 1.0]") { call in
            try call.list(try call.receiver(EstimateObject.self).estimate.weights)
        },
        .property("estimate.warnings", "The warnings about the estimate, as a list of sentences.",
            "importance_estimate([1, 3]).warnings  # => []") { call in
            try call.list(try call.receiver(EstimateObject.self).warnings)
        },
        .method("estimate.interval", "level: 0.95",
            "The two ends of a confidence interval by Student's t distribution, which is wider than the normal one for few draws.",
            "[round(x, digits: 6) for x in importance_estimate([1, 2, 3]).interval()]  # => [-0.484138, 4.484138]") { call in
            let estimate = try call.receiver(EstimateObject.self).estimate
            let interval = estimate.interval(level: try call.level(1))
            return try call.list([interval?.lowerBound ?? .nan, interval?.upperBound ?? .nan])
        },
        .fn("fit", "distribution, xs, weights: nil",
            """
            Fits a distribution of the same kind to draws, optionally weighted, by maximum likelihood: normal, lognormal, exponential, \
            laplace, gamma, poisson, geometric, binomial (with the same number of trials), bernoulli, categorical (with the same outcomes) \
            or multivariate normal.
            """,
            """
            fit(normal(), [1, 3])  # => normal(2.0, 1.0)
            fit(categorical({a: 1, b: 1}), ["a", "b", "b", "b"])  # => categorical({a: 0.25, b: 0.75})
            """) { call in
            let object = try call.probabilistic(0)
            let xs = try call.sequence(1)
            guard !xs.isEmpty else { throw call.invalid(1, "there are no draws to fit a distribution to") }
            if let odd = xs.first(where: { $0.number?.isFinite == false }) {
                throw call.invalid(1, "draws must be finite numbers, not \(call.describe(odd))")
            }
            let weights = call.isGiven(2) ? try call.weights(2) : xs.map { _ in 1 }
            guard weights.count == xs.count else {
                throw RuntimeError(.shape, "there are \(xs.count) draws and \(weights.count) weights", argument: 2)
            }
            if let made = try object.fitted(to: xs, weights: weights, call) { return call.object(made) }
            throw call.invalid(1, "there is no most likely distribution of the kind of \(object.description) for these draws")
        },
    ]
}
