/// logits = x W + b: the last layer of a network, on images of one pixel. It has few outputs, and its sums go feature by feature.
struct Classifier: StoredLayer {
    var inputs: Int
    var outputs: Int
    var place = LayerPlace()

    /// W, `inputs` x `outputs` row by row, and b after it, in one range.
    var slots: [ParameterSlot] {
        let (inputs, outputs) = (inputs, outputs), bound = 1 / Double(inputs).squareRoot()
        return [ParameterSlot(arrays: [
            ParameterArray(
                name: "weight", role: .weight, shape: [outputs, inputs], extent: inputs * outputs, start: .uniform(bound: bound),
                place: { $0 % inputs * outputs + $0 / inputs }),
            ParameterArray(name: "bias", role: .bias, shape: [outputs], extent: outputs, start: .uniform(bound: bound)),
        ])]
    }

    var naming: ArrayNaming { .classifier }
    var keepsZero: Bool { false }
    var scaling: Scaling { .weights }
    var weightOffset: Int { place.offsets[0] }
    var weightCount: Int { inputs * outputs + outputs }

    /// Drawn in the order in which they lie.
    func start(_ weights: UnsafeMutablePointer<Float>, running: UnsafeMutablePointer<Float>, using generator: inout Generator) {
        let bound = 1 / Double(inputs).squareRoot()
        for i in 0..<weightCount { weights[weightOffset + i] = Float((2 * generator.uniform() - 1) * bound) }
    }

    func step(at site: Site, _ memory: inout StepMemory) -> any LayerStep {
        memory.scratch.share = max(memory.scratch.share, outputs)
        return ClassifierStep(self, site)
    }
}

private final class ClassifierStep: LayerStep {
    private let site: Site
    private let inputs: Int
    private let outputs: Int
    /// Where its numbers lie in the store.
    private let offset: Int

    init(_ layer: Classifier, _ site: Site) {
        self.site = site
        (inputs, outputs, offset) = (layer.inputs, layer.outputs, layer.weightOffset)
    }

    func forward(_ share: Share, _ examples: Range<Int>, adds: Bool) {
        let linear = share.weights + offset
        for example in examples {
            let features = share.image(site.input, example), logits = share.target(site.output, example)
            for k in 0..<outputs { logits[k] = linear[inputs * outputs + k] }
            for c in 0..<inputs {
                let f = features[c]
                let row = linear + c * outputs
                for k in 0..<outputs { logits[k] += f * row[k] }
            }
        }
    }

    /// dx = W d, dW = x d summed over the examples, db = d; each number's sum over a chunk begins at 0.
    func backward(_ share: Share, adds: Adds) {
        let linear = share.weights + offset
        let row = share.scratch.share.pointer
        let features = share.arena + site.input.values, deltas = share.arena + site.input.deltas
        let logitDeltas = share.arena + site.output.deltas
        let (channels, classes) = (site.input.row, site.output.row)
        for chunk in share.chunks {
            let gradient = share.gradient(chunk, offset)
            let range = share.partition.chunks[chunk]
            /// Adds up a row of numbers over the chunk's examples, and then to those of the chunks before.
            func addRow(_ index: Int, _ add: (_ example: Int, _ delta: UnsafePointer<Float>) -> Void) {
                row.update(repeating: 0, count: outputs)
                for example in range { add(example, UnsafePointer(logitDeltas + example * classes)) }
                let target = gradient + index * outputs
                for k in 0..<outputs { target[k] += row[k] }
            }
            for c in 0..<inputs {
                addRow(c) { example, logitDelta in
                    let f = features[example * channels + c]
                    var delta: Float = 0
                    for k in 0..<outputs {
                        delta += linear[c * outputs + k] * logitDelta[k]
                        row[k] += f * logitDelta[k]
                    }
                    let target = deltas + example * channels + c
                    target.pointee = adds.toSource ? target.pointee + delta : delta
                }
            }
            addRow(inputs) { _, logitDelta in for k in 0..<outputs { row[k] += logitDelta[k] } }
            guard !adds.toSource else { continue }
            for example in range { (deltas + example * channels + inputs).update(repeating: 0, count: channels - inputs) }
        }
    }
}
