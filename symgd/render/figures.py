"""`symgd figure`: the figures of a folder, found as its claims are, written as SVG, PDF or PNG."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from ..collect import listing, modules
from ..figures import SUFFIXES, Figure, FigureError


def find_figures(*paths: str | Path) -> dict[str, Figure]:
    """The figures defined in the Python files of folders and files, by id, in the order of definition.

    Arguments: `paths`, folders and files (of FILE::NAME the file). Raises: FigureError for two figures with one id; CollectError.
    """
    found: dict[str, Figure] = {}
    for place in dict.fromkeys(str(path).partition("::")[0] for path in paths):
        for file, module in modules(place, "figure"):
            for thing in vars(module).values():
                for f in thing if isinstance(thing, (list, tuple)) else [thing]:
                    if isinstance(f, Figure) and found.setdefault(f.id, f) is not f and found[f.id] != f:
                        raise FigureError(f"two figures have the id {f.id!r}; rename one in {file.name}")
    return found


def choose(found: dict[str, Figure], id: str) -> list[Figure]:
    """The figures meant by an id, the start of an id, or "all". Raises: FigureError."""
    chosen = [found[id]] if id in found else [f for name, f in found.items() if id == "all" or name.startswith(f"{id}.")]
    if not chosen:
        close = get_close_matches(id, list(found), 3)
        hint = f"did you mean {', '.join(close)}?" if close else f"there are {listing(found)}"
        raise FigureError(f"there is no figure {id!r}; {hint}")
    return chosen


def beside(found: Iterable[Figure], statement: str) -> list[Figure]:
    """The figures that belong to the claim or derivation with the id `statement`."""
    return [f for f in found if statement in f.of]


def add_subcommand(commands: Any) -> None:
    """Add the command to the parser of the command line; `commands` is what `add_subparsers` returned."""
    what = "draw a figure of the statements as SVG, PDF or PNG"
    sub = commands.add_parser("figure", help=what, description=what[0].upper() + what[1:] + "; without an id, list them.")
    sub.set_defaults(run=run)
    sub.add_argument("id", nargs="?", metavar="ID", help='its id, a prefix such as "ex1", or "all"')
    sub.add_argument("path", nargs="?", default="proofs", metavar="PATH", help="folder or file of the figures (default: proofs/)")
    sub.add_argument("-o", "--output", metavar="FILE", help="the file to write, or a folder for several (default: ID.svg)")
    sub.add_argument("--format", choices=[s[1:] for s in SUFFIXES], default="svg", help="of the files in a folder (default: svg)")


def run(options: argparse.Namespace) -> int:
    """Carry out the command. Returns: 0; 2 for misuse, with one sentence."""
    try:
        found = find_figures(options.path)
        if options.id is None:
            print("\n".join(map(str, found.values())) if found else f"there are no figures in {options.path}")
            return 0
        for file in written(choose(found, options.id), options.output, options.format):
            print(f"wrote {file}")
    except (FigureError, OSError) as problem:
        print(f"symgd: {problem}", file=sys.stderr)
        return 2
    return 0


def written(chosen: Sequence[Figure], output: str | None, format: str) -> Iterable[Path]:
    """Write the figures, and name each file when it is there. Raises: FigureError, OSError."""
    place = Path(output) if output else Path()
    if len(chosen) == 1 and output and not place.is_dir() and place.suffix:
        chosen[0].save(place)
        yield place
        return
    if place.suffix and not place.is_dir():
        raise FigureError(f"{len(chosen)} figures do not fit into the file {place}; name a folder with -o")
    place.mkdir(parents=True, exist_ok=True)
    for f in chosen:
        f.save(place / f"{f.id}.{format}")
        yield place / f"{f.id}.{format}"
