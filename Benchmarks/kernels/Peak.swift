/// Twelve chains of multiply-adds in registers, as many as the kernels use: enough for any latency. Compiled for both kinds of
/// vectors, as the kernels are.
package enum Peak {
    package static let multiplyAddsPerRound = 12 * Vector.scalarCount

    /// `numbers` are as many as the multiply-adds of a round, and change.
    package static func multiplyAdd(_ numbers: UnsafeMutablePointer<Float>, rounds: Int) {
        let v = numbers.vectors
        let x = v[0], w = v[1]
        var a0 = v[0], a1 = v[1], a2 = v[2], a3 = v[3], a4 = v[4], a5 = v[5], b0 = v[6], b1 = v[7], b2 = v[8], b3 = v[9], b4 = v[10], b5 = v[11]
        for _ in 0..<rounds {
            a0.addProduct(x, w); a1.addProduct(x, w); a2.addProduct(x, w); a3.addProduct(x, w); a4.addProduct(x, w); a5.addProduct(x, w)
            b0.addProduct(x, w); b1.addProduct(x, w); b2.addProduct(x, w); b3.addProduct(x, w); b4.addProduct(x, w); b5.addProduct(x, w)
        }
        v[11] = (a0 + a1 + a2 + a3 + a4 + a5 + b0 + b1 + b2 + b3 + b4 + b5) * 1e-9
    }
}
