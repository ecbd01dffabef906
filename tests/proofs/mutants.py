"""Altered claims, and what makes each of them false.

A mutant is made from one member of a claim by edits of its data. Edits name a place by a dotted path, such as `then.0`, and
write terms in ordinary notation. `at` is the counterexample: values of all variables, for orbits of the start as well.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from symgd import Claim, Statement, expr, real
from symgd.certify.dynamics import Template
from symgd.certify.strategy import Strategy
from symgd.collect import collect

PROOFS = Path(__file__).parents[2] / "proofs"
MODULES = ("chain", "ex1", "ex2", "ex3", "lem3", "lem4", "cor1", "introduction")

Data = Any
Edit = Callable[[Data], Data]


@dataclass(frozen=True)
class Mutant:
    claim: str
    member: int | None
    why: str
    at: str
    edits: tuple[Edit, ...]
    refuted_by: Template | None = None  # where no search finds the counterexample, or only for `by`

    def data(self) -> Data:
        data = copy.deepcopy(member(self.claim, self.member)[0])
        for edit in self.edits:
            data = edit(data)
        return data

    @property
    def name(self) -> str:
        return f"{self.claim}{'' if self.member is None else f'[{self.member}]'}: {self.why}"


@cache
def claims() -> dict[str, Claim]:
    found = [item.claim for item in collect(*(PROOFS / f"{name}.py" for name in MODULES))]
    return {c.id: c for c in found if isinstance(c, Claim)}


def member(claim_id: str, value: int | None) -> tuple[Data, Any]:
    """The statement's data and the strategy of one member of a family, or of the claim itself."""
    claim = claims()[claim_id]
    data, by = claim.statement.data, claim.by
    if value is None:
        return data, by
    i = data["values"].index(value)
    if callable(by) and not isinstance(by, (Strategy, Template)):
        by = by(value)
    return data["parts"][i], by[i] if isinstance(by, (list, tuple)) else by


def original(claim_id: str, value: int | None) -> Claim:
    data, by = member(claim_id, value)
    return Claim(claim_id, "One member.", Statement(data), by=by)


# --- edits -----------------------------------------------------------------------------------------------------------


def term(new: str | int) -> Data:
    return expr(new).json


def follow(data: Data, path: str) -> tuple[Data, Any]:
    """The container that the path ends in, and the key there."""
    *way, last = (int(key) if key.isdigit() else key for key in path.split("."))
    for key in way:
        data = data[key]
    data[last]  # the place must exist
    return data, last


def put(path: str, new: str | int) -> Edit:
    """The term at the path becomes this one."""

    def edit(data: Data) -> Data:
        place, key = follow(data, path)
        place[key] = term(new)
        return data

    return edit


def op(path: str, new: str) -> Edit:
    """The relation at the path has this sign."""

    def edit(data: Data) -> Data:
        place, key = follow(data, path)
        place[key] = [new, *place[key][1:]]
        return data

    return edit


def drop(path: str) -> Edit:
    """A hypothesis, a conclusion or an option less."""

    def edit(data: Data) -> Data:
        place, key = follow(data, path)
        del place[key]
        return data

    return edit


def domain(name: str, interval: str) -> Edit:
    """The variable or parameter has another range."""

    def edit(data: Data) -> Data:
        ranges = [r for key in ("vars", "params") for r in data.get(key, []) if r[0] == name]
        (entry,) = ranges
        entry[:] = real(name, interval).range_json
        return data

    return edit


def outcome(new: Data) -> Edit:
    """The one outcome of an orbit becomes this one."""

    def edit(data: Data) -> Data:
        return {**data, "then": [new]}

    return edit


def swap(old: str, new: str | int, within: str = "") -> Edit:
    """Every term that reads `old` becomes `new`, in the whole statement or at a path."""

    def edit(data: Data) -> Data:
        before, after, count = term(old), term(new), 0

        def walk(d: Data) -> Data:
            nonlocal count
            if d == before and type(d) is type(before):
                count += 1
                return copy.deepcopy(after)
            if isinstance(d, dict):
                return {k: walk(v) for k, v in d.items()}
            return [walk(v) for v in d] if isinstance(d, list) else d

        if within:
            place, key = follow(data, within)
            place[key] = walk(place[key])
        else:
            data = walk(data)
        assert count, f"{old} does not occur"
        return data

    return edit


# --- one row of the table --------------------------------------------------------------------------------------------


def m(claim: str, member: int | None, why: str, at: str, *edits: Edit, refuted_by: Template | None = None) -> Mutant:
    return Mutant(claim, member, why, at, edits, refuted_by)
