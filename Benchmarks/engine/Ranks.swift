import Foundation
import NASLib

/// Training steps whose batch the ranks share, by the engine alone; `ranks` compiles it against the package's NASLib.
///
/// usage: ranks THREADS SPACE CHANNELS CELLS BATCH SIDE INPUT_CHANNELS PATH, as for step.pada, under mpirun or by itself. Prints
/// milliseconds of a step (the least of several), this rank's exchanges and bytes a step, the gradient's bytes, microseconds of an exchange of 1 KB, and
/// the bytes a second of 4 MB to all.
@main enum RankSteps {
    static func main() throws {
        let words = Array(CommandLine.arguments.dropFirst())
        let numbers = [words[0]] + words[2..<7]
        let values = numbers.compactMap { Int($0) }
        guard values.count == 6 else { throw NASError(.value, "not a case: \(words.joined(separator: " "))") }
        let (threads, channels, cells, size, side, inputs) = (values[0], values[1], values[2], values[3], values[4], values[5])
        let ranks = try Ranks.begin(version: "benchmark")
        try Ranks.$inStep.withValue(ranks) {
            let space: any NetworkSpace = words[1] == "nasbench201"
                ? NASBench201(channels: channels, cells: cells, classes: 10) : try NASBenchMacro.space(channels: channels, features: cells, classes: 10)
            let shape = ImageShape(height: side, width: side, channels: inputs)
            var generator = Generator(seed: 0)
            let net = try Supernet(space: space, input: shape, generator: &generator, pool: WorkerPool(threadCount: threads))
            let data = Dataset(
                name: "noise", shape: shape, classes: 10, images: (0..<size * shape.count).map { _ in Float(generator.normal()) },
                labels: (0..<size).map { _ in Int32(generator.below(10)) })
            let batch = Batch(dataset: data, indices: Array(0..<size))
            let path = Path(words[7].compactMap { $0.wholeNumberValue.map(UInt8.init) })
            var options = StepOptions(learningRate: 0.05)
            options.sharing = StepSharing(.batch)
            func step() throws -> Double {
                let start = DispatchTime.now().uptimeNanoseconds
                _ = try net.step(path: path, batch: batch, options: options)
                return Double(DispatchTime.now().uptimeNanoseconds - start) / 1e6
            }
            for _ in 0..<2 { _ = try step() }
            func counted(_ what: KeyPath<Ranks.Traffic, Int>) -> Int { ranks?.traffic[keyPath: what] ?? 0 }
            let before = (counted(\.exchanges), counted(\.bytes))
            let times = try (0..<8).map { _ in try step() }
            var line = [times.min() ?? 0, Double(counted(\.exchanges) - before.0) / 8, Double(counted(\.bytes) - before.1) / 8, 4 * Double(try space.cost(of: path, input: shape).parameters)]
            if let ranks { line += try link(ranks) }
            if (ranks?.rank ?? 0) == 0 { print(line.map { "\($0)" }.joined(separator: " ")) }
        }
        ranks?.end()
    }

    /// Microseconds of an exchange of 1 KB of each rank, and bytes a second of 4 MB to all.
    static func link(_ ranks: Ranks) throws -> [Double] {
        func seconds(_ count: Int, _ body: () throws -> Void) throws -> Double {
            let start = DispatchTime.now().uptimeNanoseconds
            for _ in 0..<count { try body() }
            return Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9 / Double(count)
        }
        let small = [UInt8](repeating: 1, count: 1024)
        var all = [UInt8](repeating: 0, count: 1024 * ranks.count)
        let exchange = try seconds(2000) {
            small.withUnsafeBytes { own in
                all.withUnsafeMutableBytes { all in
                    guard let own = own.baseAddress, let all = all.baseAddress else { return }
                    ranks.allGather(own, count: 1024, into: all)
                }
            }
        }
        var large = [UInt8](repeating: 1, count: 4 << 20)
        let broadcast = try seconds(50) { large.withUnsafeMutableBytes { ranks.broadcast($0, from: 0) } }
        return [exchange * 1e6, Double(large.count) / broadcast]
    }
}
