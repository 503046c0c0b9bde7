/// A candidate of a choice, where it stands in the network: a choice may occur several times.
struct CandidatePlace: Equatable {
    var choice: Int
    var candidate: Int
}

extension DeclaredNetwork {
    /// Fills in, for each choice, the gradient norm of its active candidate's parameters, summed over the places where it stands.
    /// `sums` has room for a number a place.
    func candidateNorms(_ ranges: [ParameterRange], squares: [Double], sums: inout [Double], into norms: inout [Double]) {
        for i in sums.indices { sums[i] = 0 }
        for i in norms.indices { norms[i] = 0 }
        for (range, square) in zip(ranges, squares) {
            guard let layer = range.layer else { continue }
            for place in placesOfLayer[layer] { sums[place] += square }
        }
        for (place, sum) in zip(places, sums) where sum > 0 { norms[place.choice] += sum.squareRoot() }
    }

    /// The layers that a path uses, in the order in which the network was built.
    func layers(of path: Path) -> [Int] {
        placesOfLayer.indices.filter { placesOfLayer[$0].allSatisfy { Int(path.choices[places[$0].choice]) == places[$0].candidate } }
    }
}
