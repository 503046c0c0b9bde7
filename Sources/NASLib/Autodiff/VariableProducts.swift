/// Products that sum over an axis: of matrices, by index notation, and convolution.
extension Variable {
    /// The matrix product [n, k] @ [k, m] = [n, m]; a vector on the left is a row, one on the right a column. Axes before
    /// the last two number matrices and are broadcast.
    public static func product(_ a: Variable, _ b: Variable) throws -> Variable {
        guard a.rank > 0, b.rank > 0, a.shape[a.rank - 1] == b.shape[max(0, b.rank - 2)] else {
            throw Tensor.productError(a.shape, b.shape)
        }
        let left = a.rank > 1 ? a : try a.reshaped([1, a.count]), right = b.rank > 1 ? b : try b.reshaped([b.count, 1])
        let result = try matrixProduct(left, right)
        guard a.rank == 1 || b.rank == 1 else { return result }
        var shape = result.shape
        if b.rank == 1 { shape.removeLast() }
        if a.rank == 1 { shape.remove(at: b.rank == 1 ? shape.count - 1 : shape.count - 2) }
        return try result.reshaped(shape)
    }

    /// d(AB) = dA B + A dB, so A's share is d B^T and B's is A^T d; transposed operands have it the other way round.
    private static func matrixProduct(_ a: Variable, _ b: Variable, _ ta: Bool = false, _ tb: Bool = false) throws -> Variable {
        let (shapeA, shapeB) = (a.shape, b.shape)
        return try record(
            try Tensor.product(a.tensor, b.tensor, transposeA: ta, transposeB: tb),
            a, { d, _ in try share(shapeA, ta ? (b, d, tb, true) : (d, b, false, !tb)) },
            b, { d, _ in try share(shapeB, tb ? (d, a, true, ta) : (a, d, !ta, false)) })
    }

    private static func share(_ shape: [Int], _ p: (Variable, Variable, Bool, Bool)) throws -> Variable {
        // A matrix that many were multiplied by: the sum over them is one product of tall matrices.
        if shape.count == 2, p.0.rank > 2, p.0.rank == p.1.rank, p.0.shape.dropLast(2) == p.1.shape.dropLast(2), p.2, !p.3 {
            return try matrixProduct(p.0.flattenedRows(), p.1.flattenedRows(), true, false)
        }
        return try matrixProduct(p.0, p.1, p.2, p.3).summed(to: shape)
    }

    private func flattenedRows() throws -> Variable { try reshaped([shape.dropLast().reduce(1, *), shape[rank - 1]]) }

    // MARK: - Index notation

    /// Sums of products by Einstein's notation: `"ij,jk->ik"` is the matrix product. Letters that the result lacks are
    /// summed over; without `->` the result has the letters that occur once, in alphabetical order. `...` stands for the axes that have no
    /// letters, which are broadcast against each other; without `->` they come first.
    public static func einsum(_ notation: String, _ operands: [Variable]) throws -> Variable {
        let (inputs, output, operands) = try parse(notation, operands)
        var sizes: [Character: Int] = [:]
        for (letters, operand) in zip(inputs, operands) {
            for (letter, size) in zip(letters, operand.shape) {
                guard sizes[letter, default: size] == size else {
                    let shapes = operands.map { Tensor.text($0.shape) }.joined(separator: " and ")
                    throw NASError(.shape, "einsum: in \"\(notation)\" with shapes \(shapes) the axis '\(letter)' has both size \(sizes[letter] ?? 0) and \(size)")
                }
                sizes[letter] = size
            }
        }
        var terms = try zip(inputs, operands).map { try withoutRepeats($0, $1) }
        while terms.count > 1 {
            let (a, b) = (terms.removeFirst(), terms.removeFirst())
            let needed = Set(output).union(terms.flatMap(\.letters))
            terms.insert(try contract(a, b, keeping: needed), at: 0)
        }
        let term = try summed(terms[0], keeping: Set(output))
        return try term.tensor.transposed(output.compactMap { term.letters.firstIndex(of: $0) })
    }

    private typealias Term = (letters: [Character], tensor: Variable)

    private static func parse(
        _ notation: String, _ operands: [Variable]
    ) throws -> (inputs: [[Character]], output: [Character], operands: [Variable]) {
        // One character for the axes without letters.
        let rest: Character = "…"
        let sides = notation.filter { $0 != " " }.replacing("...", with: "…").split(separator: "->", omittingEmptySubsequences: false)
        var inputs = (sides.first ?? "").split(separator: ",", omittingEmptySubsequences: false).map(Array.init)
        let known = Set(inputs.joined())
        guard sides.count <= 2, known.allSatisfy({ $0.isLetter && $0.isASCII || $0 == rest }),
            inputs.allSatisfy({ $0.count { $0 == rest } <= 1 })
        else {
            throw NASError(.shape, "einsum: \"\(notation)\" is not like \"ij,jk->ik\": one letter for each axis, \"...\" for the others")
        }
        guard inputs.count == operands.count else {
            throw NASError(.shape, "einsum: \"\(notation)\" is for \(inputs.count) tensors, and there are \(operands.count)")
        }
        for (letters, operand) in zip(inputs, operands)
        where letters.contains(rest) ? letters.count - 1 > operand.rank : letters.count != operand.rank {
            throw NASError(.shape, "einsum: \"\(String(letters).replacing("…", with: "..."))\" has \(letters.count { $0 != rest }) letters for a tensor of shape \(Tensor.text(operand.shape))")
        }
        let all = inputs.joined()
        var output =
            sides.count == 2
            ? Array(sides[1])
            : known.filter { letter in letter == rest || all.count { $0 == letter } == 1 }.sorted { $1 != rest && ($0 == rest || $0 < $1) }
        guard Set(output).count == output.count, known.isSuperset(of: output) else {
            throw NASError(.shape, "einsum: the result \"\(sides[1].replacing("…", with: "..."))\" must have letters of \"\(sides[0].replacing("…", with: "..."))\", each once")
        }
        guard known.contains(rest) else { return (inputs, output, operands) }
        // The axes without letters get letters of their own, counted from the last; those of size 1 that another tensor repeats go away.
        let counts = zip(inputs, operands).map { letters, operand in letters.contains(rest) ? operand.rank - letters.count + 1 : 0 }
        let most = counts.max() ?? 0
        let names = (0..<most).map { Character(UnicodeScalar(UInt8(0xc0 + $0))) }
        var common: [Int] = []
        for (i, operand) in operands.enumerated() where counts[i] > 0 {
            let first = inputs[i].firstIndex(of: rest) ?? 0
            common = try Tensor.broadcastShape(common, Array(operand.shape[first..<first + counts[i]]), "einsum")
        }
        var reshaped = operands
        for i in operands.indices {
            guard let first = inputs[i].firstIndex(of: rest) else { continue }
            let kept = (0..<counts[i]).filter { operands[i].shape[first + $0] == common[most - counts[i] + $0] }
            let shape = operands[i].shape
            reshaped[i] = try operands[i].reshaped(shape[..<first] + kept.map { shape[first + $0] } + shape[(first + counts[i])...])
            inputs[i].replaceSubrange(first...first, with: kept.map { names[most - counts[i] + $0] })
        }
        if let place = output.firstIndex(of: rest) { output.replaceSubrange(place...place, with: names) }
        return (inputs, output, reshaped)
    }

    /// The diagonal where a letter stands for two axes of one tensor.
    private static func withoutRepeats(_ letters: [Character], _ tensor: Variable) throws -> Term {
        var (letters, tensor) = (letters, tensor)
        while let second = letters.indices.first(where: { letters[..<$0].contains(letters[$0]) }),
            let first = letters.firstIndex(of: letters[second])
        {
            let letter = letters[second]
            tensor = try tensor.diagonal(first, second)
            letters.remove(at: second)
            letters.remove(at: first)
            letters.append(letter)
        }
        return (letters, tensor)
    }

    private static func summed(_ term: Term, keeping needed: Set<Character>) throws -> Term {
        let axes = term.letters.indices.filter { !needed.contains(term.letters[$0]) }
        return axes.isEmpty ? term : (term.letters.filter(needed.contains), try term.tensor.sum(axes))
    }

    /// One matrix product for each value of the letters that both have and that stay.
    private static func contract(_ a: Term, _ b: Term, keeping needed: Set<Character>) throws -> Term {
        let a = try summed(a, keeping: needed.union(b.letters)), b = try summed(b, keeping: needed.union(a.letters))
        let shared = a.letters.filter(b.letters.contains)
        let batch = shared.filter(needed.contains), inner = shared.filter { !needed.contains($0) }
        let rows = a.letters.filter { !shared.contains($0) }, columns = b.letters.filter { !shared.contains($0) }
        func arranged(_ term: Term, _ groups: [[Character]]) throws -> (Variable, [[Int]]) {
            let places = groups.map { $0.compactMap { term.letters.firstIndex(of: $0) } }
            let sizes = places.map { $0.map { term.tensor.shape[$0] } }
            let order = places.flatMap(\.self)
            let moved = order == Array(term.letters.indices) ? term.tensor : try term.tensor.transposed(order)
            return (try moved.reshaped(sizes.map { $0.reduce(1, *) }), sizes)
        }
        let (left, sizesA) = try arranged(a, [batch, rows, inner])
        let (right, sizesB) = try arranged(b, [batch, inner, columns])
        let product = try matrixProduct(left, right)
        return (batch + rows + columns, try product.reshaped(sizesA[0] + sizesA[1] + sizesB[2]))
    }

    // MARK: - Images

    /// Cross-correlation of images [batch, channels, height, width] with kernels [outputs, channels, height, width],
    /// zeros around the images.
    public static func convolution(_ x: Variable, _ kernels: Variable, stride: Int, padding: Int) throws -> Variable {
        guard x.rank == 4, kernels.rank == 4, x.shape[1] == kernels.shape[1] else {
            throw NASError(.shape, "conv2d: it needs images [batch, channels, height, width] and kernels [outputs, channels, height, width], not \(Tensor.text(x.shape)) and \(Tensor.text(kernels.shape))")
        }
        let windows = try windows("conv2d", x, (kernels.shape[2], kernels.shape[3]), stride: stride, padding: padding)
        let outputs = kernels.shape[0]
        let product = try matrixProduct(kernels.reshaped([outputs, kernels.count / max(1, outputs)]), x.unfolded(windows))
        return try product.reshaped([x.shape[0], outputs, windows.height, windows.width])
    }

    /// The windows of a pooling, [batch, channels, elements of a window, height, width].
    public func pooled(_ operation: String, size: Int, stride: Int) throws -> Variable {
        guard rank == 4 else {
            throw NASError(.shape, "\(operation): it needs images [batch, channels, height, width], not \(Tensor.text(shape))")
        }
        let windows = try Variable.windows(operation, self, (size, size), stride: stride, padding: 0)
        return try unfolded(windows).reshaped([shape[0], shape[1], size * size, windows.height, windows.width])
    }

    private static func windows(
        _ operation: String, _ x: Variable, _ kernel: (height: Int, width: Int), stride: Int, padding: Int
    ) throws -> Windows {
        let reach = (x.shape[2] + 2 * min(padding, 1 << 20), x.shape[3] + 2 * min(padding, 1 << 20))
        guard kernel.height > 0, kernel.width > 0, kernel.height <= reach.0, kernel.width <= reach.1 else {
            throw NASError(.shape, "\(operation): windows of \(kernel.height) by \(kernel.width) do not fit images of shape \(Tensor.text(x.shape)) with padding \(padding)")
        }
        require(stride > 0 && padding >= 0, "a stride is positive and a padding not negative: \(stride) and \(padding) are not")
        // A stride beyond the images leaves one window.
        let windows = Windows(x.shape, kernel: kernel, stride: min(stride, max(reach.0, reach.1)), padding: min(padding, 1 << 20))
        _ = try Tensor.count(of: windows.shape)
        return windows
    }
}
