/// The truth that comes with padash: every function that a cell of NAS-Bench-201 computes, trained from scratch on the digits
/// with three seeds.
public enum DigitsTable {
    /// The task: few images, each moved about, so that architectures differ and seeds agree.
    public static var task: Digits.Options {
        var options = Digits.Options()
        options.train = 0.3
        options.valid = 0.2
        options.shift = 2
        return options
    }
    /// The networks: channels of the first stage, and cells in each stage.
    public static let (channels, cells) = (8, 3)
    static let seeds = 3
    static let epochs = [3, 6, 12]

    /// Columns `valid` and `test` are means over the seeds after the last epoch, `test_3ep` after another epoch,
    /// `test_seed0` that of one seed; `params` and `flops` (multiply-adds for one image) are those of the stand-alone network
    /// without edges that lead nowhere, `seconds` the processor time of a training where the table was made.
    public static let table: BenchmarkTable = {
        let space = NASBench201()
        var architectures: [String] = []
        var costs: [[Double]] = [[], [], []]
        var scores: [[Double]] = Array(repeating: [], count: seeds * epochs.count * 2)
        rows.withUTF8Buffer { bytes in
            for line in bytes.split(separator: UInt8(ascii: "\n")) {
                let fields = line.split(separator: UInt8(ascii: ","))
                architectures.append(space.format(Path(fields[0].map { $0 - 48 })))
                for i in costs.indices { costs[i].append(number(fields[1 + i])) }
                for i in scores.indices { scores[i].append(number(fields[4 + i])) }
            }
        }
        var columns: [String] = []
        var values: [[Double]] = []
        func add(_ name: String, _ column: [Double]) {
            columns.append(name)
            values.append(column)
        }
        for (part, name) in ["valid", "test"].enumerated() {
            func column(_ epoch: Int, seed: Int) -> [Double] { scores[(seed * epochs.count + epoch) * 2 + part] }
            for (i, epoch) in epochs.enumerated() {
                let all = (0..<seeds).map { column(i, seed: $0) }
                add(i == epochs.count - 1 ? name : "\(name)_\(epoch)ep", architectures.indices.map { row in all.reduce(0) { $0 + $1[row] } / Double(seeds) })
            }
            for seed in 0..<seeds { add("\(name)_seed\(seed)", column(epochs.count - 1, seed: seed)) }
        }
        for (name, column) in zip(["params", "flops", "seconds"], costs) { add(name, column) }
        return BenchmarkTable(name: "digits", columns: columns, architectures: architectures, values: values) { text in
            (try? space.parse(text)).map(space.canonical) ?? text
        }
    }()

    /// Digits, and a point among them.
    private static func number(_ text: Slice<UnsafeBufferPointer<UInt8>>) -> Double {
        var (mantissa, scale) = (0.0, 1.0)
        var isFraction = false
        for byte in text {
            if byte == UInt8(ascii: ".") {
                isFraction = true
            } else {
                mantissa = 10 * mantissa + Double(byte - 48)
                if isFraction { scale *= 10 }
            }
        }
        return mantissa / scale
    }
}
