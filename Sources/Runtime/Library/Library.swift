/// Everything built in, topic by topic.
enum Library {
    static let topics: [[Builtin]] = [
        core,
        math,
        strings,
        lists,
        maps,
        errors,
        files,
        random,
        distributions,
        vectorDistributions,
        schedules,
        statistics,
        plots,
        progress,
        tensors,
        spaces,
        datasets,
        datasetsMade,
        datasetsFromFiles,
        batches,
        arrayFiles,
        supernets,
        benchmarks,
        samplers,
    ]
}
