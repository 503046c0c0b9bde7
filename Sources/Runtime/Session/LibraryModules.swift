import Lang

/// The library modules written in Pada, by name: the files in Modules, which the binary carries.
enum LibraryModules {
    private static let texts = [
        "adaptive": PackageResources.adaptive_pada,
        "samplers": PackageResources.samplers_pada,
        "search": PackageResources.search_pada,
    ]

    static let names = texts.keys.sorted()

    static func source(of name: String) -> Source? {
        texts[name].map { Source(name: "<\(name)>", text: String(decoding: $0, as: UTF8.self), isLibrary: true) }
    }

    /// What each says of itself.
    static let documentation = Dictionary(uniqueKeysWithValues: names.compactMap { name in
        source(of: name).map { (name, ModuleDocumentation(of: $0, named: name)) }
    })
}
