import CKernels

/// Images with a border of zeros, in NHWC order. Compiled twice, as `Convolution` is.
package enum Padding {
    /// Copies an image into one with a border, which it leaves alone; `activates` applies ReLU on the way. With it the floats of a row are
    /// whole vectors.
    package static func copy(
        _ source: UnsafePointer<Float>, _ target: UnsafeMutablePointer<Float>, _ image: PaddedImage, activates: Bool
    ) {
        let (height, channels, border) = (image.height, image.channels, image.border)
        let row = image.width * channels
        let paddedRow = row + 2 * border * channels
        for y in 0..<height {
            let interior = target + (y + border) * paddedRow + border * channels
            let from = (source + y * row).vectors, to = interior.vectors
            if activates {
                for i in 0..<row / Vector.scalarCount {
                    let v = from[i]
                    to[i] = v.replacing(with: 0, where: v .< 0)
                }
            } else {
                interior.update(from: source + y * row, count: row)
            }
        }
    }

    /// Zeros around an image.
    static func clearBorder(_ target: UnsafeMutablePointer<Float>, height: Int, width: Int, channels: Int, border: Int) {
        guard border > 0 else { return }
        let side = border * channels
        let paddedRow = width * channels + 2 * side
        // What is right of a row and left of the next one lies together.
        target.update(repeating: 0, count: border * paddedRow + side)
        for y in border..<height + border - 1 { (target + (y + 1) * paddedRow - side).update(repeating: 0, count: 2 * side) }
        (target + (height + border) * paddedRow - side).update(repeating: 0, count: border * paddedRow + side)
    }
}
