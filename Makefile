# Two commands are enough: `make demo` shows it, `make test` proves it. Both make .venv themselves; pip's and npm's own
# configuration say where packages come from, and a complete .venv needs no network.

# The first Python that is new enough; override with `make PYTHON=...`.
PYTHON ?= $(shell for p in python3 python python3.13 python3.12 python3.11; do \
  $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && { echo $$p; exit; }; done; echo none)
PY := .venv/bin/python
JOBS ?= 2
ARGS ?=
# A folder with MNIST's files, lent to the demo where notebooks/MNIST_data is not there.
DIGITS ?= ../shared/data/mnist10k

.PHONY: help venv ui demo lab test bench docs clean

help:  ## this list
	@grep -hE '^[a-z-]+:.*##' Makefile | sed -E 's/^([a-z-]+):[^#]*## */  make \1\t/'

python-found:
	@[ "$(PYTHON)" != none ] || { echo "Python 3.11 or newer is needed: install it, or say make PYTHON=/path/to/python"; exit 1; }

venv: python-found  ## the virtual environment .venv, with everything in it
	@$(PYTHON) tools/environment.py notebook test
	@$(PY) hatch_build.py --dev

ui: venv  ## the front end, from tfviz/ui to tfviz/static

demo: python-found  ## train MNIST in notebooks/04_mnist.ipynb and leave the executed notebook as HTML
	@$(PYTHON) tools/environment.py notebook
	@$(PY) hatch_build.py
	@$(PY) tools/demo.py notebooks/04_mnist.ipynb $(DIGITS)

lab: python-found  ## open JupyterLab on the tutorials
	@$(PYTHON) tools/environment.py notebook
	@$(PY) hatch_build.py
	$(PY) -m jupyterlab notebooks

test: venv  ## everything: tests, doctests, notebooks, ruff, mypy, layers, sizes, TypeScript
	$(PY) -m pytest -n $(JOBS) --dist worksteal -q $(ARGS)

bench: venv  ## our engine beside its peers, one table
	$(PY) -m benchmarks $(ARGS)

docs: venv  ## the documentation alone: docstrings, the READMEs' code, the notebooks, run
	$(PY) -m pytest -n $(JOBS) -q core tfviz tests/house/test_readme.py tests/notebooks

clean:  ## remove what these commands made
	rm -rf .venv node_modules build dist tfviz/static notebooks/*.html .pytest_cache .mypy_cache .ruff_cache \
	  .hypothesis .import_linter_cache
