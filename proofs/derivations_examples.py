"""Derivations for the three scalar examples: ex1 (f = 2/3 |x|^(3/2)), ex2 (a quartic landscape with two minima), ex3 (x^L, L even)."""

from ex1 import all_other_starts, complete_set

from symgd.derivations import Absolute, Certified, Citation, Combine, Derivation, Induct, Kernel, Powers, Root, Same, Step, StepKind

REWRITE, SUBSTITUTE, DIFFERENTIATE = StepKind.REWRITE, StepKind.SUBSTITUTE, StepKind.DIFFERENTIATE
FACTOR, BOUND, INDUCT, CITE, CASE = StepKind.FACTOR, StepKind.BOUND, StepKind.INDUCT, StepKind.CITE, StepKind.CASE
PAPER = "Nar and Sastry, Step Size Matters in Deep Learning, NeurIPS 2018"

# --- ex1 -------------------------------------------------------------------------------------------------------------

ex1_scaling = Derivation(
    "ex1.scaling.proof", "The step size scales out", source=PAPER + ", Example 1",
    statement=r"For $f(x)=\tfrac23|x|^{3/2}$ the map is $x\mapsto x-\delta\operatorname{sign}(x)\sqrt{|x|}$; with $x=\delta^2y$ it does "
        r"not contain $\delta$. "
              r"In absolute value, $r=|y|$ moves by $r\mapsto|r-\sqrt r|$.",
    let={"x": "nonzero", "y": "real", "delta": "positive"}, define={"f(x)": "2/3*abs(x)**(3/2)"},
    goal=("D(f(x), x) = sign(x)*sqrt(abs(x))",
          "delta**2*y - delta*sign(delta**2*y)*sqrt(abs(delta**2*y)) = delta**2*(y - sign(y)*sqrt(abs(y)))"),
    steps=(
        Step("D(f(x), x) = sign(x)*sqrt(abs(x))", "away from 0", kind=DIFFERENTIATE),
        Step("sqrt(abs(delta**2*y)) = delta*sqrt(abs(y))", "$\\delta>0$", label="root"),
        Step("delta**2*y - delta*sign(delta**2*y)*sqrt(abs(delta**2*y)) = delta**2*y - delta*sign(y)*(delta*sqrt(abs(y)))", "$\\delta^2>0$",
             Same("root"), kind=SUBSTITUTE),
        Step("= delta**2*(y - sign(y)*sqrt(abs(y)))", "take out $\\delta^2$", kind=FACTOR)))

ROOTS = {"h(s)": "((1 + sqrt(1 + 4*s))/2)**2"}

ex1_preimages = Derivation(
    "ex1.preimages.proof", "One preimage above 1", source=PAPER + ", Example 1", uses=("ex1.scaling.proof",),
    statement=r"Write a point as $r=z^2$. Points with $z\le1$ are sent to at most $\tfrac14$; a point with $z\ge1$ is $h$ of its image. "
        r"So a point $s\ge1$ has the "
              r"one preimage $h(s)$, and $h(s)\ge1$ again.",
    let={"z": "positive", "s": "nonnegative"}, define=ROOTS, given={"above": "1 <= z"},
    goal=("z - z**2 <= 1/4", "h(z**2 - sqrt(z**2)) = z**2", "h(s) - (1 + sqrt(1 + 4*s))/2 = s"),
    steps=(
        Step("1/4 - (z - z**2) = (z - 1/2)**2", "complete the square", label="square"),
        Step("z - z**2 <= 1/4", "for $z\\le1$ the image is $z-z^2$", Combine({"square": 1}, rest="(z - 1/2)**2"), kind=BOUND),
        Step("sqrt(1 + 4*(z**2 - z)) = 2*z - 1", "$1+4z^2-4z=(2z-1)^2$", Root(("above",)), label="root"),
        Step("h(z**2 - sqrt(z**2)) = ((1 + sqrt(1 + 4*(z**2 - z)))/2)**2", "$\\sqrt{z^2}=z$", kind=SUBSTITUTE),
        Step("= ((1 + (2*z - 1))/2)**2", "insert the root", Same("root"), kind=SUBSTITUTE),
        Step("= z**2", "so $r$ is $h$ of its image"),
        Step("h(s) - (1 + sqrt(1 + 4*s))/2 = s", "and $h(s)$ is sent to $s$: its root is the bracket")))

ex1_below = Derivation(
    "ex1.below.proof", "Below 1 the distance to the orbit is squared", source=PAPER + ", Example 1", uses=("ex1.preimages.proof",),
    statement=r"For $0<r=z^2<1$ the image is $z-z^2\in(0,\tfrac14]$, and the sign of $y$ flips, since $\sqrt r>r$. With "
              r"$e=|\tfrac14-r|$ the next distance is at most $4e^2$; after "
        r"one step $4e<1$, and so "
              r"$4e_k\le(4e_0)^{2^k}\to0$.",
    let={"z": "positive", "k": "integer >= 0", "e": "nonnegative family"}, given={"below": "z < 1", "next(k)": "e[k+1] <= 4*e[k]**2"},
    goal=("0 < z - z**2", "1/4 - (z - z**2) <= 4*(1/4 - z**2)**2", "4*e[k] <= (4*e[0])**(2**k)"),
    steps=(
        Step("0 < z - z**2", "$z(1-z)>0$", Combine({"below": "z"}), kind=BOUND),
        Step("1/4 - (z - z**2) = (z - 1/2)**2", "complete the square", label="square"),
        Step("4*(1/4 - z**2)**2 = (z - 1/2)**2*(1 + 2*z)**2", "factor", label="factor", kind=FACTOR),
        Step("1/4 - (z - z**2) <= 4*(1/4 - z**2)**2", "$(1+2z)^2\\ge1$",

             Combine({}, rest="(z - 1/2)**2*(4*z + 4*z**2)"), kind=BOUND),
        Step("4*e[k] <= (4*e[0])**(2**k)", "induction: square the inequality",
             Induct("k", Combine(), Combine({"next": 4, "IH": "4*e[k] + (4*e[0])**(2**k)"})), kind=INDUCT)))

ex1_above = Derivation(
    "ex1.above.proof", "Above 1 the distance to 0 falls by at least 1", source=PAPER + ", Example 1",
    statement=r"For $r=z^2\ge1$ the image is $z^2-z\le r-1$ and not negative: after finitely many steps $r<1$, or $r=1$ and then 0.",
    let={"z": "positive"}, given={"above": "1 <= z"}, goal=("z**2 - sqrt(z**2) <= z**2 - 1", "0 <= z**2 - sqrt(z**2)"),
    steps=(
        Step("z**2 - sqrt(z**2) = z**2 - z", "$z>0$", label="image"),
        Step("<= z**2 - 1", "$z\\ge1$", Combine({"above": 1}), kind=BOUND),
        Step("0 <= z**2 - sqrt(z**2)", "$z(z-1)\\ge0$", Combine({"above": "z"}), kind=BOUND)))

ex1 = Derivation(
    "ex1.proof", "Gradient descent on two thirds of the 3/2-th power", source=PAPER + ", Example 1",
    statement=r"For every $\delta>0$ exactly the starts $x=0$ and $x=\pm\delta^2s_n$ with $s_1=1$, $s_{n+1}=h(s_n)$ reach the minimum 0; "
        r"from every other start "
              r"the iterates converge to the orbit $\pm\delta^2/4$ of period 2. The starts that reach 0 are countable, so they have "
              r"probability 0 under any continuous law.",
    uses=("ex1.scaling.proof", "ex1.preimages.proof", "ex1.below.proof", "ex1.above.proof"), let={"z": "positive", "delta": "positive"},
        define={"g(y)": "y - sign(y)*sqrt(abs(y))"},
    goal=("g(1/4) = -1/4", "g(-1/4) = 1/4", "1 - 1/(2*sqrt(1/4)) = 0"),
    steps=(
        Step("g(1/4) = -1/4", "the orbit, for $y=x/\\delta^2$"),
        Step("g(-1/4) = 1/4", "and back"),
        Step("D(z - sqrt(z), z) = 1 - 1/(2*sqrt(z))", "slope of the map", kind=DIFFERENTIATE),
        Step("1 - 1/(2*sqrt(1/4)) = 0", "at $z=1/4$ it is 0: superstable"),
        Step("exactly $r\\in\\{0,s_1,s_2,\\dots\\}$ reach 0 under $r\\mapsto|r-\\sqrt r|$",
            "no other point has a preimage in the set: ex1.preimages",
             Certified(complete_set)),
        Step("from every start the iterates reach 0, or $|x_k|/\\delta^2\\to\\frac14$", "ex1.above leads below 1, ex1.below to the orbit",
             Certified(all_other_starts)),
        Step("a countable set has measure 0", "sum over its points", Citation("countable sets are null sets",
            "Rudin, Real and Complex Analysis, 1987, section 2.20"), kind=CITE)))

# --- ex2 -------------------------------------------------------------------------------------------------------------

F2 = {"f(x)": "(x**2 + 1)*(x - 1)**2*(x - 2)**2", "c(x)": "3*x**3 - 6*x**2 + 4*x - 3", "H(x)": "30*x**4 - 120*x**3 + 168*x**2 - 108*x + 34"}

ex2 = Derivation(
    "ex2.proof", "Two minima with different thresholds", source=PAPER + ", Example 2",
    statement=r"The minima 1 and 2 of $f$ have the sharpness 4 and 10, hence the thresholds $\tfrac12$ and $\tfrac15$. The third "
        r"critical point $(2+t)/3$, $t^3=19$, is a "
              r"maximum, unstable for every $\delta>0$. For $\tfrac15<\delta<\tfrac12$ gradient descent converges to 2 only from a "
              r"countable set of starts.",
    let={"x": "real", "t": "positive", "delta": "positive"}, define=F2, given={"root": "t**3 = 19", "large": "1/5 < delta",
        "small": "delta < 1/2"},
    goal=("D(f(x), x) = 2*(x - 1)*(x - 2)*c(x)", "c((2 + t)/3) = 0", "H((2 + t)/3) < 0", "1 < 1 - delta*H((2 + t)/3)",
        "1 - delta*H(2) < -1",
          "-1 < 1 - delta*H(1)", "1 - delta*H(1) < 1"),
    steps=(
        Step("D(f(x), x) = 2*(x - 1)*(x - 2)*c(x)", "product rule", kind=DIFFERENTIATE),
        Step("D(2*(x - 1)*(x - 2)*c(x), x) = H(x)", "once more", kind=DIFFERENTIATE),
        Step("H(1) = 4", "sharpness at 1", label="one"),
        Step("H(2) = 10", "sharpness at 2", label="two"),
        Step("c((2 + t)/3) = 0", "expand, and use $t^3=19$", Same("root")),
        Step("H((2 + t)/3) < 0", "a maximum, by interval bounds for $t$", Kernel(("root",)), label="max", kind=BOUND),
        Step("1 < 1 - delta*H((2 + t)/3)", "its multiplier is above 1", Combine({"max": "delta"}), kind=BOUND),
        Step("1 - delta*H(2) < -1", "the multiplier at 2 is below $-1$", Combine({"two": "delta", "large": 10}), kind=BOUND),
        Step("-1 < 1 - delta*H(1)", "the multiplier at 1 is inside", Combine({"one": "-delta", "small": 4}), kind=BOUND),
        Step("1 - delta*H(1) < 1", "the multiplier at 1 is inside", Combine({"one": "delta"}, rest="4*delta"), kind=BOUND),
        Step("each point has at most five preimages under the gradient map, a polynomial of degree 5; so the starts that land on 2 are "
            "countable",
             "a polynomial of degree 5 has at most five zeros", Citation("number of zeros of a polynomial",
             "Lang, Algebra, 2002, Theorem IV.1.4"), kind=CITE)))

# --- ex3 -------------------------------------------------------------------------------------------------------------

sublinear = Derivation(
    "sublinear.proof", "How fast a sequence falls that loses a power of itself",
    statement=r"If $a_k\ge0$ and $a_{k+1}\le a_k-ca_k^p$, then $kca_k^p\le a_0-a_k\le a_0$, so that $a_k\to0$.",
    let={"k": "integer >= 0", "p": "integer >= 1", "a": "nonnegative family", "c": "positive"},
        given={"map(k)": "a[k+1] <= a[k] - c*a[k]**p"},
    goal=("k*c*a[k]**p <= a[0] - a[k]",),
    steps=(
        Step("a[k+1] <= a[k]", "$ca_k^p\\ge0$", Combine({"map": 1}), label="falls", kind=BOUND),
        Step("(k+1)*c*a[k+1]**p <= (k+1)*c*a[k]**p", "powers increase", Powers("falls", "p", "(k+1)*c"), label="power", kind=BOUND),
        Step("k*c*a[k]**p <= a[0] - a[k]", "induction: add the last line and the hypothesis", Induct("k", Combine(),
            Combine({"power": 1, "map": 1, "IH": 1})),
             kind=INDUCT)))

EVEN = {"m": "integer >= 2"}
POWER = {"n": "2*m - 2"}

ex3_scaling = Derivation(
    "ex3.scaling.proof", "The threshold scales to 1", source=PAPER + ", Example 3",
    statement=r"Let $f(x)=x^L$, $L=2m\ge4$, $n=L-2$, and let $r>0$ be the threshold: $\delta=2/(Lr^n)$. With $x=rq$ the step is "
        r"$q\mapsto q(1-2q^n)$; at $q=1$ it goes "
              r"to $-1$ and back.",
    let={**EVEN, "q": "real", "r": "positive", "x": "real"}, define={"L": "2*m", **POWER, "delta": "2/(L*r**n)", "g(q)": "q*(1 - 2*q**n)"},
    goal=("D(x**L, x) = L*x**(L-1)", "r*q - delta*L*(r*q)**(L-1) = r*g(q)", "g(1) = -1", "g(-1) = 1"),
    steps=(
        Step("D(x**L, x) = L*x**(L-1)", "derivative of a power", kind=DIFFERENTIATE),
        Step("r*q - delta*L*(r*q)**(L-1) = r*q - 2*r**(L-1)*q**(L-1)/r**n", "insert $\\delta$", kind=SUBSTITUTE),
        Step("= r*g(q)", "take out $rq$", kind=FACTOR),
        Step("g(1) = -1", "the threshold"),
        Step("g(-1) = 1", "$n$ is even: an orbit of period 2")))

ex3_inside = Derivation(
    "ex3.inside.proof", "Below the threshold the iterates converge to 0", source=PAPER + ", Example 3", uses=("ex3.scaling.proof",
    "sublinear.proof"),
    statement=r"Let $c=q^n\le\kappa<1$. The next $|q|$ is at most $|q|(1-2(1-\kappa)|q|^n)$, so that by sublinear, with $p=n+1$, "
        r"$|q_k|\to0$.",
    let={**EVEN, "q": "real", "kappa": "positive"}, define={**POWER, "g(q)": "q*(1 - 2*q**n)"},
    given={"start": "q**n <= kappa", "inside": "kappa < 1"},
    goal=("abs(g(q)) <= abs(q)*(1 - 2*(1 - kappa)*q**n)",),
    steps=(
        Step("1 - 2*q**n <= 1 - 2*(1 - kappa)*q**n", "$0\\le2\\kappa q^n$", label="upper", kind=BOUND),
        Step("-(1 - 2*q**n) <= 1 - 2*(1 - kappa)*q**n", "$(2-\\kappa)q^n\\le(2-\\kappa)\\kappa\\le1$",
             Combine({"start": "2*(2 - kappa)"}, signs=("inside",), rest="2*(1 - kappa)**2"), label="lower", kind=BOUND),
        Step("abs(1 - 2*q**n) <= 1 - 2*(1 - kappa)*q**n", "both together", Absolute("upper", "lower", "1 - 2*q**n"), label="factor",
            kind=BOUND),
        Step("abs(g(q)) = abs(q)*abs(1 - 2*q**n)", "absolute value of a product"),
        Step("<= abs(q)*(1 - 2*(1 - kappa)*q**n)", "insert", Combine({"factor": "abs(q)"}), kind=BOUND)))

ex3_outside = Derivation(
    "ex3.outside.proof", "Above the threshold the iterates diverge", source=PAPER + ", Example 3", uses=("ex3.scaling.proof",),
    statement=r"Let $\kappa>1$. While $q^n\ge\kappa$, the next $|q|$ is at least $(2\kappa-1)|q|$, so $q^n\ge\kappa$ stays true and "
        r"$|q_k|\ge(2\kappa-1)^k|q_0|\to\infty$.",
    let={**EVEN, "k": "integer >= 0", "q": "real", "kappa": "positive", "a": "nonnegative family"}, define={**POWER,
        "g(q)": "q*(1 - 2*q**n)"},
    given={"start": "kappa <= q**n", "outside": "1 < kappa", "map(k)": "(2*kappa - 1)*a[k] <= a[k+1]"},
    goal=("(2*kappa - 1)*abs(q) <= abs(g(q))", "1 < 2*kappa - 1", "(2*kappa - 1)**k*a[0] <= a[k]"),
    steps=(
        Step("0 <= 2*q**n - 1", "$q^n\\ge\\kappa>1$", Combine({"start": 2, "outside": 2}), label="sign", kind=BOUND),
        Step("abs(g(q)) = abs(q)*(2*q**n - 1)", "the bracket is negative", Combine(signs=("sign",)), label="size"),
        Step("(2*kappa - 1)*abs(q) <= abs(g(q))", "$q^n\\ge\\kappa$", Combine({"size": -1, "start": "2*abs(q)"}), kind=BOUND),
        Step("1 < 2*kappa - 1", "$\\kappa>1$", Combine({"outside": 2}), label="factor", kind=BOUND),
        Step("(2*kappa - 1)**k*a[0] <= a[k]", "induction on $k$, with $a_k=|q_k|$",
             Induct("k", Combine(), Combine({"map": 1, "IH": "2*kappa - 1"}, signs=("factor",))), kind=INDUCT)))
