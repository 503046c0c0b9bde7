/// Valid scripts for the tests that read, mutate and time them.
enum Corpus {
    /// The taste of the language: PA&DA, spelt out.
    static let taste = #"""
    # %% Train a supernet with jointly sampled paths and data
    seed(0)
    let data  = digits()
    let space = nasbench201(channels: 8, cells: 1, classes: data.classes)
    let net   = supernet(space, input: data.shape)
    let paths = importance(space)                   # distribution over paths, one categorical per choice
    let items = importance(data.train)              # distribution over training examples
    let smooth = linear(0, 1)
    let epochs = 30
    for epoch in progress(0..epochs, "supernet") {
        for batch in batches(items, size: 64) {
            let path ~ paths
            let step = net.step(path, batch, lr: cosine(0.05, 0).at(epoch, of: epochs))
            paths.observe(path, step.op_grad_norms)
            items.observe(batch.indices, step.sample_grad_norms)
        }
        paths.refresh(smoothing: smooth.at(epoch, of: epochs))
        items.refresh(smoothing: smooth.at(epoch, of: epochs))
    }
    # %% How well does it rank?
    let truth = benchmark("digits")
    let sample = draw(space, 200)
    let scores = net.rank(sample, data.valid)
    print("Kendall tau {kendall(scores.top1, truth.lookup(sample, "test")):.3f}")
    plot.scatter(scores.top1, truth.lookup(sample, "test"), xlabel: "supernet", ylabel: "stand-alone")
    """#

    static let scripts = [
        taste,
        #"""
        ## Regularised evolution.
        fn evolve(space, score: p => 0.0, ...rest) {
            var population = [{path: p, value: score(p)} for p in draw(space, 50) if p != nil]
            while len(population) < 100 and not interrupted {
                let {path, value: v} = population |> sorted(by: e => e.value).first
                try { population.push({path, [key]: -v ** 2, ...rest}) } catch e { print("{e.message:>8} {{a: 1}}"); continue }
            }
            return population[1.., -3..=4][..]
        }
        """#,
        #"""
        import "util.pada" as util; import search
        let text = """
            acc {acc:.3f} "quoted" \u{1F600}
              {m ?? {b: "x"}.b:>8}
            """
        let r = r"\d{3}"
        with rng("data") { let x ~ normal(0, 1); x |> print }
        let m = {k: v for [k, v] in m if k is not nil}
        xs[0] ??= if a < b <= c { 0x_ff } else if d { 0b1 } else { 1e-3 }
        let f = (x, y: 2) => { fn g(a) = a // 2 % 3 @ b; g(x) .. y }
        größe = [_, "…"] |> map(z => z not in 0..=9 or z is nil)
          |> filter(q => q)
          .len
        """#.replacing("0x_ff", with: "0xff"),
    ]
}
