extension Proxy {
    /// Sum of |W · dL/dW|.
    static let snip = Proxy("snip", "sums |weight · gradient|") { probe in
        try probe.differentiate(probe.plan)
        return probe.flow
    }
}
