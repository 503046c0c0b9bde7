"""What PyTorch computes for the functions of tensors in Tests/RuntimeTests/TensorParityTests.swift, in double precision.

usage: python tensors_torch.py > tensors_torch.json     (PyTorch 2.13)

Each case is a function written twice, in Pada and with PyTorch, with its arguments: the elements of the result are weighted
and summed up, and the gradients of the sum by all arguments recorded. An optimizer's case holds the parameters after steps.
"""
import json
import math

import torch
from torch.nn import functional as F

torch.set_default_dtype(torch.float64)


def numbers(stream, *shape):
    """Well-mixed numbers in -1 ..< 1 that single precision holds exactly."""
    def number(k):
        x = (k + 1000003 * stream + 1) * 2654435761 % 2**32
        x = (x ^ x >> 16) * 73244475 % 2**32
        return (x ^ x >> 16) % 2**20 / 2**19 - 1
    return torch.tensor([number(k) for k in range(math.prod(shape))]).reshape(shape)


def positive(stream, *shape):
    return numbers(stream, *shape).abs() + 0.125


def definite(stream, n):
    """Symmetric and positive definite; a multiple of 2^-9, so that the float of each element is exact."""
    a = numbers(stream, n, n)
    return ((a @ a.T + 0.5 * torch.eye(n)) * 512).round() / 512


A, B = numbers(1, 2, 3), numbers(2, 2, 3)
ROW, COLUMN = numbers(3, 3), numbers(4, 2, 1)
CUBE = numbers(5, 2, 3, 4)
IMAGES, KERNELS = numbers(6, 2, 3, 5, 6), numbers(7, 4, 3, 3, 2)
SQUARE = numbers(8, 3, 3) + 2 * torch.eye(3)
LABELS = torch.tensor([2, 0])


def lower(x):
    """A symmetric function of a matrix's lower half, whose gradient PyTorch spreads over both halves."""
    return (x + x.T) / 2


CASES = [
    ("add, a row", "(a, b) => a + b", lambda a, b: a + b, A, ROW),
    ("subtract, a column", "(a, b) => a - b", lambda a, b: a - b, A, COLUMN),
    ("multiply, row and column", "(a, b) => a * b", lambda a, b: a * b, ROW, COLUMN),
    ("divide", "(a, b) => a / b", lambda a, b: a / b, A, positive(9, 2, 3)),
    ("remainder", "(a, b) => a % b", lambda a, b: a % b, A, positive(10, 2, 3)),
    ("power", "(a, b) => a ** b", lambda a, b: a**b, positive(11, 2, 3), B),
    ("square", "a => a ** 2", lambda a: a**2, A),
    ("cube", "a => a ** 3", lambda a: a**3, A),
    ("exponent of a power", "a => 2 ** a", lambda a: 2**a, A),
    ("negative", "a => -a", lambda a: -a, A),
    ("exp", "a => exp(a)", torch.exp, A),
    ("log", "a => log(a)", torch.log, positive(12, 2, 3)),
    ("log2", "a => log2(a)", torch.log2, positive(12, 2, 3)),
    ("log10", "a => log10(a)", torch.log10, positive(12, 2, 3)),
    ("sqrt", "a => sqrt(a)", torch.sqrt, positive(13, 2, 3)),
    ("sin", "a => sin(a)", torch.sin, A),
    ("cos", "a => cos(a)", torch.cos, A),
    ("tan", "a => tan(a)", torch.tan, A),
    ("asin", "a => asin(a)", torch.asin, 0.75 * A),
    ("acos", "a => acos(a)", torch.acos, 0.75 * A),
    ("atan", "a => atan(a)", torch.atan, A),
    ("tanh", "a => tanh(a)", torch.tanh, 2 * A),
    ("sigmoid", "a => sigmoid(a)", torch.sigmoid, 4 * A),
    ("relu", "a => relu(a)", torch.relu, A),
    ("gelu", "a => gelu(a)", F.gelu, 2 * A),
    ("abs", "a => abs(a)", torch.abs, A),
    ("clamp", "a => clamp(a, -0.5, 0.25)", lambda a: a.clamp(-0.5, 0.25), A),
    ("maximum", "(a, b) => maximum(a, b)", torch.maximum, A, B),
    ("minimum, ties", "(a, b) => minimum(a, b)", torch.minimum, A, A.clone()),
    ("where", "(a, b) => where(greater(a, b), a * a, b)", lambda a, b: torch.where(a > b, a * a, b), A, B),
    ("sum", "a => a.sum()", torch.sum, A),
    ("sum along an axis", "a => a.sum(axis: 1)", lambda a: a.sum(1), CUBE),
    ("sum along two axes", "a => a.sum(axis: [0, 2], keepdims: true)", lambda a: a.sum((0, 2), keepdim=True), CUBE),
    ("mean", "a => a.mean(axis: 0)", lambda a: a.mean(0), CUBE),
    ("variance", "a => a.variance(axis: 1)", lambda a: a.var(1), CUBE),
    ("std of all", "a => a.std()", lambda a: a.std(), CUBE),
    ("biased variance", "a => a.variance(axis: [0, 2], correction: 0)", lambda a: a.var((0, 2), correction=0), CUBE),
    ("max", "a => a.max(axis: 1)", lambda a: a.amax(1), CUBE),
    ("min of all", "a => a.min()", lambda a: a.amin(), CUBE),
    ("max, ties", "a => maximum(a, 0).max(axis: 0)", lambda a: torch.relu(a).amax(0), -positive(14, 3, 2)),
    ("norm", "a => a.norm(axis: 1)", lambda a: a.norm(dim=1), A),
    ("prod", "a => a.prod(axis: 1)", lambda a: a.prod(1), A),
    ("prod with a zero", "a => a.prod()", lambda a: a.prod(), torch.tensor([2.0, 0.0, 3.0, 0.5])),
    ("cumsum", "a => a.cumsum(axis: 1)", lambda a: a.cumsum(1), CUBE),
    ("softmax", "a => a.softmax()", lambda a: a.softmax(-1), 3 * A),
    ("softmax, first axis", "a => a.softmax(axis: 0)", lambda a: a.softmax(0), 3 * A),
    ("log_softmax", "a => a.log_softmax()", lambda a: a.log_softmax(-1), 3 * A),
    ("logsumexp", "a => a.logsumexp(axis: 1)", lambda a: a.logsumexp(1), 3 * A),
    ("reshape", "a => a.reshape([3, -1])", lambda a: a.reshape(3, -1), CUBE),
    ("permute", "a => a.permute([2, 0, 1])", lambda a: a.permute(2, 0, 1), CUBE),
    ("transpose", "a => a.transpose(0, 1)", lambda a: a.transpose(0, 1), CUBE),
    ("flip", "a => a.flip(1)", lambda a: a.flip(1), CUBE),
    ("diagonal", "a => a.diagonal()", lambda a: a.diagonal(), SQUARE),
    ("broadcast_to", "a => a.broadcast_to([4, 3])", lambda a: a.broadcast_to(4, 3), ROW),
    ("slice", "a => a[.., 1.., range(0, 4, by: 2)]", lambda a: a[:, 1:, 0:4:2], CUBE),
    ("positions", "a => a[.., [2, 0, 2]]", lambda a: a[:, [2, 0, 2]], CUBE),
    ("element", "a => a[1, -1] * 2", lambda a: a[1, -1] * 2, A),
    ("concat", "(a, b) => concat([a, b], axis: 1)", lambda a, b: torch.cat([a, b], 1), A, B),
    ("stack", "(a, b) => stack([a, b], axis: 1)", lambda a, b: torch.stack([a, b], 1), A, B),
    ("split", "a => { let [x, y] = a.split([1, 2], axis: 1); x * y }", lambda a: a[:, :1] * a[:, 1:], A),
    ("assignment", "(a, b) => { let t = a * 2; t[0] = b[1]; t * t }", lambda a, b: torch.stack([b[1], 2 * a[1]]) ** 2, A, B),
    ("matrix product", "(a, b) => a @ b", torch.matmul, A, numbers(15, 3, 4)),
    ("matrix times vector", "(a, b) => a @ b", torch.matmul, A, ROW),
    ("vector times matrix", "(a, b) => a @ b", torch.matmul, ROW, numbers(15, 3, 4)),
    ("inner product", "(a, b) => a @ b", torch.matmul, ROW, numbers(16, 3)),
    ("batched product", "(a, b) => a @ b", torch.matmul, CUBE, numbers(17, 2, 4, 2)),
    ("batch times matrix", "(a, b) => a @ b", torch.matmul, CUBE, numbers(18, 4, 2)),
    ("matrix times batch", "(a, b) => a @ b", torch.matmul, numbers(19, 5, 3), CUBE),
    ("einsum, product", "(a, b) => einsum(\"ij,kj->ik\", a, b)", lambda a, b: torch.einsum("ij,kj->ik", a, b), A, B),
    ("einsum, batch", "(a, b) => einsum(\"bij,bjk->bik\", a, b)", lambda a, b: torch.einsum("bij,bjk->bik", a, b), CUBE, numbers(17, 2, 4, 2)),
    ("einsum, trace", "a => einsum(\"ii\", a)", lambda a: torch.einsum("ii", a), SQUARE),
    ("einsum, outer", "(a, b) => einsum(\"i,j->ji\", a, b)", lambda a, b: torch.einsum("i,j->ji", a, b), ROW, numbers(20, 2)),
    ("einsum, three", "(a, b, c) => einsum(\"ij,jk,k->i\", a, b, c)", lambda a, b, c: torch.einsum("ij,jk,k->i", a, b, c), A, numbers(15, 3, 4), numbers(21, 4)),
    ("conv2d", "(x, w) => conv2d(x, w)", F.conv2d, IMAGES, KERNELS),
    ("conv2d, stride and padding", "(x, w) => conv2d(x, w, stride: 2, padding: 1)", lambda x, w: F.conv2d(x, w, stride=2, padding=1), IMAGES, KERNELS),
    ("max_pool2d", "x => max_pool2d(x, 2)", lambda x: F.max_pool2d(x, 2), IMAGES),
    ("avg_pool2d", "x => avg_pool2d(x, 3, stride: 1)", lambda x: F.avg_pool2d(x, 3, 1), IMAGES),
    ("cross_entropy", "x => cross_entropy(x, [2, 0])", lambda x: F.cross_entropy(x, LABELS), 3 * A),
    ("solve", "(a, b) => solve(a, b)", torch.linalg.solve, SQUARE, numbers(22, 3, 2)),
    ("solve for a vector", "(a, b) => solve(a, b)", torch.linalg.solve, SQUARE, ROW),
    ("lstsq", "(a, b) => lstsq(a, b)", lambda a, b: torch.linalg.lstsq(a, b).solution, numbers(23, 5, 3), numbers(24, 5, 2)),
    ("inv", "a => inv(a)", torch.linalg.inv, SQUARE),
    ("det", "a => det(a)", torch.linalg.det, SQUARE),
    ("cholesky", "a => cholesky((a + a.T) / 2)", lambda a: torch.linalg.cholesky(lower(a)), definite(25, 3)),
    ("eigenvalues", "a => eigh((a + a.T) / 2).values", lambda a: torch.linalg.eigh(lower(a)).eigenvalues, definite(25, 3)),
    ("eigenvectors", "a => eigh((a + a.T) / 2).vectors ** 2", lambda a: torch.linalg.eigh(lower(a)).eigenvectors ** 2, definite(25, 3)),
    ("singular values", "a => svd(a).s", lambda a: torch.linalg.svd(a, full_matrices=False).S, numbers(26, 4, 3)),
    ("singular vectors", "a => { let {u, s, vt} = svd(a); concat([(u ** 2).flatten(), (vt ** 2).flatten()]) }",
     lambda a: (lambda d: torch.cat([(d.U**2).flatten(), (d.Vh**2).flatten()]))(torch.linalg.svd(a, full_matrices=False)), numbers(26, 4, 3)),
    ("singular vectors, wide", "a => { let {u, s, vt} = svd(a); (vt ** 2) * s.reshape([-1, 1]) }",
     lambda a: (lambda d: d.Vh**2 * d.S[:, None])(torch.linalg.svd(a, full_matrices=False)), numbers(27, 2, 4)),
    ("loop", "x => { var y = x; for i in 0..5 { y = sin(y) + x * i }; y }", lambda x: (lambda y: [y := torch.sin(y) + x * i for i in range(5)][-1])(x), A),
    ("condition", "x => if x.sum() > 0 { x * x } else { x ** 3 }", lambda x: x * x if x.sum() > 0 else x**3, A),
    ("gradient of a gradient", "x => grad(y => (sin(y) * y).sum())(x)",
     lambda x: torch.autograd.grad((torch.sin(x) * x).sum(), x, create_graph=True)[0], A),
]

# Parameters x after steps of the gradients of sum(x^4 / 4 + c x), the quartic keeping all second moments apart.
START, SLOPES = torch.tensor([1.0, -0.5, 0.25]), torch.tensor([0.5, -1.0, 0.125])
OPTIMIZERS = [
    ("sgd(0.1)", lambda x: torch.optim.SGD(x, lr=0.1)),
    ("sgd(0.1, momentum: 0.9)", lambda x: torch.optim.SGD(x, lr=0.1, momentum=0.9)),
    ("sgd(0.1, momentum: 0.9, nesterov: true, weight_decay: 0.1)", lambda x: torch.optim.SGD(x, lr=0.1, momentum=0.9, nesterov=True, weight_decay=0.1)),
    ("adam()", lambda x: torch.optim.Adam(x)),
    ("adam(lr: 0.1, betas: [0.8, 0.9], epsilon: 0.001, weight_decay: 0.1)",
     lambda x: torch.optim.Adam(x, lr=0.1, betas=(0.8, 0.9), eps=0.001, weight_decay=0.1)),
    ("adamw(lr: 0.1)", lambda x: torch.optim.AdamW(x, lr=0.1)),
    ("adamw(lr: 0.1, weight_decay: 0.5)", lambda x: torch.optim.AdamW(x, lr=0.1, weight_decay=0.5)),
    ("rmsprop()", lambda x: torch.optim.RMSprop(x)),
    ("rmsprop(lr: 0.05, alpha: 0.9, momentum: 0.5, weight_decay: 0.1)",
     lambda x: torch.optim.RMSprop(x, lr=0.05, alpha=0.9, momentum=0.5, weight_decay=0.1)),
]


def recorded(name, pada, function, *arguments):
    inputs = [a.detach().clone().requires_grad_() for a in arguments]
    result = function(*inputs)
    weights = numbers(99, *result.shape)
    gradients = torch.autograd.grad((result * weights).sum(), inputs)
    return {
        "name": name, "function": pada, "arguments": [a.tolist() for a in arguments], "weights": weights.tolist(),
        "value": result.flatten().tolist(), "gradients": [g.flatten().tolist() for g in gradients]}


def optimized(pada, make):
    x = START.clone().requires_grad_()
    optimizer = make([x])
    path = []
    for _ in range(6):
        optimizer.zero_grad()
        (x**4 / 4 + SLOPES * x).sum().backward()
        optimizer.step()
        path.append(x.tolist())
    return {"optimizer": pada, "path": path}


def rounded(x):
    """Nine digits, more than single precision has."""
    if isinstance(x, float):
        return float(f"{x:.9g}")
    if isinstance(x, list):
        return [rounded(y) for y in x]
    return {k: v if k == "arguments" or k == "weights" else rounded(v) for k, v in x.items()} if isinstance(x, dict) else x


print("{\"functions\": [")
print(",\n".join(json.dumps(rounded(recorded(*case))) for case in CASES))
print("], \"optimizers\": [")
print(",\n".join(json.dumps(rounded(optimized(*case))) for case in OPTIMIZERS))
print("]}")
