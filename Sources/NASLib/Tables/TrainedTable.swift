import EmbeddedData
import Text

/// A truth that comes with padash: architectures of a space, each trained from scratch on the same task with several seeds.
///
/// Its trainings are the file `NAME.csv` of Sources/EmbeddedData/files, which Tables/train.pada writes: a header
/// `arch,seed,seconds,COLUMN,…`, and a line for each training: the path's candidates, one digit a choice, of the paths that are the same
/// function those of the cheapest; the seed; processor seconds; and accuracies in percent, `valid_3ep` and `test_3ep` after three epochs,
/// `valid` and `test` after the last. Where the test part is large, `test` is there after the last epoch alone.
public final class TrainedTable: Sendable {
    public let name: String
    /// What was trained on what.
    public let description: String
    /// With the size of the networks that were trained.
    public let space: any NetworkSpace
    /// Calls that make the space and the data, and the options of the training but for its epochs, as a script has them.
    package let spaceCode: String, dataCode: String, trainingCode: String
    /// What the networks were trained on.
    public let data: @Sendable () throws -> Split
    /// Epochs of a training.
    public let epochs: Int
    /// The shape of the images.
    private let input: ImageShape
    private let made = Guarded<BenchmarkTable?>(nil)

    private init(
        name: String, description: String, space: any NetworkSpace, spaceCode: String, input: ImageShape, dataCode: String, epochs: Int,
        trainingCode: String, data: @escaping @Sendable () throws -> Split
    ) {
        (self.name, self.description) = (name, description)
        (self.space, self.input, self.data, self.epochs) = (space, input, data, epochs)
        (self.spaceCode, self.dataCode, self.trainingCode) = (spaceCode, dataCode, trainingCode)
    }

    /// Columns `valid` and `test` are means over the seeds after the last epoch, `test_3ep` after another epoch, `test_seed0` that of one
    /// seed; `seconds` the mean processor time of a training where the table was made; `params` and `flops` (multiply-adds for one image)
    /// those of the stand-alone network of the cheapest path that is the same function. It is made when it is first asked for.
    public var table: BenchmarkTable {
        made.withLock { made in
            if let made { return made }
            let file = embedded_file("\(name).csv")
            let table = Trainings(UnsafeBufferPointer(start: file.bytes, count: file.count)).table(name, of: space, input: input)
            made = table
            return table
        }
    }

    /// The epochs after which there are accuracies of a part, `valid` or `test`, the last one included.
    public func epochs(of part: String) -> [Int] { table.fidelities(of: part) + [epochs] }

    /// How many seeds a row was trained with.
    package func seeds(ofRow row: Int) -> Int {
        (0...).first { seed in table.column("test_seed\(seed)").map { $0[row].isNaN } ?? true } ?? 0
    }

    /// The lines that train a row again, with one of its seeds: the last one gives its accuracies after each epoch that the table knows.
    package func recipe(of architecture: String, seed: Int) -> String {
        func list(_ epochs: [Int]) -> String { "[\(epochs.map(String.init).joined(separator: ", "))]" }
        let (evaluated, tested) = (epochs(of: "valid"), epochs(of: "test"))
        let parts = [
            "space, [space.path(\"\(architecture)\")], data, epochs: \(epochs), \(trainingCode), seed: \(seed), at: \(list(evaluated))",
            tested == evaluated ? "" : ", test_at: \(list(tested))",
        ]
        return """
            let space = \(spaceCode)
            let data = \(dataCode)
            train_standalone(\(parts.joined()))[0]
            """
    }

    /// The name of the table that is meant where none is named.
    public static let standard = "digits"

    /// The tables that come with padash. One more is: its trainings in Sources/EmbeddedData (EmbeddedData.c lists the files), and an entry
    /// here with the settings of Tables/train.pada.
    public static let all = [digits]

    /// Every function that a cell of NAS-Bench-201 computes, on few images of digits, each shifted a little.
    public static let digits = TrainedTable(
        name: "digits",
        description: "each function of a NAS-Bench-201 cell (8 channels, 3 cells a stage), trained on 539 handwritten digits for 12 epochs",
        space: NASBench201(channels: 8, cells: 3), spaceCode: "nasbench201(channels: 8, cells: 3)",
        input: ImageShape(height: 8, width: 8, channels: 1), dataCode: "digits(train: 0.3, valid: 0.2, shift: 2)",
        epochs: 12, trainingCode: "batch: 32, lr: 0.1"
    ) {
        var options = Digits.Options()
        (options.train, options.valid, options.shift) = (0.3, 0.2, 2)
        return try Digits.load(options)
    }

    public static func named(_ name: String) -> TrainedTable? { all.first { $0.name == name } }
}

/// The lines of a file of trainings.
struct Trainings {
    private var measures: [String] = []
    private var paths: [Path] = []
    /// By path, seed and column.
    private var numbers: [[[Double]]] = []

    init(_ bytes: UnsafeBufferPointer<UInt8>) {
        let lines = bytes.split(separator: UInt8(ascii: "\n"))
        guard let header = lines.first else { return }
        measures = header.split(separator: UInt8(ascii: ",")).dropFirst(2).map { String(decoding: $0, as: UTF8.self) }
        var places: [Path: Int] = [:]
        for line in lines.dropFirst() {
            let fields = line.split(separator: UInt8(ascii: ","))
            let path = Path(fields[0].map { $0 - UInt8(ascii: "0") })
            let place = places[path] ?? paths.count
            if place == paths.count {
                places[path] = place
                paths.append(path)
                numbers.append([])
            }
            // The seeds of a path follow one another from 0 on.
            numbers[place].append(fields.dropFirst(2).map(Self.number))
        }
    }

    /// Rows with fewer seeds than others have nan where theirs are missing, and means over those that are there.
    func table(_ name: String, of space: any NetworkSpace, input: ImageShape) -> BenchmarkTable {
        let seeds = numbers.lazy.map(\.count).max() ?? 0
        var columns: [String] = []
        var values: [[Double]] = []
        func add(_ name: String, _ column: [Double]) {
            columns.append(name)
            values.append(column)
        }
        for (i, measure) in measures.enumerated() {
            add(measure, numbers.map { runs in runs.reduce(0) { $0 + $1[i] } / Double(runs.count) })
            guard measure == "valid" || measure == "test" else { continue }
            for seed in 0..<seeds { add("\(measure)_seed\(seed)", numbers.map { seed < $0.count ? $0[seed][i] : .nan }) }
        }
        let costs = Costs(of: space, input: input)
        add("params", paths.map { costs.of($0, \.parameters) })
        add("flops", paths.map { costs.of($0, \.flops) })
        return BenchmarkTable(name: name, columns: columns, architectures: paths.map(space.format), values: values) { text in
            (try? space.parse(text)).map(space.canonical) ?? text
        }
    }

    /// Digits, and a point among them, or nan.
    private static func number(_ text: Slice<UnsafeBufferPointer<UInt8>>) -> Double {
        NumberText.float(UnsafeBufferPointer(rebasing: text)) ?? .nan
    }
}

/// What the paths of a space cost. A choice's candidates cost the same whatever the others are, so that few networks tell of all.
private struct Costs {
    private var plain = Cost()
    /// What a candidate adds to the first path, by choice.
    private var added: [[Cost]] = []

    init(of space: any NetworkSpace, input: ImageShape) {
        let first = [UInt8](repeating: 0, count: space.choices.count)
        func cost(_ candidates: [UInt8]) -> Cost { (try? space.cost(of: Path(candidates), input: input)) ?? Cost() }
        plain = cost(first)
        added = space.choices.enumerated().map { i, choice in
            choice.candidates.indices.map { candidate in
                var candidates = first
                candidates[i] = UInt8(candidate)
                let whole = cost(candidates)
                return Cost(parameters: whole.parameters - plain.parameters, flops: whole.flops - plain.flops)
            }
        }
    }

    func of(_ path: Path, _ part: KeyPath<Cost, Int>) -> Double {
        Double(zip(added, path.choices).reduce(plain[keyPath: part]) { $0 + $1.0[Int($1.1)][keyPath: part] })
    }
}
