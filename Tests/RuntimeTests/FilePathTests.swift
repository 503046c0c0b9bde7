import Foundation
import Testing
import Text

@testable import Library
@testable import NASLib
@testable import Runtime

@Suite struct FilePathTests {
    /// As POSIX's `dirname` and `basename` have it, but for the root, which has no name.
    @Test(arguments: [
        ("a", ".", "a"), ("é", ".", "é"), ("/", "/", ""), ("//", "/", ""), ("/a", "/", "a"), ("a/", ".", "a"), ("a/b", "a", "b"), ("a//b/", "a", "b"), ("", ".", ""),
        ("..", ".", ".."), ("a/..", "a", ".."), ("a/\u{301}b", "a", "\u{301}b"),
    ])
    func partsOfPaths(path: String, folder: String, name: String) {
        #expect(FilePath.folder(path) == folder)
        #expect(FilePath.name(path) == name)
    }

    @Test func aNameThatIsNotUTF8IsShownByItsBytes() {
        let name = [0x63, 0x61, 0x66, 0xE9, 0x2E, 0x74].withUnsafeBufferPointer { bytes in FileName(cString: (bytes.map { CChar(bitPattern: UInt8($0)) } + [0])) }
        #expect(name.text == nil && name.shown == "caf\\xE9.t")
    }

    /// `?` is one character, `*` any, and nothing else means anything but itself; a hidden name must be asked for.
    @Test(arguments: [
        ("?.txt", "é.txt", true), ("??.txt", "é.txt", false), ("run[1].csv", "run[1].csv", true), ("run[1].csv", "run1.csv", false), ("a\\b", "a\\b", true),
        ("*", "", true), ("*", ".hidden", false), (".*", ".hidden", true), ("*.csv", "a.csv.gz", false), ("*a*b*c", "xaybzabc", true), ("?", "", false), ("", "", true),
        ("*?", "a", true), ("**", "ab", true), ("a*", "ba", false),
    ])
    func patterns(pattern: String, name: String, fits: Bool) { #expect(Wildcards(pattern).match(name) == fits) }
}

@Suite struct FileReplacementTests {
    private let folder = FileManager.default.temporaryDirectory.appending(path: "padash-\(UInt64.random(in: .min ... .max))")

    init() throws { try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true) }

    private func path(_ name: String) -> String { folder.appending(path: name).path }
    private func make(_ name: String, _ text: String = "old", age: Double = 0) throws {
        try #require(FileManager.default.createFile(atPath: path(name), contents: Data(text.utf8)))
        try FileManager.default.setAttributes([.modificationDate: Date(timeIntervalSinceNow: -age)], ofItemAtPath: path(name))
    }
    private func text(_ name: String) -> String? { FileManager.default.contents(atPath: path(name)).map { String(decoding: $0, as: UTF8.self) } }
    private func status(_ name: String) -> stat {
        var status = stat()
        _ = lstat(path(name), &status)
        return status
    }

    /// A killed writer's new file goes away with the next save; those that may be somebody's stay.
    @Test func whatKilledWritersLeftBehindGoesAway() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        try make("run.ckpt.padash-0123456789abcdef.new", age: 600)
        try make("run.ckpt.padash-0123456789abcde0.new", age: 1)
        try make("run.ckpt.padash-0123456789abcde1.new", age: 600)
        let others = ["run.ckpt.2.new", "run.ckpt.17182818284590452353.new", "run.ckpt.notes.new", "run.ckpt.padash-1.new", "other.padash-0123456789abcdef.new"]
        for name in others { try make(name, age: 600) }
        // Another process still writes to this one.
        let descriptor = open(path("run.ckpt.padash-0123456789abcde1.new"), O_RDONLY)
        defer { close(descriptor) }
        try #require(flock(descriptor, LOCK_EX) == 0)
        try FileReplacement.write([4, 5], to: path("run.ckpt"))
        #expect(Set(try FileManager.default.contentsOfDirectory(atPath: folder.path)) == Set(
            others + ["run.ckpt", "run.ckpt.padash-0123456789abcde0.new", "run.ckpt.padash-0123456789abcde1.new"]))
    }

    @Test func linksAreFollowedAlsoToWhereNothingIsYet() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.createDirectory(atPath: path("later"), withIntermediateDirectories: true)
        try #require(symlink("later/x", path("dangling")) == 0 && symlink("dangling", path("second")) == 0 && symlink("self", path("self")) == 0)
        try FileReplacement.write(Array("new".utf8), to: path("second"))
        #expect(text("later/x") == "new" && status("dangling").st_mode & S_IFMT == S_IFLNK && status("second").st_mode & S_IFMT == S_IFLNK)
        #expect(throws: SystemError(ELOOP)) { try FileReplacement.write([], to: path("self")) }
    }

    @Test func theOtherNamesOfAFileStayNamesOfIt() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        try make("a", "a longer text than the new one")
        try #require(link(path("a"), path("b")) == 0)
        try FileReplacement.write(Array("new".utf8), to: path("a"))
        #expect(text("b") == "new" && status("a").st_ino == status("b").st_ino)
    }

    @Test func permissionsStay() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        try make("a")
        chmod(path("a"), 0o640)
        try FileReplacement.write([1], to: path("a"))
        #expect(status("a").st_mode & 0o777 == 0o640)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["a"])
    }

    @Test func theLongestNames() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        for name in [String(repeating: "a", count: 255), String(repeating: "é", count: 127)] {
            try FileReplacement.write([1], to: path(name))
            try FileReplacement.write([2], to: path(name))
            #expect(text(name) == "\u{2}")
        }
        #expect(throws: SystemError(ENAMETOOLONG)) { try FileReplacement.write([], to: path(String(repeating: "a", count: 256))) }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).count == 2)
    }
}
