/// y = x.
struct Identity: LayerKind, PlannedLayer {
    var description: String { "\"skip\"" }
    func step(at site: Site, _ memory: inout StepMemory) -> any LayerStep { IdentityStep(site) }
}

extension DeclaredLayer { public static let identity = DeclaredLayer(Identity()) }

private final class IdentityStep: LayerStep {
    private let site: Site

    init(_ site: Site) { self.site = site }

    func forward(_ share: Share, _ examples: Range<Int>, adds: Bool) {
        for example in examples where !share.isStopping {
            Elementwise.accumulate(
                share.image(site.input, example), mask: nil, into: share.target(site.output, example), count: site.output.count, adds: adds)
        }
    }

    func backward(_ share: Share, adds: Adds) {
        for chunk in share.chunks {
            let range = share.partition.chunks[chunk]
            Elementwise.accumulate(
                share.delta(site.output, range.lowerBound), mask: nil, into: share.delta(site.input, range.lowerBound),
                count: range.count * site.output.count, adds: adds.toSource)
        }
    }
}
