import CKernels
import CProcessor
import WideKernels

/// The kernels in which a network spends its time, for the vectors that the processor has.
///
/// The files of Sources/WideKernels are links to some of this folder: they are compiled here for AVX2 with vectors of eight floats, and
/// there for AVX-512 with vectors of sixteen (`WIDE_VECTORS`), since Swift has no functions for another processor than their module's. What
/// must hold for them:
/// - They are called through this table alone, which is chosen once.
/// - Both widths add up each number in the same order, so that results are the same bits (`KernelTests`).
/// - Nothing of the standard library may be left in them that is not inlined: arrays, closures that escape, `print`, `min` of anything but
///   numbers. The compiler would put a copy for AVX-512 into WideKernels under a name that other modules have too, the linker keeps one of
///   them, and a processor without AVX-512 might run it. `Tests/symbols` looks for such copies after a build.
/// - They share no type that is declared in one of the two modules: an initialiser of WideKernels is code for AVX-512, too. What goes from
///   here to there is pointers, numbers and the C structs of them in Sources/CKernels.
package struct Kernels: Sendable {
    package typealias Source = UnsafePointer<Float>
    package typealias Target = UnsafeMutablePointer<Float>
    /// From an image and weights to an output.
    package typealias Forward = @Sendable (_ sum: PixelSum, _ image: Source, _ weights: Source, _ output: Target) -> Void
    /// From an image and deltas, added to a gradient.
    package typealias WeightGradient = @Sendable (_ sum: WeightSum, _ image: Source, _ delta: Source, _ gradient: Target) -> Void

    /// `Convolution.forward`: also the input gradient, with transposed lists and weights.
    package let convolve: Forward
    /// `Convolution.weightGradient`.
    package let addWeightGradient: WeightGradient
    /// `DepthwiseConvolution.forward`: also the input gradient.
    package let convolveDepthwise: Forward
    /// `DepthwiseConvolution.weightGradient`.
    package let addDepthwiseWeightGradient: WeightGradient
    /// `Padding.copy`: an image into one with a border, with ReLU on the way if it `activates`.
    package let pad: @Sendable (_ source: Source, _ target: Target, _ image: PaddedImage, _ activates: Bool) -> Void

    /// Those of this processor.
    package static let chosen = CProcessor_hasWideVectors() != 0 ? wide : narrow

    /// Vectors of eight floats.
    package static let narrow = Kernels(
        convolve: Convolution.forward, addWeightGradient: Convolution.weightGradient, convolveDepthwise: DepthwiseConvolution.forward,
        addDepthwiseWeightGradient: DepthwiseConvolution.weightGradient, pad: { Padding.copy($0, $1, $2, activates: $3) })

    /// Vectors of sixteen floats, where the channels are as many; only for processors that have them.
    package static let wide = Kernels(
        convolve: { sum, image, weights, output in
            var (part, rest) = (sum, sum)
            part.outputs = sum.outputs / 16 * 16
            rest.outputs = sum.outputs - part.outputs
            if part.outputs > 0 { WideKernels.Convolution.forward(part, image, weights, output) }
            if rest.outputs > 0 {
                Convolution.forward(rest, image, weights + part.outputs * sum.weightTaps * sum.inputs, output + part.outputs)
            }
        },
        addWeightGradient: { sum, image, delta, gradient in
            var (part, rest) = (sum, sum)
            part.outputs = sum.outputs / 16 * 16
            rest.outputs = sum.outputs - part.outputs
            if part.outputs > 0 { WideKernels.Convolution.weightGradient(part, image, delta, gradient) }
            if rest.outputs > 0 {
                Convolution.weightGradient(rest, image, delta + part.outputs, gradient + part.outputs * sum.rowCount)
            }
        },
        convolveDepthwise: { sum, image, weights, output in
            if sum.outputs % 16 == 0 {
                WideKernels.DepthwiseConvolution.forward(sum, image, weights, output)
            } else {
                DepthwiseConvolution.forward(sum, image, weights, output)
            }
        },
        addDepthwiseWeightGradient: { sum, image, delta, gradient in
            if sum.outputs % 16 == 0 {
                WideKernels.DepthwiseConvolution.weightGradient(sum, image, delta, gradient)
            } else {
                DepthwiseConvolution.weightGradient(sum, image, delta, gradient)
            }
        },
        pad: { source, target, image, activates in
            if image.width * image.channels % 16 == 0 {
                WideKernels.Padding.copy(source, target, image, activates: activates)
            } else {
                Padding.copy(source, target, image, activates: activates)
            }
        })
}
