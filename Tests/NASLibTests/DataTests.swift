import Foundation
import Testing

@testable import NASLib

@Suite struct DataTests {
    @Test func digitsHaveTheirCounts() throws {
        let split = try Digits.load()
        let labels = split.train.labels + split.valid.labels + split.test.labels
        #expect(labels.count == 1797)
        // How many images of each digit the test part of the UCI set has, by its own documentation.
        #expect((0..<10).map { digit in labels.count { $0 == digit } } == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180])
    }

    @Test func pixelsAreNormalised() throws {
        let split = try Digits.load()
        let pixels = (split.train.images + split.valid.images + split.test.images).map(Double.init)
        let mean = pixels.reduce(0, +) / Double(pixels.count)
        #expect(abs(mean) < 1e-6)
        #expect(abs(pixels.reduce(0) { $0 + $1 * $1 } / Double(pixels.count) - 1) < 1e-5)
    }

    @Test func splitIsStratifiedAndSeeded() throws {
        let first = try Digits.load()
        for digit in 0..<10 {
            let counts = [first.train, first.valid, first.test].map { data in data.labels.count { $0 == digit } }
            #expect(abs(counts[0] - counts[1] - counts[2]) <= 2)
        }
        #expect(try Digits.load().train.images == first.train.images)
        var options = Digits.Options()
        options.seed = 1
        #expect(try Digits.load(options).train.labels != first.train.labels)
    }

    @Test func shiftsKeepInk() throws {
        var options = Digits.Options()
        options.shift = 2
        let shifted = try Digits.load(options)
        #expect(shifted.train.images != (try Digits.load()).train.images)
        #expect(shifted.train.labels == (try Digits.load()).train.labels)
    }

    @Test func badOptionsAreRefused() {
        func options(_ change: (inout Digits.Options) -> Void) -> Digits.Options {
            var options = Digits.Options()
            change(&options)
            return options
        }
        for bad in [options { $0.train = 0 }, options { $0.train = 0.9 }, options { $0.noise = -1 }, options { $0.noise = .nan }, options { $0.shift = 5 }] {
            #expect(throws: NASError.self) { try Digits.load(bad) }
        }
    }
}

@Suite struct BenchmarkTableTests {
    static let shared = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../../shared/data").standardizedFileURL.path
    static let hasPublished = FileManager.default.fileExists(atPath: shared + "/nasbench201.csv")

    /// Every path is found, by its function; accuracies are percentages.
    @Test(arguments: TrainedTable.all.map(\.name)) func isComplete(name: String) throws {
        let trained = try #require(TrainedTable.named(name))
        let (table, space) = (trained.table, trained.space)
        let count = space.choices.reduce(1) { $0 * $1.candidates.count }
        let paths = (0..<count).map { space.path(at: $0) }
        #expect(table.architectures.count == Set(paths.map(space.canonical)).count)
        for path in paths {
            let row = try #require(table.row(of: space.format(path)), "\(path)")
            #expect(space.canonical(try space.parse(table.architectures[row])) == space.canonical(path))
        }
        for column in table.columns where column.hasPrefix("valid") || column.hasPrefix("test") {
            #expect(table.column(column)?.allSatisfy { $0 >= 0 && $0 <= 100 } == true, "\(column)")
        }
        for column in ["params", "flops", "seconds"] { #expect(table.column(column)?.allSatisfy { $0 > 0 } == true, "\(column)") }
    }

    /// Of trainings that are tested at their end alone, some with fewer seeds than others.
    @Test func tableInTheMaking() {
        let text = "arch,seed,seconds,valid_1ep,valid,test\n000000,0,1.5,10,20,30\n000000,1,2.5,20,40,50\n300000,0,1,10,12,14\n"
        let table = Array(text.utf8).withUnsafeBufferPointer {
            Trainings($0).table("new", of: NASBench201(channels: 8, cells: 1), input: ImageShape(height: 8, width: 8, channels: 1))
        }
        #expect(table.columns == ["seconds", "valid_1ep", "valid", "valid_seed0", "valid_seed1", "test", "test_seed0", "test_seed1", "params", "flops"])
        #expect(table.fidelities(of: "valid") == [1] && table.fidelities(of: "test") == [])
        #expect(table.column("test") == [40, 14] && table.column("valid_1ep") == [15, 10] && table.column("seconds") == [2, 1])
        #expect(table.column("test_seed1")?[0] == 50 && table.column("test_seed1")?[1].isNaN == true)
    }

    @Test func theStandardIsThere() { #expect(TrainedTable.named(TrainedTable.standard) != nil) }

    /// A function costs what the cheapest of its paths costs.
    @Test func costsAreThoseOfTheCheapestPath() throws {
        let trained = try #require(TrainedTable.named("digits"))
        let (table, space) = (trained.table, trained.space)
        let input = ImageShape(height: 8, width: 8, channels: 1)
        var least = Array(repeating: (params: Double.infinity, flops: Double.infinity), count: table.architectures.count)
        for i in 0..<15_625 {
            let path = space.path(at: i)
            let row = try #require(table.row(of: space.format(path)))
            let cost = try space.cost(of: path, input: input)
            least[row] = (min(Double(cost.parameters), least[row].params), min(Double(cost.flops), least[row].flops))
        }
        #expect(table.column("params") == least.map(\.params))
        #expect(table.column("flops") == least.map(\.flops))
    }

    /// The noise ceiling: how well one seed's ranking predicts another's.
    @Test func seedsAgree() throws {
        let table = try #require(TrainedTable.named("digits")).table
        let seeds = try (0..<3).map { try #require(table.column("test_seed\($0)")) }
        for (i, j) in [(0, 1), (0, 2), (1, 2)] { #expect(Correlation.kendall(seeds[i], seeds[j], check: {}) > 0.7) }
    }

    @Test(.enabled(if: hasPublished, "the published tables are not on this machine")) func publishedTables() throws {
        let cells = try BenchmarkTable.read(file: Self.shared + "/nasbench201.csv")
        #expect(cells.name == "nasbench201" && cells.architectures.count == 15_625)
        let best = try #require(cells.column("cifar10_test")?.max())
        #expect(abs(best - 94.37) < 0.01)  // the best of NAS-Bench-201, by its paper
        let chain = try BenchmarkTable.published("nasbenchmacro", environment: { $0 == "PADASH_DATA" ? FileName(Self.shared) : nil })
        #expect(chain.architectures.count == 6561)
        #expect(chain.column("cifar10_mean")?[try #require(chain.row(of: "00000001"))] == 64.223)
    }

    @Test func aMissingTableSaysWhatToDo() {
        let error = #expect(throws: NASError.self) { try BenchmarkTable.published("nasbench201", environment: { ["PADASH_DATA", "HOME"].contains($0) ? FileName("/nowhere") : nil }) }
        #expect(error?.message.contains("/nowhere/nasbench201.csv") == true)
        #expect(error?.hint?.contains("PADASH_DATA") == true)
    }

    @Test(arguments: [
        ("", "empty"), ("arch\n", "name the columns"), ("arch,test\n", "no architectures"), ("arch,test\n00000000,1\n0000000,1", "line 3"),
        ("arch,test\n00000003,1", "'3' is not an operation"), ("arch,test\n00000000,1,2", "3 fields"), ("arch,test\n00000000,x", "'x' in column 'test'"),
        ("arch,test\n|conv~0|+|none~0|none~1|+|none~0|none~1|none~2|,1", "'conv'"),
    ])
    func badTablesAreExplained(text: String, fragment: String) {
        let error = #expect(throws: NASError.self) { try BenchmarkTable.read(csv: text, file: "t.csv") }
        #expect(error?.message.contains(fragment) == true, "\(error?.message ?? "")")
    }
}
