import Foundation
import NASLib
import Runtime
import Text

extension Library {
    static let math: [Builtin] = [
        .constant("pi", .pi, "The ratio of a circle's circumference to its diameter.", "pi  # => 3.141592653589793"),
        .constant("e", M_E, "The base of the natural logarithm.", "e  # => 2.718281828459045"),
        .constant("inf", .infinity, "Infinity.", "inf > 1e308  # => true"),
        .constant("nan", .nan, "Not a number; it is equal to nothing, not even itself.", "nan == nan  # => false"),

        .fn("abs", "x", "The absolute value.", "abs(-2)  # => 2") { call in
            if call[0].tag == .int {
                guard call[0].asInt != .min else {
                    throw RuntimeError(.arithmetic, "int overflow: abs(\(Int.min)) does not fit 64 bits", argument: 0)
                }
                return .int(abs(call[0].asInt))
            }
            return try elementwise(call, tensor: { try $0.magnitude() }) { abs($0) }
        },
        function("sqrt", "The square root.", "sqrt(9)  # => 3.0", domain: { $0 >= 0 }, "a number of at least 0",
            tensor: { try $0.squareRoot() }) {
            $0.squareRoot()
        },
        function("exp", "e to the power of x.", "exp(0)  # => 1.0", tensor: { try $0.exp() }) { exp($0) },
        function("expm1", "exp(x) - 1, accurate also near 0.", "expm1(0)  # => 0.0") { expm1($0) },
        function("log1p", "log(1 + x), accurate also near 0.", "log1p(0)  # => 0.0", domain: { $0 > -1 }, "a number above -1") {
            log1p($0)
        },
        function("log2", "The logarithm to base 2.", "log2(8)  # => 3.0", domain: { $0 > 0 }, "a positive number",
            tensor: { try $0.log(base: 2) }) {
            log2($0)
        },
        function("log10", "The logarithm to base 10.", "log10(1000)  # => 3.0", domain: { $0 > 0 }, "a positive number",
            tensor: { try $0.log(base: 10) }) {
            log10($0)
        },
        function("cbrt", "The cube root.", "cbrt(27)  # => 3.0") { x in
            let root = cbrt(x)
            // A whole root is exact, whatever the library's last bit says.
            return pow(root.rounded(), 3) == x ? root.rounded() : root
        },
        function("sin", "The sine of an angle in radians.", "sin(0)  # => 0.0", tensor: { try $0.sin() }) { sin($0) },
        function("cos", "The cosine of an angle in radians.", "cos(0)  # => 1.0", tensor: { try $0.cos() }) { cos($0) },
        function("tan", "The tangent of an angle in radians.", "tan(0)  # => 0.0", tensor: { try $0.tan() }) { tan($0) },
        function("asin", "The angle in radians whose sine is x.", "asin(0)  # => 0.0", domain: { abs($0) <= 1 }, "a number from -1 to 1",
            tensor: { try $0.asin() }) {
            asin($0)
        },
        function("acos", "The angle in radians whose cosine is x.", "acos(1)  # => 0.0", domain: { abs($0) <= 1 }, "a number from -1 to 1",
            tensor: { try $0.acos() }) {
            acos($0)
        },
        function("atan", "The angle in radians whose tangent is x.", "atan(0)  # => 0.0", tensor: { try $0.atan() }) { atan($0) },
        function("sinh", "The hyperbolic sine.", "sinh(0)  # => 0.0") { sinh($0) },
        function("cosh", "The hyperbolic cosine.", "cosh(0)  # => 1.0") { cosh($0) },
        function("tanh", "The hyperbolic tangent.", "tanh(0)  # => 0.0", tensor: { try $0.tanh() }) { tanh($0) },
        pairwise("atan2", "y, x", "The angle of the point (x, y) in radians.", "atan2(0, 1)  # => 0.0",
            tensors: { try Variable.angle($0, $1) }) {
            atan2($0, $1)
        },
        .fn("log", "x, base: e", "The logarithm of x, natural unless a base is given.", "log(8, base: 2)  # => 3.0") { call in
            let base = try call.double(1, default: M_E)
            guard base > 0, base != 1 else {
                throw call.invalid(1, "the base of a logarithm must be positive and not 1, not \(try Printer.text(call[1]))")
            }
            let hasBase = call.has(1)
            let scale = hasBase ? log(base) : 1
            return try elementwise(call, domain: { $0 > 0 }, "a positive number",
                tensor: { hasBase ? try $0.log(base: base) : try $0.log() }) {
                log($0) / scale
            }
        },
        pairwise("hypot", "x, y", "The length of the vector (x, y).", "hypot(3, 4)  # => 5.0",
            tensors: { try Variable.hypotenuse($0, $1) }) {
            hypot($0, $1)
        },

        function("degrees", "Converts an angle from radians to degrees.", "degrees(pi)  # => 180.0") { $0 * (180 / .pi) },
        function("radians", "Converts an angle from degrees to radians.", "radians(180) == pi  # => true") { $0 * (.pi / 180) },
        function("erf", "The error function: the share of a normal distribution within x times the square root of 2 standard deviations.",
            "erf(0)  # => 0.0") {
            erf($0)
        },
        function("erfc", "1 - erf(x), accurate also where it is small.", "erfc(0)  # => 1.0") { erfc($0) },
        function("log_gamma",
            "The logarithm of the absolute value of the gamma function. The gamma function of n is the factorial of n - 1.",
            "log_gamma(2)  # => 0.0", domain: { $0 > 0 || $0 != $0.rounded() },
            "a number that is not 0, -1, -2…") { x in
            var sign: Int32 = 0
            return lgamma_r(x, &sign)
        },
        function("gamma_function", "The gamma function; for a whole number n, the factorial of n - 1.", "gamma_function(5)  # => 24.0",
            domain: { $0 > 0 || $0 != $0.rounded() }, "a number that is not 0, -1, -2…") {
            tgamma($0)
        },
        .fn("logsumexp", "sequence", "The logarithm of the sum of the exponentials of the numbers, without overflow.",
            "logsumexp([0, 0]) == log(2)  # => true\nlogsumexp([1000, -1000])  # => 1000.0") { call in
            .float(logSumExp(try call.doubles(0)))
        },
        .fn("is_close", "a, b, relative: 1e-9, absolute: 0.0",
            "Whether two numbers differ by at most a fraction of the larger one, or by at most an absolute amount.",
            "is_close(0.1 + 0.2, 0.3)  # => true") { call in
            let (a, b) = (try call.double(0), try call.double(1))
            let (relative, absolute) = (try call.double(2), try call.double(3))
            guard relative >= 0, absolute >= 0 else { throw call.invalid(relative >= 0 ? 3 : 2, "a tolerance must be at least 0") }
            return .bool(a == b || (a - b).magnitude <= max(relative * max(abs(a), abs(b)), absolute) && (a - b).isFinite)
        },

        .fn("floor", "x", "The greatest int that is at most x.", "floor(-2.5)  # => -3") { call in try rounded(call, .down) },
        .fn("ceil", "x", "The least int that is at least x.", "ceil(2.1)  # => 3") { call in try rounded(call, .up) },
        .fn("trunc", "x", "The integer part of x.", "trunc(-2.7)  # => -2") { call in try rounded(call, .towardZero) },
        .fn("round", "x, digits: nil",
            """
            The nearest int, with halves rounded to even. With `digits`, a float with that many decimals; a negative number rounds to \
            tens, hundreds and so on. A tensor gives a tensor.
            """,
            "round(2.5)  # => 2\nround(3.14159, digits: 2)  # => 3.14") { call in
            guard call.isGiven(1) else { return try rounded(call, .toNearestOrEven) }
            let digits = try call.int(1)
            guard (-300...300).contains(digits) else { throw call.invalid(1, "'digits' must be from -300 to 300, not \(digits)") }
            if let tensor = call.tensorIfGiven(0) { return call.value(tensor.rounded(decimals: digits)) }
            let x = try call.double(0)
            if digits >= 0 { return .float(Double(String(format: "%.\(digits)f", x)) ?? x) }
            let scale = pow(10, Double(-digits))
            return .float((x / scale).rounded(.toNearestOrEven) * scale)
        },
        .fn("sign", "x", "-1, 0 or 1; nan for nan.", "sign(-0.5)  # => -1") { call in
            if let tensor = call.tensorIfGiven(0) { return call.value(tensor.sign()) }
            let x = try call.double(0)
            return x.isNaN ? .float(x) : .int(x > 0 ? 1 : x < 0 ? -1 : 0)
        },
        .fn("clamp", "x, low, high", "x limited to the interval from `low` to `high`; nan stays nan.", "clamp(7, 0, 5)  # => 5") { call in
            if let tensor = call.tensorIfGiven(0), tensor.rank > 0 || tensor.isTracked {
                let (low, high) = (try call.double(1), try call.double(2))
                guard low <= high else { throw emptyInterval(call) }
                return call.value(try tensor.clamped(Float(low), Float(high)))
            }
            guard try call.vm.isLessOrEqual(call[1], call[2]) else { throw emptyInterval(call) }
            if try call.vm.isLess(call[0], call[1]) { return call[1] }
            return try call.vm.isLess(call[2], call[0]) ? call[2] : call[0]
        },
        test("is_nan", "Whether x is not a number.", "is_nan(nan)  # => true", single: { $0.isNaN }) { $0.isNaN }.giving(.isNaN),
        test("is_finite", "Whether x is neither infinite nor not a number.", "is_finite(inf)  # => false", single: { $0.isFinite }) {
            $0.isFinite
        },

        .fn("int", "x",
            "Converts to an int: a float loses its fraction, and a string is read as digits or as a literal.",
            "int(2.9)  # => 2\nint(\"42\")  # => 42\nint(\"0xff\")  # => 255") { call in
            switch call[0].tag {
            case .int: return call[0]
            case .float: return try whole(call[0].asFloat.rounded(.towardZero), call)
            case .true: return .int(1)
            case .false: return .int(0)
            case .string:
                if let value = number(call[0].asString, NumberText.literalInt) { return .int(value) }
                let shown = call.describe(call[0])
                if number(call[0].asString, { NumberText.isWhole($0) ? true : nil }) != nil {
                    throw call.invalid(0, "\(shown) is too large for an int",
                        hint: "ints go from \(Int.min) to \(Int.max); float(s) reads larger numbers")
                }
                throw call.invalid(0, "\(shown) does not show an int", hint: "float(s) reads numbers with a point or an exponent")
            default: throw call.wrongType(0, expected: "a number or a string")
            }
        },
        .fn("float", "x", "Converts an int, or a string that shows a number, to a float.",
            "float(2)  # => 2.0\nfloat(\"1e-3\")  # => 0.001") { call in
            switch call[0].tag {
            case .int: return .float(Double(call[0].asInt))
            case .float: return call[0]
            case .host: if let x = call[0].scalar { return .float(x) }
            case .true: return .float(1)
            case .false: return .float(0)
            case .string:
                guard let value = number(call[0].asString, { NumberText.float($0, underscores: true) }) else {
                    throw call.invalid(0, "\(call.describe(call[0])) does not show a number")
                }
                return .float(value)
            default: break
            }
            throw call.wrongType(0, expected: "a number or a string")
        },
        .fn("bool", "x", "false for nil and false, true for everything else.", "bool(0)  # => true") { call in .bool(call[0].isTruthy) },
    ]

    /// What a text shows, white space of any alphabet around it left out.
    private static func number<Number>(_ text: StringRef, _ read: (UnsafeBufferPointer<UInt8>) -> Number?) -> Number? {
        if let number = read(text.buffer) { return number }
        guard !text.isASCII else { return nil }
        var trimmed = text.text.trimmingCharacters(in: .whitespacesAndNewlines)
        return trimmed.withUTF8(read)
    }

    /// A function of numbers that also works on each element of a tensor.
    static func function(
        _ name: String, _ doc: String, _ example: String, domain: (@Sendable (Double) -> Bool)? = nil, _ expected: String = "",
        tensor: (@Sendable (Variable) throws -> Variable)? = nil, _ f: @escaping @Sendable (Double) -> Double
    ) -> Builtin {
        .fn(name, "x", doc, example) { call in
            if call[0].tag == .float, domain == nil { return .float(f(call[0].asFloat)) }
            return try elementwise(call, domain: domain, expected, tensor: tensor, f)
        }
    }

    /// A function of two numbers that also works on the elements of tensors, broadcast to one shape.
    private static func pairwise(
        _ name: String, _ parameters: String, _ doc: String, _ example: String,
        tensors: @escaping @Sendable (Variable, Variable) throws -> Variable,
        _ f: @escaping @Sendable (Double, Double) -> Double
    ) -> Builtin {
        .fn(name, parameters, doc, example) { call in
            guard call.tensorIfGiven(0) == nil, call.tensorIfGiven(1) == nil else {
                return call.value(try tensors(try call.tensor(0), try call.tensor(1)))
            }
            return .float(f(try call.double(0), try call.double(1)))
        }
    }

    /// A question about a number; asked of a tensor, it gives a mask.
    private static func test(
        _ name: String, _ doc: String, _ example: String, single: @escaping @Sendable (Float) -> Bool,
        _ holds: @escaping @Sendable (Double) -> Bool
    ) -> Builtin {
        .fn(name, "x", doc + " Of a tensor, a mask.", example) { call in
            if let tensor = call.tensorIfGiven(0) {
                return TensorObject.value(Variable(tensor.tensor.mask(where: single)), isMask: true, call.vm)
            }
            return .bool(holds(try call.double(0)))
        }
    }

    private static func emptyInterval(_ call: Call) -> RuntimeError {
        call.invalid(1, "the interval from \(Printer.literal(call[1], limit: 40)) to \(Printer.literal(call[2], limit: 40)) is empty",
            hint: "the lower end comes first")
    }

    private static func elementwise(
        _ call: Call, domain: ((Double) -> Bool)? = nil, _ expected: String = "", tensor: ((Variable) throws -> Variable)?,
        _ f: (Double) -> Double
    ) throws -> Value {
        if let x = call.tensorIfGiven(0) {
            if let tensor { return call.value(try tensor(x)) }
            guard !x.isTracked else { throw RuntimeError(.value, "\(call.name) has no derivative here", argument: 0) }
            return call.value(Variable(Tensor(shape: x.shape, values: x.tensor.values.map { Float(f(Double($0))) })))
        }
        let x = try call.double(0)
        if let domain, !domain(x), !x.isNaN { throw call.invalid(0, "\(call.name) needs \(expected), not \(try Printer.text(call[0]))") }
        return .float(f(x))
    }

    private static func rounded(_ call: Call, _ rule: FloatingPointRoundingRule) throws -> Value {
        if call[0].tag == .int { return call[0] }
        if let tensor = call.tensorIfGiven(0) { return call.value(tensor.rounded(rule)) }
        return try whole(try call.double(0).rounded(rule), call)
    }

    private static func whole(_ x: Double, _ call: Call) throws -> Value {
        guard let value = Int(exactly: x) else {
            throw RuntimeError(.arithmetic, "\(try Printer.text(call[0])) does not fit an int", argument: 0)
        }
        return .int(value)
    }
}
