import Foundation
import Testing

/// Under limits of the shell a script that needs more memory than there is gets an error that it can catch; the process lives on.
@Suite struct MemoryLimitCommand {
    private func run(_ code: String, kilobytes: Int) throws -> Binary.Result {
        let folder = try TemporaryFolder()
        let script = try folder.file("script.pada", code)
        return try Binary.shell("ulimit -v \(kilobytes); $PADASH run \(script.path)")
    }

    /// Each asks for more at once than there is, or in several steps.
    @Test(.timeLimit(.minutes(5)), arguments: [
        "ones([260000000])", "\"a\" * 268435456 + \"a\" * 1000", "repeat([0], 67108864)", "ones([14000, 14000]) @ ones([14000, 14000])",
        "let x = ones([50000000]); let y = x + 1; let z = y * 2; let w = exp(z); w + 1",
        "table({k: repeat([1], 3000)}).with(s: repeat(\"x\", 700000))", "let xs = []\nwhile true { xs.push(\"abc\" * 1000000) }",
        "let ts = []\nwhile true { ts.push(zeros([1000000])) }", "noise_images(85000, shape: [32, 32, 3])", "zeros([20000, 1]) + zeros([1, 20000])",
        "let c = []; let s = nasbench201(); while true { c.push(draw(s, 1000)) }",
        "let c = []; let s = nasbench201(); while true { c.push(draw(s, 100000)) }",
        "let c = []; let s = mlp(depth: 100); while true { c.push(draw(s)) }",
        "let c = []; let xs = draw(normal(0, 1), 100000); while true { c.push(plot.scatter(xs, xs, show: false)) }",
        "let c = []; while true { c.push(plot(draw(normal(0, 1), 100000), show: false)) }",
        "let c = []; let d = noise_images(100000, shape: [1, 1, 1]); while true { c.push(importance(d)) }",
        "let c = []; let xs = repeat([1.0], 100000); while true { c.push(dirichlet(xs)) }",
        "let c = []; let w = {a: ones([100000])}; while true { let o = adam(lr: 0.1); o.step(w, w); c.push(o) }",
        "let c = []; let xs = [[x / 100000, x] for x in 0..100001]; while true { c.push(piecewise(xs)) }",
        "let s = \"ab\" * 20000000; matches(s, \"a\")", "let s = \"ab\" * 20000000; replace_matches(s, \"a\", m => m.text)",
        "parse_json(\"[\" + \"[1,2],\" * 10000000 + \"1]\")", "split(\"a,\" * 50000000, \",\")",
        "count_by(0..50000000)", "count_by(0..50000000, x => x)", "unique(0..50000000)", "union(0..30000000, 10..30000000)", "shuffle(0..60000000)",
        "sample(0..60000000, 30000000)", "sort(0..60000000)", "argsort(0..60000000)", "reverse(0..60000000)", "enumerate(0..60000000)",
        "chunks(0..60000000, 1)", "cumsum(0..60000000)", "diff(0..60000000)", "median(0..60000000)", "quantile(0..60000000, [0.1, 0.2])",
        "kendall(0..30000000, 0..30000000)", "lines(\"abc\\n\" * 20000000)", "table({a: 0..60000000}).group_by(\"a\")",
        "format_csv(table({a: 0..60000000}))", "plot.scatter(0..60000000, 0..60000000, show: false)", "plot(0..60000000, show: false)",
        "plot.pareto(0..60000000, 0..60000000, show: false)", "importance(noise_images(50000000, shape: [1, 1, 1]))",
        "read_npy(\"/dev/zero\")", "read_npz(\"/dev/zero\")", "load(\"/dev/zero\")", "csv_dataset(\"/dev/zero\")", "benchmark(\"/dev/zero\")",
        "idx_dataset(\"/dev/zero\", \"/dev/zero\")", "read_csv(\"/dev/zero\")", "read_json(\"/dev/zero\")", "read_text(\"/dev/zero\")",
        "solve(eye(9000), ones([9000]))", "inv(eye(6000))", "svd(eye(5000))", "code_points(\"a\" * 60000000)", "write_npy(\"big.npy\", ones([200000000]))",
        "gradient_variance(supernet(nasbench201(channels: 64, cells: 5)), digits().train, draws: 50, batches: 2, batch: 8)",
    ])
    func isTold(_ code: String) async throws {
        let script = "let kind = try { \(code); \"none\" } catch e { e.kind }\nprint(kind, sum([1, 2, 3]))"
        async let less = run(script, kilobytes: 1_600_000)
        async let more = run(script, kilobytes: 2_500_000)
        for result in [try await less, try await more] { #expect(result.output == "limit 6\n" && result.code == 0, "\(result)") }
    }

    /// What is refused again and again does not add up, and what is let go of is to be had again.
    @Test(.timeLimit(.minutes(5)), arguments: [
        "zeros([3000000])", "zeros([3000])", "table({a: 0..100000})", "noise_images(1000, shape: [16, 16, 3])", "categorical(repeat([1], 300000))", "\"abc\" * 1000000",
        "repeat([0], 1000000)", "draw(darts(), 2000)", "supernet(nasbench201(channels: 16, cells: 3))",
    ])
    func isToldAgainAndAgain(_ code: String) throws {
        let result = try run("""
            let xs = []
            var refused = 0
            let start = processor_clock()
            while refused == 0 or refused < 100 and processor_clock() - start < 2 { try { xs.push(\(code)) } catch e { refused += 1 } }
            clear(xs)
            for _ in 0..3 { xs.push(\(code)) }
            print(refused > 0, len(xs))
            """, kilobytes: 1_200_000)
        #expect(result.output == "true 3\n" && result.code == 0, "\(result)")
    }

    @Test func largePiecesAreThereAgainOnceTheyAreLetGoOf() throws {
        let result = try run("""
            let xs = []
            fn fill() { while true { xs.push(zeros([20000000])) } }
            for i in 0..32 { try { fill() } catch e { } }
            clear(xs)
            for i in 0..5 { zeros([20000000]) }
            print("there")
            """, kilobytes: 3_145_728)
        #expect(result.output == "there\n" && result.code == 0, "\(result)")
    }

    private static let largeNetwork = """
        let n = supernet(space([choice("o", {a: conv(1024), b: conv(1024)}), conv(1024), conv(1024), "global_pool", dense(10)]), input: [4, 4, 16])

        """

    /// What a network is written as takes as much as the network, more than once.
    @Test(arguments: ["n.export(\"{temporary_folder()}/z.npz\")", "save(\"{temporary_folder()}/z.ckpt\", {n: n})"])
    func networksThatAreWritten(_ code: String) throws {
        let result = try run(Self.largeNetwork + "print(try { \(code); \"done\" } catch e { e.kind })", kilobytes: 1_200_000)
        #expect(["limit\n", "done\n"].contains(result.output) && result.code == 0, "\(result)")
    }

    /// Many arrays, each too small to ask by itself, of a file that is small.
    @Test func manyArraysOfAnArchive() throws {
        let folder = try TemporaryFolder()
        let result = try Binary.shell("""
            cd \(folder.url.path); python3 -c 'import zipfile
            head = "{\\"descr\\": \\"|u1\\", \\"fortran_order\\": False, \\"shape\\": (3000000,), }".encode().ljust(117) + bytes([10])
            data = bytes([0x93]) + b"NUMPY" + bytes([1, 0, 118, 0]) + head + bytes(3000000)
            with zipfile.ZipFile("many.npz", "w", zipfile.ZIP_DEFLATED) as z:
                for i in range(400): z.writestr("a%d.npy" % i, data)'
            ulimit -v 2500000; $PADASH -e 'print(try { read_npz("many.npz"); "none" } catch e { e.kind })'
            """)
        #expect(result.output == "limit\n", "\(result)")
    }

    /// What only looks at its values, or puts them together, needs no memory for each.
    @Test(arguments: [
        "sum(0..30000000)", "max(0..30000000)", "argmin(0..30000000)", "any(0..30000000, x => x > 5)", "take(0..30000000, 3)",
        "lines(repeat(\"é\", 8000000))", "plot.heatmap(zeros([3000, 3000]), show: false).svg", "plot.box([0..8000000], show: false).svg",
    ])
    func isGranted(_ code: String) throws {
        let result = try run("\(code)\nprint(1)", kilobytes: 1_500_000)
        #expect(result.output == "1\n" && result.code == 0, "\(result)")
    }

    /// A large file is an error as well, whatever it is read as.
    @Test(.timeLimit(.minutes(5)), arguments: ["read_npy", "read_npz", "load", "csv_dataset", "benchmark", "read_csv", "read_json", "read_text", "read_lines"])
    func largeFiles(_ reader: String) throws {
        let folder = try TemporaryFolder()
        let path = folder.url.appendingPathComponent("large.csv").path
        let result = try Binary.shell("""
            truncate -s 1500000000 \(path); ulimit -v 2000000
            $PADASH -e 'print(try { \(reader)("\(path)"); "none" } catch e { e.kind })'; rm \(path)
            """)
        #expect(result.output == "limit\n", "\(result)")
    }

    /// Their activations make room for each other.
    @Test func trainedNetworksInAList() throws {
        let result = try run("""
            let space = nasbench201(channels: 16, cells: 3)
            let data = noise_images(128, shape: [32, 32, 3])
            let batch = list(batches(data, size: 128))[0]
            let nets = []
            for i in 0..8 {
                nets.push(supernet(space, input: data.shape))
                nets[i].step(space[15624], batch)
            }
            print(len(nets), nets[0].step(space[15624], batch).loss > 0)
            """, kilobytes: 2_600_000)
        #expect(result.output == "8 true\n" && result.code == 0, "\(result)")
    }

    /// What a tensor takes over from a file is counted.
    @Test func tensorsThatGrow() throws {
        let folder = try TemporaryFolder()
        let file = folder.url.appendingPathComponent("big.ckpt").path
        let result = try run("""
            save("\(file)", {t: ones([5000000])})
            for i in 0..100 { load("\(file)", into: {t: ones([1])}) }
            let kind = try { let xs = []; while true { xs.push("abc" * 1000000) } } catch e { e.kind }
            print(kind)
            """, kilobytes: 4_000_000)
        #expect(result.output == "limit\n" && result.code == 0, "\(result)")
    }
}
