import COpenBLAS
import CProcessor
import Foundation
import WideKernels

/// Times the convolution kernels of Sources/NASLib/Kernels, with which this file is compiled (see `run`), on one thread.
///
/// Reads one case a line, `KIND KERNEL STRIDE INPUTS OUTPUTS SIDE BATCH` with KIND dense or depthwise, and answers each with
/// the seconds of forward, input gradient and weight gradient over a batch of four and over that batch, then the same of im2col
/// and OpenBLAS's sgemm (dense alone). Its first line is how many fused multiply-adds of floats the machine does in a second at its peak.
@main enum Kernels {
    static func main() throws {
        answer([multiplyAddsASecond()])
        while let line = readLine() {
            let words = line.split(separator: " ")
            let numbers = words.dropFirst().compactMap { Int($0) }
            guard numbers.count == 6 else { throw NASError(.library, "not a case: \(line)") }
            let isDense = words[0] == "dense"
            let key = Geometry.Key(height: numbers[4], width: numbers[4], inputs: numbers[2], outputs: numbers[3], kernel: numbers[0], stride: numbers[1], isDense: isDense)
            let run = ConvolutionRun(key, batch: numbers[5])
            let cached = ConvolutionRun(key, batch: 4)
            var times = [cached.forward, cached.inputGradient, cached.weightGradient, run.forward, run.inputGradient, run.weightGradient].map {
                leastSeconds($0)
            }
            if isDense {
                let product = try MatrixProductRun(run, OpenBLAS.loaded().sgemm)
                times += [product.forward, product.inputGradient, product.weightGradient].map { leastSeconds($0) }
            }
            answer(times)
        }
    }

    /// At once: the other end waits for it.
    static func answer(_ times: [Double]) { FileHandle.standardOutput.write(Data((times.map { "\($0)" }.joined(separator: " ") + "\n").utf8)) }

    /// The least of what `body` takes, over at least five runs and 60 ms.
    static func leastSeconds(_ body: () -> Void) -> Double {
        body()
        let begin = now()
        var (least, runs) = (Double.infinity, 0)
        while runs < 5 || now() - begin < 0.06 {
            let start = now()
            body()
            least = min(least, now() - start)
            runs += 1
        }
        return least
    }

    static func multiplyAddsASecond() -> Double {
        let count = 1_000_000
        let perRound = CProcessor_hasWideVectors() != 0 ? WideKernels.Peak.multiplyAddsPerRound : Peak.multiplyAddsPerRound
        let numbers = AlignedBuffer.noise(perRound)
        let seconds = leastSeconds {
            if CProcessor_hasWideVectors() != 0 { WideKernels.Peak.multiplyAdd(numbers.pointer, rounds: count) } else { Peak.multiplyAdd(numbers.pointer, rounds: count) }
        }
        return Double(count * perRound) / seconds
    }

    static func now() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }
}

extension AlignedBuffer {
    convenience init(capacity: Int) {
        self.init()
        guard (try? ensure(capacity)) != nil else { fatalError("no memory for \(capacity) floats") }
    }

    /// Numbers between -1 and 1 that no kernel can foresee.
    static func noise(_ count: Int) -> AlignedBuffer {
        let buffer = AlignedBuffer(capacity: count)
        var state: UInt32 = 1
        for i in 0..<count {
            state = state &* 1_664_525 &+ 1_013_904_223
            buffer.pointer[i] = Float(state >> 8) * 0x1p-23 - 1
        }
        return buffer
    }
}

/// One convolution over a batch as `Worker` computes it: image by image, padded on the way, small images in groups. The deltas have
/// their border already: what computes them writes them so.
struct ConvolutionRun {
    let key: Geometry.Key
    let geometry: Geometry
    let batch: Int
    let images, deltas, weights, output, inputDeltas, gradient, paddedDeltas: AlignedBuffer
    let padded = PaddedBuffer()

    init(_ key: Geometry.Key, batch: Int) {
        self.key = key
        self.batch = batch
        geometry = Geometry(key)
        images = .noise(batch * key.height * key.width * key.inputs)
        deltas = .noise(batch * key.outputHeight * key.outputWidth * key.outputs)
        weights = .noise(key.kernel * key.kernel * key.inputs * key.outputs)
        output = AlignedBuffer(capacity: deltas.capacity)
        inputDeltas = AlignedBuffer(capacity: images.capacity)
        gradient = AlignedBuffer(capacity: weights.capacity)
        paddedDeltas = AlignedBuffer(capacity: batch * geometry.deltaCount)
        for i in 0..<batch {
            kernels.pad(
                deltas.pointer + i * outputCount, paddedDeltas.pointer + i * geometry.deltaCount, geometry.paddedDelta, false)
        }
    }

    private let kernels = Kernels.chosen

    var imageCount: Int { key.height * key.width * key.inputs }
    var outputPixels: Int { key.outputHeight * key.outputWidth }
    var outputCount: Int { outputPixels * key.outputs }

    private func forEachGroup(_ body: (Int, Int) -> Void) {
        for first in stride(from: 0, to: batch, by: geometry.group) { body(first, min(geometry.group, batch - first)) }
    }

    private func padImages(_ first: Int, _ count: Int) {
        guard (try? padded.ensure(count * geometry.paddedCount)) != nil else { fatalError("no memory for the images") }
        let target = padded.images(count, height: key.height, width: key.width, channels: key.inputs, border: geometry.border)
        for i in 0..<count {
            kernels.pad(images.pointer + (first + i) * imageCount, target + i * geometry.paddedCount, geometry.paddedImage, true)
        }
    }

    func forward() {
        let convolve = key.isDense ? kernels.convolve : kernels.convolveDepthwise
        forEachGroup { first, count in
            padImages(first, count)
            convolve(geometry.forward.of(pixels: count * outputPixels), padded.pointer, weights.pointer, output.pointer + first * outputCount)
        }
    }

    /// The weights are noise: the transposed ones would be, too.
    func inputGradient() {
        let convolve = key.isDense ? kernels.convolve : kernels.convolveDepthwise
        forEachGroup { first, count in
            let deltas = paddedDeltas.pointer + first * geometry.deltaCount
            for pass in geometry.transposed where pass.tapCount > 0 {
                let sum = pass.of(pixels: pass.pixelCount / geometry.room * count)
                convolve(sum, deltas, weights.pointer, inputDeltas.pointer + first * imageCount)
            }
        }
    }

    func weightGradient() {
        let add = key.isDense ? kernels.addWeightGradient : kernels.addDepthwiseWeightGradient
        forEachGroup { first, count in
            padImages(first, count)
            var sum = geometry.weightGradient
            sum.pixelCount = count * outputPixels
            var end = Int32(sum.pixelCount)
            withUnsafePointer(to: &end) { end in
                sum.ends = end
                add(sum, padded.pointer, paddedDeltas.pointer + first * geometry.deltaCount, gradient.pointer)
            }
        }
    }
}

/// The same by matrix products: an image's windows become rows of a matrix (im2col) and back (col2im).
struct MatrixProductRun {
    let run: ConvolutionRun
    let sgemm: COpenBLAS_sgemm
    let columns: AlignedBuffer

    init(_ run: ConvolutionRun, _ sgemm: COpenBLAS_sgemm) {
        self.run = run
        self.sgemm = sgemm
        columns = AlignedBuffer(capacity: run.outputPixels * run.key.kernel * run.key.kernel * run.key.inputs)
    }

    private var key: Geometry.Key { run.key }
    /// Columns of the matrix: taps times inputs.
    private var width: Int { key.kernel * key.kernel * key.inputs }

    /// Calls `body` for each run of floats that an image's windows and the image share: where in the matrix, where in the
    /// image, how many; without a place in the image where the window's row lies outside.
    private func forEachRun(_ body: (Int, Int?, Int) -> Void) {
        let (border, inputs) = (key.border, key.inputs)
        for y in 0..<key.outputHeight {
            for x in 0..<key.outputWidth {
                let row = (y * key.outputWidth + x) * width
                let left = x * key.stride - border
                let (from, to) = (max(0, left), min(key.width, left + key.kernel))
                for ky in 0..<key.kernel {
                    let iy = y * key.stride + ky - border
                    let start = row + ky * key.kernel * inputs
                    guard iy >= 0, iy < key.height else {
                        body(start, nil, key.kernel * inputs)
                        continue
                    }
                    if from > left { body(start, nil, (from - left) * inputs) }
                    body(start + (from - left) * inputs, (iy * key.width + from) * inputs, (to - from) * inputs)
                    if to < left + key.kernel { body(start + (to - left) * inputs, nil, (left + key.kernel - to) * inputs) }
                }
            }
        }
    }

    private func gather(_ image: Int) {
        let x = run.images.pointer + image * run.imageCount
        forEachRun { column, place, count in
            if let place {
                (columns.pointer + column).update(from: x + place, count: count)
            } else {
                (columns.pointer + column).update(repeating: 0, count: count)
            }
        }
    }

    func forward() {
        for image in 0..<run.batch {
            gather(image)
            sgemm(
                CblasRowMajor, CblasNoTrans, CblasNoTrans, Int32(run.outputPixels), Int32(key.outputs), Int32(width), 1, columns.pointer, Int32(width),
                run.weights.pointer, Int32(key.outputs), 0, run.output.pointer + image * run.outputCount, Int32(key.outputs))
        }
    }

    func inputGradient() {
        for image in 0..<run.batch {
            sgemm(
                CblasRowMajor, CblasNoTrans, CblasTrans, Int32(run.outputPixels), Int32(width), Int32(key.outputs), 1,
                run.deltas.pointer + image * run.outputCount, Int32(key.outputs), run.weights.pointer, Int32(key.outputs), 0, columns.pointer, Int32(width))
            let dx = run.inputDeltas.pointer + image * run.imageCount
            dx.update(repeating: 0, count: run.imageCount)
            forEachRun { column, place, count in
                guard let place else { return }
                let (to, from) = ((dx + place).vectors, (columns.pointer + column).vectors)
                for i in 0..<count / 8 { to[i] += from[i] }
            }
        }
    }

    func weightGradient() {
        for image in 0..<run.batch {
            gather(image)
            sgemm(
                CblasRowMajor, CblasTrans, CblasNoTrans, Int32(width), Int32(key.outputs), Int32(run.outputPixels), 1, columns.pointer, Int32(width),
                run.deltas.pointer + image * run.outputCount, Int32(key.outputs), 1, run.gradient.pointer, Int32(key.outputs))
        }
    }
}
