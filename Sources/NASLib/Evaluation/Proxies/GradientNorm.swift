extension Proxy {
    /// Sum over layers of ||dL/dW||.
    static let gradientNorm = Proxy("grad_norm", "sums the layers' gradient norms") { try $0.gradientNorm() }
}

extension Probe {
    fileprivate func gradientNorm() throws -> Double {
        try differentiate(plan)
        return weightRanges.reduce(0) { sum, range in
            sum + range.reduce(0) { $0 + Double(store.gradient[$1]) * Double(store.gradient[$1]) }.squareRoot()
        }
    }
}
