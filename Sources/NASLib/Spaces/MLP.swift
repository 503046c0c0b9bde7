/// Networks of linear layers for small data: each hidden layer is left out, or a linear layer with one of five
/// activations, or a bottleneck of a quarter of the width.
public enum MLP {
    public static let name = "mlp"

    public static func space(width: Int = 64, depth: Int = 4, classes: Int = 10) throws -> DeclaredSpace {
        guard width >= 4, width <= 1 << 16 else {
            throw NASError(.value, "'width' must be from 4 to 65536, not \(width)", parameter: "width")
        }
        guard (1...200).contains(depth) else { throw NASError(.value, "'depth' must be from 1 to 200, not \(depth)", parameter: "depth") }
        var blocks: [Block] = [.flatten, .linear(width), .relu]
        for layer in 1...depth {
            var candidates: [Block.Candidate] = [.init("skip", .identity)]
            for function in [Activation.relu, .gelu, .swish, .tanh, .sigmoid] {
                candidates.append(.init(function.rawValue, .sequence([.linear(width), .layer(.activation(function))])))
            }
            candidates.append(.init("bottleneck", .sequence([.linear(width / 4), .relu, .linear(width), .relu])))
            blocks.append(.choice(name: "layer\(layer)", candidates: candidates))
        }
        return try DeclaredSpace(name: name, .sequence(blocks + [.linear(classes)]))
    }
}
