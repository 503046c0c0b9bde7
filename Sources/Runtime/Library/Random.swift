import Lang
import NASLib

extension Library {
    static let random: [Builtin] = [
        .fn("seed", "n", "Starts the ambient generator anew: from here on the same draws come again.", "seed(1)\nlet a ~ normal(0, 1)\nseed(1)\nlet b ~ normal(0, 1)\na == b  # => true") { call in
            call.vm.generators[0].generator = Generator(seed: try call.seedValue(0))
            return .nil
        },
        .fn("rng", "seed", "A generator of its own, from a number, or from a name: a stream of the ambient seed that no other draws disturb. `with rng(1) { … }` draws from it.",
            "with rng(5) { draw(uniform(0, 1)) } == with rng(5) { draw(uniform(0, 1)) }  # => true") { call in
            if call[0].tag == .string { return call.object(GeneratorObject(call.vm.generators[0].generator.stream(try call.text(0)))) }
            return call.object(GeneratorObject(Generator(seed: try call.seedValue(0))))
        },
        .fn("draw", "distribution, n: nil", "A draw from a distribution, or a list of n draws.", "seed(0)\nlen(draw(normal(0, 1), 3))  # => 3") { call in
            guard call[0].isDrawable else { throw call.wrongType(0, expected: "a distribution") }
            guard call.has(1) else { return try call.vm.draw(from: call[0]) }
            let n = try call.int(1, atLeast: 0)
            try Limit.check(elements: n, argument: 1)
            let list = call.heap.list(capacity: min(1 << 20, n))
            call.protect(.list(list))
            for _ in 0..<n {
                try call.vm.checkInterruption()
                call.heap.append(try call.vm.draw(from: call[0]), to: list)
            }
            return .list(list)
        },
        .fn("shuffle", "sequence", "A new list of the elements in random order.", "sort(shuffle(0..4))  # => [0, 1, 2, 3]") { call in
            var elements = try call.sequence(0)
            call.vm.generator.generator.shuffle(&elements)
            return call.list(elements)
        },
        .fn("sample", "sequence, n", "A list of n elements drawn without replacement.", "len(sample(0..10, 4))  # => 4") { call in
            var elements = try call.sequence(0)
            let n = try call.int(1, atLeast: 0)
            guard n <= elements.count else { throw call.invalid(1, "\(n) elements cannot be drawn from \(elements.count) without replacement", hint: "draw(empirical(xs), n) draws with replacement") }
            for i in 0..<n { elements.swapAt(i, i + call.vm.generator.generator.below(elements.count - i)) }
            return call.list(elements[..<n])
        },
    ]
}
