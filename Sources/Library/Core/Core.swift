import Foundation
import Runtime
import Text

extension Library {
    /// Printing, types, help and the session itself.
    static let core: [Builtin] = [
        .fn("print", "...values",
            "Prints the values separated by spaces, with a line break at the end. A table passed alone is printed with its rows.",
            "print(\"tau\", 0.5)  # prints: tau 0.5") { call in
            if call.rest(0).count == 1, call.rest(0)[0].tag == .host, let table = call.rest(0)[0].hostObject.displayedTable {
                call.vm.emit(.text(table.text(width: call.vm.options.width) + "\n"))
                return .nil
            }
            let parts = try call.rest(0).map { try Printer.text($0) }
            try Limit.check(bytes: parts.reduce(0) { $0 + $1.utf8.count + 1 })
            call.vm.emit(.text(parts.joined(separator: " ") + "\n"))
            return .nil
        },
        .fn("type", "value", "The name of a value's type.", "type(1.5)  # => \"float\"") { call in
            call.string(call[0].typeName)
        }.giving(.text),
        .fn("str", "value", "The value as text, as `print` shows it.", "str(0.1)  # => \"0.1\"") { call in
            call[0].tag == .string ? call[0] : call.string(try Printer.text(call[0]))
        }.giving(.text),
        .fn("len", "value", "The number of elements of a list, map, range, string (characters) or tensor (along its first axis).",
            "len([4, 5])  # => 2") { call in
            switch call[0].tag {
            case .list: return .int(call[0].asList.count)
            case .map: return .int(call[0].asMap.count)
            case .string: return .int(try call.vm.characterCount(call[0].asString))
            case .range:
                let range = call[0].asRange
                guard let count = range.count else {
                    throw RuntimeError(.arithmetic, "int overflow: the range has \(range.size) elements, which does not fit 64 bits",
                        argument: 0)
                }
                return .int(count)
            case .host: if let count = call[0].hostObject.count { return .int(count) }
            default: break
            }
            throw call.wrongType(0, expected: "something with a length")
        }.giving(.length),
        .fn("assert", "condition, message: \"assertion failed\"", "Raises an error with the message unless the condition holds.",
            "assert(1 < 2, \"numbers are broken\")") { call in
            if call[0].isTruthy { return .nil }
            throw RuntimeError(.error, try Printer.text(call.value(1)), argument: 0)
        },
        .fn("help", "topic: nil",
            "Prints the documentation of a function, a value or a name; without a topic, lists all names.",
            "help(len)") { call in
            let help = Help(vm: call.vm, scope: call.vm.options.scope)
            if !call.has(0) {
                let text = "help(name) explains one of: \(call.vm.registry.globalNames.sorted().joined(separator: ", "))"
                call.vm.emit(.text(text.wrapped(to: call.vm.options.width).joined(separator: "\n") + "\n"))
            } else if call[0].tag == .string {
                let name = call[0].asString.text
                guard let text = help.text(for: name) else {
                    let near = Suggestion.nearest(to: name, among: help.topics)
                    throw RuntimeError(.name, "there is no help on '\(name)'", hint: near.map { "did you mean '\($0)'?" }, argument: 0)
                }
                call.vm.emit(.text(text + "\n"))
            } else {
                call.vm.emit(.text(help.text(for: call[0]) + "\n"))
            }
            return .nil
        },
        .fn("source", "of", "The code of a function written in Pada, or of a module: `source(search.evolve)`, `source(\"search\")`.",
            "fn twice(x) = 2 * x\nsource(twice)  # => \"fn twice(x) = 2 * x\"") { call in
            if call[0].tag == .closure {
                let prototype = call[0].asClosure.prototype.pointee.prototype
                return call.string(prototype.source.text(of: prototype.span))
            }
            if call[0].tag == .host, let module = call[0].hostObject as? ModuleObject { return call.string(module.source?.text ?? "") }
            if call[0].tag == .builtin || call[0].tag == .host && call[0].hostObject is BoundMethod {
                throw RuntimeError(.value, "\(Printer.literal(call[0], limit: 60)) is not written in Pada", argument: 0)
            }
            let name = try call.text(0)
            guard let source = Library.modules.source(of: name) else {
                let near = Suggestion.nearest(to: name, among: Library.modules.names)
                throw RuntimeError(.name, "there is no library module '\(name)'", hint: near.map { "did you mean '\($0)'?" }, argument: 0)
            }
            return call.string(source.text)
        },
        .fn("args", "", "The arguments that the script was started with, as strings.", "args()  # => []") { call in
            try call.list(call.vm.options.arguments)
        },
        .fn("exit", "code: 0", "Ends the program with an exit code.") { call in
            let code = try call.int(0)
            guard (0...255).contains(code) else { throw call.invalid(0, "an exit code is 0 to 255, not \(code)") }
            call.vm.options.exitCode = Int32(code)
            throw RuntimeError(.interrupted, "exit")
        },
    ]
}
