import Lang
import NASLib

/// The library modules written in Pada, by name.
package final class LibraryModules: Sendable {
    private let texts: [String: [UInt8]]
    private let known = Guarded<[String: ModuleDocumentation]?>(nil)

    package let names: [String]

    package init(_ texts: [String: [UInt8]]) {
        self.texts = texts
        names = texts.keys.sorted()
    }

    package func source(of name: String) -> Source? {
        texts[name].map { Source(name: "<\(name)>", text: String(decoding: $0, as: UTF8.self), isLibrary: true) }
    }

    /// The documentation of each module; the modules are read at the first use.
    package var documentation: [String: ModuleDocumentation] {
        known.withLock { known in
            if let known { return known }
            let read = Dictionary(uniqueKeysWithValues: names.compactMap { name in
                source(of: name).map { (name, ModuleDocumentation(of: $0, named: name)) }
            })
            known = read
            return read
        }
    }
}
