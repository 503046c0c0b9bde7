def primes_below(limit):
    is_composite = [False for _ in range(limit)]
    count = 0
    for i in range(2, limit):
        if not is_composite[i]:
            count += 1
            multiple = i * i
            while multiple < limit:
                is_composite[multiple] = True
                multiple += i
    return count


print(primes_below(5_000_000))
