extension Reference {
    /// As one page of Markdown.
    public func markdown(title: String) -> String {
        var lines = ["# \(title)", "", Reference.introduction, "", "## Contents", ""]
        for topic in topics {
            lines.append("- [\(topic.title)](#\(topic.anchor)): " + topic.entries.map { "[`\($0.name)`](#\($0.name))" }.joined(separator: ", "))
        }
        for topic in topics {
            lines += ["", "<a id=\"\(topic.anchor)\"></a>", "## \(topic.title)"]
            for builtin in topic.functions { lines += markdown(of: builtin, level: "###") }
            for type in topic.types {
                lines += ["", "### Members of \(type.name)"]
                for member in type.members { lines += markdown(of: member, level: "####") }
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private func markdown(of builtin: Builtin, level: String) -> [String] {
        var lines = ["", "<a id=\"\(builtin.name)\"></a>", "\(level) `\(builtin.usage)`", "", builtin.doc]
        if !builtin.example.isEmpty { lines += ["", "```pada", builtin.example, "```"] }
        return lines
    }
}
