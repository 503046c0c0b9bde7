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

    /// output[pixel][o] = sum over taps t and inputs i of o's group of image[pixel + t][i] * weights[t][i][o]; 0 in the places that pad a pixel.
    func forward(
        image: UnsafePointer<Float>, pixels: UnsafePointer<Int32>, pixelCount: Int, taps: UnsafePointer<Int32>, tapCount: Int,
        weights: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>, outputOffsets: UnsafePointer<Int32>
    ) {
        for p in 0..<pixelCount {
            let y = output + Int(outputOffsets[p])
            y.update(repeating: 0, count: row)
            for t in 0..<tapCount {
                let x = image + Int(pixels[p] &+ taps[t])
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
        delta: UnsafePointer<Float>, pixels: UnsafePointer<Int32>, pixelCount: Int, taps: UnsafePointer<Int32>, tapWeights: UnsafePointer<Int32>,
        tapCount: Int, weights: UnsafePointer<Float>, input: UnsafeMutablePointer<Float>, inputOffsets: UnsafePointer<Int32>, inputRow: Int
    ) {
        for p in 0..<pixelCount {
            let dx = input + Int(inputOffsets[p])
            dx.update(repeating: 0, count: inputRow)
            for t in 0..<tapCount {
                let d = delta + Int(pixels[p] &+ taps[t])
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
        image: UnsafePointer<Float>, pixels: UnsafePointer<Int32>, pixelCount: Int, taps: UnsafePointer<Int32>, tapCount: Int,
        delta: UnsafePointer<Float>, deltaOffsets: UnsafePointer<Int32>, gradient: UnsafeMutablePointer<Float>
    ) {
        for p in 0..<pixelCount {
            let d = delta + Int(deltaOffsets[p])
            for t in 0..<tapCount {
                let x = image + Int(pixels[p] &+ taps[t])
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
