import Foundation

extension Proxy {
    /// For each channel of a layer's outputs a with derivative g: half the batch's mean of (sum over pixels of a · g)².
    static let fisher = Proxy("fisher", "the squared sums of activation · derivative") { try $0.fisher() }
}

extension Probe {
    fileprivate func fisher() throws -> Double {
        let plan = plan.plain(normalizes: true)
        try differentiate(plan)
        var total = 0.0
        for step in executor.layout.steps.joined() { if let convolution = step as? ConvolutionStep { total += fisher(convolution) } }
        return total + fisherOfClassifier(plan)
    }

    private func fisher(_ step: ConvolutionStep) -> Double {
        let node = step.site.output
        let raw = executor.arena.pointer + step.raw
        let delta = executor.arena.pointer + node.deltas
        let statistics = executor.statistics.view(executor.partition, thread: 0)
        func vector(_ kind: BatchStatistics.View.Kind) -> UnsafeMutablePointer<Float> {
            statistics.vector(step.normalizer?.start ?? 0, kind, channels: node.row)
        }
        let (mean, scale, product, offset) = (vector(.mean), vector(.scale), vector(.product), vector(.offset))
        let normalizes = step.normalizer != nil
        var total = 0.0
        for example in 0..<executor.layout.batchSize {
            for channel in 0..<node.channels {
                var sum = 0.0
                for pixel in 0..<node.pixels {
                    let i = example * node.count + pixel * node.row + channel
                    var g = Double(delta[i])
                    if normalizes {
                        // What the normalisation hands back.
                        g = g * Double(scale[channel]) - Double(raw[i] - mean[channel]) * Double(product[channel]) - Double(offset[channel])
                    }
                    sum += Double(raw[i]) * g
                }
                total += sum * sum
            }
        }
        return total / 2 / Double(executor.layout.batchSize)
    }

    private func fisherOfClassifier(_ plan: Plan) -> Double {
        let layer = plan.classifier, last = plan.nodes.count - 1
        let outputs = executor.layout.images[last], inputs = executor.layout.images[plan.nodes[last].edges[0].source]
        let weights = store.weights + layer.weightOffset
        var total = 0.0
        for example in 0..<executor.layout.batchSize {
            let features = executor.arena.pointer + inputs.values + example * inputs.count
            let deltas = executor.arena.pointer + outputs.deltas + example * outputs.count
            for k in 0..<layer.outputs {
                var logit = Double(weights[layer.inputs * layer.outputs + k])
                for c in 0..<layer.inputs { logit += Double(features[c]) * Double(weights[c * layer.outputs + k]) }
                total += (logit * Double(deltas[k])) * (logit * Double(deltas[k]))
            }
        }
        return total / 2 / Double(executor.layout.batchSize)
    }
}
