// What docs/swift.md shows, piece by piece; a test looks that both are the same text.
import NASLib

// MARK: - Processor

try Processor.check()

// MARK: - Spaces

let block: Block = .sequence([
    .convolution(8), .batchNormalization,
    .choice(name: "first", candidates: [
        .init("conv", .sequence([.relu, .convolution(8, kernel: 3), .batchNormalization])),
        .init("skip", .identity),
    ]),
    .choice(name: "second", candidates: [
        .init("wide", .sequence([.relu, .convolution(8, kernel: 5), .batchNormalization])),
        .init("pool", .averagePool(kernel: 3, stride: 1, padding: 1)),
    ]),
    .relu, .globalPool, .linear(10),
])
let mine = try DeclaredSpace(name: "mine", block)
print(mine.format(mine.path(at: 0)))  // first=conv second=wide

// MARK: - Steps

let data = try Digits.load()
var generator = Generator(seed: 1)
let net = try Supernet(space: mine, input: data.train.shape, generator: &generator)
let batch = Batch(dataset: data.train, indices: Array(0..<64))
let step = try net.step(path: mine.path(at: 0), batch: batch, options: StepOptions(learningRate: 0.05))
print(step.loss, step.candidateGradientNorms)

// MARK: - Samplers

/// Paths in the order of a list, again and again.
final class ListedPaths: PathSampler {
    private let paths: [Path]
    private var next = 0

    init(_ paths: [Path]) { self.paths = paths }

    func drawPaths(using generator: inout Generator) -> [Path] {
        defer { next = (next + 1) % paths.count }
        return [paths[next]]
    }
}

let training = SupernetTraining(net, on: data.train, paths: ListedPaths((0..<4).map(mine.path(at:))))
training.epochs = 2
training.rule = Adam()
training.learningRate = 0.002
training.clip = nil
let epochs = try training.run(using: &generator)
print(epochs.map(\.loss))

// MARK: - Tensors

let x = Tensor(shape: [2, 3], values: [1, 2, 3, 4, 5, 6])
let row = Tensor(shape: [3], values: [1, 10, 100])
print((2 * x + row).values)  // [3.0, 14.0, 106.0, 9.0, 20.0, 112.0]

// MARK: - Gradients

let target = Tensor(shape: [2, 1], values: [0, 1])
var weights = Tensor(shape: [3, 1], values: [0.1, -0.2, 0.1])
for _ in 0..<100 {
    let (_, gradient) = try valueWithGradient(at: weights) { weights in
        let error = try Variable.product(Variable(x), weights) - Variable(target)
        return try (error * error).mean()
    }
    weights -= 0.01 * gradient
}
print(weights.values)

// MARK: - Second derivatives

let (slope, curvature) = try valueWithGradient(at: Tensor(2)) { x in
    try valueWithGradient(at: x) { x in x * x * x }.gradient
}
print(slope, curvature.values)  // 12.0 [12.0]

// MARK: - Statistics

let mixture = Mixture([Normal(mean: 0, deviation: 1), Normal(mean: 4, deviation: 0.5)], weights: [2, 1])
let draws = (0..<1000).map { _ in mixture?.draw(using: &generator) ?? .nan }
print(Sample(draws).mean, mixture?.mean ?? .nan)

// MARK: - Errors

do {
    _ = try mine.parse("first=conv second=deep")
} catch let error as NASError where error.kind == .value {
    print(error)
}

// MARK: - Stopping

let flag = Cancellation.Flag()
net.cancellation = flag
flag.raise()
do {
    _ = try net.rank(paths: [mine.path(at: 0)], on: data.valid)
} catch let error as NASError where error.kind == .interrupted {
    print(error)  // the run was stopped
}
