# %% [markdown]
# # Worst-case rates
#
# How slow can gradient descent be on a convex function whose gradient has the Lipschitz constant 1? Only finitely many numbers matter:
# the points, and the slopes and values there. They come from such a function exactly if the *interpolation conditions* hold (Taylor,
# Hendrickx and Glineur). So a rate is a lemma about numbers.

# %%
from fractions import Fraction

import symgd.render  # formulas are shown as formulas
from symgd import Outcome, Trust, forall, real
from symgd.certify import certify
from symgd.figures import BLACK, BLUE, VERMILION, figure
from symgd.search import ablate, search, sharpen
from symgd.systems import interpolation

x, g0, g1, f0, f1 = (real(name) for name in ("x0", "g0", "g1", "f0", "f1"))
delta = real("delta", "(0, 1]")
known = interpolation([(0, 0, 0), (x, g0, f0), (x - delta * g0, g1, f1)], smoothness=1)
rate = forall(x, g0, g1, f0, f1, delta, given=known, then=f1 <= x**2 / (4 * delta + 2))
rate

# %%
verdict = certify(rate)
assert (verdict.outcome, verdict.trust) == (Outcome.PROVED, Trust.KERNEL)
print(verdict)

# %% [markdown]
# This is for every step $\delta\le1$ at once. The certificate is a combination of the hypotheses and of squares, with coefficients that
# are polynomials in $\delta$. As the squares are of linear forms in $x_0, g_0, g_1$, the same identity holds with inner products, in
# every dimension.
#
# ## A better rate is refuted
#
# The witness is exact, and there is a function through these points: its slopes and values satisfy the conditions.

# %%
better = forall(x, g0, g1, f0, f1, delta, given=known, then=f1 <= x**2 / (4 * delta + "21/10"))
found = search(better, budget=10.0)
assert (found.outcome, found.verdict.trust) == (Outcome.REFUTED, Trust.KERNEL)
found.witness

# %% [markdown]
# ## Which inequalities are needed?
#
# Dropping them one by one tells what a proof on paper should use.

# %%
needed = [h for h in ablate(rate, budget=60.0).hypotheses if not h.weaker]
for h in needed:
    print(h.status, " ", h.text)
assert {h.status for h in needed} == {"needed", "redundant"}

# %% [markdown]
# ## The best constant
#
# For other steps, too, even beyond 1, the smallest $c$ in $f_1-f^*\le c\,|x_0-x^*|^2$ lies between a proof and a counterexample:

# %%
c = real("c", "[0, 1]")


def after(h):
    """f(x_1) - f* <= c |x_0 - x*|^2 after one step h."""
    given = interpolation([(0, 0, 0), (x, g0, f0), (x - h * g0, g1, f1)], smoothness=1)
    return forall(x, g0, g1, f0, f1, c, given=given, then=f1 <= c * x**2)


steps = [Fraction(1, 2), Fraction(1), Fraction(3, 2), Fraction(7, 4), Fraction(2)]
best = {h: sharpen(after(h), "c", budget=20.0, tolerance="1/60") for h in steps}
for h, found in best.items():
    print(f"step {h}:", found)
    known_rate = max(1 / (4 * h + 2), (1 - h) ** 2 / 2)
    assert found.refuted < known_rate <= found.proved

# %%
@figure("rates.best", size=(5.0, 2.8))
def constants(picture):
    """The best constants lie between what is refuted (red) and what is proved (blue); the line is the larger of 1/(4h + 2), (1 - h)^2/2."""
    ax = picture.subplots()
    line = [k / 50 for k in range(15, 106)]
    ax.plot(line, [max(1 / (4 * h + 2), (1 - h) ** 2 / 2) for h in line], color=BLACK, linewidth=0.8)
    ax.plot(list(map(float, best)), [float(s.proved) for s in best.values()], "v", color=BLUE)
    ax.plot(list(map(float, best)), [float(s.refuted) for s in best.values()], "^", color=VERMILION)
    ax.set(xlabel="step $h$", ylabel="$c$", ylim=(0, 0.6))


constants

# %% [markdown]
# ## An accelerated method
#
# One step of Nesterov's method, from $x$ and $z$ through $y=(1-\frac1s)x+\frac1sz$: the potential $t^2f(x)+\frac12z^2$ does not increase
# when $t$ is followed by an $s$ with $s(s-1)\le t^2$. (The minimum is $f(0)=0$.)

# %%
z, fy, fx, fnew = (real(name) for name in ("z", "fy", "fx", "fnew"))
s, t = real("s", "[1, oo)"), real("t", "[1, oo)")
y = (1 - 1 / s) * x + z / s
convex = [fx >= fy + g0 * (x - y), fy - g0 * y <= 0]
lower = [fnew <= fy - g0**2 / 2, fx >= 0]
potential = s**2 * fnew + (z - s * g0) ** 2 / 2 <= t**2 * fx + z**2 / 2
accelerated = forall(x, z, g0, fx, fy, fnew, s, t, given=[*convex, *lower, s * (s - 1) <= t**2], then=potential)
accelerated

# %%
verdict = certify(accelerated)
assert (verdict.outcome, verdict.trust) == (Outcome.PROVED, Trust.KERNEL)
print(verdict)
