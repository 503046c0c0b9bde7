import Foundation
import Testing

/// What the operating system may do to padash, and padash to it.
@Suite struct OperatingSystem {
    /// The exit code of a shell command's last line, and all it printed.
    private func run(_ command: String) throws -> Binary.Result { try Binary.shell("cd $(mktemp -d); \(command)") }

    /// Whether this user may do it here: a container often may not.
    private func can(_ command: String) throws -> Bool { try Binary.shell("\(command) > /dev/null 2>&1").code == 0 }

    // MARK: - Reads that block

    /// Nobody writes to the pipe: one Ctrl-C ends the wait.
    @Test(arguments: [
        "read_text(\"p\")", "read_lines(\"p\")", "read_csv(\"p\")", "read_json(\"p\")", "read_npy(\"p\")", "read_npz(\"p\")", "load(\"p\")", "benchmark(\"./p\")", "csv_dataset(\"p\")",
        "idx_dataset(\"p\", \"p\")", "import \"p\" as p", "resumable(0..2, \"p\")", "image_folder(\"c\")", "cifar10(\"f\")",
    ])
    func aReadThatWaitsIsStoppedByControlC(code: String) throws {
        let result = try run("""
            mkfifo p; mkdir -p c/a c/b f; mkfifo c/a/z.png f/data_batch_1.bin f/test_batch.bin; \
            ( $PADASH -e 'print("begun"); \(code)' & echo $! > pid; wait $!; echo code $? ) & \
            sleep 1.5; kill -INT $(cat pid); for i in $(seq 100); do kill -0 $(cat pid) 2>/dev/null || break; sleep 0.1; done; kill -9 $(cat pid) 2>/dev/null; wait
            """)
        #expect(result.output.contains("code 130"), "\(result.output) \(result.errors)")
    }

    @Test func aPipeIsReadToItsEndAndWrittenToOneThatWaits() throws {
        #expect(try run("mkfifo p; (sleep 0.3; printf 'a,b\\n'; sleep 0.3; printf '1,2\\n') > p & $PADASH -e 'print(read_csv(\"p\").b)'").output == "[2]\n")
        #expect(try run("$PADASH -e 'print(len(read_text(\"/dev/stdin\")))' < <(head -c 300000 /dev/zero)").output == "300000\n")
        #expect(try run("mkfifo p; cat p > out & sleep 0.3; $PADASH -e 'append_text(\"p\", \"x\" * 300000)'; wait; wc -c < out").output == "300000\n")
        #expect(try run("mkfifo p; $PADASH -e 'append_text(\"p\", \"x\")'; echo $?").output == "1\n")
    }

    // MARK: - Files that are not to be replaced

    /// As a user to whom permissions mean something.
    private static let asNobody = getuid() == 0 ? "setpriv --reuid=65534 --regid=65534 --clear-groups " : ""

    @Test func aFileThatMayNotBeWrittenStaysAsItIs() throws {
        guard try can("\(Self.asNobody) $PADASH --version") else { return }
        let result = try run("""
            chmod 777 .; echo old > best; cp best m.pada; [ $(id -u) = 0 ] && chown 65534:65534 best m.pada; chmod 444 best m.pada
            for code in 'write_text("best", "new")' 'save("best", 1)' 'write_csv("best", table({a: [1]}))' 'append_text("best", "x")'; do \(Self.asNobody)$PADASH -e "$code"; echo $?; done
            \(Self.asNobody)$PADASH fmt m.pada; cat best; ls
            """)
        #expect(result.output == "1\n1\n1\n1\nold\nbest\nm.pada\n", "\(result.output)")
        #expect(result.errors.components(separatedBy: "Permission denied").count > 4)
    }

    @Test func aFileInAFolderThatMayNotBeWrittenIsWrittenInPlace() throws {
        guard try can("\(Self.asNobody) $PADASH --version") else { return }
        let result = try run("mkdir d; echo old > d/a; chmod 666 d/a; chmod 555 d; chmod 755 .; \(Self.asNobody)$PADASH -e 'write_text(\"d/a\", \"new\")'; cat d/a; ls d; chmod 755 d")
        #expect(result.output == "newa\n", "\(result.errors)")
    }

    @Test func anotherUsersFileKeepsItsOwner() throws {
        guard getuid() == 0 else { return }
        #expect(try run("echo old > a; chown 65534:65533 a; $PADASH -e 'write_text(\"a\", \"new\")'; stat -c %u:%g a; cat a").output == "65534:65533\nnew")
        guard try can("\(Self.asNobody) $PADASH --version") else { return }
        #expect(try run("chmod 777 .; echo old > a; chmod 666 a; \(Self.asNobody)$PADASH -e 'write_text(\"a\", \"new\")'; stat -c %u a; cat a; ls").output == "0\nnewa\n")
    }

    @Test func aFileThatIsMountedByItselfIsWrittenInPlace() throws {
        guard try can("unshare -m true") else { return }
        #expect(try run("echo a > b1; echo b > b2; unshare -m sh -c 'mount --bind b2 b1; $PADASH -e \"write_text(\\\"b1\\\", \\\"x\\\")\"; cat b1'; cat b2; ls").output == "xxb1\nb2\n")
    }

    @Test func anotherFileSystem() throws {
        guard try can("unshare -m sh -c 'mount -t tmpfs none /mnt'") else { return }
        let result = try run("""
            mkdir -p t d/in; echo one > a; echo two > d/in/b; ln -s in/b d/l; chmod 640 a; unshare -m sh -c 'mount -t tmpfs -o size=1m none t
            $PADASH -e "move_file(\\"a\\", \\"t/a\\"); move_file(\\"d\\", \\"t/d\\")"; stat -c %a t/a; cat t/a t/d/l; ls; ls t
            head -c 3000000 /dev/zero > big; $PADASH -e "print(try { move_file(\\"big\\", \\"t/big\\") } catch e { e.message })"; stat -c %s big; ls t
            $PADASH -e "print(try { write_text(\\"t/a\\", \\"x\\" * 3000000) } catch e { e.message })"; cat t/a; ls t'
            """)
        #expect(result.output == """
            640
            one
            two
            t
            a
            d
            'big' cannot be moved to 't/big': No space left on device
            3000000
            a
            d
            't/a' cannot be written: No space left on device
            one
            a
            d

            """, "\(result.output) \(result.errors)")
    }

    /// `/` and `..` lie in no folder that they could be taken from, whatever is mounted where.
    @Test func theRootStaysWhereItIs() throws {
        for path in ["/", ".", "..", "//"] { #expect(try run("$PADASH -e 'move_file(\"\(path)\", \"/dev/shm/padash-moved\")'; echo $?").output == "1\n") }
    }

    @Test func aLimitOfFilesSizesIsAnError() throws {
        let result = try run("ulimit -f 100; $PADASH -e 'print(try { write_text(\"big\", \"x\" * 1000000) } catch e { e.message }); append_text(\"log\", \"one\"); append_text(\"log\", \"x\" * 1000000)'; echo $?; ls; cat log")
        #expect(result.output == "'big' cannot be written: File too large\n1\nlog\none", "\(result.output)")
    }

    // MARK: - Limits, and what is not there

    @Test(arguments: ["ulimit -v 200000", "ulimit -v 500000", "ulimit -v 800000", "ulimit -v 1000000", "ulimit -v 1500000", "ulimit -d 100000", "ulimit -d 200000", "ulimit -n 5"])
    func underALimitItRunsOrSaysThatItCannot(_ limit: String) throws {
        let result = try run("\(limit); timeout -k 1 20 $PADASH -e 'print(sum(0..1000))'; echo $?")
        #expect(result.output == "499500\n0\n" || (result.output == "1\n" && result.errors.contains("cannot")), "\(result.output) \(result.errors)")
    }

    /// OpenBLAS tries for ever where it gets no memory of its own, and Swift ends the process where a small piece is missing.
    @Test(arguments: [
        "let a = rand([300, 300]); print(sum(a @ a) > 0)", "let s = nasbench201(); print(len([s[i] for i in 0..15625]) > 0)", "print(len(benchmark(\"digits\")) > 0)",
        "print(len(parse_csv(\"a,b,c\\n\" + \"1,x,2.5\\n\" * 1000000)) > 0)", "print(len(plot(list(0..500000), show: false).svg) > 0)",
    ])
    func underAnyLimitItWorksOrSaysThatItCannot(_ code: String) throws {
        for kilobytes in [180_000, 230_000, 260_000, 330_000, 400_000, 450_000, 490_000] {
            let result = try run("ulimit -v \(kilobytes); timeout -k 1 20 $PADASH -e 'print(try { \(code); 1 } catch e { e.kind })'; echo $?")
            #expect(["true\n1\n0\n", "limit\n0\n"].contains(result.output) || (result.output == "1\n" && result.errors.contains("cannot start")), "\(kilobytes): \(result.output) \(result.errors)")
        }
    }

    @Test func aRecordThatIsAPipeIsLeftOut() throws {
        let result = try run("mkdir -p r/g/h; mkfifo r/g/h/experiment.json; timeout -k 1 20 $PADASH results r; echo $?")
        #expect(result.output.hasSuffix("0\n") && result.errors.contains("is not a plain file"), "\(result.output) \(result.errors)")
    }

    @Test func anExperimentOfANotebookThatEndsBadlyHasFailed() throws {
        let result = try run("printf '# %%%%\\nlet e = experiment(\"nb\")\\n# %%%%\\n1 / 0\\n' > n.pada; $PADASH notebook -o n.html n.pada > /dev/null; $PADASH results results")
        #expect(result.output.contains("failed"), "\(result.output) \(result.errors)")
    }

    @Test func dataInAFolderThatIsNoText() throws {
        let result = try run("PADASH_DATA=\"$(printf 'd\\351')\" $PADASH -e 'print(try { benchmark(\"nasbench201\") } catch e { e.message })'")
        #expect(result.output.hasPrefix("$PADASH_DATA is no UTF-8 text"), "\(result.output) \(result.errors)")
    }

    @Test(arguments: ["[10, 3, 8, 16]", "[10, 4, 8, 8]", "[10, 1, 28, 28]"])
    func imagesOfPyTorchsLayoutAreWarnedAbout(_ shape: String) throws {
        let make = "tensor_dataset(zeros(\(shape)), [i % 2 for i in 0..10]"
        #expect(try run("$PADASH -e '\(make))'").errors.contains("give layout: \"nchw\""))
        #expect(try run("$PADASH -e '\(make), layout: \"nchw\")'").errors.isEmpty)
    }

    @Test func aHugeStackLimit() throws {
        guard try can("ulimit -s 67108864") else { return }
        #expect(try run("ulimit -s 67108864; timeout -k 1 20 $PADASH -e 'print(1); sleep(0.1); print(ones([300, 300]) @ ones([300, 300]).sum())'; echo $?").output.hasPrefix("1\n"))
    }

    @Test func withoutProcTheArgumentsAreRead() throws {
        guard try can("unshare -m sh -c 'umount -l /proc'") else { return }
        let result = try run("echo 'print(args())' > a.pada; unshare -m sh -c 'umount -l /proc; echo \"print(0)\" | $PADASH check nothere.pada; echo $?; $PADASH run a.pada x é < /dev/null'")
        #expect(result.output == "2\n[\"x\", \"é\"]\n", "\(result.output) \(result.errors)")
    }

    @Test func withoutANameItSaysSo() throws {
        guard try can("python3 --version") else { return }
        let result = try run("python3 -c 'import os; os.execv(os.environ[\"PADASH\"], [\"\"])' -c < /dev/null; python3 -c 'import os; os.execv(os.environ[\"PADASH\"], [\"p\", \"-e\", \"print(7)\"])'")
        #expect(result.output == "7\n")
    }

    @Test func homeIsWhatTheEnvironmentSays() throws {
        #expect(try run("mkdir -p h/.local/share/jupyter/kernels/padash; HOME=$PWD/h $PADASH kernel uninstall; true").errors.contains("/h/.local/share/jupyter/kernels/padash"))
        #expect(try run("mkdir -p h/.local/share/jupyter/kernels/padash; HOME=h $PADASH kernel uninstall; true").errors.contains("/h/.local/share/jupyter/kernels/padash"))
    }

    // MARK: - Modules

    @Test func filesAreToldApartByTheirRealPaths() throws {
        let made = "mkdir -p p bin; echo 'print(\"loaded\"); let v = 1' > p/util.pada; printf 'import \"util.pada\"\\nprint(v)\\n' > p/main.pada; ln -s ../p/main.pada bin/tool; ln -s util.pada p/u2.pada; ln -s . p/self; "
        #expect(try run(made + "$PADASH bin/tool; $PADASH check bin/tool").output == "loaded\n1\n")
        #expect(try run(made + "cd p; printf 'import \"util.pada\" as a\\nimport \"u2.pada\" as b\\nimport \"self/util.pada\" as c\\n' | $PADASH").output == "loaded\n")
        let cycle = try run(made + "cd p; printf 'import \"self/x.pada\" as y\\n' > x.pada; printf 'import \"x.pada\" as x\\n' | $PADASH")
        #expect(cycle.errors.contains("the imports form a cycle: x.pada → x.pada"), "\(cycle.errors)")
    }

    // MARK: - Other people's folders

    /// git would run what the folder's configuration names.
    @Test func nothingInTheFolderIsObeyed() throws {
        let result = try run("""
            mkdir -p .git/objects .git/refs/heads; echo 1111111111111111111111111111111111111111 > .git/HEAD
            printf '[core]\\n\\trepositoryformatversion = 0\\n\\tfsmonitor = "touch %s/pwned; echo"\\n\\thooksPath = hooks\\n' "$PWD" > .git/config
            $PADASH -e 'print(read_json(join_path(experiment("width").folder, "experiment.json")).git)'; ls
            """)
        #expect(result.output == "{commit: \"1111111111111111111111111111111111111111\"}\nresults\n", "\(result.output) \(result.errors)")
    }

    @Test func theCommitIsGits() throws {
        guard try can("git --version") else { return }
        let result = try run("""
            export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a
            show() { $PADASH -e 'print((read_json(join_path(experiment("w", folder: temporary_folder()).folder, "experiment.json")).git ?? {commit: nil}).commit)'; git rev-parse HEAD; }
            show 2> /dev/null; git init -q r; cd r; git commit -q --allow-empty -m a; mkdir -p in/ner; cd in/ner; show; cd ../..; git commit -q --allow-empty -m b; git pack-refs --all; show
            git checkout -q --detach; show; git branch other; git worktree add -q ../w other; cd ../w; git commit -q --allow-empty -m c; show
            """)
        let lines = result.output.split(separator: "\n")
        try #require(lines.count == 9 && lines[0] == "nil", "\(result.output) \(result.errors)")
        for i in stride(from: 1, to: lines.count, by: 2) { #expect(lines[i] == lines[i + 1]) }
    }

    // MARK: - Experiments

    @Test func anExperimentWhoseScriptEndsBadlyIsWrittenDownAsThat() throws {
        let result = try run("""
            $PADASH -e 'experiment("a"); 1 / 0' 2>/dev/null; $PADASH -e 'let r = experiment("b"); r.finish({x: 1}); nope' 2>/dev/null; $PADASH -e 'experiment("c"); exit(3)'
            $PADASH -e 'let r = experiment("d"); r.log({x: 2})'; $PADASH -e 'experiment("e"); sleep(60)' & sleep 2; $PADASH results --csv | cut -d, -f1,3 | sort; kill -9 $!; wait 2>/dev/null
            $PADASH -e 'print(results().sort("experiment").status)'; $PADASH -e 'print(read_json(join_path("results", "a", list_files("results/a")[0], "experiment.json")).error)'
            """)
        #expect(result.output.contains("a,failed\nb,finished\nc,failed\nd,stopped\ne,running\n"), "\(result.output)")
        #expect(result.output.contains("[\"failed\", \"finished\", \"failed\", \"stopped\", \"stopped\"]"), "\(result.output)")
        #expect(result.output.contains("division by zero"), "\(result.output)")
    }

    @Test func aPageTakesNoFilesFromElsewhere() throws {
        let result = try run("""
            echo secret > key.png; mkdir -p p/in p/.h; cp key.png p/in/own.png; cp key.png p/.h/h.png; ln -s ../key.png p/in/link.png; cd p
            for target in in/own.png ../key.png $PWD/../key.png .h/h.png in/link.png; do printf '%s\\n' "# %% [markdown]" "# ![i]($target)" > n.pada; $PADASH notebook n.pada 2>/dev/null; grep -c 'base64,' n.html; done
            for target in in/own.png ../key.png .h/h.png in/link.png; do printf '%s\\n' "# A" "" "[l]($target)" > a.md; $PADASH doc --site s a.md 2>/dev/null; echo $?; done
            """)
        #expect(result.output == "1\n0\n0\n0\n0\n0\n2\n2\n2\n", "\(result.output) \(result.errors)")
    }
}

/// Text that is not padash's own does nothing to the terminal it is shown on.
@Suite struct TerminalSafety {
    @Test func noSequenceOfAValueReachesTheTerminal() throws {
        let evil = "\\u{1b}]0;PWN\\u{7}\\u{9b}31m\\u{1b}[c"
        let folder = try TemporaryFolder()
        for code in [
            "table({\"\(evil)\": [\"\(evil)\"]})", "plot.bar([1, 2], names: [\"\(evil)\", \"b\"], title: \"\(evil)\", xlabel: \"\(evil)\")", "plot([1, 2], title: \"\(evil)\")",
            "for i in progress(0..2, \"\(evil)\") { sleep(0.01) }", "throw \"\(evil)\"", "\"\(evil)\"", "[\"\(evil)\"]", "{[\"\(evil)\"]: 1}", "read_text(\"\(evil)\")", "print(\"\(evil)\")",
            "plot.heatmap([[1, 2], [3, 4]], title: \"\(evil)\")", "plot.line([1, 2], {\"\(evil)\": [1, 2]})", "tensor_dataset(zeros([2, 4]), [0, 1], name: \"\(evil)\")",
            "print(table({\"\(evil)\": [\"\(evil)\"]}))", "experiment(\"\(evil)\")",
        ] {
            let terminal = try Terminal(environment: ["NO_COLOR": "", "TMPDIR": folder.url.path])
            try terminal.enter(code, at: "In [1]: ")
            try terminal.enter("6 * 7", at: "In [2]: ")
            try terminal.wait(for: "42")
            let raw = terminal.raw.unicodeScalars
            #expect(!terminal.raw.contains("\u{1B}]") && !raw.contains("\u{9B}") && !terminal.raw.contains("\u{1B}[c"), "\(code)")
        }
    }

    @Test func namesOfFilesAreHarmlessToo() throws {
        let folder = try TemporaryFolder()
        let name = "\u{1B}]0;PWN\u{7}"
        _ = try folder.file("\(name).pada", "let x = nope\n")
        for arguments in [["check", "\(folder.url.path)/\(name).pada"], ["run", "\(folder.url.path)/\(name).pada"], ["fmt", "\(folder.url.path)/\(name)"], ["doc", "\(name)"], ["--\(name)"]] {
            let terminal = try Terminal(arguments, environment: ["NO_COLOR": ""])
            _ = try terminal.exitCode()
            #expect(!terminal.raw.contains("\u{1B}]"), "\(arguments)")
        }
        let terminal = try Terminal(environment: ["NO_COLOR": ""])
        try terminal.wait(for: "In [1]: ")
        terminal.type("read_text(\"\(folder.url.path)/\t\t")
        try terminal.wait(for: "PWN")
        #expect(!terminal.raw.contains("\u{1B}]"))
    }

    /// A script may colour its lines and draw over them; and what goes to a file goes as it is.
    @Test func printDraws() throws {
        let folder = try TemporaryFolder()
        let script = try folder.file("s.pada", "print(\"\\u{1b}[2J\\u{1b}[H\\u{1b}[1;31mred\\u{1b}[0m\\u{1b}]0;t\\u{7}\")")
        let terminal = try Terminal([script.path])
        _ = try terminal.exitCode()
        #expect(terminal.raw.contains("\u{1B}[2J\u{1B}[H\u{1B}[1;31mred\u{1B}[0m\u{241B}]0;t"))
        #expect(try Binary.run([script.path]).output == "\u{1B}[2J\u{1B}[H\u{1B}[1;31mred\u{1B}[0m\u{1B}]0;t\u{7}\n")
    }
}
