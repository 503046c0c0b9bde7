/// Names and syntax from other languages, and what to write instead.
package struct Habits: Sendable {
    let names: [String: String]
    /// By the name behind the point and the type of what stands before it.
    let member: @Sendable (_ name: String, _ type: String) -> String?

    package init(names: [String: String] = [:], member: @escaping @Sendable (_ name: String, _ type: String) -> String? = { _, _ in nil }) {
        (self.names, self.member) = (names, member)
    }
}
