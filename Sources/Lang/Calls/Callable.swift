import Text

/// Something that can be called: its parameters, and its name in messages. The checker and the interpreter both use it to match arguments
/// to parameters.
package struct Callable: Sendable {
    package let name: String
    package let signature: Signature
    /// Whether the first argument is the receiver of a method call, which stands outside the parentheses.
    package let isMethod: Bool
    /// Advice for a missing argument that other languages do not need.
    package var advice: String?
    /// A fact about all values that the callable returns.
    package var fact: Fact?

    package enum Fact: Sendable {
        /// Never below 0.
        case length
        case text
        /// Whether its argument is the number that equals nothing.
        case isNaN
    }

    package init(_ name: String, _ signature: Signature, isMethod: Bool = false) {
        (self.name, self.signature, self.isMethod) = (name, signature, isMethod)
    }

    /// The call as a user would write it: `sort(xs, by: nil)`, `x.step(path, batch, lr: 0.05)`.
    package var usage: String { "\(name)(\((isMethod ? signature.droppingFirst : signature).text))" }

    /// How many arguments a call takes, in words: `1 to 2 arguments`.
    package var arity: String {
        let hidden = isMethod ? 1 : 0
        let least = signature.requiredCount - hidden, most = signature.plainCount - hidden
        func counted(_ count: Int) -> String { count == 1 ? "1 argument" : "\(count) arguments" }
        if signature.hasRest { return "at least \(counted(least))" }
        return least == most ? counted(most) : "\(least) to \(counted(most))"
    }
}

// MARK: - Where arguments go

extension Callable {
    /// The reason why a call cannot work.
    package struct Mismatch: Error {
        package enum Place: Sendable {
            case call
            /// An argument by position, a method's value counted.
            case position(Int)
            /// One of the call's names.
            case name(Int)
        }

        package let message: String
        package let hint: String
        package let place: Place
    }

    /// The parameter of each of a call's names; nil for a name that goes into the map of a parameter that gathers names.
    ///
    /// - Parameters:
    ///   - count: How many arguments come by position, before the names.
    ///   - hasMore: Whether a spread gives more of them, whose number is not known.
    ///   - hasReceiver: Whether the first of them stands before a point, and so has no name.
    package func places(
        of names: [String] = [], after count: Int, hasMore: Bool = false, hasReceiver: Bool = false
    ) throws(Mismatch) -> [Int?] {
        let parameters = signature.parameters, plain = parameters.prefix(signature.plainCount)
        let gathering = plain.last?.gathersNames == true ? plain.count - 1 : nil
        let nameable = plain.indices.dropFirst(hasReceiver ? 1 : 0).filter { $0 != gathering }
        if count > plain.count, !signature.hasRest {
            let given = count - (isMethod ? 1 : 0)
            throw mismatch("too many arguments: \(name) takes \(arity), not \(given)\(hasMore ? " or more" : "")", .position(plain.count))
        }
        var places: [Int?] = []
        for (i, name) in names.enumerated() {
            let place = nameable.first { parameters[$0].name == name } ?? (gathering.map { $0 < count } == true ? gathering : nil)
            if let place, place < count {
                throw mismatch("'\(parameters[place].name)' is given twice, by position and by name", .name(i))
            }
            guard place != nil || gathering != nil else {
                let near = Suggestion.nearest(to: name, among: nameable.map { parameters[$0].name }).map { "did you mean '\($0)'? " }
                throw mismatch("there is no parameter '\(name)'", .name(i), advice: near)
            }
            places.append(place)
        }
        guard !hasMore else { return places }
        let missing = plain.indices.filter { $0 >= count && parameters[$0].isRequired && !places.contains($0) }
        if !missing.isEmpty {
            let names = missing.map { "'\(parameters[$0].name)'" }.joined(separator: " and ")
            throw mismatch("missing argument\(missing.count == 1 ? "" : "s") \(names)", .call, advice: advice.map { "\($0); " })
        }
        return places
    }

    private func mismatch(_ message: String, _ place: Mismatch.Place, advice: String? = nil) -> Mismatch {
        Mismatch(message: message, hint: (advice ?? "") + "the call is \(usage)", place: place)
    }

    /// Why a call with these arguments must fail, and where; nil when nothing speaks against it.
    func mistake(in arguments: [Argument], of call: Span) -> (message: String, span: Span, hint: String)? {
        var positional: [Expression] = []
        var names: [Identifier] = []
        var hasSpread = false
        for argument in arguments {
            switch argument.label {
            case .positional: positional.append(argument.value)
            case .named(let name): names.append(name)
            case .spread: hasSpread = true
            }
        }
        do throws(Mismatch) {
            _ = try places(of: names.map(\.name), after: positional.count, hasMore: hasSpread)
            return nil
        } catch {
            let span = switch error.place {
            case .call: call
            case .position(let i): positional[i].span
            case .name(let i): names[i].span
            }
            return (error.message, span, error.hint)
        }
    }
}
