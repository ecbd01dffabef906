# %% [markdown]
# # First steps: your own lemma in five minutes
#
# A claim states something about real numbers; `certify` looks for a proof or a counterexample, and a small kernel checks what it found.

# %%
import symgd.render  # formulas are shown as formulas
from symgd import Outcome, Trust, at, claim, diff, forall, real
from symgd.certify import certify
from symgd.figures import BLUE, VERMILION, figure

x, delta = real("x"), real("delta", "(0, 1/2]")
loss = (x**2 + 1) * (x - 1) ** 2 * (x - 2) ** 2
loss

# %% [markdown]
# The minimum $x = 1$ of this loss is linearly stable for the step size $\delta$ where $|1 - \delta f''(1)| \le 1$.

# %%
sharpness = diff(loss, x, x)


@claim("stable.at_1")
def stable_at_1():
    """For steps up to 1/2 the minimum x = 1 is linearly stable."""
    return forall(delta, then=abs(1 - delta * at(sharpness, x, 1)) <= 1)


stable_at_1.statement

# %%
verdict = certify(stable_at_1)
assert (verdict.outcome, verdict.trust) == (Outcome.PROVED, Trust.KERNEL)
print(verdict)

# %% [markdown]
# The same sentence about the sharper minimum $x = 2$ is false. A refutation comes with an exact witness.

# %%
at_2 = certify(forall(delta, then=abs(1 - delta * at(sharpness, x, 2)) <= 1))
assert (at_2.outcome, at_2.trust) == (Outcome.REFUTED, Trust.KERNEL)
print(at_2)

# %% [markdown]
# With the step size restricted to $\delta \le 1/5$ it holds.

# %%
repaired = certify(forall(real("delta", "(0, 1/5]"), then=abs(1 - delta * at(sharpness, x, 2)) <= 1))
assert (repaired.outcome, repaired.trust) == (Outcome.PROVED, Trust.KERNEL)
print(repaired)

# %% [markdown]
# The same as a picture. A function that draws, decorated like a claim, can stand beside the claims, and `symgd report` shows it there.

# %%
@figure("stable.multipliers", of="stable.at_1", size=(6.0, 2.8))
def multipliers(picture):
    """The multipliers of both minima: stable between -1 and 1, so up to 1/2 at x = 1 and up to 1/5 at x = 2 (proved above)."""
    ax = picture.subplots()
    steps = [k / 100 for k in range(61)]
    for sharp, threshold, colour in ((4, 1 / 2, BLUE), (10, 1 / 5, VERMILION)):
        ax.plot(steps, [1 - sharp * d for d in steps], color=colour, label=f"sharpness {sharp}")
        ax.plot([threshold], [-1], "o", color=colour)
    ax.axhspan(-1, 1, color="0.92", zorder=0)
    ax.set(xlabel="step size $\\delta$", ylabel="multiplier", ylim=(-2, 1.2))
    ax.legend()


multipliers
