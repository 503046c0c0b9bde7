import Documents
import Foundation
import Lang
import NASLib
import Text

/// `padash notebook --watch`: writes the document anew whenever the script's file is saved, and runs what changed.
struct NotebookWatch {
    let command: NotebookCommand
    let output: NotebookFile.Output

    /// Seconds between two looks at the file.
    private static let interval = 0.2

    /// Runs until Ctrl-C is pressed while it waits. Gives the exit code.
    func run(_ notebook: Notebook) -> Int32 {
        let runner = NotebookRunner(command: command, output: output)
        let state = WatchState()
        Signals.watch([SIGINT]) { _ in
            switch state.press() {
            case .stopCell: runner.interrupt()
            case .leave: _exit(0)
            case .leaveAtOnce: _exit(ExitCode.interrupted)
            }
        }
        var notebook = notebook
        var text = (try? FileBytes(command.path))?.bytes
        var stamp = FileStamp(path: command.path)
        while true {
            runner.forgetInterruption()
            state.begin()
            let code = runner.run(notebook)
            state.end()
            Report.complain(
                "\(output.path) is written\(code == 0 ? "" : ", with errors"); waiting for \(command.path) to be saved, Ctrl-C ends")
            repeat {
                repeat { Thread.sleep(forTimeInterval: NotebookWatch.interval) } while FileStamp(path: command.path) == stamp
                stamp = FileStamp(path: command.path)
            } while !reread(&notebook)
            let saved = (try? FileBytes(command.path))?.bytes
            // Saved as it was: everything is to run again, with the files that it reads.
            if saved == text { runner.reset() }
            text = saved
        }
    }

    /// False where the file cannot be read just now, perhaps because an editor is about to replace it.
    private func reread(_ notebook: inout Notebook) -> Bool {
        do throws(Diagnostic) {
            notebook = try NotebookFile.read(command.path)
            return true
        } catch {
            if FilePath.exists(command.path) { Report.complain([error]) }
            return false
        }
    }
}

/// When a file was written last, and how long it is.
private struct FileStamp: Equatable {
    private var seconds = 0
    private var nanoseconds = 0
    private var size = 0
    private var inode: UInt64 = 0

    init(path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return }
        (seconds, nanoseconds, size, inode) = (status.st_mtim.tv_sec, status.st_mtim.tv_nsec, Int(status.st_size), UInt64(status.st_ino))
    }
}

/// What Ctrl-C means: while cells run it stops them, at the second press for good; while nothing runs it ends the watch.
private final class WatchState: @unchecked Sendable {
    enum Answer { case stopCell, leave, leaveAtOnce }

    private let lock = NSLock()
    private var isRunning = false
    private var presses = 0

    func begin() {
        lock.withLock {
            isRunning = true
            presses = 0
        }
    }

    func end() { lock.withLock { isRunning = false } }

    func press() -> Answer {
        lock.withLock {
            presses += 1
            return !isRunning ? .leave : presses > 1 ? .leaveAtOnce : .stopCell
        }
    }
}
