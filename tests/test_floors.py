"""Imports point down only, and the kernel needs nothing but the standard library: read from the sources."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "symgd"
FLOORS = [
    {"kernel"},
    {"language", "claims"},
    {"systems", "enclosures"},
    {"certify", "derivations", "dynamics", "search", "figures"},
    {"collect", "store", "settle", "table", "render", "coq"},
    {"cli", "pytest_entry", "pytest_plugin"},
]
FLOOR = {name: level for level, names in enumerate(FLOORS) for name in names}
FILES = sorted(PACKAGE.rglob("*.py"))


def part(file: Path) -> str:
    """The package or module directly below symgd that the file belongs to."""
    return file.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(source: str, package: tuple[str, ...]) -> Iterator[tuple[int, str]]:
    """(line, absolute name) of everything the source imports, inside functions too.

    Arguments: `package`, the dotted name of the package the source belongs to, as a tuple.
    """
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = [*package[: len(package) - node.level + 1], *filter(None, [node.module])] if node.level else [node.module or ""]
            yield from ((node.lineno, ".".join([*base, alias.name])) for alias in node.names)


def imports_of(file: Path) -> Iterator[tuple[int, str]]:
    return imports(file.read_text(encoding="utf-8"), ("symgd", *file.relative_to(PACKAGE).parts[:-1]))


def upward(file: Path) -> list[str]:
    out = []
    for line, name in imports_of(file):
        top, _, rest = name.partition(".")
        target = rest.partition(".")[0]
        if top == "symgd" and target in FLOOR and FLOOR[target] > FLOOR[part(file)]:
            out.append(f"{file.relative_to(PACKAGE)}:{line} imports {name}")
    return out


def test_every_part_of_the_package_has_a_floor():
    assert {part(f) for f in FILES} - {"__init__", "__main__"} <= FLOOR.keys()


@pytest.mark.parametrize("file", [f for f in FILES if part(f) in FLOOR], ids=lambda f: str(f.relative_to(PACKAGE)))
def test_imports_point_down(file):
    assert upward(file) == []


def test_the_reader_of_imports_sees_every_form():
    lines = [
        "import symgd.cli",
        "from symgd import table",
        "from .. import settle",
        "def f():",
        "    from ..render.latex import page",
        "    from . import near",
    ]
    source = "\n".join(lines)
    assert [name for _, name in imports(source, ("symgd", "kernel"))] == [
        "symgd.cli",
        "symgd.table",
        "symgd.settle",
        "symgd.render.latex.page",
        "symgd.kernel.near",
    ]


@pytest.mark.parametrize("file", [f for f in FILES if part(f) == "kernel"], ids=lambda f: f.name)
def test_the_kernel_imports_the_standard_library_and_itself_alone(file):
    foreign = [
        name
        for _, name in imports_of(file)
        if name.partition(".")[0] not in sys.stdlib_module_names and not name.startswith("symgd.kernel")
    ]
    assert foreign == []


def test_the_language_and_the_claims_need_sympy_at_most():
    for name in ("language", "claims"):
        tops = {n.partition(".")[0] for _, n in imports_of(PACKAGE / f"{name}.py")}
        assert tops - sys.stdlib_module_names <= {"sympy", "symgd"}
