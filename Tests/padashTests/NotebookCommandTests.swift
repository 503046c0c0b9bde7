import Foundation
import Testing

@Suite struct NotebookCommands {
    private let script = "# %% One\nprint(1 + 1)\n# %% Two\nplot([1, 2, 3])\n"

    @Test(arguments: ["html", "md", "ipynb"])
    func aDocumentOfEachKind(_ ending: String) throws {
        let folder = try TemporaryFolder()
        _ = try folder.file("a.pada", script)
        let result = try Binary.run(["notebook", "a.pada", "-o", "out.\(ending)", "--no-timing"], directory: folder.url)
        #expect(result.code == 0 && result.output == "" && result.errors == "")
        let text = try String(contentsOf: folder.url.appendingPathComponent("out.\(ending)"), encoding: .utf8)
        #expect(text.contains("One") && text.contains("svg"))
    }

    @Test func withoutAnOutputItStandsBesideTheScript() throws {
        let folder = try TemporaryFolder()
        _ = try folder.file("a.pada", script)
        #expect(try Binary.run(["notebook", "a.pada"], directory: folder.url).code == 0)
        #expect(FileManager.default.fileExists(atPath: folder.url.appendingPathComponent("a.html").path))
    }

    @Test func aCellThatFailsIsReportedAndEndsWith1() throws {
        let folder = try TemporaryFolder()
        _ = try folder.file("a.pada", "print(1)\n# %%\n\nnope\n# %%\nprint(\"later\")\n")
        let stopped = try Binary.run(["notebook", "a.pada", "-o", "a.md"], directory: folder.url)
        #expect(stopped.code == 1 && stopped.errors.contains("--> a.pada:4:1"))
        let file = folder.url.appendingPathComponent("a.md")
        #expect(try String(contentsOf: file, encoding: .utf8).contains("not run"))
        #expect(try Binary.run(["notebook", "a.pada", "-o", "a.md", "--keep-going"], directory: folder.url).code == 1)
        #expect(try String(contentsOf: file, encoding: .utf8).contains("```text\nlater\n```"))
    }

    @Test func exitGivesItsCode() throws {
        let folder = try TemporaryFolder()
        _ = try folder.file("a.pada", "exit(7)\n")
        #expect(try Binary.run(["notebook", "a.pada"], directory: folder.url).code == 7)
    }

    @Test func whatCannotBeReadOrWrittenIsAnErrorBeforeAnythingRuns() throws {
        let folder = try TemporaryFolder()
        _ = try folder.file("a.pada", "write_text(\"ran.txt\", \"\")\n")
        _ = try folder.file("broken.ipynb", "{")
        for (arguments, message) in [
            (["nope.pada"], "there is no file 'nope.pada'"), (["a.pada", "-o", "a.pdf"], "'a.pdf' does not end in .html, .md or .ipynb"),
            (["a.pada", "-o", "no/a.html"], "there is no folder 'no'"), (["broken.ipynb"], "'broken.ipynb' is not a Jupyter notebook"), ([], "needs one file"),
            (["a.pada", "--keepgoing"], "did you mean '--keep-going'?"), (["a.pada", "-o"], "needs a value"), (["-", "--watch"], "'--watch' needs a file"),
        ] {
            let result = try Binary.run(["notebook"] + arguments, directory: folder.url)
            #expect(result.code == 2 && result.errors.contains(message), "\(result.errors)")
        }
        #expect(!FileManager.default.fileExists(atPath: folder.url.appendingPathComponent("ran.txt").path))
        #expect(try Binary.run(["notebook", "--help"]).output.contains("--keep-going"))
    }

    @Test func interruptedItWritesWhatThereIsAndEndsWith130() throws {
        let result = try Binary.shell("""
            cd $(mktemp -d); printf 'print("before")\\n# %%%%\\nwrite_text("ready", "")\\nwhile true { }\\n# %%%%\\n1\\n' > a.pada
            $PADASH notebook a.pada -o a.md 2>/dev/null & child=$!
            for i in $(seq 200); do [ -f ready ] && break; sleep 0.1; done
            kill -INT $child; wait $child; echo "code $?"; cat a.md
            """)
        #expect(result.output.hasPrefix("code 130\n") && result.output.contains("before") && result.output.contains("interrupted") && result.output.contains("not run"))
    }

    @Test func watchedItIsWrittenAnewFromTheFirstChangedCellOn() throws {
        let result = try Binary.shell("""
            cd $(mktemp -d); printf '# %%%%\\nappend_text("ran", "1")\\n# %%%%\\nprint("one")\\n' > a.pada
            $PADASH notebook a.pada -o a.md --watch 2>/dev/null & child=$!
            for i in $(seq 200); do grep -qs one a.md && break; sleep 0.1; done
            printf '# %%%%\\nappend_text("ran", "1")\\n# %%%%\\nprint("two")\\n' > b.pada; mv b.pada a.pada
            for i in $(seq 200); do grep -qs two a.md && break; sleep 0.1; done
            kill -INT $child; wait $child; echo "code $?"; cat ran; grep -c '"one"' a.md
            """)
        #expect(result.output == "code 0\n10\n")
    }

    @Test func convertBothWays() throws {
        let folder = try TemporaryFolder()
        let file = try folder.file("a.pada", script)
        #expect(try Binary.run(["convert", "a.pada"], directory: folder.url).code == 0)
        let again = try Binary.run(["convert", "a.pada"], directory: folder.url)
        #expect(again.code == 2 && again.errors.contains("there is a file 'a.ipynb' already"))
        #expect(try Binary.run(["convert", "a.ipynb", "-o", "b.pada"], directory: folder.url).code == 0)
        #expect(try String(contentsOf: folder.url.appendingPathComponent("b.pada"), encoding: .utf8) == String(contentsOf: file, encoding: .utf8))
        #expect(try Binary.run(["convert", "a.pada", "-o", "a.pada"], directory: folder.url).errors.contains("would be overwritten"))
    }
}

@Suite struct ResultsCommand {
    @Test func experimentsAreListedAndCompared() throws {
        let folder = try TemporaryFolder()
        _ = try folder.file("a.pada", """
            for [lr, accuracy] in [[0.1, 90.5], [0.2, 95.25]] {
                let run = experiment("digits", params: {lr: lr, epochs: 3})
                run.log({epoch: 0, accuracy: 10.0})
                run.save(plot([1, 2]), "loss")
                run.save("once", "note")
                run.save("twice", "note")
                run.finish({accuracy: accuracy})
            }
            let stopped = experiment("other")
            stopped.log({loss: 0.5})
            """)
        #expect(try Binary.run(["a.pada"], directory: folder.url).code == 0)
        let runs = try FileManager.default.contentsOfDirectory(atPath: folder.url.appendingPathComponent("results/digits").path)
        #expect(runs.count == 2)
        let first = folder.url.appendingPathComponent("results/digits/\(runs.sorted()[0])")
        #expect(try FileManager.default.contentsOfDirectory(atPath: first.path).sorted() == ["experiment.json", "log.jsonl", "loss.svg", "note-2.txt", "note.txt", "script.pada"])
        #expect(try String(contentsOf: first.appendingPathComponent("script.pada"), encoding: .utf8).hasPrefix("for [lr"))

        let list = try Binary.run(["results"], directory: folder.url)
        #expect(list.code == 0 && list.output.hasPrefix("table of 3 rows"))
        let csv = try Binary.run(["results", "--csv", "--sort=-accuracy"], directory: folder.url).output.split(separator: "\n").map { $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init) }
        #expect(csv[0] == ["experiment", "run", "status", "lr", "epochs", "accuracy", "loss", "seconds", "seed", "commit"])
        #expect(csv.dropFirst().map { [$0[0], $0[2], $0[3], $0[5], $0[6]] } == [["digits", "finished", "0.2", "95.25", ""], ["digits", "finished", "0.1", "90.5", ""], ["other", "stopped", "", "", "0.5"]])
        let compared = try Binary.run(["results", "results", "--compare", "--csv"], directory: folder.url).output
        #expect(compared.hasPrefix("experiment,run,status,lr,epochs,accuracy,loss,seconds\n"))
    }

    @Test func mistakesOnTheCommandLine() throws {
        let folder = try TemporaryFolder()
        #expect(try Binary.run(["results"], directory: folder.url).errors.contains("there is no folder 'results'"))
        #expect(try Binary.run(["results", "."], directory: folder.url).output == "there are no experiments in '.'\n")
        #expect(try Binary.run(["results", "a", "b"]).errors.contains("takes one folder"))
        try FileManager.default.createDirectory(at: folder.url.appendingPathComponent("results/x/y"), withIntermediateDirectories: true)
        _ = try folder.file("results/x/y/experiment.json", "{")
        let result = try Binary.run(["results"], directory: folder.url)
        // A damaged record hides no other: it is left out with a warning.
        #expect(result.code == 0 && result.errors.contains("results/x/y/experiment.json") && result.output == "there are no experiments in 'results'\n")
    }
}
