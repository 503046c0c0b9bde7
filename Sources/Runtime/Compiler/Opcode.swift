/// The instructions of the register machine.
///
/// A word is `op | A << 8 | B << 16 | C << 24`; `Bx` is B and C together, `s` marks a signed field, `K` a constant,
/// `R` a register. Extra words follow where noted: `jump` is a signed offset from the end of the instruction,
/// `key` a constant index, `cache` scratch space of the instruction's own. `C?` in a comparison is the outcome on
/// which to jump.
enum Opcode: UInt8 {
    // Loads and moves
    case move               // R[A] = R[B]
    case loadInt            // R[A] = sBx
    case loadConstant       // R[A] = K[Bx]
    case loadConstantWide   // R[A] = K[key]                                  + key
    case loadNil            // R[A] = nil
    case loadBool           // R[A] = B != 0
    case getGlobal          // R[A] = G[Bx]; a name error when it has no value
    case getGlobalWide      //                                                + slot
    case setGlobal          // G[Bx] = R[A]
    case setGlobalWide      //                                                + slot
    case getCaptured        // R[A] = C[B], the value of a captured variable that never changes
    case getUpvalue         // R[A] = U[B], the upvalue of one that does
    case setUpvalue         // U[B] = R[A]
    case closeUpvalues      // variables from R[A] up move out of the stack

    // Arithmetic: registers; register and constant; constant and register; register and small int
    case add, subtract, multiply, divide, floorDivide, remainder, power, matmul  // R[A] = R[B] op R[C]
    case addK, subtractK, multiplyK, divideK, floorDivideK, remainderK           // R[A] = R[B] op K[C]
    case addLeftK, subtractLeftK, multiplyLeftK, divideLeftK                     // R[A] = K[B] op R[C]
    case addI               // R[A] = R[B] + sC
    case negate             // R[A] = -R[B]
    case not                // R[A] = not R[B]

    // Jumps
    case jump               // by s24 (A, B, C together)
    case loop               // the same, backwards: polls for interrupts
    case jumpIfFalse        // R[A]                                           + jump
    case jumpIfTrue         // R[A]                                           + jump
    case jumpIfNil          // R[A]                                           + jump
    case jumpIfNotNil       // R[A]                                           + jump
    case jumpIfProvided     // R[A] is not missing                            + jump
    case less               // if (R[A] < R[B]) == C?                         + jump
    case lessOrEqual        // if (R[A] <= R[B]) == C?                        + jump
    case greater            // if (R[A] > R[B]) == C?                         + jump
    case greaterOrEqual     // if (R[A] >= R[B]) == C?                        + jump
    case equal              // if (R[A] == R[B]) == C?                        + jump
    case lessI              // if (R[A] < sB) == C?                           + jump
    case lessOrEqualI       // if (R[A] <= sB) == C?                          + jump
    case greaterI           // if (R[A] > sB) == C?                           + jump
    case greaterOrEqualI    // if (R[A] >= sB) == C?                          + jump
    case equalK             // if (R[A] == K[B]) == C?                        + jump
    case contains           // R[A] = R[B] in R[C]
    case identical          // R[A] = R[B] is R[C]

    // Strings
    case interpolate        // R[A] = R[B] … R[B + C - 1] as text, joined
    case format             // R[A] = R[B] by the format in K[key]            + key

    // Containers
    case newList            // R[A] = [] with room for Bx
    case reserve            // room in R[A] for what the loop with R[B] and R[B + 1] steps over
    case append             // R[A].push(R[B]), R[A] being a new list
    case appendAll          // R[A].push(...R[B])
    case newMap             // R[A] = {} with room for Bx
    case mapSet             // R[A][R[B]] = R[C]
    case mapSetAll          // R[A] = {...R[A], ...R[B]}
    case newRange           // R[A] = R[B] .. R[C]; flags: 1 closed, 2 no lower end, 4 no upper end   + flags
    case getMember          // R[A] = R[B].K[key]; C: a missing one is nil    + key, cache
    case setMember          // R[A].K[key] = R[B]                             + key, cache
    case getIndex           // R[A] = R[B][R[C]]
    case getIndexOptional   // the same, a missing one is nil
    case setIndex           // R[A][R[B]] = R[C]
    case getIndexMany       // R[A] = R[A][R[A + 1], … R[A + B]]
    case setIndexMany       // R[A][R[A + 1], … R[A + B]] = R[C]
    case destructure        // R[A + 1] … R[A + B] = elements of R[A]; with C, R[A + B + 1] gets the rest

    // Functions; `length` and `push` are the built-ins `len` and `push`, which loops call most
    case length             // R[A] = len(R[B]); R[C] is free
    case push               // R[A] = push(R[B], R[C]); R[A + 1] is free
    case closure            // R[A] = closure of P[Bx]
    case call               // R[A] = R[A](R[A + 1], … R[A + B])
    case callShaped         // with names or spread, see CallShape            + shape
    case callMethod         // R[A] = R[A].K[key](R[A + 1], … R[A + B])       + key, cache
    case callMethodShaped   // with names or spread                           + key, shape
    case `return`           // R[A]
    case returnClosing      // the same, from a function whose variables were captured

    // Iteration
    case forRangePrepare    // counts from R[A] to R[A + 1] (with C, including it) in R[A + 2]; jump when empty   + jump
    case forRangeLoop       //                                                + jump (backwards)
    case iterate            // R[A] = an iterator over R[A]; R[A + 1] = its position
    case iterateNext        // R[A + 2] = the next element; jump at the end   + jump
    case iterateNextPair    // R[A + 2], R[A + 3] = the next pair; jump at the end   + jump

    // Errors, draws, modules
    case tryBegin           // errors go to R[A] at                           + jump
    case tryEnd
    case `throw`            // R[A]
    case draw               // R[A] = a draw from R[B]
    case withBegin          // R[A] becomes the ambient generator
    case withEnd
    case `import`           // runs module Bx unless it has run; R[A] = its module object
}

typealias Register = Int

extension Opcode {
    static func word(_ op: Opcode, _ a: Int, _ b: Int, _ c: Int) -> UInt32 {
        UInt32(op.rawValue) | UInt32(truncatingIfNeeded: a & 0xff) << 8 | UInt32(truncatingIfNeeded: b & 0xff) << 16
            | UInt32(truncatingIfNeeded: c & 0xff) << 24
    }

    static func word(_ op: Opcode, _ a: Int, wide: Int) -> UInt32 {
        UInt32(op.rawValue) | UInt32(truncatingIfNeeded: a & 0xff) << 8 | UInt32(truncatingIfNeeded: wide & 0xffff) << 16
    }

    /// For `jump` and `loop`; the offset fits 24 bits signed.
    static func word(_ op: Opcode, offset: Int) -> UInt32 {
        UInt32(op.rawValue) | UInt32(truncatingIfNeeded: offset) << 8
    }
}

/// The arithmetic operators, as the slow paths and error messages name them.
public enum Arithmetic: UInt8 {
    case add, subtract, multiply, divide, floorDivide, remainder, power, matmul

    package var symbol: String { ["+", "-", "*", "/", "//", "%", "**", "@"][Int(rawValue)] }

    /// The instruction on two registers; the others follow in the same order.
    var opcode: Opcode { Opcode(rawValue: Opcode.add.rawValue + rawValue).unsafelyUnwrapped }
    /// The instruction with a constant on the right, where there is one.
    var constantOpcode: Opcode? {
        rawValue <= Arithmetic.remainder.rawValue ? Opcode(rawValue: Opcode.addK.rawValue + rawValue) : nil
    }
    /// The instruction with a constant on the left, where there is one.
    var leftConstantOpcode: Opcode? {
        rawValue <= Arithmetic.divide.rawValue ? Opcode(rawValue: Opcode.addLeftK.rawValue + rawValue) : nil
    }
}
