"""Pictures of a portrait: cobweb, basin strip, bifurcation diagram, and in two variables a map of the equilibria.

Solid lines are certified, dotted ones are plain floating-point iteration. Colours are those of Okabe and Ito, which colour-blind readers
can tell apart; the basin strip also carries hatches and words.
"""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from ..figures import BLACK, BLUE, GREEN, GREY, ORANGE, PURPLE, SKY, VERMILION
from ..language import parse
from .basins import Basins, Fate, Target
from .equilibria import Kind, middle
from .expressions import numeric
from .model import DynamicsError
from .plane import PlaneBasins, PlaneTarget
from .plane_regions import Disc
from .portrait import Portrait

Span = tuple[float, float]
FORMATS = (".svg", ".pdf", ".png")
FATES = {
    Fate.EQUILIBRIUM: (BLUE, ""),
    Fate.ORBIT: (GREEN, "//"),
    Fate.CURVE: (PURPLE, ""),
    Fate.SOME: ("#CFE3F1", ""),
    Fate.TRAPPED: (ORANGE, ".."),
    Fate.DIVERGES: ("#d9d9d9", ""),
    Fate.UNDECIDED: (BLACK, ""),
}
SHADES = {
    Fate.EQUILIBRIUM: (BLUE, SKY, "#7FB8D8", "#004C77"),
    Fate.ORBIT: (GREEN, "#66C2A5", "#00664A"),
    Fate.CURVE: (PURPLE, "#E3B6D0", "#8F3F6B"),
    Fate.TRAPPED: (ORANGE, "#F5C766", "#B37A00"),
}


def draw(p: Portrait, file: str | PathLike[str]) -> None:
    """Draw a portrait to a file.

    Arguments: p; file, whose suffix is .svg, .pdf or .png. Raises: DynamicsError without matplotlib, for another suffix, and where there
    is nothing to draw.
    """
    path = plottable(file, p.map.dimension)
    from matplotlib.figure import Figure

    panels: list[tuple[Any, float]] = []
    if p.map.dimension == 2:
        panels += [(_plane_basins, 5.6)] if p.basins is not None else []
        panels.append((_plane, 5.6))
    else:
        if p.has_step and p.map.step.lo == p.map.step.hi:
            panels.append((_cobweb, 5.0))
        if p.basins is not None:
            panels.append((_strip, 1.0))
        if p.scan is not None:
            panels.append((_bifurcation, 4.2))
    if not panels:
        raise DynamicsError("there is nothing to draw: give one step size, or an interval of them to scan")
    words = 0.0 if p.basins is None else 0.5 + 0.17 * len(p.basins.targets)
    figure = Figure(figsize=(7.2, sum(h for _, h in panels) + 0.6 * len(panels) + words), layout="constrained")
    axes = figure.subplots(len(panels), 1, squeeze=False, height_ratios=[h for _, h in panels])[:, 0]
    for (panel, _), ax in zip(panels, axes, strict=True):
        panel(p, ax)
    figure.savefig(path, metadata={"Date": None} if path.suffix.lower() == ".svg" else None)


def plottable(file: str | PathLike[str], dimension: int) -> Path:
    """The path of a picture that can be drawn.

    Arguments: file, whose suffix is .svg, .pdf or .png; dimension, the number of variables. Raises: DynamicsError where it cannot.
    """
    path = Path(file)
    if path.suffix.lower() not in FORMATS:
        raise DynamicsError(f"cannot draw to {path.name!r}; end the name in {', '.join(FORMATS)}")
    if not path.absolute().parent.is_dir():
        raise DynamicsError(f"cannot draw to {path}: there is no folder {path.parent}")
    if dimension > 2:
        raise DynamicsError("pictures are drawn for one or two variables")
    try:
        import matplotlib.figure  # noqa: F401
    except ImportError:
        raise DynamicsError("pictures need matplotlib: install symgd[plot]") from None
    return path


def _title(ax: Any, words: str) -> None:
    ax.set_title(words, loc="left", fontsize=10)


def _cobweb(p: Portrait, ax: Any) -> None:
    f = p.map
    g = numeric(f.map_at(f.delta)[0], f.variables)
    lo, hi = float(p.region[0].lo), float(p.region[0].hi)
    x = np.linspace(lo, hi, 1201)
    y = np.broadcast_to(np.asarray(g(x), dtype=float), x.shape)
    ax.plot(x, np.where(np.abs(y) < 1e6, y, np.nan), color=BLUE, lw=1.8, label=f"x − δ f′(x), δ = {f.delta}")
    ax.plot([lo, hi], [lo, hi], color=GREY, lw=1, label="diagonal")
    starts = _starts(p)
    for start, colour in zip(starts, (VERMILION, PURPLE), strict=False):
        px, py, u = [start], [start], start
        for _ in range(60):
            v = float(g(u))
            if not np.isfinite(v) or not lo - (hi - lo) < v < hi + (hi - lo):
                px.append(u)
                py.append(float(np.clip(v, lo - (hi - lo), hi + (hi - lo))) if np.isfinite(v) else hi)
                break
            px += [u, v]
            py += [v, v]
            u = v
        ax.plot(px, py, color=colour, lw=0.9, ls=":", label=f"iteration from {start:.4g} (not certified)")
    for e in p.equilibria.points:
        stable = p.status(e).startswith(("stable", "attracting"))
        ax.plot([e.point[0]], [e.point[0]], "o", ms=7, mfc=BLACK if stable else "white", mec=BLACK, zorder=5)
    shown = [o for group in p.orbits for o in group.orbits if o.stability.value in ("stable", "superstable")][:4]
    for o in shown:
        pts = [middle(b[0]) for b in o.points]
        ax.plot(pts, pts[1:] + pts[:1], "s", ms=6, mfc=GREEN, mec=BLACK, zorder=5, label=f"stable orbit of period {o.period} (certified)")
    ax.set_xlim(lo, hi)
    ax.set_ylim(lo, hi)
    ax.set_xlabel(f.variables[0])
    ax.set_ylabel("next iterate")
    _title(ax, "Cobweb. Circles: certified equilibria, filled where stable")
    ax.legend(fontsize=8, loc="best", framealpha=0.9)


def _starts(p: Portrait) -> list[float]:
    """A start for each of two fates that show something: inside the longest intervals of two targets that do not diverge."""
    lo, hi = float(p.region[0].lo), float(p.region[0].hi)
    if p.basins is None:
        return [lo + 0.37 * (hi - lo)]
    best: dict[int, tuple[float, float]] = {}
    b = p.basins
    assert isinstance(b, Basins)
    for i, j, label in zip(b.cuts, b.cuts[1:], b.labels, strict=False):
        if label >= 0 and b.targets[label].fate is not Fate.DIVERGES:
            width = float(b.at(j) - b.at(i))
            if width > best.get(label, (0.0, 0.0))[0]:
                best[label] = (width, float(b.at(i)) + 0.13 * width)
    return [start for _, start in sorted(best.values(), reverse=True)[:2]] or [lo + 0.37 * (hi - lo)]


def _styles(targets: Sequence[Target | PlaneTarget]) -> list[tuple[str, str]]:
    """A colour and a hatch for each target, and last for what is undecided; targets with the same fate have shades of one colour."""
    styles, seen = [], dict[Fate, int]()
    for t in targets:
        k = seen.get(t.fate, 0)
        seen[t.fate] = k + 1
        shades = SHADES.get(t.fate)
        styles.append((shades[k % len(shades)] if shades else FATES[t.fate][0], FATES[t.fate][1]))
    return [*styles, FATES[Fate.UNDECIDED]]


def _words(label: str) -> str:
    label = label.split(", converges to no")[0]
    return label if len(label) < 70 else label[:67] + "…"


def _strip(p: Portrait, ax: Any) -> None:
    b = p.basins
    assert isinstance(b, Basins)
    styles = _styles(b.targets)
    runs: dict[int, list[tuple[float, float]]] = {}
    for i, j, label in zip(b.cuts, b.cuts[1:], b.labels, strict=False):
        runs.setdefault(label, []).append((float(b.at(i)), float(b.at(j) - b.at(i))))
    for label in range(-1, len(b.targets)):
        colour, hatch = styles[label]
        words = "undecided" if label < 0 else _words(b.targets[label].label)
        ax.broken_barh(
            runs.get(label, []),
            (0, 1),
            facecolors=colour,
            hatch=hatch,
            edgecolor="white" if hatch else colour,
            linewidth=0.0 if hatch else 0.2,
            label=f"{float(100 * b.share(label)):.2f} %  {words}",
        )
    for e in p.equilibria.points:
        stable = p.status(e).startswith(("stable", "attracting"))
        if float(b.region.lo) <= e.point[0] <= float(b.region.hi):
            ax.plot([e.point[0]], [0.5], "o", ms=6, mfc=BLACK if stable else "white", mec=BLACK)
    ax.set_xlim(float(b.region.lo), float(b.region.hi))
    ax.set_ylim(0, 1)
    ax.set_yticks([])
    ax.set_xlabel(f"start {p.map.variables[0]}")
    _title(ax, f"Where a start provably goes, δ = {p.map.delta}")
    handles, labels = ax.get_legend_handles_labels()
    ax.legend([*handles[1:], handles[0]], [*labels[1:], labels[0]], fontsize=8, loc="upper left", bbox_to_anchor=(0, -0.42), frameon=False)


def _bifurcation(p: Portrait, ax: Any) -> None:
    assert p.scan is not None
    f, s = p.map, p.scan
    a, b = float(s.steps.lo), float(s.steps.hi)
    g = numeric(f.map[0], (*f.variables, f.step_name))
    lo, hi = float(p.region[0].lo), float(p.region[0].hi)
    deltas = np.linspace(a, b, 500)
    seeds = np.linspace(lo, hi, 14)[1:-1]
    d, x = np.meshgrid(deltas, seeds)
    with np.errstate(all="ignore"):
        for _ in range(600):
            x = np.where(np.abs(x) < 1e3, g(x, d), np.nan)
        keep_d, keep_x = [], []
        for _ in range(24):
            x = np.where(np.abs(x) < 1e3, g(x, d), np.nan)
            keep_d.append(d.ravel())
            keep_x.append(x.ravel())
    dots_d, dots_x = np.concatenate(keep_d), np.concatenate(keep_x)
    good = np.isfinite(dots_x)
    cells = np.unique(np.round(np.stack([(dots_d[good] - a) / (b - a or 1) * 499, (dots_x[good] - lo) / (hi - lo) * 900])), axis=1)
    ax.plot(
        a + cells[0] / 499 * (b - a),
        lo + cells[1] / 900 * (hi - lo),
        ".",
        ms=0.9,
        color=GREY,
        mew=0,
        rasterized=True,
        label="iteration (not certified)",
    )
    named: set[str] = set()
    for run, unstable in [(r, c) for r, c in [*((r, BLUE) for r in s.branches), *((r, PURPLE) for r in s.period_three)]]:
        steps = [(float(q.steps.lo), float(q.steps.hi), q.stable) for q in run.pieces]
        for low, high in run.points(f):
            centre = 0.5 * (low + high)
            mids = np.array([0.5 * (u + v) for u, v, _ in steps])
            stable = np.array([v for *_, v in steps])
            for mask, width, words in (
                (stable, 2.0, "certified, stable"),
                (~stable, 0.7, "certified, unstable" if unstable == BLUE else "certified, period 3"),
            ):
                if mask.any():
                    label = None if words in named else words
                    named.add(words)
                    colour = VERMILION if words == "certified, stable" else unstable
                    ax.plot(mids, np.where(mask, centre, np.nan), color=colour, lw=width, label=label)
    for cascade in s.doublings:
        for doubling in cascade:
            if a <= float(doubling.step.lo) <= b:
                ax.axvline(
                    float(doubling.step.lo),
                    color=GREEN,
                    lw=0.6,
                    ls="--",
                    label=None if "doubling" in named else "period doubling (certified)",
                )
                named.add("doubling")
    ax.set_xlim(a, b)
    ax.set_xlabel("step size δ")
    ax.set_ylabel(f"{f.variables[0]} in the long run")
    _title(ax, "Bifurcation diagram: solid is certified, dots are iteration")
    ax.legend(fontsize=8, loc="best", framealpha=0.9, markerscale=6)


def _plane_basins(p: Portrait, ax: Any) -> None:
    from matplotlib.colors import ListedColormap
    from matplotlib.patches import Patch

    b = p.basins
    assert isinstance(b, PlaneBasins)
    colours = [c for c, _ in _styles(b.targets)]
    depth = max(8, min(10, max((d for d, *_ in b.cells), default=8)))
    labels = b.raster(depth)
    labels[labels < 0] = len(b.targets)
    (x0, x1), (y0, y1) = ((float(v.lo), float(v.hi)) for v in b.region)
    ax.imshow(
        labels,
        origin="lower",
        extent=(x0, x1, y0, y1),
        cmap=ListedColormap(colours),
        vmin=-0.5,
        vmax=len(colours) - 0.5,
        interpolation="nearest",
        aspect="auto",
        rasterized=True,
    )
    shown = [i for i in range(len(b.targets)) if b.measures[i]]
    handles = [
        Patch(facecolor=colours[i], edgecolor=GREY, label=f"{float(100 * b.share(i)):.2f} %  {_words(b.targets[i].label)}") for i in shown
    ]
    handles.append(Patch(facecolor=colours[-1], edgecolor=GREY, label=f"{float(100 * b.share(-1)):.2f} %  undecided"))
    for e in p.equilibria.points:
        stable = p.status(e).startswith(("stable", "attracting"))
        ax.plot([e.point[0]], [e.point[1]], "o", ms=6, mfc=BLACK if stable else "white", mec=BLACK if not stable else "white")
    for t in b.targets:
        for r in t.regions:
            if isinstance(r, Disc):
                ax.plot(*r.outline(), color="white", lw=1.0, ls="--")
    for family in p.equilibria.families:
        if len(family) == 1:
            _curve(ax, family[0], p.map.variables, (x0, x1), (y0, y1), BLACK, 1.2)
    ax.set_xlim(x0, x1)
    ax.set_ylim(y0, y1)
    ax.set_aspect("equal")
    ax.set_xlabel(f"start {p.map.variables[0]}")
    ax.set_ylabel(f"start {p.map.variables[1]}")
    _title(ax, f"Where a start provably goes, δ = {p.map.delta}")
    ax.legend(handles=handles, fontsize=8, loc="upper left", bbox_to_anchor=(0, -0.1), frameon=False)


def _curve(ax: Any, equation: str, names: Sequence[str], xs: Span, ys: Span, colour: str, width: float) -> None:
    """Draw the curve "… = 0"."""
    x, y = np.meshgrid(np.linspace(*xs, 401), np.linspace(*ys, 401))
    z = np.broadcast_to(np.asarray(numeric(parse(equation.removesuffix(" = 0"), names), names)(x, y), dtype=float), x.shape)
    ax.contour(x, y, z, levels=[0.0], colors=colour, linewidths=width)


def _plane(p: Portrait, ax: Any) -> None:
    f = p.map
    value = numeric(f.loss, f.variables)
    (x0, x1), (y0, y1) = ((float(v.lo), float(v.hi)) for v in p.region)
    x, y = np.meshgrid(np.linspace(x0, x1, 241), np.linspace(y0, y1, 241))
    z = np.broadcast_to(np.asarray(value(x, y), dtype=float), x.shape)
    levels = np.unique(np.quantile(z[np.isfinite(z)], np.linspace(0.02, 0.98, 14)))
    ax.contour(x, y, z, levels=levels, colors=GREY, linewidths=0.6)
    for ball in p.neighbourhoods:
        t = np.linspace(0, 2 * np.pi, 200)
        cx, cy = ball.equilibrium.point
        r = float(ball.radius)
        ax.fill(cx + r * np.cos(t), cy + r * np.sin(t), facecolor=SKY, alpha=0.4, edgecolor=BLUE, lw=1.5, label="certified attraction")
    for family in p.equilibria.families:
        if len(family) == 1:
            _curve(ax, family[0], f.variables, (x0, x1), (y0, y1), ORANGE, 2.0)
            ax.plot([], [], color=ORANGE, lw=2.0, label=f"family of equilibria {family[0]}")
    for box in () if p.equilibria.families else p.equilibria.undecided:
        (a, b), (c, d) = ((float(v.lo), float(v.hi)) for v in box)
        ax.plot([a, b, b, a, a], [c, c, d, d, c], color=ORANGE, lw=1.2, ls=":", label="not settled by subdivision")
    marks = {
        Kind.MINIMUM: ("o", BLACK, "minimum"),
        Kind.MAXIMUM: ("^", "white", "maximum"),
        Kind.SADDLE: ("X", VERMILION, "saddle"),
        Kind.DEGENERATE: ("D", "white", "degenerate"),
    }
    for e in p.equilibria.points:
        shape, fill, words = marks[e.kind]
        ax.plot([e.point[0]], [e.point[1]], shape, ms=8, mfc=fill, mec=BLACK, label=words, ls="none")
    for group in p.orbits:
        for i, o in enumerate(group.orbits[:6]):
            pts = np.array([[middle(v) for v in q] for q in (*o.points, o.points[0])])
            ax.plot(
                pts[:, 0],
                pts[:, 1],
                "s-",
                ms=4,
                lw=0.8,
                color=(GREEN, PURPLE, BLUE)[i % 3],
                label=f"orbit of period {o.period}, {o.stability.value}",
            )
    ax.set_xlim(x0, x1)
    ax.set_ylim(y0, y1)
    ax.set_aspect("equal")
    ax.set_xlabel(f.variables[0])
    ax.set_ylabel(f.variables[1])
    _title(
        ax,
        "Level lines (not certified) and certified equilibria"
        + (f", δ = {p.map.delta}" if p.has_step and p.map.step.lo == p.map.step.hi else ""),
    )
    handles, labels = ax.get_legend_handles_labels()
    unique = dict(zip(labels, handles, strict=True))
    if unique:
        ax.legend(unique.values(), unique.keys(), fontsize=8, loc="upper left", bbox_to_anchor=(0, -0.1), frameon=False, ncols=2)
