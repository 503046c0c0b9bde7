import CKernels

/// Convolution in groups: the outputs of a group see the inputs of the same group only. Plain loops, for groups of a few
/// channels: `Convolution` takes groups of whole vectors, `DepthwiseConvolution` those of one channel.
///
/// Weights lie as [tap][input of the group][output].
struct GroupedConvolution {
    /// Channels of all groups together.
    var inputs: Int
    var outputs: Int
    var groups: Int
    /// Floats from one tap's and input's weights to the next: the outputs, rounded up to whole vectors.
    var row: Int

    private var groupInputs: Int { inputs / groups }
    private var groupOutputs: Int { outputs / groups }

    /// output[pixel][o] = sum over taps t and inputs i of o's group of image[pixel + t][i] * weights[t][i][o]; 0 in the places that pad a
    /// pixel.
    func forward(
        _ sum: PixelSum, _ image: UnsafePointer<Float>, _ weights: UnsafePointer<Float>, _ output: UnsafeMutablePointer<Float>
    ) {
        let (taps, tapCount) = (sum.taps, sum.tapCount)
        for p in 0..<sum.pixelCount {
            let y = output + Int(sum.outputOffsets[p])
            y.update(repeating: 0, count: row)
            for t in 0..<tapCount {
                let x = image + Int(sum.pixels[p] &+ taps[t])
                for g in 0..<groups {
                    for i in 0..<groupInputs {
                        let w = weights + ((t * groupInputs + i) * row + g * groupOutputs)
                        let value = x[g * groupInputs + i]
                        for o in 0..<groupOutputs { y[g * groupOutputs + o] += value * w[o] }
                    }
                }
            }
        }
    }

    /// The input gradient: input[pixel][i] = sum over taps t and outputs o of i's group of delta[pixel + t][o] * weights[t][i][o].
    func inputGradient(
        _ sum: PixelSum, _ delta: UnsafePointer<Float>, _ weights: UnsafePointer<Float>, _ input: UnsafeMutablePointer<Float>
    ) {
        let (taps, tapWeights, tapCount) = (sum.taps, sum.tapWeights, sum.tapCount)
        for p in 0..<sum.pixelCount {
            let dx = input + Int(sum.outputOffsets[p])
            dx.update(repeating: 0, count: sum.outputs)
            for t in 0..<tapCount {
                let d = delta + Int(sum.pixels[p] &+ taps[t])
                for g in 0..<groups {
                    for i in 0..<groupInputs {
                        let w = weights + ((Int(tapWeights[t]) * groupInputs + i) * row + g * groupOutputs)
                        var sum: Float = 0
                        for o in 0..<groupOutputs { sum += d[g * groupOutputs + o] * w[o] }
                        dx[g * groupInputs + i] += sum
                    }
                }
            }
        }
    }

    /// gradient[t][i][o] += sum over pixels of image[pixel + t][i] * delta[pixel][o].
    func weightGradient(
        _ sum: WeightSum, _ image: UnsafePointer<Float>, _ delta: UnsafePointer<Float>, _ gradient: UnsafeMutablePointer<Float>
    ) {
        let (taps, tapCount) = (sum.rows, sum.rowCount)
        for p in 0..<sum.pixelCount {
            let d = delta + Int(sum.deltaOffsets[p])
            for t in 0..<tapCount {
                let x = image + Int(sum.pixels[p] &+ taps[t])
                for g in 0..<groups {
                    for i in 0..<groupInputs {
                        let w = gradient + ((t * groupInputs + i) * row + g * groupOutputs)
                        let value = x[g * groupInputs + i]
                        for o in 0..<groupOutputs { w[o] += value * d[g * groupOutputs + o] }
                    }
                }
            }
        }
    }
}
