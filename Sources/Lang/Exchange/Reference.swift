/// The documentation of a library, topic by topic, from which its pages and `padash doc` are made.
package struct Reference: Sendable {
    package struct Topic: Sendable {
        package var title: String
        /// The documentation, as Markdown.
        package var doc: String
        package var functions: [Entry]
        /// Members by the names of their types.
        package var types: [(name: String, members: [Entry])]

        package init(title: String, doc: String = "", functions: [Entry] = [], types: [(name: String, members: [Entry])] = []) {
            (self.title, self.doc, self.functions, self.types) = (title, doc, functions, types)
        }

        package var entries: [Entry] { functions + types.flatMap(\.members) }

        package var anchor: String { "topic-" + title.lowercased().replacing(" ", with: "-") }
    }

    package struct Entry: Sendable {
        package var name: String
        package var usage: String
        /// The documentation, as Markdown.
        package var doc: String
        package var example: String

        package init(name: String, usage: String, doc: String, example: String) {
            (self.name, self.usage, self.doc, self.example) = (name, usage, doc, example)
        }
    }

    package var title: String
    package var introduction: String
    package var topics: [Topic]

    package init(title: String, introduction: String, topics: [Topic]) {
        (self.title, self.introduction, self.topics) = (title, introduction, topics)
    }
}
