/// A hash of bytes that is the same in every process and on every machine (Fowler, Noll and Vo, the variant 1a of 64 bits).
package struct FNV1a: BitwiseCopyable {
    package var value: UInt64 = 0xCBF2_9CE4_8422_2325

    package init() {}

    package mutating func add(_ byte: UInt8) { value = (value ^ UInt64(byte)) &* 0x100_0000_01B3 }
    package mutating func add(_ bytes: some Sequence<UInt8>) { for byte in bytes { add(byte) } }

    /// The eight bytes of a number.
    package mutating func add(_ number: UInt64) { for shift in stride(from: 0, to: 64, by: 8) { add(UInt8(truncatingIfNeeded: number >> shift)) } }
}
