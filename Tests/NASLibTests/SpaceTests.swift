import Foundation
import NASLib
import Testing

@Suite struct SpaceTests {
    let space = NASBench201()

    @Test func allPathsReadBack() throws {
        #expect(space.size == 15_625)
        var seen: Set<String> = []
        for i in 0..<15_625 {
            let path = space.path(at: i)
            let text = space.format(path)
            #expect(try space.parse(text) == path)
            seen.insert(text)
        }
        #expect(seen.count == 15_625)
    }

    /// The first architecture of the published table, whose operations its authors list as 4, 2, 1, 2, 1, 1.
    @Test func notationOfTheTable() throws {
        let text = "|avg_pool_3x3~0|+|nor_conv_1x1~0|skip_connect~1|+|nor_conv_1x1~0|skip_connect~1|skip_connect~2|"
        #expect(try space.parse(text).choices == [4, 2, 1, 2, 1, 1])
        #expect(space.format(Path([4, 2, 1, 2, 1, 1])) == text)
    }

    @Test(arguments: [
        ("", "bars"), ("|none~0|", "three nodes"), ("none~0|+|none~0|none~1|+|none~0|none~1|none~2|", "bars"),
        ("|conv~0|+|none~0|none~1|+|none~0|none~1|none~2|", "'conv' is not an operation"), ("|none~1|+|none~0|none~1|+|none~0|none~1|none~2|", "in order"),
        ("|none~0|none~1|+|none~0|none~1|+|none~0|none~1|none~2|", "1 incoming edge"), ("|none~0|+|none~0|none~1|+|none~0|none~1|none~2|+|none~0|", "after the third"),
        ("|none|+|none~0|none~1|+|none~0|none~1|none~2|", "not an edge"), ("🙂", "bars"),
    ])
    func badNotationIsExplained(text: String, fragment: String) {
        let error = #expect(throws: NASError.self) { try space.parse(text) }
        #expect(error?.message.contains(fragment) == true, "\(error?.message ?? "")")
    }

    @Test func neighboursDifferInOneChoice() {
        let path = Path([0, 1, 2, 3, 4, 0])
        let neighbours = space.neighbours(of: path)
        #expect(Set(neighbours).count == 24)
        #expect(neighbours.allSatisfy { zip($0.choices, path.choices).count { $0 != $1 } == 1 })
    }

    @Test func uniformDrawsCoverEveryCandidate() {
        var generator = Generator(seed: 1)
        var counts = Array(repeating: Array(repeating: 0, count: 5), count: 6)
        for _ in 0..<10_000 { for (i, c) in space.uniformPath(using: &generator).choices.enumerated() { counts[i][Int(c)] += 1 } }
        #expect(counts.allSatisfy { $0.allSatisfy { abs($0 - 2000) < 250 } })
    }

    @Test func canonicalFormsDropDeadAndIdentityEdges() {
        // Node 1 is fed but leads nowhere.
        #expect(space.canonical(Path([3, 0, 0, 3, 0, 0])) == space.canonical(Path([0, 0, 0, 3, 0, 0])))
        // An identity edge to node 1, and a convolution from there, is a convolution from the input.
        #expect(space.canonical(Path([1, 0, 0, 0, 3, 0])) == space.canonical(Path([0, 0, 0, 3, 0, 0])))
        // The order of a sum does not count.
        #expect(space.canonical(Path([1, 0, 0, 2, 3, 0])) == space.canonical(Path([1, 0, 0, 3, 2, 0])))
        #expect(space.canonical(Path([0, 0, 0, 3, 0, 0])) != space.canonical(Path([0, 0, 0, 2, 0, 0])))
        #expect(space.canonical(Path([0, 0, 0, 0, 0, 0])) == "#")
        // One layer that is used twice is not two layers.
        #expect(space.canonical(Path([3, 0, 1, 0, 1, 1])) != space.canonical(Path([3, 0, 0, 3, 1, 0])))
        // The mean of a sum is the sum of the means.
        #expect(space.canonical(Path([2, 0, 0, 4, 4, 0])) == space.canonical(Path([2, 1, 1, 0, 0, 4])))
    }

    /// The same classes as by writing a cell out as a sum of terms, its shared layers numbered in every way.
    @Test func canonicalFormsTellExactlyTheDifferentFunctionsApart() {
        let edges = [(0, 1), (0, 2), (1, 2), (0, 3), (1, 3), (2, 3)]
        func written(_ choices: [UInt8], _ labels: [Int: String]) -> String {
            var nodes = [["x"]]
            for target in 1...3 {
                var terms: [String] = []
                for (edge, (source, _)) in edges.enumerated() where edges[edge].1 == target && !nodes[source].isEmpty {
                    switch choices[edge] {
                    case 1: terms += nodes[source]
                    case 2, 3: terms.append("\(choices[edge])\(labels[edge] ?? "")(\(nodes[source].joined(separator: "+")))")
                    case 4: terms += nodes[source].map { "mean(\($0))" }
                    default: break
                    }
                }
                nodes.append(terms.sorted())
            }
            return nodes[3].joined(separator: "+")
        }
        func orders(_ items: [Int]) -> [[Int]] {
            items.isEmpty ? [[]] : items.flatMap { first in orders(items.filter { $0 != first }).map { [first] + $0 } }
        }
        var forms: [String: Set<String>] = [:]
        for i in 0..<15_625 {
            let path = space.path(at: i)
            let all = written(path.choices, Dictionary(uniqueKeysWithValues: edges.indices.map { ($0, "<\($0)>") }))
            let shared = edges.indices.filter { all.components(separatedBy: "<\($0)>").count > 2 }
            let form = orders(shared).map { order in
                written(path.choices, Dictionary(uniqueKeysWithValues: order.enumerated().map { ($1, "#\($0)") }))
            }.min()
            forms[form ?? "", default: []].insert(space.canonical(path))
        }
        #expect(forms.values.allSatisfy { $0.count == 1 })
        #expect(Set(forms.values.flatMap(\.self)).count == forms.count && forms.count == 5044)
    }
}
