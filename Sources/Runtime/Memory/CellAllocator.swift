import Foundation
import Lang
import NASLib

/// Memory for heap objects. Small ones live in cells of one size, side by side in blocks: allocation takes the first of
/// a list of free cells, and a sweep reads memory in order. Larger ones have memory of their own. Blocks are cut from
/// `HugePages`, where the processor finds the way to scattered objects sooner.
public final class CellAllocator {
    /// Cells come in multiples of this many bytes, up to `largestCell`.
    public static let granule = 16
    public static let largestCell = 304
    public static let blockBytes = 1 << 16
    /// The number of empty blocks that are kept for new objects, besides one for each block in use.
    public static let spareBlocks = 1024

    /// The first free cell of each size, by the number of granules.
    private let free: UnsafeMutablePointer<UnsafeMutablePointer<FreeCell>?>
    private var blocks: [Block] = []
    private var chunks: [UnsafeMutableRawPointer] = []
    private var spare: [UnsafeMutableRawPointer] = []
    /// Blocks that are but addresses: their memory went back to the system.
    private var returned: [UnsafeMutableRawPointer] = []
    private var large: [Large] = []
    /// Called when the account refuses memory for more chunks. They still come from its reserve.
    public var onShortage: () -> Void = {}
    private var isShort = false
    /// To ask takes as long as to fill a block or two: it is done once for as many chunks as small pieces may take unasked.
    private static let chunksUnasked = MemoryAccount.smallest / HugePages.bytes

    private struct FreeCell {
        var header: ObjectHeader
        var next: UnsafeMutablePointer<FreeCell>?
    }

    private struct Block {
        var memory: UnsafeMutableRawPointer
        var granules: Int
    }

    private struct Large {
        var memory: UnsafeMutableRawPointer
        var bytes: Int
    }

    public init() {
        free = .allocate(capacity: CellAllocator.largestCell / CellAllocator.granule + 1)
        free.initialize(repeating: nil, count: CellAllocator.largestCell / CellAllocator.granule + 1)
    }

    /// The size of the cell for an object of the given number of bytes.
    @inline(__always) public static func cellBytes(_ bytes: Int) -> Int { (bytes &+ (granule &- 1)) & ~(granule &- 1) }

    @inline(__always) public func allocate(_ bytes: Int) -> UnsafeMutableRawPointer {
        let granules = (bytes &+ (CellAllocator.granule &- 1)) / CellAllocator.granule
        if granules <= CellAllocator.largestCell / CellAllocator.granule, let cell = free[granules] {
            free[granules] = cell.pointee.next
            return UnsafeMutableRawPointer(cell)
        }
        return allocateAnew(granules)
    }

    @inline(never) private func allocateAnew(_ granules: Int) -> UnsafeMutableRawPointer {
        let bytes = granules * CellAllocator.granule
        guard bytes <= CellAllocator.largestCell else {
            let memory = SystemMemory.allocate(bytes)
            large.append(Large(memory: memory, bytes: bytes))
            return memory
        }
        if spare.isEmpty, returned.isEmpty { addChunk() }
        let memory = (spare.popLast() ?? returned.popLast()).unsafelyUnwrapped
        blocks.append(Block(memory: memory, granules: granules))
        var cell = CellAllocator.blockBytes / bytes * bytes
        while cell > 0 {
            cell -= bytes
            push(memory + cell, granules)
        }
        return allocate(bytes)
    }

    private func addChunk() {
        if isShort || chunks.count % CellAllocator.chunksUnasked == CellAllocator.chunksUnasked - 1 {
            isShort = !MemoryAccount.hasRoom
            if isShort { onShortage() }
        }
        let chunk = HugePages.allocate(HugePages.bytes)
        // A short script needs less than one, and would wait for the whole of it to be cleared.
        if !chunks.isEmpty { HugePages.prefer(chunk, HugePages.bytes) }
        chunks.append(chunk)
        // The first block is taken first.
        for offset in stride(from: HugePages.bytes - CellAllocator.blockBytes, through: 0, by: -CellAllocator.blockBytes) {
            returned.append(chunk + offset)
        }
    }

    @inline(__always) private func push(_ memory: UnsafeMutableRawPointer, _ granules: Int) {
        let cell = memory.assumingMemoryBound(to: FreeCell.self)
        cell.initialize(to: FreeCell(header: ObjectHeader(kind: .free), next: free[granules]))
        free[granules] = cell
    }

    /// Frees all objects that are not marked and takes the marks off the others. `release` frees what an object holds
    /// outside of its cell and returns how many bytes that was. Returns the bytes freed in all.
    @inline(__always) public func sweep(overwriting: Bool = false, release: (UnsafeMutablePointer<ObjectHeader>) -> Int) -> Int {
        var freed = 0
        free.update(repeating: nil, count: CellAllocator.largestCell / CellAllocator.granule + 1)
        var kept = 0
        for index in blocks.indices {
            let block = blocks[index]
            let bytes = block.granules &* CellAllocator.granule
            let before = free[block.granules]
            var isEmpty = true
            var cell = block.memory + CellAllocator.blockBytes / bytes * bytes
            while cell > block.memory {
                cell -= bytes
                let header = cell.assumingMemoryBound(to: ObjectHeader.self)
                if header.pointee.isMarked {
                    header.pointee.isMarked = false
                    isEmpty = false
                    continue
                }
                if header.pointee.kind != .free {
                    freed &+= bytes &+ release(header)
                    if overwriting { memset(cell, 0xdd, bytes) }
                }
                push(cell, block.granules)
            }
            if isEmpty {
                free[block.granules] = before
                spare.append(block.memory)
            } else {
                blocks[kept] = block
                kept += 1
            }
        }
        blocks.removeSubrange(kept...)
        while spare.count > blocks.count + CellAllocator.spareBlocks {
            let memory = spare.removeLast()
            HugePages.release(memory, CellAllocator.blockBytes)
            returned.append(memory)
        }
        large.removeAll { object in
            let header = object.memory.assumingMemoryBound(to: ObjectHeader.self)
            if header.pointee.isMarked {
                header.pointee.isMarked = false
                return false
            }
            freed &+= object.bytes &+ release(header)
            Foundation.free(object.memory)
            return true
        }
        return freed
    }

    /// Gives chunks without objects back to the system, with their addresses, which `ulimit -v` counts.
    public func releaseEmptyChunks() {
        func chunk(of block: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer { block - Int(bitPattern: block) % HugePages.bytes }
        var counts: [UnsafeMutableRawPointer: Int] = [:]
        for block in spare { counts[chunk(of: block), default: 0] += 1 }
        for block in returned { counts[chunk(of: block), default: 0] += 1 }
        let empty = Set(counts.filter { $0.value == HugePages.bytes / CellAllocator.blockBytes }.keys)
        guard !empty.isEmpty else { return }
        spare.removeAll { empty.contains(chunk(of: $0)) }
        returned.removeAll { empty.contains(chunk(of: $0)) }
        chunks.removeAll { empty.contains($0) }
        for chunk in empty { HugePages.deallocate(chunk, HugePages.bytes) }
    }

    /// The bytes of all objects, including the bytes outside their cells that `outside` gives for each.
    public func bytesInUse(outside: (UnsafeMutablePointer<ObjectHeader>) -> Int) -> Int {
        var total = 0
        func add(_ memory: UnsafeMutableRawPointer, _ bytes: Int) {
            let header = memory.assumingMemoryBound(to: ObjectHeader.self)
            if header.pointee.kind != .free { total += bytes + outside(header) }
        }
        for block in blocks {
            let bytes = block.granules * CellAllocator.granule
            for offset in stride(from: 0, through: CellAllocator.blockBytes - bytes, by: bytes) { add(block.memory + offset, bytes) }
        }
        for object in large { add(object.memory, object.bytes) }
        return total
    }

    deinit {
        for chunk in chunks { HugePages.deallocate(chunk, HugePages.bytes) }
        for object in large { Foundation.free(object.memory) }
        free.deallocate()
    }
}
