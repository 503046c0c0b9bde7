"""NAS-Bench-Macro as the table that `benchmark("nasbenchmacro")` reads.

usage: python nasbenchmacro.py nas-bench-macro_cifar10.json > ~/.local/share/padash/nasbenchmacro.csv

The JSON is in https://github.com/xiusu/NAS-Bench-Macro; `benchmark("…/nas-bench-macro_cifar10.json")` reads it as it is, too.
"""
import json
import sys

with open(sys.argv[1]) as file:
    table = json.load(file)
print("arch,cifar10_mean,cifar10_std")
for arch, result in sorted(table.items()):
    print(f"{arch},{result['mean_acc']:.3f},{result['std']:.3f}")
