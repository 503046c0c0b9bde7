def counter(step):
    total = 0

    def add():
        nonlocal total
        total += step

    def get():
        return total

    return [add, get]


def compose(f, g):
    return lambda x: f(g(x))


def run(rounds):
    sum_ = 0
    for i in range(rounds):
        add, get = counter(i % 5)
        add()
        add()
        f = compose(lambda x: x + i % 3, lambda x: x * 2)
        sum_ += f(get())
    return sum_


print(run(700_000))
