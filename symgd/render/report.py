"""`symgd report`: every statement with its verdict, what it rests on and how to reproduce it, as one HTML page and as LaTeX.

Nothing is searched: a verdict is what the kernel says now of the stored certificate, or what a claim's own method says now. A certificate
of an earlier form of the statement counts for nothing, and the statement is shown as stale.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from html import escape
from pathlib import Path

from ..claims import Claim, Outcome, Trust, still_open
from ..collect import Item, shown
from ..derivations import Derivation, StepTrust
from ..settle import Settings, Settled, Source, decide
from ..store import Damaged, certificate_path, decode, leaves, load, rules
from ..table import doubtful, seconds, statement_text
from .latex import REL, Printer, document, references, relation, setting, status, text_to_latex
from .latex import derivation as latex_derivation
from .latex import statement as latex_statement
from .mathml import mathml, prose
from .report_graph import graph
from .report_style import STYLE

LONG = 2500  # characters of LaTeX beyond which a statement is folded away, and left out of the printed document


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


# --- the page --------------------------------------------------------------------------------------------------------


def page(found: Sequence[Entry], title: str = "Statements, proofs and counterexamples") -> str:
    """The report as one HTML page that needs no other file."""
    items, results = [e.item for e in found], [e.result for e in found]
    doubts = doubtful(items, results)
    known = {e.id for e in found}
    fixed: dict[str, list[str]] = {}
    for e in found:
        if e.corrects:
            fixed.setdefault(e.corrects, []).append(e.id)
    rows = "\n".join(_row(e, fixed.get(e.id, ()), known) for e in found)
    sections = "\n".join(_section(e, fixed.get(e.id, ()), doubts.get(e.id, ()), known) for e in found)
    count = {w: sum(e.word == w for e in found) for w in ("proved", "refuted", "open", "stale")}
    tally = ", ".join(f"{n} {w}" for w, n in count.items() if n)
    levels = ", ".join(f"{n} {t.value}" for t in Trust if (n := sum(e.trust == t.value for e in found))) or "none"
    return f"""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><title>{escape(title)}</title><style>{STYLE}</style></head>
<body><a class="skip" href="#main">Skip to the statements</a>
<header><h1>{escape(title)}</h1><p>{len(found)} statements: {tally}. Trust: {levels}.</p>
<nav aria-label="Parts of this page"><a href="#table">Table</a> <a href="#graph">Dependencies</a> <a href="#statements">Statements</a></nav>
</header><main id="main">
<section id="table"><h2>Table of statements</h2><div class="box" tabindex="0" role="region" aria-label="Table of statements"><table>
<thead><tr><th scope="col">id</th><th scope="col">statement</th><th scope="col">verdict</th><th scope="col">trust</th>
<th scope="col">time</th></tr></thead><tbody>
{rows}
</tbody></table></div></section>
<section id="graph"><h2>What rests on what</h2>
<p>An arrow leads from a statement to one that uses it; a dashed arrow leads from a refuted statement to its corrected form. Statements
without either are left out. ✓ proved, ✗ refuted, ? open, ! stale; a thick frame means that the kernel has checked it.</p>
<div class="box" tabindex="0" role="region" aria-label="Dependency graph">{graph(found)}</div></section>
<section id="statements"><h2>Statements</h2>
{sections}
</section></main></body></html>
"""


def anchor(identifier: str) -> str:
    """The fragment of a statement: ids have no blanks, and everything else may stand in a fragment once escaped."""
    return "s-" + "".join(c if c.isalnum() or c in ".-_" else f"_{ord(c):x}_" for c in identifier)


def _link(identifier: str, known: set[str]) -> str:
    words = f"<code>{escape(identifier)}</code>"
    return f'<a href="#{anchor(identifier)}">{words}</a>' if identifier in known else words


def _badge(e: Entry) -> str:
    sign = {"proved": "✓", "refuted": "✗", "open": "?", "stale": "!"}[e.word]
    return f'<span class="badge {e.word}"><span aria-hidden="true">{sign}</span> {e.word}</span>'


def _row(e: Entry, fixed: Sequence[str], known: set[str]) -> str:
    note = "".join(f'<br><small>corrected by {_link(f, known)}</small>' for f in fixed)
    return (f'<tr><th scope="row">{_link(e.id, known)}</th><td>{prose(e.item.claim.title)}{note}</td><td>{_badge(e)}</td>'
            f"<td>{e.trust or '–'}</td><td>{seconds(e.result.seconds)}</td></tr>")


def _section(e: Entry, fixed: Sequence[str], doubts: Sequence[str], known: set[str]) -> str:
    c, verdict = e.item.claim, e.result.verdict
    parts = [f"<p>{prose(c.title)}</p>" if not isinstance(c, Derivation) else ""]
    parts.append(_derivation(c) if isinstance(c, Derivation) else _statement(e))
    if verdict.outcome is Outcome.REFUTED:
        parts.append(f'<p class="witness"><strong>Counterexample:</strong> {escape(verdict.witness or "see the certificate")}</p>')
    if verdict.outcome is Outcome.OPEN:
        parts.append(f"<p><strong>{'Stale' if e.stale else 'Open'}:</strong> {escape(verdict.reason)}</p>")
    parts += [f"<p><strong>Only if its premise holds:</strong> it uses {escape(d)}.</p>" for d in doubts]
    for words, names in (("Uses", c.uses), ("Corrects", [e.corrects] if e.corrects else []), ("Corrected by", fixed)):
        if names:
            parts.append(f"<p>{words} {', '.join(_link(n, known) for n in names)}.</p>")
    proof = e.id + ".proof"
    if proof in known:
        parts.append(f"<p>Derivation: {_link(proof, known)}.</p>")
    parts.append(_certificate(e))
    command = f"symgd {'derive' if isinstance(c, Derivation) else 'show'} {c.id} {shown(e.item.file)}"
    parts.append(f"<p>To reproduce it: <code>{escape(command)}</code></p>")
    head = f'<h3>{escape(e.id)} {_badge(e)} <small>{e.trust}</small></h3>'
    return f'<article id="{anchor(e.id)}">{head}{"".join(parts)}</article>'


def _statement(e: Entry) -> str:
    c = e.item.claim
    if not isinstance(c, Claim):
        return f'<div class="box math" tabindex="0">{escape(statement_text(e.item))}</div>'
    source = latex_statement(c.statement.data)
    shown_ = f'<div class="box math" tabindex="0">{prose(source)}</div>'
    if len(source) <= LONG:
        return shown_
    return f"<details><summary>The statement in full ({len(source)} characters)</summary>{shown_}</details>"


def _derivation(d: Derivation) -> str:
    """A derivation: its setting, its goals, and each step with its reason and its check."""
    words = [d.statement] if d.statement != d.goals_in_words else []
    lead = f"<p>{prose(text_to_latex(d.title))}. {' '.join(prose(w) for w in [*words, *setting(d)])}</p>"
    goals = "".join(f'<div class="box" tabindex="0">{mathml(relation(g, d.notation), True)}</div>' for g in d.goals)
    numbers = {r.step.label: r.number for r in d.results if r.step.label}
    printer, steps = Printer(d.notation), []
    for r in d.results:
        if r.relation is None:
            formula = prose(text_to_latex(r.step.formula))
        else:
            sides = "" if r.step.continues else printer.show(r.relation.lhs)
            formula = mathml(f"{sides} {REL[r.relation.op]} {printer.show(r.relation.rhs)}", True)
        used = sorted({numbers[u] for u in references(r.step) if u in numbers})
        by = f" by {', '.join(f'({n})' for n in used)}" if used else ""
        check = f"UNCHECKED: {r.problem}" if r.trust is StepTrust.UNCHECKED else r.trust.name.lower()
        why = f'{prose(text_to_latex(r.step.reason))}{by} <small>[{escape(check)}]</small>'
        steps.append(f'<li><div class="box" tabindex="0">{formula}</div><div class="why">{why}</div></li>')
    return f"{lead}{goals}<details><summary>Derivation, {len(steps)} steps</summary><ol>{''.join(steps)}</ol></details>"


def _certificate(e: Entry) -> str:
    path = e.result.certificate
    if path is None:
        return ""
    content = path.read_bytes()
    data = decode(content)
    used = ", ".join(f"{name} {n}×" if n > 1 else name for name, n in rules(data).items()) or "none"
    digest = hashlib.sha256(content).hexdigest()
    return (f"<details><summary>Certificate: {len(content)} bytes, {leaves(data)} leaves</summary><p>Rules: {escape(used)}.</p>"
            f"<p>File: <code>{escape(shown(path))}</code>. SHA-256: <code>{digest}</code></p>"
            f"<p>Digest of the claim: <code>{escape(str(data['claim']))}</code></p></details>")


# --- the document ----------------------------------------------------------------------------------------------------


def body(found: Sequence[Entry]) -> str:
    """The same as LaTeX, the body of a document; statements too long to print are named with their title."""
    among = [e.id for e in found if isinstance(e.item.claim, Derivation)]
    out = [r"\sloppy"]
    for e in found:
        c, text = e.item.claim, text_to_latex
        if isinstance(c, Derivation):
            out.append(latex_derivation(c, among))
            continue
        out.append(rf"\paragraph{{\textsf{{{text(e.id)}}}}} {text(c.title)}. {status(e.result.verdict)}")
        if isinstance(c, Claim) and len(source := latex_statement(c.statement.data)) <= LONG // 4:
            out.append(source)
        if e.result.verdict.witness:
            out.append(rf"Counterexample: {text(e.result.verdict.witness)}.")
        if e.corrects:
            out.append(rf"Corrects \textsf{{{text(e.corrects)}}}.")
        if e.stale:
            out.append("Stale: the statement has changed since its certificate was made.")
    return "\n\n".join(out) + "\n"


def write(found: Sequence[Entry], folder: Path) -> list[str]:
    """Write index.html, report.tex and, with pdflatex, report.pdf. Returns: sentences on what was written and what was not."""
    from .pdf import NoLatex, to_pdf

    folder.mkdir(parents=True, exist_ok=True)
    (folder / "index.html").write_text(page(found), encoding="utf-8")
    source = document(body(found), "Statements, proofs and counterexamples")
    (folder / "report.tex").write_text(source, encoding="utf-8")
    said = [f"wrote {folder / 'index.html'}", f"wrote {folder / 'report.tex'}"]
    try:
        wide = [w for w in to_pdf(source, folder / "report.pdf") if w.startswith("Over")]
        said.append(f"wrote {folder / 'report.pdf'}" + (f" ({len(wide)} lines are too wide)" if wide else ""))
    except NoLatex as problem:
        said.append(f"report.pdf is not written: {problem}")
    return said
