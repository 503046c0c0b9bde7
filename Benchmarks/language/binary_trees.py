class Node:
    __slots__ = ("left", "right")

    def __init__(self, left, right):
        self.left = left
        self.right = right


def tree(depth):
    return Node(None, None) if depth == 0 else Node(tree(depth - 1), tree(depth - 1))


def nodes(t):
    return 1 if t.left is None else 1 + nodes(t.left) + nodes(t.right)


depth = 16
lasting = tree(depth)
for d in range(4, depth + 1, 4):
    count = 2 ** (depth - d + 3)
    total = 0
    for _ in range(count):
        total += nodes(tree(d))
    print(count, "trees of depth", d, "have", total, "nodes")
print("the lasting one has", nodes(lasting))
