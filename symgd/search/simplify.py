"""The simplest form of a counterexample to a `for all` statement: shrink its coordinates, and try other unknowns."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from .problem import Point, Problem, Target
from .witness import Solver, point_cost, point_node, shrink, unknown_sets


def base_point(problem: Problem, node: Any) -> Point:
    """The coordinates of a certificate; for unknowns the middle of their boxes."""
    if node["rule"] == "point":
        return {x: Fraction(node["at"][x]) for x in problem.names}
    point = {x: (Fraction(lo) + Fraction(hi)) / 2 for x, _, lo, hi, _ in node["box"]}
    return point


def simplify_node(problem: Problem, node: Any, stop: Callable[[], bool]) -> Any:
    """A simpler certificate of the same kind, or the one given."""
    if problem.equations or any(t.equations for t in problem.targets):
        return on_solutions(problem, node, stop)
    point = base_point(problem, node)
    if point_node(problem, point) is None:
        return node

    def attempt(trial: Point) -> tuple[Point, Any] | None:
        kind = problem.refutes(trial)
        return None if kind is None else (trial, kind)

    best, _ = shrink(point, (point, "exact"), attempt, problem.goal.ranges, stop, halvings=40)
    return point_node(problem, best) or node


def on_solutions(problem: Problem, node: Any, stop: Callable[[], bool]) -> Any:
    start = base_point(problem, node)
    near = [float(start[x]) for x in problem.names]
    best: tuple[tuple[int, Fraction], Any] | None = None
    for target in problem.targets:
        if not problem.system(target):
            if node["rule"] == "point" and problem.refutes(start):
                shrunk, _ = shrink(start, (start, None), lambda t: (t, None) if problem.refutes(t) else None, problem.goal.ranges, stop)
                best = pick(best, (shrunk, point_node(problem, shrunk)), {})
            continue
        if node["rule"] == "point":
            best = pick(best, (start, node), {})
        for solver in solvers(problem, target, node, near):
            out = with_unknowns(problem, solver, start, stop)
            if out is not None:
                best = pick(best, out, dict.fromkeys(() if solver.affine else solver.unknowns, 26))
    return node if best is None or best[1] is None else best[1]


def pick(best: Any, out: tuple[Point, Any], extra: Mapping[str, int]) -> Any:
    """The cheaper of the two; each unknown that is only enclosed counts as a number of 26 bits."""
    bits, size = point_cost(out[0])
    price = (bits + sum(extra.values()), size)
    return (price, out[1]) if best is None or price < best[0] else best


def solvers(problem: Problem, target: Target, node: Any, near: list[float]) -> list[Solver]:
    found = unknown_sets(problem, target, near)
    if node["rule"] == "zero":
        mine = tuple(x for x in problem.names if x in node["unknowns"])
        if len(mine) == len(problem.system(target)) and not any(s.unknowns == mine for s in found):
            found.insert(0, Solver(problem, target, mine, False))
    return found


def with_unknowns(problem: Problem, solver: Solver, start: Point, stop: Callable[[], bool]) -> tuple[Point, Any] | None:
    free = {x: q for x, q in start.items() if x not in solver.unknowns}
    last: dict[str, Any] = {x: start[x] for x in solver.unknowns}

    def attempt(trial: Point) -> tuple[Point, Any] | None:
        out = solver.complete(trial, last)
        if out is None:
            return None
        whole, certificate = out
        return (whole if solver.affine else {x: whole[x] for x in trial}), certificate

    first = attempt(free)
    if first is None:
        return None
    return shrink(free, first, attempt, problem.goal.ranges, stop, passes=3)
