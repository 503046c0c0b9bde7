import Foundation
import Lang
import NASLib
import Text

extension REPL {
    /// `:edit`, `:edit 3`: the cell's code in the user's editor, then run.
    func edit(_ operand: String) -> Int32? {
        var code = cells.last?.code ?? ""
        if !operand.isEmpty {
            guard let cell = cells.last(where: { String($0.number) == operand }) else {
                complain(Int(operand) == nil ? ":edit takes the number of a cell, such as :edit 3" : "there is no In [\(operand)]")
                return nil
            }
            code = cell.code
        }
        console.finish()
        terminal.leave()
        let edited = ExternalEditor.edit(code, complain: complain)
        terminal.enter()
        guard let edited else { return nil }
        let text = Entry.trimmed(edited)
        guard !text.isEmpty else { return nil }
        console.write(console.style.code(text.harmless) + "\n")
        editor.remember(text)
        return run(text)
    }
}

/// The editor that the user chose.
enum ExternalEditor {
    /// The text after it was edited; nil after saying why there is none.
    static func edit(_ text: String, complain: (String) -> Void) -> String? {
        let command = ["VISUAL", "EDITOR"].lazy.compactMap { FilePath.environment($0) }.first { !$0.isEmpty } ?? "vi"
        var name = Array(FilePath.joined(FilePath.temporaryFolder, "padash-XXXXXX.pada").utf8CString)
        let descriptor = mkstemps(&name, 5)
        let path = String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        guard descriptor >= 0 else {
            complain("no temporary file can be made: \(String(cString: strerror(errno)))")
            return nil
        }
        defer { unlink(path) }
        let failure = Descriptors.write(Array((text + "\n").utf8), to: descriptor)
        close(descriptor)
        guard failure == nil else {
            complain("'\(path)' cannot be written")
            return nil
        }
        // By the shell, as git does, so that the variable may hold arguments.
        let status = Child.run(["/bin/sh", "-c", "\(command) \"$1\"", "sh", path])
        guard status == 0 else {
            complain(status == 127 ? "the editor '\(command)' cannot be started; set VISUAL or EDITOR to another"
                : "the editor ended with code \(status), so nothing was run")
            return nil
        }
        guard let file = try? FileBytes(path), let edited = String(validating: file.bytes, as: UTF8.self) else {
            complain("what the editor left is not UTF-8 text, so nothing was run")
            return nil
        }
        return edited
    }
}
