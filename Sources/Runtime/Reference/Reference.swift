import Lang

/// The reference of the library, made from the registry and the modules: topics with their functions, and the members of the
/// library's objects.
public struct Reference {
    /// The built-ins of one source file of the library, or a module.
    struct Topic {
        /// `Vector distributions`, from the file's name; `Module search`.
        var title: String
        /// What it is about; empty where the title says it all.
        var doc = ""
        /// Functions and constants.
        var functions: [Entry] = []
        /// Methods and properties, grouped by the type they belong to.
        var types: [(name: String, members: [Entry])] = []
    }

    /// A function, constant or member.
    struct Entry {
        /// `supernet.step`
        var name: String
        /// As a user would call it.
        var usage: String
        var doc: String
        var example: String
    }

    private(set) var topics: [Topic] = []

    /// Of the whole library.
    public init() { self.init(Library.topics.flatMap(\.self), LibraryModules.names.compactMap { LibraryModules.documentation[$0] }) }

    private init(_ builtins: [Builtin], _ modules: [ModuleDocumentation]) {
        for builtin in builtins {
            let entry = Entry(name: builtin.name, usage: builtin.usage, doc: builtin.doc, example: builtin.example)
            let title = Reference.title(ofFile: builtin.file)
            let index = topics.firstIndex { $0.title == title } ?? topics.count
            if index == topics.count { topics.append(Topic(title: title)) }
            switch builtin.kind {
            case .function, .constant: topics[index].functions.append(entry)
            case .method, .property:
                let type = String(builtin.name.prefix { $0 != "." })
                let place = topics[index].types.firstIndex { $0.name == type } ?? topics[index].types.count
                if place == topics[index].types.count { topics[index].types.append((type, [])) }
                topics[index].types[place].members.append(entry)
            }
        }
        topics += modules.map { module in
            Topic(title: "Module \(module.name)", doc: module.text, functions: module.functions.map {
                Entry(name: "\(module.name).\($0.name)", usage: "\(module.name).\($0.usage)", doc: $0.sentences, example: $0.example)
            })
        }
    }

    /// `Runtime/VectorDistributions.swift` is about vector distributions, and so is `VectorDistributions+More.swift`;
    /// capitals in a row stay together.
    private static func title(ofFile file: String) -> String {
        let name = file.split(separator: "/").last?.prefix { $0 != "." && $0 != "+" } ?? ""
        let words = name.matches(of: /[A-Z]+(?![a-z])|[A-Z][a-z0-9]*/).map { String($0.0) }
        return words.enumerated().map { i, word in
            i == 0 || word == word.uppercased() ? word : word.lowercased()
        }.joined(separator: " ")
    }
}

extension Reference.Topic {
    /// Everything in it, in the order in which it is written down.
    var entries: [Reference.Entry] { functions + types.flatMap(\.members) }

    /// Its name in a link.
    var anchor: String { "topic-" + title.lowercased().replacing(" ", with: "-") }
}

extension Reference {
    static let title = "Reference of padash \(Release.version)"

    static let introduction = """
        Every function, constant and object of the library, and at the end the modules that `import` brings in. `...xs` takes any number of values, and a parameter with a value after its \
        colon may be left out; any parameter may be passed by name: `sort(xs, by: abs)`. Of lists, strings, ranges, numbers and \
        functions the functions are methods too: `xs.sort()` is `sort(xs)`. In examples `# =>` gives the value of the line.
        """
}
