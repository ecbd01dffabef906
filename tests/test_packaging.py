"""What a user installs: a wheel that works outside the checkout, and a README that shows what really happens."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

from symgd import cli

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
CLAIM = """\
from symgd import claim, forall, real


@claim("mine")
def mine():
    '''A square is not negative.'''
    return forall(real("x"), then="x^2 >= 0")
"""


def run(*command, cwd, **environment):
    """The finished process; its output is shown where a test fails."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "COV_", "PYTEST"))}
    done = subprocess.run([str(c) for c in command], cwd=cwd, capture_output=True, text=True, timeout=300, env={**kept, **environment})
    print(done.stdout, done.stderr)
    return done


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """A wheel built from a copy of the sources, with the build tools of this environment, so that no network is needed."""
    source, target = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    shutil.copytree(ROOT / "symgd", source / "symgd", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    done = run(sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "--no-index", "-w", target, source, cwd=target)
    assert done.returncode == 0, done.stderr
    (file,) = target.glob("symgd-*.whl")
    return file


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """The folder of the programs of a new virtual environment that holds the wheel and, by reference, what symgd depends on."""
    place = tmp_path_factory.mktemp("environment")
    venv.create(place, with_pip=False, symlinks=os.name != "nt")
    programs = place / ("Scripts" if os.name == "nt" else "bin")
    python = next(programs.glob("python*"))
    done = run(sys.executable, "-m", "pip", "--python", python, "install", "--no-deps", "--no-index", wheel, cwd=place)
    assert done.returncode == 0, done.stderr
    (site,) = {Path(p) for p in run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=place).stdout.split()}
    (site / "dependencies.pth").write_text(
        sysconfig.get_path("purelib")
    )  # a path file in there is not read, so an editable symgd does not come along
    return programs


def test_the_wheel_holds_every_file_of_the_package(wheel):
    inside = set(zipfile.ZipFile(wheel).namelist())
    sources = {f for suffix in ("py", "md", "json", "typed") for f in (ROOT / "symgd").rglob(f"*.{suffix}")}
    assert {str(f.relative_to(ROOT)) for f in sources} <= inside
    assert {"symgd/pytest_entry.py", "symgd/kernel/FORMAT.md"} <= inside
    assert not [name for name in inside if name.startswith(("tests", "proofs"))]


def test_an_installed_symgd_checks_a_folder_outside_the_checkout(installed, tmp_path):
    (tmp_path / "proofs").mkdir()
    (tmp_path / "proofs" / "mine.py").write_text(CLAIM)
    done = run(installed / "symgd", "check", "--json", cwd=tmp_path)
    assert done.returncode == 0
    assert [(e["id"], e["verdict"], e["trust"]) for e in json.loads(done.stdout)] == [("mine", "proved", "kernel")]
    where = run(installed / "python", "-c", "import symgd; print(symgd.__file__)", cwd=tmp_path).stdout
    assert Path(where).is_relative_to(installed.parent)
    assert run(installed / "symgd", "verify", "proofs/certificates", cwd=tmp_path).returncode == 0


def test_the_installed_kernel_runs_alone(installed, tmp_path):
    (tmp_path / "mine.py").write_text(CLAIM)
    assert run(installed / "symgd", "check", "mine.py", cwd=tmp_path).returncode == 0
    shown = run(installed / "symgd", "show", "mine", "mine.py", cwd=tmp_path).stdout
    commands = [line.split() for line in shown.splitlines() if line.startswith("  ")]
    assert [c[:3] for c in commands] == [["symgd", "export", "mine"], ["python3", "-I", "-S"]]
    assert run(installed / "symgd", *commands[0][1:], cwd=tmp_path).returncode == 0
    done = run(sys.executable, *commands[1][1:], cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "proved\n")


def test_pytest_finds_the_installed_plugin(installed, tmp_path):
    (tmp_path / "mine.py").write_text(CLAIM)
    done = run(installed / "python", "-m", "pytest", "--symgd", "mine.py", "-v", "-p", "no:cacheprovider", cwd=tmp_path)
    assert done.returncode == 0
    assert "mine.py::mine PASSED" in done.stdout


def test_importing_symgd_imports_nothing_else():
    code = "import sys, symgd; assert not {'sympy', 'mpmath', 'numpy', 'symgd.claims', 'symgd.language'} & set(sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], timeout=60).returncode == 0


def test_every_public_name_is_found_where_it_is_used_first():
    code = """
import symgd
from symgd import claim
assert set(symgd.__all__) <= set(dir(symgd))
assert symgd.certify.__name__ == "symgd.certify"
for name in symgd.__all__:
    assert getattr(symgd, name) is getattr(symgd.claims, name, None) or getattr(symgd, name) is getattr(symgd.language, name, None), name
assert not hasattr(symgd, "no_such_name")
"""
    assert subprocess.run([sys.executable, "-c", code], timeout=60).returncode == 0


# --- the README ------------------------------------------------------------------------------------------------------


def without_times(text):
    return re.sub(r" +\d+(\.\d+)? s\b", " _ s", text)


def test_the_first_screen_shows_what_really_happens(tmp_path, monkeypatch, capsys):
    code, shown = (re.search(rf"```{start}(.*?)```", README, re.S)[1] for start in ("python\n", r"\n(?=\$ )"))
    command, _, expected = shown.partition("\n")
    assert command == "$ symgd check lemmas.py"
    assert README.index(shown) + len(shown) < 2_000, "it is on the first screen"
    (tmp_path / "lemmas.py").write_text(code)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", str(max(map(len, expected.splitlines()))))
    assert cli.main(command.split()[2:]) == 0
    assert without_times(capsys.readouterr().out) == without_times(expected)


def test_the_worst_case_rates_come_out_as_shown(tmp_path, monkeypatch, capsys):
    code = re.search(r"```python\n(# rates.py\n.*?)```", README, re.S)[1]
    expected = re.search(r"\$ symgd check rates.py\n(.*?)```", README, re.S)[1]
    (tmp_path / "rates.py").write_text(code)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", str(max(map(len, expected.splitlines()))))
    assert cli.main(["check", "rates.py"]) == 0
    printed = [[line for line in without_times(text).splitlines() if "witness" not in line] for text in (capsys.readouterr().out, expected)]
    assert printed[0] == printed[1]


def test_the_readme_names_files_commands_and_options_that_exist():
    for name in re.findall(r"`((?:symgd|proofs|tests)/[\w./]*)`", README):
        assert (ROOT / name).exists(), name
    commands = cli.parser()._subparsers._group_actions[0].choices
    assert set(re.findall(r"[`$] ?symgd (\w+)", README)) == commands.keys()
    options = {option for command in commands.values() for action in command._actions for option in action.option_strings}
    assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", README)) <= options | {"--symgd", "--no-deps"}
    for target in re.findall(r"make (\w+)", README):
        assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), re.M)


def test_every_extra_is_in_the_readme():
    toml = (ROOT / "pyproject.toml").read_text()
    extras = re.findall(r"^(\w+) = \[", toml.partition("[project.optional-dependencies]")[2].partition("\n[")[0], re.M)
    assert set(extras) == {"fast", "plot", "notebook", "cluster", "smt", "dev"}
    for extra in extras:
        assert f"| `{extra}` |" in README
