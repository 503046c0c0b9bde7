/// A layer that computes every image by itself: two functions of one image.
protocol ImageLayer: PlannedLayer {
    /// The output image is put into `y`, or added to what is there.
    func forward(_ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>, adds: Bool, _ pass: ImagePass)
    /// The derivative by the input image, from that by the output image, is added to `dx`; that by its parameters to `pass.gradient`.
    func backward(_ dy: UnsafePointer<Float>, at x: UnsafePointer<Float>, into dx: UnsafeMutablePointer<Float>, _ pass: ImagePass)
    /// Floats of `Scratch.input` that it uses.
    func scratchCount(_ site: Site) -> Int
}

/// What comes with an image on its way through a layer.
struct ImagePass {
    let input: Images
    let output: Images
    /// The numbers of the layer's first slot, and where their gradient is added up.
    var parameters: UnsafePointer<Float>?
    var gradient: UnsafeMutablePointer<Float>?
    var example = 0
    var isTraining = false
    /// Of this step's dropout.
    var seed: UInt64 = 0
    var scratch: UnsafeMutablePointer<Float>?
}

extension ImageLayer {
    func scratchCount(_ site: Site) -> Int { 0 }
    func step(at site: Site, _ memory: inout StepMemory) -> any LayerStep { ImageStep(self, site, &memory) }
}

/// An image layer at its place.
final class ImageStep<Layer: ImageLayer>: LayerStep {
    private let layer: Layer
    private let site: Site
    /// Where its parameters lie, and how many there are.
    private let parameters: (offset: Int, count: Int)?
    private let usesScratch: Bool

    init(_ layer: Layer, _ site: Site, _ memory: inout StepMemory) {
        (self.layer, self.site) = (layer, site)
        if let stored = layer as? any StoredLayer, let slot = stored.slots.first {
            parameters = (stored.place.offsets[0], slot.count)
        } else {
            parameters = nil
        }
        let scratch = layer.scratchCount(site)
        usesScratch = scratch > 0
        memory.scratch.input = max(memory.scratch.input, scratch)
        memory.scratch.share = max(memory.scratch.share, parameters?.count ?? 0)
    }

    private func pass(_ share: Share) -> ImagePass {
        ImagePass(
            input: site.input, output: site.output, parameters: parameters.map { UnsafePointer(share.weights + $0.offset) },
            isTraining: share.isTraining, seed: share.dropoutSeed, scratch: usesScratch ? share.scratch.input.pointer : nil)
    }

    func forward(_ share: Share, _ examples: Range<Int>, adds: Bool) {
        var pass = pass(share)
        for example in examples where !share.isStopping {
            pass.example = example
            layer.forward(share.image(site.input, example), into: share.target(site.output, example), adds: adds, pass)
        }
    }

    func backward(_ share: Share, adds: Adds) {
        guard !site.input.isInput else { return }
        for chunk in share.chunks {
            if let parameters {
                share.addGradient(chunk, parameters.offset, count: parameters.count) { backward(share, chunk, adds: adds, gradient: $0) }
            } else {
                backward(share, chunk, adds: adds, gradient: nil)
            }
        }
    }

    private func backward(_ share: Share, _ chunk: Int, adds: Adds, gradient: UnsafeMutablePointer<Float>?) {
        var pass = pass(share)
        pass.gradient = gradient
        for example in share.partition.chunks[chunk] {
            let dx = share.delta(site.input, example)
            if !adds.toSource { dx.update(repeating: 0, count: site.input.count) }
            pass.example = example
            layer.backward(share.delta(site.output, example), at: share.image(site.input, example), into: dx, pass)
        }
    }
}
