"""What PyTorch's loss is in each of 200 steps, for PyTorchParityTests.curveOfTwoHundredSteps, in double precision.

usage: python curve_torch.py > curve.txt     (PyTorch 2.13)

A supernet as in supernet_torch.py learns 256 images by stochastic gradient descent; four paths take turns, and batches of
32 follow one another. A label is the class whose numbers of stream 3000 have the largest product with the image. The rate
is small: with large ones a rounding error grows tenfold in a few steps, and PyTorch does not agree with itself either.
"""
import torch

from supernet_torch import Network, examples, number, step

PATHS = [[3, 2, 1, 4, 3, 2], [2, 0, 3, 1, 4, 3], [1, 3, 2, 2, 1, 3], [3, 1, 3, 1, 1, 3]]
teacher = torch.tensor([[number(3000, 64 * c + k) for k in range(64)] for c in range(10)])
x, _ = examples(256)
y = (x.flatten(1) @ teacher.T).argmax(1)

if __name__ == "__main__":
    net = Network()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.002, momentum=0.9, weight_decay=5e-4)
    for i in range(200):
        batch = torch.arange(32 * i, 32 * i + 32) % 256
        print(f"{step(net, optimizer, PATHS[i % 4], x[batch], y[batch], torch.ones(32), 5)[0]:.6g}")
