"""The paper's suspicious statements are refuted from the claims alone, without the witnesses that are stored with them."""

from __future__ import annotations

from pathlib import Path

import pytest

from symgd import kernel
from symgd.claims import Outcome
from symgd.collect import Item, collect
from symgd.search import search

PROOFS = Path(__file__).parents[2] / "proofs"
NETWORKS = {"thm4.nonzero_residual", "thm4.nonzero_residual.step"}  # of the claims on networks, as each takes up to a minute


def suspicious() -> list[Item]:
    """The claims that are wrong, but for those that are computed."""
    wrong = [item for item in collect(PROOFS) if item.claim.expect is Outcome.REFUTED and hasattr(item.claim.statement, "data")]
    return [item for item in wrong if item.claim.id in NETWORKS or not item.claim.id.startswith("thm4.")]


ITEMS = {item.claim.id: item for item in suspicious()}


def test_theorem_4_lemma_4_and_strict_thresholds_are_among_them() -> None:
    assert {*NETWORKS, "thm1.saddle", "thm2.rate", "lem4", "lem4.linear", "cor1.strict", "ex2.strict"} <= ITEMS.keys()


@pytest.mark.parametrize("name", ITEMS)
def test_a_wrong_statement_is_refuted_from_the_claim_alone(name: str) -> None:
    statement = ITEMS[name].claim.statement  # a bare statement: what is stored with the claim is not used
    result = search(statement, budget=240)
    assert result.outcome is Outcome.REFUTED, str(result)
    assert kernel.check(statement.data, result.verdict.certificate) == "refuted"
