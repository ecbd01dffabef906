"""What people believe about gradient descent and is not so: each belief is refuted in seconds by a witness that fits on a line."""

from __future__ import annotations

import shutil
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import pytest

from symgd import Expr, Statement, at, converges, diff, eq, family, forall, function, kernel, orbit, real, sqrt, total
from symgd.claims import Outcome
from symgd.search import SearchResult, search

x, y, w1, w2, u1, u2 = (real(name) for name in ("x", "y", "w1", "w2", "u1", "u2"))
L, delta = real("L", "(0, oo)"), real("delta", "(0, oo)")
a, b = real("a", "[0, oo)"), real("b", "[0, oo)")
s, t = real("s", "[0, 2]"), real("t", "[0, 2]")
half, small = real("delta", "(0, 1/2]"), real("delta", "(0, 1]")


def after_a_step(d: Expr) -> tuple[Expr, Expr]:
    """The two weights of the chain (w1 w2 - 1)^2/2 after one step."""
    e = w1 * w2 - 1
    return w1 - d * e * w2, w2 - d * e * w1


def never_increases() -> Statement:
    w = real("w", "[-2, 2]")
    loss = (w**2 - 1) ** 2 / 4
    return forall(real("delta", "(0, 2]"), w, then=at(loss, w, w - real("delta") * diff(loss, w)) <= loss)


def products_are_definite() -> Statement:
    """u' A B u >= 0 for positive semidefinite A and B."""
    p, q, r, k, m, n = (real(name) for name in "pqrkmn")
    first, second = [[p, q], [q, r]], [[k, m], [m, n]]
    entry = [[total(first[i][h] * second[h][j] for h in (0, 1)) for j in (0, 1)] for i in (0, 1)]
    form = u1 * (entry[0][0] * u1 + entry[0][1] * u2) + u2 * (entry[1][0] * u1 + entry[1][1] * u2)
    return forall(p, q, r, k, m, n, u1, u2, given=[p >= 0, r >= 0, p * r >= q**2, k >= 0, n >= 0, k * n >= m**2], then=form >= 0)


BELIEFS: dict[str, Statement] = {
    "a step of 2/L converges on every convex quadratic": orbit(
        {x: x - delta * L * x}, params=[L, delta], given=[delta * L <= 2], start=[], then=[converges(0)]
    ),
    "Bernoulli to second order": family(
        "n", range(1, 8), lambda n: forall(real("x", "[-1, oo)"), then=(1 + x) ** n >= 1 + n * x + n * (n - 1) * x**2 / 2)
    ),
    "co-coercive with 101/100 L": forall(
        L, a, b, u1, u2, given=[a <= L, b <= L], then=100 * L * (a * u1**2 + b * u2**2) >= 101 * (a**2 * u1**2 + b**2 * u2**2)
    ),
    "descent by a thousandth more than delta (1 - delta L/2)": forall(
        L,
        a,
        delta,
        x,
        given=[a <= L, delta * L <= 1],
        then=1000 * (a * x**2 / 2 - a * (x - delta * a * x) ** 2 / 2) >= 1001 * delta * (1 - delta * L / 2) * a**2 * x**2,
    ),
    "one step on log cosh halves the gradient": forall(
        x, then=abs(function("tanh", x - function("tanh", x))) <= abs(function("tanh", x)) / 2
    ),
    "two steps contract no less than their mean twice": forall(s, t, then=abs(1 - s) * abs(1 - t) <= (1 - (s + t) / 2) ** 2),
    "the trace of the Hessian falls along gradient descent": forall(
        half, w1, w2, then=total(v**2 for v in after_a_step(half)) <= w1**2 + w2**2
    ),
    "imbalance never grows": forall(
        small,
        w1,
        w2,
        given=[w1 >= 0, w1 <= 2, w2 >= 0, w2 <= 2],
        then=abs(after_a_step(small)[0] ** 2 - after_a_step(small)[1] ** 2) <= abs(w1**2 - w2**2),
    ),
    "the quartic converges from the boundary of its basin": orbit({x: x - x**3 / 2}, start=[abs(x) <= 2], then=[converges(0)]),
    "steps up to 2 never increase a double well": never_increases(),
    "products of positive semidefinite matrices": products_are_definite(),
    "names that Python and the script use themselves": forall(
        *(real(name) for name in ("F", "P", "lambda", "n", "root", "t3")),
        given=[real("F") >= 1, abs(real("P")) <= 1, sqrt(real("lambda")) >= 2],
        then=real("F") * real("P") + real("lambda") - real("n") * 0 + sqrt(real("root") ** 2) + abs(real("t3")) >= 4,
    ),
    "names on a solution set": forall(
        *(real(name) for name in ("n", "k", "lambda")),
        given=[eq(real("n") ** 3 + real("k") ** 3, 3), eq(real("lambda") ** 2 - real("n"), 1), real("k") >= 1, real("n") >= 0],
        then=real("n") + real("k") + real("lambda") <= 3,
    ),
}
FOUND: dict[str, SearchResult] = {}


def found(name: str) -> SearchResult:
    if name not in FOUND:
        FOUND[name] = search(BELIEFS[name], budget=25)
    return FOUND[name]


@pytest.mark.parametrize("name", BELIEFS)
def test_a_wrong_belief_is_refuted_by_a_simple_witness(name: str) -> None:
    result = found(name)
    assert result.outcome is Outcome.REFUTED, str(result)
    assert kernel.check(BELIEFS[name].data, result.verdict.certificate) == "refuted"
    assert result.witness is not None
    numbers = [Fraction(q) for q in result.witness.values() if not q.startswith("[")]
    assert all(abs(q.numerator) < 100 and q.denominator < 100 for q in numbers), result.witness


@pytest.mark.parametrize("name", [name for name in BELIEFS if "cosh" not in name])
def test_the_script_checks_it_alone(name: str) -> None:
    ran = subprocess.run([sys.executable, "-I", "-S", "-c", found(name).python], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr


def test_the_sentences_say_which_member_and_whether_there_are_hypotheses() -> None:
    bernoulli = found("Bernoulli to second order").latex
    assert bernoulli.startswith("For $n = 3$: take $x = -1$. Then $\\left(1 + x\\right)^{3} = 0 < 1 = ")
    assert "Then the hypotheses hold, but" in found("co-coercive with 101/100 L").latex


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="LaTeX is not installed")
def test_the_sentences_compile(tmp_path: Path) -> None:
    body = "\n\n".join(found(name).latex for name in BELIEFS)
    source = f"\\documentclass{{article}}\\usepackage{{amsmath}}\\begin{{document}}\n{body}\n\\end{{document}}\n"
    (tmp_path / "text.tex").write_text(source)
    ran = subprocess.run(
        ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "text.tex"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stdout[-2000:]
    assert (tmp_path / "text.pdf").stat().st_size > 10_000
