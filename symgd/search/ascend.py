"""Local and population search for the largest margin of violation, in floats.

Hypotheses are filters, equations are kept by projection: after every move a point is brought back to the solution set by
Gauss-Newton steps. A population (an evolution strategy with an adapted covariance) copes with kinks, poles and narrow
feasible sets; SciPy's SLSQP, where it is installed, finishes.
"""

from __future__ import annotations

import importlib.util
import math
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .floats import Compiled, as_float
from .problem import Problem, Target

HAVE_SCIPY = importlib.util.find_spec("scipy") is not None
Score = tuple[Any, Any]  # violation of the hypotheses (0: none), margin


@dataclass
class Landscape:
    """A target of a problem as something to climb: `repair` brings points back to the solution set, `score` rates them."""

    problem: Problem
    target: Target
    moving: Sequence[int]  # coordinates that `repair` may change
    frozen: Sequence[int] = ()  # coordinates that no move changes
    affine: bool = False  # the equations are affine in `moving`: a repair is a projection, and offspring need not inherit it

    def __post_init__(self) -> None:
        p = self.problem
        self.index = p.targets.index(self.target)
        self.system: Compiled | None = p.compiled(p.system(self.target)) if p.system(self.target) else None
        self.lo = np.array([-math.inf if r.lo is None else as_float(r.lo) for r in p.ranges])
        self.hi = np.array([math.inf if r.hi is None else as_float(r.hi) for r in p.ranges])
        self.inner_lo, self.inner_hi = self.lo.copy(), self.hi.copy()
        for i, r in enumerate(p.ranges):  # keep off open ends
            if r.lo is not None and r.lo_open:
                self.inner_lo[i] = np.nextafter(self.lo[i], math.inf) if self.lo[i] else 1e-300
            if r.hi is not None and r.hi_open:
                self.inner_hi[i] = np.nextafter(self.hi[i], -math.inf) if self.hi[i] else -1e-300
        self.whole = [i for i, r in enumerate(p.ranges) if r.integer]

    def clip(self, points: Any) -> Any:
        out = np.clip(points, self.inner_lo, self.inner_hi)
        if self.whole:
            out[:, self.whole] = np.round(out[:, self.whole])
        return out

    def repair(self, points: Any, steps: int = 12) -> Any:
        """The points after Gauss-Newton steps of least length towards the solution set of the equations."""
        points = self.clip(points)
        if self.system is None:
            return points
        cols = list(self.moving)
        if not cols:
            return points
        k = len(self.system.roots)
        for _ in range(steps):
            values, jac = self.system.many_slopes(points)
            j = jac[:, :, cols]
            ok = np.isfinite(values).all(1) & np.isfinite(j).all((1, 2))
            size = np.abs(values).max(1, initial=0)
            ok &= size > 1e-13 * (1 + np.abs(points).max(1, initial=0))
            if not ok.any():
                break
            j, v = j[ok], values[ok]
            gram = j @ j.transpose(0, 2, 1)
            damping = 1e-14 * (np.trace(gram, axis1=1, axis2=2)[:, None, None] + 1e-300) * np.eye(k)
            try:
                step = np.linalg.solve(gram + damping, v[:, :, None])
            except np.linalg.LinAlgError:
                break
            move = (j.transpose(0, 2, 1) @ step)[:, :, 0]
            if not np.isfinite(move).all():
                move = np.nan_to_num(move, nan=0.0, posinf=0.0, neginf=0.0)
            at = np.flatnonzero(ok)
            points[at[:, None], np.array(cols)[None, :]] -= move
            points = self.clip(points)
        return points

    def score(self, points: Any) -> Score:
        bad, margins = self.problem.margins(points)
        if self.system is not None:
            values = np.abs(self.system.many(points))
            off = np.where(np.isnan(values), np.inf, values).max(1, initial=0)
            scale = 1e-9 * (1 + np.abs(points).max(1, initial=0))
            bad = bad + np.where(off > scale, off, 0.0)
        return bad, margins[:, self.index]


def better(bad: Any, margin: Any) -> Any:
    """Indices from best to worst: fewer violated hypotheses first, then larger margins."""
    return np.lexsort((-np.nan_to_num(margin, nan=-np.inf), np.nan_to_num(bad, nan=np.inf)))


def evolve(
    land: Landscape,
    start: Any,
    scale: Any,
    rng: np.random.Generator,
    evaluations: int,
    stop: Callable[[], bool] = lambda: False,
    goal: float = math.inf,
) -> tuple[Any, float, float]:
    """An evolution strategy with covariance adaptation from one start.

    Arguments: `start` (variables,); `scale`, first step lengths; `evaluations`, how many points are tried; `stop`, asked in
    every generation; `goal`, a margin that is enough. Returns: the best point, its violation of hypotheses, its margin.
    """
    moves = np.array([i for i in range(len(start)) if i not in set(land.frozen)])
    n = len(moves)
    best = land.repair(start[None])[0]
    bad, margin = (float(a[0]) for a in land.score(best[None]))
    if n == 0:
        return best, bad, margin
    size = 4 + int(3 * math.log(n + 1)) * 2 + n
    half = size // 2
    weights = np.log(half + 0.5) - np.log(np.arange(1, half + 1))
    weights /= weights.sum()
    effective = 1 / (weights**2).sum()
    cs, cc = (effective + 2) / (n + effective + 5), 4 / (n + 4)
    c1 = 2 / ((n + 1.3) ** 2 + effective)
    cm = min(1 - c1, 2 * (effective - 2 + 1 / effective) / ((n + 2) ** 2 + effective))
    damp, expected = 1 + 2 * max(0.0, math.sqrt((effective - 1) / (n + 1)) - 1) + cs, math.sqrt(n) * (1 - 1 / (4 * n) + 1 / (21 * n * n))
    mean, sigma, c = best[moves].copy(), 1.0, np.diag(np.asarray(scale, dtype=float)[moves] ** 2)
    ps, pc = np.zeros(n), np.zeros(n)
    used, idle = 0, 0
    as_drawn = land.affine
    basis, root = np.eye(n), np.sqrt(np.diag(c))
    while used < evaluations and not stop():
        if used % (size * max(1, n // 4)) == 0:
            c = (c + c.T) / 2
            values, basis = np.linalg.eigh(c)
            root = np.sqrt(np.maximum(values, 1e-300))
        z = rng.standard_normal((size, n))
        points = np.repeat(best[None], size, axis=0)
        points[:, moves] = mean + sigma * (z * root) @ basis.T
        drawn = points
        points = land.repair(points.copy())
        bads, margins = land.score(points)
        used += size
        order = better(bads, margins)
        top = order[0]
        if (bads[top], -margins[top]) < (bad, -margin):
            idle = 0 if bads[top] < bad or margins[top] > margin + 1e-12 * (1 + abs(margin)) else idle + 1
            best, bad, margin = points[top].copy(), float(bads[top]), float(margins[top])
        else:
            idle += 1
        if bad == 0 and margin >= goal:
            break
        old = mean
        chosen = (drawn if as_drawn else points)[order[:half]][:, moves]
        mean = weights @ chosen
        y = (mean - old) / sigma
        ps = (1 - cs) * ps + math.sqrt(cs * (2 - cs) * effective) * (basis @ ((basis.T @ y) / root))
        norm = float(np.linalg.norm(ps))
        rising = norm / math.sqrt(1 - (1 - cs) ** (2 * (used / size + 1))) / expected < 1.4 + 2 / (n + 1)
        pc = (1 - cc) * pc + rising * math.sqrt(cc * (2 - cc) * effective) * y
        parts = (chosen - old) / sigma
        c = (1 - c1 - cm) * c + c1 * np.outer(pc, pc) + cm * (parts * weights[:, None]).T @ parts
        sigma *= math.exp(min(1.0, (norm / expected - 1) * cs / damp))
        spread = sigma * float(root.max())
        if not math.isfinite(spread) or not np.isfinite(c).all() or spread < 1e-14 * (1 + float(np.abs(mean).max())) or idle > 60 + 10 * n:
            break
    return best, bad, margin


def finish(land: Landscape, start: Any, steps: int = 100) -> tuple[Any, float, float]:
    """SLSQP from a start: the largest t with every margin >= t, hypotheses and equations kept; the start where SciPy is missing."""
    p = land.problem
    bad, margin = (float(a[0]) for a in land.score(start[None]))
    if not HAVE_SCIPY or len(p.real) == 0:
        return start, bad, margin
    from scipy.optimize import minimize

    wanted = [r for r in land.target.relations if r.op != "="]
    roots = [*(r.diff for r in p.hypotheses if r.op != "!="), *(r.diff for r in wanted)]
    h = len(roots) - len(wanted)
    if not wanted:
        return start, bad, margin
    f, cols = p.compiled(roots), p.real
    lengths = np.maximum(np.abs(start[cols]), 1e-3)
    sizes = np.abs(np.nan_to_num(np.array(f.one(start)), nan=1.0, posinf=1e10, neginf=1e10))[:h]
    weights = 1 / np.clip(sizes, 1e-6, 1e6)  # hypotheses of very different sizes are brought to one scale

    def full(z: Any) -> Any:
        x = start.copy()
        x[cols] = z[:-1] * lengths
        return x

    def inequalities(z: Any) -> Any:
        v = np.nan_to_num(np.array(f.one(full(z))), nan=1e10, posinf=1e10, neginf=-1e10)
        return np.concatenate([-v[:h] * weights, v[h:] - z[-1]])

    def inequality_slopes(z: Any) -> Any:
        j = np.nan_to_num(np.array(f.one_slopes(full(z))[1])[:, cols] * lengths, nan=0.0, posinf=1e10, neginf=-1e10)
        return np.hstack([np.vstack([-j[:h] * weights[:, None], j[h:]]), np.concatenate([np.zeros(h), -np.ones(len(wanted))])[:, None]])

    constraints: list[dict[str, Any]] = [{"type": "ineq", "fun": inequalities, "jac": inequality_slopes}]
    if land.system is not None:
        s = land.system
        constraints.append(
            {
                "type": "eq",
                "fun": lambda z: np.nan_to_num(np.array(s.one(full(z))), nan=1e10, posinf=1e10, neginf=-1e10),
                "jac": lambda z: np.hstack(
                    [np.nan_to_num(np.array(s.one_slopes(full(z))[1])[:, cols] * lengths), np.zeros((len(s.roots), 1))]
                ),
            }
        )
    bounds = [
        (None if math.isinf(a) else a / c, None if math.isinf(b) else b / c)
        for a, b, c in zip(land.inner_lo[cols], land.inner_hi[cols], lengths, strict=True)
    ]
    first = np.concatenate([start[cols] / lengths, [margin if math.isfinite(margin) else -1.0]])
    gradient = np.concatenate([np.zeros(len(cols)), [-1.0]])
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            found = minimize(
                lambda z: -z[-1],
                first,
                jac=lambda z: gradient,
                bounds=[*bounds, (None, 1e6)],
                constraints=constraints,
                method="SLSQP",
                options={"maxiter": steps, "ftol": 1e-14},
            )
    except (ValueError, ArithmeticError, np.linalg.LinAlgError):
        return start, bad, margin
    if not np.isfinite(found.x).all():
        return start, bad, margin
    end = land.repair(full(found.x)[None])
    new_bad, new_margin = (float(a[0]) for a in land.score(end))
    return (end[0], new_bad, new_margin) if (new_bad, -new_margin) < (bad, -margin) else (start, bad, margin)
