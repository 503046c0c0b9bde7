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
        let error = #expect(throws: SpaceError.self) { try space.parse(text) }
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
    }
}
