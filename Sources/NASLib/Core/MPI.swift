import Foundation

/// The functions of MPI that the library calls, found at run time: padash runs without it, and under whichever of the two is there.
///
/// Open MPI's handles are addresses of its globals, MPICH's are ints. Both fit a machine word, in which they are passed alike, and where a
/// function writes a handle of four bytes into a word of zeros, the word is the handle.
struct MPI: Sendable {
    typealias Handle = UInt
    private typealias Ints = UnsafeMutablePointer<Int32>
    private typealias Bytes = UnsafeMutableRawPointer

    /// Such as "Open MPI v4.1.4".
    let version: String
    let world: Handle
    private let byte: Handle
    private let ignoredStatus: UInt
    private let anySource: Int32
    private let isOpenMPI: Bool

    private let initThread: @convention(c) (Ints?, Bytes?, Int32, Ints) -> Int32
    private let finalizeAll: @convention(c) () -> Int32
    private let commRank: @convention(c) (Handle, Ints) -> Int32
    private let commSize: @convention(c) (Handle, Ints) -> Int32
    private let commDuplicate: @convention(c) (Handle, UnsafeMutablePointer<Handle>) -> Int32
    private let allGather:
        @convention(c) (UnsafeRawPointer?, Int32, Handle, Bytes?, Int32, Handle, Handle, UnsafeMutablePointer<Handle>) -> Int32
    private let broadcast: @convention(c) (Bytes?, Int32, Handle, Int32, Handle, UnsafeMutablePointer<Handle>) -> Int32
    private let send: @convention(c) (UnsafeRawPointer?, Int32, Handle, Int32, Int32, Handle, UnsafeMutablePointer<Handle>) -> Int32
    private let receive: @convention(c) (Bytes?, Int32, Handle, Int32, Int32, Handle, UnsafeMutablePointer<Handle>) -> Int32
    private let probe: @convention(c) (Int32, Int32, Handle, Ints, Bytes) -> Int32
    private let getCount: @convention(c) (UnsafeRawPointer, Handle, Ints) -> Int32
    private let test: @convention(c) (UnsafeMutablePointer<Handle>, Ints, UInt) -> Int32

    // MARK: - Finding it

    /// Which of the two started this process with others, by what it left in the environment.
    enum Launcher: String {
        case openMPI = "Open MPI", mpich = "MPICH"
        /// Slurm's `srun` with PMIx, under which both run.
        case pmix = "PMIx"
        /// `srun` without either.
        case none = "srun"

        var libraries: [String] {
            switch self {
            case .openMPI: ["libmpi.so.40", "libmpi.so"]
            case .mpich: ["libmpich.so.12", "libmpi.so.12", "libmpich.so"]
            case .pmix: ["libmpi.so.40", "libmpich.so.12", "libmpi.so.12", "libmpi.so"]
            case .none: []
            }
        }
    }

    /// What started this process together with others, and how many they are; nil where it was started by itself.
    static func launch() -> (launcher: Launcher, count: Int)? {
        func number(_ names: String...) -> Int? { names.lazy.compactMap { Ranks.own($0).flatMap { Int($0) } }.first }
        let found: (Launcher, Int)? =
            if let count = number("OMPI_COMM_WORLD_SIZE") { (.openMPI, count) }
            else if let count = number("PMI_SIZE") { (.mpich, count) }
            else if Ranks.own("PMIX_RANK") != nil { (.pmix, number("SLURM_STEP_NUM_TASKS", "SLURM_NTASKS") ?? 2) }
            else if let count = number("SLURM_STEP_NUM_TASKS") { (.none, count) }
            else { nil }
        return found.flatMap { $0.1 > 1 ? $0 : nil }
    }

    /// Loads the library of what started this process.
    init(for launcher: Launcher, count: Int) throws(NASError) {
        guard launcher != .none else {
            throw NASError(
                .ranks, "srun started \(count) processes of padash without MPI, which would all do the same",
                hint: "use srun --mpi=pmix or --mpi=pmi2, whichever 'srun --mpi=list' has; with PADASH_MPI=none each process runs by itself"
            )
        }
        let names = Ranks.own("PADASH_MPI").map { [$0] } ?? launcher.libraries
        var failure = ""
        // Open MPI loads further libraries, which look for its functions among those of the whole program.
        let library = names.lazy.compactMap { name in
            let library = dlopen(name, RTLD_NOW | RTLD_GLOBAL)
            if library == nil, failure.isEmpty { failure = dlerror().map { String(cString: $0) } ?? name }
            return library
        }.first
        let started = "\(count) processes of padash were started by \(launcher.rawValue)"
        let advice = "install its library (Debian: libopenmpi3 or libmpich12) or name it in PADASH_MPI; with PADASH_MPI=none each process runs by itself"
        guard let library else { throw NASError(.ranks, "\(started), whose library cannot be loaded: \(failure)", hint: advice) }

        func symbol(_ name: String) throws(NASError) -> UnsafeMutableRawPointer {
            guard let symbol = dlsym(library, name) else {
                throw NASError(.ranks, "\(started), and the library \(names[0]) has no \(name)", hint: advice)
            }
            return symbol
        }
        func function<F>(_ name: String, as type: F.Type = F.self) throws(NASError) -> F { unsafeBitCast(try symbol(name), to: type) }

        let getVersion: @convention(c) (UnsafeMutablePointer<CChar>, Ints) -> Int32 = try function("MPI_Get_library_version")
        // Of at most 8192 bytes, in both.
        var text = [CChar](repeating: 0, count: 8193)
        var length: Int32 = 0
        guard getVersion(&text, &length) == 0 else {
            throw NASError(.ranks, "\(started), and the library \(names[0]) does not tell its version", hint: advice)
        }
        let words = String(decoding: text.prefix(Int(length)).map(UInt8.init(bitPattern:)), as: UTF8.self)
        version = words.split(whereSeparator: { $0 == "," || $0.isNewline }).first.map { $0.trimmingCharacters(in: .whitespaces) } ?? words
        isOpenMPI = words.hasPrefix("Open MPI")
        if isOpenMPI {
            world = UInt(bitPattern: try symbol("ompi_mpi_comm_world"))
            byte = UInt(bitPattern: try symbol("ompi_mpi_byte"))
            ignoredStatus = 0
            anySource = -1
        } else if words.contains("MPICH") || words.contains("Intel(R) MPI") || words.contains("MVAPICH") {
            // What all that share MPICH's binary interface have agreed on.
            world = 0x4400_0000
            byte = 0x4C00_010D
            ignoredStatus = 1
            anySource = -2
        } else {
            throw NASError(.ranks, "\(started), and the library \(names[0]) is neither Open MPI nor MPICH: \(version)", hint: advice)
        }
        initThread = try function("MPI_Init_thread")
        finalizeAll = try function("MPI_Finalize")
        commRank = try function("MPI_Comm_rank")
        commSize = try function("MPI_Comm_size")
        commDuplicate = try function("MPI_Comm_dup")
        allGather = try function("MPI_Iallgather")
        broadcast = try function("MPI_Ibcast")
        send = try function("MPI_Isend")
        receive = try function("MPI_Irecv")
        probe = try function("MPI_Iprobe")
        getCount = try function("MPI_Get_count")
        test = try function("MPI_Test")
    }

    // MARK: - Beginning and end

    /// Gives this process's rank and how many there are, and a second communicator for messages beside the first's.
    func begin() throws(NASError) -> (rank: Int, count: Int, desk: Handle) {
        var level: Int32 = 0
        let multiple: Int32 = 3
        guard initThread(nil, nil, multiple, &level) == 0 else { throw NASError(.ranks, "\(version) cannot start") }
        guard level >= multiple else { throw NASError(.ranks, "\(version) was built without MPI_THREAD_MULTIPLE, which padash needs") }
        var (rank, count): (Int32, Int32) = (0, 0)
        var desk: Handle = 0
        guard commRank(world, &rank) == 0, commSize(world, &count) == 0, commDuplicate(world, &desk) == 0 else {
            throw NASError(.ranks, "\(version) cannot start")
        }
        return (Int(rank), Int(count), desk)
    }

    /// All processes must come here.
    func finish() { _ = finalizeAll() }

    // MARK: - Exchanges

    /// Something that is on its way.
    struct Request {
        fileprivate var handle: Handle = 0
    }

    /// Whether it has arrived.
    func isDone(_ request: inout Request) -> Bool {
        var flag: Int32 = 0
        _ = test(&request.handle, &flag, ignoredStatus)
        return flag != 0
    }

    /// Each rank's `count` bytes, to all, in the order of ranks.
    func allGather(_ part: UnsafeRawPointer, count: Int, into all: UnsafeMutableRawPointer) -> Request {
        var request = Request()
        _ = allGather(part, Int32(clamping: count), byte, all, Int32(clamping: count), byte, world, &request.handle)
        return request
    }

    func broadcast(_ bytes: UnsafeMutableRawPointer, count: Int, from root: Int) -> Request {
        var request = Request()
        _ = broadcast(bytes, Int32(clamping: count), byte, Int32(clamping: root), world, &request.handle)
        return request
    }

    func send(_ bytes: UnsafeRawBufferPointer, to rank: Int, tag: Int32, on communicator: Handle) -> Request {
        var request = Request()
        _ = send(bytes.baseAddress, Int32(clamping: bytes.count), byte, Int32(clamping: rank), tag, communicator, &request.handle)
        return request
    }

    func receive(_ bytes: UnsafeMutableRawBufferPointer, from rank: Int, tag: Int32, on communicator: Handle) -> Request {
        var request = Request()
        _ = receive(bytes.baseAddress, Int32(clamping: bytes.count), byte, Int32(clamping: rank), tag, communicator, &request.handle)
        return request
    }

    /// Whether a message with the tag waits to be received, from whom, and of how many bytes.
    func waiting(tag: Int32, on communicator: Handle) -> (source: Int, count: Int)? {
        // Open MPI's status has 24 bytes, MPICH's 20.
        var status = (Int32(0), Int32(0), Int32(0), Int32(0), Int32(0), Int32(0), Int32(0), Int32(0))
        return withUnsafeMutableBytes(of: &status) { status in
            guard let address = status.baseAddress else { return nil }
            var (flag, count): (Int32, Int32) = (0, 0)
            guard probe(anySource, tag, communicator, &flag, address) == 0, flag != 0, getCount(address, byte, &count) == 0 else {
                return nil
            }
            return (Int(status.load(fromByteOffset: isOpenMPI ? 0 : 8, as: Int32.self)), Int(count))
        }
    }
}
