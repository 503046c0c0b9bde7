import Foundation
import Lang
import NASLib
import Text

/// `padash kernel install` and `uninstall`: tells Jupyter about padash by a folder with two files.
struct KernelSpec {
    /// The folder's name, by which Jupyter calls the kernel.
    var name: String
    /// Whose `share/jupyter/kernels` it goes to; nil for the user's own.
    var prefix: String?
    /// The interpreter that runs the kernel's Python side.
    var python: String

    private static let script = "padash_kernel.py"

    init(name: String?, prefix: String?, python: String?) throws(Invocation.Mistake) {
        self.name = name ?? "padash"
        self.prefix = prefix
        self.python = python ?? "python3"
        let allowed = self.name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-_.".contains($0)) }
        guard allowed, !self.name.isEmpty, !self.name.hasPrefix(".") else {
            throw Invocation.Mistake(message: "a kernel cannot be named '\(self.name)'", hint: "Jupyter allows letters, digits and - _ .")
        }
    }

    private var folder: String {
        if let prefix { return "\(FilePath.expandingHome(prefix))/share/jupyter/kernels/\(name)" }
        let data = FilePath.environment("JUPYTER_DATA_DIR").flatMap { $0.isEmpty ? nil : $0 }
        return "\(data ?? KernelSpec.userData)/kernels/\(name)"
    }

    private static var userData: String {
        #if os(macOS)
        FilePath.joined(FilePath.home, "Library/Jupyter")
        #else
        UserFolders.data + "/jupyter"
        #endif
    }

    /// A folder of that name that is another kernel's is never touched.
    private var isForeign: Bool {
        FilePath.exists(folder) && !FilePath.exists("\(folder)/\(KernelSpec.script)")
    }

    /// Gives the exit code.
    func install() -> Int32 {
        guard let interpreter = KernelSpec.locate(python) else {
            return fail("there is no Python interpreter '\(python)'",
                hint: "the kernel needs Python with ipykernel: install them, or name one with --python")
        }
        guard Child.run([interpreter, "-c", "import ipykernel"], isSilent: true) == 0 else {
            return fail("'\(interpreter)' has no package ipykernel",
                hint: "\(interpreter) -m pip install ipykernel, or name another interpreter with --python")
        }
        if isForeign { return fail("'\(folder)' is another kernel", hint: "choose another name: padash kernel install --name padash-2") }
        let location: String
        do {
            try FilePath.makeFolder(folder)
            location = try FilePath.absolute(folder)
        } catch {
            return fail("the folder '\(folder)' cannot be made: \((error as? SystemError)?.reason ?? "\(error)")",
                hint: prefix == nil ? nil : "--prefix is a folder such as a virtual environment's")
        }
        let spec = Spec(
            argv: [interpreter, "\(location)/\(KernelSpec.script)", "-f", "{connection_file}"], displayName: "padash", language: "pada",
            interruptMode: "signal", environment: ["PADASH": KernelSpec.executable])
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        guard let text = try? encoder.encode(spec) else { return fail("the kernel's description cannot be written", hint: nil) }
        let code = max(
            Report.write(String(decoding: PackageResources.padash_kernel_py, as: UTF8.self), to: "\(folder)/\(KernelSpec.script)"),
            Report.write(String(decoding: text, as: UTF8.self) + "\n", to: "\(folder)/kernel.json"))
        return code == 0 ? Report.say("installed the kernel '\(name)' in \(folder)\n") : code
    }

    /// Gives the exit code.
    func uninstall() -> Int32 {
        guard FilePath.exists(folder) else {
            return fail("there is no kernel in '\(folder)'", hint: "it may have been installed with another --name or --prefix")
        }
        if isForeign { return fail("'\(folder)' is another kernel, and stays", hint: nil) }
        FileMove.removeAll(folder)
        if FilePath.exists(folder) { return fail("the folder '\(folder)' cannot be removed: \(SystemError(errno).reason)", hint: nil) }
        return Report.say("removed the kernel '\(name)' from \(folder)\n")
    }

    private func fail(_ message: String, hint: String?) -> Int32 {
        Report.complain([Diagnostic(.io, message, at: nil, hint: hint)])
        return ExitCode.runtimeError
    }

    /// kernel.json, by Jupyter's names.
    private struct Spec: Encodable {
        var argv: [String]
        var displayName: String
        var language: String
        var interruptMode: String
        var environment: [String: String]

        enum CodingKeys: String, CodingKey {
            case argv, language
            case displayName = "display_name"
            case interruptMode = "interrupt_mode"
            case environment = "env"
        }
    }

    /// Where this program is.
    private static var executable: String {
        let name = Arguments.all.first?.text ?? "padash"
        return FilePath.real("/proc/self/exe") ?? locate(name).flatMap(FilePath.real) ?? name
    }

    /// The path of a program, searched for as a shell does.
    private static func locate(_ program: String) -> String? {
        if program.contains("/") {
            return (try? FilePath.absolute(FilePath.expandingHome(program))).flatMap { isProgram($0) ? $0 : nil }
        }
        let folders = (FilePath.environment("PATH") ?? "").split(separator: ":")
        return folders.map { "\($0)/\(program)" }.first(where: isProgram)
    }

    private static func isProgram(_ path: String) -> Bool { FilePath.isPlainFile(path) && access(path, X_OK) == 0 }
}
