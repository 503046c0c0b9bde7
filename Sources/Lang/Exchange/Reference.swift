/// What a library says of itself, topic by topic: what its pages and `padash doc` are made from.
public struct Reference: Sendable {
    public struct Topic: Sendable {
        public var title: String
        /// Markdown.
        public var doc: String
        public var functions: [Entry]
        /// Members by the names of their types.
        public var types: [(name: String, members: [Entry])]

        public init(title: String, doc: String = "", functions: [Entry] = [], types: [(name: String, members: [Entry])] = []) {
            (self.title, self.doc, self.functions, self.types) = (title, doc, functions, types)
        }

        public var entries: [Entry] { functions + types.flatMap(\.members) }

        public var anchor: String { "topic-" + title.lowercased().replacing(" ", with: "-") }
    }

    public struct Entry: Sendable {
        public var name: String
        public var usage: String
        /// Markdown.
        public var doc: String
        public var example: String

        public init(name: String, usage: String, doc: String, example: String) { (self.name, self.usage, self.doc, self.example) = (name, usage, doc, example) }
    }

    public var title: String
    public var introduction: String
    public var topics: [Topic]

    public init(title: String, introduction: String, topics: [Topic]) { (self.title, self.introduction, self.topics) = (title, introduction, topics) }
}
