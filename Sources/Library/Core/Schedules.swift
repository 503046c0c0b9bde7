import Lang
import NASLib
import Plots
import Runtime

/// A schedule: callable with the progress, from 0 to 1.
final class ScheduleObject: HostObject, Plottable, ConstantObject {
    let schedule: Schedule
    private let recipe: String
    /// How many schedules it is put together from.
    private let partCount: Int
    private static let partLimit = 1000

    init(_ schedule: Schedule, _ recipe: String, partCount: Int = 1) {
        (self.schedule, self.recipe, self.partCount) = (schedule, recipe, partCount)
    }

    /// The call as it would be written again.
    static func recipe(_ call: Call) -> String {
        var parts: [String] = []
        for (i, parameter) in call.signature.parameters.enumerated() where call.has(i) {
            parts.append((i > 1 ? "\(parameter.name): " : "") + Printer.literal(call[i], limit: 60))
        }
        return "\(call.name)(\(parts.joined(separator: ", ")))"
    }

    override var typeName: String { "schedule" }
    override var description: String { recipe }
    override var footprint: Int { schedule.byteCount + recipe.utf8.count }
    override var isCallable: Bool { true }
    override var signature: Signature { Signature("progress") }
    override func call(_ call: Call) throws -> Value { .float(value(at: try call.double(0))) }

    func value(at progress: Double) -> Double { schedule.value(at: progress) }

    override func binary(_ op: Arithmetic, _ other: Value, isLeft: Bool, _ vm: VM) throws -> Value? {
        let operand: Schedule
        var partCount = partCount + 1
        if let number = other.number { operand = .constant(number) } else {
            guard other.tag == .host, let object = other.hostObject as? ScheduleObject else { return nil }
            operand = object.schedule
            partCount += object.partCount - 1
        }
        try ScheduleObject.check(partCount)
        let (a, b) = isLeft ? (schedule, operand) : (operand, schedule)
        let result: Schedule
        switch op {
        case .add: result = .sum(a, b)
        case .subtract: result = .difference(a, b)
        case .multiply: result = .product(a, b)
        default: return nil
        }
        let text = Printer.literal(other, limit: 60)
        return .host(
            vm.heap.host(
            ScheduleObject(result, isLeft ? "(\(recipe) \(op.symbol) \(text))" : "(\(text) \(op.symbol) \(recipe))", partCount: partCount)))
    }

    override func negated(_ vm: VM) throws -> Value? {
        try ScheduleObject.check(partCount + 1)
        return .host(vm.heap.host(ScheduleObject(.product(.constant(-1), schedule), "-\(recipe)", partCount: partCount + 1)))
    }

    /// The same after a rise from 0 in the first part.
    func warmedUp(_ fraction: Double, _ call: Call) throws -> ScheduleObject {
        try ScheduleObject.check(partCount + 1, argument: 1)
        return ScheduleObject(.warmup(fraction, then: schedule), ScheduleObject.recipe(call), partCount: partCount + 1)
    }

    private static func check(_ partCount: Int, argument: Int? = nil) throws {
        guard partCount > partLimit else { return }
        throw RuntimeError(.limit, "a schedule of more than \(partLimit) parts", hint: "write a function of the progress: p => …",
            argument: argument)
    }

    func plot(_ vm: VM) throws -> PlotDescription {
        let points = (0...200).map { Double($0) / 200 }.map { Chart.Point($0, schedule.value(at: $0)) }
        return PlotDescription(title: recipe, Chart(kind: "line plot", series: [.init(mark: .line(points))], x: .init(label: "progress")))
    }
}

extension Library {
    static let schedules: [Builtin] = [
        .fn("constant", "a", "A constant schedule with the value a.", "constant(0.1)(0.5)  # => 0.1") { call in
            make(.constant(try call.double(0)), call)
        },
        .fn("linear", "a, b", "A schedule that goes linearly from a to b.",
            "linear(0, 1)(0.25)  # => 0.25\nlinear(0, 1).at(5, of: 10)  # => 0.5") { call in
            make(.linear(try call.double(0), try call.double(1)), call)
        },
        .fn("cosine", "a, b", "A schedule from a to b along half a cosine: flat at both ends.", "cosine(1, 0)(0.0)  # => 1.0") { call in
            make(.cosine(try call.double(0), try call.double(1)), call)
        },
        .fn("polynomial", "a, b, power: 2.0", "A schedule from a to b: b + (a - b) * (1 - p) ** power.",
            "polynomial(1, 0)(0.5)  # => 0.25") { call in
            let power = try Library.positive(2, call)
            return make(.polynomial(try call.double(0), try call.double(1), power: power), call)
        },
        .fn("step", "a, at: [0.5, 0.75], by: 0.1",
            "A schedule that starts at a and is multiplied by the factor `by` at each progress in `at`.",
            "step(1, at: [0.5])(0.6)  # => 0.1") { call in
            make(.step(try call.double(0), at: try call.doubles(1), by: try call.double(2)), call)
        },
        .fn("warmup", "fraction, then",
            "A schedule that rises from 0 during the first part of training, and then follows another schedule.",
            "warmup(0.5, then: constant(1))(0.25)  # => 0.5") { call in
            let fraction = try call.double(0)
            guard (0...1).contains(fraction) else { throw call.invalid(0, "'fraction' must be from 0 to 1, not \(fraction)") }
            if let number = call[1].number { return make(.warmup(fraction, then: .constant(number)), call) }
            return call.object(try call.object(1, as: ScheduleObject.self, "a schedule or a number").warmedUp(fraction, call))
        },
        .fn("piecewise", "points", "A schedule that joins points [progress, value] by straight lines.",
            "piecewise([[0, 1], [0.5, 0], [1, 0]])(0.25)  # => 0.5") { call in
            let points = try call.sequence(0).map { point -> (Double, Double) in
                guard point.tag == .list, point.asList.count == 2, let p = point.asList[0].number, let value = point.asList[1].number else {
                    throw call.invalid(0, "points must be pairs [progress, value], not \(call.describe(point))")
                }
                return (p, value)
            }
            guard !points.isEmpty else { throw call.invalid(0, "a schedule needs at least one point") }
            guard zip(points, points.dropFirst()).allSatisfy({ $0.0 <= $1.0 }) else {
                throw call.invalid(0, "the points must be in the order of progress")
            }
            return make(.piecewise(points), call)
        },
        .fn("cyclic", "low, high, cycles: 1.0", "A schedule that goes from low to high and back, several times.",
            "cyclic(0, 1, cycles: 2)(0.25)  # => 1.0") { call in
            let cycles = try Library.positive(2, call)
            return make(.cyclic(try call.double(0), try call.double(1), cycles: cycles), call)
        },
        .method("schedule.at", "epoch, of",
            "The value in an epoch, counted from 0, out of `of` epochs: at progress epoch / of.") { call in
            let epochs = try call.double(2)
            guard epochs > 0 else { throw call.invalid(2, "'of' must be positive, not \(epochs)") }
            return .float(try call.receiver(ScheduleObject.self).value(at: try call.double(1) / epochs))
        },
    ]

    private static func make(_ schedule: Schedule, _ call: Call) -> Value {
        call.object(ScheduleObject(schedule, ScheduleObject.recipe(call)))
    }
}
