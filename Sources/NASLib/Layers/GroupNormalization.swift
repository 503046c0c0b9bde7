/// y[p, c] = (x[p, c] - mean[g]) / sqrt(variance[g] + 1e-5) * gamma[c] + beta[c], mean and variance over an image's pixels and the
/// channels of c's group g (Wu and He, 2018). It is the same in training and evaluation, for batches of any size.
struct GroupNormalization: LayerKind {
    var groups: Int
    var isAffine: Bool

    var description: String { call("group_norm", "\(groups)", isAffine ? nil : "affine: false") }
    var hasParameters: Bool { isAffine }
    var keepsZero: Bool { !isAffine }

    func outputShape(for input: ImageShape) throws -> ImageShape {
        if groups >= 1, input.channels % groups == 0 { return input }
        throw failure("\(groups) groups do not divide the \(input.channels) channels")
    }

    func planned(for input: ImageShape, isAlone: Bool) throws -> any PlannedLayer {
        GroupNormalizationLayer(channels: input.channels, groups: groups, isAffine: isAffine)
    }
}

extension DeclaredLayer {
    /// Normalisation over the pixels and the channels of each group, image by image.
    public static func groupNormalization(groups: Int, affine: Bool) -> DeclaredLayer {
        DeclaredLayer(GroupNormalization(groups: groups, isAffine: affine))
    }
}

struct GroupNormalizationLayer: ImageLayer, NormalizationLayer {
    var channels: Int
    var groups: Int
    var isAffine: Bool
    var place = LayerPlace()

    func scratchCount(_ site: Site) -> Int { 6 * site.input.row }

    func forward(_ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>, adds: Bool, _ pass: ImagePass) {
        guard let means = pass.scratch else { return }
        let (row, scales, shifts) = (pass.input.row, means + pass.input.row, means + 2 * pass.input.row)
        moments(x, means, scales, shifts, pass)
        for c in 0..<channels {
            scales[c] *= pass.parameters?[c] ?? 1
            shifts[c] = pass.parameters?[row + c] ?? 0
        }
        for block in 0..<row / 8 {
            let mean = means.vectors[block], scale = scales.vectors[block], shift = shifts.vectors[block]
            for i in stride(from: block, to: pass.input.count / 8, by: row / 8) {
                let value = shift.addingProduct(x.vectors[i] - mean, scale)
                y.vectors[i] = adds ? y.vectors[i] + value : value
            }
        }
    }

    /// dx += (g - mean(g) - xhat * mean(g * xhat)) / deviation with g = dy * gamma; dgamma += dy * xhat, dbeta += dy.
    func backward(_ dy: UnsafePointer<Float>, at x: UnsafePointer<Float>, into dx: UnsafeMutablePointer<Float>, _ pass: ImagePass) {
        guard let means = pass.scratch else { return }
        let row = pass.input.row, step = row / 8, count = pass.input.count / 8
        let inverses = means + row, products = means + 2 * row, sums = means + 3 * row, gammas = means + 4 * row, shares = means + 5 * row
        moments(x, means, inverses, sums, pass)
        for block in 0..<step {
            let mean = means.vectors[block], inverse = inverses.vectors[block]
            var sum = Vector.zero, product = Vector.zero
            for i in stride(from: block, to: count, by: step) {
                sum += dy.vectors[i]
                product.addProduct(dy.vectors[i], (x.vectors[i] - mean) * inverse)
            }
            (sums.vectors[block], products.vectors[block]) = (sum, product)
        }
        if let gradient = pass.gradient {
            for c in 0..<channels {
                gradient[c] += products[c]
                gradient[row + c] += sums[c]
            }
        }
        for c in 0..<row { gammas[c] = c < channels ? pass.parameters?[c] ?? 1 : 0 }
        forEachGroup(pass) { range, size in
            var sum = 0.0, product = 0.0
            for c in range {
                sum += Double(gammas[c] * sums[c])
                product += Double(gammas[c] * products[c])
            }
            for c in range { (shares[c], products[c]) = (Float(sum / size), Float(product / size)) }
        }
        for c in channels..<row { (shares[c], products[c]) = (0, 0) }
        for block in 0..<step {
            let mean = means.vectors[block], inverse = inverses.vectors[block], gamma = gammas.vectors[block]
            let share = shares.vectors[block], product = products.vectors[block]
            for i in stride(from: block, to: count, by: step) {
                dx.vectors[i] += (dy.vectors[i] * gamma - share - (x.vectors[i] - mean) * inverse * product) * inverse
            }
        }
    }

    /// Of each channel the mean of its group, and 1 / deviation; 0 beyond the channels. `sums` is used on the way.
    private func moments(
        _ x: UnsafePointer<Float>, _ means: UnsafeMutablePointer<Float>, _ inverses: UnsafeMutablePointer<Float>,
        _ sums: UnsafeMutablePointer<Float>, _ pass: ImagePass
    ) {
        let row = pass.input.row, step = row / 8, count = pass.input.count / 8
        for c in channels..<row { (means[c], inverses[c]) = (0, 0) }
        // Sums of differences from the group's first number: what all have in common does not take their digits.
        forEachGroup(pass) { range, _ in for c in range { means[c] = x[range.lowerBound] } }
        for block in 0..<step {
            var sum = Vector.zero
            for i in stride(from: block, to: count, by: step) { sum += x.vectors[i] - means.vectors[block] }
            sums.vectors[block] = sum
        }
        forEachGroup(pass) { range, size in
            let mean = Float(Double(means[range.lowerBound]) + range.reduce(0) { $0 + Double(sums[$1]) } / size)
            for c in range { means[c] = mean }
        }
        for block in 0..<step {
            var square = Vector.zero
            for i in stride(from: block, to: count, by: step) {
                let difference = x.vectors[i] - means.vectors[block]
                square.addProduct(difference, difference)
            }
            sums.vectors[block] = square
        }
        forEachGroup(pass) { range, size in
            let variance = range.reduce(0) { $0 + Double(sums[$1]) } / size
            for c in range { inverses[c] = Float(1 / (variance + BatchNormalization.epsilon).squareRoot()) }
        }
    }

    /// Calls `body` with the channels of each group and how many numbers of an image are its.
    private func forEachGroup(_ pass: ImagePass, _ body: (Range<Int>, Double) -> Void) {
        let size = channels / groups
        for g in 0..<groups { body(g * size..<(g + 1) * size, Double(size * pass.input.pixels)) }
    }
}
