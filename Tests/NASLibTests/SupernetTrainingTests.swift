@testable import NASLib
import Testing

/// A training without an interpreter: what a Swift program calls.
@Suite struct SupernetTrainings {
    /// Prefers candidates that were drawn seldom: a sampler is a `drawPaths`, and what else it likes.
    private final class SeldomFirst: PathSampler {
        private(set) var counts: [[Int]]
        private(set) var refreshes: [Double] = []

        init(_ space: any SearchSpace) { counts = space.choices.map { Array(repeating: 0, count: $0.candidates.count) } }

        func drawPaths(using generator: inout Generator) -> [Path] {
            let pairs = counts.map { counts -> [UInt8] in
                let order = counts.indices.sorted { (counts[$0], $0) < (counts[$1], $1) }
                return order.prefix(2).map { UInt8($0) }
            }
            return [Path(pairs.map { $0[0] }), Path(pairs.map { $0[1] })]
        }

        func observe(_ path: Path, _ seen: PathObservation) {
            for (i, candidate) in path.choices.enumerated() { counts[i][Int(candidate)] += 1 }
        }

        var isRefreshed: Bool { true }
        func refresh(smoothing: Double, temperature: Double, progress: Double) { refreshes.append(smoothing) }
    }

    private func parts() throws -> (net: Supernet, data: Split, generator: Generator) {
        var generator = Generator(seed: 3)
        let data = try Digits.load()
        let net = try Supernet(space: NASBench201(channels: 8, cells: 1), input: data.train.shape, generator: &generator)
        return (net, data, generator)
    }

    @Test func learnsWithTheSamplersOfTheLibrary() throws {
        var (net, data, generator) = try parts()
        let paths = try PathImportance(net.space), items = try ItemImportance(count: data.train.count, score: .loss)
        let training = SupernetTraining(net, on: data.train, paths: paths, items: items)
        training.epochs = 3
        training.batchSize = 128
        training.validation = ((0..<4).map { net.space.path(at: $0 * 3000 + 7812) }, data.valid)
        let epochs = try training.run(using: &generator)
        #expect(epochs.map(\.number) == [1, 2, 3])
        #expect(epochs.map(\.steps) == [8, 16, 24])
        #expect(epochs[2].loss < epochs[0].loss)
        #expect(epochs[2].validTop1 ?? 0 > 5)
        #expect(Set(paths.probabilities[0]).count > 1)
        #expect(Set(items.probabilities).count > 1)
    }

    @Test func aSamplerIsAFunctionThatDraws() throws {
        var (net, data, generator) = try parts()
        let paths = SeldomFirst(net.space)
        let training = SupernetTraining(net, on: data.train, paths: paths)
        (training.epochs, training.batchSize, training.interval) = (2, 100, 0.5)
        var steps = 0
        training.onStep = { step in
            steps += 1
            return step.paths.count == 2 && step.number == steps
        }
        try training.run(using: &generator)
        #expect(steps == 20)
        #expect(paths.counts.allSatisfy { $0 == [8, 8, 8, 8, 8] })
        #expect(paths.refreshes == [0, 0, 0.5, 0.5])
    }

    /// Put back with the weights, the samplers and the generator, a training goes on to the same bits.
    @Test func goesOnToTheSameBits() throws {
        func run(stoppingAfter stop: Int?) throws -> (weights: [Float], probabilities: [[Double]], last: SupernetTraining.Epoch?) {
            var (net, data, generator) = try parts()
            var paths = try PathImportance(net.space)
            func training(_ state: SupernetTraining.State) -> SupernetTraining {
                let training = SupernetTraining(net, on: data.train, paths: paths)
                (training.epochs, training.batchSize, training.interval) = (4, 200, 0.7)
                training.state = state
                return training
            }
            let first = training(.init())
            var epochs = try first.run(using: &generator) { $0.number != stop }
            if stop != nil {
                var archive = ArchiveWriter()
                net.save(to: &archive)
                paths.save(to: &archive)
                let kept = generator
                (net, data, generator) = try parts()
                paths = try PathImportance(net.space)
                generator = kept
                var reader = ArchiveReader(FileBytes(name: "state", bytes: archive.bytes))
                try net.restoration(from: &reader)()
                try paths.restoration(from: &reader)()
                epochs = try training(first.state).run(using: &generator)
            }
            return (Array(net.weights), paths.probabilities, epochs.last)
        }
        let whole = try run(stoppingAfter: nil), parted = try run(stoppingAfter: 2)
        #expect(whole.weights == parted.weights && whole.probabilities == parted.probabilities && whole.last == parted.last)
    }

    @Test func patienceCountsFromTheLowestLoss() {
        #expect(!SupernetTraining.isOver(nil, losses: [1, 2, 3]))
        #expect(!SupernetTraining.isOver(2, losses: [2, 1, 3]))
        #expect(SupernetTraining.isOver(2, losses: [2, 1, 3, 1]))
        #expect(SupernetTraining.isOver(1, losses: [.nan, .nan]))
        #expect(!SupernetTraining.isOver(1, losses: [.nan, 5]))
    }

    @Test func divergenceIsToldOnce() throws {
        var (net, data, generator) = try parts()
        let training = SupernetTraining(net, on: data.train)
        (training.epochs, training.batchSize, training.clip, training.learningRate) = (2, 300, nil, 1e30)
        var warnings: [String] = []
        training.warn = { warnings.append($0) }
        try training.run(using: &generator)
        #expect(warnings.count == 1 && warnings[0].contains("step 3 of epoch 1, at lr 1e30"), "\(warnings)")
    }

    @Test func aFamilySharesThePaths() throws {
        var (net, data, generator) = try parts()
        let family = try SupernetFamily(net).split(choice: 0, groups: [[0, 1], [2, 3, 4]])
        #expect(family.nets.count == 2)
        #expect(try family.net(of: Path([1, 0, 0, 0, 0, 0])) !== family.net(of: Path([2, 0, 0, 0, 0, 0])))
        let training = SupernetTraining(family, on: data.train)
        (training.epochs, training.batchSize) = (1, 300)
        try training.run(using: &generator)
        #expect(Array(family.nets[0].weights) != Array(net.weights))
    }
}
