"""The dependency graph of a report as SVG: columns by the longest chain of uses, rows by the mean of what is used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .report import Entry

WIDTH, HEIGHT, GAP, ROW = 190, 26, 70, 34


def edges(found: Sequence[Entry]) -> list[tuple[str, str, bool]]:
    """(from, to, whether `to` corrects `from`), among the statements at hand, without loops of one."""
    known = {e.id for e in found}
    uses = [(u, e.id, False) for e in found for u in e.item.claim.uses if u in known and u != e.id]
    return uses + [(e.corrects, e.id, True) for e in found if e.corrects in known and e.corrects != e.id]


def columns(ids: Sequence[str], arrows: Sequence[tuple[str, str, bool]]) -> dict[str, int]:
    """The length of the longest chain that ends in each id; a circle of uses is cut after as many rounds as there are ids."""
    column = dict.fromkeys(ids, 0)
    for _ in ids:
        before = dict(column)
        for a, b, _corrects in arrows:
            column[b] = min(max(column[b], column[a] + 1), len(ids) - 1)
        if column == before:
            break
    return column


def graph(found: Sequence[Entry]) -> str:
    """The graph as an SVG element whose nodes are links."""
    from .report import anchor

    arrows = edges(found)
    touched = {x for a, b, _ in arrows for x in (a, b)}
    nodes = {e.id: e for e in found if e.id in touched}
    if not nodes:
        return "<p>No statement here uses another.</p>"
    place = _places(list(nodes), arrows)
    width = max(x for x, _ in place.values()) + WIDTH + 10
    height = max(y for _, y in place.values()) + HEIGHT + 10
    lines = "".join(_arrow(place, a, b, corrects) for a, b, corrects in arrows)
    boxes = []
    for name, e in nodes.items():
        x, y = place[name]
        sign = {"proved": "✓", "refuted": "✗", "open": "?", "stale": "!"}[e.word]
        label = name if len(name) <= 24 else name[:22] + "…"
        radius = {"proved": 13, "refuted": 0}.get(e.word, 4)
        kernel = " kernel" if e.trust in ("kernel", "coq") else ""
        boxes.append(f'<a href="#{anchor(name)}" class="node {e.word}{kernel}"><title>{escape(name)}: {e.word} {e.trust}</title>'
                     f'<rect x="{x}" y="{y}" width="{WIDTH}" height="{HEIGHT}" rx="{radius}"></rect>'
                     f'<text x="{x + 9}" y="{y + 18}">{sign} {escape(label)}</text></a>')
    return (f'<svg viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="group" aria-label="Dependency graph">'
            '<defs><marker id="tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
            f'<path d="M0 0L8 4L0 8z"></path></marker></defs>{lines}{"".join(boxes)}</svg>')


def _places(ids: Sequence[str], arrows: Sequence[tuple[str, str, bool]]) -> dict[str, tuple[int, int]]:
    column = columns(ids, arrows)
    place: dict[str, tuple[int, int]] = {}
    for k, c in enumerate(sorted(set(column.values()))):
        members = [i for i in ids if column[i] == c]
        mean = {i: _mean([place[a][1] for a, b, _ in arrows if b == i and a in place]) for i in members}
        for row, i in enumerate(sorted(members, key=lambda i: mean[i])):
            place[i] = (5 + k * (WIDTH + GAP), 5 + row * ROW)
    return place


def _mean(values: Sequence[int]) -> float:
    return sum(values) / len(values) if values else 0.0


def _arrow(place: Mapping[str, tuple[int, int]], a: str, b: str, corrects: bool) -> str:
    (x, y), (u, v) = place[a], place[b]
    x, y, v = x + WIDTH, y + HEIGHT // 2, v + HEIGHT // 2
    return (f'<path class="edge{" corrects" if corrects else ""}" marker-end="url(#tip)" '
            f'd="M{x} {y}C{x + GAP // 2} {y} {u - GAP // 2} {v} {u} {v}"></path>')
