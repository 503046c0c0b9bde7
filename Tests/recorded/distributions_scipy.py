"""Records what scipy says of the distributions, for DistributionParityTests: python distributions_scipy.py > distributions_scipy.json

Each case: how it is written in Pada, its mean, variance and entropy (null where there is none or it is not asked for), and
[x, log density, cdf, survival] and [p, quantile] for some x and p.
"""
import json
import math
import numpy
from scipy import stats

PROBABILITIES = [1e-12, 1e-5, 0.01, 0.3, 0.5, 0.9, 0.999]

# Gamma and beta quantiles of scipy differ from its own cdf in the last digits for extreme parameters, so that only moderate ones are asked for p.
CASES = [
    ("normal(1, 2)", stats.norm(1, 2), [-60, -1, 0.5, 4, 40], True),
    ("uniform(-1, 3)", stats.uniform(-1, 4), [-1, 0.5, 2.999], True),
    ("exponential(1.7)", stats.expon(scale=1 / 1.7), [0, 1e-9, 0.5, 3, 200], True),
    ("gamma(2.5, 1.5)", stats.gamma(2.5, scale=1.5), [1e-3, 0.3, 2, 9, 400], True),
    ("gamma(0.05, 2)", stats.gamma(0.05, scale=2), [1e-20, 1e-3, 0.5, 30], False),
    ("gamma(150, 1)", stats.gamma(150), [60, 149, 150.5, 152, 300], True),
    ("gamma(30000, 0.5)", stats.gamma(30000, scale=0.5), [14000, 14990, 15010, 16000], False),
    ("beta(2, 3.5)", stats.beta(2, 3.5), [1e-6, 0.1, 0.5, 0.95], True),
    ("beta(0.3, 0.2)", stats.beta(0.3, 0.2), [1e-9, 0.1, 0.5, 0.999], False),
    ("beta(400, 1000)", stats.beta(400, 1000), [0.2, 0.28, 0.2857, 0.35], True),
    ("beta(20000, 5000)", stats.beta(20000, 5000), [0.77, 0.799, 0.801, 0.82], False),
    ("student_t(3, 1, 2)", stats.t(3, 1, 2), [-1000, -1, 1.5, 50], True),
    ("student_t(1.5)", stats.t(1.5), [-1e6, -2, 0, 3], True),
    ("student_t(500)", stats.t(500), [-8, -1, 0.1, 2], True),
    ("cauchy(1, 2)", stats.cauchy(1, 2), [-1e9, 0, 1.5, 1e5], True),
    ("laplace(1, 2)", stats.laplace(1, 2), [-100, 0, 1, 5, 200], True),
    ("lognormal(0.5, 0.8)", stats.lognorm(0.8, scale=math.exp(0.5)), [1e-3, 0.5, 2, 40], True),
    ("gumbel(1, 2)", stats.gumbel_r(1, 2), [-6, 0, 3, 100], True),
    ("poisson(4.2)", stats.poisson(4.2), [0, 4, 15, 60], True),
    ("poisson(30000)", stats.poisson(30000), [29000, 29999, 30100, 31000], False),
    ("binomial(12, 0.3)", stats.binom(12, 0.3), [0, 4, 12], True),
    ("binomial(100000, 0.2)", stats.binom(100000, 0.2), [19000, 20000, 20100, 21000], False),
    ("geometric(0.2)", stats.geom(0.2), [1, 2, 10, 200], True),
    ("truncated(normal(0, 1), -0.5, 1)", stats.truncnorm(-0.5, 1), [-0.5, 0, 0.25, 0.999], True),
    ("truncated(normal(0, 1), 4, inf)", stats.truncnorm(4, math.inf), [4, 4.1, 5, 8], True),
    ("truncated(normal(0, 1), -inf, -6)", stats.truncnorm(-math.inf, -6), [-10, -6.5, -6.01], True),
]


def number(x):
    return float(x) if math.isfinite(x) else None


def case(text, d, xs, has_quantiles):
    discrete = hasattr(d.dist, "pmf")
    density = d.logpmf if discrete else d.logpdf
    return {
        "distribution": text,
        "mean": number(d.mean()),
        "variance": number(d.var()),
        "entropy": None if text.startswith("truncated") or not has_quantiles else number(d.entropy()),
        "points": [[float(x), number(density(x)), number(d.cdf(x)), number(d.sf(x))] for x in xs],
        "quantiles": [[p, float(d.ppf(p))] for p in PROBABILITIES] if has_quantiles else [],
    }


def divergences():
    """By numerical integration or summation of p (log p - log q)."""
    pairs = [
        ("normal(1, 2)", stats.norm(1, 2), "normal(0, 1.5)", stats.norm(0, 1.5)),
        ("lognormal(0, 1)", stats.lognorm(1), "lognormal(0.5, 0.8)", stats.lognorm(0.8, scale=math.exp(0.5))),
        ("exponential(2)", stats.expon(scale=0.5), "exponential(0.7)", stats.expon(scale=1 / 0.7)),
        ("gamma(2, 3)", stats.gamma(2, scale=3), "gamma(3.5, 1.2)", stats.gamma(3.5, scale=1.2)),
        ("beta(2, 3)", stats.beta(2, 3), "beta(1.5, 4)", stats.beta(1.5, 4)),
        ("laplace(0, 1)", stats.laplace(0, 1), "laplace(0.5, 2)", stats.laplace(0.5, 2)),
        ("cauchy(0, 1)", stats.cauchy(0, 1), "cauchy(1, 2)", stats.cauchy(1, 2)),
        ("uniform(0, 1)", stats.uniform(0, 1), "uniform(-1, 3)", stats.uniform(-1, 4)),
        ("poisson(3)", stats.poisson(3), "poisson(5)", stats.poisson(5)),
        ("binomial(10, 0.3)", stats.binom(10, 0.3), "binomial(10, 0.5)", stats.binom(10, 0.5)),
        ("binomial(10, 0.3)", stats.binom(10, 0.3), "poisson(3)", stats.poisson(3)),
        ("geometric(0.3)", stats.geom(0.3), "geometric(0.4)", stats.geom(0.4)),
    ]
    for p_text, p, q_text, q in pairs:
        if hasattr(p.dist, "pmf"):
            ks = numpy.arange(max(p.support()[0], 0), min(p.support()[1], 400) + 1)
            value = numpy.sum(p.pmf(ks) * numpy.where(p.pmf(ks) > 0, p.logpmf(ks) - q.logpmf(ks), 0))
        else:
            from scipy.integrate import quad

            def integrand(u):
                x = p.ppf(u)
                return p.logpdf(x) - q.logpdf(x)

            value = sum(quad(integrand, a, b, epsabs=1e-12, epsrel=1e-12, limit=500)[0] for a, b in [(0, 1e-6), (1e-6, 0.5), (0.5, 1 - 1e-6), (1 - 1e-6, 1)])
        yield {"p": p_text, "q": q_text, "value": float(value)}
    a, b = numpy.array([0.5, 2, 3.5]), numpy.array([1, 1, 2])
    from scipy.special import gammaln, psi

    value = gammaln(a.sum()) - gammaln(a).sum() - gammaln(b.sum()) + gammaln(b).sum() + ((a - b) * (psi(a) - psi(a.sum()))).sum()
    yield {"p": "dirichlet([0.5, 2, 3.5])", "q": "dirichlet([1, 1, 2])", "value": float(value)}
    m, c = numpy.array([1, -2]), numpy.array([[2, 0.3], [0.3, 1]])
    n, e = numpy.array([0, 0]), numpy.array([[1, -0.2], [-0.2, 3]])
    inverse = numpy.linalg.inv(e)
    value = 0.5 * (numpy.trace(inverse @ c) + (n - m) @ inverse @ (n - m) - 2 + math.log(numpy.linalg.det(e) / numpy.linalg.det(c)))
    yield {"p": "multivariate_normal([1, -2], [[2, 0.3], [0.3, 1]])", "q": "multivariate_normal([0, 0], [[1, -0.2], [-0.2, 3]])", "value": float(value)}


def main():
    import scipy

    print(json.dumps({
        "scipy": scipy.__version__,
        "cases": [case(*c) for c in CASES],
        "entropies": [
            {"distribution": "dirichlet([0.5, 2, 3.5])", "value": float(stats.dirichlet([0.5, 2, 3.5]).entropy())},
            {"distribution": "multivariate_normal([1, -2], [[2, 0.3], [0.3, 1]])", "value": float(stats.multivariate_normal([1, -2], [[2, 0.3], [0.3, 1]]).entropy())},
        ],
        "divergences": list(divergences()),
    }, indent=1))


main()
