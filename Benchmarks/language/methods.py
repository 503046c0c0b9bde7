class Schedule:
    def __init__(self, start, end):
        self.start = start
        self.end = end

    def at(self, step, of):
        if of <= 0:
            raise ValueError("of must be positive")
        p = step / of
        return self.start + (self.end - self.start) * p


def total(rounds):
    lr = Schedule(0.1, 0.0)
    sum = 0.0
    for i in range(rounds):
        value = lr.at(i, of=rounds)
        sum += value
    return sum


print(f"{total(2_000_000):.3f}")
