"""ex1: what gradient descent does from a given rational start."""

from fractions import Fraction
from pathlib import Path

import pytest

from symgd import LanguageError, Outcome
from symgd.collect import collect

PROOFS = Path(__file__).resolve().parents[2] / "proofs"
STARTS = [  # start, step size, reaches 0, at step
    (0, 1, True, 0),
    (1, 1, True, 1),
    ("-1/4", "1/2", True, 1),
    ("0.09", "0.3", True, 1),
    ("1/4", 1, False, 0),
    ("1/5", 1, False, 0),
    (2, 1, False, 2),
    (-7, "3/2", False, 2),
    ("999999/1000000", 1, False, 1),
]


@pytest.fixture(scope="module")
def classify():
    """The function of proofs/ex1.py, found the way its claims are."""
    item = next(i for i in collect(PROOFS / "ex1.py") if i.claim.id == "ex1.irrational")
    return item.claim.compute.__globals__["classify"]


@pytest.mark.parametrize(("start", "delta", "reaches_zero", "step"), STARTS)
def test_every_rational_start_is_decided(classify, start, delta, reaches_zero, step):
    fate = classify(start, delta)
    assert (fate.reaches_zero, fate.step) == (reaches_zero, step)
    assert fate.verdict.outcome is Outcome.PROVED
    low, high = fate.enclosure
    assert reaches_zero or 0 < low <= high <= Fraction(1, 4)


def test_a_start_close_to_an_exceptional_one_needs_more_precision(classify):
    near_s2 = Fraction(2618033988749894848204586834365638117720309179805762862135, 10**57)
    fate = classify(near_s2, 1)
    assert not fate.reaches_zero
    assert fate.step == 2
    assert fate.verdict.outcome is Outcome.PROVED


def test_misuse_gets_one_sentence(classify):
    with pytest.raises(LanguageError, match="not exact"):
        classify(0.5, 1)
    with pytest.raises(ValueError, match="must be positive"):
        classify(1, 0)
