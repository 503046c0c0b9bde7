import Foundation
import Testing

@Suite struct Commands {
    @Test(arguments: [
        ("print(1)", 0), ("exit(7)", 7), ("exit()", 0), ("1 / nil", 1), ("throw \"no\"", 1), ("let = 3", 2), ("fn f() { exit(5) }; try { f() } catch e { }", 5),
    ])
    func exitCodes(code: String, expected: Int32) throws { #expect(try Binary.run(["-e", code]).code == expected) }

    @Test func onlyPrintedTextGoesToStandardOutput() throws {
        let result = try Binary.run(["-e", "1 + 1; print(\"a\", 2); 3"])
        #expect(result.output == "a 2\n" && result.errors == "")
    }

    @Test func scriptFromStandardInput() throws {
        #expect(try Binary.run([], input: "print(\"hello\")").output == "hello\n")
        #expect(try Binary.run(["-", "x", "-y"], input: "print(args())").output == "[\"x\", \"-y\"]\n")
    }

    @Test func scriptFromFileWithArgumentsAndImports() throws {
        let folder = try TemporaryFolder()
        _ = try folder.file("util.pada", "fn double(x) = 2 * x\n")
        let script = try folder.file("main.pada", "#!/usr/bin/env padash\nimport \"util.pada\" as util\nprint(util.double(21), args())\n")
        for arguments in [["run", script.path, "--epochs", "3"], [script.path, "--epochs", "3"]] {
            #expect(try Binary.run(arguments).output == "42 [\"--epochs\", \"3\"]\n")
        }
        #expect(try Binary.run(["main.pada"], directory: folder.url).output == "42 []\n")
    }

    @Test func argumentsOfCode() throws { #expect(try Binary.run(["-e", "print(args())", "--help"]).output == "[\"--help\"]\n") }

    @Test func errorsGoToStandardErrorWithPlaceAndWithoutColour() throws {
        let result = try Binary.run(["-e", "print(1)\nlen(1, 2)"])
        #expect(result.output == "1\n")
        #expect(result.errors.contains("--> -e:2:"))
        #expect(!result.errors.contains("\u{1B}"))
    }

    @Test func printedTextComesBeforeTheErrorThatFollowsIt() throws {
        #expect(try Binary.shell("$PADASH -e 'print(1); nope' 2>&1").output.hasPrefix("1\nname error"))
    }

    @Test func unknownOption() throws {
        let result = try Binary.run(["--vresion"])
        #expect(result.code == 2 && result.errors.contains("did you mean '--version'?"))
    }

    @Test func missingFile() throws {
        let folder = try TemporaryFolder()
        _ = try folder.file("search.pada", "")
        let result = try Binary.run(["serach.pada"], directory: folder.url)
        #expect(result.code == 2 && result.errors.contains("io error: there is no file 'serach.pada'") && result.errors.contains("did you mean 'search.pada'?"))
        #expect(try Binary.run(["rnu", "x.pada"]).errors.contains("did you mean 'padash run FILE [ARGS]'?"))
    }

    @Test(arguments: [["run"], ["-e"]]) func missingOperand(_ arguments: [String]) throws { #expect(try Binary.run(arguments).code == 2) }

    @Test func textThatIsNotUTF8() throws {
        let result = try Binary.shell("printf 'print(\"\\xff\")' | $PADASH -")
        #expect(result.code == 2 && result.errors.contains("not UTF-8"))
    }

    @Test func aLineOf50Megabytes() throws {
        let folder = try TemporaryFolder()
        let long = try folder.file("long.pada", "print(len(\"" + String(repeating: "x", count: 50_000_000) + "\"))")
        #expect(try Binary.run([long.path]).output == "50000000\n")
        let wrong = try folder.file("wrong.pada", "let a = 1 " + String(repeating: "b ", count: 25_000_000))
        let result = try Binary.run([wrong.path])
        #expect(result.code == 2 && result.errors.contains("wrong.pada:1:11") && result.errors.utf8.count < 1_000)
    }

    @Test func helpAndVersion() throws {
        #expect(try Binary.run(["--help"]).output.contains("padash -e CODE"))
        #expect(try Binary.run(["--version"]).output.hasPrefix("padash "))
    }

    @Test func progressIsSilentWithoutATerminal() throws {
        let result = try Binary.run(["-e", "for i in progress(0..3, \"steps\") { print(i) }"])
        #expect(result.output == "0\n1\n2\n" && result.errors == "")
    }
}

@Suite struct StandardOutput {
    @Test func aReaderThatLeavesEndsTheScriptQuietly() throws {
        let result = try Binary.shell("$PADASH -e 'for i in 0..100000000 { print(i) }' | head -1; exit ${PIPESTATUS[0]}")
        #expect(result.output == "0\n" && result.errors == "" && result.code == 141)
    }

    @Test func aFullDiskIsAnError() throws {
        let result = try Binary.shell("$PADASH -e 'print(1)' > /dev/full")
        #expect(result.code == 1 && result.errors.contains("standard output cannot be written"))
    }

    @Test func closedStandardOutputIsNotTakenForAFile() throws {
        let result = try Binary.shell("cd $(mktemp -d); $PADASH -e 'write_text(\"a.txt\", \"x\"); print(1)' >&- && cat a.txt")
        #expect(result.output == "x" && result.code == 0)
    }

    @Test func whatIsPrintedIsSeenBeforeTheNextLongStep() throws {
        let result = try Binary.shell("exec 3< <(exec $PADASH -e 'print(\"now\"); while true { }'); child=$!; read -t 20 line <&3; echo $line; kill -9 $child")
        #expect(result.output == "now\n")
    }
}

@Suite struct Interrupts {
    @Test func anEndlessLoopEndsWith130() throws {
        // The loop says when it runs; the signal comes after that.
        let result = try Binary.shell("""
            exec 3< <(exec $PADASH -e 'print("ready"); while true { }' 2>&1; ); child=$!
            read -t 20 line <&3; kill -INT $child; cat <&3; wait $child; echo "code $?"
            """)
        #expect(result.output.hasPrefix("interrupted: ") && result.output.hasSuffix("code 130\n"))
    }

    @Test func tryDoesNotCatchIt() throws {
        let result = try Binary.shell("""
            exec 3< <(exec $PADASH -e 'print("ready"); while true { try { while true { } } catch e { } }' 2>/dev/null); child=$!
            read -t 20 line <&3; kill -INT $child; wait $child; echo "code $?"
            """)
        #expect(result.output == "code 130\n")
    }

    /// What a reader finds in docs is what the binary says: `make docs` writes it anew.
    @Test func theReferenceInDocsIsTheBinarys() throws {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../docs/reference.md").standardized
        #expect(try Binary.run(["doc"]).output == String(contentsOf: file, encoding: .utf8), "run make docs")
    }
}
