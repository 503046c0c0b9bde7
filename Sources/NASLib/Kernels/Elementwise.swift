/// The small loops between layers, on images in NHWC order whose channels are a multiple of eight.
enum Elementwise {
    /// y[i] += x[i], of whole vectors.
    static func add(_ x: UnsafePointer<Float>, to y: UnsafeMutablePointer<Float>, count: Int) {
        for i in 0..<(count + 7) / 8 { y.vectors[i] += x.vectors[i] }
    }

    /// target = (adds ? target : 0) + dx, where the mask's values are positive (the derivative of ReLU); no mask: everywhere.
    static func accumulate(_ dx: UnsafePointer<Float>, mask: UnsafePointer<Float>?, into target: UnsafeMutablePointer<Float>, count: Int, adds: Bool) {
        let d = dx.vectors, t = target.vectors
        if let mask = mask?.vectors {
            if adds {
                for i in 0..<count / 8 { t[i] += d[i].replacing(with: 0, where: mask[i] .<= 0) }
            } else {
                for i in 0..<count / 8 { t[i] = d[i].replacing(with: 0, where: mask[i] .<= 0) }
            }
        } else if adds {
            for i in 0..<count / 8 { t[i] += d[i] }
        } else {
            for i in 0..<count / 8 { t[i] = d[i] }
        }
    }
}
