"""The entry point of the pytest plugin: two options, and nothing else until one of them is used.

Without them nothing more is imported, and `symgd` imports SymPy only when one of its names is used, so that test runs of
other projects pay for neither.
"""

from __future__ import annotations

from typing import Any


def pytest_addoption(parser: Any) -> None:
    group = parser.getgroup("symgd", "claims about gradient descent")
    group.addoption("--symgd", action="append", default=[], metavar="PATH", help="collect the claims under PATH as tests (may be repeated)")
    group.addoption("--symgd-seconds", type=float, default=60.0, metavar="N", help="time limit for the search of one claim (default: 60)")
    parser.addini(
        "symgd_paths",
        "folders and files whose claims are collected as tests, where pytest is run without arguments",
        type="args",
        default=[],
    )


def pytest_configure(config: Any) -> None:
    if config.getoption("--symgd") or config.getini("symgd_paths"):
        from . import pytest_plugin

        pytest_plugin.activate(config)
