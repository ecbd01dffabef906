# %% [markdown]
# # The dynamics of your own loss
#
# `analyze` gives the certified portrait of gradient descent: all equilibria with their thresholds, periodic orbits, and basins.

# %%
from fractions import Fraction

from symgd import Outcome, Trust
from symgd.dynamics import Kind, analyze

portrait = analyze("(x^2 + 1)*(x - 1)^2*(x - 2)^2", ["x"], step="3/10")
print(portrait)

# %% [markdown]
# The cobweb and the basins at this step size.

# %%
portrait

# %% [markdown]
# Three equilibria, two of them minima; the kernel re-checked what is claimed of them.

# %%
assert len(portrait.equilibria.points) == 3
assert sum(e.kind is Kind.MINIMUM for e in portrait.equilibria.points) == 2
assert portrait.evidence
assert all(e.verdict.outcome is Outcome.PROVED and e.verdict.trust is Trust.KERNEL for e in portrait.evidence)

# %% [markdown]
# ## As the step size varies
#
# With an interval of step sizes the portrait has the certified branches of orbits and the period doublings, here of the double well.

# %%
scanned = analyze("(x^2 - 1)^2/4", ["x"], steps="4/5:13/10", periods=2)
scanned

# %%
first, second, *_ = scanned.scan.doublings[0]
assert (first.exact, first.period, second.period) == ("1", 1, 2)
low, high = Fraction(second.step.lo), Fraction(second.step.hi)
assert (low + 1) ** 2 <= 5 <= (high + 1) ** 2  # the square root of 5, less 1
