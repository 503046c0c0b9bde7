import NASLib
import Runtime

extension Library {
    static let proxies: [Builtin] = [
        .method("space.proxy", "name, paths, batch, seed: 0",
            """
            A zero-cost proxy: a score of a path's stand-alone network before any training, from one batch. A list of paths gives a list. \
            \(Proxy.allCases.map { "`\"\($0.name)\"` \($0.summary)" }.joined(separator: "; ")). The seed decides the weights. A score that \
            is not defined is -inf, one beyond the largest number inf.
            """,
            """
            let space = nasbench201(channels: 8, cells: 1)
            let batch = list(batches(digits().train, size: 32))[0]
            let scores = space.proxy("naswot", [space[0], space[15_624], space[7812]], batch)
            scores[0] < scores[2]  # => true
            """) { call in
            let space = try call.receiver(SpaceObject.self).space
            let proxy: Proxy = try call.option(1)
            let (paths, isList) = try call.paths(2, of: space)
            let batch = try call.object(3, as: BatchObject.self, "a batch from batches(…)").batch
            let scores = try space.scores(proxy, of: paths, batch: batch, seed: try call.seedValue(4), cancellation: call.vm.interruption)
            return try isList ? call.list(scores) : .float(scores[0])
        },
    ]
}
