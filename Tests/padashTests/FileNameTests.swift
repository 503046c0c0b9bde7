import Foundation
import Testing

@testable import Library
@testable import padash
@testable import Runtime

/// Whatever a file is called, it is read or written, or an error says why not: no name stops or hangs the process.
@Suite struct FileNames {
    static let names = [
        "x", "é", "ab", String(repeating: "a", count: 255), String(repeating: "a", count: 256), "a b", "a\nb", "a\u{0}b", "", ".", "..", "/", "//", "a/", "~", "-", "\u{1B}[31m",
    ]

    /// Parameters that name files or folders.
    private static let paths: Set<String> = ["path", "folder", "file", "to", "log", "checkpoint"]
    /// What else the functions with such a parameter need.
    private static let fillers = [
        "text": "\"t\"", "value": "1", "table": "table({a: [1]})", "tensor": "zeros([2])", "tensors": "{x: zeros([2])}", "sequence": "0..1", "labels": "PATH", "images": "PATH",
        "space": "mlp(depth: 1, width: 2)", "paths": "[mlp(depth: 1, width: 2)[0]]", "name": "\"n\"", "net": "supernet(mlp(depth: 1, width: 2))", "data": "digits(train: 0.02)",
    ]
    private static let receivers = ["plot": "plot([1], show: false)", "supernet": "supernet(mlp(depth: 1, width: 2))"]

    /// A call of each built-in with a path, in which PATH stands for it.
    static let calls: [String] = Registry(Library.topics).builtins.compactMap { builtin -> String? in
        let isMember = builtin.kind != .function
        // Elsewhere a path is an architecture.
        if isMember, !["plot.save", "supernet.export", "supernet.import"].contains(builtin.name) { return nil }
        let parameters = builtin.signature.parameters.dropFirst(isMember ? 1 : 0)
        let isTaker = ["benchmark", "idx_dataset"].contains(builtin.name) || parameters.contains { paths.contains($0.name) }
        // These take paths as texts.
        guard isTaker, !["base_name", "stem", "extension", "parent_folder", "absolute_path"].contains(builtin.name) else { return nil }
        var arguments: [String] = []
        for parameter in parameters {
            if paths.contains(parameter.name) || (builtin.name == "benchmark" && parameter.name == "name") {
                arguments.append("\(parameter.name): PATH")
            } else if parameter.defaultText == nil, !parameter.isRest {
                guard let filler = fillers[parameter.name] else { return "MISSING \(parameter.name) of \(builtin.name)" }
                arguments.append("\(parameter.name): \(filler)")
            }
        }
        let name = isMember ? "\(receivers[String(builtin.name.prefix { $0 != "." })] ?? "MISSING").\(builtin.name.split(separator: ".")[1])" : builtin.name
        let call = "\(name)(\(arguments.joined(separator: ", ")))"
        return builtin.name == "resumable" ? "(() => { for i in \(call) { i } })()" : call
    }

    @Test func thereIsACallForEveryFunctionWithAPath() {
        #expect(Self.calls.count > 25)
        #expect(Self.calls.filter { $0.contains("MISSING") } == [])
    }

    @Test(.timeLimit(.minutes(5)), arguments: names)
    func builtins(_ name: String) throws {
        let folder = try TemporaryFolder()
        let place = folder.url.appendingPathComponent("inner/most")
        try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
        let quoted = "\"" + name.unicodeScalars.map { $0.value < 0x20 ? "\\u{\(String($0.value, radix: 16))}" : String($0) }.joined() + "\""
        var script = ""
        for call in Self.calls {
            // Twice, since what is there already is another case.
            for _ in 0..<2 { script += "try { \(call.replacing("PATH", with: quoted)) } catch e { assert(len(e.message) > 0) }\n" }
        }
        let result = try Binary.run(["-"], input: script + "print(\"done\")\n", directory: place, environment: ["HOME": folder.url.path], seconds: 120)
        #expect(result.code == 0 && result.output.hasSuffix("done\n"), "\(result.code) \(result.errors.suffix(1_000))")
    }

    @Test(.timeLimit(.minutes(5)), arguments: names.filter { !$0.contains("\u{0}") })
    func commands(_ name: String) throws {
        let folder = try TemporaryFolder()
        let place = folder.url.appendingPathComponent("inner/most")
        try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
        _ = try "1 + 1\n".write(to: place.appendingPathComponent("s.pada"), atomically: true, encoding: .utf8)
        var commands = [
            ["run", name], [name], ["--", name], ["notebook", name], ["notebook", "s.pada", "-o", name], ["convert", name], ["convert", "s.pada", "-o", name], ["fmt", name],
            ["fmt", "--check", name], ["check", name], ["results", name], ["doc", "--site", "site", name], ["doc", "-o", name], ["kernel", "uninstall", "--prefix", name],
            ["kernel", "uninstall", "--name", name], ["kernel", "install", "--python", name],
        ]
        // Not into the machine's own root.
        if !name.hasPrefix("/") { commands.append(["doc", "--site", name, "s.pada"]) }
        for command in commands {
            let result = try Binary.run(command, directory: place, environment: ["HOME": folder.url.path], seconds: 20)
            #expect([0, 1, 2].contains(result.code), "\(command): \(result.code) \(result.errors)")
        }
        for takes in ["fmt", "check", "run"] {
            guard FileManager.default.createFile(atPath: place.appendingPathComponent(name).path, contents: Data("1+1\n".utf8)) else { continue }
            #expect([0, 1, 2].contains(try Binary.run([takes, name], directory: place, seconds: 20).code))
        }
    }

    /// A name that is not UTF-8 is no string: whoever meets it says so.
    @Test func namesThatAreNotUTF8() throws {
        let made = "cd $(mktemp -d) && mkdir -p $'c/caf\\xe9' c/dog && touch $'c/x\\xff.txt' c/y.csv && printf 'print(1)' > $'latin\\xe9.pada' && "
        func run(_ command: String) throws -> Binary.Result { try Binary.shell(made + command) }
        #expect(try run("$PADASH -e 'print(list_files(\"c\", \"*.csv\"))'").output == "[\"y.csv\"]\n")
        for code in ["list_files(\"c\", \"x*\")", "image_folder(\"c\")"] {
            let result = try run("$PADASH -e '\(code)'")
            #expect(result.code == 1 && result.errors.contains("is not UTF-8"), "\(result.errors)")
        }
        for command in ["$PADASH $'latin\\xe9.pada'", "$PADASH check $'latin\\xe9.pada'", "$PADASH -e 1 $'\\xe9'"] {
            let result = try run(command)
            #expect(result.code == 2 && result.errors.contains("\\xE9") && result.errors.contains("is not UTF-8"))
        }
        #expect(try run("X=$'\\xe9' $PADASH -e 'env(\"X\")'").errors.contains("the environment variable 'X' is not UTF-8"))
        #expect(try run("cd $'c/caf\\xe9' && $PADASH -e 'write_text(\"a\", \"b\"); print(read_text(\"a\")); absolute_path(\"a\")'").output == "b\n")
    }
}
