"""The notebooks run, end in the verdicts that they assert, and their committed outputs belong to the committed sources."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import jupytext
import nbformat
import pytest

FOLDER = Path(__file__).parents[2] / "notebooks"
SOURCES = sorted(FOLDER.glob("*.py"))


def cells(notebook):
    return [(c.cell_type, c.source.strip()) for c in notebook.cells]


def test_every_source_has_its_notebook():
    assert [s.stem for s in SOURCES] == sorted(n.stem for n in FOLDER.glob("*.ipynb"))
    assert SOURCES


@pytest.mark.parametrize("source", SOURCES, ids=lambda s: s.stem)
def test_the_committed_notebook_was_executed_from_its_source(source):
    notebook = nbformat.read(source.with_suffix(".ipynb"), as_version=4)
    assert cells(notebook) == cells(jupytext.read(source))
    code = [c for c in notebook.cells if c.cell_type == "code"]
    assert [c.execution_count for c in code] == list(range(1, len(code) + 1))
    outputs = [o for c in code for o in c.outputs]
    assert outputs
    assert not [o for o in outputs if o.output_type == "error" or o.get("name") == "stderr"]
    assert not re.search(r"/(?:home|root|tmp|work|Users)/", str(outputs))


@pytest.mark.parametrize("source", SOURCES, ids=lambda s: s.stem)
def test_the_notebook_runs_and_asserts_its_verdicts(source, monkeypatch):
    monkeypatch.chdir(FOLDER)
    text = source.read_text(encoding="utf-8")
    assert any(isinstance(node, ast.Assert) for node in ast.walk(ast.parse(text)))
    exec(compile(text, source.name, "exec"), {"__name__": "notebook"})


def test_the_notebook_of_the_paper_shows_every_statement_and_its_derivations():
    from symgd.collect import collect

    notebook = nbformat.read(FOLDER / "the_paper.ipynb", as_version=4)
    shown = [str(o.get("data", {}).get("text/markdown", "")) for c in notebook.cells if c.cell_type == "code" for o in c.outputs]
    named = set(re.findall(r"^\| `([^`]+)`", "\n".join(shown), re.MULTILINE))
    assert {n.partition(".")[0] for n in named} == {item.claim.id.partition(".")[0] for item in collect(FOLDER.parent / "proofs")}
    assert sum("*Proof.*" in s for s in shown) >= 40


def test_a_gradient_map_is_shown_as_a_formula():
    import sympy

    import symgd.render  # noqa: F401
    from symgd.systems import GradientMap

    x, delta = sympy.Symbol("x", real=True), sympy.Symbol("delta", positive=True)
    shown = GradientMap(x**4, (x,), delta)._repr_latex_()
    assert shown.startswith(r"$x \mapsto ")
    assert r"4 \delta x^{3}" in shown


def test_a_portrait_is_shown_as_its_picture_where_there_is_one():
    from symgd.dynamics import analyze

    portrait = analyze("x^2", ["x"], step="1/2")
    shown = portrait._repr_svg_()
    assert "<svg" in shown
    assert shown.rstrip().endswith("</svg>")
    assert analyze("x^2 + y^2 + z^2", ["x", "y", "z"], step="1/2")._repr_svg_() is None
