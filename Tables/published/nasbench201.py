"""NAS-Bench-201 as the table that `benchmark("nasbench201")` reads.

usage: pip install nats_bench; python nasbench201.py FOLDER > ~/.local/share/padash/nasbench201.csv

FOLDER is the unpacked NATS-tss-v1_0-3ffb9-simple of https://github.com/D-X-Y/NATS-Bench. Accuracies in percent, means over the
seeds, after 200 epochs, and in the columns `_12ep` after 12.
"""
import sys

from nats_bench import create

SETS = {"cifar10": ("cifar10-valid", "cifar10"), "cifar100": ("cifar100", "cifar100"), "imagenet16": ("ImageNet16-120", "ImageNet16-120")}
api = create(sys.argv[1], "tss", fast_mode=True, verbose=False)


def row(index):
    for epochs in ("200", "12"):
        for valid, test in SETS.values():
            for dataset, key in ((valid, "valid-accuracy"), (test, "test-accuracy")):
                yield api.get_more_info(index, dataset, hp=epochs, is_random=False)[key]


names = [f"{name}_{part}{suffix}" for suffix in ("", "_12ep") for name in SETS for part in ("valid", "test")]
print("arch", *names, sep=",")
for index in range(len(api)):
    print(api.arch(index), *(f"{accuracy:.3f}" for accuracy in row(index)), sep=",")
