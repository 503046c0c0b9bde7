import NASLib
import Runtime

extension Call {
    /// The parameters `train` and `valid`.
    func splitShares(_ train: Int, _ valid: Int) throws -> SplitShares {
        try SplitShares(train: try double(train), valid: try double(valid))
    }

    /// Examples made from the generator of parameter `seed` and cut into parts, by the parameters `train` and `valid`.
    fileprivate func made(train: Int, valid: Int, seed: Int, _ make: (Generator) throws -> Dataset) throws -> Value {
        let shares = try splitShares(train, valid)
        let generator = try generator(seed: seed, for: name)
        let split = try make(generator.stream("examples")).split(shares, using: generator.stream("split"))
        return object(DataObject(split, recipe: recipe()))
    }
}

extension Library {
    static let datasetsMade: [Builtin] = [
        .fn("digits", "train: 0.5, valid: 0.25, noise: 0.0, shift: 0, seed: 0",
            """
            The 1,797 handwritten digits of 8x8 pixels that come with padash, split into parts for training, validation and testing, \
            stratified by class (`train` and `valid` are shares; the rest is for testing). `noise` adds normal noise of that many standard \
            deviations to each pixel, and `shift` moves each image by up to that many pixels; both make the task harder. All of it depends \
            on `seed` alone.
            """,
            """
            let data = digits()
            [len(data.train), len(data.valid), len(data.test)]  # => [901, 451, 445]
            data.shape  # => [8, 8, 1]
            """) { call in
            var options = Digits.Options()
            options.train = try call.double(0)
            options.valid = try call.double(1)
            options.noise = try call.double(2)
            options.shift = try call.int(3)
            options.seed = try call.seedValue(4)
            return call.object(DataObject(try Digits.load(options), recipe: recipe(options)))
        },
        .fn("mnist1d", "count: 5000, train: 0.7, valid: 0.1, seed: 0",
            """
            MNIST-1D (Greydanus and Kobak, 2020): signals of 40 points in ten classes, made from one template for each digit by padding, \
            stretching, scaling, shifting, noise and shear. As images they are 1x40x1. They are generated from `seed` by the published \
            procedure, so they are not the exact signals of the published file.
            """,
            """
            let data = mnist1d(1000)
            [len(data.train), len(data.valid), len(data.test)]  # => [700, 100, 200]
            data.shape  # => [1, 40, 1]
            """) { call in
            let shares = try SplitShares(train: try call.double(1), valid: try call.double(2))
            let generator = try call.generator(seed: 3, for: "mnist1d")
            let all = try MNIST1D.make(count: try call.int(0), using: generator.stream("examples"))
            return call.object(DataObject(all.split(shares, using: generator.stream("split")), recipe: call.recipe()))
        },
        .fn("shapes", "count: 5000, size: 12, classes: 10, difficulty: 1.0, fresh: false, train: 0.6, valid: 0.2, seed: 0",
            """
            Pictures of coloured shapes, `size` x `size` x 3: the outline is the class (disc, ring, square, frame, triangle, cross, bar, \
            pair, crescent, bow tie). Position, size, rotation, colours, stripes, background, clutter and noise do not depend on the \
            class, and vary more with the `difficulty`, from 0 (upright in the middle, in plain colours) to 2. With `fresh`, training \
            draws new pictures instead of reusing its part. The same `seed` gives the same pictures on every machine.
            """,
            """
            let data = shapes(200)
            len(data.train)  # => 120
            data.shape  # => [12, 12, 3]
            data.class_names[0..3]  # => ["disc", "ring", "square"]
            plot.images(data)
            """) { call in
            var options = Shapes.Options()
            options.size = try call.int(1)
            options.classes = try call.int(2)
            options.difficulty = try call.double(3)
            let shares = try SplitShares(train: try call.double(5), valid: try call.double(6))
            let split = try Shapes.load(
                count: try call.int(0), options, shares: shares, fresh: try call.bool(4), seed: try call.seedValue(7))
            return call.object(DataObject(split, recipe: call.recipe()))
        },
        .fn("two_moons", "count: 1000, noise: 0.1, train: 0.5, valid: 0.25, seed: 0",
            """
            Points in the plane on two interleaving half circles, with normal noise of the given standard deviation. An example is an \
            image of 1x1 with two channels, x and y.
            """,
            "two_moons(400).train.class_counts  # => [100, 100]") { call in
            try call.made(train: 2, valid: 3, seed: 4) {
                try PlanarData.twoMoons(count: try call.int(0), noise: try call.double(1), using: $0)
            }
        },
        .fn("spirals", "count: 1000, classes: 2, turns: 1.0, noise: 0.02, train: 0.5, valid: 0.25, seed: 0",
            "Points in the plane on spiral arms, one for each class, with normal noise of the given standard deviation.",
            "spirals(300, classes: 3, train: 0.6).train.class_counts  # => [60, 60, 60]") { call in
            try call.made(train: 4, valid: 5, seed: 6) {
                try PlanarData.spirals(
                    count: try call.int(0), classes: try call.int(1), turns: try call.double(2),
                    noise: try call.double(3), using: $0)
            }
        },
        .fn("blobs", "count: 1000, classes: 3, std: 0.3, train: 0.5, valid: 0.25, seed: 0",
            "Points in the plane from a mixture of round Gaussians, one for each class, with centres evenly spaced on the unit circle.",
            "let data = blobs(800, classes: 4)\ndata.classes  # => 4\ndata.train.class_counts  # => [100, 100, 100, 100]") { call in
            try call.made(train: 3, valid: 4, seed: 5) {
                try PlanarData.blobs(count: try call.int(0), classes: try call.int(1), deviation: try call.double(2), using: $0)
            }
        },
        .fn("noise_images", "count, shape: [8, 8, 1], classes: 10",
            "A dataset of random noise with random labels, drawn from the ambient generator, for timing networks.",
            "noise_images(20, shape: [16, 16, 3]).shape  # => [16, 16, 3]") { call in
            let count = try call.int(0, atLeast: 1)
            let shape = try call.imageShape(1)
            let classes = try call.int(2, atLeast: 2)
            guard classes <= Dataset.classLimit else { throw call.invalid(2, "there can be at most \(Dataset.classLimit) classes") }
            guard count <= Tensor.limit / shape.count else {
                throw RuntimeError(.limit, "\(count) images of that shape take too much memory", argument: 0)
            }
            try MemoryAccount.ask(count * shape.count * MemoryLayout<Float>.stride)
            var generator = call.vm.generator.generator
            let images = try (0..<count * shape.count).map { _ in
                try call.vm.checkInterruption()
                return Float(generator.normal())
            }
            let labels = (0..<count).map { _ in Int32(generator.below(classes)) }
            call.vm.generator.generator = generator
            return call.object(DatasetObject(Dataset(name: "noise", shape: shape, classes: classes, images: images, labels: labels)))
        },
        .fn("tensor_dataset", "images, labels, classes: nil, name: \"dataset\", layout: \"nhwc\"",
            """
            A dataset from a tensor of images (example, height, width, channel; or example, height, width; or example, feature) and their \
            labels, from 0 up. `classes` is the number of classes, by default one more than the highest label. The layout `"nchw"` is \
            PyTorch's: example, channel, height, width.
            """,
            """
            let data = tensor_dataset(zeros([6, 4, 4]), [0, 1, 2, 0, 1, 2])
            data.shape  # => [4, 4, 1]
            data.class_counts  # => [2, 2, 2]
            """) { call in
            let tensor = try call.object(0, as: TensorObject.self, "a tensor of images").tensor
            let labels = try call.ints(1)
            let sizes = Array(tensor.shape.dropFirst())
            guard (1...3).contains(sizes.count), sizes.allSatisfy({ $0 > 0 }) else {
                throw RuntimeError(.shape,
                    """
                    'images' must have the axes example, height, width, channel (the last one or two may be left out), not the shape \
                    \(Tensor.text(tensor.shape))
                    """, argument: 0)
            }
            let layout: ImageLayout = try call.option(4)
            guard layout == .nhwc || sizes.count == 3 else {
                throw call.invalid(4, "the layout \"nchw\" is for four axes, not the shape \(Tensor.text(tensor.shape))")
            }
            let shape = layout == .nchw ? ImageShape(height: sizes[1], width: sizes[2], channels: sizes[0])
                : sizes.count == 1 ? ImageShape(height: 1, width: 1, channels: sizes[0])
                : ImageShape(height: sizes[0], width: sizes[1], channels: sizes.count == 3 ? sizes[2] : 1)
            guard labels.count == tensor.shape[0] else {
                throw RuntimeError(.shape, "there are \(tensor.shape[0]) images and \(labels.count) labels", argument: 1)
            }
            let most = call.isGiven(2) ? try call.int(2, atLeast: 2) : max(2, (labels.max() ?? 0) &+ 1)
            guard most <= Dataset.classLimit else {
                throw call.invalid(call.isGiven(2) ? 2 : 1, "there can be at most \(Dataset.classLimit) classes")
            }
            if let bad = labels.first(where: { !(0..<most).contains($0) }) {
                throw call.invalid(1, "a label must be from 0 to \(most - 1), not \(bad)")
            }
            if layout == .nhwc, !call.isGiven(4), sizes.count == 3, sizes[1] > 4, sizes[2] > 4, [3, 4].contains(sizes[0])
                || (sizes[0] == 1 && sizes[1] == sizes[2]) {
                call.vm.emit(.warning(
                    """
                    the images are taken to be \(sizes[0]) high and \(sizes[1]) wide, with \(sizes[2]) channels; if they are of \
                    \(sizes[0]) channel\(sizes[0] == 1 ? "" : "s"), as in PyTorch, give layout: "nchw"
                    """))
            }
            let images = layout == .nhwc ? tensor.values : ImageLayout.channelsLast(tensor.values, shape)
            return call.object(DatasetObject(Dataset(
                name: try call.text(3), shape: shape, classes: most, images: images, labels: labels.map { Int32($0) })))
        },
    ]

    /// The call that makes the same data, for messages and tables.
    static func recipe(_ options: Digits.Options) -> String {
        let plain = Digits.Options()
        var parts: [String] = []
        if options.train != plain.train { parts.append("train: \(options.train)") }
        if options.valid != plain.valid { parts.append("valid: \(options.valid)") }
        if options.noise != plain.noise { parts.append("noise: \(options.noise)") }
        if options.shift != plain.shift { parts.append("shift: \(options.shift)") }
        if options.seed != plain.seed { parts.append("seed: \(options.seed)") }
        return "digits(\(parts.joined(separator: ", ")))"
    }
}

/// The order of an image array's axes, by its usual name: n is the example, c the channel.
private enum ImageLayout: String, CaseIterable {
    case nhwc, nchw

    /// Images of channels as images of pixels.
    static func channelsLast(_ values: [Float], _ shape: ImageShape) -> [Float] {
        let plane = shape.height * shape.width
        return Array(unsafeUninitializedCapacity: values.count) { result, count in
            for image in stride(from: 0, to: values.count, by: shape.count) {
                for channel in 0..<shape.channels {
                    for pixel in 0..<plane {
                        result.initializeElement(at: image + pixel * shape.channels + channel, to: values[image + channel * plane + pixel])
                    }
                }
            }
            count = values.count
        }
    }
}
