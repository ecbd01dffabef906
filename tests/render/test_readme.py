"""The README's derivation and figure do what it says."""

import re
from pathlib import Path

from symgd.cli import main

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")


def block(name):
    return re.search(rf"```python\n(# {name}\n.*?)```", README, re.DOTALL)[1]


def test_the_derivation_is_printed_as_shown(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Path("descent.py").write_text(block("descent.py"), encoding="utf-8")
    shown = re.search(r"```\n\$ (symgd derive .*?)\n(.*?)```", README, re.DOTALL)
    assert main(shown[1].split()[1:]) == 0
    assert capsys.readouterr().out == shown[2]


def test_an_altered_step_is_unchecked_and_the_verdict_open(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Path("descent.py").write_text(block("descent.py").replace("(1 - delta*h)**2", "(1 - delta*h)**3"), encoding="utf-8")
    assert main(["derive", "descent", "descent.py", "--format", "text"]) == 1
    out = capsys.readouterr()
    assert "unchecked" in out.out.splitlines()[2]
    assert "open: step 2 is unchecked" in out.err


def test_the_figure_is_drawn(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("drawn.py").write_text(block("drawn.py"), encoding="utf-8")
    command = re.search(r"^    (symgd figure descent.*)$", README, re.MULTILINE)[1]
    assert main(command.split()[1:]) == 0
    assert Path("factor.pdf").read_bytes().startswith(b"%PDF")


def test_every_notebook_is_in_the_readme():
    named = re.findall(r"`notebooks/(\w+)\.ipynb`", README)
    assert sorted(named) == sorted(f.stem for f in (Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))
