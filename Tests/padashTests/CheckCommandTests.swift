import Foundation
import Testing

@Suite struct CheckCommand {
    private let clean = "print(1)\n", warned = "fn f() { let x = 1; 2 }\n", wrong = "print(nope)\n"

    @Test func nothingIsSaidOfACleanScript() throws {
        let result = try Binary.run(["check", "--strict", "-"], input: clean)
        #expect(result.code == 0 && result.output == "" && result.errors == "")
    }

    @Test func warningsFailOnlyWhenStrict() throws {
        let result = try Binary.run(["check", "-"], input: warned)
        #expect(result.code == 0 && result.errors.hasPrefix("warning: 'x' is never read") && result.errors.hasSuffix("\n1 warning\n"))
        #expect(try Binary.run(["check", "-", "--strict"], input: warned).code == 1)
    }

    @Test func allFilesAreLookedAtAndNoneIsRun() throws {
        let folder = try TemporaryFolder()
        _ = try folder.file("a.pada", clean)
        _ = try folder.file("b.pada", warned + wrong)
        _ = try folder.file("c.pada", "import \"sub/d.pada\"\nprint(answer)\n")
        try FileManager.default.createDirectory(at: folder.url.appendingPathComponent("sub"), withIntermediateDirectories: false)
        _ = try folder.file("sub/d.pada", "let answer = 42\nprint(\"loaded\")\n")
        let result = try Binary.run(["check", "a.pada", "missing.pada", "b.pada", "c.pada"], directory: folder.url)
        #expect(result.code == 2 && result.output == "")
        #expect(result.errors.contains("there is no file 'missing.pada'") && result.errors.contains("--> b.pada:2:7") && result.errors.hasSuffix("\n2 errors, 1 warning\n"))
        #expect(try Binary.run(["check", "sub/../c.pada"], directory: folder.url).code == 0)
    }
}
