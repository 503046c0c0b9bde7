extension Block {
    /// A digest of what a path's network computes, but for the weights: identities and what cannot reach or leave are gone,
    /// and the order of a sum does not count. Equal digests mean the same function (a chance of 2^-64 aside).
    ///
    /// Every value of the network is a digest of the operation that makes it and of what goes in, so that the work
    /// grows with the network and not with the number of ways through it.
    func canonical(_ choices: [Choice], _ path: Path) -> String {
        var walk = Walk(decisions: Decisions(choices, path))
        for (i, function) in customFunctions.enumerated() { walk.customs[ObjectIdentifier(function)] = i }
        let value = canonical(["image"], &walk)
        return value.isEmpty ? Block.nothing : Block.digest(value.sorted())
    }

    private static let nothing = "#"

    private struct Walk {
        var decisions: Decisions
        /// Custom functions may be written alike and yet differ, by what they capture: they go by their number.
        var customs: [ObjectIdentifier: Int] = [:]
        var lastCellInput: [String]?
    }

    /// A value is the list of what is added up to make it, so that sums of sums are one sum; none stands for zeros.
    private func canonical(_ input: [String], _ walk: inout Walk) -> [String] {
        switch self {
        case .layer(.identity): return input
        case .layer(.zero): return []
        case .layer(.custom(let custom)):
            return [Block.digest(["custom \(walk.customs[ObjectIdentifier(custom.function)] ?? 0)", Block.digest(input.sorted())])]
        case .layer(let layer): return input.isEmpty && layer.keepsZero ? [] : [Block.digest([layer.description, Block.digest(input.sorted())])]
        case .sequence(let blocks):
            var value = input
            for block in blocks { value = block.canonical(value, &walk) }
            return value
        case .sum(let blocks): return blocks.flatMap { $0.canonical(input, &walk) }
        case .concatenation(let blocks): return Block.joined(blocks.map { $0.canonical(input, &walk) })
        case .gate(let block):
            let factor = block.canonical(input, &walk)
            return input.isEmpty || factor.isEmpty ? [] : [Block.digest(["gate", Block.digest(input.sorted()), Block.digest(factor.sorted())])]
        case .choice(let name, let candidates):
            guard let decision = walk.decisions[name], candidates.indices.contains(decision) else { return [] }
            return candidates[decision].block.canonical(input, &walk)
        case .cell(let cell):
            var nodes: [[String]]
            if cell.inputs.count == 2 {
                let previous = walk.lastCellInput ?? input
                walk.lastCellInput = input
                nodes = [cell.inputs[0].canonical(previous, &walk), cell.inputs[1].canonical(input, &walk)]
            } else {
                nodes = cell.inputs.map { $0.canonical(input, &walk) }
            }
            for target in cell.inputs.count..<max(cell.inputs.count, cell.nodes) {
                var sum: [String] = []
                for edge in cell.edges where edge.target == target && nodes.indices.contains(edge.source) {
                    sum += edge.block.canonical(nodes[edge.source], &walk)
                }
                // A digest keeps the list short where identities double it again and again.
                nodes.append(sum.count > 64 ? [Block.digest(sum.sorted())] : sum)
            }
            guard cell.concatenates else { return nodes.last ?? [] }
            return Block.joined(Array(nodes.dropFirst(cell.inputs.count)))
        }
    }

    private static func joined(_ parts: [[String]]) -> [String] {
        parts.allSatisfy(\.isEmpty) ? [] : [digest(["concat"] + parts.map { $0.isEmpty ? nothing : digest($0.sorted()) })]
    }

    /// 128 bits in hexadecimal: two FNV-1a sums over the parts, mixed.
    private static func digest(_ parts: [String]) -> String {
        var (a, b): (UInt64, UInt64) = (0xcbf2_9ce4_8422_2325, 0x9ae1_6a3b_2f90_404f)
        for part in parts {
            for byte in part.utf8 {
                a = (a ^ UInt64(byte)) &* 0x100_0000_01b3
                b = (b ^ UInt64(byte)) &* 0x100_0000_01b3
            }
            (a, b) = ((a ^ 0x1ff) &* 0x100_0000_01b3, (b ^ 0x2ff) &* 0x100_0000_01b3)
        }
        var (first, second) = (SplitMix64(state: a), SplitMix64(state: b ^ a))
        return hexadecimal(first.next()) + hexadecimal(second.next())
    }

    private static func hexadecimal(_ word: UInt64) -> String {
        let digits = String(word, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}

extension Block.Layer {
    /// Whether an image of zeros gives zeros, as far as that is told from the layer alone; gamma and beta that only stand-alone networks
    /// have count as none.
    fileprivate var keepsZero: Bool {
        switch self {
        case .convolution(let convolution): !convolution.bias
        case .linear(_, let bias): !bias
        case .batchNormalization(let affine): affine != true
        case .layerNormalization(let affine): !affine
        case .activation(let function): function.keepsZero
        case .custom: false
        case .maximumPool, .averagePool, .globalPool, .flatten, .dropout, .identity, .zero, .shift, .squeezeExcite: true
        }
    }
}
