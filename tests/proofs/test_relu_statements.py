"""The ReLU statements: the orbits of figure 2, the repaired forms of Theorem 4, and what altered versions of them come to."""

from __future__ import annotations

import contextlib
import importlib.util
import itertools
import sys
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from symgd import Outcome, Statement, claim, eq, expr, forall, kernel
from symgd.certify.certify import certify
from symgd.certify.strategy import Search

PROOFS = Path(__file__).parents[2] / "proofs"


def load(name):
    spec = importlib.util.spec_from_file_location(f"relu_{name}", PROOFS / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


fig2, thm4, residual, kink = load("fig2"), load("thm4"), load("thm4_nonzero_residual"), load("thm4_kink")


def outcome(statement, by=None):
    def altered():
        """An altered statement."""
        return statement

    return certify(claim("altered", by=by)(altered), Search(seconds=5)).outcome


def verdict(run, points, delta):
    found, conditions = fig2.certificate(run, points, delta)
    return outcome(found.statement(conditions), found.proof)


RUNS = [("five", fig2.FIVE), ("two", fig2.TWO), ("three", fig2.THREE), ("kink", fig2.MOVING)]


@pytest.mark.parametrize("run", [r for _, r in RUNS], ids=[n for n, _ in RUNS])
def test_an_orbit_is_certified_only_as_it_is(run):
    points = run.oscillates
    assert verdict(run, points, fig2.LARGE) is Outcome.PROVED
    live = next(h for h in range(len(run.biases)) if h not in fig2.idle_units(run, points))
    shifted = (tuple(q + (Fraction(1, 10**8) if h == live else 0) for h, q in enumerate(points[0])), *points[1:])
    assert verdict(run, shifted, fig2.LARGE) is not Outcome.PROVED  # one digit
    assert verdict(run, points, fig2.LARGE * Fraction(1001, 1000)) is not Outcome.PROVED  # the step size
    other = replace(run, biases=(*run.biases[:-1], run.biases[-1] + Fraction(1, 100)))
    assert verdict(other, points, fig2.LARGE) is not Outcome.PROVED  # the data


@pytest.mark.parametrize("sample", [1, 328, 329, 1000])
def test_an_orbit_with_another_activation_pattern_is_not_certified(monkeypatch, sample):
    right = fig2.pattern

    def flipped(run, point):
        return tuple((not row[0], *row[1:]) if i == sample else row for i, row in enumerate(right(run, point), 1))

    monkeypatch.setattr(fig2, "pattern", flipped)
    monkeypatch.setattr(fig2, "certificate", fig2.certificate.__wrapped__)  # without what is remembered of the right pattern
    assert verdict(fig2.THREE, fig2.THREE.oscillates, fig2.LARGE) is not Outcome.PROVED


def test_the_equilibrium_attracts_for_the_small_step_only():
    assert fig2.attracts(fig2.THREE, fig2.THREE.converges, fig2.SMALL)
    assert not fig2.attracts(fig2.THREE, fig2.THREE.converges, fig2.LARGE)


def test_a_point_visited_twice_is_no_orbit_of_period_two():
    with pytest.raises(ValueError, match="overlap"):
        fig2.orbit_statement(fig2.THREE, fig2.THREE.converges * 2, fig2.SMALL)


def test_the_reduction_notices_a_wrong_pattern(monkeypatch):
    assert fig2.follows_network(fig2.THREE, fig2.THREE.oscillates, fig2.LARGE)
    right = fig2.pattern
    monkeypatch.setattr(fig2, "pattern", lambda run, point: tuple((True, *row[1:]) for row in right(run, point)))
    monkeypatch.setattr(fig2, "certificate", fig2.certificate.__wrapped__)
    assert not fig2.follows_network(fig2.THREE, fig2.THREE.oscillates, fig2.LARGE)


def descend(run, delta, steps):
    """Gradient descent on the network itself, in floating point, on all samples; the last two iterates (w, v)."""
    x, m = np.arange(1, 1001) / 1000, len(run.biases)
    b = np.array([float(q) for q in run.biases])[:, None]
    w, v = np.array([float(q) for q in run.start]).reshape(2, m)
    wt, vt = np.array([float(q) for q in run.target]).reshape(2, m)
    y = wt @ np.maximum(np.outer(vt, x) - b, 0)
    before = np.concatenate([w, v])
    for _ in range(steps):
        before = np.concatenate([w, v])
        z = np.outer(v, x) - b
        phi = np.maximum(z, 0)
        e = w @ phi - y
        w, v = w - 2 * float(delta) * (phi @ e), v - 2 * float(delta) * w * ((z > 0) @ (e * x))
    return before, np.concatenate([w, v])


def test_the_stored_points_are_where_the_run_from_the_start_ends():
    ends = [np.array([float(q) for q in p]) for p in fig2.THREE.oscillates]
    last = descend(fig2.THREE, fig2.LARGE, 6000)
    assert min(max(np.abs(a - b).max() for a, b in zip(last, e, strict=True)) for e in (ends, ends[::-1])) < 1e-6


r, delta = thm4.r, thm4.delta


def test_the_bounds_as_stated_are_proved_from_nothing():
    for m in (1, 2, 3):
        phi, w, s, f = thm4.one_output(m)
        assert outcome(forall(*phi, *w, r, then=[2 * r * f <= s, -2 * r * f <= s]), thm4.squares(m)) is Outcome.PROVED
    assert outcome(residual.repaired_step.statement, residual.STEP) is Outcome.PROVED


@pytest.mark.parametrize("factor", ["21/10", "3", "4"])
def test_a_larger_constant_in_the_block_is_refuted(factor):
    phi, w, s, f = thm4.one_output(1)
    assert outcome(forall(*phi, *w, r, then=expr(factor) * r * f <= s)) is Outcome.REFUTED


@pytest.mark.parametrize("direction", [
    lambda w, v, b, x: (*thm4.along_weights(w, v, b, x)[:3], [q * 0 for q in v]),  # the residual term left out
    lambda w, v, b, x: (*thm4.along_weights(w, v, b, x)[:3], [-q for q in thm4.along_weights(w, v, b, x)[3]]),  # with the other sign
    lambda w, v, b, x: (*thm4.along_weights(w, v, b, x)[:2], v, thm4.along_weights(w, v, b, x)[3]),  # another direction
])  # fmt: skip
def test_another_second_variation_is_refuted(direction):
    assert outcome(thm4.second_variation(1, 1, direction)) is Outcome.REFUTED


def test_altered_repaired_forms_are_refuted():
    F, S, sharp = residual.F2, residual.S, residual.sharp
    given = [2 * r * F <= sharp * S, delta * sharp <= 2]
    assert outcome(forall(F, S, r, sharp, delta, given=given, then=2 * delta * r * F <= S)) is Outcome.REFUTED
    assert outcome(forall(F, S, r, sharp, delta, given=[given[0], delta * sharp <= 3], then=delta * r * F <= S)) is Outcome.REFUTED
    phi, size = residual.real("phi", "(0, oo)"), residual.real("q", "(0, oo)")
    s, t, length = residual.unit(phi, size)
    assert outcome(forall(phi, size, r, then=length <= phi * size / (3 * r))) is Outcome.REFUTED
    assert outcome(forall(phi, size, r, then=eq(s * phi + t * r, phi))) is Outcome.REFUTED


# --- limits on a kink ------------------------------------------------------------------------------------------------


def relu_step(weights, delta=1.0):
    """One step on the network of thm4_kink.py itself, by its definition, with its three samples."""
    w, v, q, u = weights
    x, count = np.array([1, -0.5, -0.2]), np.array([1, 1, kink.COPIES])
    z = np.array([v * x + 27 / 80, u * x - 0.5])
    phi, on = np.maximum(z, 0), z > 0
    e = (w * phi[0] + q * phi[1] - np.array([81 / 80, 1 / 25, 81 / 400])) * count
    return weights - delta * np.array([e @ phi[0], w * (e * on[0]) @ x, e @ phi[1], q * (e * on[1]) @ x]), bool(on[0, 1])


def descend_from_trap(across, along, delta=1.0, o=1e-3, steps=2000):
    """(the distance to the kink, the lack of the output there, how often either side was visited) after a run from the trap."""
    w, v = 1 + o * (69 * across - 72 * along) / 100, 27 / 40 - o * (72 * across + 69 * along) / 100
    weights = np.array([w, v, 0.2, -2 * ((0.04 - o) / 0.2 + 0.5)])
    sides = []
    for _ in range(steps):
        weights, active = relu_step(weights, delta)
        sides.append(active)
    return abs(weights[1] - 27 / 40), abs(0.04 - weights[2] * (-weights[3] / 2 - 0.5)), sum(sides[:200]), 200 - sum(sides[:200])


@pytest.mark.parametrize(("across", "along"), [(0, 0.01), (0, -0.8), (0.4, 0.9), (-0.25, 0.3), (0.2, -0.1)])
def test_runs_of_the_network_from_the_trap_end_on_the_kink(across, along):
    distance, lack, one, other = descend_from_trap(across, along)
    assert distance < 1e-12
    assert lack < 1e-12
    assert min(one, other) > 20, "both sides are visited again and again"


def test_runs_from_outside_the_trap_or_with_a_larger_step_do_not():
    assert descend_from_trap(0, 40)[0] > 1e-3
    assert descend_from_trap(0, -0.8, delta=1.1)[0] > 1e-3


def refuted_somewhere(statement):
    """Whether the kernel accepts one of a few points as a counterexample."""
    data = statement.data
    for c, n in itertools.product(("-2", "-9/10", "-1/2", "-1/100", "1/100", "1/4", "1/2", "2"), ("-1/4", "0", "2/5")):
        at = {"C": c, "N": n, "o": "1/2000", "s": "11/200"}
        with contextlib.suppress(kernel.Reject):
            head = {"format": kernel.FORMAT, "claim": kernel.digest(data), "verdict": "refuted"}
            return kernel.check(data, {**head, "proof": {"rule": "point", "at": at}}) == "refuted"
    return False


@pytest.mark.parametrize("active", kink.SIDES)
def test_altered_traps_are_refuted(active):
    names, side = (kink.C, kink.N, kink.o, kink.s), kink.side(active)
    relations, ratio, change = kink.after(active)
    assert not refuted_somewhere(forall(*names, given=[side, *kink.HERE], then=[*relations, ratio <= "99/100", change >= 0]))
    assert refuted_somewhere(forall(*names, given=[side], then=relations[:2]))  # without the sides of the trap
    assert refuted_somewhere(forall(*names, given=[kink.side(1 - active), *kink.HERE], then=relations[:2]))  # on the other side of the kink
    assert refuted_somewhere(forall(*names, given=[side, *kink.HERE], then=ratio <= "9/10"))
    assert refuted_somewhere(forall(*names, given=[side, *kink.HERE], then=change <= 0))


def test_altered_steps_of_the_kink_are_refuted():
    true, other = kink.descends(1).data, kink.descends(0).data
    for i, (op, left, _) in enumerate(true["then"]):
        mixed = {**true, "then": [[op, left, other["then"][i][2]]]}  # the step of the other side
        assert outcome(Statement(mixed)) is Outcome.REFUTED, i


def test_altered_minima_of_the_kink_are_refuted():
    q, p = kink.q, kink.p
    true = kink.curvature(0).data
    assert outcome(Statement({**true, "given": []})) is Outcome.REFUTED  # any weights of the other unit
    op, left, right = true["then"][-1]
    assert op in ("<=", ">=")
    larger = [op, left, ["*", 2, right]] if op == ">=" else [op, ["*", 2, left], right]
    assert outcome(Statement({**true, "then": [larger]})) is not Outcome.PROVED
    assert outcome(forall(q, p, given=[eq(q * p, kink.GAP)], then=kink.FIRST**2 + 1 <= 2)) is Outcome.REFUTED
