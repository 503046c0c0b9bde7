"""The same with Python's csv module and lists, as far as that goes."""
import csv
import sys
import time
from statistics import fmean

path, sizes, target = sys.argv[1:]


def timed(name, f):
    start = time.process_time()
    result = f()
    print(name, time.process_time() - start)
    return result


def read():
    with open(path, newline="") as file:
        return [{"id": int(r["id"]), "op": r["op"], "user": int(r["user"]), "score": float(r["score"]), "name": r["name"], "seconds": float(r["seconds"])}
                for r in csv.DictReader(file)]


def group(key):
    groups = {}
    for row in t:
        groups.setdefault(row[key], []).append(row["score"])
    return {k: (fmean(v), max(v)) for k, v in groups.items()}


def write():
    with open(target, "w", newline="") as file:
        writer = csv.DictWriter(file, t[0].keys())
        writer.writeheader()
        writer.writerows(t)


t = timed("read_csv", read)
by_number = timed("sort by a float", lambda: sorted(t, key=lambda row: row["score"]))
by_text = timed("sort by a text", lambda: sorted(t, key=lambda row: row["name"]))
by_two = timed("sort by two columns", lambda: sorted(t, key=lambda row: (row["op"], -row["score"])))
few = timed("group into 8", lambda: group("op"))
many = timed("group into 100,000", lambda: group("user"))
timed("filter by a function", lambda: [row for row in t if row["score"] > 0.5])
timed("write_csv", write)
