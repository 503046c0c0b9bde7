"""Records what Python's format() gives: python formats_python.py > formats_python.txt    (Python 3.11)

A line is a value as a literal, a spec and the outcome, between tabs; the outcome is "!" where Python refuses the spec.
Left out is where padash has its own way: floats without a type and a precision print with its exponents.
"""
import itertools
import random

random.seed(7)
ints = [0, 1, -1, 5, 42, -273, 999, 1000, -1234, 65535, 1234567, -123456789, 2**53, 2**63 - 1, -(2**63)]
floats = [0.0, -0.0, 1.0, -1.5, 0.5, 2.5, 0.1, 9.995, 10.0, 99.95, 100.0, 1234.5, -1234567.891, 123456.0, 1e-5, 0.00012345, 1e-320, 1e15, 1e16, 1e22, -6.02e23, 1e300]
floats += [float("nan"), float("inf"), float("-inf")]
texts = ["", "a", "skip", "a longer text"]


def literal(value):
    if isinstance(value, str):
        return f'"{value}"'
    return repr(value)


def spec(value):
    fill = random.choice(["", "", "", "*", "0", "x", "."])
    align = random.choice(["<", ">", "^", "="]) if fill else random.choice(["", "", "", "<", ">", "^", "="])
    sign = random.choice(["", "", "", "+", "-", " "])
    zero = random.choice(["", "", "0"])
    width = random.choice(["", "1", "5", "8", "9", "10", "12", "13", "20"])
    group = random.choice(["", "", ",", "_"])
    precision = random.choice(["", ".0", ".1", ".2", ".3", ".6", ".10", ".17"])
    kinds = ["", "d", "x", "X", "o", "b", "f", "F", "e", "E", "g", "G", "%", "s"]
    if isinstance(value, str):
        # Most specs are for numbers only.
        if random.random() < 0.7:
            sign, group, kinds = "", "", ["", "s"]
        if random.random() < 0.7 and align == "=":
            align = "<"
    elif isinstance(value, int):
        kinds = ["", "d", "d", "x", "X", "o", "b", "f", "e", "g", "%", "s"]
        if random.random() < 0.7:
            precision = ""
    else:
        kinds = ["", "f", "F", "e", "E", "g", "G", "%", "d", "x", "s"]
    return fill + align + sign + zero + width + group + precision + random.choice(kinds)


def outcome(value, text):
    try:
        return format(value, text)
    except ValueError:
        return "!"


lines = set()
while len(lines) < 2500:
    value = random.choice(ints + floats + texts)
    text = spec(value)
    if isinstance(value, float) and text[-1:] not in list("fFeEgG%dxs") and "." not in text:
        continue
    # padash shows ints of more than 53 bits exactly with f, too.
    if isinstance(value, int) and abs(value) > 2**53 and text[-1:] in list("fF"):
        continue
    lines.add(f"{literal(value)}\t{text}\t{outcome(value, text)}")
print("\n".join(sorted(lines)))
