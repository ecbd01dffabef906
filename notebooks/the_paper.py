# %% [markdown]
# # The paper, statement by statement
#
# K. Nar and S. S. Sastry, *Step Size Matters in Deep Learning* (NeurIPS 2018). Each claim is shown with the verdict that the kernel gives to
# its stored certificate. Nothing is searched here.

# %%
import json
from pathlib import Path

import symgd.render  # statements are shown as formulas
from symgd import kernel
from symgd.collect import collect

proofs = next(p / "proofs" for p in (Path.cwd(), *Path.cwd().parents) if (p / "proofs").is_dir())


def checked(item):
    """The verdict of the kernel on the stored certificate of a claim."""
    file = proofs / "certificates" / f"{item.claim.id}.json"
    return kernel.check(item.claim.statement.data, json.loads(file.read_text(encoding="utf-8")))


def table(name):
    """Print the kernel's verdict on every claim of a file that has a certificate, and compare it with the expected one."""
    items = [i for i in collect(proofs / name) if (proofs / "certificates" / f"{i.claim.id}.json").exists()]
    assert items
    for item in items:
        verdict = checked(item)
        assert verdict == item.claim.expect.value
        print(f"{item.claim.id:<22} {verdict:<8} {item.claim.title}")


# %% [markdown]
# ## Example 1

# %%
table("ex1.py")

# %% [markdown]
# ## Example 2

# %%
table("ex2.py")

# %% [markdown]
# ## Introduction

# %%
table("introduction.py")

# %% [markdown]
# ## Corollaries 1 and 2

# %%
table("cor1.py")

# %% [markdown]
# ## Theorem 4, away from zero residual

# %%
table("thm4_nonzero_residual.py")
