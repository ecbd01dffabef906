"""What textbooks say of exp, log, tanh, sin, cos and square roots, and what follows: proved at trust kernel. Altered, it is refuted."""

import pytest

from symgd import Outcome, Trust, diff, eq, exp, forall, log, maximum, minimum, parse_relation, real, relu, sigmoid, softplus, sqrt, tanh
from symgd.certify import Search, certify
from symgd.certify.combination import combination
from symgd.kernel.rules import FACTS

RANGES = {"x": "(-oo, oo)", "y": "(-oo, oo)", "a": "(0, oo)", "b": "(0, oo)", "u": "[0, oo)", "v": "[0, oo)", "s": "[0, 1]", "p": "(0, 1)"}
RANGES |= {"t": "[0, 1]", "q": "(0, 1)", "z": "(-oo, 1)", "d": "(0, 1/2]"}
RANGES |= dict.fromkeys(("c", "g", "h"), "(-oo, oo)")


def statement(then, *given):
    relations = [parse_relation(r) for r in (then, *given)]
    names = sorted({x for r in relations for side in (r.lhs, r.rhs) for x in side.free_names})
    return forall(*(real(x, RANGES[x]) for x in names), given=relations[1:], then=relations[0])


TRUE = [
    # signs and ranges
    ["exp(x) > 0"],
    ["sigmoid(x) > 0"],
    ["sigmoid(x) < 1"],
    ["softplus(x) > 0"],
    ["abs(tanh(x)) < 1"],
    # tangents
    ["exp(x) >= 1 + x"],
    ["log(a) <= a - 1"],
    ["a*log(a) >= a - 1"],
    ["exp(z) <= 1/(1 - z)"],
    ["exp(-a) <= 1/a"],
    ["exp(-x^2) <= 1/(1 + x^2)"],
    ["log(1 - d) >= -d - d^2"],
    ["abs(sin(x)) <= abs(x)"],
    ["log(1 + u) <= sqrt(u)"],
    ["log((exp(x) + exp(-x))/2) <= x^2/2"],
    ["(exp(x) + exp(-x))/2 <= exp(x^2/2)"],
    ["exp(-a) <= 1/(1 + a)"],
    ["softplus(x) <= log(2) + x/2 + x^2/8"],
    ["tanh(u) >= u/(1 + u)"],
    ["1 - tanh(u) <= 2*exp(-2*u)"],
    ["sigmoid(x) >= 1 - exp(-x)"],
    # equations
    ["exp(x + y) = exp(x)*exp(y)"],
    ["exp(-x) = 1/exp(x)"],
    ["exp(x - x) = 1"],
    ["exp(log(a)) = a"],
    ["log(a*b) = log(a) + log(b)"],
    ["log(a^3) = 3*log(a)"],
    ["sin(x)^2 + cos(x)^2 = 1"],
    ["cos(2*x) = 1 - 2*sin(x)^2"],
    ["sin(2*x) = 2*sin(x)*cos(x)"],
    ["tanh(x) = (exp(x) - exp(-x))/(exp(x) + exp(-x))"],
    ["tanh(2*x) = 2*tanh(x)/(1 + tanh(x)^2)"],
    ["tanh(-x) = -tanh(x)"],
    ["sigmoid(x) = 1/(1 + exp(-x))"],
    ["sigmoid(-x) = 1 - sigmoid(x)"],
    ["softplus(x) - softplus(-x) = x"],
    ["softplus(x) = x + log(1 + exp(-x))"],
    ["sqrt(a) - sqrt(b) = (a - b)/(sqrt(a) + sqrt(b))"],
    # monotone, convex, concave
    ["exp(x) <= exp(y)", "x <= y"],
    ["log(a) <= log(b)", "a <= b"],
    ["sqrt(u) <= sqrt(v)", "u <= v"],
    ["exp((x + y)/2) <= (exp(x) + exp(y))/2"],
    ["log((a + b)/2) >= (log(a) + log(b))/2"],
    ["sqrt(s*u + (1 - s)*v) >= s*sqrt(u) + (1 - s)*sqrt(v)"],
    ["sqrt(u + v) <= sqrt(u) + sqrt(v)"],
    # two values of one function: Lipschitz bounds, strict monotonicity, tangents below, parabolas above
    ["abs(tanh(x) - tanh(y)) <= abs(x - y)"],
    ["abs(sigmoid(x) - sigmoid(y)) <= abs(x - y)/4"],
    ["abs(softplus(x) - softplus(y)) <= abs(x - y)"],
    ["abs(atan(x) - atan(y)) <= abs(x - y)"],
    ["abs(sin(x) - sin(y)) <= abs(x - y)"],
    ["abs(1/(1 + exp(-x)) - 1/(1 + exp(-y))) <= abs(x - y)/4"],
    ["abs(log(a) - log(b)) <= abs(a - b)", "a >= 1", "b >= 1"],
    ["abs(exp(s) - exp(t)) <= 3*abs(s - t)"],
    ["abs(sqrt(a) - sqrt(b)) <= abs(a - b)", "a >= 1/4", "b >= 1/4"],
    ["abs(s^2 - t^2) <= 2*abs(s - t)"],
    ["abs(x*sigmoid(x) - y*sigmoid(y)) <= 11/10*abs(x - y)"],
    ["abs(x/(1 + x^2) - y/(1 + y^2)) <= abs(x - y)"],
    ["tanh(x) < tanh(y)", "x < y"],
    ["sigmoid(x) < sigmoid(y)", "x < y"],
    ["atan(x) <= atan(y)", "x <= y"],
    ["softplus(x) < softplus(y)", "x < y"],
    ["exp(x) >= exp(y) + exp(y)*(x - y)"],
    ["softplus(x) >= softplus(y) + sigmoid(y)*(x - y)"],
    ["softplus(x) <= softplus(y) + sigmoid(y)*(x - y) + (x - y)^2/8"],
    ["sin(x) <= sin(y) + cos(y)*(x - y) + (x - y)^2/2"],
    ["p*log(p) >= q*log(q) + (log(q) + 1)*(p - q)"],
    ["(sigmoid(x) - sigmoid(y))*(x - y) >= 0"],
    # losses
    ["softplus(x) >= x"],
    ["softplus(u) <= u + log(2)"],
    ["log(exp(x) + exp(y)) >= x"],
    ["log(exp(x) + exp(y)) <= y + log(2)", "x <= y"],
    ["x*b <= exp(x) + b*log(b) - b"],
    ["a*log(a) >= a*log(b) + a - b"],
    ["p*log(p/q) + (1 - p)*log((1 - p)/(1 - q)) >= 0"],
    ["p*log(p/q) + (1 - p)*log((1 - p)/(1 - q)) >= 2*(p - q)^2"],
    ["-p*log(p) - (1 - p)*log(1 - p) <= log(2)"],
    # logarithms of sums of exponentials
    ["max(x, y) <= log(exp(x) + exp(y))"],
    ["log(exp(x) + exp(y)) <= max(x, y) + log(2)"],
    ["max(x, max(y, c)) <= log(exp(x) + exp(y) + exp(c))"],
    ["log(exp(x) + exp(y) + exp(c)) <= max(x, max(y, c)) + log(3)"],
    ["log(exp(2*x) + exp(2*y))/2 <= log(exp(x) + exp(y))"],
    ["log(exp(3*x) + exp(3*y))/3 <= log(exp(2*x) + exp(2*y))/2"],
    ["log(exp(2*x) + exp(2*y) + exp(2*c))/2 <= log(exp(x) + exp(y) + exp(c))"],
    ["log(exp(4*x) + exp(4*y))/4 <= max(x, y) + log(2)/4"],
    ["abs(log(exp(x) + exp(y)) - log(exp(g) + exp(h))) <= abs(x - g) + abs(y - h)"],
    ["abs(log(exp(x) + exp(y)) - log(exp(g) + exp(h))) <= max(abs(x - g), abs(y - h))"],
    ["log(exp((x + g)/2) + exp((y + h)/2)) <= (log(exp(x) + exp(y)) + log(exp(g) + exp(h)))/2"],
    ["log(exp(x) + exp(y)) < log(exp(g) + exp(h))", "x < g", "y <= h"],
    ["softplus(x + y) <= softplus(x) + softplus(y)"],
    # values of one increasing function
    ["tanh(x*y) <= tanh((x^2 + y^2)/2)"],
    ["exp(-(x^2 + y^2)) <= exp(-2*x*y)"],
    ["log(1 + a*b) <= log(1 + (a^2 + b^2)/2)"],
    ["softplus(x) < softplus(y)", "x < y"],
    ["3 - atan(y) <= 3 - atan(x)", "x <= y"],
    ["softplus(-(x + u*sigmoid(-x))) <= softplus(-x)"],
    # gradients that are cocoercive, or monotone
    ["(sigmoid(x) - sigmoid(y))*(x - y) >= 4*(sigmoid(x) - sigmoid(y))^2"],
    ["(1/(1 + exp(-x)) - 1/(1 + exp(-y)))*(x - y) >= 4*(1/(1 + exp(-x)) - 1/(1 + exp(-y)))^2"],
    ["(tanh(x) - tanh(y))*(x - y) >= (tanh(x) - tanh(y))^2"],
    ["(atan(x) - atan(y))*(x - y) >= 0"],
    ["(exp(x) - exp(y))*(x - y) >= 0"],
    ["(sqrt(a) - sqrt(b))*(a - b) >= 0"],
    ["(sigmoid(x) - sigmoid(y))^2 <= (x - y)^2/16"],
    ["(x + tanh(x) - y - tanh(y))*(x - y) >= (x - y)^2"],
    # max, min, relu and absolute values
    ["relu(x + y) <= relu(x) + relu(y)"],
    ["abs(relu(x) - relu(y)) <= abs(x - y)"],
    ["(relu(x) - relu(y))*(x - y) >= (relu(x) - relu(y))^2"],
    ["abs(min(max(x, -1), 1) - min(max(y, -1), 1)) <= abs(x - y)"],
    ["abs(max(x, y) - max(g, h)) <= max(abs(x - g), abs(y - h))"],
    ["abs(abs(x) - abs(y)) <= abs(x - y)"],
    ["abs(x + y + c) <= abs(x) + abs(y) + abs(c)"],
    ["max(u, v) <= sqrt(u^2 + v^2)"],
    ["max(abs(x), abs(y)) <= sqrt(x^2 + y^2)"],
    ["abs(x) + abs(y) <= sqrt(2)*sqrt(x^2 + y^2)"],
    ["max(x, y) + min(x, y) = x + y"],
    ["max(max(x, y), c) = max(x, max(y, c))"],
    ["max(x, y) <= c", "x <= c", "y <= c"],
    ["max(0, 1 - x*y) <= log(1 + exp(1 - x*y))"],
    ["relu(x)^2 >= 0"],
    ["relu(x) <= softplus(x)"],
    ["abs(x) <= x^2/2 + 1/2"],
    # bounded functions on an unbounded range
    ["(2*x + 3*sin(2*x))^2 >= (x^2 + 3*sin(x)^2)/16"],
    ["x^2 - x*sin(x) >= 0"],
    ["tanh(u) >= u - u^3/3"],
]

FALSE = [
    ["tanh(x*y) <= tanh((x^2 + y^2)/3)"],
    ["exp(-(x^2 + y^2)) <= exp(-3*x*y)"],
    ["3 - atan(x) <= 3 - atan(y)", "x <= y"],
    ["exp(x) > 1/1000000"],
    ["sigmoid(x) < 999/1000"],
    ["softplus(x) > 1/100"],
    ["exp(x) >= 1 + x + x^2/2"],
    ["log(a) <= a - 1001/1000"],
    ["exp(-x^2) <= 1/(1 + 2*x^2)"],
    ["exp(x + y) = exp(x) + exp(y)"],
    ["log(a*b) = log(a)*log(b)"],
    ["cos(2*x) = 1 - sin(x)^2"],
    ["tanh(2*x) = 2*tanh(x)"],
    ["softplus(x) - softplus(-x) = 2*x"],
    ["exp(x) <= exp(y)", "x <= 2*y"],
    ["log(a) <= log(b)", "a <= 2*b"],
    ["log((a + b)/2) <= (log(a) + log(b))/2"],
    ["sqrt(u + v) >= sqrt(u) + sqrt(v)"],
    ["softplus(x) <= x + log(2)"],
    ["log(exp(x) + exp(y)) <= y + log(2)", "x <= y + 1"],
    ["x*b <= exp(x) + b*log(b) - 2*b"],
    ["p*log(p/q) >= 0"],
    ["p*log(p/q) + (1 - p)*log((1 - p)/(1 - q)) >= 21/10*(p - q)^2"],
    ["-p*log(p) - (1 - p)*log(1 - p) <= 69/100"],
    ["(exp(x) + exp(-x))/2 <= exp(x^2/3)"],
    ["softplus(x) <= log(2) + x/2 + x^2/9"],
    ["tanh(u) >= 2*u/(1 + 2*u)"],
    ["1 - tanh(u) <= 2*exp(-2*u) - 2*exp(-4*u)"],
    ["abs(tanh(x) - tanh(y)) <= 9/10*abs(x - y)"],
    ["abs(sigmoid(x) - sigmoid(y)) <= abs(x - y)/5"],
    ["abs(log(a) - log(b)) <= abs(a - b)", "a >= 1/2", "b >= 1"],
    ["abs(exp(s) - exp(t)) <= 2*abs(s - t)"],
    ["abs(x*sigmoid(x) - y*sigmoid(y)) <= 109/100*abs(x - y)"],
    ["sigmoid(x) < sigmoid(y)", "x <= y"],
    ["sin(x) <= sin(y)", "x <= y"],
    ["softplus(x) <= softplus(y) + sigmoid(y)*(x - y) + (x - y)^2/9"],
    ["softplus(x) >= softplus(y) + sigmoid(y)*(x - y) + (x - y)^2/100"],
    ["max(x, y) + 1/1000 <= log(exp(x) + exp(y))"],
    ["log(exp(x) + exp(y)) <= max(x, y) + 69/100"],
    ["log(exp(x) + exp(y) + exp(c)) <= max(x, max(y, c)) + 109/100"],
    ["51/100*log(exp(2*x) + exp(2*y)) <= log(exp(x) + exp(y))"],
    ["log(exp(2*x) + exp(2*y))/2 >= log(exp(x) + exp(y))"],
    ["abs(log(exp(x) + exp(y)) - log(exp(g) + exp(h))) <= 99/100*(abs(x - g) + abs(y - h))"],
    ["abs(log(exp(x) + exp(y)) - log(exp(g) + exp(h))) <= 99/100*max(abs(x - g), abs(y - h))"],
    ["log(exp((x + g)/2) + exp((y + h)/2)) <= (log(exp(x) + exp(y)) + log(exp(g) + exp(h)))/2 - 1/1000"],
    ["log(exp(x) + exp(y)) < log(exp(g) + exp(h))", "x < g"],
    ["(sigmoid(x) - sigmoid(y))*(x - y) >= 41/10*(sigmoid(x) - sigmoid(y))^2"],
    ["(tanh(x) - tanh(y))*(x - y) >= 101/100*(tanh(x) - tanh(y))^2"],
    ["(sin(x) - sin(y))*(x - y) >= 0"],
    ["(exp(x) - exp(y))*(x - y) >= (x - y)^2/100"],
    ["(sigmoid(x) - sigmoid(y))^2 <= (x - y)^2/17"],
    ["relu(x + y) <= relu(x) + 99/100*relu(y)"],
    ["abs(relu(x) - relu(y)) <= 99/100*abs(x - y)"],
    ["abs(max(x, y) - max(g, h)) <= 99/100*max(abs(x - g), abs(y - h))"],
    ["max(u, v) <= 99/100*sqrt(u^2 + v^2)"],
    ["abs(x) + abs(y) <= 141/100*sqrt(x^2 + y^2)"],
    ["max(max(x, y), c) = max(x, min(y, c))"],
    ["relu(x)^2 > 0"],
    ["abs(x) <= x^2/2 + 49/100"],
    ["(2*x + 3*sin(2*x))^2 >= (x^2 + 3*sin(x)^2)/2"],
    ["tanh(u) >= u - u^3/4"],
]


@pytest.mark.parametrize("lines", TRUE, ids=lambda lines: lines[0])
def test_textbook_lemmas_are_proved(lines):
    verdict = certify(statement(*lines), Search(seconds=240))
    assert (verdict.outcome, verdict.trust) == (Outcome.PROVED, Trust.KERNEL), verdict


@pytest.mark.parametrize("lines", FALSE, ids=lambda lines: lines[0])
def test_altered_lemmas_are_refuted(lines):
    verdict = certify(statement(*lines), Search(seconds=240))
    assert (verdict.outcome, verdict.trust) == (Outcome.REFUTED, Trust.KERNEL), verdict


def test_derivatives_of_losses():
    x = real("x")
    for then in (
        eq(diff(sigmoid(x), x), sigmoid(x) * (1 - sigmoid(x))),
        eq(diff(softplus(x), x), sigmoid(x)),
        diff(softplus(x), x, x) > 0,
        diff(softplus(x), x, x) <= "1/4",
        diff(tanh(x), x) <= 1,
    ):
        assert certify(forall(x, then=then)).outcome is Outcome.PROVED, then


def test_functions_by_their_names():
    x, u = real("x"), real("u", "[0, oo)")
    assert certify(forall(x, then=[relu(x) >= x, maximum(x, 0) >= minimum(x, 0)])).outcome is Outcome.PROVED
    assert certify(forall(u, then=[sqrt(u) >= 0, exp(u) >= 1, log(1 + u) >= 0])).outcome is Outcome.PROVED


def test_conclusions_are_proved_one_by_one():
    x, y = real("x"), real("y")
    smooth = log(exp(x) + exp(y))
    verdict = certify(forall(x, y, then=[maximum(x, y) <= smooth, smooth <= maximum(x, y) + log(2)]))
    assert (verdict.outcome, verdict.trust) == (Outcome.PROVED, Trust.KERNEL)
    assert certify(forall(x, y, then=[maximum(x, y) <= smooth, smooth <= maximum(x, y) + "69/100"])).outcome is Outcome.REFUTED


def test_every_fact_is_used():
    """The kernel keeps no fact that no proof needs."""
    names = set()
    for lines in (
        *([line] for line in ("exp(x) > 0", "abs(tanh(x)) < 1", "exp(x + y) = exp(x)*exp(y)", "exp(log(a)) = a", "log(exp(x)) = x")),
        *([line] for line in ("log(a*b) = log(a) + log(b)", "sin(x)^2 + cos(x)^2 = 1", "sin(2*x) = 2*sin(x)*cos(x)", "sqrt(a)^2 = a")),
        ["tanh(x) = (exp(x) - exp(-x))/(exp(x) + exp(-x))"],
    ):
        certificate = certify(statement(*lines)).certificate
        stack = [certificate["proof"]]
        while stack:
            node = stack.pop()
            if isinstance(node, dict):
                names |= {node["fact"]} if node.get("rule") == "apply" and "fact" in node else set()
                stack += node.values()
            elif isinstance(node, list):
                stack += node
    assert names == set(FACTS)


@pytest.mark.parametrize(
    ("target", "parts", "expected"),
    [
        ({(1, 0): 2, (0, 1): 3}, [{(1, 0): 1}, {(0, 1): 1}], {0: 2, 1: 3}),
        ({(2,): 1, (1,): 2}, [{(2,): 2}, {(1,): 1}, {(1,): -1}], {0: "1/2", 1: 2}),
        ({(1,): 1}, [{(1,): -1}], None),
        ({(1,): 1}, [{(2,): 1}], None),
        ({(1,): 1, (0,): -1}, [{(1,): 3, (0,): -3}], {0: "1/3"}),
    ],
)
def test_combinations_are_exact(target, parts, expected):
    from fractions import Fraction as F

    found = combination({m: F(q) for m, q in target.items()}, [{m: F(q) for m, q in part.items()} for part in parts])
    assert found == (None if expected is None else {i: F(c) for i, c in expected.items()})
