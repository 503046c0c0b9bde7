import NASLib

/// How often a key was pressed.
final class Presses: Sendable {
    private let count = Guarded(0)

    /// Counts one more, and gives how many there are by now.
    func add() -> Int {
        count.withLock {
            $0 += 1
            return $0
        }
    }

    func reset() { count.withLock { $0 = 0 } }
}
