import Foundation
import Runtime
import Testing

@Suite struct FileReplacementTests {
    /// A killed writer's new file goes away with the next save; those that may be somebody's stay.
    @Test func whatKilledWritersLeftBehindGoesAway() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "padash-\(UInt64.random(in: .min ... .max))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        func make(_ name: String, age: Double) throws {
            let path = folder.appending(path: name).path
            try #require(FileManager.default.createFile(atPath: path, contents: Data([1, 2, 3])))
            try FileManager.default.setAttributes([.modificationDate: Date(timeIntervalSinceNow: -age)], ofItemAtPath: path)
        }
        try make("run.ckpt.17.new", age: 600)
        try make("run.ckpt.18.new", age: 1)
        try make("run.ckpt.19.new", age: 600)
        try make("run.ckpt.notes.new", age: 600)
        try make("other.ckpt.20.new", age: 600)
        // Another process still writes to this one.
        let descriptor = open(folder.appending(path: "run.ckpt.19.new").path, O_RDONLY)
        defer { close(descriptor) }
        try #require(flock(descriptor, LOCK_EX) == 0)
        try FileReplacement.write([4, 5], to: folder.appending(path: "run.ckpt").path)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == [
            "other.ckpt.20.new", "run.ckpt", "run.ckpt.18.new", "run.ckpt.19.new", "run.ckpt.notes.new",
        ])
    }
}
