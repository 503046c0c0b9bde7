"""What PyTorch computes of zero-cost proxies for the stand-alone networks of supernet_torch.py, in double precision.

usage: python proxies_torch.py     (PyTorch 2.13, numpy 2; prints the numbers that PyTorchParityTests.swift holds)
"""
import contextlib
import io

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

with contextlib.redirect_stdout(io.StringIO()):
    from supernet_torch import Network, examples


def weighted(net):
    return [m for m in net.modules() if isinstance(m, (nn.Conv2d, nn.Linear)) and m.weight.grad is not None]


def proxies(path, count=8):
    x, y = examples(count)
    net = Network(path=path)
    outputs = []  # of convolutions and the classifier

    def keep(module, inputs, output):
        output.retain_grad()
        outputs.append(output)

    hooks = [m.register_forward_hook(keep) for m in net.modules() if isinstance(m, (nn.Conv2d, nn.Linear))]
    F.cross_entropy(net(x, path), y).backward()
    for hook in hooks:
        hook.remove()
    result = {
        "grad_norm": sum(m.weight.grad.norm().item() for m in weighted(net)),
        "snip": sum((m.weight * m.weight.grad).abs().sum().item() for m in weighted(net)),
        # The classifier's outputs are images of one pixel.
        "fisher": sum((a * a.grad).reshape(count, a.shape[1], -1).sum(2).square().mean(0).sum().item() / 2 for a in outputs),
    }

    x.requires_grad_()
    net.zero_grad()
    net(x, path).sum().backward()
    corr = np.corrcoef(x.grad.reshape(count, -1).numpy())
    v = np.linalg.eigvalsh(corr)
    result["jacov"] = -np.sum(np.log(v + 1e-5) + 1 / (v + 1e-5))

    kernel, relu = np.zeros((count, count)), F.relu

    def counting(x):
        code = (x > 0).reshape(count, -1).double().numpy()
        kernel[:] += code @ code.T + (1 - code) @ (1 - code).T
        return relu(x)

    F.relu = counting
    net(x.detach(), path)
    F.relu = relu
    result["naswot"] = np.linalg.slogdet(kernel)[1]

    for p in net.parameters():
        p.data.abs_()
    net.zero_grad()
    for m in net.modules():
        if isinstance(m, nn.BatchNorm2d):
            m.forward = lambda x: x
    net(torch.ones(1, 1, 8, 8), path).sum().backward()
    result["synflow"] = sum((m.weight * m.weight.grad).abs().sum().item() for m in weighted(net))
    return result


# Every convolution of these reaches the output.
for path in ([3, 2, 1, 4, 3, 2], [2, 3, 2, 1, 0, 3]):
    print(path, ", ".join(f"{name}: {value:.8g}" for name, value in proxies(path).items()))
