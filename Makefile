# Two commands: `make check` runs the main job, `make test` passes the tests. Both set up their own virtual environment first.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check

.PHONY: check test notebooks clean
check: .venv/installed
	$(BIN)/symgd check

test: .venv/installed-dev
	$(BIN)/ruff check symgd proofs tests notebooks
	$(BIN)/mypy
	$(BIN)/python -m pytest -n 2

# Execute the notebooks' sources and write the paired files with their outputs.
notebooks: .venv/installed-dev
	$(BIN)/python tests/notebooks/rebuild.py

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' || \
	  { echo "symgd needs Python 3.10 or newer; name one with: make PYTHON=python3.11 $(MAKECMDGOALS)"; exit 2; }
	@echo "Setting up .venv with $$($(PYTHON) --version); this takes about a minute."
	@$(PYTHON) -m venv .venv || { rm -rf .venv; echo "$(PYTHON) cannot make a virtual environment; on Debian, install python3-venv"; exit 2; }

.venv/installed: .venv/bin/python pyproject.toml
	$(PIP) install --editable .
	touch $@

.venv/installed-dev: .venv/bin/python pyproject.toml
	$(PIP) install --editable '.[dev]'
	touch $@ .venv/installed

clean:
	rm -rf .venv build dist *.egg-info
