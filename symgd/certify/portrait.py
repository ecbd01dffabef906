"""Automatic proofs and refutations for orbit claims."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..kernel.check import settle
from ..language import Relation, from_json
from .dynamics import Approach, Contract, Escape, Orbit, Reach, Region, Stay, Template
from .strategy import Node, Search, Unproved, complete


def settle_orbit(data: Mapping[str, Any], search: Search) -> tuple[str, Node]:
    """Prove an orbit claim with its start set as the only region, by each argument that fits the outcome."""
    problem = Unproved("no argument fits; give one with by=Orbit([...])")
    for template in templates(data):
        try:
            return "proved", complete(lambda n: settle(data, n, True, "orbit"), template.node(data), search)
        except Unproved as no:
            problem = no
    raise problem


def templates(data: Mapping[str, Any]) -> list[Template]:
    where = [Relation(op, from_json(a), from_json(b)) for op, a, b in data["start"]]
    regions: list[Region] = []
    for i, outcome in enumerate(data["then"]):
        (kind,) = outcome.keys() - {"to"}
        if kind == "rate":
            regions.append(Contract(where, outcome=i))
        elif kind in ("converges", "sublinear"):
            regions.append(Approach(where, outcome=i))
        elif kind == "reaches":
            regions.append(Reach(where, outcome=i))
        elif kind in ("stays", "ends in"):
            regions.append(Stay(where, outcome=i))
        elif kind == "diverges" and len(where) == 1:
            larger = where[0].lhs if where[0].op in (">", ">=") else where[0].rhs
            regions.append(Escape(where, measure=larger, outcome=i))
        if kind in ("converges", "linear"):
            regions += [Contract(where, factor=f"{k}/16", outcome=i) for k in (8, 12, 15)]
    return [Orbit([region]) for region in regions]
