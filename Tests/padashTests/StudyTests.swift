import Foundation
import Testing

/// The study in its smallest size: its tables, and that trainings which are made again come to the same numbers.
@Suite struct Study {
    private func run(into folder: String) throws -> Binary.Result {
        let script = URL(fileURLWithPath: #filePath).appendingPathComponent("../../../Examples/study/study.pada").standardizedFileURL
        return try Binary.run(["run", script.path, "tiny", folder], seconds: 300)
    }

    private func table(_ name: String, _ folder: String) throws -> String { try String(contentsOfFile: "\(folder)/\(name).csv", encoding: .utf8) }

    @Test(.timeLimit(.minutes(10))) func sameSeedsGiveTheSameTables() throws {
        let folder = try TemporaryFolder().url.path + "/study"
        let first = try run(into: folder)
        #expect(first.code == 0, "\(first.errors)")
        let tables = try ["ranking", "choice", "comparisons", "noise", "runs"].map { try table($0, folder) }
        #expect(tables[0].split(separator: "\n").count == 10)
        #expect(tables[4].split(separator: "\n").count == 19)
        for name in ["uniform-0", "PA&DA-1", "schedule_alone-1"] { try FileManager.default.removeItem(atPath: "\(folder)/runs/\(name).json") }
        let second = try run(into: folder)
        #expect(second.code == 0, "\(second.errors)")
        #expect(try ["ranking", "choice", "comparisons", "noise", "runs"].map { try table($0, folder) } == tables)
    }
}
