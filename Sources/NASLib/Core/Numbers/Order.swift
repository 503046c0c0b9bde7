extension Array where Element: Comparable {
    /// The elements in their order; `check` is called at each comparison, and may throw to stop.
    package func inOrder(check: () throws -> Void) rethrows -> [Element] {
        try sorted {
            try check()
            return $0 < $1
        }
    }
}
