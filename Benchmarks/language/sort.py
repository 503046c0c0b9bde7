class Record:
    __slots__ = ("id", "score")

    def __init__(self, id, score):
        self.id = id
        self.score = score


def make_records(count):
    records = []
    state = 7
    for i in range(count):
        state = (state * 1103515245 + 12345) % 2147483648
        records.append(Record(i, state / 2147483648))
    return records


def merge_sort(xs, before):
    n = len(xs)
    if n < 2:
        return xs
    left = merge_sort(xs[: n // 2], before)
    right = merge_sort(xs[n // 2 :], before)
    merged = []
    i = 0
    j = 0
    while i < len(left) and j < len(right):
        if before(right[j], left[i]):
            merged.append(right[j])
            j += 1
        else:
            merged.append(left[i])
            i += 1
    while i < len(left):
        merged.append(left[i])
        i += 1
    while j < len(right):
        merged.append(right[j])
        j += 1
    return merged


records = make_records(80_000)
by_library = sorted(records, key=lambda r: r.score)
by_hand = merge_sort(records, lambda a, b: a.score < b.score)
checksum = 0
for i in range(len(records)):
    assert by_library[i].id == by_hand[i].id
    checksum = (checksum * 31 + by_hand[i].id) % 1000003
print(checksum)
