"""From a float near the largest margin to hundreds of digits: Newton's method on the conditions for a maximum.

At a maximum of the margin the gradient vanishes along the constraints that are active there: equations, hypotheses that
hold with equality, conclusions that tie, and kinks (arguments of |.|, max and min that vanish). These conditions are terms,
so that their derivatives are exact, and Newton's method runs in any precision.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import mpmath
import numpy as np

from ..kernel.terms import Arena
from .floats import Compiled
from .problem import Problem, Target, kinks
from .witness import to_fraction

DIGITS = (50, 150, 400, 1000)
LARGEST = 2_500  # terms beyond which second derivatives are not worth their time


def replace_nodes(arena: Arena, root: int, values: dict[int, int]) -> int:
    """The term with some of its subterms replaced."""
    new: dict[int, int] = {}
    for k in arena.schedule(root):
        op, sub, data = arena.nodes[k]
        new[k] = values[k] if k in values else k if not sub else arena.make(op, *[new[i] for i in sub], data=data)
    return new[root]


def refine(problem: Problem, target: Target, point: Any) -> Iterator[tuple[dict[str, Any], int]]:
    """Points near a local maximum of the margin, to 50, 150, 400 and 1000 digits, with the number of digits; nothing where
    the conditions have no solution nearby."""
    arena = problem.arena
    arena.work = 0
    relations = [r for r in target.relations if r.op != "="]
    if not relations:
        return
    terms = [*(r.diff for r in relations), *problem.system(target)]
    if sum(len(arena.schedule(t)) for t in terms) > LARGEST:
        return
    x0 = [float(v) for v in point]
    scale = 1 + max(map(abs, x0), default=0.0)
    values = dict(zip(terms, problem.compiled(terms).one(x0), strict=True))
    worst = min(relations, key=lambda r: values[r.diff])
    ties = [r.diff for r in relations if r is not worst and abs(values[r.diff] - values[worst.diff]) < 1e-5 * scale]
    constraints = [*problem.system(target), *(arena.make("-", t, worst.diff) for t in ties)]
    hypotheses = [r.diff for r in problem.hypotheses if r.op != "!="]
    if hypotheses:
        constraints += [h for h, v in zip(hypotheses, problem.compiled(hypotheses).one(x0), strict=True) if abs(v) < 1e-6 * scale]
    bends = kinks(arena, [worst.diff])
    flat: dict[int, int] = {}
    if bends:
        sizes = problem.compiled([u for _, u, _ in bends]).one(x0)
        for (k, u, there), v in zip(bends, sizes, strict=True):
            if abs(v) < 1e-4 * scale:
                flat[k] = there
                constraints.append(u)
    objective = replace_nodes(arena, worst.diff, flat)
    constraints = [replace_nodes(arena, c, flat) if c not in [u for _, u, _ in bends] else c for c in dict.fromkeys(constraints)]
    moving = [i for i in problem.real if not at_end(problem, i, x0[i])]
    if not moving:
        return
    multipliers = [f"multiplier_{j}" for j in range(len(constraints))]
    lagrangian = objective
    for name, c in zip(multipliers, constraints, strict=True):
        lagrangian = arena.make("+", lagrangian, arena.make("*", arena.var(name), c))
    try:
        conditions = [*(arena.derivative(lagrangian, problem.names[i]) for i in moving), *constraints]
    except (KeyError, ValueError):
        return
    names = [*problem.names, *multipliers]
    system = Compiled(arena, conditions, names)
    first = problem.compiled([objective, *constraints]).one_slopes(x0)[1]
    slopes = np.nan_to_num(np.array(first, dtype=float))[:, moving]
    start = np.linalg.lstsq(slopes[1:].T, -slopes[0], rcond=None)[0] if constraints else np.zeros(0)
    columns = [*moving, *range(len(problem.names), len(names))]
    z: list[Any] = [mpmath.mpf(v) for v in [*x0, *start.tolist()]]
    for digits in DIGITS:
        with mpmath.workdps(digits + 10):
            z = [+v for v in z]
            if not newton(system, z, columns, digits):
                return
            if max(abs(float(a) - b) for a, b in zip(z, x0, strict=False)) > 1e-2 * scale:
                return
            yield {x: to_fraction(v) for x, v in zip(problem.names, z, strict=False)}, digits


def at_end(problem: Problem, i: int, x: float) -> bool:
    r = problem.ranges[i]
    return (r.lo is not None and abs(x - float(r.lo)) < 1e-9 * (1 + abs(x))) or (
        r.hi is not None and abs(x - float(r.hi)) < 1e-9 * (1 + abs(x))
    )


def newton(system: Compiled, z: list[Any], columns: list[int], digits: int) -> bool:
    """Newton's method in place; least squares where the Jacobian is singular. Whether it converged to this many digits."""
    small, before = mpmath.mpf(10) ** (-digits), mpmath.inf
    for step_number in range(80):
        try:
            values, jac = system.precise_slopes(z)
            a = mpmath.matrix([[row[j] for j in columns] for row in jac])
            b = mpmath.matrix(values)
            try:
                step = mpmath.lu_solve(a, b) if a.rows == a.cols else None
            except ZeroDivisionError:
                step = None
            if step is None:
                normal = a.T * a
                trace = sum(normal[i, i] for i in range(normal.rows)) + mpmath.mpf(10) ** (-2 * digits)
                for i in range(normal.rows):
                    normal[i, i] += trace * mpmath.mpf(10) ** (-digits // 2)
                step = mpmath.lu_solve(normal, a.T * b)
        except (ArithmeticError, ValueError, TypeError):
            return False
        size = max((abs(s) for s in step), default=mpmath.mpf(0))
        for j, s in zip(columns, step, strict=True):
            z[j] -= s
        if size < small * (1 + max(abs(z[j]) for j in columns)):
            return True
        if size > 1e8 or (step_number > 40 and size > before):
            return False
        before = size
    return bool(max((abs(v) for v in values), default=0) < small)
