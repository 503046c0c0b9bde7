"""The other side of step.pada in PyTorch, with the same arguments and answers, but THREADS before them."""
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F

threads, space, *numbers = sys.argv[1:9]
threads = int(threads)
channels, cells, batch, side, inputs, steps = map(int, numbers)
paths = [[int(c) for c in p] for p in sys.argv[9:]]
torch.set_num_threads(threads)
EDGES = [(0, 1), (0, 2), (1, 2), (0, 3), (1, 3), (2, 3)]


def normalization(c):
    return nn.BatchNorm2d(c, affine=False, track_running_stats=False)


class ReLUConvBN(nn.Module):
    def __init__(self, c_in, c_out, kernel, stride=1, relu=True):
        super().__init__()
        self.relu = relu
        self.conv = nn.Conv2d(c_in, c_out, kernel, stride, kernel // 2, bias=False)
        self.bn = normalization(c_out)

    def forward(self, x):
        return self.bn(self.conv(F.relu(x) if self.relu else x))


class Cell(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.edges = nn.ModuleList(
            nn.ModuleList([nn.Identity(), nn.Identity(), ReLUConvBN(c, c, 1), ReLUConvBN(c, c, 3),
                           nn.AvgPool2d(3, 1, 1, count_include_pad=False)]) for _ in EDGES)

    def forward(self, x, path):
        nodes = [x]
        for target in (1, 2, 3):
            total = 0
            for edge, (source, end) in enumerate(EDGES):
                if end == target:
                    total = total + (nodes[source] * 0 if path[edge] == 0 else self.edges[edge][path[edge]](nodes[source]))
            nodes.append(total)
        return nodes[3]


class Reduction(nn.Module):
    def __init__(self, c_in, c_out):
        super().__init__()
        self.a, self.b = ReLUConvBN(c_in, c_out, 3, 2), ReLUConvBN(c_out, c_out, 3)
        self.shortcut = nn.Sequential(nn.AvgPool2d(2, 2), nn.Conv2d(c_in, c_out, 1, bias=False))

    def forward(self, x, path):
        return self.shortcut(x) + self.b(self.a(x))


class Supernet(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = ReLUConvBN(inputs, channels, 3, relu=False)
        body, c = [], channels
        for stage in range(3):
            if stage:
                body.append(Reduction(c, 2 * c))
                c *= 2
            body += [Cell(c) for _ in range(cells)]
        self.body = nn.ModuleList(body)
        self.bn = normalization(c)
        self.classifier = nn.Linear(c, 10)

    def forward(self, x, path):
        x = self.stem(x)
        for block in self.body:
            x = block(x, path)
        return self.classifier(F.relu(self.bn(x)).mean((2, 3)))


class InvertedResidual(nn.Module):
    def __init__(self, c_in, c_out, kernel, expansion, stride):
        super().__init__()
        c = c_in * expansion
        self.is_residual = stride == 1 and c_in == c_out
        self.body = nn.Sequential(
            nn.Conv2d(c_in, c, 1, bias=False), normalization(c), nn.ReLU(),
            nn.Conv2d(c, c, kernel, stride, kernel // 2, groups=c, bias=False), normalization(c), nn.ReLU(),
            nn.Conv2d(c, c_out, 1, bias=False), normalization(c_out))

    def forward(self, x):
        return x + self.body(x) if self.is_residual else self.body(x)


class MacroSupernet(nn.Module):
    """NAS-Bench-Macro's; `cells` are the features of its last convolution."""

    def __init__(self):
        super().__init__()
        c = channels
        self.stem = nn.Sequential(nn.Conv2d(inputs, c, 3, padding=1, bias=False), normalization(c), nn.ReLU())
        self.layers = nn.ModuleList()
        for layers in (2, 3, 3):
            for position in range(layers):
                c_out, stride = (2 * c, 2) if position == 0 else (c, 1)
                skip = nn.Sequential(nn.Conv2d(c, c_out, 1, 2, bias=False), normalization(c_out)) if position == 0 else nn.Identity()
                self.layers.append(nn.ModuleList(
                    [skip, InvertedResidual(c, c_out, 3, 3, stride), InvertedResidual(c, c_out, 5, 6, stride)]))
                c = c_out
        self.last = nn.Sequential(nn.Conv2d(c, cells, 1, bias=False), normalization(cells), nn.ReLU())
        self.classifier = nn.Linear(cells, 10)

    def forward(self, x, path):
        x = self.stem(x)
        for layer, choice in zip(self.layers, path):
            x = layer[choice](x)
        return self.classifier(self.last(x).mean((2, 3)))


torch.manual_seed(0)
net = Supernet() if space == "nasbench201" else MacroSupernet()
optimizer = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9, weight_decay=2.5e-4)
x, y = torch.randn(batch, inputs, side, side), torch.randint(0, 10, (batch,))


def step(path):
    optimizer.zero_grad()
    F.cross_entropy(net(x, path), y).backward()
    nn.utils.clip_grad_norm_([p for p in net.parameters() if p.grad is not None], 5)
    optimizer.step()


if steps:
    for path in paths:
        times = []
        for _ in range(steps + 1):
            start = time.perf_counter()
            step(path)
            times.append(time.perf_counter() - start)
        print(f"{min(times[1:]) * 1000:.3f}")
else:
    best = float("inf")
    with torch.no_grad():
        for _ in range(3):
            start = time.perf_counter()
            for path in paths:
                F.cross_entropy(net(x, path), y)
            best = min(best, time.perf_counter() - start)
    print(f"{best * 1000 / len(paths):.3f}")
