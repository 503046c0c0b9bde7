/// Everything built in, topic by topic.
enum Library {
    static let topics: [[Builtin]] = [
        core,
        plots,
        progress,
        spaces,
        datasets,
        supernets,
        benchmarks,
    ]
}
