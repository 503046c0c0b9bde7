import Foundation
import Lang
import NASLib
import Runtime

/// Everything built in, topic by topic, and the modules written in Pada.
enum Library {
    static let topics = [
        Topic("Core", core),
        Topic("Math", math + activations),
        Topic("Number theory", numberTheory),
        Topic("Strings", strings),
        Topic("Patterns", patterns),
        Topic("Lists", lists),
        Topic("Parts of lists", listParts),
        Topic("Sets", sets),
        Topic("Maps", maps),
        Topic("Errors", errors),
        Topic("Files", files),
        Topic("Time", time),
        Topic("Tables", tables),
        Topic("Files of tables", tableFiles),
        Topic("JSON", json),
        Topic("Random", random),
        Topic("Distributions", distributions),
        Topic("Probabilities", probabilities),
        Topic("Weighted sampling", weightedSampling),
        Topic("Importance sampling", importanceSampling),
        Topic("Vector distributions", vectorDistributions),
        Topic("Schedules", schedules),
        Topic("Statistics", statistics),
        Topic("Statistical tests", statisticalTests),
        Topic("Plots", plots),
        Topic("Progress", progress),
        Topic("Experiments", experiments),
        Topic("Tensors", tensors),
        Topic("Members of tensors", tensorMembers),
        Topic("Functions of tensors", tensorFunctions),
        Topic("Linear algebra", linearAlgebra),
        Topic("Derivatives", derivatives),
        Topic("Optimizers", optimizers),
        Topic("Blocks", blocks),
        Topic("Custom layers", customLayers),
        Topic("Spaces", spaces),
        Topic("Datasets", datasets),
        Topic("Making datasets", datasetsMade),
        Topic("Reading datasets", datasetsFromFiles),
        Topic("Batches", batches),
        Topic("Files of arrays", arrayFiles),
        Topic("Checkpoints", checkpoints),
        Topic("Weights of supernets", supernetWeights),
        Topic("Supernets", supernets),
        Topic("Training steps", steps),
        Topic("Families of supernets", families),
        Topic("Training", training),
        Topic("Gradient variances", gradientVariances),
        Topic("Benchmarks", benchmarks),
        Topic("Samplers", samplers),
        Topic("Evaluation", evaluation),
        Topic("Proxies", proxies),
        Topic("Threads", threads),
        Topic("Process ranks", ranks),
    ]

    /// The files in Modules, which the binary carries.
    static let modules = LibraryModules([
        "adaptive": PackageResources.adaptive_pada,
        "montecarlo": PackageResources.montecarlo_pada,
        "samplers": PackageResources.samplers_pada,
        "search": PackageResources.search_pada,
        "study": PackageResources.study_pada,
    ])
}

extension Session {
    /// A session in which scripts can call all of the library.
    package convenience init(options: Options = Options()) {
        self.init(Registry(Library.topics, Library.modules, .ofOtherLanguages), options: options)
    }
}

extension Reference {
    /// The reference of the whole library.
    package static let library = Reference(
        title: "Reference of padash \(Release.version)",
        introduction: """
            Every function, constant and object of the library, followed by the modules that `import` loads. `...xs` takes any number of \
            values. A parameter with a value after its colon may be left out, and any parameter may be passed by name: \
            `sort(xs, by: abs)`. Functions of lists, strings, ranges, numbers and functions can be called as methods: `xs.sort()` is \
            `sort(xs)`. In examples `# =>` shows the value of the line.
            """,
        Library.topics, Library.modules)
}
