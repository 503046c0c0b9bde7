import Text

/// One array of a network, with PyTorch's shape and order of axes: convolutions are output x input of a group x kernel x
/// kernel, linear layers output x input.
struct NamedWeights {
    var name: String
    var shape: [Int]
    /// Whether it is a running mean or variance, which is not trained.
    var isRunning = false
    /// Where the array begins in the store's weights (or running numbers), and how its elements lie there.
    fileprivate var start: Int
    fileprivate var array: ParameterArray

    var count: Int { array.count }
    /// For each element in row-major order, where it lies.
    var offsets: [Int] { (0..<count).map { start + array.position($0) } }

    func values(in memory: UnsafePointer<Float>) -> [Float] { (0..<count).map { memory[start + array.position($0)] } }

    func put(_ values: [Float], into memory: UnsafeMutablePointer<Float>) {
        for (i, value) in values.enumerated() { memory[start + array.position(i)] = value }
    }
}

extension Supernet {
    /// All arrays of the network, in the order in which it was built.
    ///
    /// A convolution is called by its number, followed by the choice and the candidate that it belongs to, where it does:
    /// `0.weight`, `3.2<-0.nor_conv_3x3.weight`. Then come the normalisations that stand by themselves, `norm0.weight`, the weights of
    /// custom layers, `4.w`, and the classifier, `classifier.weight` and `classifier.bias`. Affine normalisations have `weight`, `bias`,
    /// `running_mean` and `running_var`; those that follow a convolution have them under its name and `norm`.
    var namedWeights: [NamedWeights] {
        var normalizations = 0
        func name(of layer: any StoredLayer) -> String {
            switch layer.naming {
            case .number, .custom:
                let places = network.placesOfLayer[layer.place.index].map { network.places[$0] }
                let names = places.map { "\(space.choices[$0.choice].name).\(space.choices[$0.choice].candidates[$0.candidate])" }
                return ([String(layer.place.index)] + names).joined(separator: ".")
            case .normalization:
                defer { normalizations += 1 }
                return "norm\(normalizations)"
            case .classifier: return "classifier"
            }
        }
        let ordered = store.layers.enumerated().sorted { ($0.element.naming.rawValue, $0.offset) < ($1.element.naming.rawValue, $1.offset) }
        return ordered.flatMap { _, layer in
            let name = name(of: layer)
            return layer.arrays.map { array, start in
                NamedWeights(
                    name: "\(name).\(array.name)", shape: array.shape, isRunning: array.role == .running, start: start, array: array)
            }
        }
    }

    private func memory(of array: NamedWeights) -> UnsafeMutablePointer<Float> { array.isRunning ? store.running : store.weights }

    /// Copies of all arrays, see `namedWeights`.
    public var arrays: [(name: String, tensor: Tensor)] {
        namedWeights.map { ($0.name, Tensor(shape: $0.shape, values: $0.values(in: memory(of: $0)))) }
    }

    /// Takes over weights and running statistics, and begins with no momentum and nothing that an optimizer remembers. Throws, and
    /// changes nothing, unless names and shapes are those of `arrays`, in any order.
    public func replaceArrays(_ given: [(name: String, tensor: Tensor)]) throws {
        let known = namedWeights
        let tensors = Dictionary(given.map { (TextKey($0.name), $0.tensor) }, uniquingKeysWith: { first, _ in first })
        for array in known {
            guard let tensor = tensors[TextKey(array.name)] else {
                throw NASError(
                    .value, "there is no array '\(array.name)', of shape \(Tensor.text(array.shape)), among the \(given.count) given")
            }
            guard tensor.shape == array.shape else {
                throw NASError(
                    .value,
                    "the array '\(array.name)' has shape \(Tensor.text(tensor.shape)), and the network's has \(Tensor.text(array.shape))")
            }
        }
        let names = Set(known.map { TextKey($0.name) })
        if let extra = given.first(where: { !names.contains(TextKey($0.name)) }) {
            throw NASError(.value, "the network has no array '\(extra.name)'")
        }
        for array in known { if let tensor = tensors[TextKey(array.name)] { array.put(tensor.values, into: memory(of: array)) } }
        store.momentum.update(repeating: 0, count: store.count)
        store.ruleMemory = nil
    }
}

/// Weights, their momentum and running statistics, array by array, so that a state does not depend on how they lie in memory. Where an
/// optimizer remembers anything, the number of arrays is negative, and what it remembers comes last.
extension Supernet: Checkpointable {
    public func save(to archive: inout ArchiveWriter) {
        let arrays = namedWeights, memory = store.ruleMemory
        archive.write(memory == nil ? arrays.count : -arrays.count)
        for array in arrays {
            archive.write(array.name)
            archive.write(array.shape)
            archive.write(array.values(in: self.memory(of: array)))
            if !array.isRunning { archive.write(array.values(in: store.momentum)) }
        }
        guard let memory else { return }
        archive.write(memory.ruleName)
        archive.write(memory.slots.count)
        archive.write(store.layers.flatMap(\.ranges).map { memory.steps[$0.offset] ?? 0 })
        for array in arrays where !array.isRunning { for slot in memory.slots { archive.write(array.values(in: slot.pointer)) } }
    }

    public func restoration(from archive: inout ArchiveReader) throws -> () -> Void {
        let arrays = namedWeights
        let count = try archive.int()
        guard count.magnitude == arrays.count else {
            throw NASError(.value, "the saved supernet has \(count.magnitude) arrays of weights, this one \(arrays.count)")
        }
        var parts: [(values: [Float], momentum: [Float])] = []
        for array in arrays {
            let (name, shape) = (try archive.text(), try archive.ints())
            guard name.isSame(as: array.name), shape == array.shape else {
                let saved = "\(name) of shape \(Tensor.text(shape))", own = "\(array.name) of shape \(Tensor.text(array.shape))"
                throw NASError(.value, "the saved supernet has \(saved) where this one has \(own)")
            }
            parts.append((try archive.floats(), array.isRunning ? [] : try archive.floats()))
            let (values, momentum) = parts[parts.count - 1]
            guard values.count == array.count, array.isRunning || momentum.count == array.count else {
                throw archive.error("expected \(array.count) numbers for \(name)")
            }
        }
        let ruleMemory = count < 0 ? try savedRuleMemory(arrays, from: &archive) : nil
        return { [self] in
            for (array, part) in zip(arrays, parts) {
                array.put(part.values, into: memory(of: array))
                if !array.isRunning { array.put(part.momentum, into: store.momentum) }
            }
            store.ruleMemory = ruleMemory
        }
    }

    private func savedRuleMemory(_ arrays: [NamedWeights], from archive: inout ArchiveReader) throws -> RuleMemory {
        let (ruleName, slotCount) = (try archive.text(), try archive.int())
        guard (0...2).contains(slotCount) else {
            throw archive.error("expected up to 2 arrays that an optimizer keeps, found \(slotCount)")
        }
        let ranges = store.layers.flatMap(\.ranges), counts = try archive.ints()
        guard counts.count == ranges.count, counts.allSatisfy({ $0 >= 0 }) else {
            throw archive.error("expected the steps of \(ranges.count) parameters")
        }
        let steps = Dictionary(zip(ranges.map(\.offset), counts)) { first, _ in first }
        let memory = try RuleMemory(ruleName: ruleName, slotCount: slotCount, count: store.count, steps: steps)
        for array in arrays where !array.isRunning {
            for slot in memory.slots {
                let values = try archive.floats()
                guard values.count == array.count else { throw archive.error("expected \(array.count) numbers for \(array.name)") }
                array.put(values, into: slot.pointer)
            }
        }
        return memory
    }
}
