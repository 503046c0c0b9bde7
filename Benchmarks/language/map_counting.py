def make_text(count):
    syllables = ["ka", "lo", "mi", "nu", "pe", "ra", "so", "ti"]
    words = []
    state = 42
    for _ in range(count):
        state = (state * 1103515245 + 12345) % 2147483648
        n = state // 65536 % 4096
        words.append(syllables[n % 8] + syllables[n // 8 % 8] + syllables[n // 64 % 8] + syllables[n // 512])
    return " ".join(words)


def count_words(text):
    counts = {}
    for word in text.split(" "):
        counts[word] = counts.get(word, 0) + 1
    return counts


text = make_text(250_000)
total = 0
most = 0
for _ in range(12):
    counts = count_words(text)
    total += len(counts)
    for word, count in counts.items():
        if count > most:
            most = count
print(total, most)
