import Lang

extension Reference {
    /// The reference of a registry: the topics in their order, then the modules.
    package init(title: String, introduction: String, _ topics: [Runtime.Topic], _ modules: LibraryModules) {
        self.init(title: title, introduction: introduction,
            topics: topics.map(Topic.init) + modules.names.compactMap { modules.documentation[$0] }.map(Topic.init))
    }
}

extension Reference.Topic {
    fileprivate init(_ topic: Topic) {
        self.init(title: topic.title)
        for builtin in topic.builtins {
            let entry = Reference.Entry(name: builtin.name, usage: builtin.usage, doc: builtin.doc, example: builtin.example)
            switch builtin.kind {
            case .function, .constant: functions.append(entry)
            case .method, .property:
                let type = String(builtin.name.prefix { $0 != "." })
                let place = types.firstIndex { $0.name == type } ?? types.count
                if place == types.count { types.append((type, [])) }
                types[place].members.append(entry)
            }
        }
    }

    fileprivate init(_ module: ModuleDocumentation) {
        self.init(title: "Module \(module.name)", doc: module.text, functions: module.functions.map {
            Reference.Entry(name: "\(module.name).\($0.name)", usage: "\(module.name).\($0.usage)", doc: $0.sentences, example: $0.example)
        })
    }
}
