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

    /// Columns `valid` and `test` are means over the seeds after the last epoch; `test_3ep` after another epoch;
    /// `test_seed0` that of one seed.
    public static let table: BenchmarkTable = {
        let space = NASBench201()
        var architectures: [String] = []
        var runs: [[[Double]]] = []
        for line in rows.description.split(separator: "\n") {
            let fields = line.split(separator: ",")
            // The rows of an architecture come together, one for each seed.
            if fields[1] == "0" {
                architectures.append(space.format(Path(fields[0].utf8.map { $0 - 48 })))
                runs.append([])
            }
            runs[runs.count - 1].append(fields.dropFirst(2).compactMap { Double($0) })
        }
        var columns: [String] = []
        var values: [[Double]] = []
        for (part, name) in ["valid", "test"].enumerated() {
            for (i, epoch) in epochs.enumerated() {
                columns.append(i == epochs.count - 1 ? name : "\(name)_\(epoch)ep")
                values.append(runs.map { $0.reduce(0) { $0 + $1[2 * i + part] } / Double(seeds) })
            }
            for seed in 0..<seeds {
                columns.append("\(name)_seed\(seed)")
                values.append(runs.map { $0[seed][2 * (epochs.count - 1) + part] })
            }
        }
        return BenchmarkTable(name: "digits", columns: columns, architectures: architectures, values: values) { text in
            (try? space.parse(text)).map(space.canonical) ?? text
        }
    }()
}
