"""Figures: found beside claims, drawn as vector graphics, the same each time; the paper's are all there and belong to statements."""

import ast
import sys
from pathlib import Path

import pytest

from symgd.cli import main
from symgd.collect import collect
from symgd.figures import Figure, FigureError, figure
from symgd.render import find_figures

PROOFS = Path(__file__).parents[2] / "proofs"
PAPER = find_figures(PROOFS)
MINE = '''
from symgd.figures import BLUE, figure


@figure("mine.line", of="mine")
def line(picture):
    """A line."""
    picture.subplots().plot([0, 1], [0, 1], color=BLUE)


@figure("mine.point")
def point(picture):
    """A point."""
    picture.subplots().plot([0], [0], "o")
'''


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "drawn.py").write_text(MINE, encoding="utf-8")
    return tmp_path


def test_the_same_figure_is_the_same_file(folder):
    line = find_figures(folder)["mine.line"]
    assert line.of == ("mine",)
    assert line.render(".svg") == line.render(".svg")
    assert line.render(".pdf") == line.render(".pdf")
    assert line.render(".png").startswith(b"\x89PNG")
    assert "<svg" in line._repr_svg_()
    assert b"<script" not in line.render(".svg")


def test_the_command_writes_one_figure_or_a_folder_of_them(folder, capsys):
    assert main(["figure", "mine.line", str(folder), "-o", str(folder / "a.pdf")]) == 0
    assert (folder / "a.pdf").read_bytes().startswith(b"%PDF")
    assert main(["figure", "mine", str(folder), "-o", str(folder / "drawn"), "--format", "png"]) == 0
    assert sorted(f.name for f in (folder / "drawn").iterdir()) == ["mine.line.png", "mine.point.png"]
    capsys.readouterr()
    mistakes = ((["mine.lime"], "did you mean mine.line"), (["mine", "-o", "a.svg"], "name a folder"),
                (["mine.line", "-o", "a.gif"], "end its"))
    for wrong, words in mistakes:
        assert main(["figure", wrong[0], str(folder), *wrong[1:]]) == 2
        assert words in capsys.readouterr().err


def test_the_command_lists_figures_with_their_captions(folder, monkeypatch, capsys):
    monkeypatch.chdir(folder)
    (folder / "proofs").mkdir()
    (folder / "drawn.py").rename(folder / "proofs" / "drawn.py")
    assert main(["figure"]) == 0
    assert capsys.readouterr().out.splitlines() == ["mine.line: A line.", "mine.point: A point."]


def test_without_matplotlib_a_sentence_says_what_to_install(folder, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    line = find_figures(folder)["mine.line"]
    with pytest.raises(FigureError, match="install symgd"):
        line.render()
    assert line._repr_svg_() is None


def test_a_figure_needs_an_id_and_a_caption():
    with pytest.raises(FigureError, match="is not an id"):
        figure("../up")
    with pytest.raises(FigureError, match="no caption"):
        figure("a")(lambda picture: None)


def test_the_figures_of_the_paper_belong_to_its_statements():
    known = {item.claim.id for item in collect(PROOFS)}
    assert {i for f in PAPER.values() for i in f.of} <= known
    assert {"ex1.cobweb", "ex2.basins", "ex3.boundary", "lem3.factor", "thm1.threshold", "thm2.steps", "fig1", "fig2",
            "chain.bifurcation"} <= set(PAPER)


def test_collecting_figures_draws_nothing():
    tree = ast.parse((PROOFS / "figures.py").read_text(encoding="utf-8"))
    top = [n for n in tree.body if isinstance(n, (ast.Import, ast.ImportFrom))]
    assert not any("matplotlib" in ast.unparse(n) or "symgd.dynamics" in ast.unparse(n) for n in top)


@pytest.mark.parametrize("name", PAPER)
def test_the_figures_of_the_paper_are_drawn(name):
    found = PAPER[name]
    assert isinstance(found, Figure)
    drawn = found.render(".svg").decode()
    assert "<svg" in drawn
    assert 5_000 < len(drawn) < 900_000
