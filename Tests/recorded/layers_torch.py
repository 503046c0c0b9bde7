"""What PyTorch computes for the layers of Tests/NASLibTests/LayerParityTests.swift, in double precision.

usage: python layers_torch.py > layers.txt     (PyTorch 2.13)

Each network is a 1x1 convolution from 3 to 6 channels with bias, the layer, all numbers as features (in the order height,
width, channels) and a linear classifier. A line holds the layer's name, the loss of four images, and for each parameter
tensor the norm of its gradient and its product with numbers of another stream, after a check by finite differences. Parameters, images and labels are
`number(stream, k)` on both sides, the k-th element of a tensor in PyTorch's order; layer i has the streams 10 i (weights),
10 i + 1 (biases), 10 i + 2 and 10 i + 3 (gamma and beta), and 5000 more for what its gradients are multiplied by.
"""
import torch
from torch import nn
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


class Parameters:
    """Makes parameters in the order in which the engine makes its layers."""

    def __init__(self, moved=None, by=0.0):
        """The tensor at position `moved` is moved along its direction, the numbers of its stream plus 5000."""
        self.layers, self.tensors, self.moved, self.by = 0, [], moved, by

    def add(self, stream, shape, scale, shift=0.0):
        values = (shift + scale * numbers(stream, shape)).float().double()
        if len(self.tensors) == self.moved:
            values = values + self.by * numbers(stream + 5000, shape)
        self.tensors.append((stream, values.requires_grad_()))
        return values

    def conv(self, x, outputs, kernel, stride=1, padding=None, dilation=1, groups=1, bias=False, norm=False):
        i, self.layers = self.layers, self.layers + 1
        inputs = x.shape[1] // groups
        padding = dilation * (kernel - 1) // 2 if padding is None else padding
        weight = self.add(10 * i, (outputs, inputs, kernel, kernel), (inputs * kernel**2) ** -0.5)
        b = self.add(10 * i + 1, (outputs,), 0.5) if bias else None
        y = F.conv2d(x, weight, b, stride, padding, dilation, groups)
        return self.affine(i, y) if norm else y

    def affine(self, i, y):
        channels = y.shape[1]
        gamma, beta = self.add(10 * i + 2, (channels,), 0.5, 1.0), self.add(10 * i + 3, (channels,), 0.5)
        return F.batch_norm(y, None, None, gamma, beta, training=True)

    def batch_norm(self, x, affine):
        i, self.layers = self.layers, self.layers + 1
        return self.affine(i, x) if affine else F.batch_norm(x, None, None, training=True)

    def layer_norm(self, x, affine):
        i, self.layers = self.layers, self.layers + 1
        channels = x.shape[1]
        gamma, beta = (self.add(10 * i + 2, (channels,), 0.5, 1.0), self.add(10 * i + 3, (channels,), 0.5)) if affine else (None, None)
        return F.layer_norm(x.permute(0, 2, 3, 1), (channels,), gamma, beta).permute(0, 3, 1, 2)

    def group_norm(self, x, groups, affine):
        i, self.layers = self.layers, self.layers + 1
        channels = x.shape[1]
        gamma, beta = (self.add(10 * i + 2, (channels,), 0.5, 1.0), self.add(10 * i + 3, (channels,), 0.5)) if affine else (None, None)
        return F.group_norm(x, groups, gamma, beta)

    def squeeze_excite(self, x, reduction):
        s = self.conv(F.adaptive_avg_pool2d(x, 1), max(1, x.shape[1] // reduction), 1, bias=True)
        return x * torch.sigmoid(self.conv(F.relu(s), x.shape[1], 1, bias=True))


def flat(x):
    return x.permute(0, 2, 3, 1).flatten(1)[:, :, None, None]


def cell(p, x):
    """Node 1: 3x3 and node 2: depthwise of the input plus node 1; their channels one after the other."""
    a = p.conv(F.relu(x), 6, 3, norm=True)
    b = p.conv(x, 6, 3, groups=6) + a
    return torch.cat([a, b], 1)


LAYERS = {
    "conv": lambda p, x: p.conv(x, 10, 3),
    "conv_stride": lambda p, x: p.conv(x, 16, 5, stride=2, norm=True),
    "conv_even": lambda p, x: p.conv(x, 5, 4, stride=3, padding=1, bias=True),
    "conv_unpadded": lambda p, x: p.conv(x, 8, 3, stride=2, padding=0),
    "conv_dilated": lambda p, x: p.conv(F.relu(x), 7, 3, dilation=2, norm=True),
    "conv_grouped": lambda p, x: p.conv(x, 9, 3, groups=3, stride=2, norm=True),
    "conv_grouped_vectors": lambda p, x: p.conv(p.conv(x, 16, 1), 48, 3, groups=2, stride=2, norm=True),
    "depthwise3": lambda p, x: p.conv(x, 6, 3, groups=6, norm=True),
    "depthwise5": lambda p, x: p.conv(F.relu6(x), 6, 5, groups=6, stride=2),
    "depthwise7": lambda p, x: p.conv(x, 6, 7, groups=6, norm=True),
    "depthwise_dilated": lambda p, x: p.conv(F.relu(x), 6, 5, groups=6, dilation=2, stride=2, norm=True),
    "relu": lambda p, x: F.relu(x),
    "relu6": lambda p, x: F.relu6(p.batch_norm(x, True)),
    "gelu": lambda p, x: F.gelu(x),
    "swish": lambda p, x: F.silu(x),
    "sigmoid": lambda p, x: torch.sigmoid(x),
    "tanh": lambda p, x: torch.tanh(x),
    "swish_conv": lambda p, x: p.conv(F.silu(p.conv(x, 12, 1, norm=True)), 6, 3),
    "sigmoid_conv": lambda p, x: p.conv(torch.sigmoid(x), 6, 3),
    "batch_norm": lambda p, x: p.batch_norm(x, False),
    "batch_norm_affine": lambda p, x: F.gelu(p.batch_norm(F.max_pool2d(x, 3, 1, 1), True)),
    "layer_norm": lambda p, x: p.layer_norm(x, True),
    "layer_norm_plain": lambda p, x: p.layer_norm(x, False),
    "group_norm": lambda p, x: F.relu(p.group_norm(x, 3, True)),
    "group_norm_plain": lambda p, x: p.group_norm(p.conv(x, 12, 1), 2, False),
    "hard_swish": lambda p, x: F.hardswish(p.batch_norm(x, True)),
    "hard_sigmoid": lambda p, x: F.hardsigmoid(p.batch_norm(x, True)),
    "upsample": lambda p, x: p.conv(F.interpolate(x, scale_factor=2, mode="nearest"), 5, 3),
    "max_pool": lambda p, x: F.max_pool2d(x, 3, 2, 1),
    "max_pool_even": lambda p, x: F.max_pool2d(x, 2, 2),
    "avg_pool": lambda p, x: F.avg_pool2d(x, 3, 2, 1, count_include_pad=False),
    "avg_pool_counting": lambda p, x: F.avg_pool2d(x, 5, 1, 2, count_include_pad=True),
    "global_pool": lambda p, x: F.adaptive_avg_pool2d(torch.tanh(x), 1),
    "linear": lambda p, x: p.conv(F.relu(p.conv(flat(x), 11, 1, bias=True)), 7, 1),
    "squeeze_excite": lambda p, x: p.squeeze_excite(x, 4),
    "shift": lambda p, x: F.pad(x[:, :, 1:, 1:], (0, 1, 0, 1)),
    "parallel": lambda p, x: p.conv(F.relu(x), 6, 1, norm=True) + x + F.avg_pool2d(x, 3, 1, 1, count_include_pad=False) + torch.sigmoid(x),
    "concat": lambda p, x: torch.cat([p.conv(x, 3, 1), torch.tanh(x), p.conv(x, 5, 3, norm=True)], 1),
    "cell": cell,
}


def network(layer, **movement):
    p = Parameters(**movement)
    x = numbers(2000, (4, 6, 7, 3)).permute(0, 3, 1, 2)
    y = torch.tensor([int((number(2001, k) + 1) / 2 * 5) for k in range(4)])
    features = flat(layer(p, p.conv(x, 6, 1, bias=True)))[:, :, 0, 0]
    i = p.layers
    weight, bias = p.add(10 * i, (5, features.shape[1]), features.shape[1] ** -0.5), p.add(10 * i + 1, (5,), 0.5)
    return F.cross_entropy(F.linear(features, weight, bias), y), p.tensors


for name, layer in LAYERS.items():
    loss, tensors = network(layer)
    loss.backward()
    words = [name, f"{loss.item():.10g}"]
    for position, (stream, tensor) in enumerate(tensors):
        product, h = (tensor.grad * numbers(stream + 5000, tensor.shape)).sum().item(), 1e-6
        # What is recorded is right: finite differences in double precision give the same.
        difference = (network(layer, moved=position, by=h)[0] - network(layer, moved=position, by=-h)[0]).item() / (2 * h)
        assert abs(product - difference) < 1e-7 * (1 + abs(product)), (name, stream, product, difference)
        words += [str(stream), f"{tensor.grad.norm().item():.10g}", f"{product:.10g}"]
    print(" ".join(words))
