/// The chain of ProxylessNAS (Cai et al., 2019): inverted residual blocks of kernel 3, 5 or 7 and expansion 3 or 6, and
/// a skip connection where the shape stays.
public enum MobileNet {
    public static let name = "mobilenet"
    /// Channels, most layers and stride of each stage after the first block.
    static let stages: [(channels: Int, layers: Int, stride: Int)] = [
        (24, 4, 2), (40, 4, 2), (80, 4, 2), (96, 4, 1), (192, 4, 2), (320, 1, 1),
    ]

    /// - Parameters:
    ///   - width: multiplies all channels, which stay multiples of eight.
    ///   - layers: at most so many in a stage.
    ///   - stemStride: 2 for large images, 1 for small ones.
    public static func space(width: Double = 1, layers: Int = 4, stemStride: Int = 2, classes: Int = 10) throws -> DeclaredSpace {
        guard width > 0, width <= 16 else {
            throw NASError(.value, "'width' must be above 0 and at most 16, not \(width)", parameter: "width")
        }
        guard layers >= 1 else { throw NASError(.value, "'layers' must be at least 1, not \(layers)", parameter: "layers") }
        func scaled(_ channels: Int) -> Int { max(8, Int(saturating: (Double(channels) * width / 8).rounded()) * 8) }
        let relu6 = Block.layer(.activation(.relu6))
        var channels = scaled(32)
        var blocks: [Block] = [.convolution(channels, stride: stemStride), .batchNormalization, relu6]
        blocks.append(.invertedResidual(inputs: channels, outputs: scaled(16), kernel: 3, expansion: 1, stride: 1, activation: .relu6))
        channels = scaled(16)
        for (i, stage) in stages.enumerated() {
            for layer in 0..<min(layers, stage.layers) {
                let (outputs, stride) = (scaled(stage.channels), layer == 0 ? stage.stride : 1)
                var candidates: [Block.Candidate] = []
                for kernel in [3, 5, 7] {
                    for expansion in [3, 6] {
                        candidates.append(.init("k\(kernel)e\(expansion)", .invertedResidual(
                            inputs: channels, outputs: outputs, kernel: kernel, expansion: expansion, stride: stride, activation: .relu6)))
                    }
                }
                if layer > 0 { candidates.append(.init("skip", .identity)) }
                blocks.append(.choice(name: "\(i + 1).\(layer + 1)", candidates: candidates))
                channels = outputs
            }
        }
        blocks += [.convolution(scaled(1280), kernel: 1), .batchNormalization, relu6, .globalPool, .linear(classes)]
        return try DeclaredSpace(name: name, .sequence(blocks))
    }
}
