"""Records sums, spreads and correlations of numbers near the ends of the doubles, to 50 digits: python extremes_mpmath.py > extremes_mpmath.json"""
import json
import math
import random
from mpmath import mp, mpf

mp.dps = 50


def moments(xs, ys):
    n = len(xs)
    xs, ys = [mpf(x) for x in xs], [mpf(y) for y in ys]
    mx, my = sum(xs) / n, sum(ys) / n
    xx, yy = sum((x - mx) ** 2 for x in xs), sum((y - my) ** 2 for y in ys)
    xy = sum((x - mx) * (y - my) for x, y in zip(xs, ys))
    return {
        "mean": float(mx), "std": float(mp.sqrt(xx / (n - 1))), "covariance": float(xy / (n - 1)), "pearson": float(xy / mp.sqrt(xx * yy)),
        "slope": float(xy / xx), "r2": float(xy ** 2 / (xx * yy)),
    }


random.seed(1)
samples = []
for exponent in [0, 100, -100, 150, -150, 200, -200, 290, -290, 300, -300, 305]:
    for other in [0, -exponent // 2, -exponent]:
        n = random.choice([2, 3, 10, 40])
        xs = [random.gauss(random.choice([0, 10]), 1) * 10.0 ** exponent for _ in range(n)]
        ys = [(random.gauss(0, 1) + x / 10.0 ** exponent) * 10.0 ** other for x in xs]
        samples.append({"xs": xs, "ys": ys, **moments(xs, ys)})
# Numbers that are all but equal, and sums that cancel.
near = [1e9 + k / 7 for k in range(40)]
samples.append({"xs": near, "ys": near[::-1], **moments(near, near[::-1])})
sums = [[0.1] * 1000, [1e100, 1.0, -1e100], [random.gauss(0, 1) * 10.0 ** random.randint(-20, 20) for _ in range(400)]]


def plain(x):
    """Infinities as texts: JSON has none."""
    if isinstance(x, dict):
        return {key: plain(value) for key, value in x.items()}
    if isinstance(x, list):
        return [plain(value) for value in x]
    return x if math.isfinite(x) else str(x)


print(json.dumps(plain({"samples": samples, "sums": [{"numbers": xs, "sum": math.fsum(xs)} for xs in sums]})))
