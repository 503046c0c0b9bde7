import Lang

/// Modules at run time.
extension VM {
    /// Runs a module's code the first time it is imported, and gives its module object.
    func runModule(_ index: Int) throws -> Value {
        let module = modules[index]
        if !module.hasRun, let prototype = module.prototype {
            module.hasRun = true
            do {
                _ = try call(.closure(heap.closure(prototype.layout)), [])
            } catch {
                module.hasRun = false
                throw error
            }
        }
        return .host(heap.host(ModuleObject(module, globals)))
    }
}

/// A module as a value: `util.f`.
public final class ModuleObject: HostObject {
    package let module: Module
    private let globals: GlobalTable

    package init(_ module: Module, _ globals: GlobalTable) {
        self.module = module
        self.globals = globals
    }

    public override var typeName: String { "module" }
    public override var description: String { "<module \(module.name)>" }
    public override var footprint: Int { 0 }
    public override var memberNames: [String] { module.publicNames }
    /// The module's source text.
    package var source: Source? { module.prototype?.source }

    public override func member(_ name: String, _ vm: VM) throws -> Value? {
        guard module.publicNames.contains(name), let variable = module.scope.variables[name] else { return nil }
        return globals.values[variable.slot]
    }

    public override func isEqual(to other: HostObject) -> Bool { (other as? ModuleObject)?.module === module }
}
