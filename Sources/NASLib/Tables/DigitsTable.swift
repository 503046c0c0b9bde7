/// The truth that comes with padash: architectures of NAS-Bench-201 trained from scratch on the digits, three seeds each.
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

    /// Columns `valid` and `test` are means over the seeds after the last epoch, `test_3ep` after another epoch;
    /// `test_seed0` is that of one seed, nan where it has not been trained; `seeds` tells how many were.
    public static let table: BenchmarkTable = {
        let space = NASBench201()
        var order: [String] = []
        var runs: [String: [Int: [Double]]] = [:]
        for line in rows.description.split(separator: "\n") {
            let fields = line.split(separator: ",")
            let code = String(fields[0])
            if runs[code] == nil { order.append(code) }
            runs[code, default: [:]][Int(fields[1]) ?? 0] = fields.dropFirst(2).compactMap { Double($0) }
        }
        var columns: [String] = []
        var values: [[Double]] = []
        func add(_ name: String, _ value: ([Int: [Double]]) -> Double) {
            columns.append(name)
            values.append(order.map { value(runs[$0] ?? [:]) })
        }
        for (part, name) in ["valid", "test"].enumerated() {
            for (i, epoch) in epochs.enumerated() {
                add(i == epochs.count - 1 ? name : "\(name)_\(epoch)ep") { run in run.values.reduce(0) { $0 + $1[2 * i + part] } / Double(run.count) }
            }
            for seed in 0..<seeds { add("\(name)_seed\(seed)") { $0[seed]?[2 * (epochs.count - 1) + part] ?? .nan } }
        }
        add("seeds") { Double($0.count) }
        let architectures = order.map { space.format(Path($0.utf8.map { $0 - 48 })) }
        return BenchmarkTable(name: "digits", columns: columns, architectures: architectures, values: values) { text in
            (try? space.parse(text)).map(space.canonical) ?? text
        }
    }()
}
