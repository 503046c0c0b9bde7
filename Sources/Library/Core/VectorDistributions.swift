import NASLib
import Plots
import Runtime

/// A distribution over lists of numbers.
final class VectorDistributionObject: HostObject, Probabilistic, Plottable, ConstantObject {
    let distribution: any VectorDistribution
    private let recipe: String

    init(_ distribution: any VectorDistribution, _ recipe: String) { (self.distribution, self.recipe) = (distribution, recipe) }

    override var typeName: String { "distribution" }
    override var description: String { recipe }
    override var footprint: Int { distribution.byteCount + recipe.utf8.count }

    /// The mean of each component, and one standard deviation to both sides.
    func plot(_ vm: VM) -> PlotDescription {
        let means = distribution.mean
        let bars = zip(means, distribution.variance).enumerated().flatMap { i, moments in
            let (mean, deviation) = (moments.0, moments.1.squareRoot())
            return [Chart.Point(Double(i), mean - deviation), Chart.Point(Double(i), mean + deviation), Chart.Point(.nan, .nan)]
        }
        let chart = Chart(kind: "plot of means with error bars", series: [
            .init(mark: .line(bars)), .init(mark: .points(means.enumerated().map { Chart.Point(Double($0), $1) })),
        ], x: .init(label: "component", categories: means.indices.map(String.init)))
        return PlotDescription(title: recipe, chart)
    }

    func draw(_ vm: VM) throws -> Value { .list(vm.heap.list(distribution.draw(using: &vm.generator.generator).map(Value.float))) }

    func logProbability(of value: Value, _ call: Call, argument: Int) throws -> Double {
        let n = distribution.mean.count
        guard let elements = try? call.vm.elements(of: value) else {
            throw call.strange(value, to: self, over: "lists of \(n) numbers", argument: argument)
        }
        let x = elements.compactMap(\.number)
        guard elements.count == n, x.count == n else {
            let found = x.count == elements.count ? "\(n) numbers, not of \(elements.count)" : "numbers only"
            throw RuntimeError(.shape, "\(recipe) is over lists of \(found)", argument: argument)
        }
        return distribution.logDensity(x)
    }

    func support(_ call: Call) throws -> [Value] { throw call.invalid(0, "\(description) is over lists, which have no least and greatest") }
    func entropy(_ call: Call) -> Double? { distribution.entropy }

    func divergence(from other: any Probabilistic, _ call: Call) throws -> Double? {
        guard let other = other as? VectorDistributionObject else { return try numericDivergence(from: other, call) }
        let (n, m) = (distribution.mean.count, other.distribution.mean.count)
        guard n == m else {
            throw RuntimeError(.shape, "\(description) is over lists of \(n) numbers, \(other.description) of \(m)", argument: 1)
        }
        return distribution.divergence(from: other.distribution)
    }

    func fitted(to draws: ListRef, weights: [Double], _ call: Call) throws -> HostObject? {
        let n = distribution.mean.count
        let vectors = try draws.map { x in
            let vector = try call.vm.elements(of: x).compactMap(\.number)
            guard vector.count == n else {
                throw RuntimeError(.shape, "\(description) is over lists of \(n) numbers, and a draw is none", argument: 1)
            }
            return vector
        }
        return distribution.fitted(to: vectors, weights: weights).map {
            VectorDistributionObject($0, "\(recipe.prefix { $0 != "(" })(\($0.arguments))")
        }
    }
}

extension Library {
    static let vectorDistributions: [Builtin] = [
        .fn("dirichlet", "alphas",
            """
            The Dirichlet distribution over lists of shares that add up to 1. The means are in proportion to `alphas`; larger values \
            concentrate the draws.
            """,
            "mean(dirichlet([1, 3]))  # => [0.25, 0.75]\nlen(draw(dirichlet([1, 1, 1])))  # => 3") { call in
            let alphas = try call.doubles(0)
            guard alphas.count >= 2 else {
                throw call.invalid(0, "a dirichlet distribution needs at least two alphas, not \(alphas.count)")
            }
            if let bad = alphas.first(where: { !($0 > 0 && $0.isFinite) }) {
                throw call.invalid(0, "alphas must be positive numbers, not \(bad)")
            }
            return call.object(VectorDistributionObject(Dirichlet(alphas: alphas), ScheduleObject.recipe(call)))
        },
        .fn("multivariate_normal", "mean, covariance",
            "The normal distribution over lists of numbers, with a mean and a covariance matrix given as a list of rows.",
            "mean(multivariate_normal([1, 2], [[1, 0.5], [0.5, 2]]))  # => [1.0, 2.0]") { call in
            let mean = try call.doubles(0)
            let n = mean.count
            guard n >= 1 else { throw call.invalid(0, "the mean must hold at least one number") }
            guard n <= 1000 else { throw RuntimeError(.limit, "a multivariate normal has at most 1000 components, not \(n)", argument: 0) }
            if let bad = mean.first(where: { !$0.isFinite }) { throw call.invalid(0, "the mean must hold finite numbers, not \(bad)") }
            let rows = try call.sequence(1).map { row in
                guard row.tag == .list || row.tag == .host else { throw call.wrongType(1, expected: "a list of rows") }
                return try call.vm.elements(of: row).map { value in
                    guard let x = value.number, x.isFinite else {
                        throw call.invalid(1, "a covariance must be a finite number, not \(call.describe(value))")
                    }
                    return x
                }
            }
            guard rows.count == n, rows.allSatisfy({ $0.count == n }) else {
                throw RuntimeError(.shape, "the covariance must be a matrix of \(n) rows with \(n) numbers each, as the mean has \(n)",
                    argument: 1)
            }
            guard let distribution = MultivariateNormal(mean: mean, covariance: rows) else {
                throw call.invalid(1, "the covariance must be symmetric and positive definite",
                    hint: "a little more on the diagonal often makes it so")
            }
            return call.object(VectorDistributionObject(distribution, ScheduleObject.recipe(call)))
        },
    ]
}
