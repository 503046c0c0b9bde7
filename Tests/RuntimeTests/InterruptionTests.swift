import Lang
import Runtime
import Testing

/// Built-ins that may run long look whether the user wants them to stop.
@Suite struct Interruption {
    /// The interrupt comes while the line before prints, so that no more than the one call can notice it.
    @Test(arguments: [
        "draw(normal(0, 1), 3)", "sort([2, 1])", "argsort([2, 1])", "map([1], abs)", "filter([1], bool)", "list(progress(0..3))", "sum(0..3)",
        "product(1..3)", "unique([1, 2])", "enumerate([1, 2])", "zip([1], [2])",
    ])
    func stops(_ call: String) {
        let session = Session()
        let outcome = session.run(Source(name: "cell", text: "print(0)\n\(call)")) { output in
            if case .text = output { session.interrupt() }
        }
        #expect(outcome == .interrupted)
        #expect(session.run(Source(name: "cell", text: "1 + 1")).outcome == .finished)
    }
}
