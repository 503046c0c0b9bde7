"""What synflow is for deep networks of NAS-Bench-201, in double precision: their outputs are beyond what floats hold.

usage: python synflow_numpy.py     (numpy 2; prints the numbers that PyTorchParityTests.swift holds)

Weights are those of supernet_torch.py, by their absolute values, biases of the classifier too. With all of them multiplied by 1 + t but for
the biases, sum |W dR/dW| is the derivative of R by t at 0: each value carries its derivative along.
"""
import numpy as np

EDGES = [(0, 1), (0, 2), (1, 2), (0, 3), (1, 3), (2, 3)]


def numbers(stream, count):
    x = (np.arange(count, dtype=np.uint64) + 1000003 * stream + 1) * 2654435761 % 2**32
    x = (x ^ x >> 16) * 73244475 % 2**32
    return (x ^ x >> 16) / 2**31 - 1


class Network:
    def __init__(self, cells, channels, inputs, classes, path):
        self.cells, self.channels, self.inputs, self.classes, self.path, self.layers = cells, channels, inputs, classes, path, 0

    def conv(self, x, outputs, kernel, stride=1):
        """Of a value (v, dv), each channels x height x width; ReLU does nothing to what is positive."""
        inputs = x[0].shape[0]
        w = (inputs * kernel**2) ** -0.5 * numbers(self.layers, outputs * inputs * kernel**2)
        w = np.abs(w.astype(np.float32).astype(np.float64)).reshape(outputs, inputs, kernel, kernel)
        self.layers += 1

        def apply(v):
            pad = kernel // 2
            v = np.pad(v, ((0, 0), (pad, pad), (pad, pad)))
            windows = np.lib.stride_tricks.sliding_window_view(v, (kernel, kernel), axis=(1, 2))[:, ::stride, ::stride]
            return np.tensordot(w, windows, axes=([1, 2, 3], [0, 3, 4]))

        return apply(x[0]), apply(x[1]) + apply(x[0])

    def flow(self, size):
        v = np.ones((self.inputs, size, size))
        x = self.conv((v, np.zeros_like(v)), self.channels, 3)
        for stage in range(3):
            c = self.channels << stage
            if stage:
                first = self.conv(x, c, 3, 2)
                second = self.conv(first, c, 3)
                halved = tuple(v.reshape(v.shape[0], v.shape[1] // 2, 2, v.shape[2] // 2, 2).mean((2, 4)) for v in x)
                shortcut = self.conv(halved, c, 1)
                x = second[0] + shortcut[0], second[1] + shortcut[1]
            for _ in range(self.cells):
                nodes = [x] + [(np.zeros_like(x[0]), np.zeros_like(x[0]))] * 3
                for (source, target), op in zip(EDGES, self.path):
                    y = {1: lambda: nodes[source], 2: lambda: self.conv(nodes[source], c, 1), 3: lambda: self.conv(nodes[source], c, 3)}[op]()
                    nodes[target] = nodes[target][0] + y[0], nodes[target][1] + y[1]
                x = nodes[3]
        v, dv = (t.mean((1, 2)) for t in x)
        w = np.abs((c**-0.5 * numbers(self.layers, self.classes * c)).astype(np.float32).astype(np.float64)).reshape(self.classes, c)
        return (w @ (v + dv)).sum()


for path in ([3] * 6, [3, 1, 2, 3, 1, 3]):
    print(path, f"{Network(5, 16, 3, 10, path).flow(32):.9g}")
# The one that supernet_torch.py's networks are checked with, 3.2344999e9 there, without average pooling.
print([2, 3, 2, 1, 3, 3], f"{Network(1, 8, 1, 10, [2, 3, 2, 1, 3, 3]).flow(8):.9g}")
