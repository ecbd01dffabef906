"""The figures of the paper's statements. What is drawn from certified enclosures and what is plain iteration is said in each caption."""

import random
from fractions import Fraction
from functools import cache
from itertools import pairwise

import numpy as np
from fig2 import LARGE, SMALL, THREE

from symgd.figures import BLACK, BLUE, GREEN, GREY, ORANGE, PALE, PURPLE, SKY, VERMILION, YELLOW, figure

TWO_MINIMA = "(x^2 + 1)*(x - 1)^2*(x - 2)^2"


def two_minima(x):
    return (x**2 + 1) * (x - 1) ** 2 * (x - 2) ** 2


def two_minima_slope(x):
    return 2 * (x - 1) * (x - 2) * (3 * x**3 - 6 * x**2 + 4 * x - 3)


def stairs(step, start, count):
    """The corners of a cobweb: up or down to the graph, then across to the diagonal."""
    x, y = [start], [start]
    for _ in range(count):
        following = step(x[-1])
        x += [x[-1], following]
        y += [following, following]
    return x, y


# --- ex1 -------------------------------------------------------------------------------------------------------------


def reaching_zero(count):
    """s_1 = 1, s_2, ...: the positive starts that reach 0, in units of delta^2."""
    s = [1.0]
    while len(s) < count:
        s.append(((1 + (1 + 4 * s[-1]) ** 0.5) / 2) ** 2)
    return s


@figure("ex1.cobweb", of=("ex1.converges", "ex1.complete", "ex1.proof"), size=(6.4, 3.9))
def ex1_cobweb(picture):
    """Example 1 in units of delta^2: y moves to y - sign(y) sqrt|y|. The starts that reach the minimum 0 are exactly 0 and the diamonds
    +-s_n (proved); every other start ends in the orbit +-1/4 (proved). Paths: floating-point iteration, but for the one through s_4."""

    def step(y):
        return y - np.sign(y) * np.sqrt(np.abs(y))

    whole, near = picture.subplots(1, 2, width_ratios=[1, 1])
    s = reaching_zero(4)
    x = np.linspace(-3.4, 8.6, 2401)
    for ax in (whole, near):
        ax.plot(x, x, color=GREY, lw=0.8)
        ax.plot(x, step(x), color=BLUE, label="one step")
        ax.axhline(0, color=PALE, lw=0.8, zorder=0)
        ax.axvline(0, color=PALE, lw=0.8, zorder=0)
        ax.set_xlabel("$y = x/\\delta^2$")
        ax.plot(*stairs(step, 6.4, 14), color=VERMILION, lw=1.1, label="start 6.4: to the orbit")
        exact = [*reversed(s), 0.0]
        path = [p for a, b in pairwise(exact) for p in ((a, a), (a, b))] + [(0.0, 0.0)]
        ax.plot(*zip(*path, strict=True), color=GREEN, lw=1.1, ls="--", label="start $s_4$: to the minimum")
        ax.plot([0.25, -0.25], [-0.25, 0.25], "s", ms=6, mfc=ORANGE, mec=BLACK, zorder=5, label="orbit $\\pm 1/4$")
        starts = [0, *s, -s[0], -s[1]]
        ax.plot(starts, [0] * len(starts), "D", ms=4.5, mfc="white", mec=BLACK, zorder=6, label="starts that reach 0")
    for k, value in enumerate(s, 1):
        whole.annotate(f"$s_{k}$", (value, 0), (0, -14), textcoords="offset points", ha="center", fontsize=8)
    whole.set(xlim=(-3.3, 8.6), ylim=(-3.3, 8.6), ylabel="after one step", aspect="equal", title="Starts and where they lead")
    near.set(xlim=(-0.42, 0.62), ylim=(-0.42, 0.62), aspect="equal", title="Near the minimum")
    picture.legend(*whole.get_legend_handles_labels(), loc="outside lower center", ncols=3)


# --- ex2 and fig1 ----------------------------------------------------------------------------------------------------


@cache
def ex2_portrait():
    from symgd.dynamics import analyze

    return analyze(TWO_MINIMA, ["x"], step="3/10", region=[-1, 3], kernel=False)


@figure("fig1", of=("fig1.minima", "fig1.peak", "ex2.complete"), size=(5.4, 3.0))
def fig1(picture):
    """Figure 1: the loss of Example 2. Its two minima have the sharpness 4 and 10, so that they are linearly stable for step sizes up to
    1/2 and 1/5; the maximum between them is unstable for every step size. The marked points are certified to be all equilibria."""
    from symgd.dynamics import Kind

    ax = picture.subplots()
    x = np.linspace(0.1, 2.42, 1200)
    ax.plot(x, two_minima(x), color=BLUE)
    for e in ex2_portrait().equilibria.points:
        (at,) = e.point
        low = e.kind is Kind.MINIMUM
        words = f"$\\delta \\leq {e.threshold_text}$" if low else f"maximum, $x \\approx {at:.3f}$"
        ax.plot([at], [two_minima(at)], "o", ms=7, mfc=BLACK if low else "white", mec=BLACK, zorder=5)
        ax.annotate(words, (at, two_minima(at)), (0, -17 if low else 11), textcoords="offset points", ha="center")
    ax.set(ylim=(-0.25, 1.55), xlabel="$x$", ylabel="$f(x)$")


@figure("ex2.basins", of=("ex2.converges", "ex2.trapped", "ex2.proof"), size=(6.4, 4.2))
def ex2_basins(picture):
    """Example 2 at the step size 3/10: the loss (logarithmic scale) and where every start in [-1, 3] provably goes. Shares are exact
    lengths of certified intervals; what the subdivision left undecided is black."""
    from symgd.dynamics import Fate

    style = {
        Fate.EQUILIBRIUM: (BLUE, "", "converges to the minimum 1"),
        Fate.TRAPPED: (ORANGE, "...", "stays near 2 for ever, and converges only if it lands on 2"),
        Fate.DIVERGES: (PALE, "///", "diverges"),
        Fate.UNDECIDED: (BLACK, "", "undecided"),
    }
    portrait = ex2_portrait()
    b = portrait.basins
    landscape, strip = picture.subplots(2, 1, sharex=True, height_ratios=[3, 1])
    x = np.linspace(-1, 3, 2001)
    landscape.semilogy(x, np.maximum(two_minima(x), 1e-6), color=BLUE)
    landscape.set(ylim=(1e-3, 200), ylabel="$f(x)$", title="Loss")
    fates = [b.targets[label].fate if label >= 0 else Fate.UNDECIDED for label in b.labels]
    share = {f: float(100 * sum((b.at(j) - b.at(i) for i, j, g in zip(b.cuts, b.cuts[1:], fates, strict=False) if g is f), Fraction(0))
                      / b.length) for f in style}  # fmt: skip
    for fate, (colour, hatch, words) in style.items():
        runs = [(float(b.at(i)), float(b.at(j) - b.at(i))) for i, j, g in zip(b.cuts, b.cuts[1:], fates, strict=False) if g is fate]
        strip.broken_barh(runs, (0, 1), facecolors=colour, hatch=hatch, edgecolor="white" if hatch == "..." else GREY, lw=0,
                          label=f"{share[fate]:.1f} %  {words}")  # fmt: skip
    for e in portrait.equilibria.points:
        stable = portrait.status(e).startswith("stable")
        for ax, height in ((landscape, max(two_minima(e.point[0]), 1.35e-3)), (strip, 0.5)):
            ax.plot([e.point[0]], [height], "o", ms=6, mfc=BLACK if stable else "white", mec=BLACK, zorder=5)
    strip.set(xlim=(-1, 3), ylim=(0, 1), yticks=[], xlabel="start $x_0$", title="Fate of the start (circles: equilibria, filled if stable)")
    picture.legend(*strip.get_legend_handles_labels(), loc="outside lower center", ncols=2)


def painted(ax, x, y, codes, colours):
    """A map of cells with one colour for each code."""
    from matplotlib.colors import BoundaryNorm, ListedColormap

    n = len(colours)
    ax.pcolormesh(x, y, codes, cmap=ListedColormap(colours), norm=BoundaryNorm(np.arange(n + 1) - 0.5, n), shading="nearest",
                  rasterized=True)  # fmt: skip


def patches(names):
    """Handles for a legend: pairs of a colour and words."""
    from matplotlib.patches import Patch

    return [Patch(facecolor=colour, edgecolor=GREY, label=words) for colour, words in names]


@figure("ex2.steps", of=("ex2.one_minimum", "ex2.boundary", "intro.restricts"), size=(6.4, 3.6))
def ex2_steps(picture):
    """Example 2: where 3000 steps of floating-point iteration lead from each start, for each step size. The dashed lines are the proved
    thresholds 1/5 and 1/2, above which the minima 2 and 1 are unstable."""
    ax = picture.subplots()
    x, delta = np.meshgrid(np.linspace(-1, 3, 320), np.linspace(0.01, 0.6, 221))
    y = x.copy()
    with np.errstate(all="ignore"):
        for _ in range(3000):
            y = np.where(np.abs(y) < 50, y - delta * two_minima_slope(y), np.nan)
    codes = np.where(np.isnan(y), 3, np.where(np.abs(y - 1) < 1e-2, 0, np.where(np.abs(y - 2) < 1e-2, 1, 2)))
    moves = np.abs(delta * two_minima_slope(np.nan_to_num(y)))
    codes = np.where((codes < 2) & (moves > 1e-4), 2, codes)
    names = [(BLUE, "converges to 1"), (SKY, "converges to 2"), (ORANGE, "bounded, no convergence"), (PALE, "diverges")]
    painted(ax, x, delta, codes, [c for c, _ in names])
    for threshold, words in ((0.2, "1/5"), (0.5, "1/2")):
        ax.axhline(threshold, color=BLACK, ls="--", lw=1)
        ax.annotate(f"$\\delta = {words}$", (2.98, threshold), (0, 3), textcoords="offset points", ha="right", fontsize=8)
    ax.set(xlabel="start $x_0$", ylabel="step size $\\delta$")
    picture.legend(handles=patches(names), loc="outside lower center", ncols=4)


# --- ex3 -------------------------------------------------------------------------------------------------------------


@figure("ex3.boundary", of=("ex3.threshold", "ex3.converges", "ex3.orbit", "ex3.diverges"), size=(6.4, 3.3))
def ex3_boundary(picture):
    """Example 3, f(x) = x^L. Left: the boundary |x_0| = (2/(L delta))^(1/(L-2)) between convergence to 0 and divergence (proved for L = 4,
    6, ..., 40). Right: one step of L = 4 for q = x/r, with starts inside, outside and on the boundary, where the orbit has period 2; the
    paths inside and outside are floating-point iteration."""
    curves, cobweb = picture.subplots(1, 2)
    delta = np.geomspace(0.02, 3, 400)
    for L, colour, dashes in ((4, BLUE, "-"), (6, VERMILION, "--"), (10, GREEN, "-."), (40, BLACK, ":")):
        curves.plot(delta, (2 / (L * delta)) ** (1 / (L - 2)), color=colour, ls=dashes, label=f"$L = {L}$")
    curves.fill_between(delta, (2 / (4 * delta)) ** 0.5, color=SKY, alpha=0.25, lw=0)
    curves.annotate("$L = 4$: converges", (0.05, 0.45), fontsize=8)
    curves.annotate("$L = 4$: diverges", (0.45, 3.2), fontsize=8)
    curves.set(xscale="log", ylim=(0, 4), xlabel="step size $\\delta$", ylabel="$|x_0|$", title="Boundary of convergence")
    curves.legend()

    def step(q):
        return q * (1 - 2 * q**2)

    q = np.linspace(-1.3, 1.3, 400)
    cobweb.plot(q, q, color=GREY, lw=0.8)
    cobweb.plot(q, step(q), color=BLUE)
    cobweb.plot(*stairs(step, 0.92, 40), color=GREEN, lw=1, label="from 0.92: to 0")
    cobweb.plot(*stairs(step, 1.04, 4), color=VERMILION, lw=1, ls="--", label="from 1.04: diverges")
    cobweb.plot([1, 1, -1, -1, 1], [1, -1, -1, 1, 1], color=BLACK, lw=1.3, ls=":", label="from 1: period 2")
    cobweb.plot([1, -1], [-1, 1], "s", ms=5, mfc=ORANGE, mec=BLACK, zorder=5)
    cobweb.set(xlim=(-1.35, 1.35), ylim=(-1.9, 1.9), xlabel="$q = x/r$", ylabel="after one step", title="One step, $L = 4$")
    cobweb.legend(loc="upper center", fontsize=7.5)


# --- lem3, thm2 and thm3: the scalar chain from the identity -------------------------------------------------------------


def chain_slope(w, L, target):
    return w ** (L - 1) * (w**L - target)


def admissible(L, target):
    """The largest step size of Lemma 3."""
    return 1 / (L * target ** (2 * (L - 1) / L)) if target >= 1 else (1 - target ** (1 / L)) / (1 - target)


def factor(L, target, delta):
    """The contraction factor beta of Lemma 3."""
    t = target ** (1 / L)
    return 1 - delta * ((target - 1) / (t - 1) if target > 1 else L * target ** (2 * (L - 1) / L))


@figure("lem3.factor", of=("lem3.rate", "lem3.rate.below", "lem3.large.run.proof", "lem3.small.run.proof"), size=(6.4, 3.3))
def lem3_factor(picture):
    """Lemma 3 with L = 3. Left: the measured ratio of successive distances to the limit, step by step; the
    proved factor beta (dashed) is attained in the first step for targets above 1, and approached in the limit below 1. Right: beta against
    the largest ratio measured in 200 steps. The step size is 9/10 of the largest admissible one; measured: floating point, 50 digits."""
    from mpmath import mp, mpf, workdps

    def ratios(target, delta, count):
        with workdps(50):
            t, w, out = mp.root(mpf(target), 3), mpf(1), []
            for _ in range(count):
                following = w - mpf(delta) * w**2 * (w**3 - mpf(target))
                if abs(w - t) < mpf(10) ** -40:
                    break
                out.append(float(abs(following - t) / abs(w - t)))
                w = following
            return out

    runs, targets = picture.subplots(1, 2)
    for target, colour, mark in ((4, BLUE, "o"), (1.5, VERMILION, "^"), (0.5, GREEN, "s"), (0.1, PURPLE, "D")):
        delta = 0.9 * admissible(3, target)
        measured = ratios(target, delta, 12)
        runs.plot(range(1, len(measured) + 1), measured, color=colour, marker=mark, ms=4, lw=1, label=f"$\\lambda = {target}$")
        runs.axhline(factor(3, target, delta), color=colour, ls="--", lw=1)
    runs.set(xlabel="step $k$", ylabel="$|w_k - t|\\,/\\,|w_{k-1} - t|$", ylim=(-0.02, 1.22), title="Ratio in each step")
    runs.legend(loc="upper right", ncols=2, fontsize=7.5)
    values = np.concatenate([np.geomspace(0.05, 0.97, 20), np.geomspace(1.03, 20, 20)])
    steps = [0.9 * admissible(3, v) for v in values]
    targets.plot(values, [factor(3, v, d) for v, d in zip(values, steps, strict=True)], color=BLACK, label="$\\beta$ (proved)")
    targets.plot(values, [max(ratios(v, d, 200)) for v, d in zip(values, steps, strict=True)], "o", ms=4, mfc=SKY, mec=BLUE, mew=0.6,
                 label="largest measured ratio")  # fmt: skip
    targets.axvline(1, color=PALE, zorder=0)
    targets.set(xscale="log", ylim=(0, 1.02), xlabel="target $\\lambda$", ylabel="factor", title="Largest ratio for each target")
    targets.legend(loc="lower left")


def fates_from_identity(L, target, delta):
    """0 where the weight comes to t > 0, 1 where to 0, 2 where it stays bounded without converging, 3 where it diverges."""
    w = np.ones_like(target)
    with np.errstate(all="ignore"):
        for _ in range(2500):
            w = np.where(np.abs(w) < 1e3, w - delta * chain_slope(w, L, target), np.nan)
        after = w - delta * chain_slope(w, L, target)
        slow = np.abs(after - w) < 1e-3 * np.maximum(np.abs(w), 0.05)
        limit = np.sign(target) * np.abs(target) ** (1 / L)
        there = (np.abs(w - limit) < 0.5 * np.abs(limit)) | (w > np.maximum(limit, 0)) & (target > 0)
    return np.where(np.isnan(w), 3, np.where(~slow, 2, np.where(there & ((target > 0) | (L % 2 == 1)), 0, 1)))


@figure("thm2.steps", of=("thm2.step.large", "thm2.step.small", "rem3", "rem3.sharp", "thm3.negative.corrected"), size=(6.4, 4.0))
def thm2_steps(picture):
    """Theorems 2 and 3, one eigenvalue of the target: where floating-point iteration leads from the identity, for each eigenvalue and step
    size. Below the solid line the paper's step size is proved to suffice; the dashed line is the necessary step of Corollary 1, the dotted
    one 1/(1 - lambda). Diamonds: the largest step size for the eigenvalue, certified to 1 in 1000."""
    from symgd.dynamics import largest_identity_step

    axes = picture.subplots(1, 2, sharey=True)
    names = [(SKY, "converges to the eigenvalue"), (YELLOW, "converges to 0"), (ORANGE, "bounded, no convergence"), (PALE, "diverges")]
    for ax, L in zip(axes, (2, 3), strict=True):
        target, delta = np.meshgrid(np.linspace(-2, 4, 240), np.linspace(0.004, 1.6, 200))
        painted(ax, target, delta, fates_from_identity(L, target, delta), [c for c, _ in names])
        positive, negative = np.linspace(0.001, 4, 300), np.linspace(-2, 0.999, 300)
        power = 2 * (L - 1) / L
        ax.plot(positive, np.minimum(1 / L, 1 / (L * positive**power)), color=BLACK, lw=1.8, label="Theorems 2 and 3")
        below = np.linspace(-2, 0, 100)
        ax.plot(below, np.minimum(1 / (1 - below), np.minimum(1 / L, 1 / (L * np.maximum(-below, 1e-9) ** power))), color=BLACK, lw=1.8)
        ax.plot(positive, 2 / (L * positive**power), color=VERMILION, ls="--", lw=1.6, label="Corollary 1")
        ax.plot(negative, 1 / (1 - negative), color=PURPLE, ls=":", lw=2, label="$1/(1 - \\lambda)$")
        marks = ["1/8", "1/3", "3/2", "2", "3"]
        found = [largest_identity_step(m, L) for m in marks]
        ax.plot([float(Fraction(m)) for m in marks], [float(low) for low, _ in found], "D", ms=5, mfc="white", mec=BLACK, zorder=5,
                label="largest step (certified)")  # fmt: skip
        ax.set(ylim=(0, 1.6), xlim=(-2, 4), xlabel="eigenvalue $\\lambda$", title=f"$L = {L}$")
    axes[0].set_ylabel("step size $\\delta$")
    handles, _ = axes[0].get_legend_handles_labels()
    picture.legend(handles=[*patches(names), *handles], loc="outside lower center", ncols=3)


# --- thm1 ------------------------------------------------------------------------------------------------------------


@figure("thm1.threshold", of=("thm1.instances", "thm1.proof", "cor1.matrix"), size=(4.6, 4.2))
def thm1_threshold(picture):
    """Theorem 1 at 160 global minima with random rational weights: the bound of the theorem against the true threshold of linear stability,
    both enclosed with proof to within the thickness of a mark. No point is above the diagonal; one layer lies on it."""
    from symgd.systems import step_bound

    ax = picture.subplots()
    numbers = random.Random(2018)
    kinds = (((2, 2), BLUE, "o"), ((2, 2, 2), VERMILION, "^"), ((3, 2, 3, 1), GREEN, "s"), ((2, 2, 1, 2, 2), PURPLE, "D"))
    for widths, colour, mark in kinds:
        points = []
        while len(points) < 40:
            weights = [[[Fraction(numbers.randint(-8, 8), 4) for _ in range(m)] for _ in range(n)]
                       for m, n in pairwise(widths)]  # fmt: skip
            found = step_bound(weights)
            ends = [found.bound.lo, found.bound.hi, found.threshold.lo, found.threshold.hi]
            if all(isinstance(e, Fraction) for e in ends) and found.bound.hi < 3 and found.tightness < 1e-3:
                points.append((float(found.bound.lo), float(found.threshold.hi)))
        words = "widths " + "-".join(map(str, widths)) + (" (all at 2)" if len(widths) == 2 else "")
        ax.plot(*zip(*points, strict=True), mark, color=colour, ms=4.5, mfc="none", label=words)
    ends = [1e-3, 4]
    ax.plot(ends, ends, color=BLACK, lw=1, label="bound = threshold")
    ax.set(xscale="log", yscale="log", xlabel="bound of Theorem 1 on the step size", ylabel="true threshold", xlim=ends, ylim=ends)
    ax.set_aspect("equal")
    ax.legend(loc="lower right")


# --- fig2 ------------------------------------------------------------------------------------------------------------

UNITS, STEPS, SEED = 20, 20_001, 2  # the numbers of fig2_twenty.py


def outputs(w, v, biases, x):
    return np.maximum(np.outer(x, v) - biases, 0) @ w


@cache
def descents():
    """Figure 2 of the paper, run in floating point: for each step size the last two iterates and the sizes of the steps."""
    biases, target, inner, start, first = np.random.default_rng(SEED).standard_normal((5, UNITS))
    x = np.arange(1, 1001) / 1000
    wanted = outputs(target, inner, biases, x)
    runs = {}
    for delta in (LARGE, SMALL):
        w, v, moved, last = start.copy(), first.copy(), [], []
        for k in range(STEPS):
            hidden = np.outer(x, v) - biases
            active = hidden > 0
            e = np.maximum(hidden, 0) @ w - wanted
            step_w = 2 * float(delta) * (e @ np.maximum(hidden, 0))
            step_v = 2 * float(delta) * ((e * x) @ active) * w
            w, v = w - step_w, v - step_v
            moved.append(float(np.sqrt(step_w @ step_w + step_v @ step_v)))
            if k >= STEPS - 2:
                last.append((w.copy(), v.copy()))
        runs[delta] = (moved, last)
    return x, biases, wanted, runs


@figure("fig2", of=("fig2.orbit", "fig2.equilibrium"), size=(6.4, 3.5))
def fig2(picture):
    """Figure 2 of the paper run again: 20 hidden units, 20 001 steps of floating-point gradient descent from one random start; nothing in
    this picture is certified. With the step size 3e-4 the iterates end in an oscillation of period 2, which still drifts slowly; with 1e-4
    they settle."""
    x, biases, wanted, runs = descents()
    curves, moves = picture.subplots(1, 2)
    curves.plot(x, wanted, color=GREY, lw=4, alpha=0.5, label="target")
    for delta, colours in ((LARGE, (VERMILION, ORANGE)), (SMALL, (BLUE, SKY))):
        moved, last = runs[delta]
        step = f"$\\delta = {float(delta) * 1e4:.0f}\\cdot 10^{{-4}}$"
        for (w, v), colour, dashes, which in zip(last, colours, ("-", "--"), ("next to last", "last"), strict=True):
            if delta == LARGE or which == "last":
                curves.plot(x, outputs(w, v, biases, x), color=colour, ls=dashes, lw=1.4, label=f"{step}, {which}")
        moves.loglog(np.arange(1, len(moved) + 1), moved, color=colours[0], lw=1, label=step)
    curves.set(xlabel="input $x$", ylabel="output", title="Network after 20 001 steps")
    curves.legend(fontsize=7)
    moves.set(xlabel="step", ylabel="distance moved", title="Length of each step")
    moves.legend()


@figure("fig2.orbit", of=("fig2.orbit", "fig2.orbit.attracts"), size=(6.4, 3.2))
def fig2_orbit(picture):
    """The same experiment with three hidden units: left, the two networks of the certified orbit of period 2 at the step size 3e-4, whose
    weights are known to within 2^-30; right, their difference from the target, which is itself the certified equilibrium at 1e-4."""
    x = np.arange(1, 1001) / 1000
    biases, target = (np.array([float(q) for q in values]) for values in (THREE.biases, THREE.target))
    m = len(biases)
    wanted = outputs(target[:m], target[m:], biases, x)
    curves, errors = picture.subplots(1, 2)
    curves.plot(x, wanted, color=GREY, lw=4, alpha=0.5, label="target, equilibrium at $10^{-4}$")
    for point, colour, dashes, words in zip(THREE.oscillates, (VERMILION, BLUE), ("-", "--"), ("even steps", "odd steps"), strict=True):
        p = np.array([float(q) for q in point])
        y = outputs(p[:m], p[m:], biases, x)
        curves.plot(x, y, color=colour, ls=dashes, label=words)
        errors.plot(x, y - wanted, color=colour, ls=dashes, label=words)
    errors.axhline(0, color=GREY, lw=0.8)
    curves.set(xlabel="input $x$", ylabel="output", title="Certified orbit, $\\delta = 3\\cdot 10^{-4}$")
    errors.set(xlabel="input $x$", ylabel="output $-$ target", title="Error")
    curves.legend(fontsize=7.5)


# --- the scalar chain: bifurcation diagram -----------------------------------------------------------------------------


def attractor(L, d):
    """A point of the stable orbit from the start 4/5, in floating point."""
    w = 0.8
    for _ in range(20_000):
        w -= d * chain_slope(w, L, 1.0)
    return w


def bifurcations(ax, L, first, last, periods):
    """Grey: iteration. Lines: certified branches, of each period from an orbit that is stable at the given step size; dotted verticals:
    certified period doublings."""
    from symgd.dynamics import DescentMap, branch, equilibria, period_doublings

    f = DescentMap(f"(x^{L} - 1)^2/{2 * L}", ["x"], Fraction(1, 2))
    minimum = max(equilibria(f).minima, key=lambda e: e.point[0])
    doublings = period_doublings(f, minimum, 3)
    born = {2 * d.period: Fraction(d.step.hi) for d in doublings}
    branches = [branch(f, 1, p, (first, last), parts=48) for p in ((0, 1) if L == 2 else (1,))]
    for n, at in periods.items():
        steps = (born.get(n, at - Fraction(1, 1000)) + Fraction(1, 1000), last)
        branches.append(branch(f, n, attractor(L, float(at)), steps, at=at, parts=24, depth=5, stable_only=n == 4))
    columns, rows = 1000, 500
    d, x = np.meshgrid(np.linspace(float(first), float(last), columns), np.linspace(-1.45, 1.45, 14))
    hit = np.zeros((rows, columns), bool)
    with np.errstate(all="ignore"):
        for k in range(900):
            x = np.where(np.abs(x) < 10, x - d * chain_slope(x, L, 1.0), np.nan)
            if k >= 820:
                row = np.nan_to_num((x + 1.5) / 3 * rows, nan=-1).astype(int)
                good = (row >= 0) & (row < rows)
                hit[row[good], np.broadcast_to(np.arange(columns), x.shape)[good]] = True
    shades = np.ones((rows, columns, 4))
    shades[..., :3], shades[..., 3] = 0.55, hit
    ax.imshow(shades, extent=(float(first), float(last), -1.5, 1.5), origin="lower", aspect="auto", interpolation="nearest")
    for b in branches:
        assert b is not None
        middles = np.array([float((Fraction(p.steps.lo) + Fraction(p.steps.hi)) / 2) for p in b.pieces])
        stable = np.array([p.stable for p in b.pieces])
        centres = [(low + high) / 2 for low, high in b.points(f)]
        for centre in (*centres, *(-c for c in centres if L == 2)):  # for L = 2 the map is odd
            ax.plot(middles, np.where(stable, centre, np.nan), color=VERMILION, lw=1.8)
            ax.plot(middles, np.where(stable, np.nan, centre), color=BLUE, lw=0.8, ls="-" if b.period < 3 else (0, (4, 2)))
    for doubling in doublings:
        ax.axvline(float(doubling.step.lo), color=GREEN, lw=0.8, ls=":")
    ax.plot([], [], color=VERMILION, label="certified orbit, stable")
    ax.plot([], [], color=BLUE, lw=0.8, label="certified orbit, not known to be stable")
    ax.plot([], [], color=GREEN, lw=0.8, ls=":", label="period doubling (certified)")
    ax.plot([], [], "s", ms=4, color="#8c8c8c", label="iteration (not certified)")
    ax.set(xlim=(float(first), float(last)), ylim=(-1.5, 1.5), xlabel="$d = \\delta\\lambda^{2(L-1)/L}$", title=f"$L = {L}$")


@figure("chain.bifurcation", of=("chain.doublings", "chain.period_three", "rem3.sharp", "rem3.unstable"), size=(6.4, 3.8))
def chain_bifurcation(picture):
    """The scalar chain with equal weights, in units of the limit t = lambda^(1/L): which weights remain in the long run, as the step size
    grows. Coloured lines are certified orbits of periods 1, 2, 3 and 4, dotted ones certified period doublings; grey is floating-point
    iteration from starts between -1.45 and 1.45."""
    axes = picture.subplots(1, 2, sharey=True)
    bifurcations(axes[0], 2, Fraction(1, 2), Fraction(2), {2: Fraction(11, 10), 4: Fraction(5, 4), 3: Fraction(1454, 1000)})
    bifurcations(axes[1], 3, Fraction(2, 5), Fraction(3, 2), {2: Fraction(3, 4), 4: Fraction(17, 20), 3: Fraction(99, 100)})
    axes[0].set_ylabel("$w/t$")
    picture.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=2)
