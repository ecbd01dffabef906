"""The core of a portrait as claims that the kernel can re-check: equilibria and their completeness, orbits, traps, attraction, divergence.

Derivatives are left to the kernel: the claims speak of D(loss, x). What is too large to re-check (the cells of a basin, long branches)
has no claim here and stays at trust `interval`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from ..certify import Cover, Orbit, Search, Stay, ZeroIn, certify
from ..claims import Claim, Outcome, Statement, Trust, Verdict, converges, diverges, every, forall, orbit, stays, unique_zero
from ..enclosures.interval import Interval
from ..language import Expr, LanguageError, Relation, diff, eq, expr, ne, prod, real
from .basins import Fate, Target
from .equilibria import Equilibria, Equilibrium, Kind, hessian
from .expressions import derivative, substitute
from .model import DescentMap
from .orbits import PeriodicOrbit, Stability
from .zeros import Box, quiet

GRID = 2**40


@dataclass(frozen=True)
class Evidence:
    """A claim and what the kernel said of it."""

    claim: Claim
    verdict: Verdict

    @property
    def trust(self) -> Trust | None:
        """KERNEL where the certificate was re-checked, else None."""
        return self.verdict.trust if self.verdict.outcome is Outcome.PROVED else None

    def __str__(self) -> str:
        return f"{self.claim.id}: {self.claim.title}: {self.verdict}"


def check(claims: Sequence[Claim], seconds: float = 60.0, progress: Callable[[str], None] = quiet) -> tuple[Evidence, ...]:
    """Certify claims one after the other.

    Arguments: claims; seconds, for each of them; progress. Returns: a verdict for each that was reached before Ctrl-C.
    """
    out: list[Evidence] = []
    try:
        for c in claims:
            progress(f"kernel: {c.id}")
            out.append(Evidence(c, certify(c, Search(seconds=seconds))))
    except KeyboardInterrupt:
        progress("interrupted: the remaining claims are not checked")
    return tuple(out)


def _range(lo: Fraction, hi: Fraction, closed: bool = True) -> str:
    return f"{'[' if closed else '('}{lo}, {hi}{']' if closed else ')'}"


def _dyadic(q: Fraction) -> Fraction:
    return Fraction(round(q * GRID), GRID)


def _claim(id: str, title: str, statement: Statement, by: object = None) -> Claim:
    return Claim(id, title, statement, by=by)


def cell(f: DescentMap, e: Equilibrium) -> tuple[tuple[Fraction, Fraction], ...] | None:
    """A box with short rational ends around an equilibrium, on which the Hessian is still certainly regular."""
    middle = [
        q if e.exact is not None else _dyadic((Fraction(v.lo) + Fraction(v.hi)) / 2)
        for v, q in zip(e.box, e.exact or [Fraction(0)] * len(e.box), strict=True)
    ]
    for k in (6, 10, 14, 18, 22, 26):
        r = Fraction(1, 2**k)
        box = tuple(Interval(m - r, m + r) for m in middle)
        if e.unique is not None and not all(v.is_subset(w) for v, w in zip(box, e.unique, strict=True)):
            continue
        if not all(b.lo < v.lo and v.hi < b.hi for b, v in zip(box, e.box, strict=True)):
            return None
        h = hessian(f, box)
        if h is None:
            continue
        from .spectrum import symmetric_eigenvalues

        if all(v.lo > 0 or v.hi < 0 for v in symmetric_eigenvalues(h)):
            return tuple((m - r, m + r) for m in middle)
    return None


def equilibrium_claim(f: DescentMap, e: Equilibrium, id: str) -> Claim | None:
    """Exactly one equilibrium in a small box, with the signs of its curvature (in one variable); None for a degenerate one."""
    box = cell(f, e)
    if box is None:
        return None
    variables = [real(x, _range(*b)) for x, b in zip(f.variables, box, strict=True)]
    then = []
    if f.dimension == 1:
        curvature = diff(f.loss, variables[0], variables[0])
        then = [curvature > 0 if e.kind is Kind.MINIMUM else curvature < 0]
    statement = unique_zero(*variables, of=[diff(f.loss, v) for v in variables], then=then)
    near = {x: (a + b) / 2 for x, (a, b) in zip(f.variables, box, strict=True)}
    by = ZeroIn(near, radius=(box[0][1] - box[0][0]) / 2)
    return _claim(id, f"exactly one equilibrium near {', '.join(f'{x} = {float(q):.6g}' for x, q in near.items())}", statement, by)


def equilibria_claims(f: DescentMap, known: Equilibria) -> list[Claim]:
    """Claims for all certified equilibria, and in one variable that there are no others."""
    out: list[Claim] = []
    cells: list[tuple[Fraction, Fraction]] = []
    for i, e in enumerate(known.points, 1):
        c = equilibrium_claim(f, e, f"equilibrium.{i}")
        if c is not None:
            out.append(c)
            entry = cell(f, e)
            assert entry is not None
            cells.append(entry[0])
        elif e.exact is not None and f.dimension == 1 and f.analytic:
            cells.append((e.exact[0], e.exact[0]))
            out.append(
                _claim(
                    f"equilibrium.{i}",
                    f"{e.exact[0]} is an equilibrium",
                    forall(real(f.variables[0], _range(e.exact[0], e.exact[0])), then=eq(diff(f.loss, real(f.variables[0])), 0)),
                )
            )
        else:
            return out
    if f.dimension == 1 and known.complete and not known.undecided:
        region = known.region[0] if known.region is not None else None
        statement = no_others(f, cells, None if region is None else Fraction(region.lo), None if region is None else Fraction(region.hi))
        if statement is not None:
            out.append(
                _claim(
                    "equilibria.complete",
                    (
                        "there is no equilibrium"
                        if not cells
                        else f"there is no equilibrium besides {'this one' if len(cells) == 1 else f'these {len(cells)}'}"
                    )
                    + (f" in {region_text(known.region)}" if known.region else ""),
                    statement,
                )
            )
    return out


def region_text(region: Box | None) -> str:
    """A region in short."""
    return "everywhere" if region is None else " × ".join(f"[{v.lo}, {v.hi}]" for v in region)


def no_others(f: DescentMap, cells: Sequence[tuple[Fraction, Fraction]], lo: Fraction | None, hi: Fraction | None) -> Statement | None:
    """The gradient does not vanish between lo and hi outside the cells (one variable)."""
    x = f.variables[0]
    parts = []
    left, closed = ("-oo" if lo is None else str(lo)), lo is not None
    for a, b in [*sorted(cells), (None, None)]:
        right = str(a) if a is not None else "oo" if hi is None else str(hi)
        end = "]" if a is None and hi is not None else ")"
        lower, upper = (None if left == "-oo" else Fraction(left)), (None if right == "oo" else Fraction(right))
        if lower is None or upper is None or lower < upper:
            v = real(x, f"{'[' if closed else '('}{left}, {right}{end}")
            parts.append(forall(v, then=ne(diff(f.loss, v), 0)))
        left, closed = str(b), False
    return every(*parts) if parts else None


def orbit_claim(f: DescentMap, o: PeriodicOrbit, id: str) -> Claim | None:
    """Exactly one orbit of this period near the enclosure, stable or unstable as found (one variable); for one step size."""
    if f.step.lo != f.step.hi:
        return None
    names = [[f"{x}_{i}" for x in f.variables] for i in range(o.period)]
    middles = [[_dyadic((Fraction(v.lo) + Fraction(v.hi)) / 2) for v in box] for box in o.points]
    g = f.map_at(f.delta)
    equations: list[Expr] = []
    for i in range(o.period):
        here = {x: Expr(n) for x, n in zip(f.variables, names[i], strict=True)}
        following = names[(i + 1) % o.period]
        equations += [Expr(n) - substitute(e, here) for n, e in zip(following, g, strict=True)]
    then: list[Relation] = []
    if f.dimension == 1:
        slope = derivative(g[0], f.variables[0])
        multiplier = prod(substitute(slope, {f.variables[0]: Expr(n[0])}) for n in names)
        if o.stability in (Stability.STABLE, Stability.SUPERSTABLE):
            then = [multiplier < 1, multiplier > -1]
        elif o.multiplier is not None and o.stability is Stability.UNSTABLE:
            then = [multiplier > 1 if o.multiplier.lo > 1 else multiplier < -1]
    r = Fraction(1, 2**22)
    variables = [real(n, _range(m - r, m + r)) for row, ms in zip(names, middles, strict=True) for n, m in zip(row, ms, strict=True)]
    near = {n: m for row, ms in zip(names, middles, strict=True) for n, m in zip(row, ms, strict=True)}
    try:
        statement = unique_zero(*variables, of=equations, then=then)
    except LanguageError:
        return None
    return _claim(
        id,
        f"exactly one orbit of period {o.period} near {', '.join(f'{float(m[0]):.6g}' for m in middles)}",
        statement,
        ZeroIn(near, radius=r),
    )


def target_claims(f: DescentMap, target: Target, id: str, iterate: int = 1) -> list[Claim]:
    """Claims for a target of a basin: attraction to a rational equilibrium or contraction around another one, a trap, divergence."""
    x = real(f.variables[0])
    g = f.map_at(f.delta)[0]
    if target.fate is Fate.DIVERGES:
        v = target.intervals[-1]
        up = not isinstance(v.lo, float)
        c = Fraction(v.lo) if up else -Fraction(v.hi)
        measure = abs(x) if len(target.intervals) == 2 else x if up else -x
        return [
            _claim(id, f"every start with {measure} > {float(c):.6g} diverges", orbit({x: g}, start=[expr(c) < measure], then=[diverges()]))
        ]
    v = target.intervals[0]
    lo, hi = Fraction(v.lo), Fraction(v.hi)
    start = [expr(lo) <= x, x <= expr(hi)]
    where = f"[{float(lo):.6g}, {float(hi):.6g}]"
    if target.fate is Fate.TRAPPED:
        parts: list[Statement] = []
        cells: list[tuple[Fraction, Fraction]] = []
        for e in target.inside:
            box = cell(f, e)
            if box is None:
                return []
            y = real(x.name, _range(*box[0]))
            parts.append(unique_zero(y, of=diff(f.loss, y), then=[(1 - expr(f.delta) * diff(f.loss, y, y)) ** 2 > 1]))
            cells.append(box[0])
        rest = no_others(f, cells, lo, hi)
        trap = orbit({x: g}, start=start, then=[stays(*start)])
        by = None if f.slope_coefficients is not None else Orbit([Stay(start, by=Cover(20_000))])
        out = [_claim(f"{id}.kept", f"the map sends {where} into itself", trap, by)]
        out += [
            _claim(
                f"{id}.repelling.{i}",
                "exactly one equilibrium here, and it is repelling",
                p,
                ZeroIn({x.name: (a + b) / 2}, radius=(b - a) / 2),
            )
            for i, (p, (a, b)) in enumerate(zip(parts, cells, strict=True), 1)
        ]
        return [*out, _claim(f"{id}.others", f"{where} holds no other equilibrium", rest)] if rest is not None else out
    if isinstance(target.what, Equilibrium):
        e = target.what
        if e.exact is not None:
            title = f"every start in {where} converges to {e.exact[0]}"
            return [
                _claim(
                    id,
                    title,
                    orbit({x: g if iterate == 1 else substitute(g, {x.name: g})}, start=start, then=[converges(expr(e.exact[0]))]),
                )
            ]
        y = real(x.name, _range(lo, hi))
        box = cell(f, e)
        if box is None:
            return []
        return [
            _claim(f"{id}.contracts", f"the map contracts on {where}", forall(y, then=[(1 - expr(f.delta) * diff(f.loss, y, y)) ** 2 < 1]))
        ]
    return []
