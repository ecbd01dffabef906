"""Counterexample search against z3, cvc5, SciPy's differential evolution with rounding, and hypothesis, with one time limit.

Run: python tests/benchmarks/counterexamples.py [seconds]. A refutation counts only with an exact witness (for the solvers: `sat`);
what a tool cannot express, or does not settle in time, counts with the whole time limit. What takes less than half a second is run
five times, and the shortest time counts, in seconds of processor time: other work on the machine only ever adds to it. Nothing is
remembered from one run to the next. The exit status is 0 where symgd refutes every false claim and no true one, with the shortest
median time. Needs the extras [smt] and SciPy; tools that are missing are left out.
"""

from __future__ import annotations

import math
import statistics
import sys
import time
import warnings
from collections.abc import Callable
from fractions import Fraction as F
from typing import Any

import numpy as np

from symgd import (
    Statement,
    at_rate,
    converges,
    diff,
    eq,
    family,
    forall,
    integer,
    linear,
    ne,
    orbit,
    preimages,
    real,
    sign,
    sqrt,
    stays,
    total,
    unique_zero,
)
from symgd.kernel.rules import read_goal
from symgd.kernel.terms import Arena
from symgd.search import CriticalPoint, search
from symgd.search.problem import Problem
from symgd.search.run import _HUNTERS

x, y, z, t = real("x"), real("y"), real("z"), real("t", "(0, oo)")
d, lam = real("delta", "(0, 2]"), real("lam", "(-10, 0)")
TINY = F(1, 10**30)
n = integer("n", 0, 100)


def mu(power: int, w: Any) -> Any:
    """Step factor of the scalar chain with L = power: 1 - delta w^(L-1) sum_j w^j t^(L-1-j)."""
    return 1 - d * w ** (power - 1) * total(w**j * t ** (power - 1 - j) for j in range(power))


def starts(first: Any = 1, more: int = 0) -> Statement:
    """Example 1: the starts that reach 0."""
    following = ((1 + sqrt(1 + 4 * x)) / 2) ** 2 + more
    return preimages({x: abs(x - sqrt(x))}, domain=[x >= 0], of=0, first=first, following=following, above=first)


FALSE: dict[str, Statement] = {
    "x(1-x) <= 1/4 - 1e-30": forall(x, then=x * (1 - x) <= F(1, 4) - TINY),
    "two variables, - 1e-30": forall(x, y, given=[x >= 0, x <= 1, y >= 0, y <= 1], then=4 * x * (1 - x) * y * (1 - y) <= F(1, 4) - TINY),
    "sqrt x + sqrt y, - 1e-30": forall(x, y, given=[x >= 0, y >= 0], then=sqrt(x) + sqrt(y) <= sqrt(2 * (x + y)) - TINY),
    "width 1e-30 at sqrt 2": forall(x, then=(x**2 - 2) ** 2 >= F(1, 10**60)),
    "width 1e-30 at a kink": forall(x, y, then=abs(x**2 - 2) + abs(y**3 - x - 1) >= TINY),
    "thin domain": forall(x, y, given=[x + y >= 1, x + y <= 1 + TINY], then=x * y <= F(1, 4) - F(1, 10**20)),
    "far out": forall(real("x", "[0, oo)"), then=sqrt(x + 1) - sqrt(x) >= F(1, 1000)),
    "integer polynomial": forall(n, then=ne(n**2 - n + 41, 41**2)),
    "integer, parity": forall(integer("n", 1, 400), then=ne(integer("n", 1, 400) ** 2, 289 * 289)),
    "circle": forall(x, y, given=[eq(x**2 + y**2, 1)], then=x + y <= F(141421356, 10**8)),
    "circle, - 1e-30": forall(x, y, given=[eq(x**2 + y**2, 1)], then=x + y <= sqrt(2) - TINY),
    "critical point": forall(x, given=[eq(diff(x**4 - 4 * x**2 + x, x), 0)], then=x**2 <= F(19, 10)),
    "minimum and step": CriticalPoint(x**4 / 4 - x**2 + y**2 + x * y / 10, (x, y)).statement(d, steps=[d], then=d <= F(49, 100)),
    "lem3 mutant: step 2 delta_c": forall(
        t, d, real("w", "(0, oo)"), given=[real("w") <= 1, t <= 1, 3 * d <= 2], then=mu(3, real("w")) >= 0
    ),
    "lem3 mutant: no hypothesis on w": forall(t, d, real("w", "(0, oo)"), given=[t <= 1, 2 * d <= 1], then=mu(2, real("w")) >= 0),
    "cor1 mutant: L - 1/100": forall(
        real("a", "(0, oo)"),
        real("b", "(0, oo)"),
        given=[eq(real("a") * real("b"), 1)],
        then=real("a") ** 2 + real("b") ** 2 >= F(201, 100),
    ),
    "lem2 mutant: no symmetry": forall(x, y, z, given=[x > 0, x * z - y**2 >= 0], then=x + z - 2 * y > TINY),
    "AM-GM mutant": forall(t, real("s", "(0, oo)"), then=(t + real("s")) ** 2 >= 4 * t * real("s") + F(1, 10**12)),
    "degree 8": forall(x, y, then=x**8 + y**8 + 1 >= 3 * x**3 * y**3 - F(1, 100) + x**2 * y**2),
    "family, member 9": family(
        "n", range(2, 12), lambda k: forall(x, given=[x >= 0], then=x**k - k * x + k - 1 >= (0 if k < 9 else F(1, 10**20)))
    ),
    "ex1: converges": orbit({x: x - sign(x) * sqrt(abs(x))}, start=[x > 0, x < 1], then=[converges(0)]),
    "ex3: at the threshold": orbit({x: x - 4 * d * x**3}, params=[d], start=[2 * d * x**2 <= 1], then=[converges(0)]),
    "lem4: L = 1": family(
        "L",
        [2, 1],
        lambda k: orbit(
            {x: x - d * x ** (k - 1) * (x**k - lam)}, params=[d, lam], given=[d * (1 - lam) <= 1], start=[eq(x, 1)], then=[converges(0)]
        ),
    ),
    "thm2: linear at R = 0": orbit({x: x - x**3 / 2}, start=[x > 0, x < 1], then=[linear(0)]),
    "rate too good": orbit({x: x - d * x}, params=[d], given=[d <= 1], start=[], then=[at_rate(1 - F(11, 10) * d, 0)]),
    "stays": orbit({x: x**2 - F(7, 4)}, start=[abs(x) <= F(19, 10)], then=[stays(abs(x) <= F(187, 100))]),
    "two zeros": unique_zero(x, of=x**3 - d * x, params=[d]),
    "ex1: preimages without 1": starts(first=(3 + sqrt(5)) / 2),
    "ex1: another next": starts(more=1),
}
TRUE: dict[str, Statement] = {
    "touching at sqrt 2": forall(x, then=(x**2 - 2) ** 2 >= 0),
    "touching at 1/2": forall(x, then=x * (1 - x) <= F(1, 4)),
    "touching plus 1e-30": forall(x, then=x * (1 - x) < F(1, 4) + TINY),
    "box": forall(real("x", "[0, 1]"), real("y", "[0, 1]"), then=x * y * (1 - x) <= F(13, 50)),
    "lem3, L = 3": forall(t, d, real("w", "(0, oo)"), given=[real("w") <= 1, t <= 1, 3 * d <= 1], then=mu(3, real("w")) >= 0),
    "family": family("n", range(2, 6), lambda k: forall(x, given=[x >= 0], then=x**k - k * x + k - 1 >= 0)),
    "quintic": forall(real("x", "[0, oo)"), then=x**5 - 5 * x + 4 >= 0),
    "integers": forall(n, then=n**2 >= n),
    "ordered pair": forall(
        real("a", "[0, oo)"), real("b", "[0, oo)"), given=[real("a") <= real("b")], then=real("a") * (real("b") - real("a")) >= 0
    ),
    "ex1: preimages": starts(),
    "contraction": orbit({x: x - d * x}, params=[d], given=[d <= 1], start=[], then=[at_rate(1 - d, 0)]),
}


def parts(statement: Statement) -> list[Any]:
    data = statement.data
    return list(data["parts"]) if data["kind"] == "all" else [data]


def by_symgd(statement: Statement, limit: float) -> str:
    _HUNTERS.clear()  # compiled statements
    return search(statement, budget=limit, shrink=1.0).outcome.value


def by_solver(module: Any, new: Callable[[Any, float], Any]) -> Callable[[Statement, float], str]:
    """z3, or cvc5 through its interface of the same shape: is there a point at which the hypotheses hold and a conclusion fails?"""

    def run(statement: Statement, limit: float) -> str:
        deadline, sure = time.monotonic() + limit, True
        for data in parts(statement):
            if data["kind"] != "forall":
                return "-"
            goal = read_goal(data, Arena())
            variables = {v: module.Int(v) if r.integer else module.Real(v) for v, r in goal.ranges.items()}
            extra: list[Any] = []

            def number(q: F) -> Any:
                return module.RatVal(q.numerator, q.denominator) if hasattr(module, "RatVal") else module.Q(q.numerator, q.denominator)

            def root(u: Any, extra: list[Any] = extra) -> Any:
                s = module.Real(f"root{len(extra)}")
                extra.extend([s >= 0, s * s == u])
                return s

            def power(u: Any, k: int) -> Any:
                if k == 0:
                    return number(F(1))
                out = u
                for _ in range(abs(k) - 1):
                    out = out * u
                return 1 / out if k < 0 else out

            meaning: dict[str, Any] = {
                "num": number,
                "var": lambda v, variables=variables: module.ToReal(variables[v]) if variables[v].is_int() else variables[v],
                "+": lambda a, b: a + b,
                "-": lambda a, b: a - b,
                "*": lambda a, b: a * b,
                "/": lambda a, b: a / b,
                "^": power,
                "sqrt": root,
                "abs": lambda a: module.If(a >= 0, a, -a),
                "max": lambda a, b: module.If(a >= b, a, b),
                "sign": lambda a: module.If(a > 0, number(F(1)), module.If(a < 0, number(F(-1)), number(F(0)))),
            }
            try:

                def says(r: Any, goal: Any = goal, meaning: dict[str, Any] = meaning) -> Any:
                    v = goal.arena.fold(r.diff, meaning, {})
                    return {"<": v < 0, "<=": v <= 0, "=": v == 0, "!=": v != 0}[r.op]

                solver = new(module, max(0.1, deadline - time.monotonic()))
                for v, r in goal.ranges.items():
                    if r.lo is not None:
                        solver.add(variables[v] > number(r.lo) if r.lo_open else variables[v] >= number(r.lo))
                    if r.hi is not None:
                        solver.add(variables[v] < number(r.hi) if r.hi_open else variables[v] <= number(r.hi))
                for g in goal.given:
                    solver.add(says(g))
                solver.add(module.Or(*[module.And(*[module.Not(says(r)) for r in c]) for c in goal.then]))
                for e in extra:
                    solver.add(e)
                answer = str(solver.check())
            except Exception:
                return "-"
            if answer == "sat":
                return "refuted"
            sure &= answer == "unsat"
        return "proved" if sure else "open"

    return run


def by_evolution(statement: Statement, limit: float) -> str:
    """SciPy's differential evolution on the margin with penalties; the best point is rounded and checked exactly."""
    from scipy.optimize import differential_evolution

    deadline = time.monotonic() + limit
    for data in parts(statement):
        if data["kind"] != "forall":
            return "-"
        p = Problem(data)
        bounds = [
            (
                float(r.lo) if r.lo is not None else -10.0 if r.hi is None else float(r.hi) - 1000,
                float(r.hi) if r.hi is not None else 10.0 if r.lo is None else float(r.lo) + 1000,
            )
            for r in p.ranges
        ]
        for target in p.targets:
            system = p.compiled(p.system(target)) if p.system(target) else None
            i = p.targets.index(target)

            def loss(v: Any, p: Problem = p, i: int = i, system: Any = system) -> float:
                bad, margin = p.margins(v[None])
                off = float(np.abs(system.many(v[None])).sum()) if system is not None else 0.0
                return float(-np.clip(margin[0, i], -1e9, 1e9) + 1e3 * bad[0] + 1e3 * np.nan_to_num(off, nan=1e9))

            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                best = differential_evolution(loss, bounds, seed=0, maxiter=300, callback=lambda *a, **k: time.monotonic() > deadline)
            for limit_denominator in (1, 2, 3, 4, 10, 100, 10**4, 10**9, 10**15):
                point = {
                    v: F(float(q)).limit_denominator(1 if r.integer else limit_denominator)
                    for v, q, r in zip(p.names, best.x, p.ranges, strict=True)
                }
                if p.refutes(point):
                    return "refuted"
            if time.monotonic() > deadline:
                return "open"
    return "open"


def by_hypothesis(statement: Statement, limit: float) -> str:
    import hypothesis
    from hypothesis import strategies as st

    deadline = time.monotonic() + limit

    class Late(BaseException):  # an exception would be taken for a failing example, and shrunk
        pass

    for data in parts(statement):
        if data["kind"] != "forall":
            return "-"
        p = Problem(data)
        strategy = st.fixed_dictionaries(
            {
                v: st.integers(int(r.lo or 0), int(r.hi or 0)).map(F) if r.integer else st.fractions(r.lo, r.hi)
                for v, r in p.goal.ranges.items()
            }
        )

        def fails(point: dict[str, F], p: Problem = p) -> bool:
            if time.monotonic() > deadline:
                raise Late
            return p.refutes(point) is not None

        settings = hypothesis.settings(
            max_examples=100_000, database=None, derandomize=True, deadline=None, suppress_health_check=list(hypothesis.HealthCheck)
        )
        try:
            hypothesis.find(strategy, fails, settings=settings)
            return "refuted"
        except Late:
            return "open"
        except Exception:  # nothing was found
            if time.monotonic() > deadline:
                return "open"
    return "open"


def new_z3(module: Any, limit: float) -> Any:
    solver = module.Solver()
    solver.set("timeout", int(1000 * limit))
    return solver


def new_cvc5(module: Any, limit: float) -> Any:
    solver = module.Solver()
    solver.setOption("tlimit-per", str(int(1000 * limit)))
    return solver


def tools() -> dict[str, Callable[[Statement, float], str]]:
    out: dict[str, Callable[[Statement, float], str]] = {"symgd": by_symgd}
    try:
        import z3

        out["z3"] = by_solver(z3, new_z3)
    except ImportError:
        pass
    try:
        from cvc5 import pythonic

        out["cvc5"] = by_solver(pythonic, new_cvc5)
    except ImportError:
        pass
    try:
        import scipy  # noqa: F401

        out["DE + rounding"] = by_evolution
    except ImportError:
        pass
    try:
        import hypothesis  # noqa: F401

        out["hypothesis"] = by_hypothesis
    except ImportError:
        pass
    return out


def main(limit: float) -> int:
    runners = tools()
    by_symgd(TRUE["touching at 1/2"], limit)  # imports and caches
    print(f"time limit {limit:g} s; in each cell: verdict and seconds; '-': the tool cannot express the claim\n")
    print("| claim | " + " | ".join(runners) + " |\n|---|" + "---|" * len(runners))
    times: dict[str, list[float]] = {name: [] for name in runners}
    right: dict[str, int] = dict.fromkeys(runners, 0)
    wrong: dict[str, int] = dict.fromkeys(runners, 0)
    proofs: dict[str, int] = dict.fromkeys(runners, 0)
    for wanted, claims in (("refuted", FALSE), ("proved", TRUE)):
        for title, statement in claims.items():
            cells = []
            for name, run in runners.items():
                verdict, spent = timed(run, statement, limit)
                if wanted == "refuted":
                    times[name].append(spent if verdict == wanted else limit)
                    right[name] += verdict == wanted
                else:
                    proofs[name] += verdict == wanted
                wrong[name] += verdict in ("refuted", "proved") and verdict != wanted
                cells.append("-" if verdict == "-" else f"{verdict} {spent:.3f}")
            print(f"| {title} | " + " | ".join(cells) + " |", flush=True)
    print(f"\nSummary, with {limit:g} s for each claim and tool:\n")
    print(f"| | refuted, of {len(FALSE)} false claims | proved, of {len(TRUE)} true ones | wrong | median time of the false claims |")
    print("|---|---|---|---|---|")
    for name in runners:
        print(f"| {name} | {right[name]} | {proofs[name]} | {wrong[name]} | {time_text(statistics.median(times[name]), limit)} |")
    ours = statistics.median(times["symgd"])
    quickest = all(ours < statistics.median(times[name]) for name in runners if name != "symgd")
    return 0 if right["symgd"] == len(FALSE) and not wrong["symgd"] and quickest else 1


def timed(run: Callable[[Statement, float], str], statement: Statement, limit: float) -> tuple[str, float]:
    verdict, spent = "", math.inf
    for _ in range(5):
        started = time.process_time()
        verdict = run(statement, limit)
        spent = min(spent, time.process_time() - started)
        if spent > 0.5 or verdict == "-":
            break
    return verdict, spent


def time_text(seconds: float, limit: float) -> str:
    return "over the limit" if seconds >= limit else f"{1000 * seconds:.1f} ms"


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]) if len(sys.argv) > 1 else 10.0))
