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
