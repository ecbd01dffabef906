"""The simplest form of a counterexample to a `for all` statement: shrink its coordinates, and try other unknowns."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from typing import Any

from .problem import Point, Problem, Target
from .sampling import generator, has
from .witness import Solver, cost, point_cost, point_node, shrink, simplest, unknown_sets

Attempt = Callable[[Point], tuple[Point, Any] | None]


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
        rational = False
        for solver in solvers(problem, target, node, near):
            if rational and not solver.affine:  # a rational solution is better than one that is only enclosed
                continue
            out = with_unknowns(problem, solver, start, stop)
            if out is not None:
                rational |= solver.affine
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
    if solver.affine:
        return rationally(problem, solver, free, stop)
    last: dict[str, Any] = {x: start[x] for x in solver.unknowns}

    def attempt(trial: Point) -> tuple[Point, Any] | None:
        out = solver.complete(trial, last)
        if out is None:
            return None
        whole, certificate = out
        return {x: whole[x] for x in trial}, certificate

    first = attempt(free)
    if first is None:
        return None
    return shrink(free, first, attempt, problem.goal.ranges, stop, passes=3)


def wander(problem: Problem, solver: Solver, best: Point, attempt: Attempt, stop: Callable[[], bool]) -> Point:
    """Random small changes of a few coordinates that make the whole simpler: the unknowns are simple at lucky values only.

    Counted, so that a run ends where the clock does not end it, and the same seed gives the same result.
    """
    rng, patience = generator(0, "wander"), 40 * len(solver.unknowns) ** 2
    names = [x for x in best if x not in solver.unknowns and not problem.goal.ranges[x].point() and not problem.goal.ranges[x].integer]
    idle = 0 if names else patience
    while idle < patience and not stop():
        trial = {x: q for x, q in best.items() if x not in solver.unknowns}
        for x in rng.choice(names, size=min(len(names), int(rng.integers(1, 4))), replace=False):
            d = int(rng.choice(DENOMINATORS))
            q = Fraction(round(trial[x] * d) + int(rng.integers(-1, 2)) * (d > 7), d)
            trial[x] = q if has(problem.goal.ranges[x], q) else trial[x]
        out = attempt(trial)
        idle += 1
        if out is not None and point_cost(out[0]) < point_cost(best):
            best, idle = out[0], 0
    return best


def on_grids(solver: Solver, free: Point) -> Iterator[Point]:
    """The coordinates of the equations rounded to one denominator; those outside them, as a step size is, move a little to follow."""
    arena = solver.problem.arena
    bound = {x for f in solver.system.roots for x in arena.variables(f)}
    aside = [x for x in free if x not in bound]
    for d in GRIDS:
        coarse = {x: Fraction(round(q * d), d) if x in bound else q for x, q in free.items()}
        yield coarse
        for x in aside:
            for k in (s * Fraction(i, 250) for i in range(1, 9) for s in (1, -1)):
                q = free[x] * (1 + k)
                yield {**coarse, x: simplest(q * Fraction(499, 500), q * Fraction(501, 500))}


SIMPLE = 16  # cost of a number that need not be simpler, such as 3/10
DENOMINATORS = (2, 3, 4, 5, 6, 8, 10, 12, 15, 16, 20, 24)
GRIDS = (1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 24, 30, 40, 50, 64, 100)


def rationally(problem: Problem, solver: Solver, free: Point, stop: Callable[[], bool]) -> tuple[Point, Any] | None:
    """Simpler rational solutions. Denominators multiply in the unknowns, so that all free coordinates are first brought to one."""

    def attempt(trial: Point) -> tuple[Point, Any] | None:
        point = solver.exactly(trial) if solver.plausible(trial) else None
        kind = None if point is None else problem.refutes(point)
        return None if point is None or kind is None else (point, kind)

    found = attempt(free)
    if found is None:
        return None
    for coarse in on_grids(solver, free) if any(cost(q) > SIMPLE for q in found[0].values()) else ():
        out = attempt(coarse) if not stop() else None
        if out is not None and point_cost(out[0]) < point_cost(found[0]):
            free, found = coarse, out
            break
    best, _ = shrink(free, found, attempt, problem.goal.ranges, stop, plain=20)
    if any(cost(best[x]) > SIMPLE for x in solver.unknowns):
        best = wander(problem, solver, best, attempt, stop)
    node = point_node(problem, best)
    return None if node is None else (best, node)
