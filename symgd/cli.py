"""The command line: check, verify, show, export.

Exit status: 0 all as expected; 1 some not, or a certificate rejected; 2 misuse; 3 interrupted or out of time.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import json
import os
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NoReturn

from . import __version__, kernel
from .claims import still_open
from .collect import CollectError, Item, collect, listing, shown
from .coq import CoqError
from .settle import Settings, Settled, Source, settle_all
from .store import FOLDER, Damaged, certificate_path, decode, encode, leaves, load, rules
from .table import Style, as_json, seconds, statement_text, summary, table

CLAIMS = ("check", "verify", "show", "export")  # the commands below; the others are imported when one of them is wanted
OK, NOT_AS_EXPECTED, MISUSE, INTERRUPTED = 0, 1, 2, 3
DEFAULT = "proofs"


class Misuse(ValueError):
    """A command that cannot be carried out; the message says what to write instead."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status; misuse gives one sentence on stderr, never a traceback."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError, ValueError):
            stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    given = list(sys.argv[1:] if arguments is None else arguments)
    options = parser(claims_only=given[:1] in [[name] for name in CLAIMS]).parse_args(given)
    gc.set_threshold(100_000, 10, 10)  # terms and certificates are trees without cycles: there is little to find among them
    try:
        with _terminated_as_interrupted():
            return int(options.run(options))
    except (CollectError, Misuse, CoqError) as problem:
        for line in str(problem).splitlines():
            print(f"symgd: {line}", file=sys.stderr)
        return MISUSE
    except KeyboardInterrupt:
        print("symgd: interrupted", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:  # the reader of our output has gone, as in `symgd check | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return INTERRUPTED


def parser(claims_only: bool = False) -> argparse.ArgumentParser:
    """The parser of all commands, or of those in CLAIMS only."""
    top = argparse.ArgumentParser(
        prog="symgd",
        description="Prove or refute claims about gradient descent, with certificates that a small kernel re-checks.",
        epilog="exit status: 0 all as expected, 1 some not, 2 misuse, 3 interrupted or out of time",
    )
    top.add_argument("--version", action="version", version=f"symgd {__version__}")
    commands = top.add_subparsers(title="commands", required=True, metavar="COMMAND")

    def command(name: str, run: Callable[[argparse.Namespace], int], what: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=what, description=what[0].upper() + what[1:] + ".")
        sub.set_defaults(run=run)
        return sub

    p = command("check", check, "settle the claims of a folder or file and print a table of verdicts")
    p.add_argument("paths", nargs="*", metavar="PATH", help=f"folders, files, or FILE::NAME (default: {DEFAULT}/)")
    p.add_argument(
        "--only", action="append", default=[], metavar="PATTERN", help="only claims whose id starts with PATTERN, or matches it (* ? [...])"
    )
    p.add_argument("--fresh", action="store_true", help="search anew, whatever certificates are stored")
    p.add_argument("--json", action="store_true", help="print a list of objects instead of the table")
    p.add_argument("--seconds", type=positive, default=60.0, metavar="N", help="time limit for the search of one claim (default: 60)")
    p.add_argument("--jobs", type=count, default=None, metavar="N", help="processes (default: one for each core)")
    p.add_argument("--verbose", action="store_true", help="print each statement as formulas, and every certificate used")
    p.add_argument("--coq", action="store_true", help="also compile and audit the Coq theorems in coq/ beside the claims (needs Coq)")
    p.add_argument("--progress", action="store_true", help="say on stderr what is being done, also where that is not a terminal")

    p = command("verify", verify, "re-check certificate files with the kernel alone; nothing is searched or written")
    p.add_argument("files", nargs="+", metavar="FILE", help="certificates, or folders of them")
    p.add_argument(
        "--claim", metavar="CLAIM.json", help="the claim, as `symgd export` writes it (default: found beside the certificate by its digest)"
    )

    p = command("show", show, "print one claim in full, its verdict and its certificate")
    p.add_argument("id", metavar="ID")
    p.add_argument("path", nargs="?", default=None, metavar="PATH", help=f"folder or file of the claim (default: {DEFAULT}/)")
    p.add_argument("--seconds", type=positive, default=60.0, metavar="N", help="time limit, where a search is needed (default: 60)")

    p = command("export", export, "write one claim as the JSON file that the kernel reads")
    p.add_argument("id", metavar="ID")
    p.add_argument("path", nargs="?", default=None, metavar="PATH", help=f"folder or file of the claim (default: {DEFAULT}/)")
    p.add_argument("-o", "--output", metavar="CLAIM.json", help="where to write it (default: standard output)")

    if not claims_only:
        add_others(commands)
    return top


def add_others(commands: Any) -> None:
    """The commands of other packages, which take longer to import than most claims to check."""
    from .coq.command import add_subcommand as add_coq
    from .dynamics.command import add_subcommand as add_analyze
    from .render.command import add_report
    from .render.command import add_subcommand as add_derive
    from .render.figures import add_subcommand as add_figure
    from .search.command import add_subcommands as add_search

    add_analyze(commands)
    add_search(commands, the_claim)
    add_derive(commands)
    add_figure(commands)
    add_report(commands)
    add_coq(commands, one, lambda where: collect(*where), DEFAULT)


def positive(text: str) -> float:
    with contextlib.suppress(ValueError):
        if 0 < float(text) < 1e7:
            return float(text)
    raise argparse.ArgumentTypeError(f"{text!r} is not a positive number of seconds")


def count(text: str) -> int:
    with contextlib.suppress(ValueError):
        if 1 <= int(text) <= 1024:
            return int(text)
    raise argparse.ArgumentTypeError(f"{text!r} is not a number of processes from 1 to 1024")


@contextlib.contextmanager
def _terminated_as_interrupted() -> Iterator[None]:
    """A polite request to end (SIGTERM) is treated like Ctrl-C, so that the processes that search are ended too."""

    def interrupt(number: int, frame: Any) -> NoReturn:
        raise KeyboardInterrupt

    try:
        before = signal.signal(signal.SIGTERM, interrupt)
    except ValueError:  # not in the main thread, where signals cannot be handled
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def the_claim(place: str) -> Any:
    """The claim at FILE::NAME. Raises: CollectError where there is none; Misuse for more than one."""
    items = collect(place)
    if len(items) != 1:
        one = f"{place.partition('::')[0]}::{items[0].name}"
        raise Misuse(f"{place} has {len(items)} claims; name one of them as FILE::NAME, for example {one}")
    return items[0].claim


# --- check -----------------------------------------------------------------------------------------------------------


def check(options: argparse.Namespace) -> int:
    started = time.monotonic()
    beside_claims = []
    if options.coq:
        from .coq.command import folders, theorem_rows

        beside_claims = folders(places(options.paths))
    items = collect(*places(options.paths), only=options.only)
    jobs = min(options.jobs or cores(), len(items))
    progress = Progress(items, options.progress, options.json)
    progress.line(
        f"checking {len(items)} claim{'s' * (len(items) != 1)} in {jobs} process{'es' * (jobs != 1)}, {stored(items, options.fresh)}"
    )
    if not options.only and all(Path(place).is_dir() for place in places(options.paths)):
        known = {item.claim.id for item in items}
        for item in items:
            for used in sorted(set(item.claim.uses) - known):
                print(f"symgd: {item.place}: {item.claim.id} uses {used!r}, and no claim here has that id", file=sys.stderr)
    results: list[Settled | None] = [None] * len(items)

    def finished(i: int, result: Settled) -> None:
        results[i] = result
        progress.finished(i, result)

    interrupted = False
    try:
        settle_all(items, Settings(options.seconds, options.fresh), jobs, progress.during, finished)
    except KeyboardInterrupt:
        interrupted = True
    progress.clear()
    missing = Settled(still_open("interrupted before it was settled"), Source.MISSING, 0.0)
    done = [result or missing for result in results]
    if beside_claims and not interrupted:
        try:
            items, done = theorem_rows(beside_claims, items, done, not options.only, progress.line, progress.notice)
        except KeyboardInterrupt:
            interrupted = True
    if options.json:
        print(json.dumps([as_json(item, result) for item, result in zip(items, done, strict=True)], indent=1, ensure_ascii=False))
    else:
        corrections = {str(getattr(item.claim, "corrects", "")): item.claim.id for item in items}
        print(table(items, done, output_style(), options.verbose, corrections))
        print()
        print(summary(items, done, time.monotonic() - started))
    if interrupted:
        print("symgd: interrupted; the certificates found so far are kept, so the next check goes on from here", file=sys.stderr)
    return status(items, done, interrupted)


def status(items: Sequence[Item], results: Sequence[Settled], interrupted: bool) -> int:
    """The exit status; in a complete run a verdict that contradicts its claim weighs more than a search that ran out of time."""
    if interrupted:
        return INTERRUPTED
    wrong = [r for i, r in zip(items, results, strict=True) if not r.interrupted and not r.as_expected(i)]
    if any(not r.out_of_budget for r in wrong):
        return NOT_AS_EXPECTED
    return INTERRUPTED if wrong else OK


def places(paths: Sequence[str]) -> list[str]:
    if paths:
        return list(paths)
    if not Path(DEFAULT).is_dir():
        raise Misuse(f"there is no folder {DEFAULT}/ here; name the folder or the file of your claims, as in: symgd check my_claims.py")
    return [DEFAULT]


def cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def stored(items: Sequence[Item], fresh: bool) -> str:
    n = sum(certificate_path(item).exists() for item in items)
    return "leaving stored certificates aside" if fresh else f"{n} with a stored certificate"


def output_style() -> Style:
    colour = sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    return Style(shutil.get_terminal_size((120, 24)).columns, colour)


class Progress:
    """Tells on stderr what is being done: one live line on a terminal, plain lines where asked for, else only surprises."""

    def __init__(self, items: Sequence[Item], wanted: bool, quiet: bool) -> None:
        self.items, self.wanted = items, wanted
        self.live = sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
        self.quiet = quiet and not wanted and not self.live
        self.settled = 0
        self.running: dict[int, tuple[str, float]] = {}

    def line(self, text: str) -> None:
        if not self.quiet:
            self.clear()
            print(text, file=sys.stderr, flush=True)

    def notice(self, text: str) -> None:
        self.clear()
        print(f"symgd: {text}", file=sys.stderr, flush=True)

    def during(self, i: int, message: str) -> None:
        """An item is begun (empty message), or its search has something to say; called in between only when it does."""
        since = self.running.get(i, ("", time.monotonic()))[1]
        self.running[i] = (message, since)
        name = self.items[i].claim.id
        if self.live:
            what = ", ".join(f"{self.items[k].claim.id}" + (f" ({text})" if text else "") for k, (text, _) in sorted(self.running.items()))
            width = shutil.get_terminal_size((80, 24)).columns - 1
            sys.stderr.write("\r\x1b[K" + f"[{self.settled}/{len(self.items)}] {what}"[:width])
            sys.stderr.flush()
        elif self.wanted and message:
            print(f"  {name}: {message}", file=sys.stderr, flush=True)

    def finished(self, i: int, result: Settled) -> None:
        self.settled += 1
        self.running.pop(i, None)
        for notice in result.notices:
            self.notice(notice)
        if self.wanted:
            how = {Source.STORED: "stored certificate accepted", Source.SEARCHED: "searched", Source.SETTLED: "settled"}[result.source]
            name, verdict = self.items[i].claim.id, result.verdict.outcome.value
            self.line(f"[{self.settled}/{len(self.items)}] {name}: {verdict} ({how}, {seconds(result.seconds)})")

    def clear(self) -> None:
        if self.live:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()


# --- verify ----------------------------------------------------------------------------------------------------------


def verify(options: argparse.Namespace) -> int:
    """Exit 0 when the kernel accepts every certificate, 1 when it rejects one, 2 when a claim or a file is not there."""
    files = [f for name in options.files for f in certificate_files(Path(name))]
    given = read_claim(Path(options.claim)) if options.claim else None
    claims: dict[Path, list[Item]] = {}
    rejected = 0
    width = max(len(shown(f)) for f in files)
    for file in files:
        try:
            certificate = load(file)
            if certificate is None:
                raise Misuse(f"there is no file {file}; certificates are in the folder {FOLDER}/ beside the claims")
            claim, name = (given, "") if given is not None else beside(file, certificate, claims)
            verdict = kernel.check(claim, certificate)
            print(f"{shown(file):{width}}  accepted: {verdict}{f'  ({name})' if name else ''}")
        except (Damaged, kernel.Reject, Unclaimed) as problem:
            rejected += 1
            print(f"{shown(file):{width}}  REJECTED: {problem}")
    print(f"{len(files)} certificate{'s' * (len(files) != 1)}: {len(files) - rejected} accepted, {rejected} rejected.")
    return NOT_AS_EXPECTED if rejected else OK


class Unclaimed(ValueError):
    """A certificate for a claim that is nowhere near."""


def certificate_files(path: Path) -> list[Path]:
    if path.is_dir():
        files = sorted(f for f in path.glob("*.json") if f.name[0] != ".")
        if not files:
            raise Misuse(f"there are no certificates in {path}; they are made by: symgd check")
        return files
    if not path.exists():
        raise Misuse(f"there is no file {path}; certificates are in the folder {FOLDER}/ beside the claims")
    return [path]


def beside(file: Path, certificate: dict[str, Any], claims: dict[Path, list[Item]]) -> tuple[Any, str]:
    """The claim that the certificate is for, among those of the folder above the file."""
    parent = file.resolve().parent
    folder = parent.parent if parent.name == FOLDER else parent
    if folder not in claims:
        claims[folder] = [item for item in collect(folder) if hasattr(item.claim.statement, "digest")]
    for item in claims[folder]:
        if item.claim.statement.digest == certificate["claim"]:
            return item.claim.statement.data, item.claim.id
    raise Unclaimed(
        f"no claim in {shown(folder)} has this digest, so the claim has changed; run symgd check, or name the claim with --claim"
    )


def read_claim(path: Path) -> Any:
    try:
        claim = json.loads(path.read_bytes())
    except FileNotFoundError:
        raise Misuse(f"there is no file {path}; write the claim with: symgd export ID -o {path}") from None
    except (OSError, ValueError, RecursionError) as problem:
        raise Misuse(f"{path} cannot be read as a claim ({str(problem)[:80]}); write it with: symgd export ID -o {path}") from None
    return claim


# --- show and export -------------------------------------------------------------------------------------------------


def one(options: argparse.Namespace) -> Item:
    """The one claim that the options name."""
    items = collect(*places([options.path] if options.path else []))
    for item in items:
        if options.id in (item.claim.id, item.name):
            return item
    collected = collect(*places([options.path] if options.path else []), only=[options.id])
    if len(collected) == 1:
        return collected[0]
    raise Misuse(f"{options.id!r} is the start of several ids: {listing(i.claim.id for i in collected)}; give one of them in full")


def show(options: argparse.Namespace) -> int:
    item = one(options)
    claim, results = item.claim, list[Settled]()
    settle_all([item], Settings(options.seconds), 1, lambda i, message: None, lambda i, result: results.append(result))
    result = results[0]
    for notice in result.notices:
        print(f"symgd: {notice}", file=sys.stderr)
    lines = [
        ("id", claim.id),
        ("title", claim.title),
        ("statement", statement_text(item)),
        ("place", item.place),
        ("source", getattr(claim, "source", "")),
        ("uses", ", ".join(claim.uses)),
        ("corrects", getattr(claim, "corrects", "")),
        ("expected", claim.expect.value),
        ("verdict", f"{result.verdict}  [{result.source.value}, {seconds(result.seconds)}]"),
    ]
    if result.certificate is not None:
        content = result.certificate.read_bytes()
        certificate = decode(content)
        used = ", ".join(f"{name} {n}x" if n > 1 else name for name, n in rules(certificate).items()) or "none"
        lines += [
            ("certificate", f"{shown(result.certificate)}, {len(content)} bytes"),
            ("rules", used),
            ("leaves", str(leaves(certificate)) if leaves(certificate) else ""),
        ]
    print("\n".join(f"{name:12} {text}" for name, text in lines if text))
    if result.certificate is not None:
        print("\nTo re-check it with the kernel alone:")
        where = "" if options.path is None else f" {options.path}"
        print(f"  symgd export {claim.id}{where} -o claim.json")
        print(f"  python3 -I -S {shown(Path(kernel.__file__).parent / 'check.py')} claim.json {shown(result.certificate)}")
    return status([item], [result], False)


def export(options: argparse.Namespace) -> int:
    item = one(options)
    data = getattr(item.claim.statement, "data", None)
    if data is None:
        raise Misuse(f"{item.claim.id} settles itself and has no certificate, so there is nothing that the kernel could check")
    if options.output is None:
        sys.stdout.write(encode(data).decode())
        return OK
    try:
        Path(options.output).write_bytes(encode(data))
    except OSError as problem:
        raise Misuse(f"{options.output} cannot be written ({problem.strerror or problem}); choose another place with -o") from None
    return OK


if __name__ == "__main__":
    sys.exit(main())
