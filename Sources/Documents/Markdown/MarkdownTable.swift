/// Lines of GitHub's tables.
enum MarkdownTable {
    /// What `| --- | :-: | --: |` says of the columns; nil for any other line.
    static func alignments(_ line: ArraySlice<Unicode.Scalar>) -> [MarkdownBlock.Alignment]? {
        guard line.contains("|"), line.allSatisfy({ $0 == "|" || $0 == "-" || $0 == ":" || $0.isBlankOrTab }) else { return nil }
        var alignments: [MarkdownBlock.Alignment] = []
        for cell in cells(of: Array(line)) {
            let dashes = cell.drop { $0 == ":" }.trimmed { $0 == ":" }
            guard !dashes.isEmpty, dashes.allSatisfy({ $0 == "-" }), cell.count <= dashes.count + 2 else { return nil }
            alignments.append(cell.last != ":" ? .left : cell.first == ":" ? .center : .right)
        }
        return alignments.isEmpty ? nil : alignments
    }

    /// The texts between the bars, of which `\|` is none and those in code are none.
    static func cells(of line: [Unicode.Scalar]) -> [ArraySlice<Unicode.Scalar>] {
        var cells: [ArraySlice<Unicode.Scalar>] = []
        var cell: [Unicode.Scalar] = []
        var ticks = BacktickRuns(line)
        func close() {
            cells.append(cell.drop(while: \.isBlankOrTab).trimmed(\.isBlankOrTab))
            cell = []
        }
        var i = line.firstIndex { !$0.isBlankOrTab } ?? line.count
        if i < line.count, line[i] == "|" { i += 1 }
        while i < line.count {
            switch line[i] {
            case "\\" where i + 1 < line.count:
                if line[i + 1] != "|" { cell.append("\\") }
                cell.append(line[i + 1])
                i += 2
            case "`":
                let length = line[i...].prefix { $0 == "`" }.count
                let end = ticks.next(length: length, from: i + length).map { $0 + length } ?? i + length
                cell += line[i..<end]
                i = end
            case "|":
                close()
                i += 1
            default:
                cell.append(line[i])
                i += 1
            }
        }
        if cell.contains(where: { !$0.isBlankOrTab }) { close() }
        return cells
    }
}
