# %% [markdown]
# # The paper, statement by statement
#
# K. Nar and S. S. Sastry, *Step Size Matters in Deep Learning* (NeurIPS 2018). Each section gives the verdict on every claim that belongs
# to a statement, then the derivations as mathematics. A stored certificate is re-checked by the kernel; a claim without one is settled by
# its own method, or searched, and the last column says so. A verdict that is not the expected one stops the notebook.

# %%
from collections import Counter
from pathlib import Path

from IPython.display import Markdown, display

from symgd.claims import Outcome
from symgd.collect import collect
from symgd.derivations import Derivation
from symgd.render import find_figures, markdown
from symgd.render.words import to_html
from symgd.settle import Settings, decide

proofs = next(p / "proofs" for p in (Path.cwd(), *Path.cwd().parents) if (p / "proofs").is_dir())
everything = collect(proofs)
pictures = find_figures(proofs)
settled, drawn = {}, set()


def belongs(item, name):
    return item.claim.id == name or item.claim.id.startswith(f"{name}.")


def verdicts(*names):
    """Settle and show every claim whose id begins with one of the names."""
    chosen = [item for name in names for item in everything if belongs(item, name)]
    assert all(any(belongs(item, name) for item in chosen) for name in names)
    rows = ["| claim | states | verdict | trust | from |", "|---|---|---|---|---|"]
    for item in chosen:
        done = settled[item.claim.id] = decide(item, Settings(seconds=30.0), lambda message: None)
        assert done.as_expected(item), f"{item.claim.id}: {done.verdict}"
        title = to_html(item.claim.title).replace("|", "&#124;").replace("$", "&#36;")
        rows.append(f"| `{item.claim.id}` | {title} | {done.verdict.outcome.value} | {done.verdict.trust.value} | {done.source.value} |")
    display(Markdown("\n".join(rows)))


def derivations(*names):
    """Show the derivations whose ids begin with one of the names."""
    shown = [item.claim for name in names for item in everything if belongs(item, name) and isinstance(item.claim, Derivation)]
    assert shown
    for derivation in shown:
        display(Markdown(markdown(derivation)))

def figures(*names):
    """Show figures with their captions, which say what is certified in them."""
    for name in names:
        drawn.add(name)
        display(pictures[name], Markdown(to_html(pictures[name].caption)))

# %% [markdown]
# ## The introduction
#
# The four conclusions about the step size.

# %%
verdicts("intro")

# %%
derivations("intro")

# %% [markdown]
# ## Example 1
#
# The loss $\frac23|x|^{3/2}$: convex, one minimum, and almost no start reaches it.

# %%
verdicts("ex1")

# %%
figures("ex1.cobweb")

# %%
derivations("ex1")

# %% [markdown]
# ## Example 2
#
# A loss with two minima whose thresholds are $1/2$ and $1/5$. At the thresholds themselves both minima still attract, so that "only if
# smaller" is refuted.

# %%
verdicts("ex2")

# %%
figures("ex2.basins", "ex2.steps")

# %%
derivations("ex2")

# %% [markdown]
# ## Example 3
#
# The loss $x^L$ for even $L > 2$: the start decides. Inside the threshold convergence is sublinear.

# %%
verdicts("ex3", "sublinear")

# %%
figures("ex3.boundary")

# %%
derivations("ex3", "sublinear")

# %% [markdown]
# ## Figures 1 and 2
#
# The graph of Example 2, and the oscillation of a two-layer ReLU network. Period-2 orbits are certified for networks with two, three and
# five hidden units; the run with twenty of them drifts, and no claim is made about it.

# %%
verdicts("fig1", "fig2")

# %%
figures("fig1", "fig2", "fig2.orbit")

# %%
derivations("fig1", "fig2")

# %% [markdown]
# ## Invariance under rescaling
#
# With one minimum come all its rescaled copies, and the bound of Theorem 1 tends to 0 along them.

# %%
verdicts("inv")

# %%
derivations("inv")

# %% [markdown]
# ## Lemmas 1 and 2
#
# Traces of products of semidefinite matrices, and operators $X \mapsto \sum_i A_i X B_i$. Symmetric $A_i$, $B_i$ suffice for the
# inequality.

# %%
verdicts("lem1", "lem2", "cauchy-schwarz")

# %%
derivations("lem1", "cauchy-schwarz", "lem2")

# %% [markdown]
# ## Theorem 1
#
# The necessary step size at a solution of a deep linear network, also with a rank bottleneck.

# %%
verdicts("thm1")

# %%
figures("thm1.threshold")

# %%
derivations("thm1")

# %% [markdown]
# ## Corollaries 1 and 2
#
# The largest step size for any solution, from the inequality of the means, and what a run that converged says.

# %%
verdicts("cor1", "cor2", "amgm", "log")

# %%
derivations("log", "amgm", "cor1", "cor2")

# %% [markdown]
# ## Remarks 1 and 2, and smoothness
#
# The bound is necessary, not sufficient. The gradient has no global Lipschitz constant for two or more layers.

# %%
verdicts("rem1", "rem2", "smooth")

# %%
derivations("rem1", "rem2", "smooth")

# %% [markdown]
# ## The scalar chain
#
# Gradient and sharpness of the product of $L$ weights, on which Lemmas 3 and 4 rest.

# %%
verdicts("chain")

# %%
figures("chain.bifurcation")

# %%
derivations("chain")

# %% [markdown]
# ## Lemma 3
#
# Linear convergence from equal weights 1 to a positive target, for every target and every admissible step.

# %%
verdicts("lem3")

# %%
figures("lem3.factor")

# %%
derivations("lem3")

# %% [markdown]
# ## Lemma 4
#
# Negative targets. One layer converges to the target, not to 0, and for $L \ge 3$ the rate is not linear.

# %%
verdicts("lem4")

# %%
derivations("lem4")

# %% [markdown]
# ## Theorems 2 and 3
#
# Deep linear networks from the identity. The linear rate fails at a zero eigenvalue when $L \ge 2$, and Theorem 3 needs $L \ge 2$.

# %%
verdicts("thm2", "thm3")

# %%
figures("thm2.steps")

# %%
derivations("thm2", "thm3")

# %% [markdown]
# ## Remarks 3 and 4
#
# The step of Theorem 2 is within a factor 2 of Corollary 1 for targets of norm at least 1; identity initialisation is zero initialisation
# of a residual network.

# %%
verdicts("rem3", "rem4")

# %%
derivations("rem3", "rem4")

# %% [markdown]
# ## Theorem 4
#
# Two-layer ReLU networks. The bound fails for two outputs away from zero residual; a repaired form holds there.

# %%
verdicts("thm4")

# %%
derivations("thm4")

# %% [markdown]
# ## Nothing was left out
#
# Every claim and every derivation under `proofs/` has been settled above, as expected, and none is open; every figure has been drawn.

# %%
assert [item.claim.id for item in everything if item.claim.id not in settled] == []
assert all(done.verdict.outcome is not Outcome.OPEN for done in settled.values())
assert drawn == pictures.keys()
tally = Counter((done.verdict.outcome.value, done.verdict.trust.value) for done in settled.values())
for (outcome, trust), number in sorted(tally.items()):
    print(f"{number:>4} {outcome} at trust {trust}")
