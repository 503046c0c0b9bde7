import Foundation
import Lang
import Runtime

let text = CommandLine.arguments.count > 2 ? CommandLine.arguments[2] : (try! String(contentsOfFile: CommandLine.arguments[1], encoding: .utf8))
let session = Session()
let outcome = session.run(Source(name: "x", text: text)) { output in
    switch output {
    case .text(let t): print(t, terminator: "")
    case .value(let v): print("=> \(v.text)")
    case .error(let ds): for d in ds {
        let p = d.place.map { "\($0.source.position(at: $0.span.start)) `\($0.source.text(of: $0.span))`" } ?? ""
        print("\(d.kind): \(d.message) @ \(p) hint: \(d.hint ?? "-")") }
    case .plot(let p): print(p.terminal)
    default: break
    }
}
