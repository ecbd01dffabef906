"""`symgd analyze`: the portrait of gradient descent on a loss, from the command line."""

from __future__ import annotations

import argparse
import re
import sys
import time
from collections.abc import Sequence
from typing import Any

from ..language import LanguageError
from .model import DynamicsError
from .plot import plottable
from .portrait import analyze

DESCRIPTION = """\
All equilibria, their thresholds and what happens there, periodic orbits and basins of gradient descent, each with the trust it has.
Examples:
  symgd analyze "(x^2+1)*(x-1)^2*(x-2)^2" --step 3/10 --region -1:3
  symgd analyze "(x^2-1)^2/4" --steps 1/2:3/2 --plot diagram.svg
  symgd analyze "(x*y-1)^2/2" --var x --var y --step 1/2 --region -3:3
"""


def add_subcommand(subparsers: Any) -> argparse.ArgumentParser:
    """Add `analyze` to the subparsers of a command line; its function is in the attribute `run`.

    Arguments: subparsers, what `ArgumentParser.add_subparsers` returned. Returns: the new parser.
    """
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "analyze",
        help="portrait of gradient descent on a loss",
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    # values may begin with a minus sign, as in --region -1:3, and every option here but -h is a long one
    parser._negative_number_matcher = re.compile(r"^-(?!h$|-)")
    parser.add_argument("loss", metavar="EXPR", help='the loss, such as "(x^2-1)^2/4"; exp, log, tanh, softplus, … are known')
    parser.add_argument("--var", action="append", metavar="NAME", help="a variable; repeat for several (default: x)")
    parser.add_argument("--step", metavar="P/Q", help="the step size")
    parser.add_argument("--steps", metavar="A:B", help="an interval of step sizes to scan (one variable)")
    parser.add_argument("--region", action="append", metavar="LO:HI", help="where to look; once for all variables, or once for each")
    parser.add_argument(
        "--periods", type=int, metavar="N", help="search orbits up to this period, at most 8 (default: 4, in several variables 2)"
    )
    parser.add_argument(
        "--cells", type=int, metavar="N", help="cells of the basins to examine at most (default: 400000, in two variables 120000)"
    )
    parser.add_argument("--json", action="store_true", help="print JSON instead of a page")
    parser.add_argument("--plot", metavar="FILE", help="draw to FILE (.svg, .pdf or .png; needs matplotlib)")
    parser.add_argument("--no-kernel", action="store_true", help="do not have the core statements re-checked by the kernel")
    parser.add_argument("--quiet", action="store_true", help="no progress on standard error")
    parser.set_defaults(run=run)
    return parser


def run(options: argparse.Namespace) -> int:
    """Run `symgd analyze`.

    Returns: 0; 2 after one sentence on standard error where the input cannot be used; 3 where it was interrupted.
    """
    progress = _Progress(not options.quiet and sys.stderr.isatty())
    regions = [r.strip() for r in options.region or []]
    try:
        if options.plot:
            plottable(options.plot, len(options.var or ["x"]))  # before the long work
        portrait = analyze(
            options.loss,
            options.var or ["x"],
            step=options.step,
            steps=options.steps,
            region=None if not regions else regions[0] if len(regions) == 1 else regions,
            periods=options.periods,
            cells=options.cells,
            kernel=not options.no_kernel,
            progress=progress,
        )
        progress.clear()
        print(portrait.to_json() if options.json else portrait)
        if options.plot:
            portrait.plot(options.plot)
    except (DynamicsError, LanguageError, OSError) as problem:
        progress.clear()
        print(f"symgd analyze: {problem}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        progress.clear()
        print("symgd analyze: interrupted before anything was certified", file=sys.stderr)
        return 3
    return 3 if any(n.startswith("interrupted") for n in portrait.notes) else 0


class _Progress:
    """One line on standard error that is overwritten, at most ten times a second."""

    def __init__(self, on: bool) -> None:
        self.on, self.last, self.length = on, 0.0, 0

    def __call__(self, message: str) -> None:
        if self.on and time.monotonic() - self.last > 0.1:
            print("\r" + message[:100].ljust(self.length), end="", file=sys.stderr, flush=True)
            self.last, self.length = time.monotonic(), min(len(message), 100)

    def clear(self) -> None:
        """Empty the line."""
        if self.on and self.length:
            print("\r" + " " * self.length + "\r", end="", file=sys.stderr, flush=True)


def main(arguments: Sequence[str] | None = None) -> int:
    """`python -m symgd.dynamics.command analyze …`, for use without the full command line. Returns: the exit status."""
    parser = argparse.ArgumentParser(prog="symgd")
    add_subcommand(parser.add_subparsers(required=True))
    options = parser.parse_args(arguments)
    return int(options.run(options))


if __name__ == "__main__":
    sys.exit(main())
