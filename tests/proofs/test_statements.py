"""The statements of proofs/ as a whole: names, sentences, references, corrections and exactness; the cheap ones are certified."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from mutants import MODULES, PROOFS, claims, original

from symgd import Claim, Outcome, Statement, kernel
from symgd.certify import Search, certify
from symgd.collect import Item, collect

ITEMS = collect(PROOFS)
BY_ID = {item.claim.id: item.claim for item in ITEMS}


def ids(item: Item) -> str:
    return item.claim.id


def literals(data: Any) -> Iterator[Any]:
    if isinstance(data, dict):
        for key, entry in data.items():
            yield key
            yield from literals(entry)
    elif isinstance(data, (list, tuple)):
        for entry in data:
            yield from literals(entry)
    else:
        yield data


def test_there_are_many():
    assert len(ITEMS) >= 60
    assert {item.file.stem for item in ITEMS} >= set(MODULES)


def test_ids_are_unique():
    repeated = [name for name, count in Counter(item.claim.id.casefold() for item in ITEMS).items() if count > 1]
    assert not repeated


@pytest.mark.parametrize("item", ITEMS, ids=ids)
def test_claim_is_well_formed(item):
    c = item.claim
    assert c.title.strip() == c.title
    assert c.title
    assert "  " not in c.title
    assert c.expect is not Outcome.OPEN, "a claim of the paper is settled"
    missing = [used for used in c.uses if used not in BY_ID]
    assert not missing, f"uses {missing}, and there are no such claims"
    assert c.id not in c.uses
    if isinstance(c, Claim):
        assert c.title.endswith((".", "!", "?")), "a title is a sentence"
        assert len(c.title.split()) >= 3
        assert c.source, "where the statement comes from"
        if c.corrects:
            assert BY_ID[c.corrects].expect is Outcome.REFUTED, f"corrects {c.corrects}, which is not refuted"
            assert c.expect is Outcome.PROVED


@pytest.mark.parametrize("item", [item for item in ITEMS if hasattr(item.claim.statement, "data")], ids=ids)
def test_statement_is_exact(item):
    data = item.claim.statement.data
    assert not [v for v in literals(data) if not isinstance(v, (str, int))], "only strings and integers"
    assert kernel.digest(data) == item.claim.statement.digest
    assert str(item.claim.statement)


def test_references_have_no_cycle():
    done: set[str] = set()

    def visit(name: str, above: tuple[str, ...]) -> None:
        assert name not in above, " -> ".join((*above, name))
        if name not in done:
            for used in BY_ID[name].uses:
                visit(used, (*above, name))
            done.add(name)

    for name in BY_ID:
        visit(name, ())


def test_what_is_proved_uses_nothing_refuted():
    wrong = {i.claim.id: u for i in ITEMS for u in i.claim.uses if i.claim.expect is Outcome.PROVED and BY_ID[u].expect is Outcome.REFUTED}
    assert not wrong


REFUTED = [item for item in ITEMS if item.claim.expect is Outcome.REFUTED]
# what holds instead, where that is a derivation (these have no link), or does not correct this very claim
CORRECTED_ELSEWHERE = {"lem4.odd.only": "lem4.odd", "thm4.nonzero_residual": "thm4.proof", "thm4.nonzero_residual.step": "thm4.proof"}


@pytest.mark.parametrize("item", REFUTED, ids=ids)
def test_refuted_claim_has_its_correction(item):
    corrections = [i for i in ITEMS if getattr(i.claim, "corrects", "") == item.claim.id]
    if item.claim.id in CORRECTED_ELSEWHERE:
        assert BY_ID[CORRECTED_ELSEWHERE[item.claim.id]].expect is Outcome.PROVED
        return
    assert corrections, "no claim corrects it"
    assert any(i.file == item.file for i in corrections), "the correction stands in another file"


# --- a few, from nothing ---------------------------------------------------------------------------------------------

CHEAP = [
    ("chain.equal", 3), ("chain.hessian", 3), ("inv.product", 4), ("inv.no_step", 3), ("ex1.gradient", None), ("ex1.orbit", None),
    ("ex1.quadratic", None), ("ex1.complete", None), ("ex2.derivative", None), ("ex2.maximum", None), ("ex2.one_minimum", None),
    ("ex2.strict", None), ("ex3.converges", 4), ("ex3.diverges", 4), ("ex3.orbit", 6), ("lem3.above", 3), ("lem3.below", 3),
    ("lem3.rate", 4), ("lem4", 1), ("lem4.corrected", 3), ("lem4.linear", 3), ("lem4.even.orbit", 4), ("lem4.odd.only", None),
    ("cor1.means.step", 3),
    ("cor1.sharpness", 5), ("cor1.strict", 2), ("cor2.lipschitz", 4), ("cor2.root", 4),
]  # fmt: skip


@pytest.mark.parametrize(("name", "value"), CHEAP)
def test_verdict_from_nothing(name, value):
    one = original(name, value)
    verdict = certify(one, Search(seconds=10))
    assert verdict.outcome is claims()[name].expect, verdict
    assert kernel.check(one.statement.data, verdict.certificate) == verdict.outcome.value
    assert bool(verdict.witness) == (verdict.outcome is Outcome.REFUTED)


def test_a_float_is_noticed():
    assert [v for v in literals({"then": [["<", "x", 0.5]]}) if not isinstance(v, (str, int))] == [0.5]
    assert Statement({"kind": "forall", "vars": [], "then": [["<", 0, str(Fraction(1, 2))]]}).digest
    assert Path(__file__).parents[2] / "proofs" == PROOFS
