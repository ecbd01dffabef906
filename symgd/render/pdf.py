"""PDF through the LaTeX that is installed on the system, where there is one."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from .latex import document


class NoLatex(RuntimeError):
    """There is no LaTeX on this system, or it failed; the message says what to do."""


def has_latex() -> bool:
    """Whether pdflatex is installed."""
    return shutil.which("pdflatex") is not None


def to_pdf(
    body: str, output: str | Path, title: str = "", seconds: float = 120.0, files: Mapping[str, bytes] | None = None
) -> list[str]:
    """Compile a body, or a whole document, to PDF.

    Arguments: `body`, LaTeX; `output`, the file to write; `title`; `seconds`, the time limit; `files`, what the
    document includes, by relative name.
    Returns: the warnings, boxes that are too wide included.
    Raises: NoLatex without pdflatex, or with the first error that LaTeX reports.
    """
    if not has_latex():
        raise NoLatex("PDF needs pdflatex, which is not installed; install TeX Live (texlive-latex-extra), or write LaTeX with "
            "--format latex")
    source = body if r"\documentclass" in body else document(body, title)
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "out.tex").write_text(source, encoding="utf-8")
        for name, content in (files or {}).items():
            place = Path(folder) / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)
        pdflatex = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", "out.tex"]
        latexmk = ["latexmk", "-pdf", "-interaction=nonstopmode", "-halt-on-error", "-norc", "out.tex"]
        runs = [latexmk] if shutil.which("latexmk") else [pdflatex] * 3
        try:
            for command in runs:
                subprocess.run(command, cwd=folder, capture_output=True, timeout=seconds, check=False)
        except subprocess.TimeoutExpired:
            raise NoLatex(f"LaTeX did not finish in {seconds:g} s") from None
        log = Path(folder) / "out.log"
        report = log.read_text(encoding="latin-1") if log.exists() else ""
        made = Path(folder) / "out.pdf"
        error = re.search(r"^! (.+)", report, re.MULTILINE)
        if error or not made.exists():
            raise NoLatex(f"LaTeX failed: {error[1] if error else 'no output'}")
        shutil.copyfile(made, output)
        return re.findall(r"^(?:Over|LaTeX Warning|Package \w+ Warning).*", report, re.MULTILINE)
