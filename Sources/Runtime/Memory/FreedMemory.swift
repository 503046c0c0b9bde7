import Foundation

/// The setting for what the system's allocator does with freed memory.
public enum FreedMemory {
    /// Keeps up to 256 MB of freed memory for new tensors, if the allocator is glibc's. By default pages go back to the system whenever the
    /// collector has freed a few large tensors, and clearing new ones costs several times what most operations on them do.
    public static let isKept: Bool = {
        // Its header is not part of Swift's module for the C library.
        guard let symbol = dlsym(dlopen(nil, RTLD_NOW), "mallopt") else { return false }
        let mallopt = unsafeBitCast(symbol, to: (@convention(c) (_ parameter: Int32, _ value: Int32) -> Int32).self)
        let (trimThreshold, mapThreshold): (Int32, Int32) = (-1, -3)
        return mallopt(trimThreshold, 256 << 20) == 1 && mallopt(mapThreshold, 32 << 20) == 1
    }()
}
