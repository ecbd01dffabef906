"""The table of `symgd check`: one line for each claim, and a line that sums up."""

from __future__ import annotations

import textwrap
import unicodedata
from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from .claims import Outcome, Trust
from .collect import Item, listing, shown
from .settle import Settled, Source

COLOURS = {"proved": "32", "refuted": "33", "open": "2", "alarm": "1;31", "head": "1", "faint": "2"}


@dataclass(frozen=True)
class Style:
    """How text is laid out: `width` in columns, and whether it is coloured."""

    width: int = 120
    colour: bool = False

    def paint(self, text: str, how: str) -> str:
        return f"\x1b[{COLOURS[how]}m{text}\x1b[0m" if self.colour else text


def columns(text: str) -> int:
    """How many columns of a terminal the text takes."""
    if text.isascii():
        return len(text)
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def fit(text: str, width: int) -> str:
    """The text in exactly `width` columns, cut where it is longer."""
    if columns(text) > width:
        ends = list(accumulate(map(columns, text)))
        text = text[: bisect_right(ends, width - 3)].rstrip() + "..."
    return text + " " * (width - columns(text))


def seconds(value: float) -> str:
    return f"{value:.2f} s" if value < 9.995 else f"{value:.0f} s"


def statement_text(item: Item) -> str:
    """The statement as formulas, in one line; the title where it cannot be written out."""
    try:
        return " ".join(str(item.claim.statement).split())
    except Exception:  # a deeply nested statement, or a claim of another kind
        return item.claim.title


def table(
    items: Sequence[Item], results: Sequence[Settled], style: Style, verbose: bool = False, corrections: Mapping[str, str] | None = None
) -> str:
    """The aligned table.

    Arguments: `items` and `results`, of equal length; `verbose` adds each statement as formulas; `corrections`, from the id of
    a refuted claim to the id of the claim that corrects it.
    """
    ids = max(columns("id"), *(columns(item.claim.id) for item in items))
    times = max(len("time"), *(len(seconds(r.seconds)) for r in results))
    middle = max(24, style.width - ids - times - 23)
    head = f"{fit('id', ids)}  {fit('statement', middle)}  {'verdict':8} {'trust':8}  {'time':>{times}}"
    lines, doubts = [style.paint(head, "head")], doubtful(items, results)
    for item, result in zip(items, results, strict=True):
        outcome, trust = result.verdict.outcome, result.verdict.trust
        alarm = not result.as_expected(item)
        word = "-" if result.interrupted else outcome.value
        verdict = style.paint(f"{word:8}", "alarm" if alarm and not result.interrupted else outcome.value)
        level = f"{trust.value if trust and outcome is not Outcome.OPEN else '-':8}"
        time = "-" if result.interrupted else seconds(result.seconds)
        lines.append(f"{fit(item.claim.id, ids)}  {fit(item.claim.title, middle)}  {verdict} {level}  {time:>{times}}")
        for text, how in remarks(item, result, verbose, corrections or {}, doubts.get(item.claim.id, ())):
            wrapped = textwrap.wrap(text, max(40, style.width - ids - 4), subsequent_indent="  ", break_on_hyphens=False)
            lines += [" " * (ids + 2) + style.paint(part, how) for part in wrapped]
    return "\n".join(lines)


def doubtful(items: Sequence[Item], results: Sequence[Settled]) -> dict[str, list[str]]:
    """For each proved claim, the claims it uses that are not proved. A certificate stands by itself, so it uses none."""
    unproved = {i.claim.id: r.verdict.outcome.value for i, r in zip(items, results, strict=True) if r.verdict.outcome is not Outcome.PROVED}
    out = {}
    for item, result in zip(items, results, strict=True):
        if result.verdict.outcome is Outcome.PROVED and result.verdict.trust not in (Trust.KERNEL, Trust.COQ):
            out[item.claim.id] = [f"{used}, which is {unproved[used]}" for used in item.claim.uses if used in unproved]
    return out


def remarks(item: Item, result: Settled, verbose: bool, corrections: Mapping[str, str], doubts: Sequence[str]) -> list[tuple[str, str]]:
    """What stands beneath a line of the table, with its style."""
    out: list[tuple[str, str]] = []
    if verbose:
        out.append((statement_text(item), "faint"))
    if result.interrupted:
        return out
    if not result.as_expected(item):
        out.append((f"NOT AS EXPECTED: {item.claim.expect.value} was expected ({item.place})", "alarm"))
    out += [(f"ONLY IF its premise holds: it uses {doubt}", "alarm") for doubt in doubts]
    if result.verdict.outcome is Outcome.REFUTED:
        out.append((f"witness: {result.verdict.witness or 'see the certificate'}", "refuted"))
        if item.claim.id in corrections:
            out.append((f"corrected by {corrections[item.claim.id]}", "faint"))
    if result.verdict.outcome is Outcome.OPEN:
        out.append((f"{'out of time' if result.out_of_budget else 'left open'}: {result.verdict.reason}", "faint"))
    return out


def summary(items: Sequence[Item], results: Sequence[Settled], elapsed: float) -> str:
    """One or two lines: how many of each verdict, whether they are the expected ones, and what they rest on."""
    done = [(i, r) for i, r in zip(items, results, strict=True) if not r.interrupted]
    count = Counter(r.verdict.outcome for _, r in done)
    wrong = [i.claim.id for i, r in done if not r.as_expected(i)]
    left = len(items) - len(done)
    tally = ", ".join(f"{count[o]} {o.value}" for o in Outcome) + (f", {left} not reached" if left else "")
    trust = Counter(r.verdict.trust for _, r in done if r.verdict.outcome is not Outcome.OPEN)
    levels = ", ".join(f"{trust[level]} {level.value}" for level in Trust if trust[level]) or "none"
    fate = (
        f"{len(wrong)} NOT as expected: {listing(wrong)}" if wrong else "all as expected" if not left else "those reached are as expected"
    )
    stored = sum(r.source is Source.STORED for _, r in done)
    files = sum(r.certificate is not None for _, r in done)
    kept = f"certificates: {stored} re-checked, {files - stored} new" if files else "no certificates"
    theorems = sum(i.claim.id.startswith("coq:") for i in items)  # a claim has no colon in its id
    claims = len(items) - theorems
    what = f"{claims} claim{'s' * (claims != 1)}" + (f" and {theorems} theorem{'s' * (theorems != 1)} of Coq" if theorems else "")
    return f"{what}: {tally}; {fate}.\nTrust: {levels}; {kept}; {seconds(elapsed)}."


def as_json(item: Item, result: Settled) -> dict[str, Any]:
    """One object of `symgd check --json`."""
    verdict = result.verdict
    settled = verdict.outcome is not Outcome.OPEN
    return {
        "id": item.claim.id,
        "statement": statement_text(item),
        "title": item.claim.title,
        "verdict": verdict.outcome.value,
        "expected": item.claim.expect.value,
        "as_expected": result.as_expected(item),
        "trust": verdict.trust.value if settled and verdict.trust else None,
        "seconds": round(result.seconds, 3),
        "witness": verdict.witness or None,
        "reason": verdict.reason or None,
        "left": [{x: [None if q is None else str(q) for q in ends] for x, ends in box.items()} for box in verdict.left],
        "certificate": shown(result.certificate) if result.certificate else None,
        "place": item.place,
    }
