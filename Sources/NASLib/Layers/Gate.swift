/// y[p, c] = x[p, c] * f[c]: times the channels of another node, an image of one pixel.
struct Gate: PlannedLayer {
    func step(at site: Site, _ memory: inout StepMemory) -> any LayerStep {
        guard let factor = site.factor else { preconditionFailure("a gate has two sources") }
        return GateStep(site, factor)
    }
}

private final class GateStep: LayerStep {
    private let site: Site
    private let factor: Images

    init(_ site: Site, _ factor: Images) { (self.site, self.factor) = (site, factor) }

    func forward(_ share: Share, _ examples: Range<Int>, adds: Bool) {
        let row = site.input.row
        for example in examples where !share.isStopping {
            let x = share.image(site.input, example), f = share.image(factor, example), y = share.target(site.output, example)
            for p in 0..<site.input.pixels {
                for block in 0..<row / 8 {
                    let i = p * row / 8 + block
                    let product = x.vectors[i] * f.vectors[block]
                    y.vectors[i] = adds ? y.vectors[i] + product : product
                }
            }
        }
    }

    /// Product rule: dx += dy * f, df += sum over pixels of dy * x.
    func backward(_ share: Share, adds: Adds) {
        let row = site.input.row
        for chunk in share.chunks {
            for example in share.partition.chunks[chunk] {
                let x = share.image(site.input, example), f = share.image(factor, example)
                let dy = UnsafePointer(share.delta(site.output, example))
                let dx = share.delta(site.input, example), df = share.delta(factor, example)
                if !adds.toSource { dx.update(repeating: 0, count: site.input.count) }
                if !adds.toFactor { df.update(repeating: 0, count: row) }
                for block in 0..<row / 8 {
                    var sum = Vector.zero
                    for p in 0..<site.input.pixels {
                        let i = p * row / 8 + block
                        dx.vectors[i] += dy.vectors[i] * f.vectors[block]
                        sum += dy.vectors[i] * x.vectors[i]
                    }
                    df.vectors[block] += sum
                }
            }
        }
    }
}
