/// The operations other than convolutions and the two that NAS-Bench-201 has besides: forward and backward side by side.
extension Worker {
    /// Adds an edge's outputs to its node's value, or makes them its value.
    func forward(_ edge: Plan.Edge, node n: Int, example: Int, adds: Bool) {
        let node = plan.nodes[n]
        let source = plan.shape(ofSource: edge.source)
        let row = edge.source < 0 ? source.channels : lanes(source.channels)
        let pixels = source.height * source.width
        let x = sourceImage(edge.source, example)
        let y = arena + layout.values[n] + example * node.count
        switch edge.operation {
        case .identity, .averagePool, .convolution, .batchNormalization, .custom: preconditionFailure("the worker does these itself")
        case .pool(let layer):
            let pooling = Pooling(layer, height: source.height, width: source.width, channels: row)
            if layer.kind == .average { pooling.average(x, into: y, adds: adds) } else { pooling.maximum(x, into: y, adds: adds) }
        case .globalPool(let activation):
            // Into the scratch, so that the activation is computed once for each number.
            var from = x
            if let activation {
                activation.apply(x, into: scratch.input.pointer, count: pixels * row)
                from = UnsafePointer(scratch.input.pointer)
            }
            for block in 0..<row / 8 {
                var sum = Vector.zero
                for p in 0..<pixels { sum += from.vectors[p * row / 8 + block] }
                y.vectors[block] = adds ? y.vectors[block] + sum / Float(pixels) : sum / Float(pixels)
            }
            Channels.clearTails(y, pixels: 1, channels: node.channels, row: row)
        case .activation(let activation):
            activation.apply(x, into: y, count: node.count)
            if !activation.keepsZero { Channels.clearTails(y, pixels: pixels, channels: node.channels, row: row) }
        case .dropout(let layer):
            if isTraining {
                Dropout(rate: layer.rate, seed: executor.dropoutSeed, layer: layer.index, example: example).apply(x, into: y, count: node.count, adds: adds)
            } else {
                Elementwise.accumulate(x, mask: nil, into: y, count: node.count, adds: adds)
            }
        case .layerNormalization(let layer):
            LayerNormalization(pixels: pixels, channels: node.channels, row: row, epsilon: Float(ConvolutionLayer.epsilon))
                .forward(x, affine: layer.isAffine ? UnsafePointer(weights + layer.affineOffset) : nil, into: y, adds: adds)
        case .gate(let factor):
            let f = sourceImage(factor, example)
            for p in 0..<pixels {
                for block in 0..<row / 8 {
                    let i = p * row / 8 + block
                    let product = x.vectors[i] * f.vectors[block]
                    y.vectors[i] = adds ? y.vectors[i] + product : product
                }
            }
        case .flatten:
            if !adds { y.update(repeating: 0, count: node.count) }
            Channels.add(x, fromRow: row, into: y, toRow: source.channels, pixels: pixels, channels: source.channels)
        case .load:
            if !adds { y.update(repeating: 0, count: node.count) }
            Channels.add(x, fromRow: row, into: y, toRow: node.row, pixels: pixels, channels: source.channels)
        case .shift:
            if !adds { y.update(repeating: 0, count: node.count) }
            for r in 1..<max(1, source.height) {
                Channels.add(
                    x + (r * source.width + 1) * row, fromRow: row, into: y + (r - 1) * source.width * row, toRow: row, pixels: source.width - 1, channels: row)
            }
        case .concatenation(let start):
            if !adds { y.update(repeating: 0, count: node.count) }
            Channels.add(x, fromRow: row, into: y + start, toRow: node.row, pixels: pixels, channels: source.channels)
        }
    }

    /// Hands a node's delta on to an edge's source and parameters; `adds` tells whether the source's delta holds something already.
    func propagate(_ edge: Plan.Edge, node n: Int, adds: Bool) {
        guard edge.source >= 0 else { return }
        let node = plan.nodes[n]
        let source = plan.nodes[edge.source]
        for chunk in chunks {
            for example in partition.chunks[chunk] {
                let x = sourceImage(edge.source, example)
                let dy = UnsafePointer(arena + layout.deltas[n] + example * node.count)
                let dx = arena + layout.deltas[edge.source] + example * source.count
                if !adds { dx.update(repeating: 0, count: source.count) }
                switch edge.operation {
                case .identity, .averagePool, .convolution, .batchNormalization, .layerNormalization, .gate, .load, .custom:
                    preconditionFailure("the worker does these itself")
                case .pool(let layer):
                    let pooling = Pooling(layer, height: source.height, width: source.width, channels: source.row)
                    if layer.kind == .average { pooling.averageDelta(dy, into: dx) } else { pooling.maximumDelta(dy, at: x, into: dx) }
                case .globalPool(let activation):
                    let share = scratch.input.pointer
                    for p in 0..<source.pixels {
                        for block in 0..<source.row / 8 { share.vectors[p * source.row / 8 + block] = dy.vectors[block] / Float(source.pixels) }
                    }
                    if let activation {
                        activation.accumulateDelta(share, at: x, into: dx, count: source.count, adds: true)
                    } else {
                        Elementwise.accumulate(share, mask: nil, into: dx, count: source.count, adds: true)
                    }
                case .activation(let activation): activation.accumulateDelta(dy, at: x, into: dx, count: source.count, adds: true)
                case .dropout(let layer):
                    Dropout(rate: layer.rate, seed: executor.dropoutSeed, layer: layer.index, example: example)
                        .apply(dy, into: dx, count: source.count, adds: true)
                case .flatten:
                    Channels.add(dy, fromRow: source.channels, into: dx, toRow: source.row, pixels: source.pixels, channels: source.channels)
                case .shift:
                    for r in 1..<max(1, source.height) {
                        Channels.add(
                            dy + (r - 1) * source.width * source.row, fromRow: source.row, into: dx + (r * source.width + 1) * source.row,
                            toRow: source.row, pixels: source.width - 1, channels: source.row)
                    }
                case .concatenation(let start):
                    Channels.add(dy + start, fromRow: node.row, into: dx, toRow: source.row, pixels: source.pixels, channels: source.channels)
                }
            }
        }
    }

    func propagate(_ layer: NormalizationLayer, from source: Int, node n: Int, adds: Bool) {
        let node = plan.nodes[n]
        let normalization = LayerNormalization(
            pixels: node.pixels, channels: node.channels, row: node.row, epsilon: Float(ConvolutionLayer.epsilon))
        func propagate(_ chunk: Int, affine: UnsafePointer<Float>?, gradient: UnsafeMutablePointer<Float>?) {
            for example in partition.chunks[chunk] {
                let dx = arena + layout.deltas[source] + example * node.count
                if !adds { dx.update(repeating: 0, count: node.count) }
                normalization.backward(
                    arena + layout.deltas[n] + example * node.count, at: sourceImage(source, example), affine: affine, into: dx, gradient: gradient)
            }
        }
        for chunk in chunks {
            if layer.isAffine {
                addShare(chunk, layer.affineOffset, count: 2 * node.row) { propagate(chunk, affine: weights + layer.affineOffset, gradient: $0) }
            } else {
                propagate(chunk, affine: nil, gradient: nil)
            }
        }
    }

    /// Product rule: dx += dy * f, df += sum over pixels of dy * x.
    func propagateGate(_ edge: Plan.Edge, factor: Int, node n: Int, adds: Bool, addsToFactor: Bool) {
        let node = plan.nodes[n]
        let row = node.row
        for chunk in chunks {
            for example in partition.chunks[chunk] {
                let x = sourceImage(edge.source, example), f = sourceImage(factor, example)
                let dy = UnsafePointer(arena + layout.deltas[n] + example * node.count)
                let dx = arena + layout.deltas[edge.source] + example * node.count
                let df = arena + layout.deltas[factor] + example * row
                if !adds { dx.update(repeating: 0, count: node.count) }
                if !addsToFactor { df.update(repeating: 0, count: row) }
                for block in 0..<row / 8 {
                    var sum = Vector.zero
                    for p in 0..<node.pixels {
                        let i = p * row / 8 + block
                        dx.vectors[i] += dy.vectors[i] * f.vectors[block]
                        sum += dy.vectors[i] * x.vectors[i]
                    }
                    df.vectors[block] += sum
                }
            }
        }
    }

    /// Of what a normalisation by itself is about to normalise.
    func accumulateMoments(_ state: PlanLayout.Normalization) {
        let node = plan.nodes[state.node]
        accumulateMoments(state.statistics, of: arena + layout.values[state.source], pixels: node.pixels, channels: node.row)
    }

    func propagate(_ state: PlanLayout.Normalization, adds: Bool) {
        let node = plan.nodes[state.node]
        let image = scratch.delta.images(1, height: node.height, width: node.width, channels: node.row, border: 0)
        for chunk in chunks {
            for example in partition.chunks[chunk] {
                normalizationDelta(
                    state.statistics, arena + layout.deltas[state.node] + example * node.count, sourceImage(state.source, example),
                    into: image, height: node.height, width: node.width, channels: node.row, border: 0)
                Elementwise.accumulate(
                    image, mask: nil, into: arena + layout.deltas[state.source] + example * node.count, count: node.count, adds: adds)
            }
        }
    }
}

extension GroupedConvolution {
    init(_ layer: ConvolutionLayer) {
        self.init(inputs: layer.inputs, outputs: layer.outputs, groups: layer.groups, row: layer.outputLanes)
    }
}

extension Pooling {
    init(_ layer: PoolLayer, height: Int, width: Int, channels: Int) {
        self.init(
            height: height, width: width, channels: channels, kernel: layer.kernel, stride: layer.stride, padding: layer.padding,
            countsPadding: layer.countsPadding)
    }
}
