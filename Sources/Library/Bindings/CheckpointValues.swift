import NASLib
import Runtime
import Text

/// A library object whose state a checkpoint keeps: it is put back into an object that is there already.
protocol StatefulObject: HostObject {
    var state: any Checkpointable { get }
}

extension PathSamplerObject: StatefulObject { var state: any Checkpointable { sampler } }
extension ItemSamplerObject: StatefulObject { var state: any Checkpointable { sampler } }

/// A library object that never changes and that a script makes anew: a checkpoint keeps what it is like.
protocol ConstantObject: HostObject {
    /// What must be the same for two objects to count as the same.
    var identity: String { get }
}

extension ConstantObject {
    var identity: String { description }
}

/// A library object that a checkpoint keeps whole.
protocol WholeObject: HostObject {
    /// The code that stands before it.
    static var kind: ValueKind { get }
    func write(to writer: inout ValueWriter) throws
    /// Gives the object, which it lets `reader` remember: a new one, or the one that is there already, which takes on what was saved.
    static func read(from reader: inout ValueReader, into target: Value) throws -> Value
}

/// A library object that knows a space.
private protocol OfSpace: HostObject {
    var networkSpace: any NetworkSpace { get }
}

extension SpaceObject: OfSpace { fileprivate var networkSpace: any NetworkSpace { space } }
extension PathObject: OfSpace { fileprivate var networkSpace: any NetworkSpace { space } }
extension SupernetObject: OfSpace { fileprivate var networkSpace: any NetworkSpace { net.space } }
extension PathSamplerObject: OfSpace { fileprivate var networkSpace: any NetworkSpace { space } }

extension NetworkSpace {
    /// The same for spaces with the same paths.
    fileprivate var signature: String {
        var text = ArchiveWriter()
        for choice in choices { ([choice.name] + choice.candidates).forEach { text.write($0) } }
        return "\(name) \(CRC32.of(text.bytes))"
    }
}

/// What `load(path)` gives for a library object: its state alone, which `load(path, into: …)` puts into an object.
final class SavedObject: HostObject {
    fileprivate enum Content {
        case state([UInt8])
        /// Of an object that never changes.
        case identity(String)
        /// Of a path whose space is not known here: the space's signature and the choices.
        case path(String, [Int])
    }

    private let savedType: String
    private let content: Content

    fileprivate init(_ savedType: String, _ content: Content) { (self.savedType, self.content) = (savedType, content) }

    fileprivate func write(to archive: inout ArchiveWriter) {
        switch content {
        case .state(let bytes):
            archive.write(byte: ValueKind.state.rawValue)
            archive.write(savedType)
            archive.write(bytes: bytes)
        case .identity(let identity):
            archive.write(byte: ValueKind.constant.rawValue)
            archive.write(savedType)
            archive.write(identity)
        case .path(let signature, let choices):
            archive.write(byte: ValueKind.path.rawValue)
            archive.write(signature)
            archive.write(choices)
        }
    }

    override var typeName: String { "saved_state" }
    override var description: String { "<saved \(savedType)>" }
    override var footprint: Int { if case .state(let bytes) = content { bytes.count } else { 0 } }
}

/// What stands before each value in a checkpoint.
enum ValueKind: UInt8 {
    case `nil`, `false`, `true`, int, float, string, list, map, range, tensor, generator, path, table
    /// A library object with a state of its own.
    case state
    /// A library object that never changes: only what it is like is kept.
    case constant
    /// A list, map or library object that came before.
    case reference
}

/// The objects that are read whole, by their codes.
private let wholeTypes: [any WholeObject.Type] = [TensorObject.self, GeneratorObject.self, PathObject.self, TableObject.self]

/// Where a value is within the whole, for messages: `state.paths[2]`.
private struct Place {
    private enum Step {
        case position(Int)
        case key(Value)
    }

    private var steps: [Step] = []

    /// How deep lists and maps may lie in each other.
    static let limit = 2_000
    var isTooDeep: Bool { steps.count > Place.limit }
    var depth: Int { steps.count }

    mutating func enter(position: Int) { steps.append(.position(position)) }
    mutating func enter(key: Value) { steps.append(.key(key)) }
    mutating func leave() { steps.removeLast() }

    var text: String {
        steps.reduce("state") { text, step in
            switch step {
            case .position(let position): "\(text)[\(position)]"
            case .key(let key): key.tag == .string ? "\(text).\(key.asString.text)" : "\(text)[\(Printer.literal(key, limit: 40))]"
            }
        }
    }
}

// MARK: - Writing

/// Values of the language as bytes. A list, map or object that occurs twice is one again when it is read.
struct ValueWriter {
    var archive = ArchiveWriter()
    /// Lists, maps and objects by address, numbered as they come.
    private var numbers: [UInt64: Int] = [:]
    private var place = Place()
    private let heap: Heap
    /// For another process, which has no objects to put states into.
    private let isResult: Bool

    init(heap: Heap, isResult: Bool = false) { (self.heap, self.isResult) = (heap, isResult) }

    mutating func write(_ value: Value) throws {
        guard !place.isTooDeep else {
            throw RuntimeError(.limit, "lists and maps are nested more than \(Place.limit) deep, and cannot be saved", argument: 1)
        }
        if [.list, .map, .host].contains(value.tag) {
            if let number = numbers[value.payload] {
                archive.write(byte: ValueKind.reference.rawValue)
                archive.write(number)
                return
            }
            numbers[value.payload] = numbers.count
        }
        switch value.tag {
        case .nil, .missing: kind(.nil)
        case .false: kind(.false)
        case .true: kind(.true)
        case .int:
            kind(.int)
            archive.write(value.asInt)
        case .float:
            kind(.float)
            archive.write(value.asFloat)
        case .string:
            kind(.string)
            archive.write(bytes: Array(value.asString.buffer))
        case .range:
            kind(.range)
            let range = value.asRange
            archive.write([range.lower, range.upper, range.step, range.hasLower ? 1 : 0, range.hasUpper ? 1 : 0, range.isClosed ? 1 : 0])
        case .list:
            kind(.list)
            archive.write(value.asList.count)
            for (i, element) in value.asList.array.enumerated() {
                place.enter(position: i)
                try write(element)
                place.leave()
            }
        case .map:
            kind(.map)
            archive.write(value.asMap.count)
            for (key, element) in value.asMap.pairs {
                place.enter(key: key)
                try write(key)
                try write(element)
                place.leave()
            }
        case .builtin, .closure: throw unsaveable("a function")
        case .host: try write(value.hostObject, value.typePhrase)
        }
    }

    private mutating func write(_ object: HostObject, _ typePhrase: String) throws {
        switch object {
        case let object as any WholeObject:
            kind(type(of: object).kind)
            try object.write(to: &self)
        case let object as any StatefulObject where !isResult:
            kind(.state)
            archive.write(object.typeName)
            var own = ArchiveWriter()
            object.state.save(to: &own)
            archive.write(bytes: own.bytes)
        case let object as SavedObject where !isResult: object.write(to: &archive)
        case let object as any ConstantObject where !isResult:
            kind(.constant)
            archive.write(object.typeName)
            archive.write(object.identity)
        default: throw unsaveable(typePhrase)
        }
    }

    /// The cells of a table's column.
    mutating func write(column name: String, _ cells: Column) throws {
        archive.write(name)
        archive.write(cells.count)
        place.enter(key: .string(heap.string(name)))
        for cell in try cells.list(0..<cells.count, heap) { try write(cell) }
        place.leave()
    }

    private mutating func kind(_ kind: ValueKind) { archive.write(byte: kind.rawValue) }

    private func unsaveable(_ what: String) -> RuntimeError {
        RuntimeError(.type, "\(place.text) is \(what), which cannot be \(isResult ? "a result" : "saved")",
            hint: "a checkpoint holds numbers, texts, lists, maps, tables, tensors, supernets, samplers and generators", argument: 1)
    }
}

// MARK: - Reading

/// Reads what a `ValueWriter` wrote. Where there is a value already, lists, maps, tensors and objects in it are kept and take
/// on what was saved; but not before `commit`, so that a checkpoint that does not fit changes nothing.
struct ValueReader {
    var archive: ArchiveReader
    let heap: Heap
    private var objects: [Value] = []
    private var commits: [() -> Void] = []
    private var place = Place()
    private let target: Value
    /// The spaces that saved paths may be of, by their signatures: looked for when the first path comes.
    private lazy var spaces = ValueReader.spaces(in: target)

    /// - Parameter target: paths may be of the spaces that occur in it, and of nasbench201.
    init(_ archive: ArchiveReader, heap: Heap, target: Value) {
        (self.archive, self.heap, self.target) = (archive, heap, target)
    }

    private static func spaces(in target: Value) -> [TextKey: any NetworkSpace] {
        let known = NASBench201()
        var spaces: [TextKey: any NetworkSpace] = [TextKey(known.signature): known]
        var seen: Set<UInt64> = []
        var rest = [target]
        while let value = rest.popLast() {
            switch value.tag {
            case .list where seen.insert(value.payload).inserted: rest += value.asList.array
            case .map where seen.insert(value.payload).inserted: rest += value.asMap.pairs.map(\.value)
            case .host: if let space = (value.hostObject as? any OfSpace)?.networkSpace { spaces[TextKey(space.signature)] = space }
            default: break
            }
        }
        return spaces
    }

    /// The ambient generators, the innermost last.
    mutating func generators() throws -> [Generator] { try (0..<archive.count(size: 40)).map { _ in try archive.generator() } }
    mutating func int() throws -> Int { try archive.int() }

    /// Puts everything in its place. Nothing can fail any more.
    func commit() { commits.forEach { $0() } }

    /// - Parameter target: what is there already; missing where there is nothing.
    mutating func read(into target: Value) throws -> Value {
        guard !place.isTooDeep else { throw archive.error("expected values nested at most \(Place.limit) deep") }
        let code = try archive.byte()
        guard let kind = ValueKind(rawValue: code) else { throw archive.error("expected a value, found the code \(code)") }
        switch kind {
        case .nil: return .nil
        case .false: return .bool(false)
        case .true: return .bool(true)
        case .int: return .int(try archive.int())
        case .float: return .float(try archive.double())
        case .string: return try archive.bytes().withUnsafeBufferPointer { .string(heap.string(bytes: $0)) }
        case .range:
            let parts = try archive.ints()
            // A closed range was made of an end below its own.
            guard parts.count == 6, parts[2] != 0, parts[5] != 1 || parts[1] != .min else { throw archive.error("expected a range") }
            return .range(
                heap.range(parts[0], parts[1], step: parts[2], hasLower: parts[3] == 1, hasUpper: parts[4] == 1, isClosed: parts[5] == 1))
        case .list: return try list(target)
        case .map: return try map(target)
        case .tensor, .generator, .path, .table:
            guard let type = wholeTypes.first(where: { $0.kind == kind }) else {
                throw archive.error("expected a value, found the code \(code)")
            }
            return try type.read(from: &self, into: target)
        case .state: return try state(target)
        case .constant:
            let (type, identity) = (try archive.text(), try archive.text())
            guard target.tag != .missing else { return remembered(.host(heap.host(SavedObject(type, .identity(identity))))) }
            guard target.tag == .host, target.hostObject.typeName == type,
                let object = target.hostObject as? any ConstantObject, object.identity.isSame(as: identity)
            else {
                throw RuntimeError(
                    .value, "\(place.text) was \(identity) when the checkpoint was made, and is \(Printer.literal(target, limit: 80)) now",
                    hint: "an object without its own state must be created as before")
            }
            return remembered(target)
        case .reference:
            let number = try archive.int()
            guard objects.indices.contains(number) else { throw archive.error("expected a number below \(objects.count), found \(number)") }
            return objects[number]
        }
    }

    private mutating func remembered(_ value: Value) -> Value {
        objects.append(value)
        return value
    }

    /// Numbers an object that was made.
    mutating func remembered(_ object: HostObject) -> Value { remembered(.host(heap.host(object))) }

    /// Numbers an object that was there, which is changed once all is read.
    mutating func remembered(_ target: Value, commit: @escaping () -> Void) -> Value {
        commits.append(commit)
        return remembered(target)
    }

    /// Numbers an object before those that it is made of.
    mutating func remembered(_ make: (inout ValueReader) throws -> HostObject) throws -> Value {
        let number = objects.count
        objects.append(.nil)
        objects[number] = .host(heap.host(try make(&self)))
        return objects[number]
    }

    /// The space of that signature, where it is known.
    mutating func space(of signature: String) -> (any NetworkSpace)? { spaces[TextKey(signature)] }

    private mutating func list(_ target: Value) throws -> Value {
        let count = try archive.count()
        let list = try target.tag == .list ? target.asList : heap.list(askingFor: count)
        _ = remembered(.list(list))
        let old = target.tag == .list ? list.array : []
        var values: [Value] = []
        for i in 0..<count {
            place.enter(position: i)
            values.append(try read(into: i < old.count ? old[i] : .missing))
            place.leave()
        }
        commits.append { [heap] in
            list.pointer.pointee.count = 0
            for value in values { heap.append(value, to: list) }
        }
        return .list(list)
    }

    private mutating func map(_ target: Value) throws -> Value {
        let count = try archive.count(size: 2)
        let map = target.tag == .map ? target.asMap : heap.map(capacity: count)
        _ = remembered(.map(map))
        var entries: [(key: Value, hash: UInt32, value: Value)] = []
        var found: Set<Int> = []
        for _ in 0..<count {
            let key = try read(into: .missing)
            guard let hash = hashKey(key) else { throw archive.error("expected a value that can be a map key, found \(key.typePhrase)") }
            let position = target.tag == .map ? map.find(key, hash: hash) : -1
            if position >= 0 { found.insert(position) }
            place.enter(key: key)
            entries.append((key, hash, try read(into: position >= 0 ? map.entries[position].value : .missing)))
            place.leave()
        }
        // A plain value that is no longer there goes away; an object would lose its state without a word.
        for position in 0..<(target.tag == .map ? map.entryCount : 0) where !found.contains(position) {
            let entry = map.entries[position]
            guard !entry.key.isMissing, place.depth == 0 || entry.value.tag == .host else { continue }
            throw RuntimeError(
                .key, "the checkpoint has no \(Printer.literal(entry.key, limit: 60)) in \(place.text)",
                hint: "it has \(entries.prefix(8).map { Printer.literal($0.key, limit: 40) }.joined(separator: ", "))")
        }
        commits.append { [heap] in
            map.removeAll()
            for entry in entries { heap.set(entry.key, hash: entry.hash, to: entry.value, in: map) }
        }
        return .map(map)
    }

    private mutating func state(_ target: Value) throws -> Value {
        let (type, bytes) = (try archive.text(), try archive.bytes())
        guard target.tag != .missing else { return remembered(.host(heap.host(SavedObject(type, .state(bytes))))) }
        guard target.tag == .host, let object = target.hostObject as? any StatefulObject, object.typeName == type else {
            throw RuntimeError(.type, "\(place.text) was a \(type) when the checkpoint was made, and is \(target.typePhrase) now",
                hint: "make one first, for its state to go into")
        }
        var own = ArchiveReader(FileBytes(name: place.text, bytes: bytes))
        do {
            commits.append(try object.state.restoration(from: &own))
        } catch let error as NASError where error.kind == .value {
            throw RuntimeError(.value, "\(place.text) does not fit: \(error.message)", hint: error.hint)
        }
        guard own.isAtEnd else { throw own.error("expected the end of the state of a \(type)") }
        return remembered(target)
    }
}

// MARK: - Whole objects

extension TensorObject: WholeObject {
    static var kind: ValueKind { .tensor }

    func write(to writer: inout ValueWriter) {
        writer.archive.write(tensor.shape)
        writer.archive.write(tensor.values)
    }

    static func read(from reader: inout ValueReader, into target: Value) throws -> Value {
        let (shape, values) = (try reader.archive.ints(), try reader.archive.floats())
        guard (try? Tensor.count(of: shape)) == values.count else {
            throw reader.archive.error("expected a tensor of shape \(Tensor.text(shape)), found \(values.count) elements")
        }
        let tensor = Tensor(shape: shape, values: values)
        guard let object = target.object(TensorObject.self) else { return reader.remembered(TensorObject(tensor)) }
        return reader.remembered(target) { [heap = reader.heap] in
            object.tensor = tensor
            heap.recharge(object)
        }
    }
}

extension GeneratorObject: WholeObject {
    static var kind: ValueKind { .generator }
    func write(to writer: inout ValueWriter) { writer.archive.write(generator) }

    static func read(from reader: inout ValueReader, into target: Value) throws -> Value {
        let generator = try reader.archive.generator()
        guard let object = target.object(GeneratorObject.self) else { return reader.remembered(GeneratorObject(generator)) }
        return reader.remembered(target) { object.generator = generator }
    }
}

extension PathObject: WholeObject {
    static var kind: ValueKind { .path }

    func write(to writer: inout ValueWriter) {
        writer.archive.write(space.signature)
        writer.archive.write(path.choices.map { Int($0) })
    }

    static func read(from reader: inout ValueReader, into target: Value) throws -> Value {
        let (signature, choices) = (try reader.archive.text(), try reader.archive.ints())
        guard let space = reader.space(of: signature) else { return reader.remembered(SavedObject("path", .path(signature, choices))) }
        guard choices.count == space.choices.count, zip(choices, space.choices).allSatisfy({ $1.candidates.indices.contains($0) }) else {
            throw reader.archive.error("expected a path of \(space.name)")
        }
        return reader.remembered(PathObject(Path(choices.map { UInt8($0) }), in: space))
    }
}

/// A table never changes: it is made anew.
extension TableObject: WholeObject {
    static var kind: ValueKind { .table }

    func write(to writer: inout ValueWriter) throws {
        writer.archive.write(table.names.count)
        for (name, column) in zip(table.names, table.columns) { try writer.write(column: name, column) }
    }

    static func read(from reader: inout ValueReader, into target: Value) throws -> Value {
        try reader.remembered { reader in
            var names: [String] = []
            var columns: [Column] = []
            for _ in 0..<(try reader.archive.count()) {
                names.append(try reader.archive.text())
                columns.append(try Column(try (0..<reader.archive.count()).map { _ in try reader.read(into: .missing) }))
            }
            return TableObject(try Table(names: names, columns: columns))
        }
    }
}

extension Value {
    fileprivate func object<Object: HostObject>(_ type: Object.Type) -> Object? { tag == .host ? hostObject as? Object : nil }
}
