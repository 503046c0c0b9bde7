/// Captured variables.
extension VM {
    func makeClosure(_ outer: ClosureRef, _ index: Int, _ base: UnsafeMutablePointer<Value>) -> ClosureRef {
        let prototype = outer.prototype.pointee.prototype.prototypes[index]
        let closure = heap.closure(prototype.layout, upvalueCount: prototype.upvalues.count)
        for (i, source) in prototype.upvalues.enumerated() {
            switch source {
            case .local(let register): (closure.upvalues + i).initialize(to: capture(base + register))
            case .outer(let upvalue): (closure.upvalues + i).initialize(to: outer.upvalues[upvalue])
            }
        }
        return closure
    }

    /// The open upvalue of a register, shared by all closures that capture it.
    private func capture(_ location: UnsafeMutablePointer<Value>) -> UpvalueRef {
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
