import Foundation
import Lang
import Testing

@testable import Library
@testable import Runtime

/// What the loop of the VM relies on.
@Suite struct InterpreterTests {
    /// The cases of the loop's switch, each an instruction's names and its code.
    private static let cases: [(opcodes: String, code: String)] = {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../Sources/Runtime/VM/Interpreter.swift")
        let text = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
        guard let start = text.range(of: "switch unsafeBitCast("), let end = text.range(of: "            } catch {\n") else { return [] }
        let loop = text[start.upperBound..<end.lowerBound]
        return loop.components(separatedBy: "\n                    case .").dropFirst().map { part in
            let colon = part.firstIndex(of: ":") ?? part.endIndex
            return (String(part[..<colon]), String(part[colon...]))
        }
    }()

    @Test func everyInstructionIsLookedAt() {
        let names = Self.cases.flatMap { $0.opcodes.components(separatedBy: ", ").map { $0.trimmingCharacters(in: CharacterSet(charactersIn: ".`")) } }
        var opcodes: [String] = []
        while let opcode = Opcode(rawValue: UInt8(opcodes.count)), opcodes.count < 255, opcode.rawValue <= Opcode.import.rawValue { opcodes.append("\(opcode)") }
        #expect(Set(names) == Set(opcodes))
        #expect(names.count == opcodes.count)
    }

    /// Whatever may throw may also call out or collect. Of the functions that may be called in another way, `safePoint` collects where all
    /// is in its register, `enter` goes on in the loop, and `unpack` only moves arguments.
    @Test(arguments: cases.map(\.opcodes))
    func instructionsLeaveTheLoopInOneWay(_ opcodes: String) throws {
        let code = try #require(Self.cases.first { $0.opcodes == opcodes }).code
        var depth = 0
        for line in code.split(separator: "\n") {
            // The lines of a block that `leave` was given.
            let isInside = depth > 0
            if isInside || line.contains(/leave(Rarely)?\(frame, (base, )?pc/) { depth += line.count { $0 == "{" } - line.count { $0 == "}" } }
            if isInside || line.contains(/leave(Rarely)?\(frame, (base, )?pc/) || !line.contains(/\btry\b/) { continue }
            let isAllowed = ["try safePoint(frame, base)", "try enter(", "try unpack("].contains { line.contains($0) }
            #expect(isAllowed, "\(opcodes): \(line.trimmingCharacters(in: .whitespaces))")
        }
        for forbidden in ["collect(", "state.pointee.top", "frame.pointee.pc = "] { #expect(!code.contains(forbidden), "\(opcodes)") }
    }

    /// Every kind of callee, with and without a receiver, has a key of its own, and none that of an empty place or of one that is not kept.
    @Test func placementsHaveKeysOfTheirOwn() {
        let session = Session()
        let text = (0..<1000).map { "let f\($0) = (x, y: 1) => x" }.joined(separator: "\n")
        #expect(session.run(Source(name: "functions", text: text)).outcome == .finished)
        let closures = (0..<session.vm.globals.count).map { session.vm.globals.values[$0] }.filter { $0.tag == .closure }
        #expect(closures.count == 1000)
        var keys: [UInt64] = [0, 1]
        for closure in closures { keys.append(Placement.key(closure, receiver: false)) }
        for index in session.vm.registry.builtins.indices { for receiver in [false, true] { keys.append(Placement.key(.builtin(index), receiver: receiver)) } }
        #expect(Set(keys).count == keys.count)
    }

    /// Constants that are equal in another language, or of the same bits, stay what they are.
    @Test func constantsHaveKeysOfTheirOwn() throws {
        let session = Session()
        let source = "[0, 0.0, -0.0, 1, 1.0, \"0\", \"\", \"\\u{e9}\", \"e\\u{301}\", \"\\u{c5}\", \"\\u{212b}\", len, 9007199254740993, 9007199254740992.0, 4607182418800017408]"
        let (outputs, outcome) = session.run(Source(name: "constants", text: "print(\(source))"))
        #expect(outcome == .finished)
        let printed = outputs.compactMap { if case .text(let text) = $0 { text } else { nil } }.joined()
        #expect(printed.utf8.elementsEqual(
            "[0, 0.0, -0.0, 1, 1.0, \"0\", \"\", \"\u{e9}\", \"e\u{301}\", \"\u{c5}\", \"\u{212b}\", <function len>, 9007199254740993, 9007199254740992.0, 4607182418800017408]\n".utf8))
    }

    // MARK: - Interrupts

    /// An interrupt that comes after a cell was entered and before it runs stops it; one that came too late for its cell does not stop the next.
    @Test func interruptsMeetTheirCell() {
        let session = Session()
        session.interrupt()
        #expect(session.run(Source(name: "cell", text: "1 + 1")).outcome == .interrupted)
        #expect(session.run(Source(name: "cell", text: "1 + 1")).outcome == .finished)
        session.interrupt()
        session.forgetInterruption()
        #expect(session.run(Source(name: "cell", text: "1 + 1")).outcome == .finished)
    }

    // MARK: - Sessions

    @Test func sessionsAreFreed() {
        final class Sentinel {}
        weak var session: Session?
        weak var vm: VM?
        do {
            let alive = Session()
            _ = alive.run(Source(name: "cell", text: "let f = x => x\nlet g = grad(x => x * x)\nlet s = space([conv(8), custom(x => x), \"global_pool\", dense(10)])\nfor i in 0..3 { f(i) }"))
            (session, vm) = (alive, alive.vm)
        }
        #expect(session == nil)
        #expect(vm == nil)
    }
}
