import Foundation
import Lang

extension Library {
    /// Printing, types, help and the session itself.
    static let core: [Builtin] = [
        .fn("print", "...values", "Prints the values with spaces between and a line break at the end.", "print(\"tau\", 0.5)  # prints: tau 0.5") { call in
            let line = call.rest(0).map(Printer.text).joined(separator: " ") + "\n"
            call.vm.emit(.text(line))
            return .nil
        },
        .fn("type", "value", "The name of a value's type.", "type(1.5)  # => \"float\"") { call in
            call.string(call[0].typeName)
        },
        .fn("str", "value", "The value as text, as `print` shows it.", "str(0.1)  # => \"0.1\"") { call in
            call[0].tag == .string ? call[0] : call.string(Printer.text(call[0]))
        },
        .fn("len", "value", "How many elements a list, map, range, string (in characters) or tensor (along its first axis) has.", "len([4, 5])  # => 2") { call in
            switch call[0].tag {
            case .list: return .int(call[0].asList.count)
            case .map: return .int(call[0].asMap.count)
            case .string: return .int(call[0].asString.count)
            case .range: return .int(call[0].asRange.count)
            case .host: if let count = call[0].hostObject.count { return .int(count) }
            default: break
            }
            throw call.wrongType(0, expected: "something with a length")
        },
        .fn("assert", "condition, message: \"assertion failed\"", "Raises an error with the message unless the condition holds.", "assert(1 < 2, \"numbers are broken\")") { call in
            if call[0].isTruthy { return .nil }
            throw RuntimeError(.error, call.has(1) ? Printer.text(call[1]) : "assertion failed", argument: 0)
        },
    ]
}
