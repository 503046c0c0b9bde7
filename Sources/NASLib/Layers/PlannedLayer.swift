/// What an edge of a plan does to the images of its source: a layer for images of one shape.
protocol PlannedLayer: Hashable, Sendable {
    /// Whether an image of zeros gives zeros.
    var keepsZero: Bool { get }
    /// The function that it applies to what it reads.
    var activation: Activation? { get }
    /// The same layer with a function that it applies to what it reads; nil where it cannot.
    func applying(_ activation: Activation) -> (any PlannedLayer)?
    /// Whether it reads the input images as they are, whose pixels have no more floats than channels.
    var readsImage: Bool { get }
    /// Whether it must be the only edge of its node.
    var needsNode: Bool { get }
    /// Whether it draws random numbers in training.
    var isRandom: Bool { get }
    /// Whether it keeps its outputs beside the node's values.
    var keepsOutputs: Bool { get }
    /// How it goes together with a scale of what it reads, see `NodeScales`.
    var scaling: Scaling { get }
    /// What zero-cost proxies have in its place: nothing random, and no normalisation where `normalizes` is false.
    func plain(normalizes: Bool) -> any PlannedLayer
    /// The layer at its place in the memory of a batch.
    func step(at site: Site, _ memory: inout StepMemory) -> any LayerStep
}

/// f(2^e x) is 2^e f(x); or the weights take up the scale; or what is read must stay as it is.
enum Scaling { case keeps, weights, fixed }

extension PlannedLayer {
    var keepsZero: Bool { true }
    var activation: Activation? { nil }
    func applying(_ activation: Activation) -> (any PlannedLayer)? { nil }
    var readsImage: Bool { false }
    var needsNode: Bool { false }
    var isRandom: Bool { false }
    var keepsOutputs: Bool { false }
    var scaling: Scaling { .keeps }
    func plain(normalizes: Bool) -> any PlannedLayer { self }

    func isEqual(to other: any PlannedLayer) -> Bool { other as? Self == self }
}

/// A layer with a number of its own among those of a store, and its arrays there.
protocol StoredLayer: PlannedLayer {
    var place: LayerPlace { get set }
    /// Its arrays, in the order in which they lie in the store; nothing else about them is told anywhere.
    var slots: [ParameterSlot] { get }
    var naming: ArrayNaming { get }
    /// Writes the numbers that it starts from; offsets are those of its place.
    func start(_ weights: UnsafeMutablePointer<Float>, running: UnsafeMutablePointer<Float>, using generator: inout Generator)
}

/// The number of a layer among those of a store, and where each of its slots lies.
struct LayerPlace: Hashable {
    var index = 0
    var offsets: [Int] = []
}

/// What a layer's arrays are called by, in the order in which they come: its number, that of the normalisations, or what it is.
enum ArrayNaming: Int { case number, normalization, custom, classifier }

/// Numbers of a layer that lie together: a range of the store, of whose gradient there is one norm.
struct ParameterSlot {
    var arrays: [ParameterArray]

    /// Whether they are among the store's running numbers, which are not trained.
    var isRunning: Bool { arrays[0].role == .running }

    var count: Int { arrays.reduce(0) { $0 + $1.extent } }
}

/// An array of numbers as users see it, with PyTorch's shape and order of axes.
struct ParameterArray {
    enum Role { case weight, bias, affine, running, custom }
    enum Start { case constant(Float), uniform(bound: Double), values(Tensor) }

    var name: String
    var role: Role
    var shape: [Int]
    /// The floats that it takes in the store; those beyond its numbers are zero and stay so.
    var extent: Int
    var start: Start
    /// Where the elements in row-major order lie from its beginning, where it is not one after the other.
    var place: (@Sendable (Int) -> Int)?

    var count: Int { shape.reduce(1, *) }
    func position(_ element: Int) -> Int { place?(element) ?? element }
}

extension ParameterSlot {
    /// gamma, then beta, each in whole vectors.
    static func affine(channels: Int, prefix: String = "") -> ParameterSlot {
        vectors(channels, .affine, [("\(prefix)weight", 1), ("\(prefix)bias", 0)])
    }

    /// Running means, then running variances.
    static func running(channels: Int, prefix: String = "") -> ParameterSlot {
        vectors(channels, .running, [("\(prefix)running_mean", 0), ("\(prefix)running_var", 1)])
    }

    private static func vectors(_ channels: Int, _ role: ParameterArray.Role, _ starts: [(name: String, value: Float)]) -> ParameterSlot {
        ParameterSlot(arrays: starts.map {
            ParameterArray(name: $0.name, role: role, shape: [channels], extent: lanes(channels), start: .constant($0.value))
        })
    }
}

extension StoredLayer {
    var slots: [ParameterSlot] { [] }
    var naming: ArrayNaming { .number }

    func start(_ weights: UnsafeMutablePointer<Float>, running: UnsafeMutablePointer<Float>, using generator: inout Generator) {
        for (offset, slot) in zip(place.offsets, slots) {
            var target = (slot.isRunning ? running : weights) + offset
            for array in slot.arrays {
                switch array.start {
                case .constant(let value): for i in 0..<array.count { target[array.position(i)] = value }
                case .uniform(let bound):
                    for i in 0..<array.count { target[array.position(i)] = Float((2 * generator.uniform() - 1) * bound) }
                case .values(let tensor): for (i, value) in tensor.values.enumerated() { target[array.position(i)] = value }
                }
                target += array.extent
            }
        }
    }

    /// Its arrays, and where each lies in the store's weights or running numbers.
    var arrays: [(array: ParameterArray, start: Int)] {
        zip(place.offsets, slots).flatMap { offset, slot in
            var start = offset
            return slot.arrays.map { array in
                defer { start += array.extent }
                return (array, start)
            }
        }
    }

    /// Where the first array of a role lies in the store, if there is one.
    func offset(_ role: ParameterArray.Role) -> Int? {
        for (offset, slot) in zip(place.offsets, slots) where slot.arrays[0].role == role { return offset }
        return nil
    }

    /// The ranges of what it trains.
    var ranges: [ParameterRange] {
        zip(place.offsets, slots).compactMap { $1.isRunning ? nil : ParameterRange(offset: $0, count: $1.count, layer: place.index) }
    }

    /// Those whose first array has a role.
    func ranges(of role: ParameterArray.Role) -> [ParameterRange] {
        zip(place.offsets, slots).compactMap { offset, slot in
            slot.arrays[0].role == role ? ParameterRange(offset: offset, count: slot.count, layer: place.index) : nil
        }
    }

    /// How many numbers it trains.
    var parameterCount: Int { slots.reduce(0) { $0 + ($1.isRunning ? 0 : $1.arrays.reduce(0) { $0 + $1.count }) } }
}

/// Ranges of a store that belong together, such as a layer's weights.
struct ParameterRange {
    var offset: Int
    var count: Int
    /// The store's layer that they belong to.
    var layer: Int? = nil
}

/// A layer that takes a mean off and divides by a deviation, then multiplies by gamma and adds beta where it `isAffine`.
protocol NormalizationLayer: StoredLayer {
    var channels: Int { get }
    var isAffine: Bool { get }
}

extension NormalizationLayer {
    var slots: [ParameterSlot] { isAffine ? [.affine(channels: channels)] : [] }
    var naming: ArrayNaming { .normalization }
    var keepsZero: Bool { !isAffine }
    var scaling: Scaling { .fixed }
    func plain(normalizes: Bool) -> any PlannedLayer { normalizes ? self : Identity() }
}
