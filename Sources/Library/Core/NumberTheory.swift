import Runtime

extension Library {
    /// Functions of ints.
    static let numberTheory: [Builtin] = [
        .fn("gcd", "a, b", "The greatest common divisor.", "gcd(12, 18)  # => 6") { call in
            .int(try whole(NumberTheory.gcd(try call.int(0).magnitude, try call.int(1).magnitude)))
        },
        .fn("lcm", "a, b", "The least common multiple.", "lcm(4, 6)  # => 12") { call in
            let (a, b) = (try call.int(0).magnitude, try call.int(1).magnitude)
            if a == 0 || b == 0 { return .int(0) }
            let (multiple, overflow) = a.multipliedReportingOverflow(by: b / NumberTheory.gcd(a, b))
            return .int(try whole(overflow ? nil : multiple))
        },
        .fn("factorial", "n", "The product of the ints from 1 to n.", "factorial(5)  # => 120") { call in
            let n = try call.int(0, atLeast: 0)
            guard n <= 20 else {
                throw RuntimeError(.arithmetic, "int overflow: factorial(\(n)) does not fit 64 bits",
                    hint: "exp(log_gamma(n + 1)) is it as a float", argument: 0)
            }
            return .int((1...max(1, n)).reduce(1, *))
        },
        .fn("choose", "n, k", "The number of ways to choose k of n things.", "choose(5, 2)  # => 10") { call in
            let (n, k) = (try call.int(0, atLeast: 0), try call.int(1, atLeast: 0))
            return .int(try whole(k > n ? 0 : NumberTheory.choose(n, k)?.magnitude))
        },
        .fn("bit_and", "a, b", "The bits set in both ints.", "bit_and(12, 10)  # => 8") { call in
            .int(try call.int(0) & (try call.int(1)))
        },
        .fn("bit_or", "a, b", "The bits set in either int.", "bit_or(12, 10)  # => 14") { call in
            .int(try call.int(0) | (try call.int(1)))
        },
        .fn("bit_xor", "a, b", "The bits set in exactly one of the ints.", "bit_xor(12, 10)  # => 6") { call in
            .int(try call.int(0) ^ (try call.int(1)))
        },
        .fn("shift_left", "x, n", "x times 2 to the power of n.", "shift_left(3, 4)  # => 48") { call in
            let (x, n) = (try call.int(0), try call.int(1, atLeast: 0))
            guard x == 0 || (n < 63 && (x << n) >> n == x) else {
                throw RuntimeError(.arithmetic, "int overflow: \(x) shifted left by \(n) does not fit 64 bits")
            }
            return .int(x == 0 ? 0 : x << n)
        },
        .fn("shift_right", "x, n", "x divided by 2 to the power of n, rounded down.", "shift_right(50, 4)  # => 3") { call in
            .int(try call.int(0) >> (try call.int(1, atLeast: 0)))
        },
    ]

    /// The int; nil stands for what does not fit 64 bits.
    private static func whole(_ x: UInt?) throws -> Int {
        guard let x, let result = Int(exactly: x) else { throw RuntimeError(.arithmetic, "int overflow: the result does not fit 64 bits") }
        return result
    }
}

enum NumberTheory {
    static func gcd(_ a: UInt, _ b: UInt) -> UInt { b == 0 ? a : gcd(b, a % b) }

    /// The product of two counts; `Int.max` stands for anything from there on.
    static func product(_ a: Int, _ b: Int) -> Int {
        let (product, overflow) = a.multipliedReportingOverflow(by: b)
        return overflow ? .max : product
    }

    /// n over k for 0 <= k <= n; nil where that is no int.
    static func choose(_ n: Int, _ k: Int) -> Int? {
        let k = min(k, n - k)
        var result = 1
        for i in 0..<max(0, k) {
            // result * (n - i) is a multiple of i + 1; dividing common factors first keeps it small.
            let divisor = Int(gcd(UInt(result), UInt(i + 1)))
            let (product, overflow) = (result / divisor).multipliedReportingOverflow(by: (n - i) / ((i + 1) / divisor))
            if overflow { return nil }
            result = product
        }
        return result
    }
}
