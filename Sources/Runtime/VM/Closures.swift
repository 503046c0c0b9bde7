/// Captured variables.
extension VM {
    @inline(__always) func makeClosure(_ outer: ClosureRef, _ index: Int, _ base: UnsafeMutablePointer<Value>) -> ClosureRef {
        let layout = outer.prototype.pointee.prototypes[index]
        let count = layout.pointee.captureCount
        let closure = heap.closure(layout)
        var i = 0
        while i < count {
            let source = layout.pointee.captures[i]
            let index = Int(source.index)
            switch source.kind {
            case .value: closure.captures[i] = base[index]
            case .variable: closure.captures[i] = upvalue(of: base + index).capture
            case .outer: closure.captures[i] = outer.captures[index]
            }
            i &+= 1
        }
        return closure
    }

    /// The open upvalue of a register, shared by all closures that capture it.
    private func upvalue(of location: UnsafeMutablePointer<Value>) -> UpvalueRef {
        var previous: UnsafeMutablePointer<UpvalueLayout>?
        var current = state.pointee.openUpvalues
        while let open = current, open.pointee.location > location {
            previous = open
            current = open.pointee.nextOpen
        }
        if let open = current, open.pointee.location == location { return UpvalueRef(pointer: open) }
        let upvalue = heap.upvalue(at: location, nextOpen: current)
        if let previous { previous.pointee.nextOpen = upvalue.pointer } else { state.pointee.openUpvalues = upvalue.pointer }
        return upvalue
    }

    /// Moves the captured variables in registers from `base` up out of the stack.
    func closeUpvalues(from base: UnsafeMutablePointer<Value>) {
        while let open = state.pointee.openUpvalues, open.pointee.location >= base {
            state.pointee.openUpvalues = open.pointee.nextOpen
            UpvalueRef(pointer: open).close()
        }
    }
}
