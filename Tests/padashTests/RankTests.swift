import Foundation
import Testing

/// Scripts that several processes run together, under each MPI that is installed.
@Suite struct RankTests {
    struct Launcher: CustomTestStringConvertible {
        let name: String
        let arguments: [String]
        var testDescription: String { name }

        /// With as many processes on this machine as the test wants.
        static let installed = [
            Launcher(name: "mpirun.openmpi", arguments: ["--allow-run-as-root", "--oversubscribe"]), Launcher(name: "mpirun.mpich", arguments: []),
        ].filter { FileManager.default.isExecutableFile(atPath: "/usr/bin/\($0.name)") }

        func run(_ count: Int, _ words: String, in folder: TemporaryFolder, environment: String = "") throws -> Binary.Result {
            try run(count, program: "\"$PADASH\" \(words)", in: folder, environment: environment)
        }

        func run(_ count: Int, program: String, in folder: TemporaryFolder, environment: String = "") throws -> Binary.Result {
            try Binary.shell("cd '\(folder.url.path)'; \(environment) exec \(name) \(arguments.joined(separator: " ")) -n \(count) \(program)")
        }
    }

    static let isThere = !Launcher.installed.isEmpty

    /// Runs a script alone and by several processes, and gives what all of them printed where that is the same.
    private func output(_ script: String, counts: [Int] = [2, 3], sourceLocation: SourceLocation = #_sourceLocation) throws -> String {
        let folder = try TemporaryFolder()
        _ = try folder.file("s.pada", script)
        let alone = try Binary.shell("cd '\(folder.url.path)'; PADASH_THREADS=1 \"$PADASH\" s.pada")
        #expect(alone.code == 0, "\(alone.errors)", sourceLocation: sourceLocation)
        for launcher in Launcher.installed {
            for count in counts {
                // Ranks of several threads, and where there are two, of different numbers of them.
                let threads = "sh -c 'PADASH_THREADS=$((1 + 2 * (${OMPI_COMM_WORLD_RANK:-$PMI_RANK} % 2))) exec \"$PADASH\" s.pada'"
                let together = try launcher.run(count, program: threads, in: folder)
                #expect(together.code == 0, "\(together.errors)", sourceLocation: sourceLocation)
                #expect(together.output == alone.output, "\(launcher.name) -n \(count): \(together.errors)", sourceLocation: sourceLocation)
            }
        }
        return alone.output
    }

    @Test(.enabled(if: isThere, "there is no MPI on this machine")) func whatIsSharedIsTheSame() throws {
        let text = try output("""
            seed(3)
            let space = nasbench201(channels: 8, cells: 1)
            let data = digits(train: 0.1, valid: 0.05)
            let net = supernet(space, input: data.shape)
            train(net, data, epochs: 2, paths: importance(space), items: importance(data.train))
            print(net.rank(draw(space, 30), data.valid).top1)
            let batch = list(batches(data.train, size: 16))[0]
            print(space.proxy("synflow", draw(space, 5), batch))
            print(train_standalone(space, draw(space, 3), data, epochs: 1))
            print(bootstrap(kendall, 0..40, [x + 9 * sin(x) for x in 0..40], resamples: 70))
            print(gradient_variance(net, data.train, draws: 10, batches: 2, batch: 4))
            let small = mlp(width: 8, depth: 1)
            print(gradient_variance(supernet(small), data.train.subset(5), exact: true, batch: 1))
            import search
            let objective = search.supernet_accuracy(net, data.valid)
            print(search.random_search(space, objective, evaluations: 8).value)
            print(search.nsga2(space, path => [objective(path), -space.params(path)], evaluations: 12, population: 6).value)
            print(draw(normal(0, 1)))
            """)
        #expect(!text.isEmpty)
    }

    @Test(.enabled(if: isThere, "there is no MPI on this machine")) func elementsAreShared() throws {
        let text = try output("""
            seed(5)
            let numbers = share(0..6, i => do {
                print("element {i}")
                if i == 2 { plot([1, i]) }
                [i, draw(normal(0, 1)), "text {i}", {key: i}, tensor([i, 1]), nil, 1..i, nasbench201()[i]]
            })
            print(numbers)
            print(all(gather("same"), x => x == "same"), type(ranks()))
            barrier()
            print(try { share(0..9, i => if i == 4 { throw {code: i} } else if i > 6 { [1][i] } else { i }) } catch e { e.code })
            print(try { share(0..3, i => x => x) } catch e { e.message })
            print(draw(normal(0, 1)))
            """)
        #expect(text.contains("element 5") && text.contains("function"))
    }

    @Test(.enabled(if: isThere, "there is no MPI on this machine")) func theWorldIsThatOfTheFirst() throws {
        let text = try output("""
            let folder = temporary_folder()
            write_text(join_path(folder, "a.txt"), "one")
            append_text(join_path(folder, "a.txt"), " two")
            print(read_text(join_path(folder, "a.txt")), exists(join_path(folder, "b.txt")), list_files(folder))
            let start = clock()
            print(clock() > start, gather(start) == [start for _ in 0..ranks()], gather(folder) == [folder for _ in 0..ranks()])
            print(try { write_text("/no/such/folder/a", "") } catch e { e.message })
            print(try { read_csv("missing.csv") } catch e { e.message })
            let run = experiment("test", folder: join_path(folder, "results"))
            run.log({loss: 1})
            run.finish({loss: 0.5})
            print(len(results(join_path(folder, "results"))))
            for i in resumable(0..3, join_path(folder, "r.ckpt"), {}) { print(i) }
            for i in resumable(0..5, join_path(folder, "r.ckpt"), {}) { print(i) }
            remove_file(join_path(folder, "a.txt"))
            """)
        #expect(text.hasSuffix("0\n1\n2\n3\n4\n"))
    }

    /// Each process has a working folder of its own, and the files lie in the first one's alone: small, large, and written on the way.
    @Test(.enabled(if: isThere, "there is no MPI on this machine"), arguments: Launcher.installed) func filesAreThoseOfTheFirst(_ launcher: Launcher) throws {
        let folder = try TemporaryFolder()
        let script = try folder.file("s.pada", """
            print(len(read_text("small.txt")), len(read_text("large.txt")), exists("written.txt"))
            write_text("written.txt", "new")
            print(read_text("written.txt"), exists("written.txt"), len(read_csv("large.csv")))
            """)
        for rank in 0...1 { try FileManager.default.createDirectory(at: folder.url.appendingPathComponent("\(rank)"), withIntermediateDirectories: true) }
        _ = try folder.file("0/small.txt", "abc")
        _ = try folder.file("0/large.txt", String(repeating: "x", count: 3 << 20))
        _ = try folder.file("0/large.csv", "a\n" + String(repeating: "1234567\n", count: 200_000))
        let each = "sh -c 'cd ${OMPI_COMM_WORLD_RANK:-$PMI_RANK}; exec \"$PADASH\" \(script.path)'"
        let result = try launcher.run(2, program: each, in: folder)
        #expect(result.code == 0 && result.output == "3 3145728 false\nnew true 200000\n", "\(result.output) \(result.errors)")
        #expect(!FileManager.default.fileExists(atPath: folder.url.appendingPathComponent("1/written.txt").path))
    }

    /// `exit` within an element ends all with its code, and an error before it comes first.
    @Test(.enabled(if: isThere, "there is no MPI on this machine"), arguments: Launcher.installed) func anElementMayEndTheScript(_ launcher: Launcher) throws {
        let folder = try TemporaryFolder()
        _ = try folder.file("exit.pada", "share(0..6, i => if i == 3 { exit(7) } else { print(i) })\nprint(\"never\")\n")
        let exit = try launcher.run(2, "exit.pada", in: folder)
        #expect(exit.code == 7 && exit.output == "0\n1\n2\n" && !exit.errors.contains("error:"), "\(exit.output) \(exit.errors)")
        _ = try folder.file("error.pada", "share(0..6, i => if i == 1 { sleep(0.3); throw \"first\" } else if i == 2 { exit(7) } else { i })\n")
        let error = try launcher.run(2, "error.pada", in: folder)
        #expect(error.code == 1 && error.errors.contains("error: first"), "\(error.output) \(error.errors)")
    }

    @Test(.enabled(if: isThere, "there is no MPI on this machine"), arguments: Launcher.installed) func faultsAreToldOnce(_ launcher: Launcher) throws {
        let folder = try TemporaryFolder()
        _ = try folder.file("same.pada", "print(1)\n[1, 2][5]\n")
        let same = try launcher.run(3, "same.pada", in: folder)
        #expect(same.code == 1 && same.output == "1\n")
        #expect(same.errors.components(separatedBy: "index error").count == 2 && !same.errors.contains("process rank"), "\(same.errors)")

        _ = try folder.file("one.pada", "if rank() == 2 { throw \"my own\" }\nwrite_text(\"x\", \"\")\nprint(2)\n")
        let one = try launcher.run(3, "one.pada", in: folder)
        #expect(one.code == 1 && one.output == "")
        #expect(one.errors.contains("process rank 2 of 3") && one.errors.contains("my own (one.pada:1)"), "\(one.errors)")
        #expect(one.errors.components(separatedBy: "my own").count == 2)

        _ = try folder.file("parted.pada", "if rank() == 1 { barrier() }\nwrite_text(\"x\", \"\")\n")
        let parted = try launcher.run(2, "parted.pada", in: folder)
        #expect(parted.code == 1 && parted.errors.contains("parted") && parted.errors.contains("parted.pada:1") && parted.errors.contains("parted.pada:2"), "\(parted.errors)")

        let prompt = try launcher.run(2, "</dev/null", in: folder)
        #expect(prompt.code != 0 && prompt.errors.contains("the prompt cannot be run by several processes"), "\(prompt.errors)")

        let missing = try launcher.run(2, "same.pada", in: folder, environment: "PADASH_MPI=/no/libmpi.so")
        #expect(missing.code != 0 && missing.output == "" && missing.errors.contains("cannot be loaded"), "\(missing.errors)")

        _ = try folder.file("killed.pada", "for i in resumable(0..4, \"k.ckpt\", {}) { if i == 2 and not exists(\"again\") { barrier()\n sleep(30) }\nprint(i) }\n")
        let killed = try Binary.shell("""
            cd '\(folder.url.path)'; \(launcher.name) \(launcher.arguments.joined(separator: " ")) -n 3 "$PADASH" killed.pada & own=$!
            sleep 3; for p in $(pgrep -f "padash killed.pada"); do [ "$(cat /proc/$p/comm)" = padash ] && last=$p; done; kill -9 $last; wait $own
            """)
        #expect(killed.code != 0 && killed.output.hasPrefix("0\n1\n"), "\(killed.output) \(killed.errors)")
        _ = try folder.file("again", "")
        let again = try launcher.run(2, "killed.pada", in: folder)
        #expect(again.code == 0 && again.output == "2\n3\n", "\(again.errors)")
    }
}
