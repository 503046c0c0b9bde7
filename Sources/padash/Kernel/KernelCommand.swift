/// `padash kernel`: what padash is to Jupyter.
struct KernelCommand: CommandAction {
    static let command = Command(
        "kernel", .choice(name: "action", words: Action.allCases.map(\.rawValue)),
        "install or remove padash as a kernel of Jupyter; serve is what that kernel runs", name, prefix, python, does: KernelCommand.self)
    private static let name = CommandOption(names: ["--name"], value: .text("NAME"), summary: "what Jupyter calls it; padash without it")
    private static let prefix = CommandOption(
        names: ["--prefix"], value: .folder,
        summary: "a folder, such as a virtual environment, that gets share/jupyter/kernels; the user's own without it")
    private static let python = CommandOption(
        names: ["--python"], value: .file, summary: "an interpreter that has ipykernel; python3 without it")

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
