import Foundation
import Lang
import NASLib
import Runtime

/// A command that is run by several processes together, which mpirun or srun started. Only the first of them says anything.
enum RankedRun {
    /// Throws where this process was started together with others: the command cannot be run so.
    static func refuse(_ what: String, hint: String) throws(Diagnostic) {
        guard Ranks.areLaunched else { return }
        if Ranks.launchedRank != 0 { silence() }
        throw Diagnostic(.ranks, "\(what) cannot be run by several processes", at: nil, hint: hint)
    }

    /// Runs the command, in step with the others where there are others.
    static func run(_ command: () throws -> Int32) throws -> Int32 {
        if Ranks.launchedRank != 0 { silence() }
        let ranks: Ranks?
        do {
            ranks = try Ranks.begin(version: Usage.version)
        } catch let error as NASError where error.kind == .ranks {
            throw Diagnostic(.ranks, error.message, at: nil, hint: error.hint)
        }
        guard let ranks else { return try command() }
        defer { ranks.end() }
        return try Ranks.$inStep.withValue(ranks) { try command() }
    }

    private static func silence() {
        let nowhere = open("/dev/null", O_RDWR | O_CLOEXEC)
        for descriptor: Int32 in 1...2 { dup2(nowhere, descriptor) }
        close(nowhere)
    }
}
