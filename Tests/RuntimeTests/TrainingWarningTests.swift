import Lang
import Library
import Runtime
import Testing

/// What is said of trainings that diverge, and of estimates that rest on next to nothing.
@Suite struct TrainingWarnings {
    /// The printed lines, the warnings and the errors of a script.
    private func run(_ script: String) -> (lines: [String], warnings: [String], errors: [Diagnostic]) {
        let outputs = Session().run(Source(name: "script", text: script)).outputs
        var (text, warnings, errors): (String, [String], [Diagnostic]) = ("", [], [])
        for output in outputs {
            switch output {
            case .text(let part): text += part
            case .warning(let warning): warnings.append(warning)
            case .error(let diagnostics): errors += diagnostics
            default: break
            }
        }
        return (text.split(separator: "\n").map(String.init), warnings, errors)
    }

    private let net = "let s = nasbench201(channels: 8, cells: 1)\nlet data = digits(train: 0.2)\nlet net = supernet(s)\n"

    @Test func divergenceIsSaidOnceWithItsPlace() {
        let found = run(net + "let log = train(net, data, epochs: 4, lr: 1e30, clip: nil, patience: 1, valid: data.valid)\nprint(log.loss, log.stopped, log.valid_top1)\nprint(log)\nprint(net.rank([s[0], s[7812]], data.valid).top1)")
        #expect(found.errors.isEmpty)
        #expect(found.warnings.count == 1)
        #expect(found.warnings.first?.contains("diverged: the loss is nan in step 3 of epoch 1, at lr 1e30") == true, "\(found.warnings)")
        #expect(found.lines.first == "[nan, nan] patience [nan, nan]", "\(found.lines)")
        #expect(found.lines.dropFirst().first?.contains("loss nan, ") == true && !found.lines.joined().contains("-nan"))
        #expect(found.lines.last == "[nan, nan]")
    }

    @Test func samplersDoNotLearnFromDivergence() {
        let found = run(net + "train(net, data, epochs: 2, lr: 1e30, clip: nil, items: importance(data.train))")
        #expect(found.warnings.isEmpty && found.errors.count == 1)
        #expect(found.errors.first?.message.contains("diverged: the loss is nan in step 3 of epoch 1") == true, "\(found.errors)")
    }

    @Test func divergenceOfInnerStepsNamesTheirRate() {
        let found = run(net + "train(net, data, epochs: 1, inner_steps: 3, inner_lr: 1e20, clip: nil)")
        #expect(found.errors.isEmpty && found.warnings.count == 1)
        #expect(found.warnings.first?.contains(" at inner_lr 1e20 and lr 0.05; a lower inner_lr or lr, a warmup") == true, "\(found.warnings)")
    }

    @Test func samplersThatRefuseDivergenceDoNotHideIt() {
        let found = run(net + "import samplers\ntrain(net, data, epochs: 2, lr: 1e30, clip: nil, paths: samplers.ucb(s))")
        #expect(found.warnings.count == 1 && found.errors.count == 1)
        #expect(found.warnings.first?.contains("the training has diverged") == true, "\(found.warnings)")
        #expect(found.errors.first?.message.contains("a reward must be finite, not nan") == true, "\(found.errors)")
    }

    @Test func trainingsAloneThatDivergeHaveNoScores() {
        let found = run(net + "print(train_standalone(s, [s[7812], s[15_000]], data, epochs: 2, lr: 1e30, at: [1, 2])[0])")
        #expect(found.errors.isEmpty && found.warnings.count == 1)
        #expect(found.warnings.first?.contains("2 of 2 trainings, the first of them of |nor_conv_1x1~0|") == true, "\(found.warnings)")
        #expect(found.lines == ["[{epoch: 1, valid: nan, test: nan}, {epoch: 2, valid: nan, test: nan}]"])
    }

    @Test func fewDrawsAreWarnedAboutOnce() {
        let found = run(net + "train(net, data, epochs: 3, batch: 60, paths: importance(s))")
        #expect(found.errors.isEmpty && found.warnings.count == 1)
        #expect(found.warnings.first?.contains("a candidate was drawn") == true, "\(found.warnings)")
        #expect(run(net + "train(net, data, epochs: 3, batch: 20, paths: importance(s), interval: 2)").warnings == [])
        let variance = run(net + "gradient_variance(net, data, batch: 8, draws: 3, batches: 2)")
        #expect(variance.errors.isEmpty && variance.warnings.count == 1)
    }
}
