import Lang

/// A compiled function. The VM reads `layout`; everything else serves errors, help and named arguments.
/// Prototypes live as long as their session.
package final class Prototype {
    /// The name in call traces of the code outside all functions.
    package static let topLevel = "<top level>"

    package let name: String
    package let source: Source
    /// The span of the whole function in its source.
    package let span: Span
    package let documentation: String?
    package let signature: Signature
    let prototypes: [Prototype]
    let callShapes: [CallShape]
    /// The expression each word of code came from.
    let spans: [Span]
    /// The calls, by the position of their last word.
    let callSites: [Int: CallSite]
    let layout: UnsafeMutablePointer<PrototypeLayout>
    private let codeCount: Int
    private let constantCount: Int

    /// Where a closure gets a captured variable from when it is made.
    struct Capture {
        var kind: Kind
        /// Of the register or of the capture.
        var index: UInt16

        enum Kind: UInt8 {
            /// The value in a register of the enclosing function.
            case value
            /// The upvalue of a register of the enclosing function.
            case variable
            /// What the enclosing function captured itself.
            case outer
        }
    }

    init(
        name: String, source: Source, span: Span, documentation: String?, signature: Signature, prototypes: [Prototype],
        captures: [Capture], callShapes: [CallShape], code: [UInt32], spans: [Span], callSites: [Int: CallSite],
        constants: [Value], registerCount: Int
    ) {
        self.name = name
        self.source = source
        self.span = span
        self.documentation = documentation
        self.signature = signature
        self.prototypes = prototypes
        self.callShapes = callShapes
        self.spans = spans
        self.callSites = callSites
        codeCount = code.count
        constantCount = constants.count
        let codeCopy = UnsafeMutablePointer<UInt32>.allocate(capacity: max(1, code.count))
        codeCopy.initialize(from: code, count: code.count)
        let constantCopy = UnsafeMutablePointer<Value>.allocate(capacity: max(1, constants.count))
        constantCopy.initialize(from: constants, count: constants.count)
        let captureCopy = UnsafeMutablePointer<Capture>.allocate(capacity: max(1, captures.count))
        captureCopy.initialize(from: captures, count: captures.count)
        let layouts = UnsafeMutablePointer<UnsafeMutablePointer<PrototypeLayout>>.allocate(capacity: max(1, prototypes.count))
        layouts.initialize(from: prototypes.map(\.layout), count: prototypes.count)
        let placements = UnsafeMutablePointer<Placement>.allocate(capacity: max(1, callShapes.count))
        placements.initialize(repeating: Placement(), count: callShapes.count)
        layout = .allocate(capacity: 1)
        layout.initialize(to: PrototypeLayout(
            code: codeCopy, constants: constantCopy, registerCount: registerCount,
            parameterCount: signature.hasRest ? -1 : signature.parameters.count,
            requiredCount: signature.sufficientCount, placements: placements,
            captures: captureCopy, captureCount: captures.count, prototypes: layouts, object: nil))
        layout.pointee.object = Unmanaged.passUnretained(self)
    }

    package var callable: Callable { Callable(name, signature) }

    deinit {
        layout.pointee.code.deallocate()
        layout.pointee.constants.deallocate()
        layout.pointee.placements.deallocate()
        layout.pointee.captures.deallocate()
        layout.pointee.prototypes.deallocate()
        layout.deallocate()
    }
}

/// The data of a function that the VM's loop needs, as plain data.
public struct PrototypeLayout {
    public var code: UnsafeMutablePointer<UInt32>
    public var constants: UnsafeMutablePointer<Value>
    public var registerCount: Int
    /// The number of arguments of a plain call; -1 if there is a rest parameter.
    public var parameterCount: Int
    /// The number of arguments with which nothing is missing.
    public var requiredCount: Int
    /// The argument placement of each call with names or a spread.
    public var placements: UnsafeMutablePointer<Placement>
    var captures: UnsafeMutablePointer<Prototype.Capture>
    public var captureCount: Int
    /// The functions declared inside this function.
    public var prototypes: UnsafeMutablePointer<UnsafeMutablePointer<PrototypeLayout>>
    var object: Unmanaged<Prototype>?

    public func takes(_ count: Int) -> Bool {
        count == parameterCount || count >= requiredCount && (parameterCount < 0 || count < parameterCount)
    }

    package var prototype: Prototype { object.unsafelyUnwrapped.takeUnretainedValue() }
}

/// How the arguments of a call beyond plain positional ones lie in its registers.
struct CallShape {
    /// Positional arguments come first, one a register; with `hasSpread`, one list that holds all of them.
    var positionalCount: Int
    var hasSpread: Bool
    /// Then the named arguments' values, in this order.
    var names: [String]

    var registerCount: Int { (hasSpread ? 1 : positionalCount) + names.count }
}

/// Where the parts of a call stand in the source, so that an error can point at one argument.
struct CallSite {
    /// What is called; for a method its name.
    var callee: Span
    /// In register order: positional ones, then named ones.
    var arguments: [Span]
    /// The names of the named ones.
    var labels: [Span]
    /// A method's receiver is argument 0 of the function that runs.
    var isMethod: Bool
    var shape: CallShape?

    /// The place of the argument for a parameter, when that can be told; -1 is what is called.
    func span(ofArgument parameter: Int, named name: String?) -> Span? {
        let index = isMethod ? parameter - 1 : parameter
        if index < 0 { return callee }
        guard let shape else { return arguments.indices.contains(index) ? arguments[index] : nil }
        if let position = shape.names.firstIndex(where: { $0 == name }) { return arguments[arguments.count - shape.names.count + position] }
        return !shape.hasSpread && index < shape.positionalCount ? arguments[index] : nil
    }
}
