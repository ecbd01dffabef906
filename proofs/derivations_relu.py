"""Derivation of the repaired form of Theorem 4: any number of units and outputs, and any residual."""

from symgd.derivations import Apply, Combine, Derivation, Same, Step, StepKind, Termwise

SUBSTITUTE, BOUND = StepKind.SUBSTITUTE, StepKind.BOUND
PAPER = "Nar and Sastry, Step Size Matters in Deep Learning, NeurIPS 2018"

thm4_repaired_residual = Derivation(
    "thm4.repaired.residual.proof", "Stationarity removes the residual term of several outputs",
    source=PAPER + ", Theorem 4, away from zero residual",
    statement=r"One hidden unit with outgoing weights $w$ and activations $a_i$. Its input weights are stationary: "
              r"$\sum_ia_i(e_i^{\top}w)x_i=0$. Then the residuals $e_i$ drop out of the second variation along $\mathrm dw=sw$, "
              r"$\mathrm dv=z$, for any $z$, such as $z=tx_k$.",
    let={"N": "integer >= 1", "n": "dimension", "K": "dimension", "e": "vector K family", "a": "real family", "w": "vector K", "s": "real",
         "x": "vector n family", "z": "vector n"},
    given={"stationary": "Sum(a[i]*(e[i].T*w)*x[i], i, 1, N) = 0*z"}, goal=("2*Sum(a[i]*(e[i].T*(s*w))*(z.T*x[i]), i, 1, N) = 0",),
    steps=(
        Step("2*Sum(a[i]*(e[i].T*(s*w))*(z.T*x[i]), i, 1, N) = (2*s)*z.T*Sum(a[i]*(e[i].T*w)*x[i], i, 1, N)",
             "$s$, $z$ and $w$ do not depend on $i$"),
        Step("= 0", "the unit is stationary", Same("stationary"), kind=SUBSTITUTE)))

UNIT = {"phi": "positive", "q": "positive", "r": "positive"}
CHOICE = {"D": "phi**2 + r**2*q**2", "s": "phi**2/D", "t": "phi*q**2/D"}

thm4_repaired_unit = Derivation(
    "thm4.repaired.unit.proof", "The direction of one unit", source=PAPER + ", Theorem 4, repaired",
    statement=r"One active unit with output $\varphi$ and outgoing weights of length $q$; $r=\lVert x\rVert$. With "
              r"$s=\varphi^2/(\varphi^2+r^2q^2)$ and $t=\varphi q^2/(\varphi^2+r^2q^2)$ the direction $\mathrm dw=sw$, $\mathrm dv=tx$ "
              r"changes the unit's part of the output by that part itself, and its squared length is at most $\varphi q/2r$.",
    let=UNIT, notation={"phi": r"\varphi"}, define=CHOICE,
    goal=("s*phi + t*r**2 = phi", "s**2*q**2 + t**2*r**2 <= phi*q/(2*r)"),
    steps=(
        Step("s*phi + t*r**2 = phi", "put over the common denominator"),
        Step("phi*q/(2*r) - (s**2*q**2 + t**2*r**2) = phi*q/(2*r*(phi**2 + r**2*q**2))*(phi - r*q)**2", "a square", label="gap"),
        Step("s**2*q**2 + t**2*r**2 <= phi*q/(2*r)", "drop the square",
             Combine({"gap": -1}, rest="phi*q/(2*r*(phi**2 + r**2*q**2))*(phi - r*q)**2"), kind=BOUND)))

COST = "phi[h]**2*q[h]**2/(phi[h]**2 + r**2*q[h]**2)"
thm4_repaired_cost = Derivation(
    "thm4.repaired.cost.proof", "The length of the direction of one unit", source=PAPER + ", Theorem 4, repaired",
    statement=r"The squared length in thm4.repaired.unit is $\varphi^2q^2/(\varphi^2+r^2q^2)$.", let=UNIT, notation={"phi": r"\varphi"},
    uses=("thm4.repaired.unit.proof",), goal=("phi**2*q**2/(phi**2 + r**2*q**2) <= phi*q/(2*r)",),
    steps=(
        Step("phi*q/(2*r) - phi**2*q**2/(phi**2 + r**2*q**2) = phi*q/(2*r*(phi**2 + r**2*q**2))*(phi - r*q)**2", "a square", label="gap"),
        Step("phi**2*q**2/(phi**2 + r**2*q**2) <= phi*q/(2*r)", "drop the square",
             Combine({"gap": -1}, rest="phi*q/(2*r*(phi**2 + r**2*q**2))*(phi - r*q)**2"), kind=BOUND)))

thm4_repaired = Derivation(
    "thm4.repaired.proof", "The step size bounds the repaired size of the output", source=PAPER + ", Theorem 4, repaired",
    statement=r"Move every active unit with $w_h\ne0$ as in thm4.repaired.unit: the output at the sample changes by $\widehat f$ itself, "
              r"so that by thm4.repaired.residual the second variation is at least $F=\lVert\widehat f\rVert^2$, while the squared length "
              r"of the direction is the sum of those of the units, by thm4.repaired.cost. "
              r"So $\lVert x\rVert\lVert\widehat f(x)\rVert^2\le\frac1\delta"
              r"\sum_h\lVert w_h\rVert\varphi_h(x)$ wherever $\delta\Lambda\le2$.",
    uses=("thm4.repaired.cost.proof", "thm4.repaired.residual.proof", "thm1.almost-surely.proof"),
    let={"m": "integer >= 1", "phi": "positive family", "q": "positive family", "r": "positive", "F": "real",
         "Lambda": "nonnegative", "delta": "positive"}, notation={"phi": r"\varphi"},
    given={"form": f"F <= Lambda*Sum({COST}, h, 1, m)", "stable": "delta*Lambda <= 2"},
    goal=("delta*r*F <= Sum(phi[h]*q[h], h, 1, m)",),
    steps=(
        Step(f"Sum({COST}, h, 1, m) <= Sum(phi[h]*q[h]/(2*r), h, 1, m)", "unit by unit",
             Termwise(Apply(thm4_repaired_cost, {"phi": "phi[h]", "q": "q[h]"})), label="sum", kind=BOUND),
        Step("Sum(phi[h]*q[h]/(2*r), h, 1, m) = Sum(phi[h]*q[h], h, 1, m)/(2*r)", "$r$ does not depend on $h$", label="factor"),
        Step("delta*r*F <= Sum(phi[h]*q[h], h, 1, m)", "put together",
             Combine({"form": "delta*r", "sum": "delta*r*Lambda", "factor": "delta*r*Lambda",
                      "stable": "Sum(phi[h]*q[h], h, 1, m)/2"}), kind=BOUND)))

thm4_kink = Derivation(
    "thm4.kink.proof", "A limit on a kink that is approached from one side", source=PAPER + ", Theorem 4, limits on a kink",
    statement=r"Let gradient descent converge to a point at which some pre-activations are 0, and let the iterates have one activation "
              r"pattern from some step on. There the loss is a polynomial; let $G$ and $D$ be the lengths of its gradients at the limit "
              r"and at an iterate, $K$ a Lipschitz constant of the gradient near the limit, and $r\le\varepsilon$, $r'\le\varepsilon$ the "
              r"distances of this iterate and of the next one to the limit. Then $\delta G\le(2+\delta K)\varepsilon$ for every "
              r"$\varepsilon>0$, so that the limit is a critical point of this polynomial, and thm1.almost-surely holds for its "
              r"gradient map. A unit on its kink has the output $\varphi=0$, so that whether it counts as active ($a=1$) or not changes no "
              r"output, and thm4.repaired and, for one output, thm4 hold with this pattern. With two patterns visited for ever both fail: "
              r"thm4.kink.",
    uses=("thm4.repaired.proof", "thm4.proof", "thm1.almost-surely.proof"),
    let={"G": "nonnegative", "D": "nonnegative", "K": "nonnegative", "r": "nonnegative", "s": "nonnegative", "eps": "positive",
         "delta": "positive", "a": "real", "b": "real", "phi": "real", "w": "real"},
    notation={"phi": r"\varphi", "eps": r"\varepsilon", "s": "r'"},
    given={"lipschitz": "G <= D + K*r", "step": "delta*D <= r + s", "here": "r <= eps", "next": "s <= eps", "kink": "phi = 0"},
    goal=("delta*G <= (2 + delta*K)*eps", "a*w*phi = b*w*phi"),
    steps=(
        Step("delta*G <= r + s + delta*K*r", "the triangle inequality; a step is as long as the way between two iterates at most",
             Combine({"lipschitz": "delta", "step": 1}), label="both", kind=BOUND),
        Step("delta*G <= (2 + delta*K)*eps", "both iterates are near the limit", Combine({"both": 1, "here": "1 + delta*K", "next": 1}),
             kind=BOUND),
        Step("a*w*phi = b*w*phi", "the output of a unit on its kink is 0", Same("kink"))))
