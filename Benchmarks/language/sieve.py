def sieve(n):
    flags = [True for i in range(n + 1)]
    count = 0
    for i in range(2, n + 1):
        if flags[i]:
            count += 1
            j = i * i
            while j <= n:
                flags[j] = False
                j += i
    return count
print(sieve(5000000))
