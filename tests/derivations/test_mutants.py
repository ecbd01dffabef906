"""Altering a step of a derivation (a sign, an exponent, an index, a constant, a relation) makes it fail."""

from __future__ import annotations

import os
import random
from dataclasses import replace
from pathlib import Path

import pytest
from mutation import altered, caught, without_sentences

from symgd import orbit, real
from symgd.claims import Outcome
from symgd.derivations import Certified
from symgd.render.derive import find_derivations

PROOFS = Path(__file__).parents[2] / "proofs"
FOUND = find_derivations(PROOFS)
EACH = 10_000 if os.environ.get("SYMGD_ALL_MUTANTS") else 14  # of about 2500 mutants in all
STILL_TRUE: set[str] = set()


@pytest.mark.parametrize("id", FOUND)
def test_altered_steps_are_caught(id):
    mutants = list(altered(without_sentences(FOUND[id])))
    if len(mutants) > EACH:
        mutants = random.Random(id).sample(mutants, EACH)
    survivors = [name for name, mutant in mutants if name not in STILL_TRUE and not caught(mutant)]
    assert not survivors, "\n".join(survivors)


def test_there_are_enough_mutants():
    assert sum(min(EACH, sum(1 for _ in altered(without_sentences(d)))) for d in FOUND.values()) >= 500


def test_a_false_certified_sentence_is_caught():
    """|x_k|/delta^2 does not tend to 1/3 in example 1."""
    ex1 = FOUND["ex1.proof"]
    k = next(i for i, s in enumerate(ex1.steps) if isinstance(s.by, Certified) and s.by.statement.id == "ex1.complete")
    right = ex1.steps[k].by.statement.statement
    wrong = replace(right, data={**right.data, "first": 2})
    broken = replace(ex1, steps=(replace(ex1.steps[k], by=Certified(wrong)),), goal=())
    assert broken.settle().outcome is Outcome.OPEN
    x = real("x")
    assert replace(ex1, steps=(replace(ex1.steps[k], by=Certified(orbit({x: x / 2}, start=[x > 0], then=[{"diverges": True}]))),), goal=()
                   ).settle().outcome is Outcome.OPEN
