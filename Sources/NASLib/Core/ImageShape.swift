/// Height, width and channels of one image.
public struct ImageShape: Hashable, Sendable {
    public var height: Int
    public var width: Int
    public var channels: Int

    public init(height: Int, width: Int, channels: Int) {
        self.height = height
        self.width = width
        self.channels = channels
    }

    public var count: Int { height * width * channels }
    /// `8x8x16`.
    var text: String { "\(height)x\(width)x\(channels)" }
}
