import NASLib
import Plots
import Runtime
import Text

extension Library {
    /// What `plot.images` shows.
    static func images(_ call: Call) throws -> PlotDescription {
        let source = try ImageSource(call)
        let chosen = try call.isGiven(1) ? indices(of: source, call) : source.examples
        guard !chosen.isEmpty else { throw call.invalid(call.isGiven(1) ? 1 : 0, "there are no pictures to show") }
        let shape = source.shape
        try PlotSize(marks: chosen.count * shape.height * shape.width).check()
        try MemoryAccount.ask(chosen.count * shape.height * shape.width * MemoryLayout<Images.Color>.stride)
        let labels = try call.plotNames(2, count: chosen.count) {
            $0.tag == .float ? Numbers.significant($0.number ?? .nan, 3) : call.plotName($0)
        }
        let columns = call.isGiven(3) ? try call.int(3, atLeast: 1) : nil
        let pictures = chosen.enumerated().map { i, place in
            Images.Picture(caption: labels.isEmpty ? source.caption(place) : labels[i], pixels: source.pixels(of: place))
        }
        let images = Images(width: shape.width, height: shape.height, isColored: shape.channels == 3, pictures: pictures, columns: columns)
        return PlotDescription(panels: [.init(content: .images(images))])
    }

    /// The positions that are given, counted from the end where they are negative.
    private static func indices(of source: ImageSource, _ call: Call) throws -> [Int] {
        let count: Int
        switch call[1].tag {
        case .list: count = call[1].asList.count
        case .range: count = call[1].asRange.count ?? .max
        default: throw call.wrongType(1, expected: "a list or a range of positions")
        }
        guard count <= Images.most else {
            throw call.invalid(
                1, "a plot shows at most \(Images.most) pictures, not \(count == .max ? "endlessly many" : "\(count)")",
                hint: "some of them: plot.images(data, 0..\(Images.most))")
        }
        return try call.vm.elements(of: call[1]).array.enumerated().map { i, value in
            guard value.tag == .int else {
                throw RuntimeError(.type, "'indices' must hold positions only, but element \(i) is \(call.describe(value))", argument: 1)
            }
            return try value.asInt.place(among: source.count, of: source.name, argument: 1)
        }
    }
}

extension Int {
    /// The place of an example that this index means, from the end where it is negative.
    func place(among count: Int, of what: String, argument: Int? = nil) throws -> Int {
        guard (-count..<count).contains(self) else {
            throw RuntimeError(
                .index, "index \(self) is outside the \(what) of \(count) examples",
                hint: count == 0 ? "there are none in it" : "valid indices are 0 to \(count - 1), or -\(count) to -1", argument: argument)
        }
        return self < 0 ? self + count : self
    }
}

/// A dataset or a tensor whose examples are pictures.
private struct ImageSource {
    let shape: ImageShape
    let count: Int
    /// What it is, for messages.
    let name: String
    private let values: [Float]
    private let dataset: Dataset?
    /// The values that are shown black and in full light, one for each channel.
    private let ranges: [(low: Float, high: Float)]

    init(_ call: Call) throws {
        guard call[0].tag == .host else { throw ImageSource.wrongType(call) }
        switch call[0].hostObject {
        case let data as DataObject: dataset = data.train
        case let data as DatasetObject: dataset = data.dataset
        case is TensorObject: dataset = nil
        default: throw ImageSource.wrongType(call)
        }
        if let dataset {
            (shape, count, name, values) = (dataset.shape, dataset.count, "dataset", dataset.images)
        } else {
            let tensor = try call.object(0, as: TensorObject.self, "a tensor of images").tensor
            guard tensor.shape.count == 4, tensor.shape.dropFirst().allSatisfy({ $0 > 0 }) else {
                throw RuntimeError(
                    .shape,
                        "pictures are a tensor with the axes example, height, width, channel, not of shape \(Tensor.text(tensor.shape))",
                    hint: "x.reshape([1, h, w, c]) makes one picture such a tensor", argument: 0)
            }
            shape = ImageShape(height: tensor.shape[1], width: tensor.shape[2], channels: tensor.shape[3])
            (count, name, values) = (tensor.shape[0], "tensor", tensor.values)
        }
        guard shape.channels == 1 || shape.channels == 3 else {
            throw RuntimeError(
                .shape, "an example of \(shape.height)x\(shape.width) with \(shape.channels) channels is no picture",
                hint: "a picture has 1 channel (grey) or 3 (red, green, blue)", argument: 0)
        }
        ranges = try dataset?.pixelRanges ?? Array(repeating: ImageSource.extremes(of: values), count: shape.channels)
    }

    private static func wrongType(_ call: Call) -> RuntimeError {
        call.wrongType(0, expected: "a dataset such as digits().train, or a tensor of images")
    }

    /// Of the finite values.
    private static func extremes(of values: [Float]) throws -> (low: Float, high: Float) {
        try Limit.askForWork(on: values.count)
        var (low, high) = (Float.infinity, -Float.infinity)
        for (i, value) in values.enumerated() where value.isFinite {
            if i & 0xffff == 0 { try Cancellation.check() }
            low = min(low, value)
            high = max(high, value)
        }
        return (low, high)
    }

    /// The first of each class, or of all where there are no classes, or too many.
    var examples: [Int] {
        let most = 20
        guard let dataset, dataset.classes <= most else { return Array(0..<min(count, most)) }
        return (0..<dataset.classes).compactMap { label in dataset.labels.firstIndex(of: Int32(label)) }
    }

    func caption(_ place: Int) -> String {
        guard let dataset else { return "\(place)" }
        let label = Int(dataset.labels[place])
        return dataset.classNames?[label] ?? "\(label)"
    }

    func pixels(of place: Int) -> [Images.Color] {
        let channels = shape.channels
        return (0..<shape.height * shape.width).map { pixel in
            let start = place * shape.count + pixel * channels
            func level(_ channel: Int) -> UInt8 {
                let (range, value) = (ranges[channel], values[start + channel])
                // A value that is no number is black; where all are the same, they are grey.
                guard range.high > range.low else { return value.isNaN ? 0 : 128 }
                let share = (Double(value) - Double(range.low)) / (Double(range.high) - Double(range.low))
                return share.isNaN ? 0 : UInt8((min(max(share, 0), 1) * 255).rounded())
            }
            return channels == 1
                ? Images.Color(red: level(0), green: level(0), blue: level(0))
                : Images.Color(red: level(0), green: level(1), blue: level(2))
        }
    }
}
