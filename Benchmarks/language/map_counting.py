def run(n):
    words = [f"w{i}" for i in range(5000)]
    counts = {}
    seed = 42
    for i in range(n):
        seed = (seed * 1103515245 + 12345) % 2147483648
        word = words[seed % 5000]
        counts[word] = counts.get(word, 0) + 1
    best = 0
    for word, count in counts.items():
        if count > best:
            best = count
    return len(counts), best
print(*run(5000000))
