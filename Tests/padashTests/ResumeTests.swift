import Foundation
import Testing

/// Training that was stopped goes on to the same bits.
@Suite struct Resuming {
    /// Four epochs of PA&DA with augmented images and a named stream; prints what it comes to, to the last bit.
    static let script = """
        seed(11)
        let data = digits(train: 0.3).augment(crop: 1, noise: 0.1)
        let space = nasbench201(channels: 8, cells: 1)
        let state = {
            net: supernet(space, input: data.shape), paths: importance(space), items: importance(data.train), jitter: rng("jitter"), losses: [], best: nil,
        }
        for epoch in resumable(0..4, args()[0], state) {
            for batch in batches(state.items, size: 16) {
                let path ~ state.paths
                let noise = with state.jitter { draw(normal(0, 0.001)) }
                let step = state.net.step(path, batch, lr: cosine(0.05, 0).at(epoch, of: 4) + abs(noise))
                state.paths.observe(path, step.op_grad_norms)
                state.items.observe(batch.indices, step.sample_grad_norms)
                state.losses.push(step.loss)
                if state.best == nil or step.loss < state.best.loss { state.best = {path: path, loss: step.loss} }
                # Waits to be killed, in the middle of the third epoch.
                if epoch == 2 and len(args()) > 1 { print("ready"); while true { } }
            }
            state.paths.refresh(smoothing: linear(0, 1).at(epoch, of: 4))
            state.items.refresh(smoothing: linear(0, 1).at(epoch, of: 4))
        }
        let rest = draw(uniform(0, 1))
        print(state.losses, state.best, state.paths.probabilities, sum(state.items.probabilities), rest)
        print(state.net.rank(draw(space, 5), data.valid))
        """

    private func run(_ folder: TemporaryFolder, _ name: String) throws -> Binary.Result {
        try Binary.run([try folder.file("train.pada", Self.script).path, "\(folder.url.path)/\(name).ckpt"])
    }

    @Test func afterSIGKILLTheBitsAreTheSame() throws {
        let folder = try TemporaryFolder()
        let straight = try run(folder, "straight")
        #expect(straight.code == 0 && straight.errors == "" && straight.output.contains("top1"))
        let path = "\(folder.url.path)/killed.ckpt"
        let killed = try Binary.shell("""
            exec 3< <(exec $PADASH \(folder.url.path)/train.pada \(path) wait 2>&1); child=$!
            read -t 25 line <&3; kill -KILL $child; wait $child; echo "$line, code $?"
            """)
        #expect(killed.output == "ready, code 137\n")
        let resumed = try run(folder, "killed")
        #expect(resumed.code == 0)
        #expect(resumed.output == straight.output)
        #expect(resumed.errors.contains("going on from '\(path)', where 2 are done"))
        // A finished run has nothing left to do, and comes to the same once more.
        #expect(try run(folder, "killed").output == straight.output)
    }

    @Test func theExampleRunsOnceAndThenSkipsItsLoop() throws {
        let folder = try TemporaryFolder()
        let example = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../Examples/resume.pada").standardizedFileURL.path
        let first = try Binary.run([example, "\(folder.url.path)/run.ckpt"])
        #expect(first.code == 0 && first.output.contains("epoch 12: loss "))
        let second = try Binary.run([example, "\(folder.url.path)/run.ckpt"])
        #expect(second.output.hasPrefix("first layer [8, 1, 3, 3]") && first.output.hasSuffix(second.output))
    }

    /// The checkpoint is whole at any moment at which the process may end.
    @Test func killedWhileSavingLeavesAWholeCheckpoint() throws {
        let folder = try TemporaryFolder()
        let path = "\(folder.url.path)/busy.ckpt"
        let code = "let state = {n: 0, big: zeros([200000])}\nfor i in resumable(0..1000000, \"\(path)\", state) { state.n = i + 1 }"
        for round in 0..<5 {
            let process = Process()
            process.executableURL = Binary.url
            process.arguments = ["-e", code]
            process.standardError = FileHandle.nullDevice
            try process.run()
            let limit = Date().addingTimeInterval(30)
            while !FileManager.default.fileExists(atPath: path), Date() < limit { usleep(200) }
            usleep(UInt32(60_000 + round * 7_300))
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
            let result = try Binary.run(["-e", "let s = load(\"\(path)\"); print(s.big.shape, s.n >= 0)"])
            #expect(result.output == "[200000] true\n", "\(result.errors)")
        }
    }
}
