"""The examples of the format: accepted in process and by the program alone, on any machine; a changed digit is noticed."""

from __future__ import annotations

import ast
import io
import json
import shutil
import subprocess
import sys
import tokenize
from pathlib import Path

import pytest
from examples import EXAMPLES, FOLDER, files
from notation import certificate, verdict

from symgd.kernel import Reject, check
from symgd.kernel.check import load

KERNEL = FOLDER.parent


def run_alone(folder: Path, *names: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-I", "-S", str(KERNEL / "check.py"), *names], cwd=folder, capture_output=True, text=True, timeout=60, check=False
    )


def test_the_folder_holds_what_is_written_here() -> None:
    assert {path.name: path.read_text() for path in FOLDER.glob("*.json")} == files()


@pytest.mark.parametrize("name", EXAMPLES)
def test_examples_are_accepted(name: str) -> None:
    claim, certificate = (load((FOLDER / f"{name}.{kind}.json").read_text()) for kind in ("claim", "cert"))
    assert check(claim, certificate) == EXAMPLES[name].verdict


def test_every_rule_has_an_example() -> None:
    used = json.dumps([[e.claim, e.proof] for e in EXAMPLES.values()])
    rules = [
        "cover",
        "identity",
        "orthant",
        "sturm",
        "change",
        "have",
        "apply",
        "monotone",
        "strict",
        "from",
        "rewrite",
        "exp +",
        "defined",
        "point",
        "zero",
        "stay",
        "contract",
        "approach",
        "escape",
        "descend",
        "step",
        "reach",
        "sublinear",
        "linear",
        "rate",
        "cycle",
        "instead",
        "none",
        "boxes",
        "inverse",
        "factor",
        "preimages",
        "member",
        "steps",
        "base",
        "never",
        "all",
        "ratio",
    ]
    assert [r for r in rules if f'"{r}"' not in used] == []


def test_the_program_runs_alone_on_a_copy(tmp_path: Path) -> None:
    """A copy of the four files, in a folder of another name, without site packages, away from the repository."""
    copy = tmp_path / "referee"
    copy.mkdir()
    for name in ("__init__", "terms", "rules", "check"):
        shutil.copy(KERNEL / f"{name}.py", copy)
    for name, example in EXAMPLES.items():
        pair = [str(FOLDER / f"{name}.{kind}.json") for kind in ("claim", "cert")]
        done = subprocess.run(
            [sys.executable, "-I", "-S", str(copy / "check.py"), *pair],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert (done.returncode, done.stdout.strip(), done.stderr) == (0, example.verdict, "")


def test_the_program_rejects(tmp_path: Path) -> None:
    claim, cert = (FOLDER / f"sturm.{kind}.json" for kind in ("claim", "cert"))
    (tmp_path / "truncated.json").write_text(cert.read_text()[:40])
    (tmp_path / "twice.json").write_text(cert.read_text().replace("{", '{"verdict": "refuted", ', 1))
    (tmp_path / "deep.json").write_text("[" * 100_000)
    for name in ("truncated", "twice", "deep"):
        done = run_alone(tmp_path, str(claim), f"{name}.json")
        assert done.returncode == 1
        assert done.stdout == ""
        assert done.stderr.startswith("rejected at json: ")
        assert len(done.stderr.splitlines()) == 1
    assert run_alone(tmp_path, str(claim)).returncode == 2
    assert run_alone(tmp_path, str(claim), "absent.json").returncode == 2


def test_it_can_be_read_in_a_sitting() -> None:
    """At most four files and 1000 lines in all, with blank lines, comments and docstrings, none of them long or of several statements."""
    files, lines, physical = sorted(KERNEL.glob("*.py")), 0, 0
    for path in files:
        source = path.read_text()
        physical += len(source.splitlines())
        assert max(map(len, source.splitlines())) <= 140
        assert ";" not in {t.string for t in tokenize.generate_tokens(io.StringIO(source).readline)}
        code = {
            n for t in tokenize.generate_tokens(io.StringIO(source).readline) if t.string.strip() for n in range(t.start[0], t.end[0] + 1)
        }
        comments = {
            t.start[0]
            for t in tokenize.generate_tokens(io.StringIO(source).readline)
            if t.type == tokenize.COMMENT and t.line.lstrip()[0] == "#"
        }
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)) and ast.get_docstring(node):
                code -= set(range(node.body[0].lineno, (node.body[0].end_lineno or 0) + 1))
        lines += len(code - comments)
    assert len(files) <= 4
    assert 500 < lines < physical <= 1000


def test_it_imports_the_standard_library_only() -> None:
    for path in KERNEL.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = (
                [a.name for a in node.names]
                if isinstance(node, ast.Import)
                else [node.module]
                if isinstance(node, ast.ImportFrom) and not node.level
                else []
            )
            assert {str(n).split(".")[0] for n in names} <= sys.stdlib_module_names


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_changed_digit_is_noticed(name: str) -> None:
    """In the claim always; in the certificate, unless what it then says proves the same claim as well."""
    example = EXAMPLES[name]
    good = certificate(*example)
    refused = 0
    for content, change_claim in ((json.dumps(example.claim), True), (json.dumps(good), False)):
        for i, c in enumerate(content):
            if c.isdigit():
                try:
                    changed = load(content[:i] + str((int(c) + 1) % 10) + content[i + 1 :])
                    assert check(*((changed, good) if change_claim else (example.claim, changed))) == example.verdict
                    assert not change_claim
                except Reject:
                    refused += 1
    assert refused >= sum(c.isdigit() for c in json.dumps(example.claim) + good["claim"])
    assert verdict(*example) == example.verdict
