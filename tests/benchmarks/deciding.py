"""Deciding claims against z3 and cvc5, as one table.

Run:  python tests/benchmarks/deciding.py [--quick] [--seconds 30] [--repeat 3] [--solvers z3 cvc5]

The same claims are given to `certify` (which leaves a certificate that the kernel has re-checked) and, as SMT-LIB text, to z3 and cvc5,
each with the same time limit; a solver that is not installed is left out. z3 has no exp, log or tanh; cvc5 has exp.
Claims are true or false; "wrong" counts answers that contradict the known one. Every time is from the claim in its own form (a statement,
or SMT-LIB text) to the answer, in seconds of CPU (other work on the machine does not count), in a process of its own that has loaded the
tool and decided a trivial claim; here that includes writing a certificate and checking it again. What takes less than a second is asked
`--repeat` times, and the fastest answer counts, for every tool. A solver that gives up on lem3 for three L in a row is not asked for more.
The last lines are a Markdown table: for each class of claims, what is decided, and the median of (a solver's time)/(time here) over the
claims that both decide; then the median times.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from symgd import Relation, Statement, Variable, forall, parse, parse_relation, prod, real, total
from symgd.certify import Search, certify
from symgd.claims import Outcome


@dataclass(frozen=True)
class Case:
    """A claim for all values of the variables, and whether it is true."""

    name: str
    variables: tuple[Variable, ...]
    given: tuple[Relation, ...]
    then: Relation
    true: bool

    @property
    def statement(self) -> Statement:
        return forall(*self.variables, given=self.given, then=self.then)


def lem3(length: int) -> list[Case]:
    """0 ≤ μ(w) and μ(w) ≤ β for 1 ≤ w ≤ t at δ = 1/(L t^(2L−2)), cleared of denominators; and the second one reversed, which is false."""
    w, t = real("w", "[1, oo)"), real("t", "[1, oo)")
    between = (w <= t,)
    mixed = w ** (length - 1) * total(prod([w**j, t ** (length - 1 - j)]) for j in range(length))
    plain = total(t**j for j in range(length))
    return [
        Case(f"lem3 L={length}: the factor is not negative", (w, t), between, mixed <= length * t ** (2 * length - 2), True),
        Case(f"lem3 L={length}: the factor is at most β", (w, t), between, plain <= mixed, True),
    ]


def case(name: str, ranges: dict[str, str], then: str, true: bool, given: tuple[str, ...] = ()) -> Case:
    variables = tuple(real(x, r) for x, r in ranges.items())
    return Case(name, variables, tuple(parse_relation(g) for g in given), parse_relation(then), true)


GRADIENT = "2*(x-1)*(x-2)*(3*x^3-6*x^2+4*x-3)"
CASES = [
    case("ex2: f is positive off the minima", {"x": "[-1, 1/2]"}, "(x^2+1)*(x-1)^2*(x-2)^2 > 1/10", True),
    case("ex2: f exceeds 1 (false)", {"x": "[-1, 3/2]"}, "(x^2+1)*(x-1)^2*(x-2)^2 > 1", False),
    case("ex2: no equilibrium below 1", {"x": "(-oo, 1)"}, f"{GRADIENT} < 0", True),
    case("ex2: no equilibrium above 2", {"x": "(2, oo)"}, f"{GRADIENT} > 0", True),
    case("ex2: growth beyond 12/5", {"x": "[5/2, oo)"}, f"(x - 3/10*{GRADIENT})^2 > x^2", True),
    case("ex2: the trap is kept from above", {"x": "[1.7050825, 2.0900016]"}, f"x - 3/10*{GRADIENT} < 2.0900016", True),
    case("ex2: the trap is kept from below", {"x": "[1.7050825, 2.0900016]"}, f"x - 3/10*{GRADIENT} > 1.7050825", True),
    case("ex2: a smaller trap (false)", {"x": "[1.72, 2.09]"}, f"x - 3/10*{GRADIENT} > 1.72", False),
    case("ex2: contraction near 1", {"x": "[0.83, 1.17]"}, "(1 - 3/10*(30*x^4 - 120*x^3 + 168*x^2 - 108*x + 34))^2 < 1", True),
    case("double well: the trap at 3/2", {"x": "[-1.2422637, 1.2422637]"}, "(x - 3/2*(x^3 - x))^2 < 1.2422637^2", True),
    case("double well: descent below the threshold", {"x": "[-1, 1]", "d": "(0, 1/2]"}, "((x-d*(x^3-x))^2-1)^2 <= (x^2-1)^2", True),
    case("x(1 - x) <= 1/4", {"x": "(-oo, oo)"}, "x*(1-x) <= 1/4", True),
    case("x(1 - x) < 1/4 (false)", {"x": "(-oo, oo)"}, "x*(1-x) < 1/4", False),
    case("AM-GM of three", {"x": "[0, oo)", "y": "[0, oo)", "z": "[0, oo)"}, "x^3 + y^3 + z^3 >= 3*x*y*z", True),
    case("AM-GM of three, too strong (false)", {"x": "[0, oo)", "y": "[0, oo)", "z": "[0, oo)"}, "x^3 + y^3 + z^3 >= 4*x*y*z", False),
    case("the Motzkin polynomial on a box", {"x": "[2, 3]", "y": "[2, 3]"}, "x^4*y^2 + x^2*y^4 + 1 - 3*x^2*y^2 > 0", True),
    case("two layers: sharpness at least 2", {"x": "(0, oo)"}, "x^2 + 1/x^2 >= 2", True),
    case("two layers: descent of the residual", {"x": "[1/2, 3/2]", "y": "[1/2, 3/2]"}, "(1 - 1/4*(x^2+y^2))^2 < 1", True),
    case("lem2 for 2 × 2", {"a": "[-1, 1]", "b": "[-1, 1]", "c": "[-1, 1]", "d": "[-1, 1]"}, "(a*d + b*c)^2 <= (a^2+b^2)*(c^2+d^2)", True),
    case("Himmelblau: negative somewhere (false)", {"x": "[-5, 5]", "y": "[-5, 5]"}, "(x^2+y-11)^2 + (x+y^2-7)^2 > 1/100", False),
    case("exp(x) >= 1 + x on [1/10, 2]", {"x": "[1/10, 2]"}, "exp(x) > 1 + x", True),
    case("exp(x) < 1 + x + x^2 on [1/10, 1]", {"x": "[1/10, 1]"}, "exp(x) < 1 + x + x^2", True),
    case("exp(x) < 1 + x + x^2 on [1, 2] (false)", {"x": "[1, 2]"}, "exp(x) < 1 + x + x^2", False),
    case("log cosh: contraction at step 1", {"x": "[-2, 2]"}, "4/(exp(x)+exp(-x))^2 > 1/15", True),
    case("tanh(x) < x on [1/10, 4]", {"x": "[1/10, 4]"}, "tanh(x) < x", True),
    case("tanh(x) > x - x^3/3 on [1/10, 2]", {"x": "[1/10, 2]"}, "tanh(x) > x - x^3/3", True),
    case("log(1 + x) < x on [1/10, 9]", {"x": "[1/10, 9]"}, "log(1 + x) < x", True),
    case("sigmoid slope at most 1/4", {"x": "[1/10, 8]"}, "exp(-x)/(1+exp(-x))^2 < 1/4", True),
    case("logistic loss: slope bounded by 1", {"x": "[-20, 20]"}, "exp(-x)/(1+exp(-x)) < 1", True),
    case("sin(x) > x/2 on [1/10, 3/2]", {"x": "[1/10, 3/2]"}, "sin(x) > x/2", True),
    case("sin(x) > x - x^3/7 (false)", {"x": "[1/10, 3/2]"}, "sin(x) > x - x^3/7", False),
]


# --- SMT-LIB -----------------------------------------------------------------------------------------------------------------------------


class Untranslatable(Exception):
    """A function that the solver does not have."""


def smt_number(q: Fraction) -> str:
    text = f"{abs(q.numerator)}.0" if q.denominator == 1 else f"(/ {abs(q.numerator)}.0 {q.denominator}.0)"
    return f"(- {text})" if q < 0 else text


def smt_term(node: Any, functions: tuple[str, ...]) -> str:
    """A term in SMT-LIB; powers are written out as products."""
    if not isinstance(node, (tuple, list)):
        try:
            return smt_number(Fraction(node))
        except ValueError:
            return str(node)
    op, *args = node
    if op == "^":
        base, n = smt_term(args[0], functions), int(args[1])
        product = "1.0" if n == 0 else base if abs(n) == 1 else "(* " + " ".join([base] * abs(n)) + ")"
        return f"(/ 1.0 {product})" if n < 0 else product
    if op == "tanh" and "exp" in functions:
        u = smt_term(args[0], functions)
        return f"(/ (- (exp (* 2.0 {u})) 1.0) (+ (exp (* 2.0 {u})) 1.0))"
    if op not in ("+", "-", "*", "/", *functions):
        raise Untranslatable(op)
    return f"({op} {' '.join(smt_term(a, functions) for a in args)})"


def smt_relation(r: Relation, functions: tuple[str, ...]) -> str:
    return f"({r.op} {smt_term(r.lhs.node, functions)} {smt_term(r.rhs.node, functions)})"


def smt_text(c: Case, functions: tuple[str, ...]) -> str:
    """The negation of the claim: unsat when the claim is true."""
    lines = [f"(set-logic {'QF_NRAT' if functions else 'QF_NRA'})"] + [f"(declare-fun {v.name} () Real)" for v in c.variables]
    for v in c.variables:
        if v.lo is not None:
            lines.append(f"(assert ({'<' if v.lo_open else '<='} {smt_number(v.lo)} {v.name}))")
        if v.hi is not None:
            lines.append(f"(assert ({'<' if v.hi_open else '<='} {v.name} {smt_number(v.hi)}))")
    lines += [f"(assert {smt_relation(g, functions)})" for g in c.given]
    return "\n".join([*lines, f"(assert (not {smt_relation(c.then, functions)}))"])


TRIVIAL = "(set-logic QF_NRA)(declare-fun x () Real)(assert (< (* x x) 0.0))"
TIMED = """
text, times = sys.stdin.read(), []
ask(trivial)
while len(times) < int(sys.argv[2]) and sum(times) < 1:
    t = time.process_time(); r = ask(text); times.append(time.process_time() - t)
print(r, min(times))
"""
HERE = """
import sys, time
sys.path.insert(0, sys.argv[3])
import deciding as d
trivial = d.CASES[0].name
def ask(name): return d.decide(d.find(name), float(sys.argv[1]))
"""
Z3 = """
import sys, time, z3
trivial = sys.argv[3]
def ask(text):
    s = z3.Solver(); s.set("timeout", int(1000 * float(sys.argv[1]))); s.from_string(text)
    return s.check()
"""
CVC5 = """
import sys, time, cvc5
trivial = sys.argv[3]
def ask(text):
    tm = cvc5.TermManager(); s = cvc5.Solver(tm); s.setOption("tlimit-per", str(int(1000 * float(sys.argv[1]))))
    p = cvc5.InputParser(s); p.setStringInput(cvc5.InputLanguage.SMT_LIB_2_6, text, "claim")
    m = p.getSymbolManager()
    while (c := p.nextCommand()) is not None and not c.isNull(): c.invoke(s, m)
    return s.checkSat()
"""


def installed(module: str) -> bool:
    return subprocess.run([sys.executable, "-c", f"import {module}"], capture_output=True, check=False).returncode == 0


def process(script: str, argument: str, write: Callable[[Case], str], repeat: int) -> Callable[[Case, float], tuple[bool | None, float]]:
    """A function that asks a tool in a process of its own, which times itself from the claim in its form to the answer."""
    failed: dict[str, int] = {}

    def ask(c: Case, seconds: float) -> tuple[bool | None, float]:
        kind = c.name.partition(":")[2]
        if failed.get(kind, 0) >= 3:
            return None, float("nan")
        try:
            text = write(c)
        except Untranslatable:
            return None, float("nan")
        command = [sys.executable, "-c", script + TIMED, str(seconds), str(repeat), argument]
        try:
            done = subprocess.run(command, input=text, capture_output=True, text=True, timeout=seconds + 30, check=False)
            answer, spent = done.stdout.split()
        except (subprocess.TimeoutExpired, ValueError):
            answer, spent = "unknown", str(seconds)
        found = {"unsat": True, "sat": False}.get(answer)
        if c.name.startswith("lem3"):
            failed[kind] = 0 if found is not None else failed.get(kind, 0) + 1
        return found, float(spent)

    return ask


def decide(c: Case, seconds: float) -> str:
    """What `certify` says, in the words of a solver that is asked for a counterexample."""
    verdict = certify(c.statement, Search(seconds=seconds))
    return {Outcome.PROVED: "unsat", Outcome.REFUTED: "sat"}.get(verdict.outcome, "unknown")


def find(name: str) -> Case:
    """The claim of this name."""
    if name.startswith("lem3"):
        return next(c for c in lem3(int(name.partition("=")[2].partition(":")[0])) if c.name == name)
    return next(c for c in CASES if c.name == name)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="fewer values of L, and 2 seconds each")
    parser.add_argument("--seconds", type=float, default=30.0, help="limit for each claim and solver")
    parser.add_argument("--repeat", type=int, default=3, help="runs of what takes less than a second; the fastest counts")
    parser.add_argument("--solvers", nargs="*", default=["z3", "cvc5"], choices=["z3", "cvc5"], help="which solvers to compare with")
    options = parser.parse_args()
    seconds = min(options.seconds, 2.0) if options.quick else options.seconds
    lengths = (2, 4, 6) if options.quick else range(2, 65)
    cases = [c for length in lengths for c in lem3(length)] + CASES
    deciders = {"here": process(HERE, str(Path(__file__).resolve().parent), lambda c: c.name, options.repeat)}
    if "z3" in options.solvers and installed("z3"):
        deciders["z3"] = process(Z3, TRIVIAL, lambda c: smt_text(c, ()), options.repeat)
    if "cvc5" in options.solvers and installed("cvc5"):
        deciders["cvc5"] = process(CVC5, TRIVIAL, lambda c: smt_text(c, ("exp", "sin", "cos")), options.repeat)
    rows: list[Row] = []
    print(f"{'claim':46}" + "".join(f"{n:>18}" for n in deciders))
    for c in cases:
        row = {n: ask(c, seconds) for n, ask in deciders.items()}
        rows.append(row)
        print(f"{c.name:46}" + "".join(f"{_word(answer, c.true):>9}{spent:9.3f}" for answer, spent in row.values()), flush=True)
    print()
    print(table(cases, rows))


Row = dict[str, "tuple[bool | None, float]"]


def family(c: Case) -> str:
    """The class of a claim in the table."""
    if c.name.startswith("lem3"):
        return "lem3, L = 2..64"
    if not c.true:
        return "false claims"
    text = smt_text(c, ("exp", "sin", "cos", "tanh", "log"))
    return "transcendental" if any(f"({f} " in text for f in ("exp", "sin", "cos", "tanh", "log")) else "other polynomial"


def table(cases: list[Case], rows: list[Row]) -> str:
    """Decided claims and medians of ratios as a Markdown table, by class and in all."""
    solvers = [n for n in rows[0] if n != "here"]
    lines = ["| claims | decided here |" + "".join(f" by {n} | {n} / here |" for n in solvers), "|---|---|" + "---|---|" * len(solvers)]
    groups = {"all": list(range(len(cases)))}
    for i, c in enumerate(cases):
        groups.setdefault(family(c), []).append(i)
    for name, members in [*list(groups.items())[1:], ("all", groups["all"])]:
        cells = [f"{name} ({len(members)})", _score(cases, rows, members, "here")]
        for n in solvers:
            both = [rows[i] for i in members if rows[i][n][0] is not None and rows[i]["here"][0] is not None]
            ratios = [row[n][1] / row["here"][1] for row in both]
            cells += [_score(cases, rows, members, n), f"{statistics.median(ratios):.2g} ({len(ratios)})" if ratios else "-"]
        lines.append("| " + " | ".join(cells) + " |")
    for n in solvers:
        both = [row for row in rows if row[n][0] is not None and row["here"][0] is not None]
        if both:
            times = [1000 * statistics.median(row[tool][1] for row in both) for tool in ("here", n)]
            lines.append(f"\nwhere {n} decides: median time {times[0]:.2g} ms here, {times[1]:.2g} ms by {n}")
    return "\n".join(lines)


def _score(cases: list[Case], rows: list[Row], members: list[int], n: str) -> str:
    right = sum(rows[i][n][0] is cases[i].true for i in members)
    wrong = sum(rows[i][n][0] not in (None, cases[i].true) for i in members)
    return f"{right}" + (f", {wrong} wrong" if wrong else "")


def _word(answer: bool | None, truth: bool) -> str:
    return "open" if answer is None else ("true" if answer else "false") + ("" if answer is truth else " !")


__all__ = ["CASES", "Case", "lem3", "main", "parse", "smt_text"]

if __name__ == "__main__":
    main()
