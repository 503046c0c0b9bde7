import Lang
import NASLib
import Runtime

/// A function of the language as a layer of networks: `custom((x, w) => x @ w, weights: {w: [8, 8]})`.
final class PadaLayer: CustomFunction, @unchecked Sendable {
    private let root: Rooted
    let weights: [CustomWeight]
    let description: String
    private unowned let vm: VM
    private var known: [ImageShape: (output: ImageShape, multiplyAdds: Int)] = [:]

    init(_ function: Value, _ weights: [CustomWeight], _ vm: VM) {
        (root, self.weights, self.vm) = (Rooted(function, vm.heap), weights, vm)
        let text: String
        switch function.tag {
        case .closure:
            let prototype = function.asClosure.prototype.pointee.prototype
            text = prototype.source.text(of: prototype.span).split(whereSeparator: \.isWhitespace).joined(separator: " ")
        case .builtin: text = vm.registry.builtins[Int(function.payload)].name
        default: text = Printer.literal(function, limit: 60)
        }
        let sizes = weights.map { "\($0.name): \(Tensor.text($0.shape))" }.joined(separator: ", ")
        description = "custom(\(text.count > 60 ? "\(text.prefix(57))…" : text)\(weights.isEmpty ? "" : ", weights: {\(sizes)}"))"
    }

    func outputShape(for input: ImageShape) throws -> ImageShape { try measured(input).output }
    func multiplyAdds(for input: ImageShape) throws -> Int { try measured(input).multiplyAdds }

    /// Found by running the function on two images that are not all alike.
    private func measured(_ input: ImageShape) throws -> (output: ImageShape, multiplyAdds: Int) {
        if let known = known[input] { return known }
        let count = 2 * input.count
        let images = Tensor(shape: [2, input.height, input.width, input.channels], values: (0..<count).map { Float($0 % 7 + 1) / 8 })
        let started = weights.map { weight in
            weight.start ?? Tensor(shape: weight.shape, values: Array(repeating: 0.5, count: weight.shape.reduce(1, *)))
        }
        let (shape, multiplyAdds) = try MultiplyAdds.count { try call([images] + started).variable.shape }
        guard shape.count == 4, shape[0] == 2, shape[1...].allSatisfy({ $0 > 0 }) else {
            throw RuntimeError(
                .shape,
                """
                \(description) must give as many images as it gets: for 2 images, \(Tensor.text(images.shape)), it gives \
                \(Tensor.text(shape))
                """,
                hint: "the axes are [images, height, width, channels]; keep them with keepdims: true, or reshape")
        }
        let measured = (ImageShape(height: shape[1], width: shape[2], channels: shape[3]), multiplyAdds / 2)
        known[input] = measured
        return measured
    }

    func apply(_ images: Tensor, _ weights: [Tensor], differentiates: Bool) throws -> (result: Tensor, pullback: CustomPullback?) {
        guard let shape = known[ImageShape(height: images.shape[1], width: images.shape[2], channels: images.shape[3])]?.output else {
            preconditionFailure("the network was built with the function's shapes")
        }
        let (result, recording) = try call([images] + weights, differentiates: differentiates)
        let expected = [images.shape[0], shape.height, shape.width, shape.channels]
        guard result.shape == expected else {
            throw RuntimeError(.shape,
                "\(description) gave \(Tensor.text(result.shape)) for \(Tensor.text(images.shape)), and \(Tensor.text(expected)) was due")
        }
        guard let recording else { return (result.tensor, nil) }
        return (result.tensor, { delta in
            let gradients = try recording.gradients(of: result, delta)
            return (gradients[0], Array(gradients[1...]))
        })
    }

    /// Calls the function, with a tape of its own where derivatives are wanted.
    private func call(_ tensors: [Tensor], differentiates: Bool = false) throws -> (variable: Variable, recording: Recording?) {
        let enclosing = vm.tape
        let protectedCount = vm.protected.count
        defer {
            vm.tape = enclosing
            vm.protected.removeSubrange(protectedCount...)
        }
        let recording = differentiates ? try Recording(tensors, vm) : nil
        vm.tape = recording?.tape
        let arguments = (recording?.inputs ?? tensors.map(Variable.init)).map { Value.host(vm.heap.host(TensorObject($0))) }
        for argument in arguments { vm.protected.append(argument) }
        let value = try vm.call(root.value, arguments)
        guard value.tag == .host, let object = value.hostObject as? TensorObject else {
            throw RuntimeError(
                .type, "\(description) must give a tensor of images, not \(value.typePhrase)",
                hint: value.isNil ? "its last expression is its value" : nil)
        }
        return (object.variable, recording)
    }

    /// A tape that is closed when nothing needs it any more.
    private final class Recording {
        let tape: Tape
        let inputs: [Variable]

        init(_ tensors: [Tensor], _ vm: VM) throws {
            let tape = Tape(limit: Limit.memory / MemoryLayout<Float>.stride)
            tape.poll = { [unowned vm] in try vm.checkInterruption() }
            self.tape = tape
            inputs = try tensors.map { try tape.input(Variable($0)) }
        }

        deinit { tape.close() }

        func gradients(of result: Variable, _ delta: Tensor) throws -> [Tensor] {
            try zip(tape.gradients(of: result, seed: Variable(delta), at: inputs), inputs).map { gradient, input in
                try gradient?.tensor ?? Tensor(repeating: 0, shape: input.shape)
            }
        }
    }
}

extension Library {
    static let customLayers: [Builtin] = [
        .fn("custom", "forward, weights: {}",
            """
            A function as a layer, as a block. It gets a batch of images as a tensor with the axes [images, height, width, channels] and \
            gives a tensor with the same axes, where all sizes but the first may differ. It is differentiated as by `grad`. `weights` \
            names its trained parameters: each by its shape, drawn uniformly from ±1/sqrt(product of all sizes but the last) (zeros for a \
            single axis), or by a tensor to start from. The function runs on one thread. `space.params` counts its weights, and \
            `space.flops` half of the multiply-adds of its matrix products, `einsum` and `conv2d` for two images.
            """,
            """
            let scaled = custom((x, w, b) => gelu(x @ w + b), weights: {w: [8, 8], b: [8]})
            let mine = space([conv(8), "batch_norm", choice("op", {conv: conv(8), scaled: scaled}), "global_pool", dense(10)])
            mine.params("op=scaled") - mine.params("op=conv")  # => -504
            """) { call in
            let function = try call.function(0)
            let given = call.has(1) ? Array(try call.map(1).pairs) : []
            let names = Signature(of: function, call.vm.registry)
            let weights = try given.enumerated().map { i, entry -> CustomWeight in
                guard entry.key.tag == .string, i + 1 < names.parameters.count, !names.parameters[i + 1].isRest,
                    names.parameters[i + 1].name == entry.key.asString.text else {
                    throw call.invalid(
                        1, "'weights' names \(Printer.literal(entry.key, limit: 40)), and the function's parameters are (\(names.text))",
                        hint: "it names those after the first, in their order")
                }
                return try weight(entry.key.asString.text, entry.value, call)
            }
            guard names.hasRest || names.parameters.count > given.count, names.requiredCount <= 1 + given.count else {
                throw call.invalid(1,
                    "the function's parameters are (\(names.text)): the images and \(given.count) weights are not what it takes")
            }
            let layer = PadaLayer(function, weights, call.vm)
            return call.object(BlockObject(.layer(.custom(Custom(layer))), size: 1, depth: 1))
        },
    ]

    private static func weight(_ name: String, _ value: Value, _ call: Call) throws -> CustomWeight {
        if value.tag == .host, let object = value.hostObject as? TensorObject {
            return CustomWeight(name: name, shape: object.tensor.shape, start: object.tensor)
        }
        guard value.tag == .list, let shape = sizes(value.asList) else {
            throw call.invalid(1,
                "weight '\(name)' must be a shape, such as [8, 8], or a tensor to start from, not \(call.describe(value))")
        }
        _ = try Tensor.count(of: shape)
        return CustomWeight(name: name, shape: shape, start: nil)
    }

    private static func sizes(_ list: ListRef) -> [Int]? {
        let sizes = list.array.compactMap { $0.tag == .int && $0.asInt > 0 ? $0.asInt : nil }
        return sizes.count == list.count ? sizes : nil
    }
}
