"""Times PyTorch's convolutions on one thread: the other side of Kernels.swift, with the same cases and answers.

Each figure is the better one of the two memory formats, contiguous (NCHW) and channels last (NHWC).
"""
import sys
import time

import torch

torch.set_num_threads(1)
torch.set_grad_enabled(False)


def least_seconds(body):
    body()
    begin, least, runs = time.perf_counter(), float("inf"), 0
    while runs < 5 or time.perf_counter() - begin < 0.06:
        start = time.perf_counter()
        body()
        least = min(least, time.perf_counter() - start)
        runs += 1
    return least


def times(groups, kernel, stride, inputs, outputs, side, batch, memory_format):
    x = torch.randn(batch, inputs, side, side).to(memory_format=memory_format)
    w = torch.randn(outputs, inputs // groups, kernel, kernel).to(memory_format=memory_format)
    geometry = ([stride] * 2, [kernel // 2] * 2, [1, 1])
    y = torch.ops.aten.convolution(x, w, None, *geometry, False, [0, 0], groups)
    dy = torch.randn_like(y)
    def backward(mask):
        return least_seconds(lambda: torch.ops.aten.convolution_backward(dy, x, w, None, *geometry, False, [0, 0], groups, mask))
    forward = least_seconds(lambda: torch.ops.aten.convolution(x, w, None, *geometry, False, [0, 0], groups))
    return forward, backward([True, False, False]), backward([False, True, False])


for line in sys.stdin:
    kind, *numbers = line.split()
    kernel, stride, inputs, outputs, side, batch = map(int, numbers)
    groups = 1 if kind == "dense" else inputs
    formats = [times(groups, kernel, stride, inputs, outputs, side, batch, f) for f in (torch.contiguous_format, torch.channels_last)]
    print(*(min(pair) for pair in zip(*formats)), flush=True)
