import Foundation
import NASLib

/// Counts what the engine allocates in a training step, without the language around it; `run` compiles it against the package's
/// NASLib, and preloads allocations.c.
///
/// usage: steps SPACE CHANNELS CELLS BATCH SIDE INPUT_CHANNELS PATH..., as for step.pada. Prints the mean over a round of the paths
/// after three rounds to warm up.
@main enum Steps {
    static func main() throws {
        let words = Array(CommandLine.arguments.dropFirst())
        let numbers = words.dropFirst().prefix(5).compactMap { Int($0) }
        guard numbers.count == 5, words.count > 6, let symbol = dlsym(nil, "allocation_count") else {
            throw NASError(.value, "not a case, or nothing that counts: \(words.joined(separator: " "))")
        }
        let allocationCount = unsafeBitCast(symbol, to: (@convention(c) () -> Int).self)
        let (channels, cells, size, side, inputs) = (numbers[0], numbers[1], numbers[2], numbers[3], numbers[4])
        let space: any NetworkSpace = words[0] == "nasbench201"
            ? NASBench201(channels: channels, cells: cells, classes: 10) : try NASBenchMacro.space(channels: channels, features: cells, classes: 10)
        let shape = ImageShape(height: side, width: side, channels: inputs)
        var generator = Generator(seed: 0)
        let net = try Supernet(space: space, input: shape, generator: &generator)
        let data = Dataset(
            name: "noise", shape: shape, classes: 10, images: (0..<size * shape.count).map { _ in Float(generator.normal()) },
            labels: (0..<size).map { _ in Int32(generator.below(10)) })
        let batch = Batch(dataset: data, indices: Array(0..<size))
        let paths = words.dropFirst(6).map { Path($0.compactMap { $0.wholeNumberValue.map(UInt8.init) }) }
        var count = 0
        for round in 0..<4 {
            for path in paths {
                let before = allocationCount()
                _ = try net.step(path: path, batch: batch, options: StepOptions(learningRate: 0.05))
                if round == 3 { count += allocationCount() - before }
            }
        }
        print(Double(count) / Double(paths.count))
    }
}
