import NASLib

// The accuracies of all cells of NAS-Bench-201, each trained by itself on small images of digits.
let truth = TrainedTable.digits
let data = try truth.data()

let space = NASBench201(channels: 8, cells: 1)
var generator = Generator(seed: 0)
let net = try Supernet(space: space, input: data.train.shape, generator: &generator)

let training = SupernetTraining(net, on: data.train, paths: try PathImportance(space))
try training.run(using: &generator) { epoch in
    print("epoch \(epoch.number): loss \(epoch.loss)")
    return true
}

let paths = (0..<300).map { _ in space.uniformPath(using: &generator) }
let scores = try net.rank(paths: paths, on: data.valid).map(\.top1)
let accuracies = paths.map { truth.table.value("test", of: space.format($0)) ?? .nan }
let tau = Correlation.kendall(scores, accuracies)
guard tau.isFinite else { throw NASError(.value, "the supernet ranks nothing: tau is \(tau)") }
print("Kendall's tau of \(paths.count) architectures: \(tau)")
