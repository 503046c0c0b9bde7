import Foundation

/// loss = -log softmax(z)[label] of an example's logits z, and what follows from it.
struct CrossEntropy {
    /// What is differentiated: the mean cross-entropy, or the sum of all outputs.
    enum Objective { case crossEntropy, outputSum }

    /// Where a batch's results go, a number for each example.
    struct Results {
        /// The cross-entropy, without the example's weight.
        var losses: UnsafeMutablePointer<Double>
        var isCorrect: UnsafeMutablePointer<Bool>
        /// ||softmax(z) - onehot(label)||, the last-layer bound of an example's gradient norm (Katharopoulos and Fleuret, 2018).
        var bounds: UnsafeMutablePointer<Double>

        struct Example: BitwiseCopyable {
            var loss: Double
            var bound: Double
            var isCorrect: Bool
        }

        subscript(example: Int) -> Example {
            get { Example(loss: losses[example], bound: bounds[example], isCorrect: isCorrect[example]) }
            nonmutating set { (losses[example], bounds[example], isCorrect[example]) = (newValue.loss, newValue.bound, newValue.isCorrect) }
        }
    }

    let objective: Objective
    let results: Results
    let classes: Int

    /// The loss of an example, and its derivative by the logits: (softmax - onehot) * weight / batch size, or 1 where their sum is the
    /// objective.
    func settle(_ share: Share, _ example: Int, _ logits: UnsafePointer<Float>, delta target: UnsafeMutablePointer<Float>?) {
        if objective == .outputSum {
            target?.update(repeating: 1, count: classes)
            return
        }
        let label = Int(share.examples.labels[share.examples.indices[example]])
        var best = 0
        for k in 1..<max(1, classes) where logits[k] > logits[best] { best = k }
        let highest = Double(logits[best])
        var total = 0.0
        for k in 0..<classes { total += exp(Double(logits[k]) - highest) }
        let weight = Double(share.examples.weights?[example] ?? 1)
        results.losses[example] = log(total) + highest - Double(logits[label])
        results.isCorrect[example] = best == label
        var square = 0.0
        let factor = weight / Double(share.partition.batchSize)
        for k in 0..<classes {
            let delta = exp(Double(logits[k]) - highest) / total - (k == label ? 1 : 0)
            square += delta * delta
            target?[k] = Float(delta * factor)
        }
        results.bounds[example] = square.squareRoot()
    }
}
