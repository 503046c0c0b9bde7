# make demo   builds padash and runs the example that README shows
# make test   builds and runs all tests
# make build  builds .build/release/padash
# make docs   writes docs/reference.md from the registry of built-ins, and the site of docs/ into .build/site
# make bench  runs all of Benchmarks/: the language against Lua and Python, training steps and tensors against PyTorch,
#             kernels against OpenBLAS, tables against pandas (PYTHON must have torch, numpy and pandas), ranking, and memory

SWIFT ?= swift
PACKAGES = libreadline-dev libopenblas-dev pkg-config
PYTHON ?= python3
# Swift's libraries become part of the binary, where the toolchain has them in that form: it starts sooner, and runs without Swift.
# LLVM's linker says nothing of the old functions of the C library that Foundation uses.
STATIC := $(if $(wildcard $(dir $(realpath $(shell command -v $(SWIFT))))../lib/swift_static),--static-swift-stdlib -Xswiftc -use-ld=lld)

.PHONY: demo test build bench docs dependencies

demo: build
	.build/release/padash run Examples/quickstart.pada

build: dependencies
	$(SWIFT) build -c release $(STATIC)

test: dependencies
	$(SWIFT) test -c release -Xswiftc -enable-testing $(OPTIONS)

docs: build
	.build/release/padash doc -o docs/reference.md
	.build/release/padash doc --site .build/site
	@echo "the front page is .build/site/index.html"

bench: build
	Benchmarks/language/run
	Benchmarks/engine/run --python $(PYTHON)
	Benchmarks/kernels/run --python $(PYTHON)
	Benchmarks/tensors/run --python $(PYTHON)
	Benchmarks/tables/run --python $(PYTHON)
	.build/release/padash Benchmarks/ranking.pada
	.build/release/padash Benchmarks/soak.pada

# Installs the two system libraries where that is allowed, and otherwise says how.
dependencies:
	@command -v $(SWIFT) >/dev/null || { echo "Swift 6 is needed: https://www.swift.org/install/linux/"; exit 1; }
	@if pkg-config --exists readline openblas 2>/dev/null; then exit 0; fi; \
	command="apt-get install -y $(PACKAGES)"; \
	if ! command -v apt-get >/dev/null; then echo "padash needs the development files of readline and OpenBLAS (on Debian: $$command)"; exit 1; fi; \
	if [ "$$(id -u)" = 0 ]; then as=""; elif sudo -n true 2>/dev/null; then as="sudo "; else \
		echo "padash needs two system libraries. Please run:  sudo $$command"; exit 1; fi; \
	echo "$$as$$command"; \
	$${as}$$command >/dev/null || { $${as}apt-get update >/dev/null && $${as}$$command >/dev/null; } || { echo "that failed; please run it yourself:  sudo $$command"; exit 1; }
