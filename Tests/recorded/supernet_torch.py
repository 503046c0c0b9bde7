"""What PyTorch computes for the networks of Tests/NASLibTests/PyTorchParityTests.swift, in double precision.

usage: python supernet_torch.py     (PyTorch 2.13; prints the numbers that the tests hold)

Weights, images and labels are `number(stream, k)`, the same on both sides: the k-th element of a tensor in PyTorch's
order, one stream a tensor, the tensors in the order in which the engine adds its layers.
"""
import torch
from torch import nn
from torch.nn import functional as F

torch.set_default_dtype(torch.float64)
EDGES = [(0, 1), (0, 2), (1, 2), (0, 3), (1, 3), (2, 3)]
NORMS, IMAGES, LABELS = 1000, 2000, 2001  # streams; layers have 0, 1, 2, ...


def number(stream, k):
    """In -1 ..< 1, by mixing 32 bits."""
    x = (k + 1000003 * stream + 1) * 2654435761 % 2**32
    x = (x ^ x >> 16) * 73244475 % 2**32
    return (x ^ x >> 16) / 2**31 - 1


def fill(tensor, stream, scale, shift=0.0):
    values = [shift + scale * number(stream, k) for k in range(tensor.numel())]
    tensor.data.copy_(torch.tensor(values, dtype=torch.float32).reshape(tensor.shape))


class Layer(nn.Module):
    """ReLU, convolution, normalisation; a supernet's normalisation has neither parameters nor running statistics."""

    def __init__(self, net, c_in, c_out, kernel, stride=1, relu=True, norm=True):
        super().__init__()
        self.relu = relu
        self.conv = nn.Conv2d(c_in, c_out, kernel, stride, kernel // 2, bias=False)
        self.bn = nn.BatchNorm2d(c_out, affine=net.affine, track_running_stats=net.affine) if norm else nn.Identity()
        fill(self.conv.weight, net.layers, (c_in * kernel**2) ** -0.5)
        if norm and net.affine:
            fill(self.bn.weight, NORMS + 2 * net.layers, 0.5, 1.0)
            fill(self.bn.bias, NORMS + 2 * net.layers + 1, 0.5)
        net.layers += 1

    def forward(self, x):
        return self.bn(self.conv(F.relu(x) if self.relu else x))


class Network(nn.Module):
    """NAS-Bench-201's skeleton with one cell in each stage: a supernet, or with a path that path's network alone."""

    def __init__(self, inputs=1, channels=8, classes=10, path=None):
        super().__init__()
        self.affine, self.layers = path is not None, 0
        self.stem = Layer(self, inputs, channels, 3, relu=False)
        self.reductions, self.cells = nn.ModuleList(), nn.ModuleList()
        for stage in range(3):
            c = channels << stage
            if stage:
                self.reductions.append(nn.ModuleList([
                    Layer(self, c // 2, c, 3, 2), Layer(self, c, c, 3), Layer(self, c // 2, c, 1, relu=False, norm=False)]))
            self.cells.append(nn.ModuleList(
                nn.ModuleDict({str(op): Layer(self, c, c, kernel) for op, kernel in ((2, 1), (3, 3)) if path is None or path[e] == op})
                for e in range(6)))
        self.bn = nn.BatchNorm2d(c, affine=self.affine, track_running_stats=self.affine)
        if self.affine:
            fill(self.bn.weight, NORMS + 2 * self.layers, 0.5, 1.0)
            fill(self.bn.bias, NORMS + 2 * self.layers + 1, 0.5)
        self.classifier = nn.Linear(c, classes)
        fill(self.classifier.weight, self.layers, c**-0.5)
        fill(self.classifier.bias, self.layers + 1, c**-0.5)

    def forward(self, x, path):
        x = self.stem(x)
        for stage, cell in enumerate(self.cells):
            if stage:
                first, second, shortcut = self.reductions[stage - 1]
                x = second(first(x)) + shortcut(F.avg_pool2d(x, 2))
            nodes = [x] + [torch.zeros_like(x)] * 3
            for e, (source, target) in enumerate(EDGES):
                if path[e] == 1:
                    nodes[target] = nodes[target] + nodes[source]
                elif path[e] == 4:
                    nodes[target] = nodes[target] + F.avg_pool2d(nodes[source], 3, 1, 1, count_include_pad=False)
                elif path[e]:
                    nodes[target] = nodes[target] + cell[e][str(path[e])](nodes[source])
            x = nodes[3]
        return self.classifier(F.relu(self.bn(x)).mean((2, 3)))


def examples(count, classes=10):
    """NHWC by the formula, as the engine keeps images; labels from the same numbers."""
    x = torch.empty(count, 8, 8, 1)
    fill(x, IMAGES, 1.0)
    y = torch.tensor([int((number(LABELS, k) + 1) / 2 * classes) for k in range(count)])
    return x.permute(0, 3, 1, 2).contiguous(), y


def step(net, optimizer, path, x, y, weights, clip):
    """Loss, gradient norm before clipping, norm of each choice summed over cells, norm of each example's logit gradient."""
    optimizer.zero_grad()
    logits = net(x, path)
    loss = (F.cross_entropy(logits, y, reduction="none") * weights).mean()
    loss.backward()
    choices = [sum(cell[e][str(path[e])].conv.weight.grad.norm().item() for cell in net.cells) if path[e] in (2, 3) else 0 for e in range(6)]
    bounds = (F.softmax(logits, 1) - F.one_hot(y, 10)).norm(dim=1).tolist()
    used = [p for p in net.parameters() if p.grad is not None]
    total = nn.utils.clip_grad_norm_(used, clip or float("inf")).item()
    optimizer.step()
    return loss.item(), total, choices, bounds


def weight_norm(net):
    """Of what the path uses. It shows weight decay, which hardly moves a loss behind normalisations."""
    return sum(p.square().sum().item() for p in net.parameters() if p.grad is not None) ** 0.5


def show(name, value):
    values = value if isinstance(value, list) else [value]
    print(f"  {name}: " + ", ".join(f"{v:.8g}" for v in values))


if __name__ == "__main__":
    for path, weights in (([3, 2, 1, 4, 3, 2], [1.0] * 4), ([2, 0, 3, 1, 4, 3], [20.0, 5.0, 10.0, 1.0])):
        print("supernet", path, "example weights", weights)
        net = Network()
        optimizer = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9, weight_decay=2.5e-4)
        x, y = examples(4)
        for i in range(3):
            loss, total, choices, bounds = step(net, optimizer, path, x, y, torch.tensor(weights), 5)
            if i == 0:
                show("loss", loss), show("gradient norm", total), show("choices", choices), show("bounds", bounds)
        loss = (F.cross_entropy(net(x, path), y, reduction="none") * torch.tensor(weights)).mean()
        show("loss after three steps", loss.item()), show("weight norm", weight_norm(net))

    for path in ([3, 2, 1, 4, 3, 2], [0, 1, 3, 4, 2, 3]):
        print("stand-alone", path)
        net = Network(path=path)
        optimizer = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9, weight_decay=5e-4)
        x, y = examples(40)
        results = [step(net, optimizer, path, x[8 * i:8 * i + 8], y[8 * i:8 * i + 8], torch.ones(8), None) for i in range(3)]
        show("losses", [r[0] for r in results])
        show("gradient norms", [r[1] for r in results])
        show("weight norm", weight_norm(net))
        for kind in ("running_mean", "running_var"):
            show(f"norm of {kind}", sum(b.square().sum().item() for name, b in net.named_buffers() if name.endswith(kind)) ** 0.5)
        net.eval()
        with torch.no_grad():
            logits = net(x, path)
        show("evaluation loss", F.cross_entropy(logits, y).item())
        show("evaluation accuracy", 100 * (logits.argmax(1) == y).double().mean().item())
