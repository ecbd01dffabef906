"""Local and population search for the largest margin of violation, in floats.

Hypotheses are filters, equations are kept by projection: after every move a point is brought back to the solution set by
Gauss-Newton steps. A population (an evolution strategy with an adapted covariance) copes with kinks, poles and narrow
feasible sets; SciPy's SLSQP, where it is installed, finishes.
"""

from __future__ import annotations

import importlib.util
import math
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
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
    tuned: int | None = None  # a positive coordinate outside the equations that is set to the best value for each point

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
        """The points after Gauss-Newton steps of least length towards the solution set of the equations, and with the tuned coordinate."""
        points = self.project(self.clip(points), 4 if self.affine else steps, 1e-12 if self.affine else 1e-13)
        return points if self.tuned is None else self.tune(points, self.tuned)

    def tune(self, points: Any, i: int) -> Any:
        """Bring the conclusion and the hypotheses that speak of this coordinate to one margin, by secant steps in its logarithm:
        a window of a few percent that moves with all other coordinates is hard to hit by moves."""
        at, ends = np.log(points[:, i]), np.log([max(self.inner_lo[i], 1e-12), min(self.inner_hi[i], 1e12)])
        before, value = at, self.problem.imbalance(points, self.index)
        at = at + 0.05
        for _ in range(3):
            points[:, i] = np.exp(np.clip(at, *ends))
            old, value = value, self.problem.imbalance(points, self.index)
            with np.errstate(all="ignore"):
                move = -value * (at - before) / (value - old)
            move = np.where(np.isfinite(move), np.clip(move, -1.5, 1.5), 0.0)
            before, at = at, np.clip(at + move, *ends)
        points[:, i] = np.exp(at)
        return points

    def project(self, points: Any, steps: int, tolerance: float) -> Any:
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
            ok &= size > tolerance * (1 + np.abs(points).max(1, initial=0))
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


@dataclass
class Climb:
    """An evolution strategy with covariance adaptation from one start: `ask` for points, `tell` what became of them.

    Arguments: `start` (variables,); `scale`, first step lengths; `rng`; `evaluations`, how many points are tried; `goal`, a margin
    that is enough. `best`, `bad` and `margin` are the best point so far, its violation of hypotheses and its margin.
    """

    land: Landscape
    start: Any
    scale: Any
    rng: np.random.Generator
    evaluations: int
    goal: float = math.inf

    def __post_init__(self) -> None:
        held = set(self.land.frozen)
        self.moves = np.array([i for i in range(len(self.start)) if i not in held], dtype=int)
        n = self.n = len(self.moves)
        self.best = self.land.repair(self.start[None])[0]
        self.bad, self.margin = (float(a[0]) for a in self.land.score(self.best[None]))
        self.used, self.idle, self.done = 0, 0, n == 0
        self.size = 4 + int(3 * math.log(n + 1)) * 2 + n
        half = self.size // 2
        weights = np.log(half + 0.5) - np.log(np.arange(1, half + 1))
        self.weights = weights / weights.sum()
        self.effective = effective = 1 / (self.weights**2).sum()
        self.cs, self.cc = (effective + 2) / (n + effective + 5), 4 / (n + 4)
        self.c1 = 2 / ((n + 1.3) ** 2 + effective)
        self.cm = min(1 - self.c1, 2 * (effective - 2 + 1 / effective) / ((n + 2) ** 2 + effective))
        self.damp = 1 + 2 * max(0.0, math.sqrt(max(0.0, effective - 1) / (n + 1)) - 1) + self.cs
        self.expected = math.sqrt(n) * (1 - 1 / (4 * n) + 1 / (21 * n * n)) if n else 1.0
        self.mean, self.sigma = self.best[self.moves].copy(), 1.0
        self.c = np.diag(np.asarray(self.scale, dtype=float)[self.moves] ** 2)
        self.ps, self.pc = np.zeros(n), np.zeros(n)
        self.basis, self.root = np.eye(n), np.sqrt(np.diag(self.c))

    def ask(self) -> Any:
        """The points of the next generation, before repair."""
        n = self.n
        if self.used % (self.size * max(1, n // 4)) == 0:
            self.c = (self.c + self.c.T) / 2
            values, self.basis = np.linalg.eigh(self.c)
            self.root = np.sqrt(np.maximum(values, 1e-300))
        z = self.rng.standard_normal((self.size, n))
        points = np.repeat(self.best[None], self.size, axis=0)
        points[:, self.moves] = self.mean + self.sigma * (z * self.root) @ self.basis.T
        return points

    def tell(self, drawn: Any, points: Any, bads: Any, margins: Any) -> None:
        """What the points that were drawn became by repair, and their scores."""
        n = self.n
        self.used += self.size
        order = better(bads, margins)
        top = order[0]
        if (bads[top], -margins[top]) < (self.bad, -self.margin):
            much = bads[top] < self.bad or margins[top] > self.margin + 1e-12 * (1 + abs(self.margin))
            self.idle = 0 if much else self.idle + 1
            self.best, self.bad, self.margin = points[top].copy(), float(bads[top]), float(margins[top])
        else:
            self.idle += 1
        if self.bad == 0 and self.margin >= self.goal:
            self.done = True
            return
        old = self.mean
        chosen = (drawn if self.land.affine else points)[order[: len(self.weights)]][:, self.moves]
        self.mean = self.weights @ chosen
        y = (self.mean - old) / self.sigma
        whitened = self.basis @ ((self.basis.T @ y) / self.root)
        self.ps = (1 - self.cs) * self.ps + math.sqrt(self.cs * (2 - self.cs) * self.effective) * whitened
        norm = float(np.linalg.norm(self.ps))
        rising = norm / math.sqrt(1 - (1 - self.cs) ** (2 * (self.used / self.size + 1))) / self.expected < 1.4 + 2 / (n + 1)
        self.pc = (1 - self.cc) * self.pc + rising * math.sqrt(self.cc * (2 - self.cc) * self.effective) * y
        parts = (chosen - old) / self.sigma
        self.c = (
            (1 - self.c1 - self.cm) * self.c + self.c1 * np.outer(self.pc, self.pc) + self.cm * (parts * self.weights[:, None]).T @ parts
        )
        self.sigma *= math.exp(min(1.0, (norm / self.expected - 1) * self.cs / self.damp))
        spread = self.sigma * float(self.root.max())
        lost = not math.isfinite(spread) or not np.isfinite(self.c).all() or spread < 1e-14 * (1 + float(np.abs(self.mean).max()))
        self.done = lost or self.idle > 60 + 10 * n or self.used >= self.evaluations

    STATE = ("mean", "sigma", "c", "ps", "pc", "basis", "root", "best", "bad", "margin", "used", "idle", "done")

    def state(self) -> dict[str, Any]:
        """All that changes, as JSON; of a climb that has ended, where it ended."""
        names = self.STATE[self.STATE.index("best") :] if self.done else self.STATE
        values = {name: getattr(self, name) for name in names}
        out = {name: v.tolist() if isinstance(v, np.ndarray) else v for name, v in values.items()}
        return out if self.done else {**out, "rng": self.rng.bit_generator.state}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on where a climb from the same start was."""
        for name, v in state.items():
            if name == "rng":
                self.rng.bit_generator.state = v
            elif name in self.STATE:
                setattr(self, name, np.array(v) if isinstance(v, list) else v)


See = Callable[[Any, Any, Any], None]  # told the points of each generation, their violations of hypotheses and their margins


def climb_together(climbs: Sequence[Climb], stop: Callable[[], bool] = lambda: False, see: See | None = None) -> Iterator[Climb]:
    """Climbs on one landscape in step, so that their points are evaluated together; each of them as it ends."""
    left = [c for c in climbs if not c.done]
    yield from (c for c in climbs if c.done)
    while left:
        drawn = [c.ask() for c in left]
        land = left[0].land
        points = land.repair(np.vstack(drawn))
        bads, margins = land.score(points)
        if see is not None:
            see(points, bads, margins)
        ends = np.cumsum([len(d) for d in drawn])
        for c, d, end in zip(left, drawn, ends, strict=True):
            mine = slice(end - len(d), end)
            c.tell(d, points[mine], bads[mine], margins[mine])
        yield from (c for c in left if c.done)
        left = [c for c in left if not c.done]
        if stop():
            return


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
