import Foundation

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
        console.write(console.style.code(text) + "\n")
        editor.remember(text)
        return run(text)
    }
}

/// The editor that the user chose.
enum ExternalEditor {
    /// The text after it was edited; nil after saying why there is none.
    static func edit(_ text: String, complain: (String) -> Void) -> String? {
        let command = ["VISUAL", "EDITOR"].lazy.compactMap { Descriptors.environment($0) }.first { !$0.isEmpty } ?? "vi"
        var name = Array((NSTemporaryDirectory() + "/padash-XXXXXX.pada").utf8CString)
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
        let status = run(command, path)
        guard status == 0 else {
            complain(status == 127 ? "the editor '\(command)' cannot be started; set VISUAL or EDITOR to another" : "the editor ended with code \(status), so nothing was run")
            return nil
        }
        guard let data = FileManager.default.contents(atPath: path), let edited = String(validating: data, as: UTF8.self) else {
            complain("what the editor left is not UTF-8 text, so nothing was run")
            return nil
        }
        return edited
    }

    /// Runs `command path` by the shell, as git does, so that the variable may hold arguments. Gives the exit code.
    /// Foundation's Process would put the editor into a group of its own, which may not read from the terminal.
    private static func run(_ command: String, _ path: String) -> Int32 {
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var defaults = sigset_t(), mask = sigset_t()
        sigemptyset(&defaults)
        sigaddset(&defaults, SIGPIPE)
        sigemptyset(&mask)
        posix_spawnattr_setsigdefault(&attributes, &defaults)
        posix_spawnattr_setsigmask(&attributes, &mask)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))
        let words: [String] = ["sh", "-c", "\(command) \"$1\"", "sh", path]
        var arguments = words.map { strdup($0) } + [nil]
        defer { arguments.forEach { free($0) } }
        var child: pid_t = 0
        guard posix_spawn(&child, "/bin/sh", nil, &attributes, &arguments, environ) == 0 else { return 127 }
        var status: Int32 = 0
        while waitpid(child, &status, 0) == -1, errno == EINTR {}
        return status & 0x7F == 0 ? (status >> 8) & 0xFF : 128 + (status & 0x7F)
    }
}
