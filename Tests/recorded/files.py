"""Compressed files and arrays as Python and numpy write them, for Tests/NASLibTests/FileTests.swift.

usage: python files.py     (Python 3.11, numpy 2; writes the folder `files` beside it)
"""
import gzip, os, zlib
import numpy as np

os.chdir(os.path.join(os.path.dirname(os.path.abspath(__file__)), "files"))


def write(name, data):
    with open(name, "wb") as f:
        f.write(data)


def numbers(count, limit):
    """The pseudo-random numbers that the tests make too."""
    state, out = 1, bytearray()
    for _ in range(count):
        state = (state * 1664525 + 1013904223) % 2**32
        out.append((state >> 16) % limit)
    return bytes(out)


def member(data, level=6, strategy=zlib.Z_DEFAULT_STRATEGY, flags=0, fields=b""):
    packer = zlib.compressobj(level, zlib.DEFLATED, -15, 9, strategy)
    head = b"\x1f\x8b\x08" + bytes([flags]) + b"\0\0\0\0\0\xff" + fields
    return head + packer.compress(data) + packer.flush() + zlib.crc32(data).to_bytes(4, "little") + len(data).to_bytes(4, "little")


words = "".join(f"{i} paths, {i * i} steps; " for i in range(120)).encode()
for level in [0, 1, 6, 9]:
    write(f"words-{level}.gz", gzip.compress(words, level, mtime=0))
write("words-fixed.gz", member(words, strategy=zlib.Z_FIXED))
write("words-huffman.gz", member(words, strategy=zlib.Z_HUFFMAN_ONLY))
write("words-rle.gz", member(b"a" * 1000 + words, strategy=zlib.Z_RLE))
extra = b"\x04\0abcd" + b"words.txt\0" + b"a comment\0"
head = b"\x1f\x8b\x08\x1e\0\0\0\0\0\xff" + extra
write("words-fields.gz", member(words, flags=0x1E, fields=extra + (zlib.crc32(head) & 0xFFFF).to_bytes(2, "little")))
write("words-members.gz", gzip.compress(words[:1000], 9, mtime=0) + gzip.compress(b"", 6, mtime=0) + gzip.compress(words[1000:], 1, mtime=0))
write("empty.gz", gzip.compress(b"", 6, mtime=0))
# Two letters: nearly a bit each, in several dynamic blocks; and the same once more, from as far back as deflate reaches.
letters = numbers(32_768, 2)
write("letters.gz", gzip.compress(letters + letters[:4_000] + numbers(60_000, 3), 9, mtime=0))

grid = np.arange(6).reshape(2, 3)
arrays = {
    "f4": grid.astype("<f4") / 3, "f8": grid.astype("<f8") / 3, "f2": np.array([0, -1.5, 65504, 6e-8, np.inf, 0.1], "<f2"),
    "big": grid.astype(">i4") - 2, "i8": grid.astype("<i8") - 3, "i1": grid.astype("i1") - 3, "u2": grid.astype("<u2") + 65000, "b1": grid % 2 == 0,
    "fortran": np.asfortranarray(grid.astype("<f4")), "deep": np.asfortranarray(np.arange(24).reshape(2, 3, 4).astype("<f8")),
    "scalar": np.float32(2.5), "empty": np.zeros((0, 3), "<f4"),
}
np.save("f4.npy", arrays["f4"])
np.savez("stored.npz", **arrays)
np.savez_compressed("packed.npz", **arrays)
np.save("complex.npy", np.zeros(2, "<c8"))


def chunk(kind, data):
    return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")


def png(color, width, rows, filters, palette=None, interlace=0, split=None):
    """Rows of bytes, each with its filter: 0 none, 1 left, 2 above, 3 average, 4 Paeth."""
    size = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[color]
    packed, above = bytearray(), bytes(len(rows[0]))
    for row, f in zip(rows, filters):
        packed.append(f)
        for i, x in enumerate(row):
            a, b, c = row[i - size] if i >= size else 0, above[i], above[i - size] if i >= size else 0
            p = a + b - c
            paeth = min([a, b, c], key=lambda v: abs(p - v))
            packed.append((x - [0, a, b, (a + b) // 2, paeth][f]) % 256)
        above = row
    data = zlib.compress(bytes(packed), 9)
    head = width.to_bytes(4, "big") + len(rows).to_bytes(4, "big") + bytes([8, color, 0, 0, interlace])
    out = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"tEXt", b"Title\0test")
    if palette: out += chunk(b"PLTE", palette)
    return out + chunk(b"IDAT", data[:10]) + chunk(b"IDAT", data[10:]) + chunk(b"IEND", b"")


def rows(size):
    """Five rows of seven pixels."""
    data = numbers(5 * 7 * size, 256)
    return [data[7 * size * y:7 * size * (y + 1)] for y in range(5)]


for name, color, size in [("grey", 0, 1), ("rgb", 2, 3), ("grey-alpha", 4, 2), ("rgba", 6, 4)]:
    write(f"{name}.png", png(color, 7, rows(size), [0, 1, 2, 3, 4]))
write("palette.png", png(3, 7, [bytes(x % 4 for x in row) for row in rows(1)], [4, 3, 2, 1, 0], palette=bytes(range(100, 112))))


def filtered(rows, unit):
    """The rows of a pass, each with the next filter; `unit` bytes from a sample to its left neighbour."""
    out, above = bytearray(), bytes(len(rows[0]))
    for y, row in enumerate(rows):
        out.append(y % 5)
        for i, x in enumerate(row):
            a, b, c = row[i - unit] if i >= unit else 0, above[i], above[i - unit] if i >= unit else 0
            p = a + b - c
            paeth = min([a, b, c], key=lambda v: abs(p - v))
            out.append((x - [0, a, b, (a + b) // 2, paeth][y % 5]) % 256)
        above = row
    return bytes(out)


def any_png(color, depth, height, width, samples, interlace, palette=None):
    """An image of any depth; `samples` are all its numbers, pixel by pixel."""
    size = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[color]
    steps = [(0, 0, 1, 1)]
    if interlace:
        steps = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
    data = b""
    for x0, y0, dx, dy in steps:
        lines = []
        for y in range(y0, height, dy):
            bits = "".join(format(samples[(y * width + x) * size + c], f"0{depth}b") for x in range(x0, width, dx) for c in range(size))
            bits += "0" * (-len(bits) % 8)
            lines.append(int(bits, 2).to_bytes(len(bits) // 8, "big") if bits else b"")
        if lines and lines[0]:
            data += filtered(lines, max(1, size * depth // 8))
    head = width.to_bytes(4, "big") + height.to_bytes(4, "big") + bytes([depth, color, 0, 0, interlace])
    out = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head)
    if palette: out += chunk(b"PLTE", palette)
    return out + chunk(b"IDAT", zlib.compress(data, 9)) + chunk(b"IEND", b"")


for name, color, size in [("grey", 0, 1), ("rgb", 2, 3), ("palette", 3, 1), ("grey-alpha", 4, 2), ("rgba", 6, 4)]:
    for depth in {0: [1, 2, 4, 8, 16], 3: [1, 2, 4, 8]}.get(color, [8, 16]):
        for interlace in [0, 1]:
            if depth == 8 and not interlace:
                continue  # above
            count = 5 * 7 * size
            samples = list(numbers(count, min(1 << depth, 256)))
            if depth == 16:
                pairs = numbers(2 * count, 256)
                samples = [pairs[2 * i] << 8 | pairs[2 * i + 1] for i in range(count)]
            palette = numbers(3 << depth, 256) if color == 3 else None
            write(f"{name}-{depth}{'-interlaced' if interlace else ''}.png", any_png(color, depth, 5, 7, samples, interlace, palette))
write("one-interlaced.png", any_png(0, 8, 1, 1, [77], 1))
