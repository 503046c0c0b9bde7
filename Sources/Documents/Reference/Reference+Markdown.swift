import Lang

extension Reference {
    /// The reference as one Markdown page.
    package func markdown() -> String {
        var lines = ["# \(title)", "", introduction, "", "## Contents", ""]
        for topic in topics {
            lines.append("- [\(topic.title)](#\(topic.anchor)): "
                + topic.entries.map { "[`\($0.name)`](#\($0.name))" }.joined(separator: ", "))
        }
        for topic in topics {
            lines += ["", "<a id=\"\(topic.anchor)\"></a>", "## \(topic.title)"]
            if !topic.doc.isEmpty { lines += ["", topic.doc] }
            for function in topic.functions { lines += markdown(of: function, level: "###") }
            for type in topic.types {
                lines += ["", "### Members of \(type.name)"]
                for member in type.members { lines += markdown(of: member, level: "####") }
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private func markdown(of entry: Entry, level: String) -> [String] {
        var lines = ["", "<a id=\"\(entry.name)\"></a>", "\(level) `\(entry.usage)`", "", entry.doc]
        if !entry.example.isEmpty { lines += ["", "```pada", entry.example, "```"] }
        return lines
    }
}
