/// The cell space of DARTS (Liu et al., 2019): a normal cell and a reduction cell, each of four nodes that get the two
/// cells before and all earlier nodes, with seven candidates and none on each edge.
///
/// As in its search network, pooling is followed by a normalisation without gamma and beta.
public enum DARTS {
    public static let name = "darts"
    public static let candidates = [
        "none", "max_pool_3x3", "avg_pool_3x3", "skip_connect", "sep_conv_3x3", "sep_conv_5x5", "dil_conv_3x3", "dil_conv_5x5",
    ]

    /// - Parameters:
    ///   - channels: of the first cells' nodes, even; doubled by each of the two reduction cells, a third and two thirds of the way.
    ///   - nodes: in a cell, the two inputs not counted.
    public static func space(channels: Int = 16, cells: Int = 8, nodes: Int = 4, classes: Int = 10) throws -> DeclaredSpace {
        guard (2...4096).contains(channels), channels % 2 == 0 else {
            throw NASError(.value, "'channels' must be even and from 2 to 4096, not \(channels)", parameter: "channels")
        }
        guard (1...200).contains(cells) else { throw NASError(.value, "'cells' must be from 1 to 200, not \(cells)", parameter: "cells") }
        guard (1...16).contains(nodes) else { throw NASError(.value, "'nodes' must be from 1 to 16, not \(nodes)", parameter: "nodes") }
        var blocks: [Block] = [.convolution(3 * channels), .batchNormalization]
        var width = channels
        var reducedBefore = false
        for cell in 0..<cells {
            let reduces = cells >= 3 && (cell == cells / 3 || cell == 2 * cells / 3)
            if reduces { width *= 2 }
            let kind = reduces ? "reduce" : "normal"
            var edges: [Block.Cell.Edge] = []
            for target in 2..<2 + nodes {
                for source in 0..<target {
                    let stride = reduces && source < 2 ? 2 : 1
                    edges.append(.init(source, target, .choice(
                                name: "\(kind):\(source)->\(target)",
                                candidates: candidates.map { .init($0, operation($0, width, stride: stride)) })))
                }
            }
            let align = Block.sequence([.relu, .convolution(width, kernel: 1), .batchNormalization])
            blocks.append(.cell(.init(
                inputs: [reducedBefore ? halving(width) : align, align], nodes: 2 + nodes, edges: edges, concatenates: true)))
            reducedBefore = reduces
        }
        return try DeclaredSpace(name: name, .sequence(blocks + [.globalPool, .linear(classes)]))
    }

    private static func operation(_ name: String, _ channels: Int, stride: Int) -> Block {
        func separable(_ kernel: Int, stride: Int, dilation: Int = 1) -> [Block] {
            [.relu, .depthwise(kernel: kernel, stride: stride, dilation: dilation), .convolution(channels, kernel: 1), .batchNormalization]
        }
        let plain = Block.layer(.batchNormalization(affine: false))
        switch name {
        case "max_pool_3x3": return .sequence([.maximumPool(kernel: 3, stride: stride, padding: 1), plain])
        case "avg_pool_3x3": return .sequence([.averagePool(kernel: 3, stride: stride, padding: 1), plain])
        case "skip_connect": return stride == 1 ? .identity : halving(channels)
        case "sep_conv_3x3": return .sequence(separable(3, stride: stride) + separable(3, stride: 1))
        case "sep_conv_5x5": return .sequence(separable(5, stride: stride) + separable(5, stride: 1))
        case "dil_conv_3x3": return .sequence(separable(3, stride: stride, dilation: 2))
        case "dil_conv_5x5": return .sequence(separable(5, stride: stride, dilation: 2))
        default: return .zero(stride: stride)
        }
    }

    /// Half the size by two 1x1 convolutions of stride 2, one of the even pixels and one of the odd, each to half of the channels.
    private static func halving(_ channels: Int) -> Block {
        let half = Block.convolution(channels / 2, kernel: 1, stride: 2)
        return .sequence([.relu, .concatenation([half, .sequence([.layer(.shift), half])]), .batchNormalization])
    }
}
