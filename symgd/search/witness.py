"""From a float near a violation to a certificate that the kernel accepts, and to the simplest witness nearby."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import mpmath
import numpy as np

from ..kernel import Reject
from ..kernel.check import settle
from ..kernel.rules import Range
from ..kernel.terms import Undefined
from .floats import Compiled, as_float
from .problem import PRECISIONS, Point, Problem, Target
from .sampling import has

Node = dict[str, Any]


def accepted(data: Mapping[str, Any], node: Any) -> bool:
    """Whether the kernel accepts the node as a refutation."""
    try:
        settle(data, node, False, data["kind"])
    except (Reject, Undefined, LookupError, TypeError, ValueError, ArithmeticError, RecursionError, MemoryError):
        return False
    return True


# --- simple numbers --------------------------------------------------------------------------------------------------


def simplest(lo: Fraction, hi: Fraction) -> Fraction:
    """The rational with the least denominator, and then the least numerator, in [lo, hi] (Stern-Brocot)."""
    if lo > hi:
        lo, hi = hi, lo
    if lo <= 0 <= hi:
        return Fraction(0)
    if hi < 0:
        return -simplest(-hi, -lo)
    terms = []
    while True:
        whole = -(-lo.numerator // lo.denominator)
        if whole <= hi:
            terms.append(Fraction(whole))
            break
        floor = lo.numerator // lo.denominator
        terms.append(Fraction(floor))
        lo, hi = 1 / (hi - floor), 1 / (lo - floor)
    value = terms.pop()
    while terms:
        value = terms.pop() + 1 / value
    return value


def convergents(x: Fraction, count: int = 40) -> Iterator[Fraction]:
    """The continued fraction convergents of a number."""
    p0, q0, p1, q1 = 0, 1, 1, 0
    n, d = x.numerator, x.denominator
    for _ in range(count):
        a = n // d
        p0, q0, p1, q1 = p1, q1, a * p1 + p0, a * q1 + q0
        yield Fraction(p1, q1)
        n, d = d, n - a * d
        if d == 0:
            return


def cost(q: Fraction) -> int:
    """How complicated a number looks: bits of numerator and denominator, one more for a sign, nothing for 0."""
    return 0 if q == 0 else 2 * abs(q.numerator).bit_length() + 3 * (q.denominator.bit_length() - 1) + (q < 0)


def point_cost(point: Mapping[str, Fraction]) -> tuple[int, Fraction]:
    """Cost of all coordinates; ties by size."""
    return sum(cost(q) for q in point.values()), Fraction(sum(abs(q.numerator) + q.denominator for q in point.values()))


def to_fraction(x: Any) -> Fraction:
    """The exact value of a float or an mpmath number."""
    if isinstance(x, (float, np.floating)):
        return Fraction(float(x))
    sign, man, exponent, _ = x._mpf_
    return Fraction(-int(man) if sign else int(man)) * Fraction(2) ** int(exponent)


# --- certificates ----------------------------------------------------------------------------------------------------


def point_node(problem: Problem, point: Mapping[str, Fraction]) -> Node | None:
    """A certificate that the point refutes the statement, with the precision that the kernel needs for it; remembered, as the
    same point is asked for again when a witness is already as simple as it can be."""
    key = tuple(point[x] for x in problem.names)
    if key in problem.nodes:
        known: Node | None = problem.nodes[key]
        return known
    if len(problem.nodes) > 1000:
        problem.nodes.clear()
    node = problem.nodes[key] = _point_node(problem, point)
    return node


def _point_node(problem: Problem, point: Mapping[str, Fraction]) -> Node | None:
    if problem.refutes(point) is None:
        return None
    node: Node = {"rule": "point", "at": {x: str(q) for x, q in point.items()}}
    for p in PRECISIONS:
        candidate = node if p == 64 else {**node, "precision": p}
        if accepted_here(problem, candidate):
            return candidate
    return None


def accepted_here(problem: Problem, node: Node) -> bool:
    return accepted(problem.data, node)


@dataclass
class Solver:
    """Witnesses on the solution set of equations: the unknowns are solved for, the other coordinates are rational."""

    problem: Problem
    target: Target
    unknowns: tuple[str, ...]
    affine: bool  # the equations are affine in the unknowns together, so that the solution is rational

    def __post_init__(self) -> None:
        self.system: Compiled = self.problem.compiled(self.problem.system(self.target))
        self.columns = [self.problem.place[x] for x in self.unknowns]

    def complete(self, free: Mapping[str, Fraction], near: Mapping[str, Any]) -> tuple[Point, Node] | None:
        """The certificate for these values of the free coordinates, with unknowns near the given values; None if there is none."""
        if self.affine:
            point = self.exactly(free)
            if point is None:
                return None
            node = point_node(self.problem, point)
            return None if node is None else (point, node)
        return self.enclosed(free, near)

    def plausible(self, free: Mapping[str, Fraction], slack: float = 1e-6) -> bool:
        """Whether floats say that the rational solution refutes the statement, or come close to it."""
        p, k = self.problem, len(self.columns)
        points = np.repeat(np.array([[as_float(free.get(x, Fraction(0))) for x in p.names]]), k + 1, axis=0)
        points[range(1, k + 1), self.columns] = 1.0
        values = self.system.many(points)
        try:
            solution = np.linalg.solve((values[1:] - values[0]).T, -values[0])
        except np.linalg.LinAlgError:
            return False
        if not np.isfinite(solution).all():
            return True
        point = points[:1].copy()
        point[0, self.columns] = solution
        bad, margins = p.margins(point)
        slack *= 1 + float(np.abs(point).max())
        return bool(bad[0] < slack and margins[0, p.targets.index(self.target)] > -slack)

    def exactly(self, free: Mapping[str, Fraction]) -> Point | None:
        """The rational solution of equations that are affine in the unknowns."""
        p = self.problem
        base = {**free, **dict.fromkeys(self.unknowns, Fraction(0))}
        try:
            constants = self.values(base)
            columns = [self.values({**base, x: Fraction(1)}) for x in self.unknowns]
        except (Undefined, ZeroDivisionError, OverflowError):
            return None
        rows = [[*(c[i] - constant for c in columns), -constant] for i, constant in enumerate(constants)]
        solution = solve_exactly(rows)
        if solution is None:
            return None
        values = {**free, **dict(zip(self.unknowns, solution, strict=True))}
        return {x: values[x] for x in p.names}

    def values(self, point: Mapping[str, Fraction]) -> list[Fraction]:
        """The exact values of the equations' differences."""
        try:
            return self.system.exact([point[x] for x in self.problem.names])
        except Undefined:
            arena = self.problem.arena
            arena.work = 0
            return [arena.value(f, point) for f in self.system.roots]

    def newton(self, free: Mapping[str, Fraction], near: Mapping[str, Any], bits: int) -> list[Any] | None:
        """The unknowns to the given precision, by Newton's method from the given values."""
        p = self.problem
        with mpmath.workprec(bits + 20):
            x = [
                mpmath.mpf(free[y].numerator) / free[y].denominator
                if y in free
                else mpmath.mpf(near[y])
                if not isinstance(near[y], Fraction)
                else mpmath.mpf(near[y].numerator) / near[y].denominator
                for y in p.names
            ]
            try:
                for _ in range(60):
                    values, jac = self.system.precise_slopes(x)
                    a = mpmath.matrix([[row[j] for j in self.columns] for row in jac])
                    step = mpmath.lu_solve(a, mpmath.matrix(values))
                    for j, s in zip(self.columns, step, strict=True):
                        x[j] -= s
                    size = max(abs(s) for s in step)
                    if size > 1e6 * (1 + max(abs(v) for v in x)):
                        return None
                    if size < mpmath.mpf(2) ** (-bits) * (1 + max(abs(x[j]) for j in self.columns)):
                        return [+x[j] for j in self.columns]
            except (ArithmeticError, ValueError, TypeError):
                return None
        return None

    def enclosed(self, free: Mapping[str, Fraction], near: Mapping[str, Any]) -> tuple[Point, Node] | None:
        """A Krawczyk or Newton box around the solution on which the statement certainly fails."""
        p = self.problem
        if any(not has(p.ranges[p.place[x]], q) for x, q in free.items()):
            return None
        previous: list[Any] | None = None
        for bits in (96, 256, 640, 1800):
            solution = self.newton(free, near, bits)
            if solution is None:
                return None
            if previous is not None and max(abs(a - b) for a, b in zip(solution, previous, strict=True)) > 1e-9:
                return None
            previous = solution
            centre = [Fraction(math.floor(to_fraction(v) * 2**bits), 2**bits) for v in solution]
            for radius in (bits // 3, 2 * bits // 3):
                node = self.box_node(free, centre, radius, bits)
                if node is not None and accepted_here(p, node):
                    return {x: free.get(x, dict(zip(self.unknowns, centre, strict=True)).get(x, Fraction(0))) for x in p.names}, node
        return None

    def box_node(self, free: Mapping[str, Fraction], centre: Sequence[Fraction], radius: int, bits: int) -> Node | None:
        p = self.problem
        half = Fraction(1, 2**radius)
        ends = {x: (c - half, c + half) for x, c in zip(self.unknowns, centre, strict=True)}
        if any(not Range(a, b, False, False).within(p.ranges[p.place[x]]) for x, (a, b) in ends.items()):
            return None
        box = [[x, "[", str(ends[x][0] if x in ends else free[x]), str(ends[x][1] if x in ends else free[x]), "]"] for x in p.names]
        node: Node = {
            "rule": "zero",
            "equations": [self.term(f) for f in self.system.roots],
            "unknowns": list(self.unknowns),
            "box": box,
            "precision": bits + 64,
        }
        with mpmath.workprec(80):
            values = {**free, **dict(zip(self.unknowns, centre, strict=True))}
            x = [mpmath.mpf(values[y].numerator) / values[y].denominator for y in p.names]
            try:
                jac = self.system.precise_slopes(x)[1]
                inverse = mpmath.inverse(mpmath.matrix([[row[j] for j in self.columns] for row in jac]))
            except (ArithmeticError, ValueError):
                return None
            n = len(self.unknowns)
            node["inverse"] = [[str(Fraction(math.floor(to_fraction(inverse[i, j]) * 2**40), 2**40)) for j in range(n)] for i in range(n)]
        return node

    def term(self, f: int) -> Any:
        """The equation as the statement writes it (a relation's two sides), so that the kernel recognises it as a hypothesis."""
        return self.problem.written[f]


def solve_exactly(rows: list[list[Fraction]]) -> list[Fraction] | None:
    """The solution of a square linear system given as rows [coefficients..., right-hand side]; None where it is singular."""
    n = len(rows)
    rows = [row[:] for row in rows]
    for c in range(n):
        pivot = next((r for r in range(c, n) if rows[r][c] != 0), None)
        if pivot is None:
            return None
        rows[c], rows[pivot] = rows[pivot], rows[c]
        inverse = 1 / rows[c][c]
        rows[c] = [v * inverse for v in rows[c]]
        for r in range(n):
            if r != c and rows[r][c]:
                factor = rows[r][c]
                rows[r] = [a - factor * b for a, b in zip(rows[r], rows[c], strict=True)]
    return [row[-1] for row in rows]


def unknown_sets(problem: Problem, target: Target, point: Any, limit: int = 4) -> list[Solver]:
    """Choices of unknowns for the equations at a point: affine ones first, then the best conditioned others."""
    system = problem.compiled(problem.system(target))
    k = len(system.roots)
    jac = np.nan_to_num(np.array(system.one_slopes(list(point))[1], dtype=float).reshape(k, len(problem.names)))
    found: list[Solver] = []
    movable = [i for i in problem.real if np.abs(jac[:, i]).max() > 0]
    linear = affine_group(problem, system, movable)
    for columns, affine in ((linear, True), ([i for i in movable if i not in linear], False), (movable, False)):
        chosen = pivot_columns(jac, columns, k)
        if chosen is not None:
            names = tuple(problem.names[i] for i in sorted(chosen))
            if not any(s.unknowns == names for s in found):
                found.append(Solver(problem, target, names, affine))
    return found[:limit]


def pivot_columns(jac: Any, columns: Sequence[int], k: int) -> list[int] | None:
    """k of the columns with a well-conditioned square part, or None."""
    rest, chosen = jac[:, list(columns)].copy(), list[int]()
    scale = np.abs(rest).max() if rest.size else 0.0
    for _ in range(k):
        norms = (rest**2).sum(0)
        norms[[list(columns).index(c) for c in chosen]] = -1
        if not len(norms) or norms.max() <= (1e-10 * scale) ** 2:
            return None
        best = int(norms.argmax())
        chosen.append(columns[best])
        q = rest[:, best] / np.linalg.norm(rest[:, best])
        rest = rest - np.outer(q, q @ rest)
    return chosen


def affine_group(problem: Problem, system: Compiled, columns: Sequence[int]) -> list[int]:
    """The largest group (greedily) of variables in which the equations are affine together, by second differences at random
    points; a wrong answer costs time only, as every solution is checked exactly."""
    key = ("affine", tuple(system.roots), tuple(columns))
    if key not in problem.memory:
        problem.memory[key] = _affine_group(problem, system, columns)
    return problem.memory[key]  # type: ignore[no-any-return]


def _affine_group(problem: Problem, system: Compiled, columns: Sequence[int]) -> list[int]:
    rng = np.random.default_rng(5)
    probes = rng.uniform(0.2, 3.0, (48, len(problem.names)))
    for j, r in enumerate(problem.ranges):
        if r.lo is None or r.lo < 0:
            probes[:, j] *= rng.choice([-1.0, 1.0], len(probes))

    def moved(*shifts: tuple[int, float]) -> Any:
        at = probes.copy()
        for j, amount in shifts:
            at[:, j] += amount
        return system.many(at)

    here = moved()
    size = 1 + np.abs(np.nan_to_num(here)).max()
    once, twice = {i: moved((i, 0.25)) for i in columns}, {i: moved((i, 0.5)) for i in columns}

    def bent(difference: Any) -> bool:
        return bool(np.abs(np.nan_to_num(difference)).max(initial=0.0) > 1e-9 * size)

    alone = [i for i in columns if not bent(twice[i] - 2 * once[i] + here)]
    clash = {(i, j): bent(moved((i, 0.25), (j, 0.25)) - once[i] - once[j] + here) for i, j in itertools.combinations(alone, 2)}
    degree = {i: sum(bad for pair, bad in clash.items() if i in pair) for i in alone}
    group: list[int] = []
    for i in sorted(alone, key=lambda c: (degree[c], c)):
        if not any(clash[min(i, j), max(i, j)] for j in group):
            group.append(i)
    return sorted(group)


# --- shrinking -------------------------------------------------------------------------------------------------------

Try = Callable[[Point], tuple[Point, Any] | None]
SMALL = [
    Fraction(n, d)
    for n, d in (
        (0, 1),
        (1, 1),
        (-1, 1),
        (2, 1),
        (-2, 1),
        (3, 1),
        (-3, 1),
        (1, 2),
        (-1, 2),
        (4, 1),
        (5, 1),
        (10, 1),
        (1, 3),
        (3, 2),
        (1, 4),
        (1, 10),
        (100, 1),
    )
]


def shrink(
    free: Point,
    found: tuple[Point, Any],
    attempt: Try,
    ranges: Mapping[str, Range],
    stop: Callable[[], bool] = lambda: False,
    passes: int = 4,
    halvings: int = 6,
    plain: int = 8,
) -> tuple[Point, Any]:
    """Coordinate by coordinate the simplest value that still works.

    Arguments: `free`, the coordinates to simplify; `found`, the whole witness and its certificate; `attempt`, which gives both
    for other values, or None; `ranges`; `stop`, asked before each trial; `passes`; `halvings`, for
    the ends of the interval in which a coordinate works; `plain`, the cost up to which a number is left alone.
    Returns: the simplest witness found, and its certificate.
    """
    current, best = dict(free), found

    def accept(x: str, q: Fraction) -> bool:
        nonlocal current, best
        if stop() or q == current[x] or not has(ranges[x], q):
            return False
        out = attempt({**current, x: q})
        if out is None or point_cost(out[0]) >= point_cost(best[0]):
            return False
        current, best = {**current, x: q}, out
        return True

    def works(x: str, q: Fraction) -> bool:
        return has(ranges[x], q) and attempt({**current, x: q}) is not None

    for _ in range(passes):
        before = point_cost(best[0])
        for x in sorted(current, key=lambda y: -cost(current[y])):
            for q in SMALL:
                if cost(q) < cost(current[x]) and accept(x, q):
                    break
            if cost(current[x]) <= 3:
                continue
            if ranges[x].integer:
                while not stop() and abs(current[x]) > 1 and accept(x, Fraction(int(current[x] / 2))):
                    pass
                while not stop() and accept(x, current[x] - (1 if current[x] > 0 else -1)):
                    pass
                continue
            for d in (1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 50, 100, 1000, 10**4, 10**6, 10**9, 10**15, 10**30):
                q = Fraction(round(current[x] * d), d)
                if cost(q) < cost(current[x]) and (accept(x, q) or accept(x, q + Fraction(1, d)) or accept(x, q - Fraction(1, d))):
                    break
            if cost(current[x]) > plain and not stop():
                interval = violation_interval(current[x], lambda q, x=x: not stop() and works(x, q), halvings)  # type: ignore[misc]
                accept(x, simplest(*interval))
        if point_cost(best[0]) == before or stop():
            break
    return best


def violation_interval(q: Fraction, works: Callable[[Fraction], bool], halvings: int, rounds: int = 40) -> tuple[Fraction, Fraction]:
    """An interval around q at whose ends (and, as far as tried, inside) the witness works."""
    ends = []
    for side in (-1, 1):
        size = Fraction(1, 2 ** (2 * (q.denominator.bit_length() + 2)))
        good, far = Fraction(0), size * 16**rounds
        for _ in range(rounds):
            if not works(q + side * size):
                break
            good, size = size, size * 16
            if simplest(q, q + side * good) == simplest(q, q + side * far):
                break  # nothing further out is simpler
        low, high = good, max(good, size)
        for _ in range(halvings):
            if simplest(q, q + side * low) == simplest(q, q + side * high):
                break  # more digits of the end would not change the simplest number inside
            middle = (low + high) / 2
            if works(q + side * middle):
                low = middle
            else:
                high = middle
        ends.append(q + side * low)
    return ends[0], ends[1]
