import Foundation

/// A precise, non-moving mark-and-sweep collector: it frees cycles and needs no write barriers.
extension Heap {
    /// Marks everything reachable from `roots` and the interned constants, then frees the rest.
    func collect(roots visitRoots: ((Value) -> Void) -> Void) {
        visitInterned(mark)
        visitRoots(mark)
        trace()
        sweep()
        threshold = max(Heap.minimumThreshold, bytesInUse * 2 > limit ? max(limit, bytesInUse + bytesInUse / 8) : bytesInUse * 2)
    }

    @inline(__always) func mark(_ value: Value) {
        guard value.isHeapObject else { return }
        mark(address: value.payload)
    }

    @inline(__always) func mark(address: UInt64) {
        let header = UnsafeMutablePointer<ObjectHeader>(bitPattern: UInt(address)).unsafelyUnwrapped
        guard !header.pointee.isMarked else { return }
        header.pointee.isMarked = true
        switch header.pointee.kind {
        case .string, .range: break
        default: markStack.append(address)
        }
    }

    private func trace() {
        while let address = markStack.popLast() {
            let memory = UnsafeMutableRawPointer(bitPattern: UInt(address)).unsafelyUnwrapped
            switch memory.assumingMemoryBound(to: ObjectHeader.self).pointee.kind {
            case .list:
                for value in ListRef(address: address).buffer { mark(value) }
            case .map:
                let map = MapRef(address: address)
                for i in 0..<map.entryCount {
                    mark(map.entries[i].key)
                    mark(map.entries[i].value)
                }
            case .closure:
                let closure = ClosureRef(address: address)
                for i in 0..<closure.upvalueCount { mark(address: closure.upvalues[i].address) }
            case .upvalue:
                mark(UpvalueRef(address: address).pointer.pointee.location.pointee)
            case .host:
                HostRef(address: address).object.visitValues(mark)
            case .string, .range: break
            }
        }
    }

    private func sweep() {
        var kept: UnsafeMutablePointer<ObjectHeader>?
        var last: UnsafeMutablePointer<ObjectHeader>?
        var current = objects
        while let object = current {
            current = object.pointee.next
            if object.pointee.isMarked {
                object.pointee.isMarked = false
                if let last { last.pointee.next = object } else { kept = object }
                last = object
            } else {
                release(object)
            }
        }
        last?.pointee.next = nil
        objects = kept
    }
}
