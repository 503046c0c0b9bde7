import Foundation
import Testing

@Suite struct FormatCommand {
    @Test func filesAreWrittenInPlaceAndKeepTheirPermissions() throws {
        let folder = try TemporaryFolder()
        let file = try folder.file("a.pada", "let  x=1 # one\n")
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file.path)
        let result = try Binary.run(["fmt", "a.pada"], directory: folder.url)
        #expect(result.code == 0 && result.output == "" && result.errors == "")
        #expect(try String(contentsOf: file, encoding: .utf8) == "let x = 1  # one\n")
        #expect(try FileManager.default.attributesOfItem(atPath: file.path)[.posixPermissions] as? Int == 0o755)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path).filter { $0.hasPrefix("a.") } == ["a.pada"])
    }

    @Test func standardInputGoesToStandardOutput() throws {
        #expect(try Binary.run(["fmt", "-"], input: "f ( x )").output == "f(x)\n")
    }

    @Test func checkListsWhatWouldChangeAndChangesNothing() throws {
        let folder = try TemporaryFolder()
        let file = try folder.file("a.pada", "f ( x )")
        _ = try folder.file("b.pada", "f(x)\n")
        let result = try Binary.run(["fmt", "--check", "a.pada", "b.pada"], directory: folder.url)
        #expect(result.code == 1 && result.output == "a.pada\n")
        #expect(try String(contentsOf: file, encoding: .utf8) == "f ( x )")
        #expect(try Binary.run(["fmt", "b.pada", "--check"], directory: folder.url).code == 0)
    }

    @Test func aFileWithMistakesIsReportedAndLeftAloneWhileTheOthersAreWritten() throws {
        let folder = try TemporaryFolder()
        let broken = try folder.file("broken.pada", "let  = 3\n"), good = try folder.file("good.pada", "let  x = 3\n")
        let result = try Binary.run(["fmt", "broken.pada", "missing.pada", "good.pada"], directory: folder.url)
        #expect(result.code == 2 && result.errors.contains("--> broken.pada:1:6") && result.errors.contains("there is no file 'missing.pada'"))
        #expect(try String(contentsOf: broken, encoding: .utf8) == "let  = 3\n" && String(contentsOf: good, encoding: .utf8) == "let x = 3\n")
    }

    @Test func mistakesOnTheCommandLine() throws {
        #expect(try Binary.run(["fmt"]).errors.contains("'fmt' needs a file"))
        #expect(try Binary.run(["fmt", "--chekc", "x"]).errors.contains("did you mean '--check'?"))
        #expect(try Binary.run(["fmt", "--check=yes", "x"]).errors.contains("takes no value"))
        #expect(try Binary.run(["fmt", "--help"]).output.contains("padash fmt [--check] FILE…"))
    }
}
