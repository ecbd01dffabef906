"""Counterexamples to orbit claims: simulate many starts in floats, then an exact cycle, a step, or another provable outcome."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
import sympy

from ..certify.dynamics import Approach, Contract, Escape, Orbit, Region, Stay, Step
from ..certify.strategy import Search, Unproved, complete
from ..kernel import Reject
from ..kernel.check import read_orbit, settle
from ..kernel.rules import Range, Relation
from ..kernel.terms import Undefined
from ..language import Expr, eq, expr, from_json, to_sympy
from ..language import Relation as Written
from .floats import Compiled
from .hunt import Chunk, Stop
from .sampling import generator, has, simple_points, simple_values
from .witness import SMALL, accepted, cost, point_cost, simplest, to_fraction

STEPS, QUICK, LIMIT = 160, 40, 1e12
Paths = tuple[list[int], list[Any], Any, Any]  # starts in the order of their simplicity, their exact values, floats, and paths


class OrbitHunt:
    """An orbit claim, compiled."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self.data = data
        self.orbit = read_orbit(data)
        self.arena = self.orbit.goal.arena
        self.state = list(self.orbit.map)
        self.params = [x for x in self.orbit.goal.ranges if x not in self.orbit.map]
        self.names = [*self.params, *self.state]
        ranges = dict(self.orbit.goal.ranges)
        for r in self.orbit.start:  # bounds of the start by numbers, to sample from
            for (a, b), upper in (((r.lhs, r.rhs), False), ((r.rhs, r.lhs), True)):
                kind, name = self.arena.nodes[a], self.arena.nodes[b]
                if kind[0] == "num" and name[0] == "var" and name[2] in ranges:
                    q = kind[2]
                    ranges[name[2]] = ranges[name[2]].meet(
                        None if upper and r.op != "=" else q, q if upper or r.op == "=" else None, r.op == "<", r.op == "<"
                    )
        self.ranges: list[Range] = [ranges[x] for x in self.names]
        self.map = Compiled(self.arena, list(self.orbit.map.values()), self.names)
        self.given: list[Relation] = [*self.orbit.goal.given, *self.orbit.start]
        self.filter = Compiled(self.arena, [r.diff for r in self.given], self.names) if self.given else None
        self.outcomes = [(next(iter(o.keys() - {"to"})), o) for o in data["then"]]
        self.seen = Compiled(self.arena, [self.orbit.observe], self.names) if self.orbit.observe is not None else None

    # --- floats -------------------------------------------------------------------------------------------------------

    def allowed(self, points: Any) -> Any:
        if self.filter is None:
            return np.ones(len(points), dtype=bool)
        values = self.filter.many(points)
        ok = np.ones(len(points), dtype=bool)
        for j, r in enumerate(self.given):
            v = values[:, j]
            ok &= {"<": v < 1e-12, "<=": v <= 1e-12, "=": np.abs(v) <= 1e-9, "!=": v != 0}[r.op]
        return ok

    def simulate(self, points: Any, steps: int = STEPS) -> Any:
        """Trajectories: array (steps + 1, m, state variables); values beyond 1e12 in magnitude stay where they are."""
        d = len(self.params)
        out = np.empty((steps + 1, len(points), len(self.state)))
        current = points.copy()
        out[0] = current[:, d:]
        for k in range(steps):
            nxt = self.map.many(current)
            nxt = np.where(np.isnan(nxt) | (np.abs(nxt) > LIMIT), np.sign(np.nan_to_num(current[:, d:])) * LIMIT, nxt)
            nxt = np.where(np.abs(current[:, d:]) >= LIMIT, current[:, d:], nxt)
            current[:, d:] = nxt
            out[k + 1] = nxt
        return out

    def targets(self, points: Any) -> list[Any]:
        """For each outcome that names a point, its values: array (m, coordinates)."""
        out = []
        for kind, o in self.outcomes:
            terms = o.get("to" if kind == "rate" else kind)
            if kind in ("converges", "linear", "sublinear", "reaches", "rate"):
                ids = [self.arena.read(t, self.orbit.goal.names) for t in terms]
                out.append(Compiled(self.arena, ids, self.names).many(points))
            else:
                out.append(None)
        return out

    # --- chunks -------------------------------------------------------------------------------------------------------

    def hunt(self, seed: int, number: int, stop: Stop = lambda: False) -> Chunk:
        rng = generator(seed, "orbit", number)
        samples = 0
        if number == 0:  # most refutations are found among the very simplest starts, and cost milliseconds
            quick, _ = self.among(simple_points(self.ranges, 150, generator(seed, "orbit", "first")), stop, QUICK)
            if quick.node is not None:
                return quick
            samples = quick.samples
        exact = simple_points(self.ranges, 1500, rng) if number == 0 else [self.random_point(rng) for _ in range(600)]
        exact += [row for row in self.rational_cycles(rng, number) if all(has(r, q) for r, q in zip(self.ranges, row, strict=True))]
        chunk, (order, exact, points, path) = self.among(exact, stop)
        chunk = replace(chunk, samples=chunk.samples + samples)
        if chunk.node is not None:
            return chunk
        chosen, tries = order[: 40 if number == 0 else 15], 0
        for method in (self.after_steps, self.instead):  # the first one is cheap where it has nothing to say
            for i in chosen:
                if stop() or tries > 6:
                    break
                for node in method(exact[i], points[i], path[:, i], stop):
                    tries += 1
                    if node is not None and accepted(self.data, node):
                        return replace(chunk, node=node)
            tries = 0
        return chunk

    def among(self, exact: list[tuple[Fraction, ...]], stop: Stop, steps: int = STEPS) -> tuple[Chunk, Paths]:
        """Starts from which the statement fails at some step or on a cycle; those that are allowed, simplest first, and their paths."""
        points = np.array([[float(q) for q in row] for row in exact]).reshape(len(exact), len(self.names))
        keep = np.flatnonzero(self.allowed(points))
        exact, points = [exact[i] for i in keep], points[keep]
        if not len(points):
            return Chunk(0, None, None), ([], [], points, points)
        path = self.simulate(points, steps)
        broken, margin, closest = self.broken(points, path)
        where = None if closest is None else dict(zip(self.names, points[closest].tolist(), strict=True))
        chunk = Chunk(len(points) * steps, margin, where)
        order = sorted(range(len(points)), key=lambda i: point_cost(dict(enumerate(exact[i]))))  # type: ignore[arg-type]
        candidates = itertools.chain(self.steps(order, exact, broken), self.cycles(order, exact, points, path))
        for _, node in itertools.islice(candidates, 400):
            if stop():
                break
            if accepted(self.data, node):
                return replace(chunk, node=node), (order, exact, points, path)
        return chunk, (order, exact, points, path)

    def random_point(self, rng: np.random.Generator) -> tuple[Fraction, ...]:
        row = []
        for r in self.ranges:
            pool = simple_values(r) or [Fraction(0)]
            q = pool[int(rng.integers(0, len(pool)))]
            if not r.integer and rng.random() < 0.6:
                shifted = q + Fraction(int(rng.integers(-64, 65)), int(rng.choice([8, 16, 64, 128])))
                q = shifted if not r.meet(shifted, shifted).empty() else q
            row.append(q)
        return tuple(row)

    def rational_cycles(self, rng: np.random.Generator, number: int) -> Iterator[tuple[Fraction, ...]]:
        """Starts on exact cycles of period 1 and 2 of a map in one variable: rational zeros of f(f(x)) - x for simple parameters,
        and parameters for which a simple start returns."""
        if self.returning is None:
            return
        x, *symbols = self.returning.gens
        pools = [simple_values(r)[:12] for r in self.ranges]
        for _ in range(14):
            row = [pool[int(rng.integers(0, len(pool)))] for pool in pools]
            for solve_for in range(len(row)):
                known = {s: sympy.Rational(str(q)) for j, (s, q) in enumerate(zip([*symbols, x], row, strict=True)) if j != solve_for}
                unknown = [*symbols, x][solve_for]
                if self.ranges[solve_for].integer:
                    continue
                try:
                    poly = sympy.Poly(self.returning.eval(known), unknown)
                    roots = poly.ground_roots() if 0 < poly.degree() < 30 else {}
                except (sympy.PolynomialError, ZeroDivisionError, TypeError):
                    continue
                for root in roots:
                    yield (*row[:solve_for], Fraction(int(root.p), int(root.q)), *row[solve_for + 1 :])

    @cached_property
    def returning(self) -> sympy.Poly | None:
        """A polynomial in the state variable and the parameters that vanishes where f(f(x)) = x, or f(x) = x if that one is too large;
        None for maps that are not rational functions of one variable."""
        if len(self.state) != 1 or "sign" in {self.arena.nodes[k][0] for f in self.orbit.map.values() for k in self.arena.schedule(f)}:
            return None
        x, *symbols = (sympy.Symbol(y, real=True) for y in (self.state[0], *self.params))
        try:
            f = to_sympy(from_json(self.data["map"][0]))
        except (KeyError, ValueError, TypeError):
            return None
        if not f.is_rational_function(x, *symbols):
            return None
        top, bottom = (sympy.Poly(part, x, *symbols) for part in sympy.fraction(sympy.cancel(f)))
        degree = max(top.degree(x), bottom.degree(x))
        if degree**2 > 40 or (degree + 1) * max(top.total_degree(), bottom.total_degree()) > 60:
            return top - bottom * sympy.Poly(x, x, *symbols)

        def put(part: sympy.Poly) -> sympy.Poly:
            """part(top/bottom) bottom^degree, by polynomial arithmetic: expanding nested powers takes minutes."""
            terms = sympy.Poly(part.as_expr(), x).terms()
            return sum((sympy.Poly(c, x, *symbols) * top**k * bottom ** (degree - k) for (k,), c in terms), sympy.Poly(0, x, *symbols))

        return put(top) - put(bottom) * sympy.Poly(x, x, *symbols)

    def broken(self, points: Any, path: Any) -> tuple[Any, float | None, int | None]:
        """For each start the first step at which every outcome that speaks of all steps fails (-1: none), the largest margin
        by which one fails, and where."""
        m = len(points)
        if not all(kind in ("stays", "rate") for kind, _ in self.outcomes):
            return np.full(m, -1), None, None
        last = QUICK
        worst = np.full((last + 1, m), np.inf)
        for (kind, o), target in zip(self.outcomes, self.targets(points), strict=True):
            running = np.full(m, -np.inf)
            if kind == "stays":
                relations = self.orbit.relations(o[kind])
                check = Compiled(self.arena, [r.diff for r in relations], self.names)
            else:
                beta = Compiled(self.arena, [self.arena.read(o["rate"], self.orbit.goal.names)], self.names).many(points)[:, 0]
            for k in range(last + 1):
                state = np.hstack([points[:, : len(self.params)], path[k]])
                if kind == "stays":
                    values = np.nan_to_num(check.many(state), nan=-np.inf)
                    value = np.max([np.abs(values[:, j]) if r.op == "=" else values[:, j] for j, r in enumerate(relations)], axis=0)
                else:
                    seen = self.seen.many(state) if self.seen is not None else path[k]
                    first = self.seen.many(points) if self.seen is not None else path[0]
                    with np.errstate(all="ignore"):
                        gap = np.sqrt(((seen - target) ** 2).sum(1))
                        bound = np.abs(beta) ** k * np.sqrt(((first - target) ** 2).sum(1))
                        value = (gap - bound) / np.maximum(np.sqrt(((first - target) ** 2).sum(1)), 1e-300)
                running = np.maximum(running, np.nan_to_num(value, nan=-np.inf))
                worst[k] = np.minimum(worst[k], running)
        hit = worst > 1e-13
        steps = np.where(hit.any(0), hit.argmax(0), -1)
        top = worst[-1]
        i = int(np.argmax(top))
        return steps, float(top[i]) if np.isfinite(top[i]) else None, i

    def at(self, row: tuple[Fraction, ...]) -> dict[str, Any]:
        d = len(self.params)
        return {
            "at": {x: str(q) for x, q in zip(self.params, row[:d], strict=True)},
            "start": {x: str(q) for x, q in zip(self.state, row[d:], strict=True)},
        }

    def steps(self, order: list[int], exact: list[Any], steps: Any) -> Iterator[tuple[int, Any]]:
        hits = [i for i in order if steps[i] >= 0]
        for i in hits[:60]:
            yield i, {**self.at(exact[i]), "step": int(steps[i])}

    def cycles(self, order: list[int], exact: list[Any], points: Any, path: Any) -> Iterator[tuple[int, Any]]:
        """Starts whose float orbit returns almost exactly."""
        found: dict[int, tuple[int, int]] = {}
        for k in (0, 1, 2, 3, 4, 6, 8):
            for m in range(1, 13):
                with np.errstate(all="ignore"):
                    gap = np.abs(path[k + m] - path[k]).max(1)
                    size = np.abs(path[k]).max(1)
                for j in np.flatnonzero((gap <= 1e-9 * (1 + size)) & (size < 1e9)):
                    found.setdefault(int(j), (k, m))
        goals = self.targets(points)
        for i in order:
            if i not in found:
                continue
            k, m = found[i]
            wrong = True
            for (kind, _), goal in zip(self.outcomes, goals, strict=True):
                if goal is not None and m == 1 and self.seen is None and kind != "rate" and np.abs(path[k][i] - goal[i]).max() < 1e-9:
                    wrong = False
            if wrong:
                yield i, {**self.at(exact[i]), "cycle": [k, m]}

    def instead(self, row: tuple[Fraction, ...], point: Any, path: Any, stop: Stop) -> Iterator[Any]:
        """Provable other outcomes from starts along the float orbit."""
        if len(self.state) != 1 or self.seen is not None:
            return
        x, d = self.state[0], len(self.params)
        end, tail = path[-1][0], path[-9:, 0]
        kinds = {kind for kind, _ in self.outcomes}
        if abs(end) >= LIMIT:
            if "diverges" in kinds:
                return
            for k in (0, 1, 2, 3):
                start = (
                    row[d]
                    if k == 0
                    else simplest(
                        *sorted((to_fraction(float(path[k][0])) * Fraction(99, 100), to_fraction(float(path[k][0])) * Fraction(101, 100)))
                    )
                )
                if abs(path[k][0]) >= 1e6:
                    return
                for measure, v in ((Expr(x), start), (-Expr(x), -start), (abs(Expr(x)), abs(start))):
                    for c in sorted(
                        {
                            q
                            for q in (
                                Fraction(0),
                                Fraction(1),
                                Fraction(2),
                                Fraction(3),
                                Fraction(int(v)),
                                v * Fraction(9, 10),
                                v * Fraction(1, 2),
                            )
                            if q < v
                        },
                        reverse=True,
                    )[:4]:
                        escape: list[Region] = [Escape([Written("<", expr(c), measure)], measure=measure)]
                        yield self.template(row[:d], start, {"diverges": True}, escape, stop)
        elif "linear" in kinds and len(kinds) == 1 and 1e-7 < abs(tail[0] - tail[-1]) < 1e-2 * (1 + abs(end)):
            for _, o in self.outcomes:  # a slow approach: is it sublinear?
                p = self.arena.value(self.arena.read(o["linear"][0], self.orbit.goal.names), dict(zip(self.names, row, strict=True)))
                start = row[d]
                inside = (
                    [Written("<=", expr(p), Expr(x)), Written("<=", Expr(x), expr(start))]
                    if start > p
                    else [Written("<=", Expr(x), expr(p)), Written("<=", expr(start), Expr(x))]
                )
                if abs(float(p) - end) < abs(path[0][0] - float(p)) and start != p:
                    yield self.template(row[:d], start, {"sublinear": [str(p)]}, [Approach(inside)], stop)
        elif np.abs(tail - end).max() < 1e-7 * (1 + abs(end)):
            p = simplest(*sorted((to_fraction(float(end)) - Fraction(1, 10**6), to_fraction(float(end)) + Fraction(1, 10**6))))
            where = np.array([[*point[:d], float(p)]])
            if cost(p) > 40 or not abs(self.map.many(where)[0, 0] - float(p)) < 1e-12:
                return
            for goal, (kind, _) in zip(self.targets(where), self.outcomes, strict=True):
                if goal is not None and abs(goal[0, 0] - float(p)) < 1e-9 and kind in ("converges", "reaches", "rate"):
                    return
            starts = [
                row[d],
                *(
                    simplest(*sorted((to_fraction(float(v)) - Fraction(1, 50), to_fraction(float(v)) + Fraction(1, 50))))
                    for v in path[1:40:6, 0]
                ),
                p,
            ]
            for start in dict.fromkeys(starts):
                if not self.allowed(np.array([[*point[:d], float(start)]]))[0]:
                    continue
                gap = abs(start - p) or Fraction(1, 100)
                regions_of = [Written("<=", expr(p - gap), Expr(x)), Written("<=", Expr(x), expr(p + gap))]
                options: list[tuple[dict[str, Any], list[Region]]] = [
                    ({"converges": [str(p)]}, [Contract(regions_of, factor=f)]) for f in ("1/2", "15/16")
                ]
                options.append(({"converges": [str(p)]}, [Approach(regions_of)]))
                if "linear" in kinds and start != p:
                    side = (
                        [Written("<", expr(p), Expr(x)), Written("<=", Expr(x), expr(start))]
                        if start > p
                        else [Written("<", Expr(x), expr(p)), Written("<=", expr(start), Expr(x))]
                    )
                    options.insert(0, ({"sublinear": [str(p)]}, [Approach([Written("<=", side[0].lhs, side[0].rhs), side[1]])]))
                for outcome, regions in options:
                    yield self.template(row[:d], start, outcome, regions, stop)
        elif kinds & {"converges", "linear", "sublinear"} and np.abs(path).max() < 1e9:
            for (kind, o), goal in zip(self.outcomes, self.targets(point[None]), strict=True):
                if goal is None or kind not in ("converges", "linear", "sublinear"):
                    return
                low, high = float(np.abs(path[-60:, 0] - goal[0, 0]).min()), float(np.abs(path[-60:, 0]).max())
                if low < 1e-3:
                    return
                bound = simplest(to_fraction(low / 2), to_fraction(low * 0.95))
                top = simplest(to_fraction(high * 1.01), to_fraction(high * 1.5))
                away = Written("<=", expr(bound), abs(Expr(x) - from_json(o[kind][0])))
                inside = [away, Written("<=", abs(Expr(x)), expr(top))]
                yield self.template(row[:d], row[d], {"ends in": [away.json]}, [Stay(inside)], stop)

    def after_steps(self, row: tuple[Fraction, ...], point: Any, path: Any, stop: Stop, most: int = 8) -> Iterator[Any]:
        """Convergence, however slow, to a simple fixed point that no outcome names, after a few exact steps."""
        if len(self.state) != 1 or self.seen is not None or not {kind for kind, _ in self.outcomes} <= {"converges", "linear", "reaches"}:
            return
        x, d, end = self.state[0], len(self.params), float(path[-1][0])
        if abs(end) > 1e6:
            return
        (f,) = self.orbit.map.values()
        p = simplest(to_fraction(end) - Fraction(1, 50), to_fraction(end) + Fraction(1, 50))
        at = dict(zip(self.params, row[:d], strict=True))
        states = [row[d]]
        try:
            if self.arena.value(f, {**at, x: p}) != p:
                return
            while len(states) <= most and cost(states[-1]) < 4000:
                states.append(self.arena.value(f, {**at, x: states[-1]}))
        except (Undefined, Reject, ArithmeticError):
            return
        if any(goal is not None and abs(goal[0, 0] - float(p)) < 1e-9 for goal in self.targets(point[None])):
            return
        for k in range(1, len(states)):
            low, high = sorted((p, states[k]))
            rest = path[k:, 0]
            if low < high and float(low) <= rest.min() and rest.max() <= float(high):
                line: list[Region] = [Step([eq(Expr(x), q)], to=[i + 1]) for i, q in enumerate(states[:k])]
                line.append(Approach([Written("<=", expr(low), Expr(x)), Written("<=", Expr(x), expr(high))]))
                yield self.template(row[:d], row[d], {"converges": [str(p)]}, line, stop)
                return

    def plausible(self, values: Mapping[str, Fraction], node: Any) -> bool:
        """Whether floats allow these values, and have an orbit with the same cycle."""
        points = np.array([[float(values[x]) for x in self.names]])
        if not self.allowed(points)[0] or "cycle" not in node:
            return bool(self.allowed(points)[0])
        k, m = node["cycle"]
        path = self.simulate(points, k + m)
        return bool(np.abs(path[k + m] - path[k]).max() <= 1e-6 * (1 + np.abs(path[k]).max()))

    def template(self, params: tuple[Fraction, ...], start: Fraction, outcome: Mapping[str, Any], regions: list[Region], stop: Stop) -> Any:
        head = self.at((*params, start))
        try:
            proof = Orbit(regions).node(self.data)
            node = {**head, "instead": dict(outcome), "proof": proof}
            return complete(lambda n: settle(self.data, n, False, "orbit"), node, Search(seconds=1.0))
        except (Unproved, Reject, Undefined, ValueError, ArithmeticError, LookupError, TypeError):
            return None


def shrink_orbit(hunt: OrbitHunt, node: Any, stop: Stop) -> Any:
    """Simpler parameters and start for a cycle or a step; other certificates stay as they are."""
    if "instead" in node:
        return node
    best = node
    values = {**{x: Fraction(q) for x, q in node["at"].items()}, **{x: Fraction(q) for x, q in node["start"].items()}}
    for x in sorted(values, key=lambda y: -cost(values[y])):
        for q in SMALL:
            if cost(q) >= cost(values[x]) or stop():
                continue
            trial = {**values, x: q}
            if not hunt.plausible(trial, best):
                continue
            candidate = {**best, "at": {y: str(trial[y]) for y in hunt.params}, "start": {y: str(trial[y]) for y in hunt.state}}
            if accepted(hunt.data, candidate):
                best, values = candidate, trial
                break
    if "step" in best:
        for k in range(best["step"]):
            if accepted(hunt.data, {**best, "step": k}):
                return {**best, "step": k}
    return best
