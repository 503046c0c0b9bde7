import Foundation

/// How the terminal handles keys while the prompt has it, from its start to its end: they come one by one and unechoed,
/// pastes are marked, and Ctrl-C and Ctrl-Z are signals.
///
/// It stays so while a cell runs. What is typed meanwhile would otherwise be shown in the middle of the output, and of a
/// long paste the terminal would drop what goes beyond a line's buffer.
final class TerminalMode: @unchecked Sendable {
    private let lock = NSLock()
    /// As the terminal was found; nil while it is that way.
    private var original: termios?

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
            }
            tcsetattr(0, TCSADRAIN, &settings)
            _ = Descriptors.write(Array("\u{1B}[?2004h".utf8), to: 1)
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
