"""From a claim to a verdict."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

from .. import kernel
from ..claims import Box, Claim, Outcome, Statement, Trust, Verdict, proved, refuted, still_open
from ..kernel import check as kernel_check
from ..kernel.check import settle
from ..kernel.rules import Goal, Range, read_goal
from ..kernel.terms import Arena
from ..language import from_json, text
from .auto import Auto
from .cover import Counterexample
from .dynamics import Preimages, Template, ZeroIn
from .falsify import falsify, simplify, undefined_at
from .glance import glance, point_node
from .preimages import refute_preimages
from .strategy import Node, Search, Strategy, Unproved, complete, proves
from .sums import Sums

HUNT = 2.0  # seconds for a counterexample before long proofs are tried; more follow them


def certify(claim: Claim | Statement, search: Search | None = None) -> Verdict:
    """Decide a claim.

    Arguments: `claim`, or a bare statement; `search`, what may be spent.
    Returns: proved or refuted with a certificate that the kernel accepted, or open with what is left.
    """
    search = search or Search()
    statement, by = (claim.statement, claim.by) if isinstance(claim, Claim) else (claim, None)
    try:
        if statement.data["kind"] == "forall" and by is None:  # most lemmas end at the first check
            goal = read_goal(statement.data, Arena())
            for guess, node in glance(goal, search):
                seen = recheck(statement, certificate(statement, guess, node))
                if seen.outcome is not Outcome.OPEN:
                    return seen
            try:
                verdict, node = decide(goal, search, statement.data)
            except Unproved as problem:
                return still_open(str(problem), map(ends, problem.boxes if problem.goal is goal else [goal.ranges]))
        else:
            verdict, node = settle_statement(statement.data, by, search)
    except Unproved as problem:
        return still_open(str(problem))
    except kernel.Reject as problem:
        return still_open(f"the statement is malformed: {problem}")
    return recheck(statement, certificate(statement, verdict, node))


def ends(ranges: Mapping[str, Range]) -> Box:
    """The ends of the ranges of a box."""
    return {x: (r.lo, r.hi) for x, r in ranges.items()}


def certificate(statement: Statement, verdict: str, node: Any) -> dict[str, Any]:
    return {"format": kernel.FORMAT, "claim": statement.digest, "verdict": verdict, "proof": node}


def recheck(statement: Statement, certificate: Mapping[str, Any]) -> Verdict:
    """What the kernel says of this certificate: the only source of trust `kernel`."""
    try:
        verdict = kernel_check(statement.data, certificate)
    except kernel.Reject as no:
        return still_open(f"the certificate was rejected at {no}")
    if verdict == "proved":
        return proved(Trust.KERNEL, certificate)
    return refuted(Trust.KERNEL, witness_text(statement.data, certificate["proof"]), certificate)


def settle_statement(data: Mapping[str, Any], by: Any, search: Search) -> tuple[str, Any]:
    kind = data["kind"]
    if kind == "all":
        return settle_family(data, by, search)
    if isinstance(by, Template):
        verdict = "refuted" if by.refutes else "proved"
        return verdict, complete(lambda n: settle(data, n, not by.refutes, kind), by.node(data), search)
    if kind == "forall":
        return settle_forall(data, by, search)
    if kind == "zero":
        return settle_zero(data, search)
    if kind == "preimages":
        witness = refute_preimages(data, search)
        if witness is not None:
            return "refuted", witness
        return "proved", complete(lambda n: settle(data, n, True, kind), Preimages().node(data), search)
    from .portrait import settle_orbit

    return settle_orbit(data, search)


def settle_zero(data: Mapping[str, Any], search: Search) -> tuple[str, Node]:
    """A box around the zero that is small enough for the conclusions, and large enough for the rest of the domain."""
    problem = Unproved("no box was tried")
    for bits in (10, 20, 30, 5):
        try:
            node = complete(lambda n: settle(data, n, True, "zero"), ZeroIn(radius=Fraction(1, 2**bits)).node(data), search)
            return "proved", node
        except Unproved as no:
            problem = no
    raise problem


def settle_family(data: Mapping[str, Any], by: Any, search: Search) -> tuple[str, Any]:
    nodes: list[Any] = []
    problem: Unproved | None = None
    for i, (value, part) in enumerate(zip(data["values"], data["parts"], strict=True)):
        search.progress(f"{data['family'] or 'part'} = {value} ({i + 1} of {len(data['parts'])})")
        strategy = (
            by(value) if callable(by) and not isinstance(by, (Strategy, Template)) else by[i] if isinstance(by, (list, tuple)) else by
        )
        try:
            verdict, node = settle_statement(part, strategy, search)
        except Unproved as no:
            problem = problem or Unproved(f"{data['family'] or 'part'} = {value}: {no.reason}", no.left)
            continue
        if verdict == "refuted":
            return verdict, {"part": i, "proof": node}
        nodes.append(node)
    if problem is not None:
        raise problem
    return "proved", nodes


def settle_forall(data: Mapping[str, Any], by: Any, search: Search) -> tuple[str, Node]:
    goal = read_goal(data, Arena())
    if isinstance(by, Strategy):
        return "proved", by.prove(goal, search)
    for guess, node in glance(goal, search):
        if guess == "refuted" or proves(goal, node):
            return guess, node
    return decide(goal, search, data)


def decide(goal: Goal, search: Search, data: Mapping[str, Any]) -> tuple[str, Node]:
    """Rules and counterexamples in turn, each with more effort than the one before. Arguments: `data`, the statement of the goal."""
    node = Auto().quickly(goal, search)
    if node is not None:
        return "proved", node
    witness = falsify(goal, search, 300)
    if witness is not None:
        return "refuted", witness
    gap = undefined_at(goal)
    if gap is not None:
        raise Unproved(gap)
    wide = sum(not r.point() for r in goal.ranges.values())
    if search.hunt is not None and wide > 1 + (not goal.given):  # in many variables samples see little
        try:
            return "proved", Sums(nested=True).prove(goal, search)
        except Unproved:
            goal.arena.work = 0
        witness = search.hunt(data, min(HUNT, search.seconds / 4))
        if witness is not None:
            return "refuted", witness
    try:
        return "proved", Auto().prove(goal, search)
    except Counterexample as found:
        return "refuted", point_node(simplify(goal, dict(found.point)))
    except Unproved:
        witness = falsify(goal, replace(search, seconds=search.seconds + 10), 6_000)
        if witness is None and search.hunt is not None:
            witness = search.hunt(data, min(4 * HUNT, search.seconds / 4))
        if witness is None:
            raise
        return "refuted", witness


def witness_text(data: Mapping[str, Any], node: Any) -> str:
    """The counterexample of a refutation in one line."""
    if data["kind"] == "all":
        i = node["part"]
        inner = witness_text(data["parts"][i], node["proof"])
        return f"{data['family']} = {data['values'][i]}: {inner}" if data["family"] else f"part {data['values'][i]}: {inner}"
    if "member" in node or "steps" in node:
        return preimage_text(data, node)
    if node.get("rule") == "point":
        return ", ".join(f"{x} = {q}" for x, q in node["at"].items()) or "no variables: the conclusion is false"
    if "start" in node:
        point = ", ".join(f"{x} = {q}" for x, q in {**node["at"], **node["start"]}.items())
        if "cycle" in node:
            after, period = node["cycle"]
            return f"from {point} the orbit has period {period}" + (f" after {after} steps" if after else "")
        if "step" in node:
            return f"from {point}, at step {node['step']}"
        from ..claims import _outcome

        return f"from {point} the orbit {_outcome(node['instead'])}"
    if node.get("rule") == "zero" or "boxes" in node:
        boxes = [node["box"]] if "box" in node else [b["box"] for b in node["boxes"]]
        return " and ".join("the zero in " + ", ".join(f"{x} in [{lo}, {hi}]" for x, _, lo, hi, _ in box) for box in boxes)
    return "no zero in the domain" if "none" in node else "see the certificate"


def preimage_text(data: Mapping[str, Any], node: Any) -> str:
    """The point that only one of the two sets holds, in words."""
    (x,), values = data["state"], ", ".join(f"{y} = {v}" for y, v in node["at"].items())
    target, head = text(from_json(data["of"])), f"for {values}: " if values else ""
    if "start" in node:
        count = "1 step" if node["steps"] == 1 else f"{node['steps']} steps"
        return f"{head}{x} = {node['start']} reaches {target} in {count} and is not in the list"
    if node["member"] == 0:
        return f"{head}{target} is not in the domain"
    n, a, h = node["member"] - 1, text(from_json(data["first"])), text(from_json(data["next"]))
    name = a if n == 0 else "h(" * n + a + ")" * n + f" with h({x}) = {h}"
    return f"{head}{name} " + (f"never reaches {target}" if node["never"]["regions"] else "is not in the domain")
