import Foundation
import NASLib

/// Address space that is reserved at the start; less if the shell's `ulimit -v`, `-d` or a batch system leaves little.
public enum Reservation {
    /// The bytes of the stack of the thread that runs cells. Its depth limits are for the full size.
    static let nativeStack = share(of: 1 << 29, 1 << 26)
    /// Of the VM's registers and of its globals, in values.
    static let registers = share(of: 1 << 24, 1 << 20)
    public static let globals = share(of: 1 << 22, 1 << 18)
    /// How deeply built-ins may call back; each level takes native stack.
    public static let nesting = 1_000 * (nativeStack >> 20) / 512

    /// The full size from 4 GB on, and in proportion to what there is below.
    private static func share(of full: Int, _ least: Int) -> Int {
        guard let space = SystemThread.addressSpace else { return full }
        return min(full, max(least, full >> 10 * (space >> 20) >> 2))
    }

    /// Maps memory for `capacity` elements, whose pages are allocated and zeroed when first touched.
    public static func map<T>(_ type: T.Type, _ capacity: Int) -> UnsafeMutablePointer<T> {
        let bytes = capacity * MemoryLayout<T>.stride
        let memory = mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
        guard let memory, memory != MAP_FAILED else { fail("\(bytes >> 20) MB of addresses") }
        return memory.assumingMemoryBound(to: type)
    }

    /// For when all of it is set aside: with less left for values, the many small pieces that do not ask for memory could come to its end,
    /// which ends a process without a word.
    static func checkRest() {
        let least = 96 << 20
        if !MemoryAccount.has(least) { fail("\(MemoryAccount.text(least)) of values, the least it works with") }
    }

    /// Ends the program because memory for its start is missing.
    public static func fail(_ what: String) -> Never {
        let text =
            """
            limit error: padash cannot start: the system has no room for \(what)\n  hint: raise the limits of memory and threads: ulimit \
            -v, -d, -s and -u\n
            """
        _ = text.withCString { write(2, $0, strlen($0)) }
        exit(1)
    }
}
