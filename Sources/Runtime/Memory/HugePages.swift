import Foundation

/// Memory in pages of 2 MB, if the system has them: fewer page faults, and fewer misses in the processor's page cache.
public enum HugePages {
    public static let bytes = 2 << 20

    /// Allocates memory aligned to huge pages.
    public static func allocate(_ count: Int) -> UnsafeMutableRawPointer {
        // Twice as much has a page inside, wherever it begins; the rest goes back.
        let most = count + bytes
        let memory = mmap(nil, most, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let memory, memory != MAP_FAILED else { SystemMemory.isUsedUp() }
        let before = (bytes - Int(bitPattern: memory) % bytes) % bytes
        if before > 0 { munmap(memory, before) }
        if most - before > count { munmap(memory + before + count, most - before - count) }
        return memory + before
    }

    public static func deallocate(_ memory: UnsafeMutableRawPointer, _ count: Int) { munmap(memory, count) }

    /// Returns memory to the system and keeps its addresses; later reads give 0.
    public static func release(_ memory: UnsafeMutableRawPointer, _ count: Int) { madvise(memory, count, MADV_DONTNEED) }

    /// Requests huge pages for memory that was allocated by other means, where whole ones fit.
    public static func prefer(_ memory: UnsafeMutableRawPointer, _ count: Int) {
        #if os(Linux)
        guard count >= bytes else { return }
        let start = (Int(bitPattern: memory) + bytes - 1) / bytes * bytes
        let end = (Int(bitPattern: memory) + count) / bytes * bytes
        if start < end { madvise(UnsafeMutableRawPointer(bitPattern: start), end - start, MADV_HUGEPAGE) }
        #endif
    }
}

/// Memory as the system's allocator gives it. All that is large was asked for before (`MemoryAccount`), and the small has its reserve, so
/// that there is always some; what is refused all the same ends the process with an error, and not with a crash.
public enum SystemMemory {
    @inline(__always) public static func allocate(_ bytes: Int) -> UnsafeMutableRawPointer { checked(malloc(bytes)) }

    @inline(__always)
    public static func reallocate(_ memory: UnsafeMutableRawPointer?, _ bytes: Int) -> UnsafeMutableRawPointer {
        checked(realloc(memory, bytes))
    }

    /// Allocates memory filled with zeros.
    @inline(__always) public static func allocate(cleared bytes: Int) -> UnsafeMutableRawPointer { checked(calloc(bytes, 1)) }

    @inline(__always) private static func checked(_ memory: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer {
        guard let memory else { isUsedUp() }
        return memory
    }

    @inline(never) public static func isUsedUp() -> Never {
        let text = "limit error: the system has no memory left for padash\n  hint: raise the limits of memory: ulimit -v and -d\n"
        _ = text.withCString { write(2, $0, strlen($0)) }
        exit(1)
    }
}
