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

    /// Parts of the batch, with statistics of all of it, and paths: of spaces with normalisation, gates, dropout and custom layers.
    @Test(.enabled(if: isThere, "there is no MPI on this machine")) func stepsAreShared() throws {
        let text = try output("""
            import samplers
            seed(3)
            let data = digits(train: 0.05, valid: 0.02)
            let cells = nasbench201(channels: 8, cells: 1)
            let mine = space([
                conv(8), "batch_norm", choice("a", {x: [conv(8), "batch_norm", "relu"], y: "skip"}), dropout(0.3), "global_pool", dense(10)
            ])
            for [space, batch] in [[cells, 32], [mobilenet(), 20], [darts(channels: 8, cells: 3), 13], [mlp(width: 24), 3], [mine, 1]] {
                let net = supernet(space, input: data.shape)
                let items = data.train.subset(20)
                let log = train(
                    net, items, epochs: 1, batch: batch, paths: importance(space), items: importance(items), parallel: "batch"
                )
                print(space.name, log.loss, log.accuracy, net.rank(draw(space, 5), data.valid).loss)
            }
            let net = supernet(cells, input: data.shape)
            for parallel in ["auto", "batch", "paths", "none"] {
                print(train(net, data, epochs: 1, paths: samplers.fair(cells), parallel: parallel).loss)
                print(train(net, data, epochs: 1, paths: samplers.sandwich(cells), inner_steps: 2, parallel: parallel).loss)
            }
            # Running statistics, of batches that ranks cannot cut alike.
            let path = cells.path("|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+|skip_connect~0|nor_conv_3x3~1|nor_conv_3x3~2|")
            let alone = cells.build(path, input: data.shape)
            print(train(alone, data, epochs: 2, batch: 37, parallel: "batch").loss, alone.rank([path], data.valid).loss)
            # Several paths on a network with running statistics, and layers that draw and print.
            print(train(alone, data, epochs: 1, paths: {draw: () => [path, path]}).loss, alone.rank([path], data.valid).loss)
            let noisy = custom(x => do { print("layer")
                x * draw(normal(1, 0.1)) })
            let custom_space = space([conv(8), choice("a", {x: "relu", y: noisy}), "global_pool", dense(10)])
            let custom_net = supernet(custom_space, input: data.shape)
            print(train(custom_net, data, epochs: 1, paths: samplers.fair(custom_space)).loss)
            print(try { train(custom_net, data, epochs: 1, parallel: "batch") } catch e { e.message })
            """, counts: [2, 3, 5])
        #expect(text.contains("custom layers cannot share a step"))
    }

    /// By its own part of the batch each process normalises: results are their own, the same each time, and weights the same everywhere.
    @Test(.enabled(if: isThere, "there is no MPI on this machine")) func normalizesLocally() throws {
        let folder = try TemporaryFolder()
        _ = try folder.file("s.pada", """
            seed(3)
            let data = digits(train: 0.3, valid: 0.05)
            let space = nasbench201(channels: 8, cells: 1)
            let net = supernet(space, input: data.shape)
            print(train(net, data, epochs: 3, batch: 24, parallel: "batch", normalize: "local").loss)
            let alone = space.build(space[15624], input: data.shape)
            print(train(alone, data, epochs: 1, parallel: "batch", normalize: "local").loss, alone.rank([space[15624]], data.valid).loss)
            """)
        let alone = try Binary.shell("cd '\(folder.url.path)'; \"$PADASH\" s.pada")
        let outputs = try Launcher.installed.flatMap { launcher in try (0..<2).map { _ in try launcher.run(2, "s.pada", in: folder) } }
        #expect(alone.code == 0 && outputs.allSatisfy { $0.code == 0 && $0.output == outputs[0].output }, "\(outputs)")
        #expect(outputs[0].output != alone.output && !outputs[0].output.contains("nan"))
    }

    /// What trains a network on one process alone is noticed soon after.
    @Test(.enabled(if: isThere, "there is no MPI on this machine"), arguments: Launcher.installed) func differentWeightsAreNoticed(_ launcher: Launcher) throws {
        let folder = try TemporaryFolder()
        _ = try folder.file("s.pada", """
            let data = digits(train: 0.1)
            let net = supernet(mlp(width: 8), input: data.shape)
            share(0..3, i => { net.step(net.space[0], list(batches(data.train))[0], lr: 0.1)
                nil })
            train(net, data, epochs: 100)
            print("never")
            """)
        let result = try launcher.run(2, "s.pada", in: folder)
        #expect(result.code == 1 && result.output == "", "\(result.output)")
        #expect(result.errors.contains("before step 50 the weights of process rank 1 are not those of rank 0"), "\(result.errors)")
    }

    /// What README shows and the taste of the language, with fewer epochs.
    @Test(.enabled(if: isThere, "there is no MPI on this machine"), arguments: [
        ("quickstart", ["let epochs = 100": "let epochs = 4", "sample(truth.paths, 1000)": "sample(truth.paths, 30)"]),
        ("taste", ["let epochs = 30": "let epochs = 2", "draw(space, 200)": "draw(space, 20)"]),
    ])
    func theExamplesAreTheSame(_ name: String, _ shorter: [String: String]) throws {
        var script = try String(contentsOfFile: "Examples/\(name).pada", encoding: .utf8)
        for (long, short) in shorter {
            #expect(script.contains(long))
            script = script.replacing(long, with: short)
        }
        #expect(try output(script, counts: [1, 2, 3, 4]).contains("Kendall tau"))
    }

    /// A process that has less memory than the others cannot do its part of a step: no other waits for it.
    @Test(.enabled(if: isThere, "there is no MPI on this machine"), arguments: Launcher.installed, ["batch", "paths"])
    func oneWithoutMemoryIsTold(_ launcher: Launcher, _ way: String) throws {
        let folder = try TemporaryFolder()
        _ = try folder.file("s.pada", """
            let data = noise_images(300, shape: [32, 32, 3])
            let space = nasbench201(channels: 32, cells: 5)
            let net = supernet(space, input: data.shape)
            train(net, data, epochs: 1, batch: 256, parallel: "\(way)", paths: {draw: () => [space[15624], space[15623]]})
            """)
        let limited = "sh -c 'test ${OMPI_COMM_WORLD_RANK:-$PMI_RANK} = 1 && ulimit -v 1500000; exec \"$PADASH\" s.pada'"
        let result = try launcher.run(2, program: limited, in: folder)
        #expect(result.code == 1 && result.output == "", "\(result)")
        // The parts of a batch are one piece of work; a path is an element like one of share's.
        let message = way == "batch" ? "failed where others did not: activations of " : "limit error: activations of "
        #expect(result.errors.components(separatedBy: message).count == 2 && (way == "paths" || result.errors.contains("process rank 1 of 2, on ")), "\(result.errors)")
    }

    @Test(.enabled(if: isThere, "there is no MPI on this machine")) func theSmallStudyIsTheSame() throws {
        let folder = try TemporaryFolder()
        let script = "\(FileManager.default.currentDirectoryPath)/Examples/study/study.pada"
        let alone = try Binary.shell("cd '\(folder.url.path)'; \"$PADASH\" run \(script) tiny alone")
        #expect(alone.code == 0, "\(alone.errors)")
        for launcher in Launcher.installed {
            let together = try launcher.run(2, "run \(script) tiny \(launcher.name)", in: folder, environment: "PADASH_THREADS=1")
            #expect(together.output == alone.output.replacing("results in alone", with: "results in \(launcher.name)"), "\(together.errors)")
        }
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
            # An element's seed and streams are its own.
            fn by_seed(n) {
                seed(n)
                [draw(normal(0, 1)), with rng("a stream") { draw(normal(0, 1)) }]
            }
            let each = share([3, 4, 5], by_seed)
            print(each, unique([x[0] for x in each]) == [x[0] for x in each], draw(normal(0, 1)))
            print(with rng(4) { draw(normal(0, 1)) } == each[1][0])
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
