"""Records what scipy says of goodness of fit, low-discrepancy points and Pareto k: python statistics_scipy.py > statistics_scipy.json"""
import decimal
import json
import math
import numpy
from scipy import stats
from scipy.stats import qmc


def generalized_pareto_shape(xs):
    """Zhang and Stephens (2009) with the prior of Pareto smoothed importance sampling, written from the papers."""
    xs = numpy.sort(xs)
    n = len(xs)
    m = 30 + int(math.sqrt(n))
    i = numpy.arange(1, m + 1)
    b = 1 / xs[-1] + (1 - numpy.sqrt(m / (i - 0.5))) / (3 * xs[int(n / 4 + 0.5) - 1])
    k = numpy.array([numpy.mean(numpy.log1p(-t * xs)) for t in b])
    log_likelihood = n * (numpy.log(-b / k) - k - 1)
    weight = numpy.exp(log_likelihood - log_likelihood.max())
    best = (b * weight).sum() / weight.sum()
    return float((n * numpy.mean(numpy.log1p(-best * xs)) + 5) / (n + 10))


def pareto_k(log_weights):
    weights = numpy.sort(numpy.exp(log_weights - log_weights.max()))
    size = math.ceil(min(len(weights) / 5, 3 * math.sqrt(len(weights))))
    tail = weights[-size:] - weights[-size - 1]
    return generalized_pareto_shape(tail[tail > 0])


def kolmogorov_survival(n, d):
    """P(D >= d) by the matrix of Marsaglia, Tsang and Wang with 60 digits: scipy is good to 1e-6 for n above 140."""
    decimal.getcontext().prec = 60
    nd = n * decimal.Decimal(repr(d))
    k = int(nd) + 1
    m, h = 2 * k - 1, k - nd
    matrix = numpy.full((m, m), decimal.Decimal(0), dtype=object)
    for i in range(m):
        for j in range(min(m, i + 2)):
            value = decimal.Decimal(1)
            if j == 0:
                value -= h ** (i + 1)
            if i == m - 1:
                value -= h ** (m - j)
            if i == m - 1 and j == 0 and 2 * h > 1:
                value += (2 * h - 1) ** m
            matrix[i, j] = value / math.factorial(i - j + 1)
    power, result = n, None
    while power:
        if power & 1:
            result = matrix if result is None else result.dot(matrix)
        power >>= 1
        if power:
            matrix = matrix.dot(matrix)
    return float(1 - result[k - 1, k - 1] * math.factorial(n) / decimal.Decimal(n) ** n)


def even_pairs(points):
    """How many pairs of dimensions have one of 256 points in each cell of a grid of 16 by 16."""
    cells = (points * 16).astype(int)
    return sum(len(set(zip(cells[:, a].tolist(), cells[:, b].tolist()))) == 256 for a in range(points.shape[1]) for b in range(a))


def main():
    kolmogorov = []
    for n, ds in [(5, [0.15, 0.3, 0.45, 0.7]), (30, [0.1, 0.2, 0.3, 0.42]), (400, [0.03, 0.06, 0.09, 0.13]), (5000, [0.008, 0.012, 0.018, 0.03])]:
        kolmogorov += [[n, d, kolmogorov_survival(n, d) if n == 400 else float(stats.kstwo.sf(d, n))] for d in ds]
    data = [round(float(x), 6) for x in numpy.random.default_rng(3).normal(size=40)]
    test = stats.kstest(data, stats.norm(0.2, 1.1).cdf)
    chi = []
    for counts, weights in [([18, 22], [1, 1]), ([12, 30, 8, 50], [10, 30, 10, 50]), ([5, 9, 30], [0.1, 0.3, 0.6])]:
        expected = numpy.array(weights) / sum(weights) * sum(counts)
        result = stats.chisquare(counts, expected)
        chi.append({"counts": counts, "weights": weights, "statistic": float(result.statistic), "p_value": float(result.pvalue)})
    quantiles = (numpy.arange(200) + 0.5) / 200
    logs = [numpy.round(c * -numpy.log(quantiles), 6) for c in [0.2, 0.6, 1.1]] + [numpy.round(stats.norm.ppf(quantiles), 6)]
    print(json.dumps({
        "kolmogorov": kolmogorov,
        "ks_test": {"numbers": data, "statistic": float(test.statistic), "p_value": float(test.pvalue)},
        "chi_square": chi,
        "sobol": qmc.Sobol(3, scramble=False).random(32).tolist(),
        "even_pairs": even_pairs(qmc.Sobol(64, scramble=False).random(256)),
        "halton": qmc.Halton(12, scramble=False).random(20).tolist(),
        "pareto_k": [{"log_weights": log.tolist(), "k": pareto_k(log)} for log in logs],
    }))


main()
