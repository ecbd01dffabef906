"""The portrait of gradient descent on a loss: equilibria, thresholds, orbits, basins and step-size scans on one page, each line with its
trust."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import partial
from itertools import islice, product
from os import PathLike
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ..claims import Claim, Outcome, Trust
from ..enclosures.interval import Interval
from ..language import ExprLike, text
from .basins import Basins, Fate, Target, basins, percent
from .equilibria import Equilibria, Equilibrium, Kind, equilibria, hessian, show
from .evidence import Evidence, check, equilibria_claims, orbit_claim, region_text, target_claims
from .expressions import undefined_at
from .model import DescentMap, DynamicsError, RegionLike, StepLike, as_interval, as_region
from .orbits import PeriodicOrbits, Stability, periodic_orbits
from .plane import PlaneBasins, PlaneTarget
from .plane_regions import Disc
from .scan import Branch, PeriodDoubling, branch, orbit_after, period_doublings, period_three
from .several import read
from .spectrum import symmetric_eigenvalues
from .threshold import Flip, at_threshold
from .zeros import Box, Progress, quiet

MOST_CELLS = 4000  # in JSON


@dataclass(frozen=True)
class Neighbourhood:
    """A ball of certified attraction in several variables: |g(x) − p| ≤ factor·|x − p| for |x − p| ≤ radius (Euclidean norm)."""

    equilibrium: Equilibrium
    radius: Fraction
    factor: Fraction
    trust: Trust = Trust.INTERVAL

    def __str__(self) -> str:
        factor = f"by a factor of {float(self.factor):.6g} a step or better"
        return f"every start within {float(self.radius):.6g} converges, {factor} [{self.trust.value}]"


@dataclass(frozen=True, eq=False)
class Scan:
    """What was certified over an interval of step sizes."""

    steps: Interval
    doublings: tuple[tuple[PeriodDoubling, ...], ...]  # a cascade for each minimum
    branches: tuple[Branch, ...]
    period_three: tuple[Branch, ...]


@dataclass(frozen=True, eq=False)
class Portrait:
    """All that was certified about gradient descent on a loss.

    Arguments: map (its step size is only meaningful where `has_step`); region; equilibria; flips, one for each point; orbits, by period;
    basins; neighbourhoods, in several variables; scan; evidence, what the kernel re-checked; notes, what was left out, and why.
    """

    map: DescentMap
    has_step: bool
    region: Box
    equilibria: Equilibria
    flips: tuple[Flip, ...] = ()
    orbits: tuple[PeriodicOrbits, ...] = ()
    basins: Basins | PlaneBasins | None = None
    neighbourhoods: tuple[Neighbourhood, ...] = ()
    scan: Scan | None = None
    evidence: tuple[Evidence, ...] = ()
    notes: tuple[str, ...] = field(default=())

    def claims(self) -> list[Claim]:
        """The core of the portrait as claims that the kernel can re-check, whether or not it already has."""
        return _claims(self.map, self.has_step, self.equilibria, self.orbits, self.basins)

    def status(self, e: Equilibrium) -> str:
        """Whether an equilibrium is stable at the step size of the map, in words."""
        if not e.curvature:
            return "undecided"
        d = self.map.step
        products = [Fraction(c) * Fraction(s) for v in (e.curvature[0], e.curvature[-1]) for c in (v.lo, v.hi) for s in (d.lo, d.hi)]
        low, high = min(products), max(products)
        mult = (
            f"multiplier {show(Interval(1 - high, 1 - low))}"
            if len(e.curvature) == 1
            else f"|multiplier| up to {float(max(abs(1 - low), abs(1 - high))):.6g}"
        )
        if (
            any(Fraction(c.hi) * Fraction(d.lo) < 0 for c in e.curvature)
            or all(p > 2 for p in products[4:])
            or (len(e.curvature) == 1 and low > 2)
        ):
            return f"unstable, {mult}"
        if low > 0 and high < 2:
            return f"stable, {mult}"
        flip = self.flips[self.equilibria.points.index(e)] if self.flips and len(e.curvature) == 1 else None
        if low == high == 2 and flip is not None:
            return f"at its threshold (multiplier -1): {flip.kind.value}"
        attracted = self.basins is not None and any(t.what is e for t in self.basins.targets)
        return f"attracting although not hyperbolic, {mult}" if attracted else f"undecided, {mult}"

    def __str__(self) -> str:
        return "\n".join(_page(self))

    def to_json(self) -> str:
        """The portrait as JSON text; exact numbers are strings "p/q", enclosures have "lo" and "hi"."""
        return json.dumps(_data(self), indent=2, ensure_ascii=False)

    def plot(self, file: str | PathLike[str]) -> None:
        """Draw the portrait to a file; the suffix chooses the format (.svg and .pdf are vector formats).

        Raises: DynamicsError without matplotlib (install symgd[plot]) or for a suffix it does not know.
        """
        from .plot import draw

        draw(self, file)

    def _repr_svg_(self) -> str | None:
        """The plot, for notebooks; None, so that the text is shown, where there is no matplotlib or nothing to draw."""
        with TemporaryDirectory() as folder:
            file = Path(folder) / "portrait.svg"
            try:
                self.plot(file)
            except DynamicsError:
                return None
            return file.read_text(encoding="utf-8")


def analyze(
    loss: ExprLike,
    variables: Iterable[Any] = ("x",),
    step: StepLike | None = None,
    steps: StepLike | None = None,
    region: RegionLike | None = None,
    *,
    periods: int | None = None,
    cells: int | None = None,
    kernel: bool = True,
    progress: Progress = quiet,
) -> Portrait:
    """The portrait of gradient descent on a loss.

    Arguments: loss, an expression or text; variables, their names; step, the step size for orbits and basins; steps, an interval of step
    sizes to scan, such as "1:3/2"; region, of the starts (found from the equilibria for a polynomial in one variable); periods, up to
    which orbits are searched (4 in one variable, 2 in several); cells, how many may be examined for the basins; kernel, whether the core
    statements are certified by the kernel; progress, told what is going on.
    Returns: `Portrait`. Ctrl-C returns what is certified so far. Raises: DynamicsError, LanguageError for input that cannot be used.
    """
    span = None if steps is None else as_interval(steps, "steps")
    if step is None and span is None:
        raise DynamicsError("give a step size, or an interval of step sizes to scan")
    f = DescentMap(loss, variables, step if step is not None else span)  # type: ignore[arg-type]
    one = f.dimension == 1
    periods = (4 if one else 2) if periods is None else periods
    if not 1 <= periods <= 8:
        raise DynamicsError(f"orbits are searched up to period 8, not {periods}")
    notes: list[str] = []
    stage = _Stages(progress, notes)

    box = None if region is None else as_region(region, f.variables)
    if box is None and not (one and f.slope_coefficients is not None):
        box = as_region("-4:4", f.variables)
        notes.append("the region is the one that is taken when none is given; choose another with region (--region LO:HI)")
    if box is not None:
        _defined_on(f, box)
    if not f.analytic:
        notes.append("the loss has kinks; there the mean of the one-sided derivatives is taken, and equilibria stay undecided")
    if f.dimension > 2:
        notes.append("basins are computed for losses in one or two variables")
    known = equilibria(f, f.variables, None if one and f.slope_coefficients is not None else box, progress=stage.progress)
    box = box or (_around(known),)
    flips = stage.run("thresholds", lambda: tuple(at_threshold(f, e) for e in known.points), ())
    fixed = step is not None and f.step.lo == f.step.hi
    orbits: list[PeriodicOrbits] = []
    found: Basins | PlaneBasins | None = None
    balls: tuple[Neighbourhood, ...] = ()
    if step is not None:
        for n in range(2, periods + 1):
            orbit = stage.run(f"period {n}", partial(periodic_orbits, f, n, box, budget=60_000, progress=stage.progress), None)
            if orbit is not None:
                orbits.append(orbit)
        if f.dimension <= 2 and fixed:
            told = known if known.region is None or not one else None
            found = stage.run("basins", lambda: basins(f, box, cells=cells, progress=stage.progress, known=told), None)
        if isinstance(found, PlaneBasins):
            notes += found.notes
            balls = tuple(
                Neighbourhood(t.what, Fraction(t.regions[0].radius), Fraction(t.factor))
                for t in found.targets
                if isinstance(t.what, Equilibrium) and isinstance(t.regions[0], Disc) and t.factor is not None
            )
        elif not one:
            balls = stage.run("neighbourhoods", lambda: tuple(b for e in known.points if (b := neighbourhood(f, e)) is not None), ())
    scanned = None
    if span is not None:
        if one:
            scanned = stage.run("scan", lambda: scan(f, known, box, span, stage.progress), None)
        else:
            notes.append("step sizes are scanned for losses in one variable only")
    evidence: tuple[Evidence, ...] = ()
    if kernel:
        claims = _claims(f, fixed, known, tuple(orbits), found)
        evidence = stage.run("kernel", lambda: check(claims, progress=stage.progress), ())
    return Portrait(f, step is not None, box, known, flips, tuple(orbits), found, balls, scanned, evidence, tuple(notes))


class _Stages:
    """Runs the stages one after the other; after an interrupt the rest are left out, and what is certified is kept."""

    def __init__(self, progress: Progress, notes: list[str]) -> None:
        self._progress, self.notes, self.stopped = progress, notes, False

    def progress(self, message: str) -> None:
        if message.startswith("interrupted") and not self.stopped:
            self.stopped = True
            self.notes.append(message)
        self._progress(message)

    def run(self, name: str, work: Callable[[], Any], default: Any) -> Any:
        if self.stopped:
            self.notes.append(f"interrupted before: {name}")
            return default
        try:
            self._progress(name)
            return work()
        except KeyboardInterrupt:
            self.stopped = True
            self.notes.append(f"interrupted in: {name}")
            return default


def _defined_on(f: DescentMap, box: Box) -> None:
    """Refuse a region with a point, of a grid, at which the loss is certainly undefined. Raises: DynamicsError that names the point."""
    if (f.slope_coefficients if f.dimension == 1 else read(f.loss, f.variables)) is not None:
        return
    parts = {1: 240, 2: 12}.get(f.dimension, 2)
    axes = [[Fraction(v.lo) + (Fraction(v.hi) - Fraction(v.lo)) * Fraction(k, parts) for k in range(parts + 1)] for v in box]
    for v, axis in zip(box, axes, strict=True):
        axis += [Fraction(0)] if v.lo <= 0 <= v.hi and f.dimension <= 2 else []
    for point in islice(product(*axes), 1000):
        if undefined_at(f.loss, dict(zip(f.variables, point, strict=True))):
            where = ", ".join(f"{x} = {q}" for x, q in zip(f.variables, point, strict=True))
            raise DynamicsError(f"the loss is not defined at {where}; give a region on which it is (--region LO:HI)")


def _around(known: Equilibria) -> Interval:
    """A region with simple ends around all equilibria."""
    if not known.points:
        return Interval(-2, 2)
    lo, hi = min(Fraction(p.box[0].lo) for p in known.points), max(Fraction(p.box[0].hi) for p in known.points)
    margin = max(Fraction(1), (hi - lo) / 2)
    return Interval(Fraction((2 * (lo - margin)).__floor__(), 2), Fraction((2 * (hi + margin)).__ceil__(), 2))


def neighbourhood(f: DescentMap, e: Equilibrium) -> Neighbourhood | None:
    """The largest ball found around a minimum on which the map contracts in the Euclidean norm.

    Arguments: f; e. Source: g(x) − p = (I − δH)(x − p) with a mean H of Hessians on the segment, symmetric, so its norm is the largest |1
    − δλ|.
    """
    if e.kind is not Kind.MINIMUM:
        return None
    best = None
    for k in range(40):
        r = Fraction(2) / Fraction(5, 4) ** k
        h = hessian(f, tuple(Interval(v.lo - r, v.hi + r) for v in e.box))
        if h is None:
            continue
        values = symmetric_eigenvalues(h)
        factor = max(abs(1 - Fraction(c) * Fraction(d)) for v in values for c in (v.lo, v.hi) for d in (f.step.lo, f.step.hi))
        if factor < 1 - Fraction(1, 1000):
            best = Neighbourhood(e, Fraction(round(r * 2**20), 2**20), Fraction((factor * 2**20).__ceil__(), 2**20))
            break
    return best


def scan(f: DescentMap, known: Equilibria, region: Box, span: Interval, progress: Progress = quiet) -> Scan:
    """Period doublings, certified branches and period 3 over an interval of step sizes (one variable).

    Arguments: f; known, its equilibria; region, where orbits of period 3 are looked for; span, of step sizes; progress, told what is done.
    """
    cascades = tuple(period_doublings(f, e, 4, progress=progress) for e in known.minima)
    branches: list[Branch] = []
    lo, hi = Fraction(span.lo), Fraction(span.hi)
    for e in known.points:
        if lo < hi and e.kind is not Kind.DEGENERATE:
            b = branch(f, 1, (Fraction(e.box[0].lo) + Fraction(e.box[0].hi)) / 2, span, progress=progress)
            branches += [b] if b is not None else []
    for cascade in cascades:
        for i, doubling in enumerate(cascade[:3]):
            born = (Fraction(doubling.step.lo) + Fraction(doubling.step.hi)) / 2
            after = Fraction(cascade[i + 1].step.lo) if i + 1 < len(cascade) else born * Fraction(21, 20)
            if after <= lo or born >= hi:
                continue
            start = max(born, lo)
            at = Fraction(round((start + (min(after, hi) - start) / 3) * 2**30), 2**30)
            n = 2 * doubling.period
            for x in orbit_after(f, n, float(doubling.points[0].lo), at, born)[:1]:
                b = branch(f, n, x, (start, hi), at=at, stable_only=n > 2, progress=progress)
                branches += [b] if b is not None else []
    threes: list[Branch] = []
    last = f.with_step(hi)
    for o in period_three(last, region, progress=progress).orbits:
        b = branch(f, 3, (Fraction(o.points[0][0].lo) + Fraction(o.points[0][0].hi)) / 2, span, at=hi, progress=progress)
        threes += [b] if b is not None else []
    return Scan(span, cascades, tuple(branches), tuple(threes))


def _claims(
    f: DescentMap, fixed: bool, known: Equilibria, orbits: tuple[PeriodicOrbits, ...], found: Basins | PlaneBasins | None
) -> list[Claim]:
    out = equilibria_claims(f, known)
    if fixed:
        for group in orbits:
            for i, o in enumerate(group.orbits[:8], 1):
                claim = orbit_claim(f, o, f"orbit.{group.period}.{i}")
                out += [claim] if claim is not None else []
    if isinstance(found, Basins):
        for i, t in enumerate(found.targets, 1):
            if t.fate is not Fate.TRAPPED or found.measures[i - 1]:  # a trap in which something better was found says nothing new
                out += target_claims(f, t, f"target.{i}", 2 if "g(g(x))" in t.reason else 1)
    return out


# --- page --------------------------------------------------------------------------------------------------------------------------------


def _page(p: Portrait) -> list[str]:
    f = p.map
    lines = [f"Gradient descent on f = {text(f.loss)}"]
    if p.has_step:
        lines[0] += f", step {show(f.step)}"
    lines += [
        f"region {region_text(p.region)}",
        "",
        "Equilibria "
        + ("(all of them" if p.equilibria.complete else "(the list may not be complete")
        + f": {p.equilibria.reason}) [{p.equilibria.trust.value}]",
    ]
    for i, e in enumerate(p.equilibria.points):
        lines.append(f"  {e}")
        if p.has_step:
            lines.append(f"      at this step: {p.status(e)}")
        if p.flips and e.kind is Kind.MINIMUM:
            lines.append(f"      at the threshold: {p.flips[i]}")
        for ball in p.neighbourhoods:
            if ball.equilibrium is e:
                lines.append(f"      {ball}")
    if not p.equilibria.points:
        lines.append("  none certified")
    lines += [f"  family: {', '.join(g)}" for g in p.equilibria.families]
    if p.equilibria.sharpness is not None:
        s = p.equilibria.sharpness
        lines.append(
            f"  over the undecided boxes the sharpness is in {show(s)}"
            + (f": for δ > {float(2 / s.lo):.6g} no equilibrium there is stable" if s.lo > 0 else "")
            + " [interval]"
        )
    lines += [f"  undecided: {region_text(b) if len(str(b)) < 60 else _short(b)}" for b in p.equilibria.undecided[:10]]
    if p.orbits:
        lines += ["", "Periodic orbits in the region"]
        for group in p.orbits:
            state = "all of them" if group.complete else f"{len(group.undecided)} box(es) undecided"
            if not group.complete and p.equilibria.families:
                state += ": the curve of equilibria solves the same equations"
            lines.append(f"  period {group.period}: {len(group)} ({state})")
            lines += [f"    {str(o).removeprefix(f'period {o.period}: ')}" for o in group.orbits[:12]]
            lines += [f"    … and {len(group) - 12} more"] if len(group) > 12 else []
    if p.basins is not None:
        where = region_text(p.basins.region if isinstance(p.basins, PlaneBasins) else (p.basins.region,))
        lines += ["", f"Basins of the starts in {where} [{p.basins.trust.value}]"]
        targets: Sequence[Target | PlaneTarget] = p.basins.targets
        for i, t in enumerate(targets):
            if p.basins.measures[i] or t.what is not None:
                lines += [f"  {percent(p.basins.share(i))}  {t.label}", f"                 {t.reason}"]
        lines.append(f"  {percent(p.basins.share(-1))}  undecided")
    if p.scan is not None:
        lines += ["", f"Step sizes from {p.scan.steps.lo} to {p.scan.steps.hi}"]
        for cascade in p.scan.doublings:
            start = cascade[0].points[0] if cascade else None
            lines += [f"  from the minimum {f.variables[0]} = {show(start)}:"] if start is not None and len(p.scan.doublings) > 1 else []
            lines += [f"  {d}" for d in cascade]
        lines += [f"  {b}" for b in p.scan.branches]
        for b in sorted(p.scan.period_three, key=lambda b: (b.steps.lo, -b.steps.hi))[:1]:
            lines.append(f"  period 3, hence every period, for δ in [{float(b.steps.lo):.8g}, {float(b.steps.hi):.8g}] [{b.trust.value}]")
        if not p.scan.period_three:
            lines.append(f"  no orbit of period 3 was certified at δ = {p.scan.steps.hi}")
    if p.evidence:
        good = sum(e.verdict.outcome is Outcome.PROVED for e in p.evidence)
        lines += ["", f"Re-checked by the kernel: {good} of {len(p.evidence)} core claims"]
        lines += [f"  {'+' if e.verdict.outcome is Outcome.PROVED else '?'} {e.claim.id}: {e.claim.title}" for e in p.evidence]
        lines += [f"      {e.claim.id}: {str(e.verdict)[:160]}" for e in p.evidence if e.verdict.outcome is not Outcome.PROVED]
    lines += ["", *(f"note: {n}" for n in p.notes)] if p.notes else []
    return lines


def _short(box: Box) -> str:
    return " × ".join(f"[{float(v.lo):.6g}, {float(v.hi):.6g}]" for v in box)


# --- JSON --------------------------------------------------------------------------------------------------------------------------------


def _iv(v: Interval | None) -> Any:
    return None if v is None else {"lo": str(v.lo), "hi": str(v.hi)}


def _data(p: Portrait) -> dict[str, Any]:
    out: dict[str, Any] = {
        "loss": text(p.map.loss),
        "variables": list(p.map.variables),
        "step": _iv(p.map.step) if p.has_step else None,
        "region": [_iv(v) for v in p.region],
    }
    out["equilibria"] = {
        "complete": p.equilibria.complete,
        "reason": p.equilibria.reason,
        "trust": p.equilibria.trust.value,
        "points": [
            {
                "box": [_iv(v) for v in e.box],
                "exact": [str(q) for q in e.exact] if e.exact else None,
                "kind": e.kind.value,
                "multiplicity": e.multiplicity,
                "curvature": [_iv(v) for v in e.curvature],
                "threshold": _iv(e.threshold),
                "threshold_text": e.threshold_text,
                "description": e.description,
                "trust": e.trust.value,
                "status": p.status(e) if p.has_step else None,
                "flip": None
                if i >= len(p.flips)
                else {"kind": p.flips[i].kind.value, "value": _iv(p.flips[i].value), "trust": p.flips[i].trust.value},
            }
            for i, e in enumerate(p.equilibria.points)
        ],
        "families": [list(g) for g in p.equilibria.families],
        "sharpness": _iv(p.equilibria.sharpness),
        "undecided": [[_iv(v) for v in b] for b in p.equilibria.undecided],
    }
    out["orbits"] = [
        {
            "period": g.period,
            "complete": g.complete,
            "undecided": [[_iv(v) for v in b] for b in g.undecided],
            "orbits": [
                {
                    "points": [[_iv(v) for v in b] for b in o.points],
                    "multiplier": _iv(o.multiplier),
                    "stability": o.stability.value,
                    "trust": o.trust.value,
                }
                for o in g.orbits
            ],
        }
        for g in p.orbits
    ]
    if p.basins is not None:
        out["basins"] = _basins_data(p.basins)
    out["neighbourhoods"] = [
        {"equilibrium": p.equilibria.points.index(n.equilibrium), "radius": str(n.radius), "factor": str(n.factor)}
        for n in p.neighbourhoods
    ]
    if p.scan is not None:
        out["scan"] = {
            "steps": _iv(p.scan.steps),
            "doublings": [
                [{"period": d.period, "step": _iv(d.step), "exact": d.exact, "trust": d.trust.value} for d in c] for c in p.scan.doublings
            ],
            "branches": [
                {"period": b.period, "steps": _iv(b.steps), "stable": _iv(b.stable), "trust": b.trust.value}
                for b in (*p.scan.branches, *p.scan.period_three)
            ],
        }
    out["kernel"] = [
        {"id": e.claim.id, "claim": e.claim.title, "outcome": e.verdict.outcome.value, "trust": e.trust.value if e.trust else None}
        for e in p.evidence
    ]
    out["notes"] = list(p.notes)
    return out


def _basins_data(b: Basins | PlaneBasins) -> dict[str, Any]:
    cells: list[Any]
    targets: Sequence[Target | PlaneTarget] = b.targets
    if isinstance(b, PlaneBasins):
        few = sum(len(i) for _, i, _, _ in b.cells) <= MOST_CELLS
        cells = [[*(str(q) for v in box for q in (v.lo, v.hi)), label] for box, label in b.boxes] if few else []
        where: list[list[Any]] = [[str(r) for r in t.regions] for t in b.targets]
    else:
        few = len(b.labels) <= MOST_CELLS
        cells = [[str(b.at(i)), str(b.at(j)), label] for i, j, label in zip(b.cuts, b.cuts[1:], b.labels, strict=False)] if few else []
        where = [[_iv(v) for v in t.intervals] for t in b.targets]
    name = "regions" if isinstance(b, PlaneBasins) else "intervals"
    return {
        "region": [_iv(v) for v in b.region] if isinstance(b, PlaneBasins) else _iv(b.region),
        "trust": b.trust.value,
        "undecided": str(b.undecided),
        "targets": [
            {
                "fate": t.fate.name.lower(),
                "label": t.label,
                "reason": t.reason,
                "measure": str(b.measures[i]),
                "share": float(b.share(i)),
                name: where[i],
                "trust": t.trust.value,
            }
            for i, t in enumerate(targets)
        ],
        "cells": cells if few else None,
    }


__all__ = ["Fate", "Neighbourhood", "Portrait", "Scan", "Stability", "analyze", "neighbourhood", "scan"]
