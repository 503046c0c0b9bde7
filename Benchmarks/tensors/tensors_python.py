"""Prints milliseconds a repetition, numpy's and PyTorch's beside each other, for each measurement of Benchmarks/tensors/run.

A nan stands where a library has no such thing of its own: numpy has no training.
"""
import math
import time

import numpy as np
import torch
from torch.nn import functional as F


def timed(repetitions, *functions):
    """The least time of five rounds."""
    figures = []
    for f in functions:
        best = math.inf
        if f is None:
            figures.append(math.nan)
            continue
        f()
        for _ in range(5):
            start = time.perf_counter()
            for _ in range(repetitions):
                f()
            best = min(best, (time.perf_counter() - start) / repetitions * 1000)
        figures.append(best)
    print(*figures)


def pair(*shape):
    a = np.random.default_rng(0).standard_normal(shape, dtype=np.float32)
    return a, torch.from_numpy(a)


for n in [4096, 262_144]:
    (a, A), (b, B), (c, C) = pair(n), pair(n), pair(n)
    repetitions = 2_000_000 // n
    timed(repetitions, lambda: a * b + c, lambda: A * B + C)
    timed(
        repetitions, lambda: np.tanh(a * b + c) * (1 / (1 + np.exp(-a))) + np.exp(-np.abs(b)),
        lambda: torch.tanh(A * B + C) * torch.sigmoid(A) + torch.exp(-torch.abs(B)))
m, M = pair(512, 128)
(row, ROW), (column, COLUMN) = pair(128), pair(512, 1)
timed(200, lambda: (m + row) * column, lambda: (M + ROW) * COLUMN)
timed(200, lambda: m.sum(), lambda: M.sum())
timed(200, lambda: m.mean(0), lambda: M.mean(0))
timed(200, lambda: m.var(1, ddof=1), lambda: M.var(1))
timed(200, lambda: m.max(1), lambda: M.amax(1))


def softmax():
    e = np.exp(m - m.max(1, keepdims=True))
    return e / e.sum(1, keepdims=True)


timed(200, softmax, lambda: M.softmax(1))
for n, repetitions in [(64, 2000), (512, 20)]:
    (a, A), (b, B) = pair(n, n), pair(n, n)
    timed(repetitions, lambda: a @ b, lambda: A @ B)

x = torch.randn(128, 64)
labels = torch.arange(128) % 10
w1, b1, w2, b2 = params = [t.requires_grad_() for t in (torch.randn(64, 128) * 0.1, torch.zeros(128), torch.randn(128, 10) * 0.1, torch.zeros(10))]
optimizer = torch.optim.SGD(params, lr=0.01, momentum=0.9)


def step():
    optimizer.zero_grad()
    F.cross_entropy(torch.relu(x @ w1 + b1) @ w2 + b2, labels).backward()
    optimizer.step()


timed(200, None, step)
