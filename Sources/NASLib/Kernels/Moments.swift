/// How many numbers of a channel there are, their mean and the sum of their squared deviations from it, for eight channels.
struct Moments {
    var count = 0.0
    var mean = Doubles.zero
    var deviations = Doubles.zero

    /// Those of both together (Chan, Golub and LeVeque, 1983): sums of squares would lose the digits that the numbers have in common.
    @inline(__always) mutating func add(_ other: Moments) {
        let total = count + other.count
        let share = other.count / total
        let difference = other.mean - mean
        mean += difference * share
        deviations += other.deviations + difference * difference * (count * share)
        count = total
    }
}
