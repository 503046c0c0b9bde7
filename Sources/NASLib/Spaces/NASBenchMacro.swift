/// The chain space of NAS-Bench-Macro (Su et al., 2021): eight layers, three candidates each, written as eight digits.
///
/// Stem 3x3; stages of 2, 3 and 3 layers, the first of each with stride 2 and twice the channels; each layer the identity
/// (a 1x1 convolution where the shape changes) or an inverted residual block, kernel 3 and expansion 3, or 5 and 6.
public enum NASBenchMacro {
    public static let name = "nasbenchmacro"
    static let stages = [2, 3, 3]

    /// - Parameters:
    ///   - channels: of the stem.
    ///   - features: of the last convolution.
    public static func space(channels: Int = 32, features: Int = 1280, classes: Int = 10) throws -> DeclaredSpace {
        var blocks: [Block] = [.convolution(channels), .batchNormalization, .relu]
        var (width, layer) = (channels, 0)
        for layers in stages {
            for position in 0..<layers {
                let (outputs, stride) = position == 0 ? (2 * width, 2) : (width, 1)
                let shortcut = position == 0 ? Block.sequence([.convolution(outputs, kernel: 1, stride: 2), .batchNormalization]) : .identity
                blocks.append(.choice(name: "layer\(layer)", candidates: [
                    .init("identity", shortcut),
                    .init("k3t3", .invertedResidual(inputs: width, outputs: outputs, kernel: 3, expansion: 3, stride: stride, activation: .relu)),
                    .init("k5t6", .invertedResidual(inputs: width, outputs: outputs, kernel: 5, expansion: 6, stride: stride, activation: .relu)),
                ]))
                width = outputs
                layer += 1
            }
        }
        blocks += [.convolution(features, kernel: 1), .batchNormalization, .relu, .globalPool, .linear(classes)]
        return try DeclaredSpace(name: name, .sequence(blocks), writesDigits: true)
    }
}

extension Block {
    /// Expand by a 1x1 convolution, convolve each channel by itself, project back (Sandler et al., 2018); plus the input,
    /// where the shapes match.
    public static func invertedResidual(inputs: Int, outputs: Int, kernel: Int, expansion: Int, stride: Int, activation: Activation) -> Block {
        let function = Block.layer(.activation(activation))
        let expand: [Block] = expansion == 1 ? [] : [.convolution(inputs * expansion, kernel: 1), .batchNormalization, function]
        let body = Block.sequence(expand + [
            .depthwise(kernel: kernel, stride: stride), .batchNormalization, function, .convolution(outputs, kernel: 1), .batchNormalization,
        ])
        return stride == 1 && inputs == outputs ? .residual(body) : body
    }
}
