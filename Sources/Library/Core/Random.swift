import NASLib
import Runtime
import Text

extension Library {
    static let random: [Builtin] = [
        .fn("seed", "n", "Restarts the ambient generator: after the same seed, the same draws follow.",
            "seed(1)\nlet a ~ normal(0, 1)\nseed(1)\nlet b ~ normal(0, 1)\na == b  # => true") { call in
            call.vm.generators[0].generator = Generator(seed: try call.seedValue(0))
            return .nil
        },
        .fn("rng", "seed",
            """
            An independent generator, from a number, or from a name: a stream of the ambient seed that no other draws disturb. \
            `with rng(1) { … }` draws from it.
            """,
            "with rng(5) { draw(uniform(0, 1)) } == with rng(5) { draw(uniform(0, 1)) }  # => true") { call in
            if call[0].tag == .string { return call.object(GeneratorObject(call.vm.generators[0].generator.stream(try call.text(0)))) }
            return call.object(GeneratorObject(Generator(seed: try call.seedValue(0))))
        },
        .fn("draw", "distribution, n: nil, method: \"independent\"",
            """
            A draw from a distribution, or a list of n draws. For a distribution over numbers or listed outcomes, n draws can be spread \
            more evenly than independent ones, so that their mean varies less: `"stratified"` (one from each of n equally likely parts), \
            `"systematic"` (at the same place in each part), `"antithetic"` (in pairs, the second mirrored), or from a scrambled sequence, \
            `"sobol"` or `"halton"`.
            """,
            """
            seed(0)
            len(draw(normal(0, 1), 3))  # => 3
            sort(draw(categorical([1, 3]), 4, method: "stratified"))  # => [0, 1, 1, 1]
            """) { call in
            guard call[0].isDrawable else { throw call.wrongType(0, expected: "a distribution") }
            let method: UnitPoints = try call.option(2)
            guard call.isGiven(1) else {
                guard method == .independent else { throw call.invalid(2, "'method' tells how n draws are made: 'n' is missing") }
                return try call.vm.draw(from: call[0])
            }
            let n = try call.int(1, atLeast: 0)
            try Limit.check(elements: n, argument: 1)
            if method != .independent { return try draws(n, method, call) }
            let list = call.heap.list(capacity: min(1 << 20, n))
            call.protect(.list(list))
            for _ in 0..<n {
                try call.vm.checkInterruption()
                call.heap.append(try call.vm.draw(from: call[0]), to: list)
            }
            return .list(list)
        },
        .fn("shuffle", "sequence", "A new list of the elements in random order.", "sort(shuffle(0..4))  # => [0, 1, 2, 3]") { call in
            var elements = try call.sequence(0).array
            try call.vm.generator.generator.shuffle(&elements) { try call.vm.checkInterruption() }
            return try call.list(elements)
        },
    ]

    /// Draws through the quantiles.
    private static func draws(_ n: Int, _ method: UnitPoints, _ call: Call) throws -> Value {
        guard call[0].tag == .host, let quantile = (call[0].hostObject as? any Probabilistic)?.quantile else {
            throw RuntimeError(
                .type,
                "\"\(method.rawValue)\" draws are made of distributions over numbers or listed outcomes, not of \(call.describe(call[0]))",
                hint: "draw(d, n) makes independent draws of any distribution", argument: 2)
        }
        // Of each draw the point and the value, besides the list's.
        try MemoryAccount.ask(n * 32)
        return try call.list(try method.points(n, using: &call.vm.generator.generator, check: call.vm.checkInterruption).map { point in
            try call.vm.checkInterruption()
            return quantile(point.p, point.rest)
        })
    }
}
