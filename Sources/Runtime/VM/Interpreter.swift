import Foundation
import NASLib

/// The loop that runs bytecode.
///
/// One function with one `switch`. `pc`, `base`, `constants` and `frame` are locals, registers and code are raw memory,
/// values are plain data: nothing in the fast paths counts references or allocates. What is rare or long is a method
/// of `VM` that the loop calls. A throw from anywhere lands in the one `catch` at the end, which looks for a handler
/// among the frames that this activation of the loop owns, and goes on there or passes the error up.
extension VM {
    /// Calls a closure whose arguments lie at `base` and returns its value.
    func run(_ closure: ClosureRef, base entryBase: UnsafeMutablePointer<Value>, argumentCount: Int) throws -> Value {
        let entryFrame = state.pointee.frame + 1
        let firstHandler = handlers.count
        let generatorCount = generators.count
        let savedTop = state.pointee.top
        defer { state.pointee.top = savedTop }
        let state = self.state
        let interruption = self.interruption
        let globalValues = globals.values

        // The entry frame, as `enter` makes the others.
        if closure.prototype.pointee.parameterCount != argumentCount {
            try arrange(closure.prototype, entryBase, argumentCount)
        }
        guard entryFrame < VM.frameCapacity - 1 else { throw tooDeep() }
        try ensureStack(entryBase + closure.prototype.pointee.registerCount + 1)
        state.pointee.frame = entryFrame
        var frame = frames + entryFrame
        frame.initialize(to: Frame(closure: closure, base: entryBase, pc: closure.prototype.pointee.code, isEntry: true))
        var base = entryBase
        var pc = closure.prototype.pointee.code
        var constants = closure.prototype.pointee.constants

        while true {
            do {
                while true {
                    let word = pc.pointee
                    pc += 1
                    let a = word.a
                    switch unsafeBitCast(UInt8(truncatingIfNeeded: word), to: Opcode.self) {

                    // MARK: Loads and moves

                    case .move:
                        base[a] = base[word.b]
                    case .loadInt:
                        base[a] = .int(word.signedWide)
                    case .loadConstant:
                        base[a] = constants[word.wide]
                    case .loadConstantWide:
                        base[a] = constants[Int(pc.pointee)]
                        pc += 1
                    case .loadNil:
                        base[a] = .nil
                    case .loadBool:
                        base[a] = .bool(word.b != 0)
                    case .getGlobal:
                        let value = globalValues[word.wide]
                        if value.isMissing { throw unknownName(slot: word.wide) }
                        base[a] = value
                    case .getGlobalWide:
                        let slot = Int(pc.pointee)
                        pc += 1
                        if globalValues[slot].isMissing { throw unknownName(slot: slot) }
                        base[a] = globalValues[slot]
                    case .setGlobal:
                        globalValues[word.wide] = base[a]
                    case .setGlobalWide:
                        globalValues[Int(pc.pointee)] = base[a]
                        pc += 1
                    case .getCaptured:
                        base[a] = frame.pointee.closure.captures[word.b]
                    case .getUpvalue:
                        base[a] = UpvalueRef(capture: frame.pointee.closure.captures[word.b]).pointer.pointee.location.pointee
                    case .setUpvalue:
                        UpvalueRef(capture: frame.pointee.closure.captures[word.b]).pointer.pointee.location.pointee = base[a]
                    case .closeUpvalues:
                        closeUpvalues(from: base + a)

                    // MARK: Arithmetic

                    case .add:
                        let x = base[word.b], y = base[word.c]
                        if x.tag == .int, y.tag == .int {
                            let (sum, overflow) = x.asInt.addingReportingOverflow(y.asInt)
                            if !overflow {
                                base[a] = .int(sum)
                                continue
                            }
                        } else if x.tag == .float, y.tag == .float {
                            base[a] = .float(x.asFloat + y.asFloat)
                            continue
                        }
                        try leaveRarely(frame, pc) { try arithmetic(.add, $0.b, $0.c) }
                    case .addK:
                        let x = base[word.b], y = constants[word.c]
                        if y.tag == .float, x.isNumber {
                            base[a] = .float((x.tag == .float ? x.asFloat : Double(x.asInt)) + y.asFloat)
                            continue
                        }
                        try leaveRarely(frame, pc) { try arithmetic(.add, $0.b, $0.constantC) }
                    case .addI:
                        let x = base[word.b]
                        let immediate = word.signedC
                        if x.tag == .int {
                            let (sum, overflow) = x.asInt.addingReportingOverflow(immediate)
                            if !overflow {
                                base[a] = .int(sum)
                                continue
                            }
                        } else if x.tag == .float {
                            base[a] = .float(x.asFloat + Double(immediate))
                            continue
                        }
                        try leaveRarely(frame, pc) {
                            $0.word.signedC < 0 ? try arithmetic(.subtract, $0.b, .int(-$0.word.signedC))
                                : try arithmetic(.add, $0.b, .int($0.word.signedC))
                        }
                    case .subtract:
                        let x = base[word.b], y = base[word.c]
                        if x.tag == .int, y.tag == .int {
                            let (difference, overflow) = x.asInt.subtractingReportingOverflow(y.asInt)
                            if !overflow {
                                base[a] = .int(difference)
                                continue
                            }
                        } else if x.tag == .float, y.tag == .float {
                            base[a] = .float(x.asFloat - y.asFloat)
                            continue
                        }
                        try leaveRarely(frame, pc) { try arithmetic(.subtract, $0.b, $0.c) }
                    case .subtractK:
                        let x = base[word.b], y = constants[word.c]
                        if y.tag == .float, x.isNumber {
                            base[a] = .float((x.tag == .float ? x.asFloat : Double(x.asInt)) - y.asFloat)
                            continue
                        }
                        try leaveRarely(frame, pc) { try arithmetic(.subtract, $0.b, $0.constantC) }
                    case .multiply:
                        let x = base[word.b], y = base[word.c]
                        if x.tag == .float, y.tag == .float {
                            base[a] = .float(x.asFloat * y.asFloat)
                            continue
                        } else if x.tag == .int, y.tag == .int {
                            let (product, overflow) = x.asInt.multipliedReportingOverflow(by: y.asInt)
                            if !overflow {
                                base[a] = .int(product)
                                continue
                            }
                        }
                        try leaveRarely(frame, pc) { try arithmetic(.multiply, $0.b, $0.c) }
                    case .multiplyK:
                        let x = base[word.b], y = constants[word.c]
                        if y.tag == .float, x.isNumber {
                            base[a] = .float((x.tag == .float ? x.asFloat : Double(x.asInt)) * y.asFloat)
                            continue
                        } else if x.tag == .int, y.tag == .int {
                            let (product, overflow) = x.asInt.multipliedReportingOverflow(by: y.asInt)
                            if !overflow {
                                base[a] = .int(product)
                                continue
                            }
                        }
                        try leaveRarely(frame, pc) { try arithmetic(.multiply, $0.b, $0.constantC) }
                    case .divide:
                        let x = base[word.b], y = base[word.c]
                        if x.tag == .float, y.tag == .float, y.asFloat != 0 {
                            base[a] = .float(x.asFloat / y.asFloat)
                            continue
                        }
                        try leaveRarely(frame, pc) { try arithmetic(.divide, $0.b, $0.c) }
                    case .divideK:
                        let x = base[word.b], y = constants[word.c]
                        if x.tag == .float, y.tag == .float, y.asFloat != 0 {
                            base[a] = .float(x.asFloat / y.asFloat)
                            continue
                        }
                        try leaveRarely(frame, pc) { try arithmetic(.divide, $0.b, $0.constantC) }
                    case .floorDivide:
                        try leaveRarely(frame, pc) { try arithmetic(.floorDivide, $0.b, $0.c) }
                    case .floorDivideK:
                        let x = base[word.b], y = constants[word.c]
                        if x.tag == .int, y.tag == .int, y.asInt > 0 {
                            base[a] = .int(floorDivision(x.asInt, y.asInt))
                            continue
                        }
                        try leaveRarely(frame, pc) { try arithmetic(.floorDivide, $0.b, $0.constantC) }
                    case .remainder:
                        let x = base[word.b], y = base[word.c]
                        if x.tag == .int, y.tag == .int, y.asInt > 0 {
                            base[a] = .int(floorRemainder(x.asInt, y.asInt))
                            continue
                        }
                        try leaveRarely(frame, pc) { try arithmetic(.remainder, $0.b, $0.c) }
                    case .remainderK:
                        let x = base[word.b], y = constants[word.c]
                        if x.tag == .int, y.tag == .int, y.asInt > 0 {
                            base[a] = .int(floorRemainder(x.asInt, y.asInt))
                            continue
                        }
                        try leaveRarely(frame, pc) { try arithmetic(.remainder, $0.b, $0.constantC) }
                    case .addLeftK:
                        let x = constants[word.b], y = base[word.c]
                        if y.tag == .float {
                            base[a] = .float((x.tag == .float ? x.asFloat : Double(x.asInt)) + y.asFloat)
                            continue
                        } else if x.tag == .int, y.tag == .int {
                            let (result, overflow) = x.asInt.addingReportingOverflow(y.asInt)
                            if !overflow {
                                base[a] = .int(result)
                                continue
                            }
                        }
                        try leaveRarely(frame, pc) { try arithmetic(.add, $0.constantB, $0.c) }
                    case .subtractLeftK:
                        let x = constants[word.b], y = base[word.c]
                        if y.tag == .float {
                            base[a] = .float((x.tag == .float ? x.asFloat : Double(x.asInt)) - y.asFloat)
                            continue
                        } else if x.tag == .int, y.tag == .int {
                            let (result, overflow) = x.asInt.subtractingReportingOverflow(y.asInt)
                            if !overflow {
                                base[a] = .int(result)
                                continue
                            }
                        }
                        try leaveRarely(frame, pc) { try arithmetic(.subtract, $0.constantB, $0.c) }
                    case .multiplyLeftK:
                        let x = constants[word.b], y = base[word.c]
                        if y.tag == .float {
                            base[a] = .float((x.tag == .float ? x.asFloat : Double(x.asInt)) * y.asFloat)
                            continue
                        } else if x.tag == .int, y.tag == .int {
                            let (result, overflow) = x.asInt.multipliedReportingOverflow(by: y.asInt)
                            if !overflow {
                                base[a] = .int(result)
                                continue
                            }
                        }
                        try leaveRarely(frame, pc) { try arithmetic(.multiply, $0.constantB, $0.c) }
                    case .divideLeftK:
                        let x = constants[word.b], y = base[word.c]
                        if y.tag == .float, y.asFloat != 0 {
                            base[a] = .float((x.tag == .float ? x.asFloat : Double(x.asInt)) / y.asFloat)
                            continue
                        }
                        try leaveRarely(frame, pc) { try arithmetic(.divide, $0.constantB, $0.c) }
                    case .power:
                        try leaveRarely(frame, pc) { try arithmetic(.power, $0.b, $0.c) }
                    case .matmul:
                        try leaveRarely(frame, pc) { try arithmetic(.matmul, $0.b, $0.c) }
                    case .negate:
                        let x = base[word.b]
                        if x.tag == .float {
                            base[a] = .float(-x.asFloat)
                            continue
                        }
                        try leaveRarely(frame, pc) { try negated($0.b) }
                    case .not:
                        base[a] = .bool(!base[word.b].isTruthy)

                    // MARK: Jumps

                    case .jump:
                        pc += word.offset
                    case .loop:
                        if interruption.isRaised { throw stopped() }
                        pc += word.offset
                    case .jumpIfFalse:
                        pc += base[a].isTruthy ? 1 : pc.jumpOffset
                    case .jumpIfTrue:
                        pc += base[a].isTruthy ? pc.jumpOffset : 1
                    case .jumpIfNil:
                        pc += base[a].isNil ? pc.jumpOffset : 1
                    case .jumpIfNotNil:
                        pc += base[a].isNil ? 1 : pc.jumpOffset
                    case .jumpIfProvided:
                        pc += base[a].isMissing ? 1 : pc.jumpOffset
                    case .less:
                        let x = base[a], y = base[word.b]
                        let holds: Bool
                        if x.tag == .int, y.tag == .int {
                            holds = x.asInt < y.asInt
                        } else if x.tag == .float, y.tag == .float {
                            holds = x.asFloat < y.asFloat
                        } else {
                            holds = try leaveRarely(frame, pc) { try isLess($0.a, $0.b) }
                        }
                        pc += holds == (word.c != 0) ? pc.jumpOffset : 1
                    case .lessOrEqual:
                        let x = base[a], y = base[word.b]
                        let holds: Bool
                        if x.tag == .int, y.tag == .int {
                            holds = x.asInt <= y.asInt
                        } else if x.tag == .float, y.tag == .float {
                            holds = x.asFloat <= y.asFloat
                        } else {
                            holds = try leaveRarely(frame, pc) { try isLessOrEqual($0.a, $0.b) }
                        }
                        pc += holds == (word.c != 0) ? pc.jumpOffset : 1
                    case .greater:
                        let x = base[a], y = base[word.b]
                        let holds: Bool
                        if x.tag == .int, y.tag == .int {
                            holds = x.asInt > y.asInt
                        } else if x.tag == .float, y.tag == .float {
                            holds = x.asFloat > y.asFloat
                        } else {
                            holds = try leaveRarely(frame, pc) { try isGreater($0.a, $0.b) }
                        }
                        pc += holds == (word.c != 0) ? pc.jumpOffset : 1
                    case .greaterOrEqual:
                        let x = base[a], y = base[word.b]
                        let holds: Bool
                        if x.tag == .int, y.tag == .int {
                            holds = x.asInt >= y.asInt
                        } else if x.tag == .float, y.tag == .float {
                            holds = x.asFloat >= y.asFloat
                        } else {
                            holds = try leaveRarely(frame, pc) { try isGreaterOrEqual($0.a, $0.b) }
                        }
                        pc += holds == (word.c != 0) ? pc.jumpOffset : 1
                    case .equal:
                        let x = base[a], y = base[word.b]
                        let holds: Bool
                        if let known = quicklyEqual(x, y) {
                            holds = known
                        } else {
                            holds = try leaveRarely(frame, pc) { try areEqual($0.a, $0.b) }
                        }
                        pc += holds == (word.c != 0) ? pc.jumpOffset : 1
                    case .equalK:
                        let x = base[a], y = constants[word.b]
                        let holds: Bool
                        if let known = quicklyEqual(x, y) {
                            holds = known
                        } else {
                            holds = try leaveRarely(frame, pc) { try areEqual($0.a, $0.constantB) }
                        }
                        pc += holds == (word.c != 0) ? pc.jumpOffset : 1
                    case .lessI:
                        let x = base[a]
                        let holds = x.tag == .int ? x.asInt < word.signedB : x.tag == .float ? x.asFloat < Double(word.signedB)
                            : try leaveRarely(frame, pc) { try isLess($0.a, .int($0.word.signedB)) }
                        pc += holds == (word.c != 0) ? pc.jumpOffset : 1
                    case .lessOrEqualI:
                        let x = base[a]
                        let holds = x.tag == .int ? x.asInt <= word.signedB : x.tag == .float ? x.asFloat <= Double(word.signedB)
                            : try leaveRarely(frame, pc) { try isLessOrEqual($0.a, .int($0.word.signedB)) }
                        pc += holds == (word.c != 0) ? pc.jumpOffset : 1
                    case .greaterI:
                        let x = base[a]
                        let holds = x.tag == .int ? x.asInt > word.signedB : x.tag == .float ? x.asFloat > Double(word.signedB)
                            : try leaveRarely(frame, pc) { try isGreater($0.a, .int($0.word.signedB)) }
                        pc += holds == (word.c != 0) ? pc.jumpOffset : 1
                    case .greaterOrEqualI:
                        let x = base[a]
                        let holds = x.tag == .int ? x.asInt >= word.signedB : x.tag == .float ? x.asFloat >= Double(word.signedB)
                            : try leaveRarely(frame, pc) { try isGreaterOrEqual($0.a, .int($0.word.signedB)) }
                        pc += holds == (word.c != 0) ? pc.jumpOffset : 1
                    case .contains:
                        let element = base[word.b], collection = base[word.c]
                        try leave(frame, base, pc, into: a) { .bool(try contains(element, in: collection)) }
                    case .identical:
                        base[a] = .bool(base[word.b].isIdentical(to: base[word.c]))

                    // MARK: Strings

                    case .interpolate:
                        let parts = base + word.b
                        try leave(frame, base, pc, into: a) { try interpolate(parts, word.c) }
                    case .format:
                        let spec = constants[Int(pc.pointee)]
                        pc += 1
                        let value = base[word.b]
                        try leave(frame, base, pc, into: a) { try formatted(value, spec.asString) }

                    // MARK: Containers

                    case .newList:
                        base[a] = .list(heap.list(capacity: word.wide))
                        try safePoint(frame, base)
                    case .reserve:
                        reserve(base[a].asList, for: base[word.b], base[word.b + 1])
                    case .append:
                        heap.append(base[word.b], to: base[a].asList)
                        try safePoint(frame, base)
                    case .appendAll:
                        let source = base[word.b], list = base[a].asList
                        try leave(frame, base, pc) { try appendAll(source, to: list) }
                    case .newMap:
                        base[a] = .map(heap.map(capacity: word.wide))
                        try safePoint(frame, base)
                    case .mapSet:
                        let key = base[word.b]
                        guard let hash = hashKey(key) else { throw unhashable(key) }
                        heap.set(key, hash: hash, to: base[word.c], in: base[a].asMap)
                        try safePoint(frame, base)
                    case .mapSetAll:
                        let source = base[word.b], map = base[a].asMap
                        try leave(frame, base, pc) { try setAll(source, in: map) }
                    case .newRange:
                        let flags = pc.pointee
                        pc += 1
                        let lower = base[word.b], upper = base[word.c]
                        try leave(frame, base, pc, into: a) { try makeRange(lower, upper, flags) }
                    case .getMember:
                        let object = base[word.b]
                        let key = constants[Int(pc[0])].asString
                        if object.tag == .map {
                            // The cache remembers where among the entries the key was last time.
                            let map = object.asMap
                            if let entry = map.entry(at: Int(pc[1]), key: key) {
                                base[a] = entry.pointee.value
                                pc += 2
                                continue
                            }
                            let position = map.find(string: key, hash: key.hash)
                            if position >= 0 {
                                pc[1] = UInt32(truncatingIfNeeded: position)
                                base[a] = map.entries[position].value
                                pc += 2
                                continue
                            }
                        }
                        pc += 2
                        try leave(frame, base, pc, into: a) { try getMember(object, key, isOptional: word.c != 0) }
                    case .setMember:
                        let object = base[a]
                        let key = constants[Int(pc[0])].asString
                        if object.tag == .map {
                            let map = object.asMap
                            if let entry = map.entry(at: Int(pc[1]), key: key) {
                                entry.pointee.value = base[word.b]
                                pc += 2
                                continue
                            }
                            let position = map.find(string: key, hash: key.hash)
                            if position >= 0 {
                                pc[1] = UInt32(truncatingIfNeeded: position)
                                map.entries[position].value = base[word.b]
                            } else {
                                heap.set(.string(key), hash: key.hash, to: base[word.b], in: map)
                            }
                            pc += 2
                            continue
                        }
                        pc += 2
                        throw cannotSetMember(object, key)
                    case .getIndex:
                        let object = base[word.b], key = base[word.c]
                        if object.tag == .list, key.tag == .int {
                            let list = object.asList
                            let index = key.asInt
                            if index >= 0, index < list.count {
                                base[a] = list.elements[index]
                                continue
                            }
                        } else if object.tag == .map, let hash = hashKey(key) {
                            let map = object.asMap
                            let position = map.find(key, hash: hash)
                            if position >= 0 {
                                base[a] = map.entries[position].value
                                continue
                            }
                        }
                        try leave(frame, base, pc, into: a) { try getIndex(object, key) }
                    case .getIndexOptional:
                        let object = base[word.b], key = base[word.c]
                        if object.tag == .map, let hash = hashKey(key) {
                            let position = object.asMap.find(key, hash: hash)
                            base[a] = position >= 0 ? object.asMap.entries[position].value : .nil
                            continue
                        }
                        try leave(frame, base, pc, into: a) { try getIndexOptional(object, key) }
                    case .setIndex:
                        let object = base[a], key = base[word.b]
                        if object.tag == .list, key.tag == .int {
                            let list = object.asList
                            let index = key.asInt
                            if index >= 0, index < list.count {
                                list.elements[index] = base[word.c]
                                continue
                            }
                        } else if object.tag == .map, let hash = hashKey(key) {
                            heap.set(key, hash: hash, to: base[word.c], in: object.asMap)
                            try safePoint(frame, base)
                            continue
                        }
                        let value = base[word.c]
                        try leave(frame, base, pc) { try setIndex(object, key, to: value) }
                    case .getIndexMany:
                        let registers = base + a
                        try leave(frame, base, pc, into: a) { try getIndex(registers[0], many: registers + 1, count: word.b) }
                    case .setIndexMany:
                        let registers = base + a, value = base[word.c]
                        try leave(frame, base, pc) { try setIndex(registers[0], many: registers + 1, count: word.b, to: value) }
                    case .destructure:
                        let registers = base + a
                        try leave(frame, base, pc) { try destructure(registers, count: word.b, hasRest: word.c != 0) }

                    // MARK: Functions

                    case .length:
                        let value = base[word.b]
                        if value.tag == .list {
                            base[a] = .int(value.asList.count)
                            continue
                        }
                        let argument = base + word.c
                        argument.pointee = value
                        try leave(frame, base, pc, into: a) { try invoke(builtin: registry.len, argument, 1) }
                    case .push:
                        let list = base[word.b]
                        if list.tag == .list {
                            heap.append(base[word.c], to: list.asList)
                            base[a] = list
                            try safePoint(frame, base)
                            continue
                        }
                        let arguments = base + a
                        arguments[1] = base[word.c]
                        arguments[0] = list
                        try leave(frame, base, pc, into: a) { try invoke(builtin: registry.push, arguments, 2) }
                    case .closure:
                        base[a] = .closure(makeClosure(frame.pointee.closure, word.wide, base))
                        try safePoint(frame, base)
                    case .call:
                        let callee = base[a]
                        let arguments = base + (a &+ 1)
                        if callee.tag == .closure {
                            try enter(callee.asClosure, arguments, word.b, &frame, &base, &pc, &constants)
                            continue
                        }
                        try leave(frame, base, pc, into: a) { try invoke(callee, arguments, word.b) }
                    case .callShaped:
                        let shape = Int(pc.pointee)
                        pc += 1
                        let callee = base[a]
                        let arguments = base + (a + 1)
                        let prototype = frame.pointee.closure.prototype
                        let count = try unpack(shape, of: prototype, for: callee, arguments, receiver: false)
                        if callee.tag == .closure {
                            try enter(callee.asClosure, arguments, count, &frame, &base, &pc, &constants)
                            continue
                        }
                        try leave(frame, base, pc, into: a) { try invoke(callee, arguments, count) }
                    case .callMethod:
                        let receiver = base[a]
                        let key = constants[Int(pc[0])].asString
                        let arguments = base + (a &+ 1)
                        pc += 2
                        if let builtin = methodBuiltin(receiver, key) {
                            try leave(frame, base, pc, into: a) { try invoke(builtin: builtin, arguments - 1, word.b + 1) }
                            continue
                        }
                        try leave(frame, base, pc, into: a) { try getMember(receiver, key, isOptional: false) }
                        let callee = base[a]
                        if callee.tag == .closure {
                            try enter(callee.asClosure, arguments, word.b, &frame, &base, &pc, &constants)
                            continue
                        }
                        try leave(frame, base, pc, into: a) { try invoke(callee, arguments, word.b) }
                    case .callMethodShaped:
                        let receiver = base[a]
                        let key = constants[Int(pc[0])].asString
                        let shape = Int(pc[1])
                        let arguments = base + (a + 1)
                        let prototype = frame.pointee.closure.prototype
                        pc += 2
                        if let builtin = methodBuiltin(receiver, key) {
                            let count = try unpack(shape, of: prototype, for: .builtin(builtin), arguments - 1, receiver: true)
                            try leave(frame, base, pc, into: a) { try invoke(builtin: builtin, arguments - 1, count) }
                            continue
                        }
                        try leave(frame, base, pc, into: a) { try getMember(receiver, key, isOptional: false) }
                        let callee = base[a]
                        let count = try unpack(shape, of: prototype, for: callee, arguments, receiver: false)
                        if callee.tag == .closure {
                            try enter(callee.asClosure, arguments, count, &frame, &base, &pc, &constants)
                            continue
                        }
                        try leave(frame, base, pc, into: a) { try invoke(callee, arguments, count) }
                    case .returnClosing, .return:
                        let value = base[a]
                        if unsafeBitCast(UInt8(truncatingIfNeeded: word), to: Opcode.self) == .returnClosing { closeUpvalues(from: base) }
                        state.pointee.frame &-= 1
                        if frame.pointee.isEntry { return value }
                        base[-1] = value
                        frame -= 1
                        base = frame.pointee.base
                        pc = frame.pointee.pc
                        constants = frame.pointee.closure.prototype.pointee.constants

                    // MARK: Iteration

                    case .forRangePrepare:
                        let offset = pc.jumpOffset
                        guard base[a].tag == .int, base[a + 1].tag == .int else {
                            pc += 1
                            throw notRangeEnds(base[a], base[a + 1])
                        }
                        let lower = base[a].asInt
                        var last = base[a + 1].asInt
                        if word.c == 0 {
                            if last == .min {
                                pc += offset
                                continue
                            }
                            last -= 1
                        }
                        if lower > last {
                            pc += offset
                        } else {
                            base[a + 1] = .int(last)
                            base[a + 2] = .int(lower)
                            pc += 1
                        }
                    case .forRangeLoop:
                        let current = base[a].asInt
                        if current < base[a + 1].asInt {
                            base[a] = .int(current &+ 1)
                            base[a + 2] = .int(current &+ 1)
                            if interruption.isRaised { throw stopped() }
                            pc += pc.jumpOffset
                        } else {
                            pc += 1
                        }
                    case .iterate:
                        let sequence = base[a]
                        base[a + 1] = .int(0)
                        try leave(frame, base, pc, into: a) { try iterator(over: sequence) }
                    case .iterateNext:
                        let sequence = base[a]
                        let position = base[a + 1].asInt
                        if sequence.tag == .list {
                            if position < sequence.asList.count {
                                base[a + 2] = sequence.asList.elements[position]
                                base[a + 1] = .int(position &+ 1)
                                pc += 1
                            } else {
                                pc += pc.jumpOffset
                            }
                            continue
                        }
                        // Only ASCII text is iterated over as it is.
                        if sequence.tag == .string, position < sequence.asString.byteCount {
                            base[a + 2] = .string(heap.characters[Int(sequence.asString.bytes[position])])
                            base[a + 1] = .int(position &+ 1)
                            pc += 1
                            continue
                        }
                        let registers = base + a
                        let isThere = try leave(frame, base, pc) { try next(sequence, registers + 1, into: registers + 2) }
                        pc += isThere ? 1 : pc.jumpOffset
                    case .iterateNextPair:
                        let registers = base + a
                        let isThere = try leave(frame, base, pc) { try nextPair(registers[0], registers + 1, into: registers + 2) }
                        pc += isThere ? 1 : pc.jumpOffset

                    // MARK: Errors, draws, modules

                    case .tryBegin:
                        handlers.append(Handler(
                            frame: state.pointee.frame, target: pc + pc.jumpOffset, register: a, generatorCount: generators.count))
                        pc += 1
                    case .tryEnd:
                        handlers.removeLast()
                    case .throw:
                        throw Thrown(value: base[a])
                    case .draw:
                        let distribution = base[word.b]
                        try leave(frame, base, pc, into: a) { try draw(from: distribution) }
                    case .withBegin:
                        let generator = base[a]
                        try leave(frame, base, pc) { generators.append(try ambientGenerator(generator)) }
                    case .withEnd:
                        generators.removeLast()
                    case .import:
                        try leave(frame, base, pc, into: a) { try runModule(word.wide) }
                    }
                }
            } catch {
                frame.pointee.pc = pc
                let raised = raised(error)
                if handlers.count > firstHandler, !raised.isUncatchable {
                    let handler = handlers.removeLast()
                    state.pointee.frame = handler.frame
                    frame = frames + handler.frame
                    base = frame.pointee.base
                    closeUpvalues(from: base + (handler.register + 1))
                    // What the protected code had there is not to live on.
                    for register in handler.register..<frame.registerCount { base[register] = .nil }
                    pc = handler.target
                    constants = frame.pointee.closure.prototype.pointee.constants
                    generators.removeSubrange(handler.generatorCount...)
                    base[handler.register] = raised.thrown ?? .host(heap.host(raised))
                    continue
                }
                handlers.removeSubrange(firstHandler...)
                closeUpvalues(from: entryBase)
                generators.removeSubrange(generatorCount...)
                state.pointee.frame = entryFrame - 1
                throw raised
            }
        }
    }

    // MARK: - Leaving the loop

    /// Does work that may throw, collect or run code of the language, with the frame as those expect it: its place in the code for
    /// errors and traces, and all its registers, whichever the instruction uses, safe from the frames of what is called. The result is
    /// in its register when the collector runs. Nothing in the loop does such work in another way: a test reads the source for it.
    @inline(__always) private func leave(
        _ frame: UnsafeMutablePointer<Frame>, _ base: UnsafeMutablePointer<Value>, _ pc: UnsafeMutablePointer<UInt32>, into register: Int,
        _ work: () throws -> Value
    ) throws {
        assert(register < frame.registerCount && base + frame.registerCount <= state.pointee.highWater)
        frame.pointee.pc = pc
        state.pointee.top = base + frame.registerCount
        base[register] = try work()
        try safePoint(frame, base)
    }

    /// The same for work whose result, if it has one, is no object of the language.
    @inline(__always) private func leave<Result>(
        _ frame: UnsafeMutablePointer<Frame>, _ base: UnsafeMutablePointer<Value>, _ pc: UnsafeMutablePointer<UInt32>,
        _ work: () throws -> Result
    ) throws -> Result {
        frame.pointee.pc = pc
        state.pointee.top = base + frame.registerCount
        let result = try work()
        try safePoint(frame, base)
        return result
    }

    /// The same out of line for an instruction of one word, whose operands are read again: so what numbers do without leaving has the
    /// processor's registers to itself.
    @inline(never) private func leaveRarely(
        _ frame: UnsafeMutablePointer<Frame>, _ pc: UnsafeMutablePointer<UInt32>, _ work: (Operands) throws -> Value
    ) throws {
        let operands = Operands(of: frame, before: pc)
        try leave(frame, operands.registers, pc, into: operands.word.a) { try work(operands) }
    }

    @inline(never) private func leaveRarely<Result>(
        _ frame: UnsafeMutablePointer<Frame>, _ pc: UnsafeMutablePointer<UInt32>, _ work: (Operands) throws -> Result
    ) throws -> Result {
        let operands = Operands(of: frame, before: pc)
        return try leave(frame, operands.registers, pc) { try work(operands) }
    }

    /// Where everything alive is in the frame's registers: the collector may run. By itself it is enough after what only allocates.
    @inline(__always) private func safePoint(_ frame: UnsafeMutablePointer<Frame>, _ base: UnsafeMutablePointer<Value>) throws {
        if heap.needsCollection { try collect(top: base + frame.registerCount) }
    }

    /// Starts a closure on arguments that are already where its parameters will be.
    @inline(__always) private func enter(
        _ closure: ClosureRef, _ arguments: UnsafeMutablePointer<Value>, _ count: Int, _ frame: inout UnsafeMutablePointer<Frame>,
        _ base: inout UnsafeMutablePointer<Value>, _ pc: inout UnsafeMutablePointer<UInt32>, _ constants: inout UnsafeMutablePointer<Value>
    ) throws {
        frame.pointee.pc = pc
        let layout = closure.prototype
        if layout.pointee.parameterCount != count { try arrange(layout, arguments, count) }
        let depth = state.pointee.frame &+ 1
        if depth >= VM.frameCapacity - 1 { throw tooDeep() }
        try ensureStack(arguments + (layout.pointee.registerCount &+ 1))
        if interruption.isRaised { throw stopped() }
        state.pointee.frame = depth
        frame += 1
        frame.initialize(to: Frame(closure: closure, base: arguments, pc: layout.pointee.code, isEntry: false))
        base = arguments
        pc = layout.pointee.code
        constants = layout.pointee.constants
    }
}

// MARK: - Fields of an instruction

/// What the instruction before a place in the code works on.
private struct Operands {
    let registers, constants: UnsafeMutablePointer<Value>
    let word: UInt32

    init(of frame: UnsafeMutablePointer<VM.Frame>, before pc: UnsafeMutablePointer<UInt32>) {
        registers = frame.pointee.base
        constants = frame.pointee.closure.prototype.pointee.constants
        word = pc[-1]
    }

    var a: Value { registers[word.a] }
    var b: Value { registers[word.b] }
    var c: Value { registers[word.c] }
    var constantB: Value { constants[word.b] }
    var constantC: Value { constants[word.c] }
}

extension UInt32 {
    @inline(__always) fileprivate var a: Int { Int((self >> 8) & 0xff) }
    @inline(__always) fileprivate var b: Int { Int((self >> 16) & 0xff) }
    @inline(__always) fileprivate var c: Int { Int(self >> 24) }
    @inline(__always) fileprivate var signedB: Int { Int(Int8(truncatingIfNeeded: self >> 16)) }
    @inline(__always) fileprivate var signedC: Int { Int(Int8(truncatingIfNeeded: self >> 24)) }
    @inline(__always) fileprivate var wide: Int { Int(self >> 16) }
    @inline(__always) fileprivate var signedWide: Int { Int(Int16(truncatingIfNeeded: self >> 16)) }
    /// The 24 bits above the opcode, signed.
    @inline(__always) fileprivate var offset: Int { Int(Int32(bitPattern: self) >> 8) }
}

extension UnsafeMutablePointer<UInt32> {
    /// The jump word here, counted from this word on.
    @inline(__always) fileprivate var jumpOffset: Int { Int(Int32(bitPattern: pointee)) &+ 1 }
}

extension UnsafeMutablePointer<VM.Frame> {
    @inline(__always) fileprivate var registerCount: Int { pointee.closure.prototype.pointee.registerCount }
}

/// Division rounding down; the divisor is positive.
@inline(__always) func floorDivision(_ a: Int, _ b: Int) -> Int {
    let quotient = a / b
    return a % b < 0 ? quotient - 1 : quotient
}

/// The remainder that goes with it, never negative.
@inline(__always) func floorRemainder(_ a: Int, _ b: Int) -> Int {
    let remainder = a % b
    return remainder < 0 ? remainder + b : remainder
}
