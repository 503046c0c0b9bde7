/// How an importance sampler turns gradient norms into probabilities.
public enum SamplingMode: String, Sendable, CaseIterable {
    /// Mean norms of an epoch; what was not drawn keeps the norm it had last, what never was counts as the mean.
    case stable
    /// The same, and each step is to be weighted by uniform / probability, so that the gradient is unbiased.
    case unbiased
    /// PA&DA as its authors released it: running (old + new) / 2, and nothing for what was not drawn in the epoch.
    case reference
}

extension ImportanceSampler {
    /// No weight makes up for a probability of 0.
    func never(_ what: String) -> NASError {
        NASError(
            .value, "\(what) has probability 0, and so no importance weight", hint: "a smoothing below 1 leaves every probability positive")
    }

    func check(smoothing: Double) throws {
        guard (0...1).contains(smoothing) else {
            throw NASError(.value, "'smoothing' must be from 0 (uniform) to 1 (learnt), not \(smoothing)", parameter: "smoothing")
        }
    }

    func check(temperature: Double) throws {
        guard temperature > 0, temperature.isFinite else {
            throw NASError(
                .value, "'temperature' must be positive (1: in proportion to the norms, higher: flatter), not \(temperature)",
                parameter: "temperature")
        }
    }

    func check(norms: [Double], count: Int, of what: String) throws {
        guard norms.count == count else {
            throw NASError(.value, "there are \(norms.count) norms for \(count) \(what)", parameter: "norms")
        }
        guard let bad = norms.first(where: { !($0 >= 0 && $0.isFinite) }) else { return }
        throw NASError(
            .value, "a gradient norm must be a finite number of at least 0, not \(bad)",
            hint: "has the training diverged? a lower lr may help", parameter: "norms")
    }
}
