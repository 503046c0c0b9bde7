import Foundation
import NASLib
import Runtime
import Text

/// Tensors as text.
enum TensorText {
    /// As it can be read back: `tensor([[1.0, 2.0], [3.0, 4.0]])`.
    static func literal(_ tensor: Tensor) -> String {
        // Nested lists cannot tell the shape of what has no elements.
        guard tensor.count > 0 || tensor.rank == 1 else { return "zeros(\(Tensor.text(tensor.shape)))" }
        var text = "tensor("
        write(tensor, axis: 0, offset: 0, into: &text)
        return text + ")"
    }

    private static func write(_ tensor: Tensor, axis: Int, offset: Int, into text: inout String) {
        guard axis < tensor.rank else {
            text += number(tensor.values[offset])
            return
        }
        let stride = tensor.shape[(axis + 1)...].reduce(1, *)
        text += "["
        for i in 0..<tensor.shape[axis] {
            if i > 0 { text += ", " }
            if text.utf8.count > 16 << 20 {
                text += "…"
                break
            }
            write(tensor, axis: axis + 1, offset: offset + i * stride, into: &text)
        }
        text += "]"
    }

    private static func number(_ x: Float) -> String { x.isFinite ? "\(x)" : Numbers.shortest(Double(x)) }

    /// As the REPL shows it: the shape, and the rows with their numbers aligned, cut off where there are many.
    static func table(_ tensor: Tensor, width: Int) -> String {
        guard tensor.rank > 0, tensor.count > 0 else { return literal(tensor) }
        let columns = tensor.shape[tensor.rank - 1]
        let rows = tensor.count / columns
        let shownRows = min(rows, 20)
        let cells = (0..<shownRows).map { row in (0..<min(columns, 40)).map { String(format: "%.4g", tensor.values[row * columns + $0]) } }
        let cellWidth = (cells.flatMap(\.self).map(\.count).max() ?? 1) + 2
        let shownColumns = max(1, min(columns, 40, (width - 8) / cellWidth))
        var lines = ["tensor of shape \(Tensor.text(tensor.shape))"]
        for (i, row) in cells.enumerated() {
            // A blank line between matrices.
            if tensor.rank > 2, i > 0, i % tensor.shape[tensor.rank - 2] == 0 { lines.append("") }
            let text = row[..<shownColumns].map { String(repeating: " ", count: cellWidth - $0.count) + $0 }.joined()
            lines.append(text + (shownColumns < columns ? "  … \(columns - shownColumns) more" : ""))
        }
        if shownRows < rows { lines.append("  … \(rows - shownRows) more rows") }
        return lines.joined(separator: "\n")
    }
}
