"""`symgd search`, `symgd ablate`, `symgd sharpen`."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from functools import partial
from typing import Any

from ..claims import Claim, Outcome
from ..language import LanguageError
from .journal import JournalError
from .pool import ClusterError
from .run import search
from .studies import ablate, sharpen

OK, OPEN, MISUSE, INTERRUPTED = 0, 1, 2, 3


Find = Callable[[str], Claim]


def add_subcommands(subparsers: Any, find: Find) -> None:
    """Add the three commands to the subparsers of `symgd`; each sets `run`, a function of the options that returns an exit status.

    Arguments: `subparsers`; `find`, the claim at FILE::NAME.
    """
    p = subparsers.add_parser(
        "search",
        help="search for a counterexample, and for a proof meanwhile",
        description="Search for a counterexample, and for a proof meanwhile. Exit status 0: proved or refuted; 1: open; 2: misuse.",
    )
    common(p)
    p.add_argument("--journal", metavar="FILE", help="keep what is done in this file")
    p.add_argument("--resume", action="store_true", help="continue the journal")
    p.add_argument("--scheduler", metavar="ADDRESS", help="run on the workers of the Dask scheduler at this address, as in tcp://host:8786")
    p.add_argument("--json", action="store_true", help="print an object instead of text")
    p.add_argument("--latex", action="store_true", help="print the counterexample as LaTeX, too")
    p.add_argument("--python", action="store_true", help="print a Python script that checks the counterexample, too")
    p.set_defaults(run=partial(guarded, _search, find))
    p = subparsers.add_parser(
        "ablate",
        help="drop and weaken each hypothesis of a claim in turn: needed, redundant or unknown",
        description="Drop and weaken each hypothesis of a claim in turn: needed (with a counterexample), redundant (proved without it, "
        "or with the weaker one), or unknown.",
    )
    common(p)
    p.set_defaults(run=partial(guarded, _ablate, find))
    p = subparsers.add_parser(
        "sharpen",
        help="enclose the best value of a constant of a claim",
        description="Enclose the best value of a constant, a variable of the claim with a finite range, by proofs and counterexamples.",
    )
    common(p)
    p.add_argument("--constant", required=True, metavar="C", help="name of the variable")
    p.add_argument("--tolerance", default="1/1000", metavar="T", help="width of the enclosure (default: 1/1000)")
    p.set_defaults(run=partial(guarded, _sharpen, find))


def common(p: argparse.ArgumentParser) -> None:
    p.add_argument("claim", metavar="FILE::NAME", help="a claim in a Python file, by its name or id")
    p.add_argument("--budget", type=float, default=60.0, metavar="N", help="seconds (default: 60)")
    p.add_argument("--workers", type=int, default=1, metavar="N", help="processes (default: 1)")
    p.add_argument("--seed", type=int, default=0, metavar="N", help="the same seed gives the same counterexample (default: 0)")
    p.add_argument("--quiet", action="store_true", help="no progress lines on stderr")


def told(options: argparse.Namespace) -> Any:
    return None if options.quiet else lambda line: print(line, file=sys.stderr, flush=True)


def guarded(work: Callable[[Claim, argparse.Namespace], int], find: Find, options: argparse.Namespace) -> int:
    """Run a command; a journal or a claim that cannot be used gives one sentence on stderr."""
    claim = find(options.claim)
    try:
        return work(claim, options)
    except (ClusterError, JournalError, LanguageError) as problem:
        print(f"symgd: {problem}", file=sys.stderr)
        return MISUSE
    except KeyboardInterrupt:
        journal = getattr(options, "journal", None)
        kept = (
            f"go on with --journal {journal} --resume" if journal else "nothing was kept; name a file with --journal to keep what is done"
        )
        print(f"symgd: interrupted; {kept}", file=sys.stderr)
        return INTERRUPTED


def _search(claim: Claim, options: argparse.Namespace) -> int:
    if options.resume and options.journal is None:
        raise JournalError("--resume continues a journal; name its file with --journal FILE")
    result = search(
        claim,
        options.budget,
        options.seed,
        options.workers,
        options.journal,
        resume=options.resume,
        progress=told(options),
        scheduler=options.scheduler,
    )
    if options.json:
        print(
            json.dumps(
                {
                    "id": claim.id,
                    "outcome": result.outcome.value,
                    "witness": result.witness,
                    "ruled_out": result.ruled_out,
                    "margin": result.margin,
                    "samples": result.samples,
                    "seconds": result.seconds,
                    "latex": result.latex,
                    "python": result.python,
                    "reason": result.verdict.reason,
                    "certificate": result.verdict.certificate,
                }
            )
        )
    else:
        print(f"{claim.id}: {result}")
        for wanted, text in ((options.latex, result.latex), (options.python, result.python)):
            if wanted and text:
                print(f"\n{text}")
    return OPEN if result.outcome is Outcome.OPEN else OK


def _ablate(claim: Claim, options: argparse.Namespace) -> int:
    study = ablate(claim, options.budget, options.seed, options.workers, told(options))
    print(study)
    return OPEN if any(h.status == "unknown" for h in study.hypotheses) else OK


def _sharpen(claim: Claim, options: argparse.Namespace) -> int:
    study = sharpen(claim, options.constant, options.budget, options.seed, options.workers, options.tolerance, told(options))
    print(study)
    return OK if study.proved is not None and study.refuted is not None else OPEN
