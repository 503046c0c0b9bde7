/// `padash kernel`: what padash is to Jupyter.
struct KernelCommand: CommandAction {
    static let command = Command(
        "kernel", .choice(name: "action", words: Action.allCases.map(\.rawValue)),
        "install or remove padash as a Jupyter kernel; serve is what that kernel runs", name, prefix, python, does: KernelCommand.self)
    private static let name = CommandOption(names: ["--name"], value: .text("NAME"),
        summary: "the kernel's name in Jupyter; by default padash")
    private static let prefix = CommandOption(
        names: ["--prefix"], value: .folder,
        summary: "install into share/jupyter/kernels of a folder, such as a virtual environment; by default for the user")
    private static let python = CommandOption(
        names: ["--python"], value: .file, summary: "a Python interpreter with ipykernel; by default python3")

    private enum Action: String, CaseIterable { case install, uninstall, serve }

    private let action: Action
    private let spec: KernelSpec

    init(_ arguments: CommandArguments) throws(Invocation.Mistake) {
        action = arguments.operands.first.flatMap(Action.init) ?? .serve
        spec = try KernelSpec(name: arguments[Self.name], prefix: arguments[Self.prefix], python: arguments[Self.python])
    }

    func run() throws -> Int32 {
        switch action {
        case .install: return spec.install()
        case .uninstall: return spec.uninstall()
        case .serve:
            try RankedRun.refuse("a Jupyter kernel", hint: "padash notebook FILE runs a notebook's cells")
            return KernelServer().run()
        }
    }
}
