import Foundation
import NASLib

/// A precise, non-moving mark-and-sweep collector: it frees cycles and needs no write barriers.
extension Heap {
    /// Marks everything reachable from `roots` and the interned constants, then frees the rest.
    public func collect(roots visitRoots: ((Value) -> Void) -> Void) {
        visitInterned(mark)
        roots.visit(mark)
        visitRoots(mark)
        let traced = trace()
        bytesInUse -= cells.sweep(overwriting: isStressed) { release($0) }
        nextAsk = bytesInUse + MemoryAccount.smallest
        guard !isStressed else {
            checkCharges()
            stressesLeft -= 1
            threshold = bytesInUse < Heap.smallForStress && stressesLeft > 0 ? 0 : bytesInUse + max(bytesInUse, Heap.smallForStress) / 1024
            return
        }
        // The next collection comes when the heap has doubled. A small heap of many objects may grow threefold, which saves
        // marking; where little is to be marked, as with strings, new memory would cost more than that.
        let next = bytesInUse + max(bytesInUse, min(2 * bytesInUse, Heap.spaciousGrowth, traced * Heap.growthPerTracedObject))
        if bytesInUse <= limit { overdraft = 0 }
        threshold = max(Heap.minimumThreshold, next > limit ? max(limit + overdraft, min(bytesInUse, limit) / 8 * 9) : next)
        // What was refused may soon be let go of, and then it is to be had.
        if collectionsToCome > 0 {
            collectionsToCome -= 1
            threshold = 0
        }
    }

    @inline(__always) public func mark(_ value: Value) {
        guard value.isHeapObject else { return }
        mark(address: value.payload)
    }

    @inline(__always) public func mark(address: UInt64) {
        let header = UnsafeMutablePointer<ObjectHeader>(bitPattern: UInt(address)).unsafelyUnwrapped
        assert(header.pointee.kind != .free)
        guard !header.pointee.isMarked else { return }
        header.pointee.isMarked = true
        switch header.pointee.kind {
        case .string, .range, .free: break
        default: markStack.push(address)
        }
    }

    /// Marks what the marked objects refer to. Returns how many objects it went through.
    private func trace() -> Int {
        var traced = 0
        while let address = markStack.pop() {
            traced &+= 1
            let memory = UnsafeMutableRawPointer(bitPattern: UInt(address)).unsafelyUnwrapped
            switch memory.assumingMemoryBound(to: ObjectHeader.self).pointee.kind {
            case .list:
                let list = ListRef(address: address)
                for i in 0..<list.count { mark(list[i]) }
            case .map:
                let map = MapRef(address: address)
                for i in 0..<map.entryCount {
                    mark(map.entries[i].key)
                    mark(map.entries[i].value)
                }
            case .closure:
                let closure = ClosureRef(address: address)
                for i in 0..<closure.captureCount {
                    let capture = closure.captures[i]
                    if capture.isMissing { mark(address: UpvalueRef(capture: capture).address) } else { mark(capture) }
                }
            case .upvalue:
                mark(UpvalueRef(address: address).pointer.pointee.location.pointee)
            case .host:
                let object = HostRef(address: address).object
                recharge(object)
                object.visitValues(mark)
            case .string, .range, .free: break
            }
        }
        return traced
    }
}

/// A stack of addresses in memory of its own.
public struct AddressStack {
    private var memory: UnsafeMutablePointer<UInt64>?
    private var count = 0
    private var capacity = 0

    @inline(__always) public mutating func push(_ address: UInt64) {
        if count == capacity { grow() }
        memory.unsafelyUnwrapped[count] = address
        count &+= 1
    }

    @inline(__always) public mutating func pop() -> UInt64? {
        if count == 0 { return nil }
        count &-= 1
        return memory.unsafelyUnwrapped[count]
    }

    private mutating func grow() {
        capacity = max(1024, capacity * 2)
        memory = SystemMemory.reallocate(memory, capacity * MemoryLayout<UInt64>.stride).assumingMemoryBound(to: UInt64.self)
    }

    public func deallocate() { free(memory) }
}
