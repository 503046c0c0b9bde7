/// y = 0, of an image smaller by the stride. A plan has no edge for it.
struct Zero: LayerKind {
    var stride: Int

    var description: String { stride == 1 ? "\"none\"" : "zero(stride: \(stride))" }

    func outputShape(for input: ImageShape) throws -> ImageShape {
        guard (1...64).contains(stride) else { throw failure("the stride must be from 1 to 64") }
        let (height, width) = ((input.height + stride - 1) / stride, (input.width + stride - 1) / stride)
        return ImageShape(height: height, width: width, channels: input.channels)
    }

    func planned(for input: ImageShape, isAlone: Bool) throws -> any PlannedLayer { preconditionFailure("zeros have no edge") }
}

extension DeclaredLayer { public static func zero(stride: Int) -> DeclaredLayer { DeclaredLayer(Zero(stride: stride)) } }
