# %% [markdown]
# # Hunting a counterexample
#
# Is the local sharpness bound $\delta \le 2/f''$ at the start enough for the loss to decrease in one step? We ask about $f(x) = x^4$.

# %%
import symgd.render  # formulas are shown as formulas
from symgd import Outcome, Trust, forall, real
from symgd.search import search

x, delta = real("x", "(0, 2]"), real("delta", "(0, 1]")
guess = forall(x, delta, given=12 * delta * x**2 <= 2, then=(x - 4 * delta * x**3) ** 4 < x**4)
guess

# %%
found = search(guess, budget=10.0)
assert (found.outcome, found.verdict.trust) == (Outcome.PROVED, Trust.KERNEL)
print(found.verdict)

# %% [markdown]
# For $x^4$ there is room to spare: the hypothesis may be weakened to $12\,\delta x^2 < 6$. At $12\,\delta x^2 \le 7$ it fails.

# %%
weaker = forall(x, delta, given=12 * delta * x**2 <= 7, then=(x - 4 * delta * x**3) ** 4 < x**4)
found = search(weaker, budget=10.0)
assert (found.outcome, found.verdict.trust) == (Outcome.REFUTED, Trust.KERNEL)
found.witness

# %% [markdown]
# The witness is exact. It can be checked by hand, here in rational arithmetic.

# %%
from fractions import Fraction

a, d = Fraction(found.witness["x"]), Fraction(found.witness["delta"])
assert 12 * d * a**2 <= 7
assert (a - 4 * d * a**3) ** 4 >= a**4
