"""`symgd report`: every statement with its verdict, what it rests on and how to reproduce it, as one HTML page and as LaTeX and PDF.

Nothing is searched: a verdict is what the kernel says now of the stored certificate, or what a claim's own method says now. A certificate
of an earlier form of the statement counts for nothing, and the statement is shown as stale.
"""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from ..claims import Outcome, Trust, still_open
from ..collect import Item, shown
from ..derivations import Derivation
from ..figures import Figure, FigureError
from ..settle import Settings, Settled, Source, decide
from ..store import Damaged, certificate_path, decode, leaves, load, rules
from ..table import doubtful

LONG = 2500  # characters of LaTeX beyond which a statement is folded away, and left out of the printed document
WORDS = ("proved", "refuted", "open", "stale")


@dataclass(frozen=True)
class Entry:
    """One statement of the report: the `item`, what was found out about it, and whether its certificate is of an earlier form."""

    item: Item
    result: Settled
    stale: bool = False

    @property
    def id(self) -> str:
        return self.item.claim.id

    @property
    def word(self) -> str:
        return "stale" if self.stale else self.result.verdict.outcome.value

    @property
    def trust(self) -> str:
        verdict = self.result.verdict
        return verdict.trust.value if verdict.trust and verdict.outcome is not Outcome.OPEN else ""

    @property
    def corrects(self) -> str:
        return str(getattr(self.item.claim, "corrects", "") or "")

    @property
    def group(self) -> str:
        """The part of the id before the first dot."""
        return self.id.partition(".")[0]

    @property
    def command(self) -> str:
        """What to type to see it again."""
        return f"symgd {'derive' if isinstance(self.item.claim, Derivation) else 'show'} {self.id} {shown(self.item.file)}"


def entry(item: Item) -> Entry:
    """What is known of one statement without a search."""
    if callable(getattr(item.claim, "settle", None)):
        return Entry(item, decide(item, Settings(), lambda message: None))
    from ..certify.certify import recheck

    started, path = time.monotonic(), certificate_path(item)
    open_ = Settled(still_open(f"no certificate is stored; run symgd check {shown(item.file)}"), Source.STORED, 0.0)
    try:
        certificate = load(path)
    except Damaged as problem:
        return Entry(item, replace(open_, verdict=still_open(f"{shown(path)} is damaged: {problem}")))
    if certificate is None:
        return Entry(item, open_)
    if certificate["claim"] != item.claim.statement.digest:
        reason = f"the statement has changed since its certificate was made; run symgd check {shown(item.file)}"
        return Entry(item, replace(open_, verdict=still_open(reason)), stale=True)
    verdict = recheck(item.claim.statement, certificate)
    kept = None if verdict.outcome is Outcome.OPEN else path
    return Entry(item, Settled(replace(verdict, certificate=None), Source.STORED, time.monotonic() - started, kept))


def entries(items: Sequence[Item], progress: Callable[[str], None] = lambda message: None) -> list[Entry]:
    """The entries of the items, in their order; `progress` is told each id."""
    out = []
    for item in items:
        progress(item.claim.id)
        out.append(entry(item))
    return out


# --- everything together ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Summary:
    """What a certificate consists of: its `file`, size in `bytes`, `leaves`, `rules` by number of uses, and two digests."""

    file: str
    bytes: int
    leaves: int
    rules: str
    sha256: str
    claim: str


def summary_of(e: Entry) -> Summary | None:
    """The certificate of an entry; None where there is none."""
    path = e.result.certificate
    if path is None:
        return None
    content = path.read_bytes()
    data = decode(content)
    used = ", ".join(f"{name} {n}×" if n > 1 else name for name, n in rules(data).items()) or "none"
    return Summary(shown(path), len(content), leaves(data), used, hashlib.sha256(content).hexdigest(), str(data["claim"]))


@dataclass(frozen=True)
class Report:
    """Statements in groups, with what connects them.

    Arguments: `found`, the entries; `figures`; `drawn`, their pictures by id as SVG and PDF; `title`.
    """

    found: Sequence[Entry]
    figures: Sequence[Figure] = ()
    drawn: Mapping[str, tuple[bytes, bytes]] = field(default_factory=dict)
    title: str = "Statements, proofs and counterexamples"

    @cached_property
    def groups(self) -> dict[str, list[Entry]]:
        """The entries by the first part of their ids, claims before derivations."""
        out: dict[str, list[Entry]] = {}
        for e in [*(e for e in self.found if not isinstance(e.item.claim, Derivation)), *self.found]:
            members = out.setdefault(e.group, [])
            if e not in members:
                members.append(e)
        return dict(sorted(out.items(), key=lambda pair: pair[0]))

    @cached_property
    def known(self) -> dict[str, Entry]:
        return {e.id: e for e in self.found}

    @cached_property
    def mentions(self) -> re.Pattern[str]:
        """Finds ids with a dot in sentences, where derivations are named without ".proof"."""
        names = sorted({i.removesuffix(".proof") for i in self.known if "." in i.removesuffix(".proof")}, key=len, reverse=True)
        return re.compile(rf"(?<![\w.])({'|'.join(map(re.escape, names)) or '(?!)'})(?![\w-]|\.\w)")

    @cached_property
    def corrected(self) -> dict[str, list[str]]:
        """The corrections of each refuted statement."""
        out: dict[str, list[str]] = {}
        for e in self.found:
            if e.corrects:
                out.setdefault(e.corrects, []).append(e.id)
        return out

    @cached_property
    def doubts(self) -> dict[str, list[str]]:
        """For each statement, what it uses and what is not proved."""
        return doubtful([e.item for e in self.found], [e.result for e in self.found])

    @cached_property
    def home(self) -> dict[str, str]:
        """The statement beside which each drawn figure stands: the first of those it belongs to; "" for a figure of none of them."""
        return {f.id: next((i for i in f.of if i in self.known), "") for f in self.figures if f.id in self.drawn}

    def beside(self, identifier: str) -> list[Figure]:
        """The drawn figures that belong to a statement."""
        return [f for f in self.figures if f.id in self.drawn and (identifier in f.of or (identifier == "" and not self.home[f.id]))]

    def tally(self, entries: Iterable[Entry] | None = None) -> str:
        """How many are proved, refuted, open and stale, in words."""
        chosen = list(self.found if entries is None else entries)
        return ", ".join(f"{n} {w}" for w in WORDS if (n := sum(e.word == w for e in chosen)))

    @property
    def levels(self) -> str:
        """How many rest on what."""
        return ", ".join(f"{n} {t.value}" for t in Trust if (n := sum(e.trust == t.value for e in self.found))) or "none"


def draw(figures: Sequence[Figure]) -> tuple[dict[str, tuple[bytes, bytes]], list[str]]:
    """The pictures by id as SVG and PDF, and sentences about those that could not be drawn."""
    drawn, problems = {}, list[str]()
    for f in figures:
        try:
            drawn[f.id] = (f.render(".svg"), f.render(".pdf"))
        except FigureError as problem:
            return drawn, [*problems, f"figures are not drawn: {problem}"]
        except Exception as problem:  # the figure's own code, which may be anybody's
            problems.append(f"the figure {f.id} is not drawn: {type(problem).__name__}: {problem}")
    return drawn, problems


def page(found: Sequence[Entry], figures: Sequence[Figure] = ()) -> str:
    """The report as one HTML page that needs no other file."""
    from .report_page import html

    return html(Report(found, figures, draw(figures)[0]))


def write(found: Sequence[Entry], folder: Path, figures: Sequence[Figure] = ()) -> list[str]:
    """Write index.html, report.tex with its figures and, with pdflatex, report.pdf. Returns: sentences on what was written and what not."""
    from .pdf import NoLatex, to_pdf
    from .report_document import whole
    from .report_page import html

    drawn, problems = draw(figures)
    report = Report(found, figures, drawn)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "index.html").write_text(html(report), encoding="utf-8")
    source = whole(report)
    (folder / "report.tex").write_text(source, encoding="utf-8")
    pictures = {f"figures/{name}.pdf": pdf for name, (_, pdf) in drawn.items()}
    for name, content in pictures.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(content)
    said = [*problems, f"wrote {folder / 'index.html'}", f"wrote {folder / 'report.tex'}"]
    try:
        warnings = to_pdf(source, folder / "report.pdf", files=pictures, seconds=300.0)
        said.append(f"wrote {folder / 'report.pdf'}" + (f" ({len(warnings)} warnings, the first: {warnings[0]})" if warnings else ""))
    except NoLatex as problem:
        said.append(f"report.pdf is not written: {problem}")
    return said
