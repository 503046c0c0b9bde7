/// What an architecture costs: the numbers that it trains, biases and affine normalisation included; the multiply-adds of
/// its convolutions and linear layers, and of custom layers' matrix products, for one image; and the most of those layers on a way from image to classes.
public struct Cost: Sendable, Equatable {
    public var parameters = 0
    public var flops = 0
    public var depth = 0
}
