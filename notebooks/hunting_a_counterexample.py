# %% [markdown]
# # Hunting a counterexample
#
# A lemma that one would like to use: if the step size is at most $2/f''$ at the current point, one step does not increase the loss. It is
# true for quadratic losses. We ask about the double well $f(x) = (x^2 - 1)^2$, on the right of the point where $f''$ changes sign.

# %%
from fractions import Fraction

import symgd.render  # formulas are shown as formulas
from symgd import Outcome, Trust, at, diff, forall, real
from symgd.figures import BLACK, BLUE, VERMILION, figure
from symgd.search import search

x, delta = real("x", "[3/5, 2]"), real("delta", "(0, 2]")
well = (x**2 - 1) ** 2
step = x - delta * diff(well, x)
lemma = forall(x, delta, given=delta * diff(well, x, x) <= 2, then=at(well, x, step) <= well)
lemma

# %%
found = search(lemma, budget=10.0)
assert (found.outcome, found.verdict.trust) == (Outcome.REFUTED, Trust.KERNEL)
found.witness

# %% [markdown]
# The witness is exact, and can be checked by hand. It starts on the flat side of the minimum and lands on the steep one, where $f''$ is
# larger.

# %%
def loss(a):
    return (a**2 - 1) ** 2


a, d = Fraction(found.witness["x"]), Fraction(found.witness["delta"])
assert d * (12 * a**2 - 4) <= 2
assert loss(a - d * 4 * a * (a**2 - 1)) > loss(a)

# %%
@figure("hunt.step", size=(6.0, 2.8))
def one_step(picture):
    """The counterexample: from the flat side of the minimum one step lands higher on the steep side."""
    ax = picture.subplots()
    after = a - d * 4 * a * (a**2 - 1)
    wide = max(float(abs(after)), float(abs(a)), 1.3)
    where = [-0.3 + k / 100 * (wide + 0.4) for k in range(101)]
    ax.plot(where, [loss(x) for x in where], color=BLUE)
    ax.annotate("", (float(after), float(loss(after))), (float(a), float(loss(a))), arrowprops={"arrowstyle": "->", "color": VERMILION})
    ax.plot([float(a), float(after)], [float(loss(a)), float(loss(after))], "o", color=BLACK)
    ax.set(xlabel="$x$", ylabel="loss")


one_step

# %% [markdown]
# ## Where the lemma holds
#
# For $f(x) = x^4$ the same lemma is true, so that the search ends with a proof.

# %%
x, delta = real("x", "(0, 2]"), real("delta", "(0, 1]")
guess = forall(x, delta, given=12 * delta * x**2 <= 2, then=(x - 4 * delta * x**3) ** 4 < x**4)
guess

# %%
found = search(guess, budget=10.0)
assert (found.outcome, found.verdict.trust) == (Outcome.PROVED, Trust.KERNEL)
print(found.verdict)

# %% [markdown]
# ## Where it ends
#
# There is room to spare, for the step overshoots to the other side only where $4\,\delta x^2 > 1$, and reaches the same height at
# $4\,\delta x^2 = 2$. So at $12\,\delta x^2 \le 6$ the lemma fails, and only with equality, on a curve that sampling does not hit.

# %%
edge = forall(x, delta, given=12 * delta * x**2 <= 6, then=(x - 4 * delta * x**3) ** 4 < x**4)
found = search(edge, budget=10.0)
assert (found.outcome, found.verdict.trust) == (Outcome.REFUTED, Trust.KERNEL)
found.witness

# %%
a, d = Fraction(found.witness["x"]), Fraction(found.witness["delta"])
assert 12 * d * a**2 == 6
assert (a - 4 * d * a**3) ** 4 == a**4
