"""One chunk of the hunt for a counterexample to a `for all` statement. A chunk depends on the statement, the seed and its
number only, so that the same chunks give the same result whoever works on them, and in whatever order."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np

from ..kernel.rules import Range
from .ascend import Climb, Landscape, better, climb_together, finish
from .floats import as_float
from .polish import refine
from .problem import Point, Problem, Target
from .sampling import first_points, generator, has, inside, near_boundary, simple_points, simple_values, sobol, spread
from .witness import Solver, affine_group, point_cost, point_node, simplest, to_fraction, unknown_sets

Stop = Callable[[], bool]


@dataclass(frozen=True)
class Chunk:
    """What one chunk found."""

    samples: int
    margin: float | None  # the largest margin of violation seen at points where the hypotheses hold; negative: the claim held
    where: Mapping[str, float] | None
    node: Any = None  # a certificate that refutes, accepted by the kernel
    note: str = ""


@dataclass
class Best:
    """The best points so far, kept while a chunk runs."""

    problem: Problem
    samples: int = 0
    margin: float = -np.inf
    where: Any = None

    def see(self, points: Any, bad: Any, margins: Any) -> None:
        self.samples += len(points)
        self.rate(points, bad, margins)

    def rate(self, points: Any, bad: Any, margins: Any) -> None:
        good = np.where(bad == 0, margins, -np.inf)
        if len(good) and good.max() > self.margin:
            i = int(good.argmax())
            self.margin, self.where = float(good[i]), points[i].copy()

    def chunk(self, node: Any = None, note: str = "") -> Chunk:
        where = None if self.where is None else dict(zip(self.problem.names, map(float, self.where), strict=True))
        return Chunk(self.samples, None if self.margin == -np.inf else self.margin, where, node, note)


def never() -> bool:
    return False


@dataclass
class Tape:
    """The unfinished work of a chunk as JSON, so that it goes on where it was: what has become of each part, and climbs under way.

    `stop` ends the chunk. After `seconds` of climbing it keeps its state and is `paused`; what comes before the climbs is done again.
    """

    stop: Stop = never
    seconds: float = math.inf
    state: dict[str, Any] = field(default_factory=dict)
    paused: bool = False
    begun: float | None = None

    def pause(self) -> bool:
        return self.stop() or (self.begun is not None and time.monotonic() > self.begun + self.seconds)

    def climb(self, name: str, climbs: Sequence[Climb], best: Best) -> Iterator[Climb]:
        """The climbs as they end, but for those that were handed over before; `paused` where some have not ended."""
        self.begun = time.monotonic() if self.begun is None else self.begun
        saved = self.state.get(name, [{}] * len(climbs))
        for c, state in zip(climbs, saved, strict=True):
            c.restore(state)
            best.samples += c.used
            if c.used:
                best.rate(c.best[None], np.array([c.bad]), np.array([c.margin]))
        if "best" in self.state:
            best.rate(np.array([self.state["best"][1]]), np.zeros(1), np.array([self.state["best"][0]]))
        over = [bool(state.get("over")) for state in saved]

        def keep() -> None:
            self.state[name] = [{**c.state(), "over": o} for c, o in zip(climbs, over, strict=True)]
            if best.where is not None:
                self.state["best"] = [best.margin, best.where.tolist()]

        for c in climb_together(climbs, self.pause, best.see):
            i = next(i for i, other in enumerate(climbs) if other is c)
            if not over[i]:
                yield c
                over[i] = not self.stop()
        keep()
        self.paused |= not all(over)


def hunt(problem: Problem, seed: int, number: int, tape: Tape | None = None, watch: Callable[[Best], None] = lambda best: None) -> Chunk:
    """Work on chunk `number` (0: simple rational points; later ones: samples, ascents and polish, with growing effort); `tape` stops
    it and keeps what is unfinished, `watch` is handed what is counted meanwhile."""
    best = Best(problem)
    watch(best)
    node = simple(problem, seed, best) if number == 0 else explore(problem, seed, number, best, tape or Tape())
    return best.chunk(node)


def simple(problem: Problem, seed: int, best: Best, count: int = 3000) -> Any:
    """Simple rational points, checked exactly where floats say that they violate or nearly do."""
    node = among(problem, first_points(problem.ranges, 64), best)
    if node is not None:
        return node
    rng = generator(seed, "simple")
    node = among(problem, simple_points(problem.ranges, count, rng), best)
    if node is not None:
        return node
    for target in problem.targets:
        if problem.system(target):
            node = simple_solutions(problem, target, Landscape(problem, target, problem.real), rng, best)
            if node is not None:
                return node
    return None


def among(problem: Problem, exact: Sequence[tuple[Fraction, ...]], best: Best) -> Any:
    """A certificate for the simplest of these points that refutes, among those that floats do not exclude."""
    points = np.array([[as_float(q) for q in row] for row in exact]).reshape(len(exact), len(problem.names))
    bad, margins = problem.margins(points)
    for i, target in enumerate(problem.targets):
        hypotheses, margin = bad, margins[:, i]
        if problem.system(target):
            hypotheses, margin = Landscape(problem, target, problem.real).score(points)
        best.see(points, hypotheses, margin)
        order = np.flatnonzero((margin >= -1e-12) & (hypotheses <= 1e-9)).tolist()
        order.sort(key=lambda j: (margin[j] <= 1e-14, point_cost(dict(enumerate(exact[j])))))  # type: ignore[arg-type]
        for j in order[:60]:
            node = point_node(problem, dict(zip(problem.names, exact[j], strict=True)))
            if node is not None:
                return node
    return None


def simple_solutions(problem: Problem, target: Target, land: Landscape, rng: np.random.Generator, best: Best) -> Any:
    """Simple values for the free coordinates where the equations are affine in the others: the solution is rational."""
    assert land.system is not None
    k = len(land.system.roots)
    movable = [i for i in problem.real if any(problem.names[i] in problem.arena.variables(f) for f in land.system.roots)]
    if len(movable) > 12 or k > 4:
        return None
    group = affine_group(problem, land.system, movable)
    if len(group) < k:
        return None
    probe = np.array([float(simple_values(r)[min(3, len(simple_values(r)) - 1)]) for r in problem.ranges])
    for solver in unknown_sets(problem, target, probe + 0.137):
        if not solver.affine:
            continue
        free = [x for x in problem.names if x not in solver.unknowns]
        for row in simple_points([problem.ranges[problem.place[x]] for x in free], 150, rng):
            out = solver.complete(dict(zip(free, row, strict=True)), {})
            best.samples += 1
            if out is not None:
                return out[1]
    return None


def explore(problem: Problem, seed: int, number: int, best: Best, tape: Tape) -> Any:
    stop, rng = tape.stop, generator(seed, "explore", number)
    effort = 2 ** min(number - 1, 4)
    n = len(problem.names)
    count = 1024 * min(effort, 4)
    unit = sobol(1 + 4096 * (number - 1), count, n, seed)
    points = spread(unit, problem.ranges, rng)
    extra = near_boundary(points[: count // 2], problem.ranges, rng)
    gauss = spread(np.clip(0.5 + 0.12 * rng.standard_normal((count // 2, n)), 1e-6, 1 - 1e-6), problem.ranges, rng)
    points = np.vstack([points, extra, gauss])
    points = points[inside(points, problem.ranges)]
    if not len(points):
        return None
    seen: set[tuple[int, tuple[float, ...]]] = set()
    if problem.definite:
        node = definite(problem, seed, number, effort, best, tape)
        if node is not None or tape.paused:
            return node
    for t, target in enumerate(problem.targets):
        land = Landscape(problem, target, problem.real)
        here = land.repair(points.copy()) if land.system is not None else points
        bad, margin = land.score(here)
        if (bad == 0).mean() < 0.02 and problem.hypotheses:
            more = push(land, here[better(bad, margin)[:512]])
            b, m = land.score(more)
            here, bad, margin = np.vstack([here, more]), np.concatenate([bad, b]), np.concatenate([margin, m])
        best.see(here, bad, margin)
        order = better(bad, margin)
        certain = [j for j in order[:40] if bad[j] == 0 and margin[j] > 1e-9 * (1 + np.abs(here[j]).max(initial=0))]
        for j in certain[:6] if f"samples {t}" not in tape.state else ():
            node = certified(problem, target, here[j], stop)
            if node is not None:
                return node
        tape.state[f"samples {t}"] = not stop()
        starts = spaced(here, order, 2 + 2 * effort)
        for rank, j in enumerate(starts):
            width = step_lengths(problem, here[j]) * (0.3 if rank % 3 == 0 else 0.05 if rank % 3 == 1 else 0.005)
            evaluations = 1500 * effort * (1 + len(problem.real)) // 2
            climb = Climb(land, here[j], width, generator(seed, "climb", number, t, rank), evaluations)
            for c in tape.climb(f"climb {t} {rank}", [climb], best):
                node = at_the_top(problem, land, c, seen, best, stop)
                if node is not None:
                    return node
            if tape.paused:
                return None
    return None


def at_the_top(problem: Problem, land: Landscape, climb: Climb, seen: set[Any], best: Best, stop: Stop) -> Any:
    """A certificate near the end of a climb, unless another climb ended there."""
    x, b, m = climb.best, climb.bad, climb.margin
    if b < 1e-3:
        x, b, m = finish(land, x)
        best.rate(x[None], np.array([b]), np.array([m]))
    key = (land.index, tuple(np.round(x, 6).tolist()))
    if key in seen or b > 1e-6:
        return None
    seen.add(key)
    scale = 1 + float(np.abs(x).max(initial=0))
    if m <= -1e-5 * scale:
        return None
    node = certified(problem, land.target, x, stop) if m > -1e-12 * scale else None
    return node or polished(problem, land.target, x, stop)


TOGETHER = 4  # climbs whose points are evaluated together: half again the time of one, and about two of three succeed


def definite(problem: Problem, seed: int, number: int, effort: int, best: Best, tape: Tape) -> Any:
    """Statements about positive definite matrices: long climbs from random points, away from singular matrices and kinks,
    with the equations kept by projection along coordinates in which they are affine, and a step size tuned at each point."""
    problem.robust, evaluations = 3e-3, min(100_000, 4_000 * len(problem.names))
    try:
        for t, target in enumerate(problem.targets):
            land = landscape(problem, target)
            enough = 0.025 if land.tuned is None else 0.008  # the margin is divided between the two sides of the step size
            width = np.full(len(problem.names), 0.3)
            for batch in range(1 + effort):
                climbs = []
                for k in range(TOGETHER):
                    rng = generator(seed, "definite", number, t, batch, k)
                    start = land.clip(rng.standard_normal((1, len(problem.names))))[0]
                    climbs.append(Climb(land, start, width, rng, evaluations, enough))
                for c in tape.climb(f"definite {t} {batch}", climbs, best):
                    if c.bad == 0 and c.margin > 1e-6:
                        node = certified(problem, target, c.best, tape.stop)
                        if node is not None:
                            return node
                if tape.paused:
                    return None
    finally:
        problem.robust, problem.joined = 0.0, ()
    return None


def landscape(problem: Problem, target: Target) -> Landscape:
    """The coordinates in which the equations are affine, and one outside them, as a step size is, on which hypotheses depend."""
    problem.joined = ()
    system = problem.system(target)
    bound = {x for f in system for x in problem.arena.variables(f)}
    group: list[int] = []
    if system:
        linear = [i for i in affine_group(problem, problem.compiled(system), problem.real) if problem.names[i] in bound]
        group = linear if len(linear) >= len(system) else []
    aside = [i for i in problem.real if problem.names[i] not in bound and positive(problem.ranges[i])]
    for i in aside if system else []:
        held = [g for g in problem.hypothetical if any(problem.names[i] in problem.arena.variables(k) for k in g.entries)]
        if held and any(problem.names[i] in problem.arena.variables(r.diff) for r in target.relations):
            problem.joined = held
            return Landscape(problem, target, group or problem.real, frozen=[i], affine=bool(group), tuned=i)
    return Landscape(problem, target, group or problem.real, affine=bool(group))


def positive(r: Range) -> bool:
    return r.lo is not None and r.lo >= 0


def step_lengths(problem: Problem, point: Any) -> Any:
    out = np.maximum(np.abs(point), 0.1)
    for i, r in enumerate(problem.ranges):
        if r.lo is not None and r.hi is not None:
            out[i] = min(out[i], max(float(r.hi - r.lo), 1e-300))
            if r.integer:
                out[i] = max(1.0, 0.3 * float(r.hi - r.lo))
        elif r.integer:
            out[i] = max(out[i], 1.0)
    return out


def spaced(points: Any, ranked: Any, count: int) -> list[int]:
    """The best points, but from different places: every second one is drawn from further down the order."""
    order: list[int] = [int(j) for j in ranked]
    if len(order) <= count:
        return order
    stride = max(1, len(order) // (8 * count))
    return list(dict.fromkeys([*order[: count // 2], *order[::stride][1 : 1 + count - count // 2]]))


def push(land: Landscape, points: Any) -> Any:
    """Gauss-Newton steps that reduce violated hypotheses, together with the equations."""
    p = land.problem
    roots = [*(r.diff for r in p.hypotheses if r.op != "!="), *(land.system.roots if land.system else [])]
    if not roots:
        return points
    h = len([r for r in p.hypotheses if r.op != "!="])
    f, cols = p.compiled(roots), p.real
    if not cols:
        return points
    points = points.copy()
    for _ in range(25):
        values, jac = f.many_slopes(points)
        values[:, :h] = np.maximum(values[:, :h] * (1 + 1e-3), 0)
        values = np.nan_to_num(values, nan=0.0, posinf=1e6, neginf=-1e6)
        j = np.nan_to_num(jac[:, :, cols], nan=0.0, posinf=1e6, neginf=-1e6)
        j = np.where((values != 0)[:, :, None], j, 0.0)
        gram = j @ j.transpose(0, 2, 1)
        gram += 1e-12 * (np.trace(gram, axis1=1, axis2=2)[:, None, None] + 1e-12) * np.eye(len(roots))
        try:
            move = (j.transpose(0, 2, 1) @ np.linalg.solve(gram, values[:, :, None]))[:, :, 0]
        except np.linalg.LinAlgError:
            break
        size = np.linalg.norm(move, axis=1, keepdims=True)
        limit = 1 + np.abs(points[:, cols]).max(1, keepdims=True)
        points[:, cols] -= move * np.minimum(1.0, limit / np.maximum(size, 1e-300))
        points = land.clip(points)
        if size.max() < 1e-14:
            break
    return points


def roundings(problem: Problem, values: Mapping[str, Fraction], tolerances: Sequence[Fraction]) -> Iterator[Point]:
    """Simple rational points near the given one, within each of the tolerances in turn."""
    previous: Point | None = None
    for tolerance in tolerances:
        point: Point = {}
        for x, r in zip(problem.names, problem.ranges, strict=True):
            v = values[x]
            if r.integer:
                q = Fraction(round(v))
            else:
                width = tolerance * max(abs(v), Fraction(1, 1000)) if abs(v) < 1 else tolerance * abs(v)
                lo, hi = v - width, v + width
                lo = r.lo if r.lo is not None and r.lo > lo and not r.lo_open else lo
                hi = r.hi if r.hi is not None and r.hi < hi and not r.hi_open else hi
                q = simplest(lo, hi) if lo <= hi else v
                if not has(r, q):
                    q = v
            if r.lo is not None and r.lo == r.hi:
                q = r.lo
            point[x] = q
        if point != previous:
            yield point
        previous = point


COARSE = tuple(Fraction(1, 10**t) for t in (1, 2, 3, 4, 6, 8, 10, 12, 14, 17))


def certified(problem: Problem, target: Target, x: Any, stop: Stop = lambda: False) -> Any:
    """A certificate for a float point that violates: simple roundings of it, on the solution set where there are equations."""
    values = {y: to_fraction(float(v)) for y, v in zip(problem.names, x, strict=True)}
    if not problem.system(target):
        for point in roundings(problem, values, COARSE):
            node = point_node(problem, point)
            if node is not None:
                return node
        return point_node(problem, values)
    return solved(problem, target, x, values, COARSE, stop)


def solved(problem: Problem, target: Target, x: Any, values: Mapping[str, Fraction], tolerances: Sequence[Fraction], stop: Stop) -> Any:
    for solver in unknown_sets(problem, target, x):
        out = with_solver(problem, solver, values, tolerances, stop)
        if out is not None:
            return out[1]
    return None


def with_solver(
    problem: Problem, solver: Solver, values: Mapping[str, Fraction], tolerances: Sequence[Fraction], stop: Stop
) -> tuple[Point, Any] | None:
    for point in roundings(problem, values, tolerances):
        if stop():
            return None
        free = {y: q for y, q in point.items() if y not in solver.unknowns}
        out = solver.complete(free, {y: values[y] for y in solver.unknowns})
        if out is not None:
            return out
    return None


def polished(problem: Problem, target: Target, x: Any, stop: Stop) -> Any:
    """A certificate near a local maximum that floats cannot tell from a touching one: more digits until the sign is certain."""
    system = problem.system(target)
    for values, digits in refine(problem, target, x):
        if stop():
            return None
        tolerances = [Fraction(1, 10**t) for t in (1, 2, 4, 6, 9, 12, 15, 20, 25, 30, 40, digits) if t <= digits]
        if system:
            node = solved(problem, target, x, values, tolerances[::3], stop)
            if node is not None:
                return node
            continue
        for point in roundings(problem, values, tolerances):
            node = point_node(problem, point)
            if node is not None:
                return node
        signs = [problem.sign(r.diff, values)[0] for r in target.relations]
        if any(s is not None and s < 0 for s in signs) and certainly_negative(problem, target, values, digits):
            return None
    return None


def certainly_negative(problem: Problem, target: Target, values: Point, digits: int) -> bool:
    """Whether the margin at the maximum is negative by far more than the rounding of the point explains."""
    compiled = problem.compiled([r.diff for r in target.relations])
    import mpmath

    with mpmath.workdps(digits + 10):
        try:
            margins = compiled.precise([mpmath.mpf(values[x].numerator) / values[x].denominator for x in problem.names])
        except (ArithmeticError, ValueError, TypeError):
            return False
        return bool(min(margins) < -(mpmath.mpf(10) ** (-digits // 2)))
