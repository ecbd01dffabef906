"""The dependency graphs of a report as SVG: columns by the longest chain of uses, rows by the mean of what is used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .report import Entry, Report

HEIGHT, GAP, ROW, CHARACTER = 26, 64, 34, 7.4
SIGN = {"proved": "✓", "refuted": "✗", "open": "?", "stale": "!"}
Arrow = tuple[str, str, bool]  # from, to, whether `to` corrects `from`


@dataclass(frozen=True)
class Node:
    """A box of a graph: its `label`, where it `link`s to, its class in the style sheet, and a `hint`."""

    label: str
    link: str
    style: str
    hint: str
    round: int = 13

    @property
    def width(self) -> int:
        return round(CHARACTER * len(self.label)) + 20


def edges(found: Sequence[Entry]) -> list[Arrow]:
    """The arrows among the statements at hand, without loops of one."""
    known = {e.id for e in found}
    uses = [(u, e.id, False) for e in found for u in e.item.claim.uses if u in known and u != e.id]
    return uses + [(e.corrects, e.id, True) for e in found if e.corrects in known and e.corrects != e.id]


def columns(ids: Sequence[str], arrows: Sequence[Arrow]) -> dict[str, int]:
    """The length of the longest chain that ends in each id; a circle of uses is cut after as many rounds as there are ids."""
    column = dict.fromkeys(ids, 0)
    for _ in ids:
        before = dict(column)
        for a, b, _corrects in arrows:
            column[b] = min(max(column[b], column[a] + 1), len(ids) - 1)
        if column == before:
            break
    return column


def graph(r: Report) -> str:
    """All statements that use or correct another, or are used or corrected."""
    arrows = edges(r.found)
    touched = {x for a, b, _ in arrows for x in (a, b)}
    return drawn({e.id: _node(e) for e in r.found if e.id in touched}, arrows) or "<p>No statement here uses another.</p>"


def within(r: Report, group: str) -> str:
    """The statements of one group and those of others that they use; "" where nothing is connected."""
    arrows = [a for a in edges(r.found) if r.known[a[1]].group == group]
    touched = {x for a, b, _ in arrows for x in (a, b)}
    return drawn({e.id: _node(e, e.group != group) for e in r.found if e.id in touched}, arrows)


def between_groups(r: Report) -> str:
    """One box for each group, with the number of each verdict; arrows where a statement of one uses one of another."""
    nodes = {}
    for g, members in r.groups.items():
        counts = {w: sum(e.word == w for e in members) for w in SIGN}
        label = f"{g}  " + " ".join(f"{SIGN[w]}{n}" for w, n in counts.items() if n)
        style = "stale" if counts["stale"] else "open" if counts["open"] else "proved" if counts["proved"] else "refuted"
        strong = all(e.trust in ("kernel", "coq") for e in members)
        nodes[g] = Node(label, f"g-{g}", f"{style}{' kernel' if strong else ''}", f"{g}: {r.tally(members)}")
    pairs = dict.fromkeys((r.known[a].group, r.known[b].group, False) for a, b, _ in edges(r.found))
    return drawn(nodes, acyclic(list(nodes), [p for p in pairs if p[0] != p[1]]))


def acyclic(ids: Sequence[str], arrows: Sequence[Arrow]) -> list[Arrow]:
    """The arrows with each circle opened, by leaving out arrows that would close one."""
    kept: list[Arrow] = []
    after: dict[str, set[str]] = {i: {i} for i in ids}  # what can be reached
    for a, b, corrects in arrows:
        if a not in after[b]:
            kept.append((a, b, corrects))
            for i in ids:
                if a in after[i]:
                    after[i] |= after[b]
    return kept


def _node(e: Entry, elsewhere: bool = False) -> Node:
    from .report_page import anchor

    trust = {"coq": " kernel", "kernel": " kernel", "interval": " interval"}.get(e.trust, "")
    style = f"{e.word}{trust}{' elsewhere' if elsewhere else ''}"
    corner = {"proved": 13, "refuted": 0}.get(e.word, 4)
    return Node(f"{SIGN[e.word]} {e.id}", f"s-{anchor(e.id)}", style, f"{e.id}: {e.word} {e.trust}", corner)


def drawn(nodes: Mapping[str, Node], arrows: Sequence[Arrow]) -> str:
    """The graph as an SVG element whose nodes are links; "" without nodes."""
    if not nodes:
        return ""
    place = _places(nodes, arrows)
    width = max(x + nodes[i].width for i, (x, _) in place.items()) + 10
    height = max(y for _, y in place.values()) + HEIGHT + 10
    lines = "".join(_arrow(nodes, place, *arrow) for arrow in arrows)
    boxes = []
    for i, n in nodes.items():
        x, y = place[i]
        boxes.append(f'<a href="#{n.link}" class="node {n.style}"><title>{escape(n.hint)}</title>'
                     f'<rect x="{x}" y="{y}" width="{n.width}" height="{HEIGHT}" rx="{n.round}"></rect>'
                     f'<text x="{x + 9}" y="{y + 18}">{escape(n.label)}</text></a>')  # fmt: skip
    return (f'<svg viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="group" aria-label="Dependency graph">'
            f"{lines}{''.join(boxes)}</svg>")  # fmt: skip


def ordered(nodes: Sequence[str], arrows: Sequence[Arrow]) -> list[list[str]]:
    """The columns from left to right; in each, the order that follows from the mean row of the neighbours, in a few sweeps."""
    column = columns(list(nodes), arrows)
    order = {c: [i for i in nodes if column[i] == c] for c in sorted(set(column.values()))}
    near: dict[str, list[str]] = {i: [] for i in nodes}
    for a, b, _ in arrows:
        near[a].append(b)
        near[b].append(a)
    for sweep in range(8):
        row = {i: k - len(members) / 2 for members in order.values() for k, i in enumerate(members)}
        for c in order if sweep % 2 else reversed(order):
            order[c].sort(key=lambda i: sum(row[j] for j in near[i]) / len(near[i]) if near[i] else row[i])
            row |= {i: k - len(order[c]) / 2 for k, i in enumerate(order[c])}
    return list(order.values())


def _places(nodes: Mapping[str, Node], arrows: Sequence[Arrow]) -> dict[str, tuple[int, int]]:
    order = ordered(list(nodes), arrows)
    place, x, tallest = dict[str, tuple[int, int]](), 5, max(map(len, order))
    for members in order:
        top = 5 + (tallest - len(members)) * ROW // 2
        place.update({i: (x, top + k * ROW) for k, i in enumerate(members)})
        x += max(nodes[i].width for i in members) + GAP
    return place


def _arrow(nodes: Mapping[str, Node], place: Mapping[str, tuple[int, int]], a: str, b: str, corrects: bool) -> str:
    (x, y), (u, v) = place[a], place[b]
    x, y, v = x + nodes[a].width, y + HEIGHT // 2, v + HEIGHT // 2
    bend = max(GAP // 2, abs(u - x) // 3)
    tip = f'<path class="tip" d="M{u} {v}l-7 -3.5l0 7z"></path>'
    curve = f"M{x} {y}C{x + bend} {y} {u - bend} {v} {u - 6} {v}"
    return f'<path class="edge{" corrects" if corrects else ""}" d="{curve}"></path>{tip}'
