import Foundation

/// A seeded source of random numbers: xoshiro256++ (Blackman and Vigna, 2019), seeded through SplitMix64.
///
/// The same seed and stream give the same numbers on every machine. A generator is a value: copying it
/// copies its state, so a checkpoint can keep one.
public struct Generator: RandomNumberGenerator, Sendable, Equatable {
    /// The four words of xoshiro256++; never all zero.
    public private(set) var state: SIMD4<UInt64>
    /// The seed that named streams are derived from, see `stream(_:)`.
    public let seed: UInt64

    public init(seed: UInt64) {
        var mixer = SplitMix64(state: seed)
        self.seed = seed
        state = SIMD4(mixer.next(), mixer.next(), mixer.next(), mixer.next())
    }

    /// Restores a generator from `seed` and `state`. Returns nil for the one state that cannot occur.
    public init?(seed: UInt64, state: SIMD4<UInt64>) {
        guard state != .zero else { return nil }
        self.seed = seed
        self.state = state
    }

    /// A generator of its own for `name`, independent of this one's position: it depends on the seed and
    /// the name alone, so that adding a draw in one place does not disturb another.
    public func stream(_ name: String) -> Generator {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325  // FNV-1a over the name, then mixed with the seed
        for byte in name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        var mixer = SplitMix64(state: hash)
        return Generator(seed: seed ^ mixer.next())
    }

    /// The next 64 random bits.
    @inlinable public mutating func next() -> UInt64 { advance() }

    @usableFromInline mutating func advance() -> UInt64 {
        func rotated(_ x: UInt64, _ k: UInt64) -> UInt64 { (x << k) | (x >> (64 - k)) }
        let result = rotated(state[0] &+ state[3], 23) &+ state[0]
        let shifted = state[1] << 17
        state[2] ^= state[0]
        state[3] ^= state[1]
        state[1] ^= state[2]
        state[0] ^= state[3]
        state[2] ^= shifted
        state[3] = rotated(state[3], 45)
        return result
    }

    /// A double in [0, 1), 53 random bits.
    @inlinable public mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

    /// An integer in 0 ..< `bound`, without bias (Lemire's multiplication method). `bound` > 0.
    @inlinable public mutating func below(_ bound: Int) -> Int {
        precondition(bound > 0, "a number is drawn below 1 or more")
        let n = UInt64(bound)
        var product = next().multipliedFullWidth(by: n)
        if product.low < n {
            let threshold = (0 &- n) % n
            while product.low < threshold { product = next().multipliedFullWidth(by: n) }
        }
        return Int(product.high)
    }

    /// A standard normal number (Marsaglia's polar method; the pair's second number is dropped, so that the state is all there is).
    public mutating func normal() -> Double {
        while true {
            let (u, v) = (2 * uniform() - 1, 2 * uniform() - 1)
            let square = u * u + v * v
            if square > 0, square < 1 { return u * (-2 * log(square) / square).squareRoot() }
        }
    }

    /// Shuffles in place (Fisher-Yates).
    @inlinable public mutating func shuffle<Element>(_ items: inout [Element]) { shuffle(&items) {} }

    /// Shuffles in place (Fisher-Yates); `check` is called on the way, and may throw to stop it.
    @inlinable public mutating func shuffle<Element>(_ items: inout [Element], check: () throws -> Void) rethrows {
        var count = items.count
        while count > 1 {
            try check()
            items.swapAt(count - 1, below(count))
            count -= 1
        }
    }
}

/// A place where a generator lies, for several that draw from it in turn.
public protocol RandomSource: AnyObject {
    var generator: Generator { get set }
}

/// SplitMix64 (Steele, Lea and Flood, 2014): turns one seed word into well-mixed state words.
struct SplitMix64 {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}
