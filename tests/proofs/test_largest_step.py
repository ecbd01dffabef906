"""Remarks 3 and 4 and the rate of Theorem 2: altered statements are not proved, and floating-point runs agree with the true ones."""

from __future__ import annotations

import contextlib
import copy
import json
from fractions import Fraction

import pytest
from mutants import PROOFS, domain, drop, op, put, swap

from symgd import Claim, Outcome, Statement
from symgd.certify import Search, certify
from symgd.collect import collect
from symgd.dynamics import DynamicsError, largest_identity_step

CLAIMS = {item.claim.id: item.claim for item in collect(*(PROOFS / f"{name}.py" for name in ("rem3", "rem4", "thm2")))}

MUTANTS = [
    ("rem3", 2, "all norms", domain("t", "(0, oo)")),
    ("rem3", 3, "factor 3", put("then.0.2.1", 3)),
    ("rem3", 4, "an exponent one larger", swap("t^6", "t^7", "then.0.1")),
    ("rem3.small", 2, "rho = 1", domain("t", "(0, 1]")),
    ("rem3.small", 3, "factor above 3", put("then.1.2", 3)),
    ("rem3.small", 2, "large norms", domain("t", "(0, 2)")),
    ("rem3.unstable", 2, ">= for >", op("given.0", ">=")),
    ("rem3.unstable", 3, "half the step", put("given.0.2", 1)),
    ("rem3.unstable", 4, "-2 for -1", put("then.0.2", -2)),
    ("rem3.zero", 2, "half the step", put("given.0.2", "1/2")),
    ("rem3.zero", 3, "from 2", put("then.0.1.3", 2)),
    ("rem3.zero", 2, "to 1", put("then.0.2", 1)),
    ("rem3.scaling", 2, "any step", drop("given.0")),
    ("rem3.scaling", 3, "twice the step", swap("2/3*s", "4/3*s", "given.0")),
    ("rem3.scaling", 2, "negative scale", put("given.0.1", "delta*t")),
    ("rem3.kept", 2, "larger steps", domain("s", "(0, 3/2)")),
    ("rem3.kept", 3, "to 1", put("then.1.2", 1)),
    ("rem3.kept", 4, "from 3/2", domain("u", "(0, 3/2]")),
    ("rem3.sharp", 2, "larger steps", domain("s", "(0, 11/10)")),
    ("rem3.sharp", 2, "linearly", lambda data: {**data, "then": [{"linear": [1]}]}),  # not at the bound itself
    ("rem3.sharp", 3, "larger starts", put("start.1.2", 2)),
    ("rem3.sharp", 3, "to 0", put("then.0.converges.0", 0)),
    ("rem3.sharp", 4, "from 0", op("start.0", ">=")),
    ("rem3.descends", 2, "any step", drop("given.1")),
    ("rem3.descends", 3, "below the start only", drop("given.0")),
    ("rem3.descends", 2, "twice the step", put("given.1.2", 2)),
    ("rem4.scalar", 2, "from 2", swap("1 + u1", "2 + u1", "then.0.2")),
    ("rem4.scalar", 2, "another step", swap("delta", "2*delta", "then.0.2")),
    ("rem4.scalar", 3, "ascent", swap("delta", "-delta", "then.0.2")),
    ("thm2.sublinear", 2, "linear", lambda data: {**data, "then": [{"linear": [0]}]}),
    ("thm2.sublinear", 3, "delta up to 3", put("given.0.2", 9)),
    ("thm2.sublinear", 2, "to 1", put("then.0.sublinear.0", 1)),
]


@pytest.mark.parametrize("row", MUTANTS, ids=[f"{m[0]}[{m[1]}]: {m[2]}" for m in MUTANTS])
def test_mutants_are_not_proved(row):
    name, member, _, edit = row
    claim = CLAIMS[name]
    data = claim.statement.data
    i = data["values"].index(member)
    by = claim.by(member) if callable(claim.by) else claim.by
    changed = edit(copy.deepcopy(json.loads(json.dumps(data["parts"][i]))))
    assert changed != data["parts"][i]
    for strategy in {id(b): b for b in (by, None)}.values():
        verdict = certify(Claim("mutant", "A mutant.", Statement(changed), by=strategy), Search(seconds=0.5))
        assert verdict.outcome is not Outcome.PROVED, str(verdict)


@pytest.mark.parametrize("name", sorted(CLAIMS))
def test_every_claim_here_has_mutants(name):
    covered = {m[0] for m in MUTANTS}
    assert name in covered or not name.startswith(("rem3.s", "rem3.u", "rem3.z", "rem3.k", "rem3.d", "rem4.scalar", "thm2.sub"))


RUNS = [
    ("thm2.run", "STEPS", {2: "1/2", 3: "1/3", 4: "1/4"}),  # not admissible
    ("thm2.run", "SINGULAR", [[1, 2, 0], [2, 1, 1], [0, 1, 3]]),  # a negative eigenvalue
    ("thm2.run", "DEFINITE", [[1, 1, 0], [1, 2, 1], [0, 1, 1]]),  # a zero one
    ("thm2.run", "SINGULAR", [[2, 1, 0], [1, 2, 1], [0, 1, 2]]),  # none
    ("thm3.run", "STEPS", {2: "1/2", 3: "1/3", 4: "1/4"}),
    ("thm3.run", "INDEFINITE", [[2, 1, 0], [1, 2, 1], [0, 1, 2]]),
    ("thm3.run", "INDEFINITE", [[1, 2, 0], [2, 1, 1], [0, 1, 30]]),  # the step is too large for 30
    ("rem3.table", "TABLE", [("1/10", 2), ("1/10", 4)]),  # not certified within the number of steps
    ("rem3.table", "below_root", lambda q, n: 2 * Fraction(q) ** (1 / n)),  # another bound
    ("rem3.table", "largest_identity_step", lambda value, L, **options: (Fraction(1), Fraction(2))),
    ("rem3.table", "largest_identity_step", lambda value, L, **options: tuple(q / 2 for q in largest_identity_step(value, L, part="1/50"))),
]


@pytest.mark.parametrize(("name", "what", "altered"), RUNS, ids=[f"{r[0]}: {r[1]} {i}" for i, r in enumerate(RUNS)])
def test_altered_runs_are_not_proved(monkeypatch, name, what, altered):
    compute = CLAIMS[name].compute
    monkeypatch.setitem(compute.__globals__, what, altered)
    if "table" in compute.__globals__:
        monkeypatch.setitem(compute.__globals__, "table", compute.__globals__["table"].__wrapped__)  # nothing remembered
    with contextlib.suppress(DynamicsError):
        assert not compute()


def run(depth: int, lam: float, delta: float, steps: int = 100_000) -> float:
    w = 1.0
    for _ in range(steps):
        w -= delta * w ** (depth - 1) * (w**depth - lam)
        if abs(w) > 1e6 or abs(w**depth - lam) < 1e-9 * lam:
            break
    return w


@pytest.mark.parametrize("depth", [2, 3, 4, 5])
@pytest.mark.parametrize("lam", [0.1, 0.7, 1.5, 10.0, 200.0])
def test_the_largest_step_is_that_of_a_run(depth, lam):
    t = lam ** (1 / depth)
    bound = 2 / (depth * t ** (2 * depth - 2))
    largest = bound if lam >= 1 else min(bound, 1 / (1 - lam))
    assert abs(run(depth, lam, (0.99 if lam >= 1 else 0.9) * largest) - t) < 1e-3 * t
    assert abs(run(depth, lam, 1.01 * largest) - t) > 1e-3 * t
