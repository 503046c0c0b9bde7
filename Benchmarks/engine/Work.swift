import NASLib

/// What each thread does in a training step, by the engine's own counters; `work` compiles it against the package's NASLib.
///
/// usage: work SPACE CHANNELS CELLS BATCH SIDE INPUT_CHANNELS PATH, as for step.pada. Prints a line for each number of threads.
@main enum Work {
    static func main() throws {
        let words = Array(CommandLine.arguments.dropFirst())
        let numbers = words.dropFirst().prefix(5).compactMap { Int($0) }
        guard numbers.count == 5, words.count == 7 else { throw NASError(.value, "not a case: \(words.joined(separator: " "))") }
        let (channels, cells, size, side, inputs) = (numbers[0], numbers[1], numbers[2], numbers[3], numbers[4])
        let space: any NetworkSpace = words[0] == "nasbench201"
            ? NASBench201(channels: channels, cells: cells, classes: 10) : try NASBenchMacro.space(channels: channels, features: cells, classes: 10)
        let shape = ImageShape(height: side, width: side, channels: inputs)
        var generator = Generator(seed: 0)
        let data = Dataset(
            name: "noise", shape: shape, classes: 10, images: (0..<size * shape.count).map { _ in Float(generator.normal()) },
            labels: (0..<size).map { _ in Int32(generator.below(10)) })
        let batch = Batch(dataset: data, indices: Array(0..<size))
        let path = Path(words[6].compactMap { $0.wholeNumberValue.map(UInt8.init) })
        var losses: Set<Double> = []
        for threads in [1, 2, 3, 4, 7, 8, 16, 32, 64] {
            var generator = Generator(seed: 0)
            let net = try Supernet(space: space, input: shape, generator: &generator, pool: WorkerPool(threadCount: threads))
            let before = net.threadWork
            losses.insert(try net.step(path: path, batch: batch, options: StepOptions(learningRate: 0.05)).loss)
            let work = net.threadWork
            let total = work.multiplyAdds.reduce(0, +), most = work.multiplyAdds.max() ?? 0
            print(
                threads, work.multiplyAdds.count { $0 > 0 }, Double(most) / 1e6, Double(total) / Double(max(1, most)),
                threads == 1 ? 0 : work.barriers - before.barriers)
        }
        guard losses.count == 1 else { throw NASError(.value, "the loss depends on the threads: \(losses)") }
    }
}
