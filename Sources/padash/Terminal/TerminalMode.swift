import Foundation

/// How the terminal handles keys while the prompt has it, from its start to its end: they come one by one and unechoed,
/// pastes are marked, and Ctrl-C, Ctrl-Z and, while nothing is being read, Ctrl-\ are signals.
///
/// It stays so while a cell runs. What is typed meanwhile would otherwise be shown in the middle of the output, and of a
/// long paste the terminal would drop what goes beyond a line's buffer.
final class TerminalMode: @unchecked Sendable {
    private let lock = NSLock()
    /// As the terminal was found; nil while it is that way.
    private var original: termios?
    private var isReading = false

    /// Whether the terminal is the prompt's.
    var isEntered: Bool { lock.withLock { original != nil } }

    func enter() {
        lock.withLock {
            var settings = termios()
            // In the background it belongs to someone else.
            guard original == nil, Descriptors.canEdit, tcgetpgrp(0) == getpgrp(), tcgetattr(0, &settings) == 0 else { return }
            original = settings
            settings.c_lflag &= ~tcflag_t(ICANON | ECHO)
            settings.c_lflag |= tcflag_t(ISIG)
            settings.c_iflag &= ~tcflag_t(ICRNL | INLCR | IXON)
            withUnsafeMutableBytes(of: &settings.c_cc) { characters in
                characters[Int(VMIN)] = 1
                characters[Int(VTIME)] = 0
                // Ctrl-V is readline's.
                characters[Int(VLNEXT)] = 0
                if isReading { characters[Int(VQUIT)] = 0 }
            }
            tcsetattr(0, TCSADRAIN, &settings)
            _ = Descriptors.write(Array("\u{1B}[?2004h".utf8), to: 1)
        }
    }

    /// Runs `body`, which reads an entry, with Ctrl-\ as a key that does nothing. As a signal it would have the terminal
    /// throw away what was typed right before, and one that was typed in one go with an entry would end its cell.
    func whileReading<Result>(_ body: () -> Result) -> Result {
        setReading(true)
        defer { setReading(false) }
        return body()
    }

    private func setReading(_ reads: Bool) {
        lock.withLock {
            isReading = reads
            var settings = termios()
            guard let original, tcgetpgrp(0) == getpgrp(), tcgetattr(0, &settings) == 0 else { return }
            let key = withUnsafeBytes(of: original.c_cc) { $0[Int(VQUIT)] }
            withUnsafeMutableBytes(of: &settings.c_cc) { $0[Int(VQUIT)] = reads ? 0 : key }
            tcsetattr(0, TCSANOW, &settings)
        }
    }

    /// Gives the terminal back, before the process ends or is stopped, or an editor gets it.
    func leave() {
        lock.withLock {
            guard var settings = original else { return }
            original = nil
            guard tcgetpgrp(0) == getpgrp() else { return }
            _ = Descriptors.write(Array("\u{1B}[?2004l".utf8), to: 1)
            tcsetattr(0, TCSADRAIN, &settings)
        }
    }
}
