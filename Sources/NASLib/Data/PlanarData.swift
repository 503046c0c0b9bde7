import Foundation

/// Points of a plane in classes, for teaching: each is an image of 1x1 with two channels, its coordinates.
public enum PlanarData {
    static let countLimit = 1_000_000

    /// Two half circles that reach into each other: (cos t, sin t) and (1 - cos t, 1/2 - sin t) for t in [0, pi), and
    /// normal noise of a standard deviation on both coordinates.
    public static func twoMoons(count: Int, noise: Double, using generator: Generator) throws -> Dataset {
        try make("two_moons", count: count, classes: 2, noise: noise, called: "noise", generator) { label, generator in
            let t = .pi * generator.uniform()
            return label == 0 ? (cos(t), sin(t)) : (1 - cos(t), 0.5 - sin(t))
        }
    }

    /// One arm for each class, turned against each other: radius r in [0, 1) at the angle 2 pi (turns r + k / classes).
    public static func spirals(count: Int, classes: Int, turns: Double, noise: Double, using generator: Generator) throws -> Dataset {
        guard turns.isFinite, turns >= 0 else { throw NASError(.value, "'turns' must be at least 0, not \(turns)", parameter: "turns") }
        return try make("spirals", count: count, classes: classes, noise: noise, called: "noise", generator) { label, generator in
            let r = generator.uniform()
            let angle = 2 * .pi * (turns * r + Double(label) / Double(classes))
            return (r * cos(angle), r * sin(angle))
        }
    }

    /// A mixture of round Gaussians, one for each class, their centres evenly spaced on the unit circle.
    public static func blobs(count: Int, classes: Int, deviation: Double, using generator: Generator) throws -> Dataset {
        try make("blobs", count: count, classes: classes, noise: deviation, called: "std", generator) { label, _ in
            let angle = 2 * .pi * Double(label) / Double(classes)
            return (cos(angle), sin(angle))
        }
    }

    private static func make(
        _ name: String, count: Int, classes: Int, noise: Double, called noiseName: String, _ generator: Generator,
        _ place: (Int, inout Generator) -> (Double, Double)
    ) throws -> Dataset {
        guard (2...1000).contains(classes) else {
            throw NASError(.value, "'classes' must be from 2 to 1000, not \(classes)", parameter: "classes")
        }
        guard (classes...countLimit).contains(count) else {
            throw NASError(.value, "'count' must be from \(classes) to \(countLimit), not \(count)", parameter: "count")
        }
        guard noise >= 0, noise.isFinite else {
            throw NASError(.value, "'\(noiseName)' must be at least 0, not \(noise)", parameter: noiseName)
        }
        var generator = generator
        var points: [Float] = []
        let labels = (0..<count).map { Int32($0 % classes) }
        for label in labels {
            try Cancellation.check()
            let (x, y) = place(Int(label), &generator)
            points += [Float(x + noise * generator.normal()), Float(y + noise * generator.normal())]
        }
        return Dataset(name: name, shape: ImageShape(height: 1, width: 1, channels: 2), classes: classes, images: points, labels: labels)
    }
}
