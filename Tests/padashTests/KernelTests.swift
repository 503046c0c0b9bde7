import Foundation
import Testing

/// `padash kernel`: the server as a kernel talks to it. Tests/jupyter/kernel.py drives the whole of it from Jupyter's side.
@Suite struct KernelCommand {
    /// Sends requests, all at once, and gives the replies to each, the last of which is "done".
    private func replies(to requests: [[String: Any]], environment: [String: String] = [:]) throws -> [[[String: Any]]] {
        let lines = try requests.map { String(decoding: try JSONSerialization.data(withJSONObject: $0), as: UTF8.self) + "\n" }
        let state = try TemporaryFolder()
        let result = try Binary.run(["kernel", "serve"], input: lines.joined(), environment: ["XDG_STATE_HOME": state.url.path].merging(environment) { $1 })
        #expect(result.code == 0 && result.errors == "")
        var groups: [[[String: Any]]] = [[]]
        for line in result.output.split(separator: "\n") {
            let reply = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
            groups[groups.count - 1].append(reply)
            if reply["type"] as? String == "done" { groups.append([]) }
        }
        return groups.dropLast()
    }

    private func execute(_ code: String) -> [String: Any] { ["operation": "execute", "code": code] }
    private func data(_ reply: [String: Any]) -> [String: String]? { reply["data"] as? [String: String] }

    @Test func cellsShareASession() throws {
        let replies = try replies(to: [execute("let x = 6\nprint(\"a\")\nx"), execute("x + Out[1] + _")])
        #expect(replies.count == 2)
        #expect(replies[0].map { $0["type"] as? String } == ["text", "value", "done"])
        #expect(replies[0][0]["text"] as? String == "a\n" && data(replies[0][1])?["text/plain"] == "6" && replies[0][2]["status"] as? String == "ok")
        #expect(data(replies[1][0])?["text/plain"] == "18")
    }

    @Test func errorsKeepTheSession() throws {
        let replies = try replies(to: [execute("let x = 1\nnope"), execute("1 +"), execute("2")])
        let error = replies[0][0]
        #expect(error["type"] as? String == "error" && error["name"] as? String == "name error" && (error["message"] as? String)?.contains("nope") == true)
        #expect((error["trace"] as? [String])?.contains { $0.contains("^") } == true && replies[0].last?["status"] as? String == "error")
        #expect(replies[1][0]["name"] as? String == "syntax error")
        #expect(data(replies[2][0])?["text/plain"] == "2")
    }

    @Test func positionsCountAsPythonDoes() throws {
        let replies = try replies(to: [
            ["operation": "complete", "code": "let 🎲ü = kend", "cursor": 13], ["operation": "inspect", "code": "f(\"é\", kendall(1, ", "cursor": 18],
            ["operation": "inspect", "code": "1 + 1", "cursor": 5], ["operation": "complete", "code": "", "cursor": -4], ["operation": "isComplete", "code": "f("],
        ])
        #expect(replies[0][0]["matches"] as? [String] == ["kendall"] && replies[0][0]["start"] as? Int == 9)
        #expect((replies[1][0]["text"] as? String)?.hasPrefix("kendall(") == true)
        #expect(replies[2][0]["text"] as? String == "")
        #expect((replies[3][0]["matches"] as? [String])?.contains("kendall") == true)
        #expect(replies[4][0]["completeness"] as? String == "incomplete")
    }

    @Test func progressEndsWithTheWholeLoop() throws {
        let replies = try replies(to: [execute("for i in progress(0..5, \"steps\") { i }")])
        let shown = replies[0].filter { $0["type"] as? String == "progress" }
        #expect(shown.last?["isFinished"] as? Bool == true && (shown.last?["text"] as? String)?.contains("5/5") == true)
    }

    @Test func historyIsThatOfThePrompt() throws {
        let replies = try replies(to: [execute("1"), ["operation": "execute", "code": "2", "isSilent": true], execute("fn f() {\n    3\n}"), ["operation": "history"]])
        #expect(replies[3][0]["entries"] as? [String] == ["1", "fn f() {\n    3\n}"])
    }

    @Test func exitEndsTheServer() throws {
        let replies = try replies(to: [execute("exit()"), execute("1")])
        #expect(replies.count == 1 && replies[0].last?["status"] as? String == "exit")
        #expect(try Binary.run(["kernel", "serve"], input: "{\"operation\": \"execute\", \"code\": \"exit(3)\"}\n").code == 3)
    }

    /// One request that cannot be read does not end the server, nor lose a value.
    @Test(arguments: [
        "x", "[]", "", "null", "{\"operation\": \"dance\"}", "{\"operation\": 3}", "{\"operation\": \"execute\"", "\u{0}", "{\"operation\": \"execute\", \"code\": \"\\q\"}",
        String(repeating: "[", count: 100_000), String(repeating: "{\"a\":", count: 100_000),
    ]) func nonsenseIsAnsweredByAnError(_ line: String) throws {
        let state = try TemporaryFolder()
        let input = ["{\"operation\": \"execute\", \"code\": \"let x = 6\"}", line, "{\"operation\": \"execute\", \"code\": \"x\"}"].joined(separator: "\n") + "\n"
        let result = try Binary.run(["kernel", "serve"], input: input, environment: ["XDG_STATE_HOME": state.url.path])
        let replies = try result.output.split(separator: "\n").map { try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]) }
        #expect(result.code == 0 && replies.map { $0["type"] as? String } == ["done", "error", "done", "value", "done"])
        #expect((replies[1]["message"] as? String)?.hasPrefix("a request is an object with an operation, not ") == true)
        #expect(data(replies[3])?["text/plain"] == "6")
    }

    /// Fields of other types, cursors anywhere and texts of any characters are no end either.
    @Test func strangeRequestsAreAnswered() throws {
        let fields = [
            "\"code\": \"\\\"\\ud83d\\\"\"", "\"code\": 3", "\"code\": \"...\", \"cursor\": 3", "\"code\": \"x.\", \"cursor\": 1e9", "\"code\": \"x\", \"cursor\": 99999999999999999999",
            "\"code\": \"(\", \"cursor\": -1, \"number\": -9223372036854775808", "\"code\": \"\\u0000\\u2028\"", "\"code\": \"?\", \"isSilent\": 1", "\"code\": \".?\"", "\"code\": \"..\", \"cursor\": 1",
        ]
        let operations = ["execute", "complete", "inspect", "isComplete", "history"]
        let lines = operations.flatMap { operation in fields.map { "{\"operation\": \"\(operation)\", \($0)}" } }
        let state = try TemporaryFolder()
        let result = try Binary.run(["kernel", "serve"], input: lines.joined(separator: "\n") + "\n", environment: ["XDG_STATE_HOME": state.url.path])
        let replies = try result.output.split(separator: "\n").map { try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]) }
        #expect(result.code == 0 && replies.count { $0["type"] as? String == "done" } == lines.count)
    }

    @Test func codeIsCompleteIncompleteOrInvalid() throws {
        let codes = ["1 + 1", "let = 3", ")", "f(", "fn f() {", "kendall?", "1 +", "\"abc"]
        let replies = try replies(to: codes.map { ["operation": "isComplete", "code": $0] })
        #expect(replies.map { $0[0]["completeness"] as? String } == ["complete", "invalid", "invalid", "incomplete", "incomplete", "complete", "incomplete", "invalid"])
    }

    @Test func installingNeedsPythonWithIPykernel() throws {
        let folder = try TemporaryFolder()
        // Stands for an interpreter that has the package, and one that has not.
        let good = try folder.file("good", "#!/bin/sh\nexit 0\n"), bad = try folder.file("bad", "#!/bin/sh\nexit 1\n")
        for file in [good, bad] { try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file.path) }
        let prefix = folder.url.appendingPathComponent("venv").path, kernel = prefix + "/share/jupyter/kernels/padash"
        func run(_ arguments: String...) throws -> Binary.Result { try Binary.run(["kernel"] + arguments + ["--prefix", prefix]) }
        #expect(try run("install", "--python", "/nowhere/python").errors.contains("there is no Python interpreter '/nowhere/python'"))
        #expect(try run("install", "--python", bad.path).errors.contains("has no package ipykernel\n   = hint: \(bad.path) -m pip install ipykernel"))
        #expect(try run("uninstall").errors.contains("there is no kernel in"))
        for _ in 0..<2 { #expect(try run("install", "--python", good.path).output == "installed the kernel 'padash' in \(kernel)\n") }
        let spec = try #require(try JSONSerialization.jsonObject(with: Data(contentsOf: URL(fileURLWithPath: kernel + "/kernel.json"))) as? [String: Any])
        #expect(spec["argv"] as? [String] == [good.path, kernel + "/padash_kernel.py", "-f", "{connection_file}"])
        #expect((spec["env"] as? [String: String])?["PADASH"].map { FileManager.default.isExecutableFile(atPath: $0) } == true)
        #expect(try run("uninstall").output == "removed the kernel 'padash' from \(kernel)\n" && !FileManager.default.fileExists(atPath: kernel))
        try FileManager.default.createDirectory(atPath: kernel, withIntermediateDirectories: true)
        for action in ["install", "uninstall"] { #expect(try run(action, "--python", good.path).errors.contains("is another kernel")) }
        #expect(try run("install", "--name", "../x").code == 2)
    }
}
