"""What PyTorch computes for Tests/NASLibTests/NormalizationTests.swift: channels far from zero, in double precision.

usage: python normalization_torch.py > normalization.txt     (PyTorch 2.15)

A network is a 1x1 convolution from 2 to 6 channels with bias, a normalisation and a linear classifier of all its numbers; or, as
"head", of the means of their positive parts. Inputs are multiples of 1/64, weights small integers and biases around ±100000, so that
what is normalised is the same number in float and in double. A line holds the case, batch size and side, the loss, for each parameter but the biases
(whose gradient is 0) the product of its gradient with numbers of a stream, and the sums of the running means and variances after
a step (of 0 where there are none). All numbers are `number(stream, k)`, as in layers_torch.py.
"""
import torch
from torch.nn import functional as F

torch.set_default_dtype(torch.float64)


def number(stream, k):
    """In -1 ..< 1, by mixing 32 bits."""
    x = (k + 1000003 * stream + 1) * 2654435761 % 2**32
    x = (x ^ x >> 16) * 73244475 % 2**32
    return (x ^ x >> 16) / 2**31 - 1


def numbers(stream, shape):
    count = torch.Size(shape).numel()
    return torch.tensor([number(stream, k) for k in range(count)], dtype=torch.float32).double().reshape(shape)


CENTERS = [100000.0, -100000.0, 3.0, 65536.0, 0.0, 100000.0]


def case(name, batch, side):
    x = torch.round(numbers(1, (batch, side, side, 2)) * 64) / 64
    weight = torch.round(numbers(2, (6, 2)) * 2)
    weight[weight.abs().sum(1) == 0, 0] = 1
    weight.requires_grad_()
    bias = torch.tensor(CENTERS)
    gamma, beta = (1 + 0.5 * numbers(3, (6,))).float().double().requires_grad_(), (0.5 * numbers(4, (6,))).float().double().requires_grad_()
    y = x @ weight.T + bias
    if name == "layer":
        # Over the channels of each pixel: all of them around 100000.
        y = y - bias + 100000
        z = F.layer_norm(y, (6,), gamma, beta)
    else:
        z = F.batch_norm(y.permute(0, 3, 1, 2), None, None, gamma, beta, training=True).permute(0, 2, 3, 1)
    features = F.relu(z).mean((1, 2)) if name == "head" else z.flatten(1)
    linear = (numbers(5, (5, features.shape[1])) * features.shape[1] ** -0.5).float().double().requires_grad_()
    labels = torch.tensor([int((number(6, k) + 1) / 2 * 5) for k in range(batch)])
    loss = F.cross_entropy(features @ linear.T, labels)
    loss.backward()
    products = [(p.grad * numbers(10 + i, p.shape)).sum().item() for i, p in enumerate([weight, gamma, beta, linear])]
    count = y.shape[0] * y.shape[1] * y.shape[2]
    running = [(0.1 * y.mean((0, 1, 2))).sum().item(), (0.9 + 0.1 * y.var((0, 1, 2))).sum().item()] if count > 1 and name != "layer" else [0, 0]
    print(name, batch, side, *(f"{v:.12g}" for v in [loss.item(), *products, *running]))


for name in ["conv", "alone", "head", "layer"]:
    for batch, side in [(1, 4), (2, 1), (5, 3), (31, 2), (64, 1), (65, 1), (65, 5), (100, 8), (300, 2)]:
        case(name, batch, side)
