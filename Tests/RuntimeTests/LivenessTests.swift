import Foundation
import Lang
import NASLib
import Testing

@testable import Library
@testable import Runtime

/// What the collector must find: the values that library objects hold, and those that built-ins work on while they call back.
@Suite struct LivenessTests {
    // MARK: - Library objects

    /// Objects of every class that holds values, made by a script.
    private static let objects = """
        import samplers
        let xs = [[1], [2], [3]]
        let bound = xs.push
        let caught = try { throw "text" } catch e { e }
        let f = x => x * x
        let derivatives = [grad(f), value_and_grad(f), jacobian(f), per_sample_grad((p, x) => p * x), grad(grad(f))]
        let t = table({name: ["a", "b"], cells: [[1], {b: 2}]})
        let outcomes = categorical({a: 1, b: 2})
        let listed = empirical([[1], [2], [3]])
        let chosen = weighted([1, 2])
        let mixed = mixture([empirical([[1], [2]]), empirical([[3], [4]])])
        let mine = space([conv(8), choice("op", {twice: custom(x => x * 2), skip: "skip"}), "global_pool", dense(10)])
        let block = choice("op", {twice: custom(x => x * 2), skip: "skip"})
        let net = supernet(mine, input: [8, 8, 1])
        let family = net.split("op")
        let path = draw(mine)
        let alone = mine.build(path, input: [8, 8, 1])
        let paths = [importance(mine), uniform(0, 1)]
        let data = digits()
        let items = {draw: () => 0, weight: i => 1.0, select: (positions, size) => positions[..size]}
        let drawn = batches(items, size: 4, data: data.train)
        let iterators = [progress([[1], [2]]), progress({a: [1]}), batches(data.train), drawn]
        let log = train(net, data, epochs: 1, batch: 512)
        let estimate = estimate(x => x, normal(0, 1), n: 100)
        let optimizer = sgd(0.1)
        let drawing = plot.line([1, 2, 3], [1, 2, 3], show: false)
        let map_of_all = {[t.name[0]]: t, drawn: drawn, f: f}
        """

    @Test func objectsTellWhatTheyHold() throws {
        let session = Session()
        for line in Self.objects.split(separator: "\n") {
            let (outputs, outcome) = session.run(Source(name: "objects", text: String(line)))
            #expect(outcome == .finished, "\(line): \(outputs)")
        }
        var search = ValueSearch(session.vm)
        for i in 0..<session.vm.globals.count { search.look(at: session.vm.globals.values[i]) }
        search.finish()
        #expect(search.unvisited.isEmpty, "\(search.unvisited.sorted())")
        #expect(search.holders.count >= 7, "\(search.holders.sorted())")
        #expect(search.classes.count >= 20, "\(search.classes.sorted())")
    }

    /// Goes through all that can be reached from values, as the collector does; and through each library object's properties, and theirs,
    /// by reflection, which forgets none.
    private struct ValueSearch {
        let vm: VM
        private var seen: Set<UInt64> = []
        private var pending: [Value] = []
        /// Classes of objects met, of those that hold values, and what one holds without telling.
        var classes: Set<String> = []
        var holders: Set<String> = []
        var unvisited: Set<String> = []

        init(_ vm: VM) { self.vm = vm }

        mutating func look(at value: Value) { pending.append(value) }

        mutating func finish() {
            while let value = pending.popLast() {
                guard value.isHeapObject, seen.insert(value.payload).inserted else { continue }
                switch value.tag {
                case .list: pending += value.asList.array
                case .map: pending += value.asMap.pairs.flatMap { [$0.key, $0.value] }
                case .closure: pending += (0..<value.asClosure.captureCount).map { value.asClosure.captures[$0] }.filter { !$0.isMissing }
                case .host: look(into: value.hostObject)
                default: break
                }
            }
        }

        private mutating func look(into object: HostObject) {
            let name = "\(type(of: object))"
            classes.insert(name)
            var visited: Set<UInt64> = []
            object.visitValues { value in
                visited.insert(value.payload)
                pending.append(value)
            }
            var reflection = Reflection()
            reflection.look(into: object, path: name)
            for (value, path) in reflection.values where value.isHeapObject {
                holders.insert(name)
                if !visited.contains(value.payload) { unvisited.insert(path) }
            }
        }
    }

    private struct Reflection {
        var values: [(Value, path: String)] = []
        private var seen: Set<ObjectIdentifier> = []

        mutating func look(into thing: Any, path: String, depth: Int = 0) {
            switch thing {
            case let value as Value: return values.append((value, path))
            case let list as ListRef: return values.append((.list(list), path))
            case let map as MapRef: return values.append((.map(map), path))
            // It is a root by itself.
            case is Rooted: return
            case is VM, is Heap, is Registry, is Session, is SessionContext, is GlobalTable, is Prototype: return
            case is [Float], is [Double], is [Int], is [Int32], is [UInt8], is [UInt32], is [Bool], is String: return
            default: break
            }
            guard depth < 40 else { return }
            if type(of: thing) is AnyClass {
                guard seen.insert(ObjectIdentifier(thing as AnyObject)).inserted else { return }
            }
            var mirror: Mirror? = Mirror(reflecting: thing)
            while let current = mirror {
                for (i, child) in current.children.enumerated() where i < 1000 {
                    look(into: child.value, path: "\(path).\(child.label ?? "\(i)")", depth: depth + 1)
                }
                mirror = current.superclassMirror
            }
        }
    }

    // MARK: - Built-ins that call back

    /// How a function is handed to a built-in, with a collection that it changes while the built-in goes through it.
    private static let forms = [
        "NAME(shared, f)", "NAME(f, shared)", "NAME(shared, f, shared)", "NAME(f, shared, shared)", "NAME(f, numbers)", "NAME(f, numbers, numbers)", "NAME(counts, f)",
        "NAME(f)", "NAME(3, f)", "NAME(shared, 1, f)", "NAME(\"abcab\", \"[ab]\", f)", "NAME(sampler)", "NAME(sampler, 3)", "NAME(shared, by: f)", "NAME(named)",
        "NAME(f, normal(0, 1), proposal: normal(0, 2), n: 20)", "NAME(f, normal(0, 1), n: 20)",
        "rows.NAME(f)", "rows.NAME(\"a\", f)", "rows.NAME(named)", "rows.NAME(\"b\", named)", "rows.NAME(\"b\", \"a\", \"a\", f)", "rows.NAME(z: shared, y: f)", "rows.NAME(\"b\", y: [\"a\", f], z: f)",
    ]
    private static let changes = [
        "clear(shared); clear(counts); clear(named); clear(sampler); clear(numbers)",
        "for i in 0..20 { shared.push([i]); numbers.push(i); counts[\"k{i}\"] = [i]; named[\"n{i}\"] = f }",
        "if len(shared) > 0 { shared.pop(); numbers.pop() }",
        "for i in 0..len(shared) { shared[i] = [i] }; for k in keys(counts) { counts[k] = [k] }; for k in keys(named) { named[k] = x => 1 }; for k in keys(sampler) { sampler[k] = () => [1] }",
        "throw [shared]",
    ]

    /// Every built-in, called in all those forms with a function that changes what it was given; each freed object is overwritten at once, so that
    /// one that is used afterwards shows. What they give does not matter; that they come to an end does.
    @Test(.timeLimit(.minutes(10))) func builtinsSurviveWhatTheyCall() throws {
        let passedOver: Set = ["exit", "sleep", "input", "read_line"]
        let names = Examples.builtins.filter { [.function, .method].contains($0.kind) && !passedOver.contains($0.name) }
        var calls: [String] = []
        // First, which of them call the function at all.
        let probe = Session()
        for builtin in names {
            for form in Self.forms where form.hasPrefix("rows.") == builtin.name.hasPrefix("table.") {
                guard builtin.kind == .function || form.hasPrefix("rows.") else { continue }
                let call = form.replacingOccurrences(of: "rows.NAME", with: "rows.\(builtin.name.dropFirst(6))").replacingOccurrences(of: "NAME", with: builtin.name)
                if run(call, change: "", in: probe).contains("was called") { calls.append(call) }
            }
        }
        #expect(calls.count > 50, "\(calls)")
        var options = Session.Options()
        options.stressesCollector = true
        let session = Session(options: options)
        for call in calls { for change in Self.changes { _ = run(call, change: change, in: session) } }
        #expect(session.run(Source(name: "after", text: "len(list(0..10))")).outcome == .finished)
    }

    private func run(_ call: String, change: String, in session: Session) -> String {
        let text = """
            do {
                let shared = [[3], [1], [2], [5], [4]]
                let numbers = [3.0, 1.0, 2.0, 5.0]
                let counts = {a: [1], b: [2], c: [3]}
                var calls = 0
                let f = (...xs) => do {
                    calls += 1
                    if calls == 1 { print("was called") }
                    if calls < 50 { \(change) }
                    [calls, "text {calls}"]
                    calls
                }
                let named = {u: f, v: [7, 8, 9], w: f}
                let sampler = {draw: f, weight: f, select: (xs, n) => do { f(); xs[..n] }}
                let rows = table({a: [[1], [2], [3]], b: ["x", "y", "x"]})
                try { \(call) } catch e { nil }
            }
            """
        let (outputs, _) = session.run(Source(name: call, text: text))
        return outputs.compactMap { if case .text(let text) = $0 { text } else { nil } }.joined()
    }
}
