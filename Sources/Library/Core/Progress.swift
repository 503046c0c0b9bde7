import Foundation
import Lang
import Runtime

extension Library {
    static let progress: [Builtin] = [
        .fn("progress", "sequence, label: \"\"",
            "Iterates over a sequence and shows the progress of the loop, its speed and when it will end.",
            "for i in progress(0..3, \"steps\") { i }") { call in
            let sequence = try call.vm.iterator(over: call[0])
            return call.object(
                ProgressIterator(sequence, loop: call.vm.options.nextLoop(), total: ProgressIterator.length(of: call[0]),
                label: try call.text(1)))
        },
    ]
}

/// Steps through a sequence and reports it to the front end, at most ten times a second.
final class ProgressIterator: HostIterator {
    private let sequence: Value
    private var position = Value.int(0)
    private let loop: Int
    private let label: String
    private let total: Int?
    /// Whether an element that is taken counts as done: not where `share` takes all of them before any is done.
    private var countsWhatIsTaken = true
    private var completed = -1
    private let start = DispatchTime.now().uptimeNanoseconds
    private var lastReport: UInt64 = 0
    private var hasEnded = false

    init(_ sequence: Value, loop: Int, total: Int?, label: String) {
        self.sequence = sequence
        self.loop = loop
        self.total = total
        self.label = label
    }

    static func length(of value: Value) -> Int? {
        switch value.tag {
        case .list: value.asList.count
        case .map: value.asMap.count
        case .range: value.asRange.count
        case .string: value.asString.count
        case .host: value.hostObject.count
        default: nil
        }
    }

    override func visitValues(_ visit: (Value) -> Void) { visit(sequence) }
    override var count: Int? { total }
    override var footprint: Int { 0 }
    override var isForLoopsOnly: Bool { sequence.tag == .host && (sequence.hostObject as? HostIterator)?.isForLoopsOnly == true }

    override func next(_ vm: VM) throws -> Value? {
        var element = Value.nil
        let found = try vm.next(sequence, &position, into: &element)
        if countsWhatIsTaken {
            completed += 1
            report(completed, isFinished: !found, vm)
        }
        return found ? element : nil
    }

    /// Lets `body` take all elements, which are done later and reported then.
    func takenAhead<Result>(_ body: () throws -> Result) rethrows -> Result {
        countsWhatIsTaken = false
        return try body()
    }

    func report(_ completed: Int, isFinished: Bool, _ vm: VM) {
        let now = DispatchTime.now().uptimeNanoseconds
        guard !hasEnded, isFinished || now - lastReport > 100_000_000 else { return }
        (lastReport, hasEnded) = (now, isFinished)
        vm.emit(.progress(ProgressReport(
            loop: loop, label: label, completed: completed, total: total, elapsed: Double(now - start) / 1e9, isFinished: isFinished)))
    }
}
