"""What PyTorch's optimizers make of a supernet, for PyTorchParityTests.supernetsByOptimizers, in double precision.

usage: python optimizers_torch.py > optimizers.txt     (PyTorch 2.15)

A supernet as in supernet_torch.py takes nine steps on batches of eight; three paths take turns. So a weight has a gradient in
all steps, in some or in none: PyTorch passes over those that have none, with their moments and their counts of steps. Each line
is an optimizer, the loss of each step, and the norm of all weights that were trained.
"""
import torch

from supernet_torch import Network, examples, step

PATHS = [[3, 2, 1, 4, 3, 2], [2, 0, 3, 1, 4, 3], [1, 3, 2, 2, 1, 3]]
OPTIMIZERS = {
    "sgd": lambda p: torch.optim.SGD(p, lr=0.02, momentum=0.9, nesterov=True, weight_decay=1e-3),
    "adam": lambda p: torch.optim.Adam(p, lr=0.002, betas=(0.8, 0.99), eps=1e-4, weight_decay=1e-3),
    "adamw": lambda p: torch.optim.AdamW(p, lr=0.002, betas=(0.9, 0.999), eps=1e-4, weight_decay=0.1),
    "rmsprop": lambda p: torch.optim.RMSprop(p, lr=0.0005, alpha=0.9, eps=1e-3, momentum=0.5, weight_decay=1e-3),
}

if __name__ == "__main__":
    for name, make in OPTIMIZERS.items():
        net = Network()
        optimizer = make(net.parameters())
        x, y = examples(72)
        trained, losses = set(), []
        for i in range(9):
            part = slice(8 * i, 8 * i + 8)
            losses.append(step(net, optimizer, PATHS[i % 3], x[part], y[part], torch.ones(8), 5)[0])
            trained |= {p for p in net.parameters() if p.grad is not None}
        norm = sum(p.square().sum().item() for p in trained) ** 0.5
        print(name, " ".join(f"{v:.8g}" for v in losses + [norm]))
