"""The report as one HTML page: no script, no font and no file from elsewhere; mathematics as MathML, figures as data."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from html import escape

from ..claims import Claim, Outcome, Trust
from ..derivations import Derivation, StepTrust
from ..figures import Figure
from ..table import seconds, statement_text
from .latex import REL, Printer, references, relation, setting
from .latex import statement as latex_statement
from .mathml import mathml, prose
from .report import LONG, Entry, Report, summary_of
from .report_graph import between_groups, graph, within
from .report_style import STYLE

SIGN = {"proved": "✓", "refuted": "✗", "open": "?", "stale": "!"}
RESTS = {Trust.COQ: "a proof in Coq", Trust.KERNEL: "a certificate that the kernel re-checked", Trust.INTERVAL: "an enclosure too large to "
         "re-check", Trust.SYMBOLIC: "computer algebra"}  # fmt: skip


def html(r: Report) -> str:
    """The whole page."""
    groups = "".join(f'<li><a href="#g-{anchor(g)}">{escape(g)}</a></li>' for g in r.groups)
    rows = "\n".join(f'<tbody><tr class="head"><th colspan="5" scope="rowgroup"><a href="#g-{anchor(g)}">{escape(g)}</a> '
                     f"<small>{r.tally(members)}</small></th></tr>{''.join(_row(r, e) for e in members)}</tbody>"
                     for g, members in r.groups.items())  # fmt: skip
    sections = "\n".join(_group(r, g, members) for g, members in r.groups.items())
    loose = "".join(_figure(r, f) for f in r.beside(""))
    levels = "; ".join(f"<strong>{t.value}</strong> {words}" for t, words in RESTS.items() if any(e.trust == t.value for e in r.found))
    legend = "".join(f'<span class="badge {w}"><span aria-hidden="true">{SIGN[w]}</span> {w}</span> ' for w in SIGN)
    return f"""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><title>{escape(r.title)}</title><style>{STYLE}</style></head>
<body><a class="skip" href="#main">Skip to the statements</a>
<header id="top"><h1>{escape(r.title)}</h1><p>{len(r.found)} statements: {r.tally()}. Trust: {r.levels}.</p>
<nav aria-label="Parts of this page"><a href="#table">Table</a> <a href="#graph">What rests on what</a>
<ul class="groups">{groups}</ul></nav>
</header><main id="main">
<section id="table"><h2>Table of statements</h2>
<p>A verdict rests on: {levels}.</p>
<div class="box" tabindex="0" role="region" aria-label="Table of statements"><table>
<thead><tr><th scope="col">id</th><th scope="col">statement</th><th scope="col">verdict</th><th scope="col">trust</th>
<th scope="col">time</th></tr></thead>
{rows}
</table></div></section>
<section id="graph"><h2>What rests on what</h2>
<p>An arrow leads from a statement to one that uses it; a dashed arrow from a refuted statement to its corrected form. {legend}
A thick, tinted frame means trust coq or kernel, a thin, tinted one interval, a thin one symbolic. A statement that has changed since its
certificate was made is stale.</p>
<h3>Between the groups</h3>
<div class="box" tabindex="0" role="region" aria-label="Dependencies between groups">{between_groups(r)}</div>
<details><summary>All statements in one graph</summary>
<div class="box" tabindex="0" role="region" aria-label="Dependency graph">{graph(r)}</div></details></section>
<section id="statements"><h2>Statements</h2>
{sections}
{loose}</section></main></body></html>
"""


def anchor(identifier: str) -> str:
    """The fragment of a statement: ids have no blanks, and everything else may stand in a fragment once escaped."""
    return "".join(c if c.isalnum() or c in ".-_" else f"_{ord(c):x}_" for c in identifier)


def _link(r: Report, identifier: str) -> str:
    words = f"<code>{escape(identifier)}</code>"
    return f'<a href="#s-{anchor(identifier)}">{words}</a>' if identifier in r.known else words


def _words(r: Report, sentence: str) -> str:
    """A sentence with formulas, in which the ids of other statements are links."""
    out = []
    for i, part in enumerate(sentence.split("$")):
        if i % 2:
            out.append(mathml(part))
            continue
        for k, piece in enumerate(r.mentions.split(part)):
            target = piece if piece in r.known else piece + ".proof"
            out.append(f'<a href="#s-{anchor(target)}">{escape(piece)}</a>' if k % 2 else prose(piece))
    return "".join(out)


def _badge(e: Entry) -> str:
    return f'<span class="badge {e.word}"><span aria-hidden="true">{SIGN[e.word]}</span> {e.word}</span>'


def _row(r: Report, e: Entry) -> str:
    note = "".join(f"<br><small>corrected by {_link(r, f)}</small>" for f in r.corrected.get(e.id, ()))
    return (f'<tr><th scope="row">{_link(r, e.id)}</th><td>{prose(e.item.claim.title)}{note}</td><td>{_badge(e)}</td>'
            f"<td>{e.trust or '–'}</td><td>{seconds(e.result.seconds)}</td></tr>")  # fmt: skip


def _group(r: Report, name: str, members: Sequence[Entry]) -> str:
    picture = within(r, name)
    shown = f'<div class="box" tabindex="0" role="region" aria-label="Dependencies of {escape(name)}">{picture}</div>' if picture else ""
    head = f'<h3 class="group" id="g-{anchor(name)}">{escape(name)} <small>{r.tally(members)} · <a href="#top">to the top</a></small></h3>'
    return f"<section>{head}{shown}{''.join(_section(r, e) for e in members)}</section>"


def _section(r: Report, e: Entry) -> str:
    c, verdict = e.item.claim, e.result.verdict
    parts = [f'<p class="title">{_words(r, c.title)}</p>']
    parts.append(_derivation(r, c) if isinstance(c, Derivation) else _statement(e))
    if verdict.outcome is Outcome.REFUTED:
        parts.append(f'<p class="witness"><strong>Counterexample:</strong> {prose(verdict.witness or "see the certificate")}</p>')
    if verdict.outcome is Outcome.OPEN:
        parts.append(f"<p><strong>{'Stale' if e.stale else 'Open'}:</strong> {prose(verdict.reason)}</p>")
    parts += [f"<p><strong>Only if its premise holds:</strong> it uses {escape(d)}.</p>" for d in r.doubts.get(e.id, ())]
    for f in r.beside(e.id):
        home = r.home[f.id]
        parts.append(_figure(r, f) if home == e.id else f'<p>Figure <a href="#f-{anchor(f.id)}"><code>{escape(f.id)}</code></a>.</p>')
    lists = (("Uses", c.uses), ("Corrects", [e.corrects] if e.corrects else []), ("Corrected by", r.corrected.get(e.id, ())))
    links = [f"{words} {', '.join(_link(r, n) for n in names)}." for words, names in lists if names]
    links += [f"Derivation: {_link(r, e.id + '.proof')}."] if e.id + ".proof" in r.known.keys() - set(c.uses) else []
    links += [f"Source: {prose(source)}."] if (source := str(getattr(c, "source", ""))) else []
    parts += [f"<p>{' '.join(links)}</p>"] if links else []
    parts.append(_certificate(e))
    parts.append(f'<p class="how">To reproduce it: <code>{escape(e.command)}</code></p>')
    head = f"<h4>{escape(e.id)} {_badge(e)} <small>{e.trust}</small></h4>"
    return f'<article id="s-{anchor(e.id)}">{head}{"".join(parts)}</article>'


def _figure(r: Report, f: Figure) -> str:
    data = base64.b64encode(r.drawn[f.id][0]).decode()
    return (f'<figure id="f-{anchor(f.id)}"><img alt="{escape(f.caption)}" src="data:image/svg+xml;base64,{data}" '
            f'width="{96 * f.size[0]:.0f}" height="{96 * f.size[1]:.0f}"><figcaption>{_words(r, f.caption)} '
            f"<small><code>symgd figure {escape(f.id)}</code></small></figcaption></figure>")  # fmt: skip


def _statement(e: Entry) -> str:
    c = e.item.claim
    if not isinstance(c, Claim):
        return f'<div class="math">{escape(statement_text(e.item))}</div>' if statement_text(e.item) != c.title else ""
    source = latex_statement(c.statement.data)
    shown = f'<div class="box math">{prose(source)}</div>'
    if len(source) <= LONG:
        return shown
    return f"<details><summary>The statement in full ({len(source)} characters)</summary>{shown}</details>"


def _derivation(r: Report, d: Derivation) -> str:
    """A derivation: its setting, its goals, and each step with its reason and its check."""
    words = [d.statement] if d.statement != d.goals_in_words else []
    lead = f"<p>{' '.join(_words(r, w) for w in [*words, *setting(d)])} Then</p>"
    goals = "".join(f'<div class="box">{mathml(relation(g, d.notation), True)}</div>' for g in d.goals)
    numbers = {s.step.label: s.number for s in d.results if s.step.label}
    printer, steps = Printer(d.notation), []
    for s in d.results:
        if s.relation is None:
            formula = f"<p>{_words(r, s.step.formula)}</p>"
        else:
            left = "" if s.step.continues else printer.show(s.relation.lhs)
            formula = mathml(f"{left} {REL[s.relation.op]} {printer.show(s.relation.rhs)}", True)
        used = sorted({numbers[u] for u in references(s.step) if u in numbers})
        by = f" by {', '.join(f'({n})' for n in used)}" if used else ""
        check = f"UNCHECKED: {s.problem}" if s.trust is StepTrust.UNCHECKED else s.trust.name.lower()
        why = f"{prose(s.step.reason)}{by} <small>[{escape(check)}]</small>"
        steps.append(f'<li><div class="box">{formula}</div><div class="why">{why}</div></li>')
    verdict = d.verdict
    cited = f"<p>It {prose(verdict.reason)}.</p>" if verdict.outcome is Outcome.PROVED and verdict.reason else ""
    count = f"{len(steps)} step{'s' * (len(steps) != 1)}"
    return f"{lead}{goals}<details><summary>Proof, {count}</summary><ol>{''.join(steps)}</ol>{cited}</details>"


def _certificate(e: Entry) -> str:
    c = summary_of(e)
    if c is None:
        return ""
    boxes = f", {c.leaves} boxes" if c.leaves else ""
    return (f"<details><summary>Certificate: {c.bytes} bytes{boxes}</summary><p>Rules: {escape(c.rules)}.</p>"
            f"<p>File: <code>{escape(c.file)}</code>. SHA-256: <code>{c.sha256}</code></p>"
            f"<p>Digest of the claim: <code>{escape(c.claim)}</code></p></details>")  # fmt: skip
