import Foundation

/// `padash` in a terminal of its own, with someone typing.
final class Terminal {
    private let master: Int32
    private let child: pid_t
    private let folder: TemporaryFolder
    /// Everything shown so far, without escape sequences and carriage returns.
    private(set) var screen = ""
    /// The same with the escape sequences.
    private(set) var raw = ""
    /// The rows of the screen as they stand now.
    var rows: [String] { display.rows }
    private var display: Screen
    private var pending: [UInt8] = []
    private var hasExited = false

    /// POSIX_SPAWN_SETSID, which Swift's Glibc module leaves out.
    private static let startsSession: Int16 = 0x80

    struct Failure: Error, CustomStringConvertible { var description: String }

    /// Without a history, rc file, `~/.inputrc` and colours unless `environment` says otherwise.
    init(_ arguments: [String] = [], columns: UInt16 = 100, rows: UInt16 = 50, environment: [String: String] = [:]) throws {
        folder = try TemporaryFolder()
        display = Screen(columns: Int(columns), height: Int(rows))
        var size = winsize(ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
        var (master, slave): (Int32, Int32) = (-1, -1)
        var name = [CChar](repeating: 0, count: 256)
        guard openpty(&master, &slave, &name, nil, &size) == 0 else { throw Failure(description: "no pseudo-terminal") }
        defer { close(slave) }
        self.master = master
        // The terminal becomes the child's controlling one because it is the first that a session leader opens.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        posix_spawnattr_setflags(&attributes, Terminal.startsSession)
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawn_file_actions_addopen(&actions, 0, name, O_RDWR, 0)
        posix_spawn_file_actions_adddup2(&actions, 0, 1)
        posix_spawn_file_actions_adddup2(&actions, 0, 2)
        posix_spawn_file_actions_addclose(&actions, master)
        posix_spawn_file_actions_addclose(&actions, slave)
        defer {
            posix_spawnattr_destroy(&attributes)
            posix_spawn_file_actions_destroy(&actions)
        }
        var variables = ["TERM": "xterm", "XDG_STATE_HOME": folder.url.path, "XDG_CONFIG_HOME": folder.url.path, "INPUTRC": "/dev/null", "NO_COLOR": "1", "PATH": "/usr/bin:/bin"]
        variables.merge(environment) { $1 }
        var argv = ([Binary.url.path] + arguments).map { strdup($0) } + [nil]
        var envp = variables.map { strdup("\($0)=\($1)") } + [nil]
        defer { (argv + envp).forEach { free($0) } }
        var pid: pid_t = 0
        let status = posix_spawn(&pid, Binary.url.path, &actions, &attributes, &argv, &envp)
        guard status == 0 else { throw Failure(description: "padash cannot be started: \(String(cString: strerror(status)))") }
        child = pid
    }

    func type(_ text: String) {
        let bytes = Array(text.utf8)
        _ = write(master, bytes, bytes.count)
    }

    /// Makes the window narrower or wider, and its process aware of that.
    func resize(columns: UInt16) {
        var size = winsize(ws_row: UInt16(display.height), ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
        _ = ioctl(master, UInt(TIOCSWINSZ), &size)
    }

    /// Waits until `text` appears after what was waited for before, and gives what came up to its end.
    @discardableResult
    func wait(for text: String, seconds: Double = 30) throws -> String {
        let deadline = Date(timeIntervalSinceNow: seconds)
        while true {
            if let range = unread.range(of: text) {
                let found = String(unread[..<range.upperBound])
                unread = String(unread[range.upperBound...])
                return found
            }
            guard Date() < deadline, readSome() else { throw Failure(description: "\(text.debugDescription) did not appear. The screen:\n\(screen)") }
        }
    }

    /// Types an entry once there is a prompt for it.
    func enter(_ text: String, at prompt: String) throws {
        try wait(for: prompt)
        type(text + "\r")
    }

    /// The exit code, after the process ended.
    func exitCode(seconds: Double = 30) throws -> Int32 {
        let deadline = Date(timeIntervalSinceNow: seconds)
        while Date() < deadline {
            var status: Int32 = 0
            if waitpid(child, &status, WNOHANG) == child {
                hasExited = true
                return status & 0x7f == 0 ? (status >> 8) & 0xff : -(status & 0x7f)
            }
            _ = readSome()
        }
        throw Failure(description: "padash goes on. The screen:\n\(screen)")
    }

    private var unread = ""

    /// False once nobody is at the other end.
    private func readSome() -> Bool {
        var wait = pollfd(fd: master, events: Int16(POLLIN), revents: 0)
        guard poll(&wait, 1, 50) > 0 else { return true }
        var chunk = [UInt8](repeating: 0, count: 4096)
        let count = read(master, &chunk, chunk.count)
        guard count > 0 else { return false }
        pending += chunk[..<count]
        // Whole escape sequences and characters only.
        guard let text = String(validating: pending, as: UTF8.self), text.firstMatch(of: /\u{1B}(\[[0-9;?]*)?$/) == nil else { return true }
        pending = []
        let visible = text.replacing(/\u{1B}(\[[0-9;?]*[A-Za-z]|[=>])|[\u{1}\u{2}\u{7}]/, with: "").replacingOccurrences(of: "\r", with: "")
        raw += text
        display.show(text)
        screen += visible
        unread += visible
        return true
    }

    deinit {
        if !hasExited {
            kill(child, SIGKILL)
            waitpid(child, nil, 0)
        }
        close(master)
    }
}
