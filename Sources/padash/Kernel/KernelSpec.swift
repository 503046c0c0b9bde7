import Foundation
import Lang
import Runtime

/// What `padash kernel` does.
enum KernelAction: String, CaseIterable { case install, uninstall, serve }

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
        if let prefix { return "\((prefix as NSString).expandingTildeInPath)/share/jupyter/kernels/\(name)" }
        let data = Descriptors.environment("JUPYTER_DATA_DIR").flatMap { $0.isEmpty ? nil : $0 }
        return "\(data ?? KernelSpec.userData)/kernels/\(name)"
    }

    private static var userData: String {
        #if os(macOS)
        NSHomeDirectory() + "/Library/Jupyter"
        #else
        UserFolders.data + "/jupyter"
        #endif
    }

    /// A folder of that name that is another kernel's is never touched.
    private var isForeign: Bool {
        FileManager.default.fileExists(atPath: folder) && !FileManager.default.fileExists(atPath: "\(folder)/\(KernelSpec.script)")
    }

    /// Gives the exit code.
    func install() -> Int32 {
        guard let interpreter = KernelSpec.locate(python) else {
            return fail("there is no Python interpreter '\(python)'", hint: "the kernel needs Python with ipykernel: install them, or name one with --python")
        }
        guard KernelSpec.succeeds([interpreter, "-c", "import ipykernel"]) else {
            return fail("'\(interpreter)' has no package ipykernel", hint: "\(interpreter) -m pip install ipykernel, or name another interpreter with --python")
        }
        if isForeign { return fail("'\(folder)' is another kernel", hint: "choose another name: padash kernel install --name padash-2") }
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        } catch {
            return fail("the folder '\(folder)' cannot be made: \(error.localizedDescription)", hint: prefix == nil ? nil : "--prefix is a folder such as a virtual environment's")
        }
        let spec = Spec(
            argv: [interpreter, "\(URL(fileURLWithPath: folder).path)/\(KernelSpec.script)", "-f", "{connection_file}"], displayName: "padash", language: "pada",
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
        guard FileManager.default.fileExists(atPath: folder) else { return fail("there is no kernel in '\(folder)'", hint: "it may have been installed with another --name or --prefix") }
        if isForeign { return fail("'\(folder)' is another kernel, and stays", hint: nil) }
        do {
            try FileManager.default.removeItem(atPath: folder)
        } catch {
            return fail("the folder '\(folder)' cannot be removed: \(error.localizedDescription)", hint: nil)
        }
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
        Bundle.main.executableURL?.resolvingSymlinksInPath().path ?? URL(fileURLWithPath: CommandLine.arguments[0]).standardizedFileURL.path
    }

    /// The path of a program, searched for as a shell does.
    private static func locate(_ program: String) -> String? {
        if program.contains("/") {
            let path = URL(fileURLWithPath: (program as NSString).expandingTildeInPath).standardizedFileURL.path
            return FileManager.default.isExecutableFile(atPath: path) ? path : nil
        }
        let folders = (Descriptors.environment("PATH") ?? "").split(separator: ":")
        return folders.map { "\($0)/\(program)" }.first(where: FileManager.default.isExecutableFile)
    }

    private static func succeeds(_ command: [String]) -> Bool {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: command[0])
        process.arguments = Array(command.dropFirst())
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }
}
