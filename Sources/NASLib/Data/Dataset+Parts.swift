/// Choosing some of the examples. All choices are random but for a given generator's state.
extension Dataset {
    /// The most classes that data may have.
    package static let classLimit = 1_000_000

    /// How many examples there are of each class.
    public var classCounts: [Int] {
        var counts = Array(repeating: 0, count: classes)
        for label in labels { counts[Int(label)] += 1 }
        return counts
    }

    /// A part of `count` examples in random order, each class in the proportion that it has in the dataset.
    ///
    /// Each class gets its share rounded down; those with the largest remainders get one more (the first of equals).
    public func stratified(_ count: Int, using generator: Generator) throws -> Dataset {
        guard (1...max(1, self.count)).contains(count), self.count > 0 else {
            throw NASError(.value, "a part of \(self.count) examples can have 1 to \(self.count) of them, not \(count)", parameter: "which")
        }
        let shares = classCounts.map { (Double($0) * Double(count) / Double(self.count)) }
        var sizes = shares.map { Int(saturating: $0) }
        let byRemainder = sizes.indices.sorted { (shares[$0] - Double(sizes[$0]), -$0) > (shares[$1] - Double(sizes[$1]), -$1) }
        for label in byRemainder.prefix(count - sizes.reduce(0, +)) { sizes[label] += 1 }
        return picked(sizes, using: generator)
    }

    /// A part with `perClass` examples of each class, in random order; by itself as many as the rarest class has.
    public func balanced(perClass: Int? = nil, using generator: Generator) throws -> Dataset {
        let counts = classCounts
        let least = counts.min() ?? 0
        guard least > 0 else {
            let missing = counts.firstIndex(of: 0) ?? 0
            throw NASError(
                .value, "the classes cannot be balanced: there is no example of class \(classNames?[missing] ?? String(missing))")
        }
        guard (1...least).contains(perClass ?? least) else {
            throw NASError(
                .value, "a balanced part can have 1 to \(least) examples of each class, not \(perClass ?? least)", parameter: "per_class")
        }
        return picked(Array(repeating: perClass ?? least, count: classes), using: generator)
    }

    private func picked(_ sizes: [Int], using generator: Generator) -> Dataset {
        var generator = generator
        var chosen: [Int] = []
        for label in 0..<classes {
            var members = labels.indices.filter { labels[$0] == label }
            generator.shuffle(&members)
            chosen += members.prefix(sizes[label])
        }
        generator.shuffle(&chosen)
        return subset(chosen, name: name)
    }

    /// A share of the labels replaced by other classes, each equally likely (symmetric label noise).
    public func withLabelNoise(_ share: Double, using generator: Generator) throws -> Dataset {
        guard (0...1).contains(share) else { throw NASError(.value, "'share' must be from 0 to 1, not \(share)", parameter: "share") }
        guard classes > 1 else { throw NASError(.value, "there is no other class to put in a label's place") }
        var generator = generator
        var order = Array(0..<count)
        generator.shuffle(&order)
        var labels = labels
        for i in order.prefix(Int(saturating: (Double(count) * share).rounded())) {
            let other = Int32(generator.below(classes - 1))
            labels[i] = other < labels[i] ? other : other + 1
        }
        return with(labels: labels)
    }
}
