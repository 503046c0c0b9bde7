/// All numbers of a network, in flat arrays: weights, their momentum, their gradient. A step touches only the ranges
/// of the layers that its path uses.
final class ParameterStore: @unchecked Sendable {
    private(set) var count = 0
    private(set) var runningCount = 0
    private(set) var weights: UnsafeMutablePointer<Float>
    private(set) var momentum: UnsafeMutablePointer<Float>
    private(set) var gradient: UnsafeMutablePointer<Float>
    /// Running means and variances of batch normalisation.
    private(set) var running: UnsafeMutablePointer<Float>
    /// What an optimizer's rule remembers; nil where none has made a step yet.
    var ruleMemory: RuleMemory?
    private var buffers: [AlignedBuffer] = []
    /// In the order in which they were added; a layer's `place.index` is its position.
    private(set) var layers: [any StoredLayer] = []

    init() {
        let empty = AlignedBuffer()
        (weights, momentum, gradient, running) = (empty.pointer, empty.pointer, empty.pointer, empty.pointer)
        buffers = [empty]
    }

    /// Gives a layer its place. All layers are added before `allocate`.
    func add<Layer: StoredLayer>(_ layer: Layer) -> Layer {
        var layer = layer
        layer.place.index = layers.count
        layer.place.offsets = layer.slots.map { $0.isRunning ? reserveRunning($0.count) : reserve($0.count) }
        layers.append(layer)
        return layer
    }

    /// Room for numbers, aligned for vectors. An offset tells ranges apart, so that none has no room at all.
    func reserve(_ size: Int) -> Int {
        defer { count += (max(1, size) + 15) / 16 * 16 }
        return count
    }

    private func reserveRunning(_ size: Int) -> Int {
        defer { runningCount += size }
        return runningCount
    }

    /// Throws where there is no memory for that many numbers.
    func allocate() throws {
        try MemoryAccount.ask(floats: 3 * count + runningCount)
        buffers = (0..<4).map { _ in AlignedBuffer() }
        for (buffer, size) in zip(buffers, [count, count, count, runningCount]) { try buffer.ensure(size) }
        weights = buffers[0].pointer
        momentum = buffers[1].pointer
        gradient = buffers[2].pointer
        running = buffers[3].pointer
    }

    /// Writes the numbers that all layers start from.
    func start(using generator: inout Generator) {
        for layer in layers { layer.start(weights, running: running, using: &generator) }
    }
}
