"""Whole runs from identity layers: certified fates against published ones and against iteration with many digits."""

from __future__ import annotations

from fractions import Fraction

import mpmath
import pytest

from symgd.dynamics import DynamicsError, Limit, identity_run, largest_identity_step

FATES = [  # eigenvalue, depth, step, outcome, limit of the weight
    (1, 3, "1/3", Limit.LINEAR, 1),
    (2, 2, "1/4", Limit.LINEAR, "sqrt(2)"),
    (5, 2, "1/10", Limit.LINEAR, "sqrt(5)"),
    (0, 2, "1/4", Limit.SUBLINEAR, 0),
    (0, 1, "1/4", Limit.LINEAR, 0),
    (-1, 2, "1/4", Limit.LINEAR, 0),
    (-1, 3, "1/3", Limit.SUBLINEAR, 0),
    (-1, 1, "1/2", Limit.LINEAR, -1),
    (-1, 3, "9/16", Limit.LINEAR, -1),
    (-1, 3, "221/200", Limit.SUBLINEAR, 0),  # the condition of Lemma 4 is not necessary for odd L
    (-1, 4, "9/10", Limit.SUBLINEAR, 0),
    (-1, 2, "1/2", Limit.REACHED, 0),
    ("1/2", 4, 2, Limit.REACHED, 0),
    (1, 3, 2, Limit.REACHED, 1),  # the start is the target, which repels
    (-1, 2, 1, Limit.OSCILLATES, None),
    (-1, 4, "11/10", Limit.DIVERGES, None),
    (10, 3, 2, Limit.DIVERGES, None),
    (3, 1, 3, Limit.DIVERGES, None),
    (3, 1, 2, Limit.UNDECIDED, None),
    (5, 2, "1/5", Limit.UNDECIDED, None),  # at the threshold
    (5, 2, "21/100", Limit.UNDECIDED, None),  # it oscillates
]


@pytest.mark.parametrize(("eigenvalue", "depth", "step", "outcome", "limit"), FATES, ids=lambda v: str(v))
def test_fates(eigenvalue, depth, step, outcome, limit):
    (found,) = identity_run(eigenvalue, depth, step, limit=3000).eigen
    assert found.outcome is outcome
    if limit is None:
        assert found.limit is None
    else:
        with mpmath.workdps(60):
            exact = mpmath.sqrt(int(limit[5:-1])) if isinstance(limit, str) else mpmath.mpf(limit)
            lo, hi = (mpmath.mpf(q.numerator) / q.denominator for q in found.limit)
            assert lo - mpmath.mpf(10) ** -50 <= exact <= hi + mpmath.mpf(10) ** -50
            assert hi - lo < mpmath.mpf(10) ** -50


def iterate(eigenvalue, depth, step, count):
    with mpmath.workdps(60):
        lam, delta, w = (
            mpmath.mpf(eigenvalue.numerator) / eigenvalue.denominator,
            mpmath.mpf(step.numerator) / step.denominator,
            mpmath.mpf(1),
        )
        for _ in range(count):
            w -= delta * w ** (depth - 1) * (w**depth - lam)
        return w


@pytest.mark.parametrize("depth", [2, 3, 4])
@pytest.mark.parametrize("eigenvalue", [Fraction(-2), Fraction(-1, 3), Fraction(0), Fraction(1, 5), Fraction(1), Fraction(7, 2)])
@pytest.mark.parametrize("share", [Fraction(1, 10), Fraction(1, 2), Fraction(9, 10)])
def test_the_number_of_steps_suffices(depth, eigenvalue, share):
    """Steps below the thresholds: after `steps` the weight is as near as promised, by iteration with 60 digits."""
    size = max(abs(eigenvalue), 1)
    step = share / (depth * size**2)
    (found,) = identity_run(eigenvalue, depth, step, accuracy="1/50").eigen
    assert found.limit is not None
    steps = found.steps
    assert steps is not None
    if steps <= 20_000:
        w, middle = iterate(eigenvalue, depth, step, steps), sum(found.limit) / 2
        assert abs(w - mpmath.mpf(middle.numerator) / middle.denominator) <= mpmath.mpf(1) / 50 + mpmath.mpf(10) ** -30


def test_a_matrix_reaches_its_positive_part():
    run = identity_run([[1, 2, 0], [2, 1, 1], [0, 1, 3]], 4, "1/60")
    assert [e.outcome for e in run.eigen] == [Limit.SUBLINEAR, Limit.LINEAR, Limit.LINEAR]
    assert run.reaches_closest_psd
    assert not run.reaches_target
    for found, e in zip(run.product(), run.eigen, strict=True):
        expected = max(e.eigenvalue[0], Fraction(0))
        assert found[0] - Fraction(1, 10**40) <= expected <= found[1] + Fraction(1, 10**40)
    assert "eigenvalue -1.12488542: w -> 0 slower than every linear rate" in str(run)


def test_multiple_eigenvalues_and_one_layer():
    run = identity_run([[2, 1, 1], [1, 2, 1], [1, 1, 2]], 2, "1/16")
    assert [(e.eigenvalue[0], e.multiplicity) for e in run.eigen] == [(1, 2), (4, 1)]
    assert run.reaches_target
    assert run.steps == max(e.steps for e in run.eigen)
    one = identity_run([[0, 1], [1, 0]], 1, "1/2")
    assert one.converges
    assert not one.reaches_closest_psd  # Theorem 3 fails for one layer: the limit is R itself
    assert one.product()[0] == (-1, -1)


@pytest.mark.parametrize(("eigenvalue", "depth", "step"), [("1/2", 4, 2), ("1/4", 3, "4/3"), ([["1/2", 0], [0, 1]], 2, 2)])
def test_landing_on_zero_is_not_reaching_a_positive_target(eigenvalue, depth, step):
    run = identity_run(eigenvalue, depth, step)
    assert run.converges
    assert run.eigen[0].outcome is Limit.REACHED
    assert run.eigen[0].limit == (0, 0)
    assert not run.reaches_target
    assert not run.reaches_closest_psd


@pytest.mark.parametrize(("eigenvalue", "depth"), [("1/2", 2), ("1/2", 5), (2, 2), (10, 4), (1000, 8)])
def test_the_largest_step(eigenvalue, depth):
    low, high = largest_identity_step(eigenvalue, depth)
    value = Fraction(eigenvalue)
    bound = 2 / (depth * mpmath.mpf(float(value)) ** (2 * mpmath.mpf(depth - 1) / depth))
    expected = min(bound, 1 / (1 - float(value))) if value < 1 else bound
    assert float(low) < expected * (1 + 1e-12)
    assert float(high) >= expected * (1 - 1e-12)
    assert high - low < high / 500
    assert identity_run(value, depth, low).reaches_target
    assert not identity_run(value, depth, high * Fraction(101, 100), limit=2000).reaches_target


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (([[1, 2], [3, 4]], 2, "1/4"), "symmetric"),
        (([[1, 2]], 2, "1/4"), "symmetric"),
        ((1, 2, 0), "positive"),
        ((1, 0, "1/4"), "depth"),
        ((0.5, 2, "1/4"), "0.5"),
        (([["a"]], 2, "1/4"), "target"),
    ],
)
def test_bad_input_gets_one_sentence(arguments, words):
    with pytest.raises(DynamicsError, match=words) as problem:
        identity_run(*arguments)
    assert "\n" not in str(problem.value)


def test_an_unsound_neighbourhood_is_noticed(monkeypatch):
    """If the factor were evaluated at the limit only, a start too far from it would count as settled."""
    from symgd.dynamics import identity_run as module_function

    module = __import__(module_function.__module__, fromlist=["_Map"])
    right = module._Map.factor
    monkeypatch.setattr(module._Map, "factor", lambda self, v, t: right(self, t, t))
    (found,) = identity_run("1/100", 2, 3, limit=100).eigen
    monkeypatch.undo()
    (sound,) = identity_run("1/100", 2, 3, limit=100).eigen
    assert found.limit is not None
    assert found.limit[0] > 0
    assert sound.outcome is Limit.DIVERGES
