"""`symgd derive ID`: one derivation, or all below a prefix, with every step checked, as LaTeX, Markdown, text or PDF."""

from __future__ import annotations

import argparse
import sys
from typing import Any

FORMATS = ("latex", "document", "markdown", "text", "pdf")


def add_subcommand(commands: Any) -> None:
    """Add the command to the parser of the command line.

    Arguments: `commands`, what `add_subparsers` returned.
    """
    what = "print a derivation, every step of which has been checked"
    sub = commands.add_parser("derive", help=what, description=what[0].upper() + what[1:] + ".")
    sub.set_defaults(run=run)
    sub.add_argument("id", metavar="ID", help='its id, a prefix such as "lem3", or "all"')
    sub.add_argument("path", nargs="?", default="proofs", metavar="PATH", help="folder or file of the derivation (default: proofs/)")
    sub.add_argument("--format", choices=FORMATS, default="latex", help=r"latex is made to be \input, document stands alone "
        r"(default: latex)")
    sub.add_argument("--preamble", action="store_true", help=r"print what the LaTeX needs before \begin{document} instead")
    sub.add_argument("-o", "--output", metavar="FILE", help="where to write it (default: standard output; needed for pdf)")


def run(options: argparse.Namespace) -> int:
    """Carry out the command. Returns: 0; 1 where a step is unchecked; 2 for misuse, with one sentence."""
    from ..claims import Outcome
    from ..derivations import FormulaError
    from . import PREAMBLE, DeriveError, NoLatex, find_derivations
    from .derive import choose, write

    if options.preamble:
        print(PREAMBLE, end="")
        return 0
    try:
        chosen = choose(find_derivations(options.path), options.id)
        shown = write(chosen, options.format, options.output)
        unfinished = [d for d in chosen if d.verdict.outcome is not Outcome.PROVED]
    except (DeriveError, NoLatex, FormulaError, OSError) as problem:
        print(f"symgd: {problem}", file=sys.stderr)
        return 2
    print(shown if options.output is None or options.format == "pdf" else f"wrote {options.output}")
    for d in unfinished:
        print(f"symgd: {d.id}: {d.verdict}", file=sys.stderr)
    return 1 if unfinished else 0


def add_report(commands: Any) -> None:
    """Add `symgd report` to the parser of the command line; `commands` is what `add_subparsers` returned."""
    what = "write a page and a document with every statement, its verdict, its proof and what it rests on"
    sub = commands.add_parser("report", help=what, description=what[0].upper() + what[1:] + "; nothing is searched.")
    sub.set_defaults(run=run_report)
    sub.add_argument("paths", nargs="*", default=["proofs"], metavar="PATH", help="folders or files of claims (default: proofs/)")
    sub.add_argument("--only", action="append", default=[], metavar="PATTERN", help="only ids that start with PATTERN, or match it")
    sub.add_argument("-o", "--output", metavar="DIR", required=True, help="the folder to write index.html, report.tex and report.pdf to")
    sub.add_argument("--no-figures", action="store_true", help="leave the figures out, which take most of the time")


def run_report(options: argparse.Namespace) -> int:
    """Carry out `symgd report`. Returns: 0; 1 where a verdict is not the expected one; 2 where the folder cannot be written."""
    from pathlib import Path

    from ..collect import collect
    from ..figures import FigureError
    from .figures import find_figures
    from .report import entries, write

    live = sys.stderr.isatty()

    def progress(what: str) -> None:
        if live:
            print(f"\r\x1b[K{what[:70]}", end="", file=sys.stderr, flush=True)

    found = entries(collect(*options.paths, only=options.only), progress)
    progress("drawing and writing")
    known = {e.id for e in found}
    try:
        figures = [] if options.no_figures else list(find_figures(*options.paths).values())
        figures = [f for f in figures if not options.only or known & set(f.of)]
        said = write(found, Path(options.output), figures)
        progress("")
        print("\n".join(said))
    except FigureError as problem:
        print(f"symgd: {problem}", file=sys.stderr)
        return 2
    except OSError as problem:
        print(f"symgd: {options.output} cannot be written ({problem.strerror or problem}); choose another folder with -o", file=sys.stderr)
        return 2
    wrong = [e.id for e in found if not e.result.as_expected(e.item)]
    for name in wrong:
        print(f"symgd: {name} is not as expected", file=sys.stderr)
    return 1 if wrong else 0
