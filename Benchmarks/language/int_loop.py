def steps(start):
    n = start
    count = 0
    while n != 1:
        if n % 2 == 0:
            n = n // 2
        else:
            n = 3 * n + 1
        count += 1
    return count


def longest(limit):
    best = 1
    most = 0
    for n in range(1, limit):
        count = steps(n)
        if count > most:
            most = count
            best = n
    return best, most


n, count = longest(200_000)
print(n, count)
