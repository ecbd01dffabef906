"""What the command line needs: the rows that `symgd check --coq` adds to the table, and `symgd coq`."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ..claims import Outcome, Trust, proved, still_open
from ..collect import Item, shown
from ..derivations import Derivation
from ..kernel import digest
from ..settle import Settled, Source
from .audit import MANIFEST, Audit, Theorem, audit, renewed
from .compiler import CoqError, coqc

FOLDER = "coq"


@dataclass(frozen=True)
class Pinned:
    """A theorem of Coq as a line of the table."""

    id: str
    title: str
    statement: str
    uses: tuple[str, ...] = ()
    expect: Outcome = Outcome.PROVED


def folders(places: Sequence[str]) -> list[Path]:
    """The Coq folders beside the claims at these places.

    Raises: CoqError where there is none, or no Coq to compile them.
    """
    parents = dict.fromkeys(p if p.is_dir() else p.parent for p in (Path(place.partition("::")[0]).resolve() for place in places))
    found = [p / FOLDER for p in parents if (p / FOLDER / MANIFEST).is_file()]
    if not found:
        raise CoqError(f"there is no {FOLDER}/{MANIFEST} beside the claims in {', '.join(places)}, so there is nothing for Coq to check")
    coqc()
    return found


def theorem_rows(
    found: Sequence[Path],
    items: Sequence[Item],
    results: Sequence[Settled],
    every: bool,
    progress: Callable[[str], None] = lambda message: None,
    notice: Callable[[str], None] = lambda message: None,
) -> tuple[list[Item], list[Settled]]:
    """Audit the folders, raise the trust of the claims that their theorems settle, and add a line for each theorem.

    Arguments: `every`: also the theorems that settle none of the items; `notice` is told what a user should know.
    Returns: items and results of the table.
    Raises: CoqError for a folder that cannot be read.
    """
    rows, fates = list(items), list(results)
    for folder in found:
        done = audit(folder, progress)
        fates[: len(items)] = [_raised(done, i, r, notice) for i, r in zip(items, fates, strict=False)]
        ids = {item.claim.id for item in items if _near(done, item)}
        for t in done.project.theorems:
            for gone in sorted({*t.claims, *t.refutes} - ids) if every else ():
                notice(f"{shown(folder / MANIFEST)}: {t.name} is said to settle {gone!r}, and no claim here has that id")
            if every or ids & {*t.claims, *t.refutes}:
                rows.append(_row(done, t))
                reason = done.refused[t.name]
                fates.append(Settled(proved(Trust.COQ) if reason is None else still_open(reason), Source.SETTLED, done.seconds[t.name]))
    return rows, fates


def _near(done: Audit, item: Item) -> bool:
    return item.file.is_relative_to(done.project.folder.resolve().parent)


def _raised(done: Audit, item: Item, result: Settled, notice: Callable[[str], None]) -> Settled:
    """The result with trust `coq`, if it is what all theorems that name the claim say of it, and they are accepted."""
    for outcome in (Outcome.PROVED, Outcome.REFUTED):
        named = [t for t in done.project.theorems if item.claim.id in _settled_by(t, outcome)]
        if not named or not _near(done, item) or result.verdict.outcome is not outcome:
            continue
        if any(_settled_by(t, outcome)[item.claim.id] != compared(item.claim) for t in named):
            notice(
                f"{item.claim.id} has changed since it was compared with {named[0].name}, so its trust is not raised; "
                "compare the two and run: symgd coq --renew"
            )
        elif all(done.refused[t.name] is None for t in named):
            return replace(result, verdict=replace(result.verdict, trust=Trust.COQ))
    return result


def compared(claim: Any) -> str | None:
    """What a theorem is compared with: the digest of a claim's statement, or of the formulas a derivation assumes and derives, which are
    its statement; neither depends on the words around them. None where there is neither."""
    if isinstance(claim, Derivation):
        parts = (claim.let, claim.define, claim.given)
        return digest([*([list(pair) for pair in part.items()] for part in parts), list(claim.goal)])
    found = getattr(claim.statement, "digest", None)
    return found if isinstance(found, str) else None


def _row(done: Audit, t: Theorem) -> Item:
    text = done.project.texts[t.file]
    line = text[: text.find(f" {t.name}")].count("\n") + 1
    return Item(Pinned(f"coq:{t.name}", t.title, t.statement), (done.project.folder / t.file).resolve(), line, t.name)


def _settled_by(t: Theorem, outcome: Outcome) -> Mapping[str, str]:
    return t.claims if outcome is Outcome.PROVED else t.refutes


# --- symgd coq -------------------------------------------------------------------------------------------------------


def add_subcommand(
    subparsers: Any, one: Callable[[argparse.Namespace], Item], everything: Callable[[Sequence[str]], list[Item]], default: str
) -> argparse.ArgumentParser:
    """Add `coq` to the subparsers of a command line; its function is in the attribute `run`.

    Arguments: `one`, the claim that parsed options name by `id` and `path`; `everything`, the claims at a list of places;
    `default`, the place where claims are looked for. Returns: the new parser.
    """
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "coq",
        help="write the certificate of a polynomial claim as a Coq file",
        description="Write a claim and its certificate as a Coq file that coqc accepts, its axioms printed at the end.",
    )
    parser.add_argument("id", metavar="ID", nargs="?", help="the claim")
    parser.add_argument("path", nargs="?", default=None, metavar="PATH", help=f"folder or file of the claim (default: {default}/)")
    parser.add_argument("-o", "--output", metavar="FILE.v", help="where to write it (default: standard output)")
    parser.add_argument(
        "--member", type=int, action="append", metavar="N", help="of a family, this member; repeat for several (default: all of them)"
    )
    parser.add_argument("--compile", action="store_true", help="also have coqc check the file, if it is installed")
    parser.add_argument("--seconds", type=float, default=60.0, metavar="N", help="time limit, where a search is needed (default: 60)")
    parser.add_argument(
        "--renew",
        action="store_true",
        help="instead of all this: accept the reviewed files and the claims of coq/MANIFEST.json as they are now",
    )
    parser.set_defaults(run=lambda options: run(options, one, everything, default))
    return parser


def run(
    options: argparse.Namespace, one: Callable[[argparse.Namespace], Item], everything: Callable[[Sequence[str]], list[Item]], default: str
) -> int:
    """Run `symgd coq`. Returns: 0; 1 where there is no exportable certificate, or coqc refuses the file; 2 for misuse."""
    if options.renew:
        return _renew(options.path or options.id or default, everything)
    if options.id is None:
        raise CoqError("name a claim, as in: symgd coq some.id -o some_id.v")
    from .compiler import Failed, TimedOut, compiled
    from .export import Unexportable, coq_file

    item = one(options)
    started = time.monotonic()
    try:
        text = coq_file(item, options.member, options.seconds)
        if options.output is None:
            sys.stdout.write(text)
        else:
            Path(options.output).write_text(text, encoding="utf-8")
        if options.compile:
            compiled("Exported", text, [], "Symgd")
            print(f"coqc accepts it ({time.monotonic() - started:.1f} s)", file=sys.stderr)
    except (Unexportable, Failed) as problem:
        hint = "; of a family, write a few members at a time, with --member" if isinstance(problem, TimedOut) else ""
        print(f"symgd: {item.claim.id}: {problem}{hint}", file=sys.stderr)
        return 1
    except OSError as problem:
        raise CoqError(f"{options.output} cannot be written ({problem.strerror or problem}); choose another place with -o") from None
    return 0


def _renew(place: str, everything: Callable[[Sequence[str]], list[Item]]) -> int:
    folder = Path(place)
    if not (folder / FOLDER / MANIFEST).is_file():
        raise CoqError(f"there is no {folder / FOLDER / MANIFEST} to renew")
    found = {i.claim.id: compared(i.claim) for i in everything([place])}
    changes = renewed(folder / FOLDER, {name: d for name, d in found.items() if d is not None})
    print(f"{shown(folder / FOLDER / MANIFEST)}: " + (f"renewed {', '.join(changes)}" if changes else "nothing had changed"))
    return 0
