import Foundation
import Runtime

/// The machine that the program runs on, for records of runs.
package struct Machine: Sendable {
    /// The operating system and processor architecture: `Linux x86_64`.
    package let system: String
    /// The processor's name; empty where the system does not tell.
    let processor: String
    let cores: Int
    /// The machine's memory in bytes.
    package let memory: Int

    package static let current = Machine()

    private init() {
        var names = utsname()
        uname(&names)
        system = "\(Machine.text(names.sysname)) \(Machine.text(names.machine))"
        let lines = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8))?.split(separator: "\n") ?? []
        let model = lines.first { $0.hasPrefix("model name") }?.split(separator: ":", maxSplits: 1).last
        processor = model?.trimmingCharacters(in: .whitespaces) ?? ""
        cores = ProcessInfo.processInfo.activeProcessorCount
        memory = Int(clamping: ProcessInfo.processInfo.physicalMemory)
    }

    /// What the machine is called where there are several.
    static var host: String {
        var names = utsname()
        uname(&names)
        return text(names.nodename)
    }

    /// A field of C characters.
    private static func text<Field>(_ field: Field) -> String {
        withUnsafeBytes(of: field) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }

    package var summary: String { "\(system), \(cores) core\(cores == 1 ? "" : "s")" }
}
