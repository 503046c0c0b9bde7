import NASLib
import Runtime
import Text

/// A piece of a network that a space is declared from: `conv(16)`, `choice("op", {…})`.
final class BlockObject: HostObject, ConstantObject {
    let block: Block
    /// Blocks in it, and how deep they lie: a block may hold another many times over.
    let size: Int
    let depth: Int

    init(_ block: Block, size: Int, depth: Int) {
        (self.block, self.size, self.depth) = (block, size, depth)
    }

    override var typeName: String { "block" }
    override var description: String { block.description }
    /// Of the list of its parts, which may be parts of others too.
    override var footprint: Int { block.partCount * 64 }
    override func isEqual(to other: HostObject) -> Bool { (other as? BlockObject)?.block == block }
    override var hashForKey: Int? { block.description.hashValue }

    static let largestSize = 100_000, largestDepth = 200
    /// Layers that need no numbers, by their names.
    static let plain: [(name: String, block: Block)] = Activation.allCases.map { ($0.rawValue, .layer(.activation($0))) } + [
        ("batch_norm", .batchNormalization), ("layer_norm", .layer(.layerNormalization(affine: true))), ("global_pool", .globalPool),
        ("flatten", .flatten), ("shift", .layer(.shift)), ("skip", .identity), ("none", .zero()),
    ]
}

extension Call {
    /// A block, a list of blocks one after the other, or the name of a layer.
    func block(_ value: Value, argument index: Int, depth: Int = 0) throws -> BlockObject {
        switch value.tag {
        case .host:
            if let object = value.hostObject as? BlockObject { return object }
        case .string:
            let name = value.asString.text
            if let known = BlockObject.plain.first(where: { $0.name == name }) { return BlockObject(known.block, size: 1, depth: 1) }
            let names = BlockObject.plain.map(\.name)
            let hint = Suggestion.nearest(to: name, among: names).map { "did you mean \"\($0)\"?" }
            throw invalid(index, "\"\(name.prefix(60))\" is not a layer",
                hint: hint ?? "layers without numbers are \(names.joined(separator: ", "))")
        case .list:
            guard depth < BlockObject.largestDepth else { throw tooLarge(index) }
            return try combined(value.asList.array, argument: index, depth: depth + 1) { .sequence($0) }
        default: break
        }
        throw RuntimeError(
            .type, "'\(signature.parameters[index].name)' must be made of blocks, not \(describe(value))",
            hint: "a block is conv(16), a list of blocks, or a name such as \"relu\"", argument: index)
    }

    func block(_ index: Int) throws -> BlockObject { try block(value(index), argument: index) }

    /// What `make` makes of several blocks.
    func combined(_ values: [Value], argument index: Int, depth: Int = 0, _ make: ([Block]) -> Block) throws -> BlockObject {
        let parts = try values.map { try block($0, argument: index, depth: depth) }
        return try combined(parts, argument: index) { make(parts.map(\.block)) }
    }

    func combined(_ parts: [BlockObject], times: Int = 1, argument index: Int, _ make: () -> Block) throws -> BlockObject {
        let inner = parts.reduce(0) { $0 + $1.size }
        let (size, overflows) = inner.multipliedReportingOverflow(by: times)
        let depth = 1 + (parts.map(\.depth).max() ?? 0)
        guard !overflows, size < BlockObject.largestSize, depth <= BlockObject.largestDepth else { throw tooLarge(index) }
        return BlockObject(make(), size: size + 1, depth: depth)
    }

    private func tooLarge(_ index: Int) -> RuntimeError {
        RuntimeError(
            .limit, "the block is too large: it may have \(BlockObject.largestSize) layers, \(BlockObject.largestDepth) deep",
            argument: index)
    }

    fileprivate func layer(_ layer: Block.Layer) -> Value { object(BlockObject(.layer(layer), size: 1, depth: 1)) }

    /// A size of a layer: at least 1, and not so large that products of sizes overflow.
    func extent(_ index: Int, default fallback: Int? = nil, atLeast minimum: Int = 1) throws -> Int {
        let value = try int(index, default: fallback, atLeast: minimum)
        guard value <= 1 << 20 else { throw invalid(index, "'\(signature.parameters[index].name)' must not be so large: \(value)") }
        return value
    }
}

extension Library {
    static let blocks: [Builtin] = [
        .fn("conv", "channels, kernel: 3, stride: 1, padding: nil, dilation: 1, groups: 1, bias: false",
            """
            A convolution with `channels` outputs, as a block of a declared space. Without `padding`, images keep their size if the stride \
            is 1. A list of blocks is a sequence, and layers that need no settings are written by name: `"relu"`, `"relu6"`, `"gelu"`, \
            `"swish"`, `"sigmoid"`, `"tanh"`, `"hard_swish"`, `"hard_sigmoid"`, `"batch_norm"`, `"layer_norm"`, `"global_pool"`, \
            `"flatten"`, `"shift"` (one pixel up and left), `"skip"` (the input as it is) and `"none"` (zeros).
            """,
            "conv(16, kernel: 5, stride: 2)  # => conv(16, kernel: 5, stride: 2)") { call in
            var layer = Block.Convolution(outputs: try call.extent(0), kernel: try call.extent(1))
            layer.stride = try call.extent(2)
            if call.isGiven(3) { layer.padding = try call.extent(3, atLeast: 0) }
            layer.dilation = try call.extent(4)
            layer.groups = try call.extent(5)
            layer.bias = try call.bool(6)
            return call.layer(.convolution(layer))
        },
        .fn("depthwise", "kernel: 3, stride: 1, padding: nil, dilation: 1, bias: false",
            "A depthwise convolution, which treats each channel separately, as a block.",
            "depthwise(kernel: 5)  # => depthwise(kernel: 5)") { call in
            var layer = Block.Convolution(outputs: nil, kernel: try call.extent(0), isDepthwise: true)
            layer.stride = try call.extent(1)
            if call.isGiven(2) { layer.padding = try call.extent(2, atLeast: 0) }
            layer.dilation = try call.extent(3)
            layer.bias = try call.bool(4)
            return call.layer(.convolution(layer))
        },
        .fn("dense", "outputs, bias: true",
            "A linear layer on images of one pixel, as a block. A space ends with one, whose outputs are the classes.",
            "dense(10)  # => dense(10)") { call in
            call.layer(.linear(outputs: try call.extent(0), bias: try call.bool(1)))
        },
        .fn("batch_norm", "affine: nil",
            """
            Batch normalisation, as a block. By default it has gamma, beta and running statistics in a stand-alone network and none in a \
            supernet; `affine` turns gamma and beta on or off in both.
            """, "batch_norm(affine: true)  # => batch_norm(affine: true)") { call in
            call.layer(.batchNormalization(affine: call.isGiven(0) ? try call.bool(0) : nil))
        },
        .fn("layer_norm", "affine: true", "Layer normalisation over the channels of each pixel, as a block.",
            "layer_norm()  # => layer_norm()") { call in
            call.layer(.layerNormalization(affine: try call.bool(0)))
        },
        .fn("group_norm", "groups, affine: true",
            """
            Group normalisation of each image over its pixels and the channels of a group (Wu and He, 2018), as a block. It is the same in \
            training and evaluation, for batches of any size. One group covers all channels; a group for each channel is instance \
            normalisation.
            """, "group_norm(4)  # => group_norm(4)") { call in
            call.layer(.groupNormalization(groups: try call.extent(0), affine: try call.bool(1)))
        },
        .fn("upsample", "factor: 2", "Repeats each pixel as a square of `factor` x `factor` pixels, as a block.",
            """
            let mine = space([conv(4, stride: 2), "relu", choice("up", {twice: upsample(2)}), conv(4), "global_pool", dense(10)])
            mine.flops("up=twice", input: [8, 8, 1])  # => 9832
            """) { call in
            call.layer(.upsampling(factor: try call.extent(0)))
        },
        .fn("max_pool", "kernel, stride: kernel, padding: 0", "The largest number of each window, as a block.",
            "max_pool(3, stride: 2, padding: 1)  # => max_pool(3, stride: 2, padding: 1)") { call in
            let kernel = try call.extent(0)
            return call.layer(
                .maximumPool(kernel: kernel, stride: try call.extent(1, default: kernel), padding: try call.extent(2, atLeast: 0)))
        },
        .fn("avg_pool", "kernel, stride: kernel, padding: 0, count_padding: false",
            "The average of each window, as a block; `count_padding` says whether the padding counts as zeros.",
            "avg_pool(2)  # => avg_pool(2, stride: 2, padding: 0)") { call in
            let kernel = try call.extent(0)
            return call.layer(.averagePool(
                kernel: kernel, stride: try call.extent(1, default: kernel), padding: try call.extent(2, atLeast: 0),
                countsPadding: try call.bool(3)))
        },
        .fn("zero", "stride: 1", "Zeros in the shape of the image reduced by the stride, as a block; `\"none\"` is this without a stride.",
            "zero(stride: 2)  # => zero(stride: 2)") { call in
            call.layer(.zero(stride: try call.extent(0)))
        },
        .fn("dropout", "rate",
            "Dropout: in training, sets a random share of the numbers to 0, drawn from the ambient generator, as a block.",
            "dropout(0.1)  # => dropout(0.1)") { call in
            let rate = try call.double(0)
            guard rate >= 0, rate < 1 else { throw call.invalid(0, "'rate' must be from 0 to below 1, not \(rate)") }
            return call.layer(.dropout(rate))
        },
        .fn("squeeze_excite", "reduction: 4",
            """
            Squeeze and excitation (Hu et al., 2018), as a block: multiplies each channel by a number from 0 to 1, which two small layers \
            compute from the means of all channels.
            """,
            "squeeze_excite(reduction: 8)  # => squeeze_excite(reduction: 8)") { call in
            call.layer(.squeezeExcite(reduction: try call.extent(0)))
        },
        .fn("sequence", "blocks, times: 1",
            """
            Blocks one after the other, repeated `times` times, with separate weights each time but the same decisions. A list of blocks \
            is also a sequence.
            """,
            "sequence([conv(8), \"relu\"], times: 2)  # => [conv(8, kernel: 3), \"relu\", conv(8, kernel: 3), \"relu\"]") { call in
            let block = try call.block(0)
            let times = try call.int(1, atLeast: 0)
            return call.object(try call.combined([block], times: times, argument: 0) {
                .sequence(Array(repeating: block.block.steps, count: times).flatMap(\.self))
            })
        },
        .fn("parallel", "blocks, join: \"sum\"",
            """
            Blocks with the same input. Their outputs are added or, with `join: "concat"`, their channels concatenated.
            """,
            "parallel([conv(8), conv(8, kernel: 1)])  # => parallel([conv(8, kernel: 3), conv(8, kernel: 1)])") { call in
            let join: Join = try call.option(1)
            return call.object(try call.combined(try call.list(0).array, argument: 0) { join == .sum ? .sum($0) : .concatenation($0) })
        },
        .fn("residual", "block, shortcut: \"skip\"", "The block's output plus its input, or plus the output of `shortcut`.",
            "residual(conv(8))  # => parallel([conv(8, kernel: 3), \"skip\"])") { call in
            let body = try call.block(0)
            let shortcut = try call.block(1)
            return call.object(try call.combined([body, shortcut], argument: 0) { .residual(body.block, shortcut: shortcut.block) })
        },
        .fn("gate", "block", "The input times the block's output, which is one number for each channel.",
            """
            gate(["global_pool", conv(8, kernel: 1), "sigmoid"])  # => \
            gate(["global_pool", conv(8, kernel: 1), "sigmoid"])
            """) { call in
            let inner = try call.block(0)
            return call.object(try call.combined([inner], argument: 0) { .gate(inner.block) })
        },
        .fn("cell", "nodes, edge, join: \"last\", inputs: [\"skip\"]",
            """
            A graph as a block: node 0 is the input, and every later node is the sum of its incoming edges. `edge(i, j)` gives the block \
            on the edge from node i to node j, or nil for no edge. The output is the last node or, with `join: "concat"`, the channels of \
            all nodes after the inputs. `inputs` lists the blocks applied to the input. With two blocks, nodes 0 and 1 are inputs, as in \
            DARTS: node 0 gets the input of the previous such cell (for the first cell, its own input), and node 1 the value before the \
            cell.
            """,
            """
            cell(3, (i, j) => choice("{i}->{j}", {skip: "skip", conv: conv(8)}))  # => cell(nodes: 3)
            let align = ["relu", conv(8, kernel: 1), "batch_norm"]
            let two = cell(4, (i, j) => choice("{i}->{j}", {skip: "skip", conv: conv(8)}), join: "concat", inputs: [align, align])
            two.choices  # => ["0->2", "1->2", "0->3", "1->3", "2->3"]
            """) { call in
            let inputs = try call.list(3).array.map { try call.block($0, argument: 3) }
            guard (1...2).contains(inputs.count) else { throw call.invalid(3, "a cell has one or two inputs, not \(inputs.count)") }
            let nodes = try call.int(0, atLeast: inputs.count + 1)
            guard nodes <= 64 else { throw call.invalid(0, "a cell has at most 64 nodes, not \(nodes)") }
            let function = try call.function(1)
            let join: CellJoin = try call.option(2)
            var edges: [Block.Cell.Edge] = []
            var parts: [BlockObject] = []
            for target in inputs.count..<nodes {
                for source in 0..<target {
                    let value = try call.vm.call(function, [.int(source), .int(target)])
                    if value.isNil { continue }
                    call.protect(value)
                    parts.append(try call.block(value, argument: 1))
                    edges.append(.init(source, target, parts[parts.count - 1].block))
                }
            }
            return call.object(try call.combined(inputs + parts, argument: 1) {
                .cell(.init(inputs: inputs.map(\.block), nodes: nodes, edges: edges, concatenates: join == .concat))
            })
        },
        .fn("choice", "name, candidates",
            """
            A choice of the space, as a block: `candidates` maps names to blocks. Choices with the same name are one decision, made alike \
            wherever the name occurs; each place has its own weights.
            """,
            "choice(\"op\", {skip: \"skip\", conv: conv(8)})  # => choice(\"op\", {skip: \"skip\", conv: conv(8, kernel: 3)})") { call in
            let name = try call.text(0)
            var parts: [BlockObject] = []
            var candidates: [Block.Candidate] = []
            for (key, value) in try call.map(1).pairs {
                guard key.tag == .string else { throw call.invalid(1, "a candidate's name must be a string, not \(call.describe(key))") }
                parts.append(try call.block(value, argument: 1))
                candidates.append(.init(key.asString.text, parts[parts.count - 1].block))
            }
            return call.object(try call.combined(parts, argument: 1) { .choice(name: name, candidates: candidates) })
        },
        .fn("space", "block, name: \"space\"",
            """
            A space of architectures, declared as a block that ends with `dense(classes)`. It is a distribution over paths like the \
            built-in spaces, and `supernet` takes it. A path is written as `choice=candidate choice=candidate`.
            """,
            """
            let ops = {conv: conv(8), depthwise: [depthwise(kernel: 5), "batch_norm"], skip: "skip"}
            let mine = space([conv(8), "batch_norm", "relu", choice("first", ops), "relu", choice("second", ops), "global_pool", dense(10)])
            mine.size  # => 9
            mine.path("first=skip second=conv").choices  # => [2, 0]
            """) { call in
            let block = try call.block(0)
            let name = try call.text(1)
            let space = try DeclaredSpace(name: name, block.block)
            return call.object(
                SpaceObject(space,
                recipe: """
                <space \(name): \(space.choices.count) choices, \(space.size.map { "\($0) paths" } ?? "more paths than an int can count")>
                """))
        },
        .property("block.choices", "The names of the block's choices, in order.") { call in
            try call.list(try call.receiver(BlockObject.self).block.choiceNames)
        },
    ]

    private enum Join: String, CaseIterable { case sum, concat }
    private enum CellJoin: String, CaseIterable { case last, concat }
}
