# Two commands: `make check` runs the main job, `make test` passes the tests. Both set up their own virtual environment first.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: check test clean
check: .venv/installed
	$(BIN)/symgd check

test: .venv/installed-dev
	$(BIN)/ruff check symgd proofs tests
	$(BIN)/mypy
	$(BIN)/python -m pytest -n 2

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/installed: .venv/bin/python pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	touch $@

.venv/installed-dev: .venv/bin/python pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $@ .venv/installed

clean:
	rm -rf .venv build dist *.egg-info
