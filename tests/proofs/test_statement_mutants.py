"""Altered claims are refuted or stay open, and no certificate of the true claim fits them."""

from __future__ import annotations

import contextlib
import os
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from mutant_table import MUTANTS, STAYS_OPEN, UNDEFINED
from mutants import Mutant, claims, member, original
from plain_truth import fails, undefined

from symgd import Claim, Outcome, Statement, kernel
from symgd.certify import Search, certify
from symgd.claims import Verdict
from symgd.collect import Item
from symgd.settle import Settings, decide

# of each search; true members take at most 0.5 s (ex1.converges 1.3 s), and MUTANT_SECONDS=2 gives the mutants more, in 4 minutes
SECONDS = float(os.environ.get("MUTANT_SECONDS", "0.25"))


def names(mutant: Mutant) -> str:
    return mutant.name


def attempt(data: Any, by: Any, seconds: float = SECONDS) -> Verdict:
    """The verdict as the command line finds it: a failure inside a search leaves the claim open."""
    item = Item(Claim("mutant", "A mutant.", Statement(data), by=by), Path(__file__), 1, "mutant")
    return decide(item, Settings(seconds=seconds, fresh=True), lambda message: None).verdict


@cache
def certificate(claim_id: str, value: int | None) -> Any:
    """A fresh certificate of the member that was altered, where it is settled."""
    return certify(original(claim_id, value), Search(seconds=5)).certificate


def leaves_automatic_proof_out(data: Any) -> bool:
    return "observe" in data  # an observed orbit needs a strategy


@pytest.mark.parametrize("mutant", MUTANTS, ids=names)
def test_mutant(mutant):
    data = mutant.data()
    assert data != member(mutant.claim, mutant.member)[0], "the edits change nothing"
    kind, text = (undefined, mutant.at.removeprefix(UNDEFINED)) if mutant.at.startswith(UNDEFINED) else (fails, mutant.at)
    assert kind(data, text), "the counterexample is none"

    _, by = member(mutant.claim, mutant.member)
    verdicts = []
    if by is not None:
        verdicts.append(attempt(data, by))
    if not leaves_automatic_proof_out(data):
        verdicts.append(attempt(data, None))
    if mutant.refuted_by is not None:
        verdicts.append(attempt(data, mutant.refuted_by))
        assert verdicts[-1].outcome is Outcome.REFUTED, verdicts[-1]
    outcomes = {v.outcome for v in verdicts}
    assert Outcome.PROVED not in outcomes, "PROVED, and false"
    found = Outcome.REFUTED in {v.outcome for v in verdicts[: len(verdicts) - (mutant.refuted_by is not None)]}
    refuted = found or mutant.refuted_by is not None or refuted_as_given(data, mutant)
    if not refuted and mutant.name not in STAYS_OPEN.splitlines():  # on a slow machine a search may need longer
        assert attempt(data, None, 8.0).outcome is Outcome.REFUTED, "refuted before, and now open"


def refuted_as_given(data: Any, mutant: Mutant) -> bool:
    """Whether the kernel accepts the counterexample of the table: a point, or a start from which the first steps fail."""
    if mutant.at.startswith(UNDEFINED) or mutant.at in ("none", "several") or "(" in mutant.at or data["kind"] not in ("forall", "orbit"):
        return False
    values = {x.strip(): q for x, q in (part.split("=") for part in mutant.at.split(",") if part)}
    if data["kind"] == "forall":
        return accepts(data, {"rule": "point", "at": values})
    start = {x: values.pop(x) for x in data["state"]}
    return any(accepts(data, {"at": values, "start": start, "step": k}) for k in range(1, 6))


def accepts(data: Any, node: Any) -> bool:
    try:
        return kernel.check(data, {"format": kernel.FORMAT, "claim": kernel.digest(data), "verdict": "refuted", "proof": node}) == "refuted"
    except kernel.Reject:
        return False


@pytest.mark.parametrize("mutant", MUTANTS, ids=names)
def test_certificate_of_the_true_claim_is_rejected(mutant):
    data, true = mutant.data(), certificate(mutant.claim, mutant.member)
    expected = claims()[mutant.claim].expect
    if true is None:
        assert expected is Outcome.REFUTED, "the true member is not proved"
        return
    with pytest.raises(kernel.Reject, match="for another claim"):
        kernel.check(data, true)
    adapted = {**true, "claim": kernel.digest(data)}
    if true["verdict"] == "proved":
        with pytest.raises(kernel.Reject):
            kernel.check(data, adapted)
    else:  # the same counterexample may serve
        with contextlib.suppress(kernel.Reject):
            assert kernel.check(data, adapted) == "refuted"
        with pytest.raises(kernel.Reject):
            kernel.check(data, {**adapted, "verdict": "proved"})


def test_table_is_wide():
    per_claim = Counter(mutant.claim for mutant in MUTANTS)
    assert len(MUTANTS) >= 70
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS)
    missing = sorted(c for c in claims() if per_claim[c] < (2 if claims()[c].expect is Outcome.REFUTED else 3))
    assert missing == [], "three mutants for each claim"
    assert len(STAYS_OPEN.splitlines()) < len(MUTANTS) / 4
    assert {mutant.name for mutant in MUTANTS}.issuperset(STAYS_OPEN.splitlines())
