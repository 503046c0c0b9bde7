import Lang
import NASLib

/// All built-ins, by name and by number.
package final class Registry {
    package let builtins: [Builtin]
    private let indexByName: [String: Int]
    /// Members of each type: `members["list"]["push"]`.
    private let members: [String: [String: Int]]
    /// The functions alone, for the VM.
    let functions: UnsafeMutablePointer<BuiltinFunction>
    /// Their parameters, likewise.
    let layouts: UnsafeMutablePointer<BuiltinLayout>

    /// Built-ins that have an instruction of their own.
    let len: Int
    let push: Int

    /// Types whose values' functions may also be called as methods: `xs.push(1)` is `push(xs, 1)`.
    /// A map's members are its keys, so maps are not among them.
    static let methodTypes: Set<String> = ["string", "list", "range", "int", "float", "function", "tensor"]

    /// The modules that `import` loads by a bare name.
    package let modules: LibraryModules
    let habits: Habits

    package init(_ topics: [Topic], _ modules: LibraryModules = LibraryModules([:]), _ habits: Habits = Habits()) {
        let builtins = topics.flatMap(\.builtins)
        self.builtins = builtins
        (self.modules, self.habits) = (modules, habits)
        Registry.names.withLock { if $0.isEmpty { $0 = builtins.map(\.name) } }
        var indexByName: [String: Int] = [:]
        var members: [String: [String: Int]] = [:]
        functions = .allocate(capacity: builtins.count)
        layouts = .allocate(capacity: builtins.count)
        for (i, builtin) in builtins.enumerated() {
            precondition(indexByName.updateValue(i, forKey: builtin.name) == nil, "two built-ins are called \(builtin.name)")
            (functions + i).initialize(to: BuiltinFunction(body: builtin.body))
            (layouts + i).initialize(to: BuiltinLayout(builtin.signature))
            if builtin.kind == .method || builtin.kind == .property, let dot = builtin.name.firstIndex(of: ".") {
                members[String(builtin.name[..<dot]), default: [:]][String(builtin.name[builtin.name.index(after: dot)...])] = i
            }
        }
        self.indexByName = indexByName
        len = indexByName["len"] ?? -1
        push = indexByName["push"] ?? -1
        self.members = members
    }

    /// The names by their numbers, which values print by wherever they are. There is one library, whatever the number of sessions.
    private static let names = Guarded<[String]>([])

    package static func name(of builtin: Int) -> String { names.withLock { $0[builtin] } }

    /// The index of the built-in with the given name, including members (`supernet.step`).
    package func index(of name: String) -> Int? { indexByName[name] }

    /// The member of a type's values: the type's own, or a function whose first parameter takes such a value.
    package func member(_ name: String, ofType type: String) -> Int? {
        if let index = members[type]?[name] { return index }
        guard let index = indexByName[name], builtins[index].kind == .function,
            Registry.methodTypes.contains(type), !builtins[index].signature.parameters.isEmpty
        else { return nil }
        return index
    }

    /// A method or property with the given name, of any type, as it is used: `space.params(paths)`.
    package func member(called name: String) -> String? {
        builtins.first { ($0.kind == .method || $0.kind == .property) && $0.name.hasSuffix(".\(name)") }?.usage
    }

    /// The function with the given name.
    package func function(called name: String) -> Builtin? {
        index(of: name).map { builtins[$0] }.flatMap { $0.kind == .function ? $0 : nil }
    }

    /// Names of a type's own methods and properties, sorted.
    package func memberNames(ofType type: String) -> [String] { (members[type]?.keys).map { $0.sorted() } ?? [] }

    /// The global names: functions, constants and namespaces.
    package var globalNames: [String] { builtins.filter { $0.kind != .method && $0.kind != .property }.map(\.name) }

    deinit {
        functions.deinitialize(count: builtins.count)
        functions.deallocate()
        layouts.deallocate()
    }
}

/// A function as a pointer keeps it: without the structure around it every call would go through a converting one.
struct BuiltinFunction {
    let body: NativeFunction
}

/// What a call of a built-in needs to know of its parameters, as plain data.
struct BuiltinLayout {
    /// All of them, a method's receiver and a rest parameter included.
    let parameterCount: Int
    /// How many arguments make a plain call; -1 when there is a rest parameter.
    let plainCount: Int
    /// With so many arguments nothing is missing.
    let requiredCount: Int

    init(_ signature: Signature) {
        parameterCount = signature.parameters.count
        plainCount = signature.hasRest ? -1 : parameterCount
        requiredCount = signature.sufficientCount
    }
}
