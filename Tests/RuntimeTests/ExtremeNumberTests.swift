import Foundation
import Lang
import NASLib
import Testing

@testable import Library
@testable import Runtime

/// Every built-in takes every number there is: its example with each number and each list of numbers in it replaced, and with each argument
/// given that the example leaves out, gives a value or an error. The process ending, or never ending, is the failure.
@Suite struct ExtremeNumbers {
    private static let numbers = [
        "nan", "inf", "-inf", "1e308", "-1e308", "5e-324", "9223372036854775807", "(-9223372036854775807 - 1)", "0", "-0.0", "-1", "4294967296", "1e18", "0.5", "nil",
    ]
    private static let few = ["nan", "inf", "1e308", "9223372036854775807", "(-9223372036854775807 - 1)", "0", "4294967296"]
    private static let lists = [
        "[]", "[5]", "[nan]", "[inf, -inf]", "[-1e308, 1e308]", "[5e-324, 0]", "[9223372036854775807, -9223372036854775807]", "[nan, 1, nan]", "tensor([])", "tensor([nan])",
        "tensor([inf, -inf, 0])", "tensor(1e38)", "zeros([0, 3])", "[[]]", "[[nan, 1], [1, inf]]",
    ]

    /// They end the session, wait, or write files that other tests use.
    private static let builtins = Examples.builtins.filter { builtin in
        !["exit", "sleep", "input"].contains(builtin.name)
            && !["write_", "save(", "append_text", "experiment(", "resumable(", "make_folder", "checkpoint:"].contains { builtin.example.contains($0) }
    }

    @Test(.timeLimit(.minutes(10)), arguments: builtins.map(\.name))
    func giveAValueOrAnError(_ name: String) throws {
        let builtin = try #require(Self.builtins.first { $0.name == name })
        var options = Session.Options()
        options.allowsRedeclaration = true
        options.memoryLimit = 256 << 20
        let session = Session(options: options)
        let code = Self.withoutComments(builtin.example)
        let start = Date()
        _ = session.run(Source(name: name, text: code))
        let isSlow = Date().timeIntervalSince(start) > 0.02
        for variant in Self.variants(of: code, builtin, isSlow ? Self.few : Self.numbers, isSlow ? Array(Self.lists.prefix(5)) : Self.lists) {
            if let path = ProcessInfo.processInfo.environment["PADASH_LAST_EXTREME"] { try? variant.write(toFile: "\(path).\(name)", atomically: false, encoding: .utf8) }
            let stop = DispatchWorkItem { session.interrupt() }
            DispatchQueue.global().asyncAfter(deadline: .now() + 0.5, execute: stop)
            let (outputs, outcome) = session.run(Source(name: name, text: variant))
            stop.cancel()
            for case .error(let diagnostics) in outputs {
                #expect(diagnostics.allSatisfy { !$0.message.isEmpty })
                for diagnostic in diagnostics { _ = diagnostic.rendered(width: 80) }
            }
            #expect(outcome == .finished || outcome == .interrupted || outputs.contains { if case .error = $0 { true } else { false } }, "\(variant)")
        }
        #expect(session.run(Source(name: "afterwards", text: "1 + 1")).outcome == .finished)
    }

    /// The lists and numbers above, compared, summed up and printed in all pairs by every function of one or two numbers.
    @Test func inPairs() {
        let session = Session()
        for builtin in Self.builtins where builtin.kind == .function && (1...2).contains(builtin.signature.requiredCount) {
            for a in Self.few + Self.lists {
                let second = builtin.signature.requiredCount == 2 ? Self.few + Self.lists.prefix(6) : [""]
                for b in second {
                    let stop = DispatchWorkItem { session.interrupt() }
                    DispatchQueue.global().asyncAfter(deadline: .now() + 1, execute: stop)
                    let call = "\(builtin.name)(\(a)\(b.isEmpty ? "" : ", \(b)"))"
                    if let path = ProcessInfo.processInfo.environment["PADASH_LAST_EXTREME"] { try? call.write(toFile: "\(path).pairs", atomically: false, encoding: .utf8) }
                    _ = session.run(Source(name: "pair", text: call))
                    stop.cancel()
                }
            }
        }
        #expect(session.run(Source(name: "afterwards", text: "1 + 1")).outcome == .finished)
    }

    private static func withoutComments(_ example: String) -> String {
        example.split(separator: "\n", omittingEmptySubsequences: false).map { line in line.range(of: "  #").map { String(line[..<$0.lowerBound]) } ?? String(line) }
            .joined(separator: "\n")
    }

    private static func variants(of code: String, _ builtin: Builtin, _ numbers: [String], _ lists: [String]) -> [String] {
        var variants: [String] = []
        func replace(_ pattern: Regex<Substring>, by strangers: [String]) {
            for match in code.matches(of: pattern) where !isInText(match.startIndex, code) {
                for stranger in strangers { variants.append(code.replacingCharacters(in: match.range, with: stranger)) }
            }
        }
        replace(/\b[0-9][0-9_]*(?:\.[0-9]+)?(?:e-?[0-9]+)?\b/, by: numbers)
        replace(/\[[-0-9., ]*\]/, by: lists)
        replace(/\[\[[-0-9., \[\]]*\]\]/, by: lists)
        // Arguments that the example leaves out.
        let call = String(builtin.name.split(separator: ".").last ?? "") + "("
        guard let open = code.range(of: call, options: .backwards), let close = closing(open.upperBound, code) else { return variants }
        for parameter in builtin.signature.parameters where parameter.defaultText != nil && !parameter.gathersNames && !code.contains("\(parameter.name):") {
            for stranger in numbers + lists {
                let isFirst = open.upperBound == close
                variants.append(code.replacingCharacters(in: close..<close, with: "\(isFirst ? "" : ", ")\(parameter.name): \(stranger)"))
            }
        }
        return variants
    }

    private static func isInText(_ place: String.Index, _ code: String) -> Bool {
        code[..<place].split(separator: "\n", omittingEmptySubsequences: false).last?.count { $0 == "\"" }.isMultiple(of: 2) == false
    }

    /// The parenthesis that closes the one before a place.
    private static func closing(_ start: String.Index, _ code: String) -> String.Index? {
        var depth = 0
        for place in code[start...].indices {
            switch code[place] {
            case "(", "[", "{": depth += 1
            case ")" where depth == 0: return place
            case ")", "]", "}": depth -= 1
            default: break
            }
        }
        return nil
    }
}
