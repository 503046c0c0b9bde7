def make_table(rows):
    lines = []
    for i in range(rows):
        lines.append(f"row{i},{i * 7 % 1000},{i % 13 / 4:.2f},name_{i % 97}")
    return "\n".join(lines)


def vowels(text):
    count = 0
    for c in text:
        if c == "a" or c == "e" or c == "i" or c == "o" or c == "u":
            count += 1
    return count


def summary(table):
    total = 0
    sum_ = 0.0
    vowel_count = 0
    keys = ""
    for line in table.split("\n"):
        fields = line.split(",")
        total += int(fields[1])
        sum_ += float(fields[2])
        vowel_count += vowels(fields[3])
        if len(keys) < 2000:
            keys += fields[0][3:].upper() + ";"
    return total, sum_, vowel_count, len(keys)


table = make_table(100_000)
total, sum_, vowel_count, key_length = summary(table)
print(len(table), total, f"{sum_:.2f}", vowel_count, key_length)
