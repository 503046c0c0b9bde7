import Foundation

/// Threads with a stack of a given size. Foundation's say nothing where the system has no room for one, and whoever waits for them waits
/// for ever.
package enum SystemThread {
    /// Runs `body` on a thread of its own, which the system shows by its name: 15 bytes at most. False where there can be none.
    package static func start(_ name: String, stackSize: Int, _ body: @escaping @Sendable () -> Void) -> Bool {
        var attributes = pthread_attr_t()
        guard pthread_attr_init(&attributes) == 0 else { return false }
        defer { pthread_attr_destroy(&attributes) }
        guard pthread_attr_setstacksize(&attributes, stackSize) == 0,
            pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED)) == 0
        else { return false }
        let work = Unmanaged.passRetained(Work(name, body))
        #if canImport(Darwin)
        var thread: pthread_t?
        let code = pthread_create(&thread, &attributes, { pointer in
            Unmanaged<Work>.fromOpaque(pointer).takeRetainedValue().run()
            return nil
        }, work.toOpaque())
        #else
        var thread = pthread_t()
        let code = pthread_create(&thread, &attributes, { pointer in
            if let pointer { Unmanaged<Work>.fromOpaque(pointer).takeRetainedValue().run() }
            return nil
        }, work.toOpaque())
        #endif
        if code != 0 { work.release() }
        return code == 0
    }

    private final class Work: Sendable {
        private let name: String
        private let body: @Sendable () -> Void

        init(_ name: String, _ body: @escaping @Sendable () -> Void) { (self.name, self.body) = (name, body) }

        func run() {
            #if canImport(Darwin)
            pthread_setname_np(name)
            #else
            // It is not part of Swift's module for the C library.
            if let symbol = dlsym(dlopen(nil, RTLD_NOW), "pthread_setname_np") {
                let rename = unsafeBitCast(symbol, to: (@convention(c) (pthread_t, UnsafePointer<CChar>) -> Int32).self)
                _ = rename(pthread_self(), name)
            }
            #endif
            body()
        }
    }

    /// The most address space that the process may take, where the shell's `ulimit` or a batch system says so.
    package static var addressSpace: Int? {
        [RLIMIT_AS, RLIMIT_DATA].compactMap { resource -> Int? in
            var limit = rlimit()
            guard getrlimit(__rlimit_resource_t(resource.rawValue), &limit) == 0, limit.rlim_cur < 1 << 46 else { return nil }
            return Int(limit.rlim_cur)
        }.min()
    }
}
