import Foundation

/// log of the sum of exp, without overflow on the way; -infinity of nothing, nan where a term is.
package func logSumExp(_ terms: [Double]) -> Double {
    guard let highest = terms.max(), highest > -.infinity, highest < .infinity else {
        return terms.contains(where: \.isNaN) ? .nan : terms.max() ?? -.infinity
    }
    return highest + log(terms.reduce(0) { $0 + exp($1 - highest) })
}
