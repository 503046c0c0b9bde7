import Foundation
import NASLib
import Text

/// The three standard descriptors: whether they are terminals, how wide, and whether to use colour.
enum Descriptors {
    static let isInputTerminal = isTerminal(0)
    static let isOutputTerminal = isTerminal(1)
    static let isErrorTerminal = isTerminal(2)

    private static func isTerminal(_ descriptor: Int32) -> Bool { isatty(descriptor) == 1 && !Ranks.hasNoTerminal }

    /// Whether the user wants colour on a terminal (https://no-color.org).
    static let allowsColor = (FilePath.environment("NO_COLOR") ?? "").isEmpty && FilePath.environment("TERM") != "dumb"

    /// Columns of the terminal, or 80 where there is none.
    static var width: Int {
        window.map { max(20, Int($0.ws_col)) } ?? FilePath.environment("COLUMNS").flatMap { Int($0) }.map { min(max(20, $0), 1_000) } ?? 80
    }

    /// Rows of the terminal, or 24 where there is none.
    static var height: Int { window.flatMap { $0.ws_row > 0 ? max(4, Int($0.ws_row)) : nil } ?? 24 }

    private static var window: winsize? {
        var size = winsize()
        if Ranks.hasNoTerminal { return nil }
        for descriptor: Int32 in [1, 2, 0] where ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0 { return size }
        return nil
    }

    /// Whether a line editor may move the cursor about.
    static var canEdit: Bool { isInputTerminal && isOutputTerminal && FilePath.environment("TERM") != "dumb" }

    /// Whether standard input has something to read just now.
    static var isInputWaiting: Bool {
        var input = pollfd(fd: 0, events: Int16(POLLIN), revents: 0)
        return poll(&input, 1, 0) > 0
    }

    /// Opens what was handed over closed on /dev/null, so that no file opened later is taken for standard output.
    static func openMissing() {
        for descriptor: Int32 in 0...2 where fcntl(descriptor, F_GETFD) == -1 {
            _ = open("/dev/null", O_RDWR)
        }
    }

    /// Writes all bytes; gives the error number, or nil when they are all out.
    static func write(_ bytes: [UInt8], to descriptor: Int32) -> Int32? {
        bytes.withUnsafeBytes { buffer in
            var rest = buffer[...]
            while !rest.isEmpty {
                let count = Foundation.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                if count >= 0 {
                    rest = rest.dropFirst(count)
                } else if errno == EAGAIN {
                    // The descriptor was made non-blocking by whoever shares it.
                    var wait = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                    _ = poll(&wait, 1, -1)
                } else if errno != EINTR {
                    return errno
                }
            }
            return nil
        }
    }
}
