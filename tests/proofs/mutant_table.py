"""The mutants: claim, member, what is altered, a counterexample, the edits."""

from fractions import Fraction

from mutants import domain, drop, m, op, outcome, put, swap

from symgd import linear
from symgd.certify import Approach, Cycle, Instead

PEAK = "x=(2+19**(1/3))/3"
UNDEFINED = "undefined at "  # a conclusion has no value there, and such a relation is false
RATE_HALF = {"rate": "1/2", "to": [0]}


def cycle(period=1, after=0, **values):
    """Refute by an exact orbit; `start` is the one state variable x, w or v, the others are parameters."""
    start = {name: value for name, value in values.items() if name in ("x", "w", "v")}
    return Cycle(start, period, {name: value for name, value in values.items() if name not in start}, after)


def numbers(every, **others):
    """The 64 numbers, their running means and products: all numbers equal, with exceptions."""
    q = Fraction(every)
    values = {f"x{k}": q for k in range(1, 65)} | {f"m{k}": q for k in range(1, 65)} | {f"p{k}": q**k for k in range(1, 65)}
    return ", ".join(f"{x}={v}" for x, v in {**values, **others}.items())


slow = Instead({"w": 1}, {"sublinear": [0]}, [Approach(["w >= 0", "w <= 1"])], at={"m": 1, "delta": "1/4"})

MUTANTS = [
    # --- the scalar chain ---
    m("chain.equal", 2, "exponent L-1 becomes L", "w1=2, w2=2, w=2, lambda_=0", put("then.0.2.1.2", 2)),
    m("chain.equal", 2, "one weight is not equal to the others", "w1=1, w2=2, w=1, lambda_=0", drop("given.1")),
    m("chain.equal", 2, "sign of lambda", "w1=1, w2=1, w=1, lambda_=1", swap("w^2 - lambda_", "w^2 + lambda_")),
    m("chain.equal", 2, "loss without 1/2", "w1=1, w2=1, w=1, lambda_=0", swap("1/2", 1)),
    m("chain.equal", 3, "exponent L becomes L+1", "w1=2, w2=2, w3=2, w=2, lambda_=0", put("then.2.2.2.1.2", 4)),
    m("chain.hessian", 2, "exponent 2 becomes 3", "w1=1, w2=2, lambda_=2", put("then.0.2.2", 3)),
    m("chain.hessian", 2, "not at a minimum", "w1=1, w2=1, lambda_=2", drop("given.0")),
    m("chain.hessian", 2, "< for =", "w1=1, w2=1, lambda_=1", op("then.0", "<")),
    m("chain.hessian", 2, "sign off the diagonal", "w1=1, w2=1, lambda_=1", put("then.1.2", "-lambda_^2")),
    m("chain.hessian", 3, "loss without 1/2", "w1=1, w2=1, w3=1, lambda_=1", swap("1/2", 1)),
    m("inv.product", 2, "any factors", "w1=1, w2=1, a1=2, a2=1", drop("given.0")),
    m("inv.product", 2, "factors with product 2", "w1=1, w2=1, a1=2, a2=1", put("given.0.2", 2)),
    m("inv.product", 2, "< for =", "w1=1, w2=1, a1=1, a2=1", op("then.0", "<")),
    m("inv.product", 3, ">= for = in the hypothesis", "w1=1, w2=1, w3=1, a1=2, a2=1, a3=1", op("given.0", ">=")),
    m("inv.no_step", 2, "> for >=", "a=1, t=1", op("then.0", ">")),
    m("inv.no_step", 2, "exponent of a one larger", "a=2, t=1", swap("a^2", "a^3", "then.0.2")),
    m("inv.no_step", 3, "exponent of t one larger", "a=1, t=2", swap("t^4", "t^5", "then.0.2")),
    m("inv.no_step", 3, "a < 1 and a smaller exponent", "a=1/2, t=1", drop("given.0"), swap("a^4", "a^3", "then.0.2")),
    m("inv.no_step", 2, "< for >=", "a=1, t=1", op("then.0", "<")),
    # --- example 1 ---
    m("ex1.gradient", None, "1/2 for 2/3", "x=1", swap("2/3", "1/2")),
    m("ex1.gradient", None, "0 included, where abs has no derivative", UNDEFINED + "x=0", drop("given.0")),
    m("ex1.gradient", None, "without the sign", "x=-1", swap("sign(x)", 1)),
    m("ex1.gradient", None, "|x| for its root", "x=4", swap("sqrt(abs(x))", "abs(x)", "then.0.2")),
    m("ex1.equilibrium", None, "no equilibrium at all", "x=0, delta=1", drop("then.0.2")),
    m("ex1.equilibrium", None, "the equilibrium is 1", "x=0, delta=1", put("then.0.2.2", 1)),
    m("ex1.equilibrium", None, "delta = 0 allowed", "x=1, delta=0", domain("delta", "[0, oo)")),
    m("ex1.equilibrium", None, "0 is sent to 1", "x=0, delta=1", put("then.1.2", 1)),
    m("ex1.convex", None, "0 included", "x=0", drop("given.0")),
    m("ex1.convex", None, "concave", "x=1", op("then.1", "<")),
    m("ex1.convex", None, "f is bounded away from 0", "x=1/100", put("then.0.2", "1/100")),
    m("ex1.units", None, "negative steps", "y=1, delta=-1", domain("delta", "(-oo, oo)")),
    m("ex1.units", None, "delta^3 for delta^2", "y=4, delta=2", swap("delta^2", "delta^3", "then.0.2")),
    m("ex1.units", None, "ascent", "y=1, delta=1", swap("y - sign(y)*sqrt(abs(y))", "y + sign(y)*sqrt(abs(y))")),
    m("ex1.orbit", None, "delta^2/5", "delta=1", swap("delta^2/4", "delta^2/5")),
    m("ex1.orbit", None, "a fixed point", "delta=1", put("then.0.2", "delta^2/4")),
    m("ex1.orbit", None, "= for !=", "delta=1", op("then.2", "=")),
    m("ex1.orbit", None, "delta = 0 allowed", "delta=0", domain("delta", "[0, oo)")),
    m("ex1.superstable", None, "at delta^2/9", "delta=1", swap("delta^2/4", "delta^2/9")),
    m("ex1.superstable", None, "multiplier 1/2", "delta=1", put("then.0.2", "1/2")),
    m("ex1.superstable", None, "negative steps", "delta=-1", domain("delta", "(-oo, 0)")),
    m("ex1.superstable", None, "delta = 0 allowed, where the orbit is the kink", "delta=0", domain("delta", "[0, oo)")),
    m("ex1.quadratic", None, "constant 3", "r=0", put("then.0.2.1", 3)),
    m("ex1.quadratic", None, "< for <=", "r=1/4", op("then.0", "<")),
    m("ex1.quadratic", None, "cubic", "r=0", put("then.0.2.2.2", 3)),
    m("ex1.quadratic", None, "limit 1/3", "r=1/4", put("then.0.1.1.2", "1/3")),
    m("ex1.quadratic", None, "negative r, whose root is undefined", UNDEFINED + "r=-1", domain("r", "[-1, 1]")),
    m("ex1.complete", None, "2 is the first to reach 0", "r=2", put("first", 2)),
    m("ex1.complete", None, "root of 1 + 3 s", "r=9/4", swap("4*r", "3*r", "next")),
    m("ex1.complete", None, "the starts that reach 1/4", "r=1", put("of", "1/4")),
    m("ex1.complete", None, "0 left out of the domain", "r=0", op("domain.0", ">")),
    m("ex1.complete", None, "another map", "r=1", swap("r - sqrt(r)", "r - 2*sqrt(r)", "map")),
    m("ex1.observed", 1, "delta for delta^2", "x=16, delta=2", swap("delta^2", "delta", "then.0.1")),
    m("ex1.observed", 1, "negative steps", "x=1, delta=-1", domain("delta", "(-oo, 0)")),
    m("ex1.observed", 2, "no upper bound", "y=4", drop("given.1")),
    m("ex1.observed", 2, "1 included", "y=1", op("given.1", "<=")),
    m("ex1.observed", 3, "-1 included", "y=-1", op("given.1", ">=")),
    m("ex1.observed", 3, "sign kept", "y=-1/4", op("then.0", "<")),
    m("ex1.converges", None, "amplitude 1/5", "delta=1, x=1/4", swap("1/4", "1/5", "then"), refuted_by=cycle(2, x="1/4", delta=1)),
    m("ex1.converges", None, "0 is never reached", "delta=1, x=1", drop("then.0"), refuted_by=cycle(1, 1, x=1, delta=1)),
    m("ex1.converges", None, "0 is always reached", "delta=1, x=1/4", drop("then.1"), refuted_by=cycle(2, x="1/4", delta=1)),
    m("ex1.converges", None, "|x|/delta observed", "delta=2, x=1", swap("delta^2", "delta", "observe"), refuted_by=cycle(2, x=1, delta=2)),
    m("ex1.converges", None, "negative steps", "delta=-1, x=1", domain("delta", "(-oo, 0)")),
    m("ex1.enclosures", 1, "> for >=", "", op("then.0", ">")),
    m("ex1.enclosures", 2, "2.619 from below", "", put("then.0.2", "2619/1000")),
    m("ex1.enclosures", 3, "the digits of s_2", "", put("then.1.2", "2619/1000")),
    m("ex1.enclosures", 2, "1 + 3 s under the root", "", swap("1 + 4*1", "1 + 3*1")),
    m("ex1.recurrence", None, "s + 2", "s=0", put("then.1.2", "s + 2")),
    m("ex1.recurrence", None, "> for >=", "s=0", op("then.1", ">")),
    m("ex1.recurrence", None, "negative s, whose root is undefined", UNDEFINED + "s=-1", domain("s", "[-1, oo)")),
    m("ex1.recurrence", None, "the other sign of the root", "s=0", swap("1 + sqrt(1 + 4*s)", "1 - sqrt(1 + 4*s)")),
    m("ex1.polynomials", 1, "the next polynomial", "z1=1", put("then.0.1.1", "s^2 - 3*s + 1")),
    m("ex1.polynomials", 2, "coefficient 2", "z1=1, z2=(1+5**(1/2))/2", put("then.0.1.1", "s^2 - 2*s + 1")),
    m("ex1.polynomials", 2, "no first root", "z1=2, z2=(1+17**(1/2))/2", drop("given.0")),
    # --- example 2 ---
    m("ex2.derivative", None, "factor 3", "x=0", put("then.0.2.1", 3)),
    m("ex2.derivative", None, "coefficient 5", "x=3", swap("4*x", "5*x")),
    m("ex2.derivative", None, "x + 1", "x=0", swap("x - 1", "x + 1", "then.0.2")),
    m("ex2.thresholds", 1, "sharpness 5 at 1", "", put("then.0.2", 5)),
    m("ex2.thresholds", 1, "sharpness 12 at 2", "", put("then.1.2", 12)),
    m("ex2.thresholds", 2, "delta <= 3/5", "delta=3/5", put("given.0.2", "3/5")),
    m("ex2.thresholds", 2, "< for <=", "delta=1/2", op("then.0", "<")),
    m("ex2.thresholds", 3, ">= for > in the hypothesis", "delta=1/2", op("given.0", ">=")),
    m("ex2.thresholds", 4, "delta <= 1/4", "delta=1/4", put("given.0.2", "1/4")),
    m("ex2.thresholds", 5, "delta > 1/6", "delta=1/5", put("given.0.2", "1/6")),
    m("ex2.thresholds", 5, "the curvature at 1", "delta=1/4", put("then.0.1.1.2.2.3", 1)),
    m("ex2.maximum", None, "in (0, 1)", "none", domain("x", "(0, 1)")),
    m("ex2.maximum", None, "in (2, 3)", "none", domain("x", "(2, 3)")),
    m("ex2.maximum", None, "a minimum", PEAK, op("then.0", ">")),
    m("ex2.maximum", None, "above 1557/1000", PEAK, put("then.1.2", "1557/1000")),
    m("ex2.maximum", None, "below 1556/1000", PEAK, put("then.2.2", "1556/1000")),
    m("ex2.maximum", None, "constant 3 for -3", "none", put("equations.0.2", -3)),
    m("ex2.maximum.exact", None, "root of 18", "c=18**(1/3)", put("given.0.2", 18)),
    m("ex2.maximum.exact", None, "(1 + c)/3", "c=19**(1/3)", swap("2 + c", "1 + c")),
    m("ex2.maximum.exact", None, "any c", "c=0", drop("given.0")),
    m("ex2.maximum.exact", None, ">= for =", "c=3", op("given.0", ">=")),
    m("ex2.complete", 1, "up to 2", PEAK, domain("x", "(-oo, 2)")),
    m("ex2.complete", 1, "no equilibrium at all", "x=1", drop("then.0.2")),
    m("ex2.complete", 1, "at 0", "x=1", put("then.0.2.2", 0)),
    m("ex2.complete", 2, "from 1", "x=1", domain("x", "[1, oo)")),
    m("ex2.complete", 2, "at 3", "x=2", put("then.0.2.2", 3)),
    m("ex2.complete", 3, "ends included", "several", domain("x", "[1, 2]")),
    m("ex2.complete", 3, "one end included", "several", domain("x", "(1, 2]")),
    m("ex2.complete", 3, "a minimum", PEAK, op("then.0", ">")),
    m("ex2.maximum.unstable", None, "h = 0 allowed", "h=0, delta=1", domain("h", "(-oo, 0]")),
    m("ex2.maximum.unstable", None, "delta = 0 allowed", "h=-1, delta=0", domain("delta", "[0, oo)")),
    m("ex2.maximum.unstable", None, "< for >", "h=-1, delta=1", op("then.0", "<")),
    m("ex2.maximum.unstable", None, "any curvature", "h=1, delta=1", domain("h", "(-oo, oo)")),
    m("ex2.converges", None, "rate 1/10", "x=21/20", swap("3/4", "1/10")),
    m("ex2.converges", None, "to 2", "x=21/20", outcome({"rate": "3/4", "to": [2]})),
    m("ex2.converges", None, "from [19/20, 3/2]", "x=3/2", put("start.1.2", "3/2")),
    m("ex2.converges", None, "delta = 3/5", "x=21/20", swap("3/10", "3/5")),
    m("ex2.converges", None, "ascent", "x=21/20", swap("3/10", "-3/10")),
    m("ex2.converges", None, "no lower end", "x=-1", drop("start.0")),
    m("ex2.repelled", None, "within 1/10", "x=19/10", swap("1/20", "1/10")),
    m("ex2.repelled", None, "2 included", "x=2", drop("given.0")),
    m("ex2.repelled", None, "delta = 1/10", "x=39/20", swap("3/10", "1/10")),
    m("ex2.repelled", None, "< for >", "x=39/20", op("then.0", "<")),
    m("ex2.repelled.all", None, "1/5 included", "delta=1/5", domain("delta", "[1/5, oo)")),
    m("ex2.repelled.all", None, "from 1/6", "delta=1/5", domain("delta", "(1/6, oo)")),
    m("ex2.repelled.all", None, "the curvature at 1", "delta=1/4", put("then.0.1.2.2.3", 1)),
    m("ex2.repelled.all", None, "below -2", "delta=1/4", put("then.0.2", -2)),
    m("ex2.one_minimum", None, "1/2 included", "delta=1/2", domain("delta", "(1/5, 1/2]")),
    m("ex2.one_minimum", None, "1/5 included", "delta=1/5", domain("delta", "[1/5, 1/2)")),
    m("ex2.one_minimum", None, "up to 3/5", "delta=11/20", domain("delta", "(1/5, 3/5)")),
    m("ex2.one_minimum", None, "the minimum at 2 instead", "delta=1/4", put("then.0.1.1.2.2.3", 2)),
    m("ex2.strict", None, "> for >=", "x=101/100", op("then.0", ">")),
    m("ex2.strict", None, "on one side only", "x=101/100", put("given.0.2", 1)),
    m("ex2.boundary", 1, "to 2", "x=1", put("then.0.converges.0", 2), refuted_by=cycle(x=1)),
    m("ex2.boundary", 1, "delta = 3/5", "x=101/100", swap("1/2", "3/5")),
    m("ex2.boundary", 1, "at a linear rate", "x=101/100", outcome(linear(1))),
    m("ex2.boundary", 1, "from 0", "x=0", put("start.0.2", 0)),
    m("ex2.boundary", 2, "to 1", "x=2", put("then.0.converges.0", 1), refuted_by=cycle(x=2)),
    m("ex2.boundary", 2, "delta = 3/10", "x=201/100", swap("1/5", "3/10")),
    m("ex2.trapped", 1, "below 2", "x=19/10", put("then.0.stays.1.2", 2)),
    m("ex2.trapped", 1, "from 3/2", "x=3/2", put("start.0.2", "3/2")),
    m("ex2.trapped", 1, "delta = 2/5", "x=19/10", swap("3/10", "2/5")),
    m("ex2.flip", None, "multiplier 1", "", put("then.0.2", 1)),
    m("ex2.flip", None, "10 for 11", "", put("then.1.2", 10)),
    m("ex2.flip", None, "subcritical", "", op("then.3", "<")),
    m("ex2.trapped", 2, "no equilibrium at all", "x=2", drop("then.0.2")),
    m("ex2.trapped", 2, "f < 1/10", "x=17/10", put("then.1.2", "1/10")),
    m("ex2.trapped", 2, "from 3/2", PEAK, put("given.0.2", "3/2")),
    # --- example 3 ---
    m("ex3.threshold", 4, "delta L r^(L-2) = 3", "x=0, delta=3/4, r=1", put("given.0.2", 3)),
    m("ex3.threshold", 4, "any r", "x=0, delta=1, r=1", drop("given.0")),
    m("ex3.threshold", 4, "exponent one larger", "x=2, delta=1/2, r=1", swap("x^2", "x^3", "then.0.2")),
    m("ex3.threshold", 6, "< for =", "x=0, delta=1/3, r=1", op("then.1", "<")),
    m("ex3.converges", 4, "r included", "r=1, x=1", op("start.1", "<="), refuted_by=cycle(2, x=1, r=1)),
    m("ex3.converges", 4, "no lower end", "r=1, x=-2", drop("start.0")),
    m("ex3.converges", 4, "to 1", "r=1, x=0", put("then.0.converges.0", 1), refuted_by=cycle(x=0, r=1)),
    m("ex3.converges", 4, "a larger step", "r=1, x=9/10", put("map.0.2.1.1", 3)),
    m("ex3.converges", 4, "at a linear rate", "r=1, x=1/2", outcome(linear(0))),
    m("ex3.converges", 6, "-r included", "r=1, x=-1", op("start.0", ">="), refuted_by=cycle(2, x=-1, r=1)),
    m("ex3.sublinear", 4, "linearly", "r=1, x=1/2", outcome(linear(0))),
    m("ex3.sublinear", 4, "from r", "r=1, x=1", put("start.1.2", "r"), refuted_by=cycle(2, x=1, r=1)),
    m("ex3.sublinear", 4, "to 1", "r=1, x=1/2", put("then.0.sublinear.0", 1)),
    m("ex3.diverges", 4, "r included", "r=1, x=1", op("start.0", "<="), refuted_by=cycle(2, x=1, r=1)),
    m("ex3.diverges", 4, "from anywhere", "r=1, x=0", drop("start.0"), refuted_by=cycle(x=0, r=1)),
    m("ex3.diverges", 4, "a smaller step", "r=1, x=11/10", put("map.0.2.1.1", 1)),
    m("ex3.diverges", 6, "it converges", "r=1, x=2", outcome({"converges": [0]})),
    m("ex3.orbit", 4, "a fixed point", "r=1", put("then.0.2", "r")),
    m("ex3.orbit", 4, "a larger step", "r=1", swap("2/(4*r^2)", "3/(4*r^2)")),
    m("ex3.orbit", 6, "from 2 r", "r=1", put("then.0.1.3", "2*r")),
    m("ex3.orbit.unstable", 4, "slope 4 - 2 L", "r=1", put("then.0.2", -4)),
    m("ex3.orbit.unstable", 4, "sign of the slope", "r=1", put("then.1.2", 5)),
    m("ex3.orbit.unstable", 6, "> for =", "r=1", op("then.0", ">")),
    # --- lemma 3 ---
    m("lem3.above", 2, "twice the step", "t=2, delta=1/4, w=1", put("given.0.2", 2)),
    m("lem3.above", 2, "the rate of the other case", "t=2, delta=1/16, w=1", put("then.0.rate.2.2", "2*t^2")),
    m("lem3.above", 2, "lambda < 1 included", "t=1/2, delta=2, w=1", domain("t", "(0, oo)")),
    m("lem3.above", 2, "to 1", "t=2, delta=1/16, w=1", put("then.0.to.0", 1)),
    m("lem3.above", 2, "from 0", "t=2, delta=1/16, w=0", put("start.0.2", 0)),
    m("lem3.above", 2, "any step", "t=2, delta=1, w=1", drop("given.0")),
    m("lem3.above", 1, "twice the step", "t=2, delta=3/2, w=1", put("given.0.2", 2)),
    m("lem3.above", 3, ">= for <=", "t=2, delta=1, w=1", op("given.0", ">=")),
    m("lem3.above", 3, "ascent", "t=2, delta=1/96, w=1", swap("w^3 - t^3", "t^3 - w^3", "map")),
    m("lem3.below", 2, "3 for L in the rate", "t=1/2, delta=1/2, w=1", put("then.0.rate.2.2.1", 3)),
    m("lem3.below", 2, "the rate of the other case", "t=1/2, delta=1/2, w=1", put("then.0.rate.2.2", "1 + t")),
    m("lem3.below", 2, "to t^2", "t=1/2, delta=1/2, w=1", put("then.0.to.0", "t^2")),
    m("lem3.below", 2, "twice the step", "t=1/2, delta=4/3, w=1", put("given.0.2", 2)),
    m("lem3.below", 2, "lambda > 1 included", "t=2, delta=1/3, w=1", domain("t", "(0, 2]")),
    m("lem3.below", 3, "exponent of t one smaller", "t=1/2, delta=1/2, w=1", swap("t^4", "t^3", "then.0.rate")),
    m("lem3.forms", 2, "exponent L+1", "t=2", put("then.0.2.1.2", 3)),
    m("lem3.forms", 2, "t + 1", "t=2", put("then.0.1.1", "t + 1")),
    m("lem3.forms", 3, "< for =", "t=0", op("then.0", "<")),
    m("lem3.rate", 2, "> 0 for >= 0", "t=1, delta=1/2", op("then.0", ">")),
    m("lem3.rate", 2, "twice the step", "t=1, delta=1", put("given.0.2", 2)),
    m("lem3.rate", 2, "lambda < 1 included", "t=1/2, delta=2", domain("t", "(0, oo)")),
    m("lem3.rate", 3, "delta = 0 allowed", "t=1, delta=0", domain("delta", "[0, oo)")),
    m("lem3.rate", 3, "any step", "t=1, delta=1", drop("given.0")),
    m("lem3.rate.below", 2, "> 0 for >= 0", "t=1, delta=1/2", op("then.0", ">")),
    m("lem3.rate.below", 2, "lambda = 0 allowed", "t=0, delta=1", domain("t", "[0, 1]")),
    m("lem3.rate.below", 2, "lambda > 1 included", "t=2, delta=1/3", domain("t", "(0, 2]")),
    m("lem3.rate.below", 3, "twice the step", "t=1, delta=2/3", put("given.0.2", 2)),
    # --- lemma 4 ---
    m("lem4", 1, "linearly", "m=1, delta=1/2, w=1", outcome(linear(0))),
    m("lem4", 1, "to 1", "m=1, delta=1/2, w=1", outcome({"converges": [1]})),
    m("lem4", 2, "any step", "m=1, delta=1, w=1", drop("given.0"), refuted_by=cycle(2, w=1, m=1, delta=1)),
    m("lem4.corrected", 3, "twice the step", "m=1, delta=1, w=1", put("given.0.2", 2), refuted_by=cycle(1, 1, w=1, m=1, delta=1)),
    m("lem4.corrected", 2, "twice the step", "m=1, delta=1, w=1", put("given.0.2", 2), refuted_by=cycle(2, w=1, m=1, delta=1)),
    m("lem4.corrected", 2, "to -1", "m=1, delta=1/2, w=1", put("then.0.converges.0", -1), refuted_by=cycle(1, 1, w=1, m=1, delta="1/2")),
    m("lem4.corrected", 3, "linearly", "m=1, delta=1/4, w=1", outcome(linear(0)), refuted_by=slow),
    m("lem4.corrected", 3, "from 2", "m=1, delta=1/2, w=2", put("start.0.2", 2)),
    m("lem4.corrected", 3, "lambda > 0 included", "m=-1, delta=1, w=1", domain("m", "(-oo, oo)"), refuted_by=cycle(w=1, m=-1, delta=1)),
    m("lem4.one_layer", None, "twice the rate", "m=1, delta=1/4, w=1", put("then.0.rate.2", "2*delta")),
    m("lem4.one_layer", None, "to 0", "m=1, delta=1/4, w=1", put("then.0.to.0", 0)),
    m("lem4.one_layer", None, "to m", "m=2, delta=1/4, w=1", put("then.0.to.0", "m")),
    m("lem4.one_layer", None, "any step", "m=1, delta=3, w=1", drop("given.0")),
    m("lem4.two_layers", None, "twice the rate", "m=1, delta=1/4, w=1", put("then.0.rate.2", "2*delta*m")),
    m("lem4.two_layers", None, "any step", "m=1, delta=2, w=1", drop("given.0")),
    m("lem4.two_layers", None, "to 1", "m=1, delta=1/4, w=1", put("then.0.to.0", 1)),
    m("lem4.two_layers", None, "twice the step", "m=1, delta=1, w=1", put("given.0.2", 2)),
    m("lem4.linear", 3, "<= for <", "m=1, delta=1/4, w=1", op("given.0", "<="), refuted_by=slow),
    m("lem4.linear", 4, "to -1", "m=1, delta=1/4, w=1", outcome(linear(-1)), refuted_by=slow),
    m("lem4.linear", 3, "at the rate 1/2", "m=1, delta=1/4, w=1", outcome(RATE_HALF)),
    m("lem4.sublinear", 3, "linearly", "m=1, delta=1/4, w=1", outcome(linear(0)), refuted_by=slow),
    m("lem4.sublinear", 3, "twice the step", "m=1, delta=3/4, w=1", put("given.0.2", 2)),
    m("lem4.sublinear", 3, "to -1", "m=1, delta=1/4, w=1", put("then.0.sublinear.0", -1)),
    m("lem4.sublinear", 4, "at the rate 1/2", "m=1, delta=1/4, w=1", outcome(RATE_HALF)),
    m("lem4.even", 2, "<= for <", "m=1, delta=1, w=1", op("given.0", "<="), refuted_by=cycle(2, w=1, m=1, delta=1)),
    m("lem4.even", 2, "three times the step", "m=1, delta=5/4, w=1", put("given.0.2", 3)),
    m("lem4.even", 4, "linearly", "m=1, delta=1/4, w=1", outcome(linear(0)), refuted_by=slow),
    m("lem4.even", 2, "from 2", "m=1, delta=1/2, w=2", put("start.0.2", 2)),
    m("lem4.even.sharp", 2, ">= for >", "m=1, delta=1, w=1", op("given.0", ">="), refuted_by=cycle(2, w=1, m=1, delta=1)),
    m("lem4.even.sharp", 2, "half the step", "m=1, delta=3/4, w=1", put("given.0.2", 1)),
    m("lem4.even.sharp", 4, "it converges", "m=1, delta=2, w=1", outcome({"converges": [0]})),
    m("lem4.even.orbit", 2, "a fixed point", "m=1", put("then.0.2", 1)),
    m("lem4.even.orbit", 2, "half the step", "m=1", swap("2/(1 + m)", "1/(1 + m)")),
    m("lem4.even.orbit", 4, "lambda = 1 included, a division by 0", UNDEFINED + "m=-1", domain("m", "(-oo, oo)")),
    m("lem4.odd", 3, "to 0", "r=1/2, delta=1, v=1/8", put("then.0.converges.0", 0)),
    m("lem4.odd", 3, "smaller steps", "r=1/2, delta=1/2, v=-7/16", drop("given.0")),
    m("lem4.odd", 3, ">= for >", "r=1/2, delta=8/9, v=0", op("given.0", ">="), refuted_by=cycle(v=0, r="1/2", delta="8/9")),
    m("lem4.odd", 3, "larger steps", "r=1, delta=9/10, v=4/5", drop("given.2")),
    m("lem4.odd", 3, "v observed", "r=1/2, delta=1, v=1/8", put("observe", "v")),
    m("lem4.odd.only", None, "to 1", "delta=1, w=1", outcome({"converges": [1]}), refuted_by=cycle(1, 1, w=1, delta=1)),
    m("lem4.odd.only", None, "from delta = 2/5", "delta=9/20, w=1", domain("delta", "(2/5, 2)")),
    # --- the conclusions of the introduction ---
    m("intro.error", None, "error delta^3/6", "delta=1", swap("delta^3/12", "delta^3/6")),
    m("intro.error", None, "jumps of delta^2/4", "delta=1", put("then.3.2", "delta^2/4")),
    m("intro.error", None, "delta = 0 allowed", "delta=0", domain("delta", "[0, oo)")),
    m("intro.magnitude", 1, "<= for < in the hypothesis", "d=1, delta=1", op("given.0", "<=")),
    m("intro.magnitude", 1, "negative steps", "d=-2, delta=1", domain("d", "(-oo, oo)")),
    m("intro.magnitude", 2, "a^3", "a=2", put("then.0.2.2", 3)),
    m("intro.restricts", 1, "to 1", "x=2", put("then.0.converges.0", 1), refuted_by=cycle(x=2)),
    m("intro.restricts", 1, "delta = 3/10", "x=201/100", swap("1/10", "3/10")),
    m("intro.restricts", 2, "delta = 2/5", "x=19/10", swap("3/10", "2/5")),
    m("intro.restricts", 3, "> for >=", "x=2", op("then.0", ">")),
    m("intro.starts", 1, "from 1", "x=1", put("start.0.2", 1), refuted_by=cycle(2, x=1)),
    m("intro.starts", 2, "a fixed point", "", put("then.0.2", 1)),
    m("intro.starts", 3, "from -1", "x=-1", put("start.0.2", -1), refuted_by=cycle(2, x=-1)),
    # --- corollaries 1 and 2 ---
    m("cor1.means.step", 1, "p is any number", "m=1, e=0, p=2", drop("given.0")),
    m("cor1.means.step", 1, "exponent k", "m=2, e=0, p=2", put("then.0.2.2", 1)),
    m("cor1.means.step", 1, "< for <=", "m=1, e=0, p=1", op("then.0", "<")),
    m("cor1.means.step", 1, "3 e for 2 e", "m=1, e=1/2, p=1", swap("2*e", "3*e")),
    m("cor1.means.step", 1, "p < 0 allowed", "m=1, e=0, p=-1", domain("p", "(-oo, oo)")),
    m("cor1.means.step", 2, "x < 0 allowed", "m=1, e=-2, p=0", drop("given.1")),
    m("cor1.means.step", 2, "m < 0 allowed", "m=-1, e=1/3, p=1", domain("m", "(-oo, oo)")),
    m("cor1.means", None, "< for <=", numbers(0), op("then.2", "<")),
    m("cor1.means", None, "exponent 4 for 3 numbers", numbers("1/2"), put("then.2.2.2", 4)),
    m("cor1.means", None, "the product of two is any number", numbers(0, p2=1), drop("given.3")),
    m("cor1.attained", None, "delta = 3", "m=1, x=2", put("map.0.2.1", 3)),
    m("cor1.attained", None, "to 0", "m=1, x=1", put("then.0.converges.0", 0)),
    m("cor1.attained", None, "m < 0 allowed", "m=-1, x=1", domain("m", "(-oo, oo)")),
    m("cor1.one_layer", None, "delta = 1", "m=0, c=1, x=1", put("map.0.2.1", 1)),
    m("cor1.one_layer", None, "delta = 3", "m=0, c=1, x=1", put("map.0.2.1", 3)),
    m("cor1.one_layer", None, "half the distance", "m=0, c=1, x=1", put("then.0.stays.0.2", "c/2")),
    m("cor1.one_layer", None, "convergence", "m=0, c=1, x=1", outcome({"converges": ["m"]}), refuted_by=cycle(2, x=1, m=0, c=1)),
    m("cor1.sharpness", 2, "any mean", "m=0, t=1", drop("given.0")),
    m("cor1.sharpness", 2, "> for >=", "m=1, t=1", op("then.0", ">")),
    m("cor1.sharpness", 2, "L + 1 for L", "m=1, t=1", put("then.0.2.1", 3)),
    m("cor1.sharpness", 2, "m < 0 allowed", "m=-1, t=1", domain("m", "(-oo, oo)")),
    m("cor1.sharpness", 3, "exponent one larger", "m=16, t=2", swap("t^4", "t^5", "then.0.2")),
    m("cor1.balanced", 2, "exponent one larger", "t=2", swap("t^2", "t^3", "then.0.2")),
    m("cor1.balanced", 3, "factor", "t=1", put("then.0.2.1", 2)),
    m("cor1.balanced", 2, "t = 0 allowed, a division by 0", UNDEFINED + "t=0", domain("t", "[0, oo)")),
    m("cor1.step_bound", 2, "< for <=", "t=1, delta=1, h=2", op("then.0", "<")),
    m("cor1.step_bound", 2, "any sharpness", "t=1, delta=2, h=1", drop("given.1")),
    m("cor1.step_bound", 2, "no stability", "t=1, delta=2, h=2", drop("given.0")),
    m("cor1.step_bound", 2, "delta sharpness <= 3", "t=1, delta=3/2, h=2", put("given.0.2", 3)),
    m("cor1.step_bound", 2, "exponent one larger", "t=2, delta=1/4, h=8", swap("t^2", "t^3", "then.0.2")),
    m("cor1.step_bound", 3, "<= for >=", "t=1, delta=2, h=1", op("given.1", "<=")),
    m("cor1.strict", 2, "1 for 2", "t=1, delta=1, h=2", put("then.0.2.1", 1)),
    m("cor1.strict", 2, "< for <= in the hypothesis, 1 for 2", "t=1, delta=1/2, h=2", op("given.0", "<"), put("then.0.2.1", 1)),
    m("cor2.lipschitz", 2, "< for <=", "t=1, delta=1", op("then.0", "<")),
    m("cor2.lipschitz", 2, "any step", "t=1, delta=2", drop("given.0")),
    m("cor2.lipschitz", 3, "1 for 2", "t=1, delta=2/3", put("then.0.2", 1)),
    m("cor2.lipschitz", 3, "exponent one larger", "t=2, delta=1/24", swap("t^4", "t^5", "then.0")),
    m("cor2.root", 2, "< for <=", "t=1, c=1, delta=1", op("then.0", "<")),
    m("cor2.root", 2, "no condition on t", "t=2, c=1, delta=1", drop("given.0")),
    m("cor2.root", 2, "c < 0 allowed", "t=1, c=-1, delta=1", domain("c", "(-oo, oo)")),
    m("cor2.root", 3, "<= for =", "t=1, c=1/2, delta=2/3", op("given.1", "<=")),
    m("cor2.root", 2, "8 for 2", "t=2, c=1, delta=1", put("given.0.2", 8)),
]


# No search refutes these in the time that the tests give it; every other row is refuted, with a certificate.
STAYS_OPEN = """\
cor1.attained: delta = 3
cor1.balanced[2]: t = 0 allowed, a division by 0
ex1.complete: another map
ex1.complete: root of 1 + 3 s
ex1.complete: the starts that reach 1/4
ex1.converges: negative steps
ex1.gradient: 0 included, where abs has no derivative
ex1.polynomials[2]: coefficient 2
ex1.polynomials[2]: no first root
ex1.quadratic: negative r, whose root is undefined
ex1.superstable: delta = 0 allowed, where the orbit is the kink
ex2.boundary[1]: at a linear rate
ex2.boundary[1]: delta = 3/5
ex2.boundary[1]: from 0
ex2.boundary[2]: delta = 3/10
ex2.complete[1]: up to 2
ex2.complete[3]: a minimum
ex2.complete[3]: ends included
ex2.complete[3]: one end included
ex2.maximum.exact: (1 + c)/3
ex2.maximum.exact: root of 18
ex2.maximum: a minimum
ex2.maximum: above 1557/1000
ex2.maximum: below 1556/1000
ex2.maximum: constant 3 for -3
ex2.maximum: in (0, 1)
ex2.maximum: in (2, 3)
ex2.trapped[2]: from 3/2
ex3.converges[4]: a larger step
ex3.converges[4]: at a linear rate
ex3.converges[4]: no lower end
ex3.diverges[4]: a smaller step
ex3.diverges[6]: it converges
ex3.sublinear[4]: linearly
ex3.sublinear[4]: to 1
intro.restricts[1]: delta = 3/10
lem3.above[1]: twice the step
lem3.above[2]: lambda < 1 included
lem3.below[2]: 3 for L in the rate
lem3.below[2]: lambda > 1 included
lem3.below[3]: exponent of t one smaller
lem4.corrected[3]: from 2
lem4.even.orbit[4]: lambda = 1 included, a division by 0
lem4.even.sharp[2]: half the step
lem4.even.sharp[4]: it converges
lem4.even[2]: from 2
lem4.even[2]: three times the step
lem4.odd[3]: larger steps
lem4.odd[3]: smaller steps
lem4.odd[3]: to 0
lem4.odd[3]: v observed
lem4.one_layer: any step
lem4.sublinear[3]: to -1
lem4.sublinear[3]: twice the step
"""
