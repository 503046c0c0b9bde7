import Foundation
import Lang
import Testing

@Suite struct Limits {
    @Test(arguments: ["(", "[", "{a:", "f(", "xs[", "-", "not ", "\"{", "if a {", "x=>", "2**", "() => {", "let [[[[", "(a |> b or c and 1 + 2 * ", "[x for x in ", "do {", "try {", "{[", "with a {", "x |> f("])
    func deepNestingIsOneLimitMistakeOnASmallStack(_ opening: String) {
        let (head, repeated) = opening.hasPrefix("let ") ? ("let ", String(opening.dropFirst(4))) : ("", opening)
        let text = head + String(repeating: repeated, count: 100_000)
        let kinds = onSmallStack { Parser.parse(Source(name: "t", text: text)).diagnostics.map(\.kind) }
        #expect(kinds == [.limit])
    }

    @Test func twoHundredLevelsAreFine() {
        for (open, close) in [("(", ")"), ("[", "]"), ("{a:", "}"), ("f(", ")"), ("if a {", "}"), ("\"{", "}\""), ("(a + ", ")"), ("f(x => ", ")"), ("[x for x in ", "]")] {
            let count = open == "f(x => " ? 99 : 199
            let text = String(repeating: open, count: count) + "1" + String(repeating: close, count: count)
            #expect(onSmallStack { Parser.parse(Source(name: "t", text: text)).diagnostics.count } == 0)
        }
    }

    @Test(arguments: [" + 1", ".b", "(1)", "[0]", " ?? b", " |> f", " and b"])
    func longChainsAreLimited(_ link: String) {
        let short = "a" + String(repeating: link, count: 1_900)
        #expect(onSmallStack { Parser.parse(Source(name: "t", text: short)).diagnostics.count } == 0)
        let long = "a" + String(repeating: link, count: 100_000)
        #expect(onSmallStack { Parser.parse(Source(name: "t", text: long)).diagnostics.map(\.kind) } == [.limit])
    }

    @Test func longElseIfChainsAreLimited() {
        @Sendable func links(_ count: Int) -> String { String(repeating: "if a { 1 } else ", count: count) + "{ 2 }" }
        #expect(onSmallStack { Parser.parse(Source(name: "t", text: links(1_900))).diagnostics.count } == 0)
        #expect(onSmallStack { Parser.parse(Source(name: "t", text: links(100_000))).diagnostics.map(\.kind) } == [.limit])
    }

    @Test func wideIsNotDeep() {
        let text = "[" + String(repeating: "a + b * c.d(e), ", count: 50_000) + "]\n" + String(repeating: "x = x + 1\n", count: 50_000)
        #expect(Parser.parse(Source(name: "t", text: text)).diagnostics.isEmpty)
    }

    @Test(arguments: ["a ", "(", "\"", "1", "'", "(a b;", "“", "\\ ", "{", "\"{", "\u{0}"])
    func megabytesOfGarbageGiveAFewMistakes(_ piece: String) {
        let text = String(repeating: piece, count: 4_000_000 / piece.utf8.count)
        #expect((1...21).contains(Parser.parse(Source(name: "t", text: text)).diagnostics.count))
    }
}

private final class Box<Value>: @unchecked Sendable { var result: Value? }

/// Runs `body` on a thread with a stack of 512 KB (of 4 MB in a debug build, whose frames are several times as large).
private func onSmallStack<Result: Sendable>(_ body: @escaping @Sendable () -> Result) -> Result? {
    let box = Box<Result>()
    let done = DispatchSemaphore(value: 0)
    let thread = Thread {
        box.result = body()
        done.signal()
    }
    #if DEBUG
    thread.stackSize = 4 << 20
    #else
    thread.stackSize = 512 << 10
    #endif
    thread.start()
    done.wait()
    return box.result
}
