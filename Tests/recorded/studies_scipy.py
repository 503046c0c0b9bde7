"""Records what scipy, statsmodels and ArviZ say of tests, corrections, intervals and weights: python studies_scipy.py > studies_scipy.json"""
import json
import math
import warnings
import numpy
from scipy import stats
from scipy.stats import _resampling
from statsmodels.stats.multitest import multipletests
warnings.simplefilter("ignore")
import arviz

rng = numpy.random.default_rng(7)


def rounded(xs, digits=4):
    return [round(float(x), digits) for x in xs]


def number(x):
    """Infinities and nan as texts, since JSON has none."""
    x = float(x)
    return x if math.isfinite(x) else str(x)


def t_test(xs, ys, **how):
    paired, equal = how.get("paired", False), how.get("equal", False)
    result = stats.ttest_rel(xs, ys) if paired else stats.ttest_ind(xs, ys, equal_var=equal)
    low, high = result.confidence_interval(0.9)
    return {"xs": xs, "ys": ys, "paired": paired, "equal": equal,
            "expected": [number(x) for x in [result.statistic, result.df, result.pvalue, low, high]]}


def t_tests():
    a, b, c = rounded(rng.normal(0, 1, 8)), rounded(rng.normal(0.6, 2, 8)), rounded(rng.normal(1, 0.3, 13))
    tests = []
    for xs, ys in [(a, b), (a, a[::-1]), ([1, 2], [4, 9]), ([5, 7, 9], [4, 5, 6]), ([1, 1, 1], [2, 2, 2]), ([1, 1, 1], [1, 1, 1])]:
        tests += [t_test(xs, ys, paired=True), t_test(xs, ys), t_test(xs, ys, equal=True)]
    for xs, ys in [(a, c), ([1e6, 2e6], [1e6, 1.5e6, 9e6]), ([3, 3, 3], [1, 2, 4, 9]), ([1, 2], list(range(400)))]:
        tests += [t_test(xs, ys), t_test(xs, ys, equal=True)]
    return tests


def wilcoxon():
    samples = [[1.0], [-2.0], [1, 2, 3, 4], [1, -2, 3, -4, 5], [1, 1, -1, 2], [0, 1, 2, -3], [0, 0, 0], [2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2]]
    for n in [6, 13, 14, 30, 50, 51, 200]:
        samples.append(rounded(rng.normal(0.3, 1, n), 6))
        samples.append([float(x) for x in rng.integers(-3, 6, n)])
    samples.append(rounded(rng.normal(2, 1, 40), 6))
    return [{"differences": [float(x) for x in d], "statistic": number(r.statistic), "p_value": number(r.pvalue)} for d in samples for r in [stats.wilcoxon(d)]]


def permutation():
    tests = []
    pairs = [([5, 7, 9, 12], [4, 5, 6, 8]), (rounded(rng.normal(0.5, 1, 10)), rounded(rng.normal(0, 1, 10))), ([1, 2, 2, 3, 1], [1, 1, 2, 2, 1])]
    lists = [([1, 2, 9], [3, 10, 11]), (rounded(rng.normal(0.8, 1, 6)), rounded(rng.normal(0, 1, 7))), ([1, 1, 2], [1, 2, 2, 2, 3])]
    for xs, ys in pairs:
        r = stats.permutation_test((xs, ys), lambda a, b, axis: numpy.mean(a, axis=axis) - numpy.mean(b, axis=axis), permutation_type="samples", vectorized=True)
        tests.append({"xs": xs, "ys": ys, "paired": True, "count": len(r.null_distribution), "statistic": float(r.statistic), "p_value": float(r.pvalue)})
    for xs, ys in lists:
        r = stats.permutation_test((xs, ys), lambda a, b, axis: numpy.mean(a, axis=axis) - numpy.mean(b, axis=axis), vectorized=True)
        tests.append({"xs": xs, "ys": ys, "paired": False, "count": len(r.null_distribution), "statistic": float(r.statistic), "p_value": float(r.pvalue)})
    return tests


def corrections():
    cases = [[0.01, 0.04, 0.03], [0.5], [], [0.2, 0.2, 0.001, 1.0, 0.0], rounded(rng.uniform(0, 0.2, 20)), [0.05] * 4]
    return [{"p_values": ps,
             "holm": [float(p) for p in multipletests(ps, method="holm")[1]] if ps else [],
             "benjamini_hochberg": [float(p) for p in stats.false_discovery_control(ps)] if ps else []} for ps in cases]


def bca():
    cases = []
    xs, ys = rounded(rng.gamma(0.7, 1, 12)), rounded(rng.normal(0, 1, 25))
    zs = rounded(numpy.array(ys) + rng.normal(0, 0.7, 25))
    for data, statistic in [((xs,), numpy.mean), ((xs,), numpy.median), ((ys,), lambda x, axis: numpy.std(x, axis=axis, ddof=1)),
                            ((ys, zs), lambda x, y, axis: stats.pearsonr(x, y, axis=axis).statistic)]:
        result = stats.bootstrap(data, statistic, paired=len(data) > 1, n_resamples=400, vectorized=True, rng=numpy.random.default_rng(1), confidence_level=0.9)
        n = len(data[0])
        leave_one_out = [float(statistic(*[numpy.delete(d, i) for d in data], axis=-1)) for i in range(n)]
        value = float(statistic(*[numpy.array(d) for d in data], axis=-1))
        # One sample of pairs, and not two samples.
        indices = lambda i, axis: statistic(*[numpy.array(d)[i.astype(int)] for d in data], axis=axis)
        low, high, acceleration = _resampling._bca_interval([numpy.arange(n, dtype=float)], indices, -1, 0.05, result.bootstrap_distribution, None, numpy)
        cases.append({
            "value": value, "samples": [float(x) for x in result.bootstrap_distribution], "left_out": leave_one_out, "acceleration": float(acceleration),
            "shares": [float(low), float(high)], "interval": [float(result.confidence_interval.low), float(result.confidence_interval.high)]})
    return {"cases": cases, "xs": xs, "many": [number(x) for x in many(xs)]}


def many(xs):
    interval = stats.bootstrap((xs,), numpy.mean, n_resamples=400_000, rng=numpy.random.default_rng(2), batch=10_000).confidence_interval
    return [interval.low, interval.high]


def taus():
    """Partial tau by scipy's taus, and by the inverse of their matrix; tau within groups by all pairs."""
    n = 40
    z = rng.integers(0, 6, n)
    both = rng.normal(0, 2, n)
    x, y = z + (both + rng.normal(0, 1, n)).round(1), z + (both + rng.normal(0, 1, n)).round(0)
    tau = lambda a, b: float(stats.kendalltau(a, b).statistic)
    matrix = numpy.array([[tau(a, b) for b in (x, y, z)] for a in (x, y, z)])
    inverse = numpy.linalg.inv(matrix)
    score = untied_x = untied_y = 0
    for i in range(n):
        for j in range(i):
            if z[i] == z[j]:
                sx, sy = numpy.sign(x[i] - x[j]), numpy.sign(y[i] - y[j])
                score, untied_x, untied_y = score + sx * sy, untied_x + abs(sx), untied_y + abs(sy)
    return {"x": [float(v) for v in x], "y": [float(v) for v in y], "z": [int(v) for v in z],
            "partial": float(-inverse[0, 1] / math.sqrt(inverse[0, 0] * inverse[1, 1])), "within": float(score / math.sqrt(untied_x * untied_y))}


def psis():
    quantiles = (numpy.arange(120) + 0.5) / 120
    cases = [c * -numpy.log(quantiles) for c in [0.2, 0.6, 1.4]] + [stats.norm.ppf(quantiles), rng.normal(0, 3, 60), numpy.linspace(0, 1, 26)]
    cases += [numpy.array([0.0] * 7 + [30]), numpy.array([1.0, 2.0]), numpy.concatenate([rng.normal(0, 1, 30), [-numpy.inf] * 10])]
    cases.append(numpy.array([0.0] * 60 + list(rng.exponential(1, 20))))
    cases = [numpy.round(c, 4) for c in cases]
    results = []
    for logs in cases:
        smoothed, k = arviz.psislw(logs.copy())
        results.append({"log_weights": [number(x) for x in logs], "smoothed": [number(x) for x in smoothed], "k": number(k)})
    return results


def chains():
    cases = []
    for n, rho in [(4, 0.0), (5, 0.0), (50, 0.5), (501, 0.9), (1000, 0.99), (400, -0.6)]:
        x = [0.0]
        for step in rng.normal(0, 1, n):
            x.append(rho * x[-1] + step)
        chain = rounded(x[1:])
        cases.append({"chain": chain, "ess": number(arviz.ess(numpy.array([chain]), method="mean"))})
    cases.append({"chain": [2.0] * 10, "ess": number(arviz.ess(numpy.array([[2.0] * 10]), method="mean"))})
    cases.append({"chain": [1.0, 2.0, 3.0], "ess": number(arviz.ess(numpy.array([[1.0, 2.0, 3.0]]), method="mean"))})
    return cases


print(json.dumps({"t_tests": t_tests(), "wilcoxon": wilcoxon(), "permutation": permutation(), "corrections": corrections(), "bca": bca(), "taus": taus(),
                  "psis": psis(), "chains": chains()}))
