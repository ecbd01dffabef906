"""Derivations for the scalar chain with a symbolic number of layers L: its gradient, the balanced map, lem3, lem4, cor1 and cor2."""

from symgd.derivations import Apply, Citation, Combine, Derivation, Induct, Minimum, Powers, Same, Step, StepKind, Termwise

REWRITE, SUBSTITUTE, DIFFERENTIATE = StepKind.REWRITE, StepKind.SUBSTITUTE, StepKind.DIFFERENTIATE
FACTOR, BOUND, INDUCT, CITE, CASE = StepKind.FACTOR, StepKind.BOUND, StepKind.INDUCT, StepKind.CITE, StepKind.CASE
PAPER = "Nar and Sastry, Step Size Matters in Deep Learning, NeurIPS 2018"
LAYERS = {"L": "integer >= 1"}

# --- the chain -------------------------------------------------------------------------------------------------------

LOSS = {"P": "Prod(w[m],m,1,L)", "loss": "(P - lambda)**2/2"}
ELL = {"loss": r"\ell"}

chain_gradient = Derivation(
    "chain.gradient.proof", "Gradient of the scalar chain", source=PAPER,
    statement=r"The partial derivatives of $\ell=\tfrac12(w_L\cdots w_1-\lambda)^2$, for any number $L$ of layers.",
    let={**LAYERS, "j": "integer 1..L", "w": "real family", "lambda": "real"}, define=LOSS, notation=ELL,
    goal=("D(loss, w[j]) = (P - lambda)*Prod(w[m],m,1,j-1)*Prod(w[m],m,j+1,L)",),
    steps=(
        Step("P = Prod(w[m],m,1,j-1)*w[j]*Prod(w[m],m,j+1,L)", "split the product at $j$", label="split"),
        Step("D(P, w[j]) = Prod(w[m],m,1,j-1)*Prod(w[m],m,j+1,L)", "the other factors do not contain $w_j$", label="inner",
            kind=DIFFERENTIATE),
        Step("D(loss, w[j]) = (P - lambda)*D(P, w[j])", "chain rule", kind=DIFFERENTIATE),
        Step("= (P - lambda)*Prod(w[m],m,1,j-1)*Prod(w[m],m,j+1,L)", "insert", Same("inner"), kind=SUBSTITUTE)))

chain_balanced = Derivation(
    "chain.balanced.proof", "Equal weights stay equal", source=PAPER,
    statement=r"If all weights equal $w$, then after one step of gradient descent all of them equal $w-\delta w^{L-1}(w^L-\lambda)$: the "
        r"new weight "
              r"of layer $j$ does not depend on $j$.",
    let={**LAYERS, "j": "integer 1..L", "m": "integer 1..L", "v": "real family", "w": "real", "lambda": "real", "delta": "positive"},
    define={"P": "Prod(v[m],m,1,L)", "loss": "(P - lambda)**2/2"}, notation=ELL,
    given={"equal(m)": "v[m] = w"},
    goal=("v[j] - delta*D(loss, v[j]) = w - delta*w**(L-1)*(w**L - lambda)",),
    steps=(
        Step("P = Prod(v[m],m,1,L)", "the product of all weights"),
        Step("= Prod(w,m,1,L)", "the weights are equal", Termwise(Same("equal")), kind=SUBSTITUTE),
        Step("= w**L", "$L$ equal factors", label="all"),
        Step("Prod(v[m],m,1,j-1) = Prod(w,m,1,j-1)", "the layers below $j$", Termwise(Same("equal")), kind=SUBSTITUTE),
        Step("= w**(j-1)", "$j-1$ equal factors", label="below"),
        Step("Prod(v[m],m,j+1,L) = Prod(w,m,j+1,L)", "the layers above $j$", Termwise(Same("equal")), kind=SUBSTITUTE),
        Step("= w**(L-j)", "$L-j$ equal factors", label="above"),
        Step("D(loss, v[j]) = (P - lambda)*Prod(v[m],m,1,j-1)*Prod(v[m],m,j+1,L)", "gradient of the chain", Apply(chain_gradient,
            {"w": "v"}),
             label="gradient", kind=DIFFERENTIATE),
        Step("v[j] - delta*D(loss, v[j]) = v[j] - delta*(P - lambda)*Prod(v[m],m,1,j-1)*Prod(v[m],m,j+1,L)", "a step of gradient descent",
             Same("gradient"), kind=SUBSTITUTE),
        Step("= w - delta*(w**L - lambda)*w**(j-1)*w**(L-j)", "insert the three products",
             Same("all", "below", "above", "equal[m = j]"), kind=SUBSTITUTE),
        Step("= w - delta*w**(L-1)*(w**L - lambda)", "add the exponents")))

chain_sharpness = Derivation(
    "chain.sharpness.proof", "Hessian of the chain at a minimum: rank one", source=PAPER,
    statement=r"Where $w_L\cdots w_1=\lambda\neq0$, the Hessian of the loss is $\lambda^2vv^{\top}$ with $v_j=1/w_j$, entry by entry.",
    let={**LAYERS, "j": "integer 1..L", "i": "integer 1..j-1", "w": "nonzero family", "lambda": "nonzero"}, define=LOSS, notation=ELL,
    given={"minimum": "P = lambda"},
    goal=("D(D(loss, w[j]), w[i]) = lambda**2/(w[i]*w[j])", "D(D(loss, w[j]), w[j]) = lambda**2/w[j]**2"),
    steps=(
        Step("D(P, w[j]) = P/w[j]", "all factors but $w_j$", label="dj", kind=DIFFERENTIATE),
        Step("D(P, w[i]) = P/w[i]", "all factors but $w_i$", label="di", kind=DIFFERENTIATE),
        Step("D(D(loss, w[j]), w[i]) = D(P, w[i])*D(P, w[j]) + (P - lambda)*D(D(P, w[j]), w[i])", "product rule, $i<j$",
            kind=DIFFERENTIATE),
        Step("= (lambda/w[i])*(lambda/w[j])", "$P=\\lambda$", Same("dj", "di", "minimum"), kind=SUBSTITUTE),
        Step("= lambda**2/(w[i]*w[j])", "collect"),
        Step("D(D(loss, w[j]), w[j]) = D(P, w[j])**2", "$P$ is linear in $w_j$", kind=DIFFERENTIATE),
        Step("= lambda**2/w[j]**2", "$P=\\lambda$", Same("dj", "minimum"), kind=SUBSTITUTE)))

INSTABILITY = Citation("an eigenvalue of modulus above 1 of the Jacobian makes a fixed point Lyapunov unstable",
                       "Katok and Hasselblatt, Introduction to the Modern Theory of Dynamical Systems, 1995, section 6.2")

chain_threshold = Derivation(
    "chain.threshold.proof", "Threshold step size of a minimum of the chain", source=PAPER, uses=("chain.sharpness.proof",),
    statement=r"The largest eigenvalue of $H=\lambda^2vv^{\top}$ is $\lambda^2\lVert v\rVert^2=\lambda^2\sum_j1/w_j^2$, so that the "
        r"minimum can be "
              r"stable only if $\delta\le2/(\lambda^2\lVert v\rVert^2)$.",
    let={**LAYERS, "n": "dimension", "v": "vector n", "x": "vector n", "lambda": "nonzero", "delta": "positive"},
    define={"H": "lambda**2*v*v.T", "h": "lambda**2*norm(v)**2"},
    given={"stable": "-1 <= 1 - delta*h", "nonzero": "0 < norm(v)"},
    goal=("H*v = h*v", "x.T*H*x <= h*norm(x)**2", "delta <= 2/h"),
    steps=(
        Step("H*v = lambda**2*v*(v.T*v)", "a product of three vectors associates"),
        Step("= h*v", "$v^{\\top}v=\\lVert v\\rVert^2$: an eigenvector"),
        Step("0 <= norm(norm(v)**2*x - inner(v,x)*v)**2", "a squared length", label="square", kind=BOUND),
        Step("norm(norm(v)**2*x - inner(v,x)*v)**2 = norm(v)**2*(norm(v)**2*norm(x)**2 - inner(v,x)**2)", "expand", label="expand"),
        Step("x.T*H*x = lambda**2*inner(v,x)**2", "the quadratic form"),
        Step("<= h*norm(x)**2", "Cauchy--Schwarz, from the two lines before",
             Combine({"square": "lambda**2/norm(v)**2", "expand": "lambda**2/norm(v)**2"}), kind=BOUND),
        Step("eigenvalues of modulus at most 1 are needed for stability", "cited", INSTABILITY, kind=CITE),
        Step("delta <= 2/h", "solve $-1\\le1-\\delta h$ for $\\delta$", Combine({"stable": "1/h"}), kind=BOUND)))

# --- lem3 ------------------------------------------------------------------------------------------------------------

S = {"S(w)": "Sum(w**j*t**(L-1-j), j, 0, L-1)", "mu(w)": "1 - delta*w**(L-1)*S(w)"}
STEP = {**S, "wp": "w - delta*w**(L-1)*(w**L - t**L)"}
NEXT = {"wp": "w^{+}"}

lem3_factor = Derivation(
    "lem3.factor.proof", "The error is multiplied by a factor", source=PAPER + ", proof of Lemma 3",
    statement=r"With $\lambda=t^L$, one step from equal weights $w$ multiplies the error $w-t$ by $\mu(w)$.",
    let={**LAYERS, "w": "real", "t": "positive", "delta": "positive"}, define=STEP, notation=NEXT,
    goal=("w**L - t**L = (w - t)*S(w)", "wp - t = mu(w)*(w - t)"),
    steps=(
        Step("(w - t)*S(w) = Sum(w**(j+1)*t**(L-1-j), j, 0, L-1) - Sum(w**j*t**(L-j), j, 0, L-1)", "multiply out"),
        Step("= Sum(w**j*t**(L-j), j, 1, L) - Sum(w**j*t**(L-j), j, 0, L-1)", "shift the index of the first sum"),
        Step("= w**L - t**L", "the sums telescope", label="geometric"),
        Step("w**L - t**L = (w - t)*S(w)", "read backwards", kind=FACTOR),
        Step("wp - t = w - t - delta*w**(L-1)*(w**L - t**L)", "the balanced map"),
        Step("= (w - t) - delta*w**(L-1)*(w - t)*S(w)", "insert the factorisation", kind=SUBSTITUTE),
        Step("= mu(w)*(w - t)", "take out $w-t$", kind=FACTOR)))

lem3_monotone = Derivation(
    "lem3.monotone.proof", "The factor falls as the weight grows", source=PAPER + ", proof of Lemma 3",
    statement=r"$\mu(b)\le\mu(a)$ for $0<a\le b$.",
    let={**LAYERS, "a": "positive", "b": "positive", "t": "positive", "delta": "positive"}, define=S,
    given={"order": "a <= b"}, goal=("mu(b) <= mu(a)",),
    steps=(
        Step("a**(L-1)*S(a) = Sum(t**(L-1-j)*a**(L-1+j), j, 0, L-1)", "multiply into the sum"),
        Step("<= Sum(t**(L-1-j)*b**(L-1+j), j, 0, L-1)", "each exponent $L-1+j$ is at least 0",
             Termwise(Powers("order", "L-1+j", "t**(L-1-j)")), kind=BOUND),
        Step("= b**(L-1)*S(b)", "take the power out again", label="compare"),
        Step("mu(b) <= mu(a)", "multiply by $-\\delta$ and add 1", Combine({"compare": "delta"}), kind=BOUND)))

RANGE = {**LAYERS, "w": "positive", "t": "positive", "delta": "positive"}

lem3_large = Derivation(
    "lem3.large.proof", "One step for a target above 1", source=PAPER + ", Lemma 3",
    statement=r"Let $\lambda=t^L>1$ and $\delta\le\delta_c=1/(L\lambda^{2(L-1)/L})$. From $w\in[1,t]$ the next weight stays in $[1,t]$, "
        r"and its distance "
              r"to $t$ is at most $\beta$ times the old one, $0\le\beta<1$.",
    let=RANGE, define={**STEP, "lam": "t**L", "beta": "1 - delta*(lam - 1)/(t - 1)"}, notation=NEXT,
    given={"target": "1 < t", "low": "1 <= w", "high": "w <= t", "step": "delta <= 1/(L*lam**(2*(L-1)/L))"},
    goal=("0 <= mu(w)", "mu(w) <= beta", "0 <= beta", "beta < 1", "wp <= t", "1 <= wp", "t - wp <= beta*(t - w)"),
    steps=(
        Step("wp - t = mu(w)*(w - t)", "the error factor", Apply(lem3_factor), label="factor", kind=FACTOR),
        Step("mu(t) <= mu(w)", "$\\mu$ falls, and $w\\le t$", Apply(lem3_monotone, {"a": "w", "b": "t"}, ("high",)), label="from t",
            kind=BOUND),
        Step("mu(w) <= mu(1)", "$\\mu$ falls, and $1\\le w$", Apply(lem3_monotone, {"a": "1", "b": "w"}, ("low",)), label="from 1",
            kind=BOUND),
        Step("mu(t) = 1 - delta*L*t**(2*(L-1))", "$L$ equal terms", label="mu at t"),
        Step("0 <= mu(t)", "$\\delta\\le\\delta_c$", Combine({"step": "L*t**(2*(L-1))"}, rewrite=("mu at t",)), label="corner", kind=BOUND),
        Step("0 <= mu(w)", "the two bounds together", Combine({"corner": 1, "from t": 1}), label="positive", kind=BOUND),
        Step("1 - t**L = (1 - t)*S(1)", "geometric sum", Apply(lem3_factor, {"w": "1"}), label="geometric", kind=FACTOR),
        Step("mu(1) = beta", "insert it", Combine({"geometric": "delta/(t - 1)"}), label="mu at 1", kind=SUBSTITUTE),
        Step("mu(w) <= beta", "$\\mu(w)\\le\\mu(1)$", Combine({"from 1": 1, "mu at 1": 1}), label="upper", kind=BOUND),
        Step("0 <= beta", "$0\\le\\mu(w)\\le\\beta$", Combine({"positive": 1, "upper": 1}), kind=BOUND),
        Step("beta < 1", "$\\beta=\\mu(1)$, and $S(1)>0$", Combine({"mu at 1": -1}, rest="delta*S(1)"), kind=BOUND),
        Step("wp <= t", "$t-w^{+}=\\mu(w)(t-w)$", Combine({"factor": -1}, rest="mu(w)*(t - w)", signs=("positive", "high")), kind=BOUND),
        Step("1 <= wp", "$w^{+}-1=(w-1)+(1-\\mu(w))(t-w)$",
             Combine({"factor": 1}, rest="(w - 1) + delta*w**(L-1)*S(w)*(t - w)", signs=("low", "high")), kind=BOUND),
        Step("t - wp <= beta*(t - w)", "$\\beta(t-w)-(t-w^{+})=(\\beta-\\mu(w))(t-w)$",
             Combine({"factor": -1}, rest="(beta - mu(w))*(t - w)", signs=("upper", "high")), kind=BOUND)))

lem3_small = Derivation(
    "lem3.small.proof", "One step for a target below 1", source=PAPER + ", Lemma 3",
    statement=r"Let $\lambda=t^L<1$ and $\delta\le\delta_c=(1-\lambda^{1/L})/(1-\lambda)$. From $w\in[t,1]$ the next weight stays in "
        r"$[t,1]$, and its "
              r"distance to $t$ is at most $\beta$ times the old one, $0\le\beta<1$.",
    let=RANGE, define={**STEP, "lam": "t**L", "beta": "1 - delta*L*lam**(2*(L-1)/L)"}, notation=NEXT,
    given={"target": "t < 1", "low": "t <= w", "high": "w <= 1", "step": "delta <= (1 - lam**(1/L))/(1 - lam)"},
    goal=("0 <= mu(w)", "mu(w) <= beta", "0 <= beta", "beta < 1", "t <= wp", "wp <= 1", "wp - t <= beta*(w - t)"),
    steps=(
        Step("wp - t = mu(w)*(w - t)", "the error factor", Apply(lem3_factor), label="factor", kind=FACTOR),
        Step("mu(w) <= mu(t)", "$\\mu$ falls, and $t\\le w$", Apply(lem3_monotone, {"a": "t", "b": "w"}, ("low",)), label="from t",
            kind=BOUND),
        Step("mu(1) <= mu(w)", "$\\mu$ falls, and $w\\le1$", Apply(lem3_monotone, {"a": "w", "b": "1"}, ("high",)), label="from 1",
            kind=BOUND),
        Step("mu(t) = beta", "$L$ equal terms", label="mu at t"),
        Step("t**L < 1", "powers increase", Powers("target", "L"), label="below one", kind=BOUND),
        Step("1 - t**L = (1 - t)*S(1)", "geometric sum", Apply(lem3_factor, {"w": "1"}), label="geometric", kind=FACTOR),
        Step("0 <= mu(1)", "$\\delta\\le\\delta_c=1/S(1)$", Combine({"step": "S(1)", "geometric": "-1/(1 - lam)"}), label="corner",
            kind=BOUND),
        Step("0 <= mu(w)", "the two bounds together", Combine({"corner": 1, "from 1": 1}), label="positive", kind=BOUND),
        Step("mu(w) <= beta", "$\\mu(w)\\le\\mu(t)$", Combine({"from t": 1, "mu at t": 1}), label="upper", kind=BOUND),
        Step("0 <= beta", "$0\\le\\mu(w)\\le\\beta$", Combine({"positive": 1, "upper": 1}), kind=BOUND),
        Step("beta < 1", "a positive number was subtracted", Combine(), kind=BOUND),
        Step("t <= wp", "$w^{+}-t=\\mu(w)(w-t)$", Combine({"factor": 1}, rest="mu(w)*(w - t)", signs=("positive", "low")), kind=BOUND),
        Step("wp <= 1", "$1-w^{+}=(1-w)+(1-\\mu(w))(w-t)$",
             Combine({"factor": -1}, rest="(1 - w) + delta*w**(L-1)*S(w)*(w - t)", signs=("high", "low")), kind=BOUND),
        Step("wp - t <= beta*(w - t)", "$\\beta(w-t)-(w^{+}-t)=(\\beta-\\mu(w))(w-t)$",
             Combine({"factor": 1}, rest="(beta - mu(w))*(w - t)", signs=("upper", "low")), kind=BOUND)))

RUN = {**LAYERS, "k": "integer >= 0", "w": "real family", "t": "positive", "delta": "positive"}
RECURRENCE = {"map(k)": "w[k+1] = w[k] - delta*w[k]**(L-1)*(w[k]**L - lam)", "start": "w[0] = 1"}


def _run(lemma: Derivation, beta: str, step: str, target: str, first: str, second: str, distance: str, ends: str) -> Derivation:
    at, which = {"w": "w[k]"}, lemma.id.split(".")[1]
    given = ("target", "IH", "IH.1", "step")
    one = Apply(lemma, at, given, rewrite=("map",))
    start = Combine(rewrite=("start",), signs=("target",))
    below = (Step("t**L < 1", "so that $\\delta_c$ is defined", Powers("target", "L"), label="below one", kind=BOUND),)
    return Derivation(
        f"lem3.{which}.run.proof", f"Linear convergence for a target {'above' if which == 'large' else 'below'} 1",
        source=PAPER + ", Lemma 3", uses=("chain.balanced.proof",),
        statement=rf"Let ${target}$ and ${step}$. From the weights 1 all weights stay equal to one number $w_k$ (chain.balanced). "
                  rf"It stays {ends} "
            rf"and converges to $\lambda^{{1/L}}=t$ at the rate $\beta<1$ of lem3.{which}.",
        let=RUN, define={"lam": "t**L", "beta": beta}, given={**RECURRENCE, "target": lemma.given["target"], "step": lemma.given["step"]},
        goal=(first, second, f"{distance} <= beta**k*({distance.replace('w[k]', '1')})", "abs(w[k] - t) <= beta**k*abs(1 - t)"),
        steps=(
            *(below if which == "small" else ()),
            Step(first, "induction on $k$, together with the next line", Induct("k", start, one, together=((second, start, one),)),
                 label="first", kind=INDUCT),
            Step(second, "the same induction", Induct("k", start, Apply(lemma, at, ("target", "IH", "IH.1", "step"), rewrite=("map",)),
                                                     together=((first, start, one),)), label="second", kind=INDUCT),
            Step(f"{distance.replace('w[k]', 'w[k+1]')} <= beta*({distance})", "one step",
                 Apply(lemma, at, ("target", "first", "second", "step"), rewrite=("map",)), label="contraction", kind=BOUND),
            Step("0 <= beta", "one step", Apply(lemma, at, ("target", "first", "second", "step")), label="rate", kind=BOUND),
            Step(f"{distance} <= beta**k*({distance.replace('w[k]', '1')})", "induction on $k$",
                 Induct("k", Combine(rewrite=("start",)), Combine({"contraction": 1, "IH": "beta"}, signs=("rate",))), label="bound",
                     kind=INDUCT),
            Step("abs(w[k] - t) <= beta**k*abs(1 - t)", "both distances have the known sign", Combine({"bound": 1}), kind=BOUND)))


lem3_large_run = _run(lem3_large, "1 - delta*(lam - 1)/(t - 1)", r"\delta\le1/(L\lambda^{2(L-1)/L})", r"\lambda=t^L>1", "1 <= w[k]",
    "w[k] <= t",
                      "t - w[k]", "in $[1,t]$")
lem3_small_run = _run(lem3_small, "1 - delta*L*lam**(2*(L-1)/L)", r"\delta\le(1-\lambda^{1/L})/(1-\lambda)", r"\lambda=t^L<1", "t <= w[k]",
    "w[k] <= 1",
                      "w[k] - t", "in $[t,1]$")

lem3_one = Derivation(
    "lem3.one.run.proof", "The target 1", source=PAPER + ", Lemma 3", statement=r"For $\lambda=1$ the run stands still at "
    r"$w[k]=1=\lambda^{1/L}$.",
    let={**LAYERS, "k": "integer >= 0", "w": "real family", "delta": "positive"},
    given={"map(k)": "w[k+1] = w[k] - delta*w[k]**(L-1)*(w[k]**L - 1)", "start": "w[0] = 1"}, goal=("w[k] = 1",),
    steps=(Step("w[k] = 1", "induction on $k$: the last bracket is 0", Induct("k", Same("start"), Same("map", "IH")), kind=INDUCT),))

# --- the inequality of arithmetic and geometric means, cor1 and cor2 -----------------------------------------------------

log_bound = Derivation(
    "log.bound.proof", "The logarithm lies below its tangent", statement=r"$\log x\le x-1$ for $x>0$.", let={"x": "positive"},
    goal=("log(x) <= x - 1",),
    steps=(Step("D(x - log(x), x) = (x - 1)*(1/x)", "falls before 1, rises after", kind=DIFFERENTIATE),
           Step("log(x) <= x - 1", "so the difference is smallest at $x=1$, where it is 0", Minimum("x", "1", "1/x"), kind=BOUND)))

log_strict = Derivation(
    "log.strict.proof", "The tangent touches only once", statement=r"$\log x<x-1$ for $x>0$, $x\ne1$.", let={"x": "positive"},
    given={"apart": "x != 1"},
    goal=("log(x) < x - 1",),
    steps=(Step("D(x - log(x), x) = (x - 1)*(1/x)", "falls strictly before 1, rises strictly after", kind=DIFFERENTIATE),
           Step("log(x) < x - 1", "so the difference is 0 at $x=1$ only", Minimum("x", "1", "1/x", "apart"), kind=BOUND)))

MEAN = {"G": "Prod(a[i],i,1,L)**(1/L)"}
NO_LOGS = Step("Sum(log(a[i]/G),i,1,L) = Sum(log(a[i]),i,1,L) - L*log(G)", "logarithm of a quotient")

amgm = Derivation(
    "amgm.proof", "Arithmetic and geometric mean", statement=r"For positive $a_1,\dots,a_L$ with $G=(a_1\cdots a_L)^{1/L}$.",
    let={**LAYERS, "a": "positive family"}, define=MEAN, goal=("L*G <= Sum(a[i],i,1,L)",),
    steps=(
        NO_LOGS,
        Step("= 0", "$\\log G=\\frac1L\\sum_i\\log a_i$", label="zero"),
        Step("Sum(log(a[i]/G),i,1,L) <= Sum(a[i]/G - 1,i,1,L)", "$\\log x\\le x-1$ in each term",
             Termwise(Apply(log_bound, {"x": "a[i]/G"})), kind=BOUND),
        Step("= Sum(a[i],i,1,L)/G - L", "sum the terms", label="sum"),
        Step("L*G <= Sum(a[i],i,1,L)", "multiply by $G$", Combine({"sum": "G", "zero": "-G"}), kind=BOUND)))

amgm_strict = Derivation(
    "amgm.equality.proof", "Equality of the means only for equal numbers",
    statement=r"If one $a_m$ differs from $G$, the inequality is strict; so equality forces $a_1=\dots=a_L=G$.",
    let={**LAYERS, "m": "integer 1..L", "a": "positive family"}, define=MEAN, given={"apart": "a[m] != G"}, goal=("L*G < Sum(a[i],i,1,L)",),
    steps=(
        NO_LOGS,
        Step("= 0", "$\\log G=\\frac1L\\sum_i\\log a_i$", label="zero"),
        Step("Sum(log(a[i]/G),i,1,m-1) <= Sum(a[i]/G - 1,i,1,m-1)", "$\\log x\\le x-1$", Termwise(Apply(log_bound, {"x": "a[i]/G"})),
             label="below", kind=BOUND),
        Step("Sum(log(a[i]/G),i,m+1,L) <= Sum(a[i]/G - 1,i,m+1,L)", "$\\log x\\le x-1$", Termwise(Apply(log_bound, {"x": "a[i]/G"})),
             label="above", kind=BOUND),
        Step("a[m]/G != 1", "$a_m\\ne G$", Combine({"apart": "1/G"}), label="ratio"),
        Step("log(a[m]/G) < a[m]/G - 1", "strictly for this term", Apply(log_strict, {"x": "a[m]/G"}, ("ratio",)), label="at m",
            kind=BOUND),
        Step("L*G < Sum(a[i],i,1,L)", "add the three, and multiply by $G$",
             Combine({"below": "G", "above": "G", "at m": "G", "zero": "-G"}), kind=BOUND)))

BOUND1 = "2/(L*rho**(2*(L-1)/L))"

cor1 = Derivation(
    "cor1.proof", "The largest admissible step size for any solution", source=PAPER + ", Corollary 1",
    uses=("thm1.proof", "thm1.cut.proof"),
    statement=r"Let $\rho=\rho(\widehat R)>0$, and let $p_j$, $q_j$ be the lengths of thm1: $p_0=q_{L+1}=1$, since $u$ and $v$ are "
              r"unit vectors, "
              r"and $p_jq_{j+1}\ge\rho$ by thm1.cut, so that all that occur are positive. Then a step size that satisfies thm1 is at most "
              r"$2/(L\rho^{2(L-1)/L})$.",
    let={**LAYERS, "j": "integer 1..L-1", "p": "positive family", "q": "positive family", "rho": "positive", "delta": "positive"},
    given={"first": "p[0] = 1", "last": "q[L+1] = 1", "between(j)": "rho <= p[j]*q[j+1]",
        "thm1": "delta*Sum(p[j-1]**2*q[j+1]**2,j,1,L) <= 2"},
    goal=(f"delta <= {BOUND1}",),
    steps=(
        Step("Prod(p[j-1]**2*q[j+1]**2,j,1,L) = (p[0]*q[L+1]*Prod(p[j]*q[j+1],j,1,L-1))**2", "shift the index of the $p$"),
        Step("= Prod(p[j]*q[j+1],j,1,L-1)**2", "$p_0=q_{L+1}=1$", Same("first", "last"), label="pairs", kind=SUBSTITUTE),
        Step("Prod(rho,j,1,L-1) <= Prod(p[j]*q[j+1],j,1,L-1)", "$p_jq_{j+1}\\ge\\rho$", Termwise(Combine({"between": 1})), label="each",
            kind=BOUND),
        Step("Prod(rho,j,1,L-1)**2 <= Prod(p[j]*q[j+1],j,1,L-1)**2", "square", Powers("each", "2"), label="squares", kind=BOUND),
        Step("rho**(2*(L-1)) <= Prod(p[j-1]**2*q[j+1]**2,j,1,L)", "put together", Combine({"squares": 1, "pairs": -1}), label="product",
            kind=BOUND),
        Step("L*rho**(2*(L-1)/L) <= L*Prod(p[j-1]**2*q[j+1]**2,j,1,L)**(1/L)", "$L$-th roots", Powers("product", "1/L", "L"), kind=BOUND),
        Step("<= Sum(p[j-1]**2*q[j+1]**2,j,1,L)", "arithmetic and geometric mean", Apply(amgm, {"a[i]": "p[i-1]**2*q[i+1]**2"}),
             label="mean", kind=BOUND),
        Step(f"delta <= {BOUND1}", "thm1", Combine({"thm1": "1/(L*rho**(2*(L-1)/L))", "mean": "delta/(L*rho**(2*(L-1)/L))"}), kind=BOUND)))

cor1_scalar = Derivation(
    "cor1.scalar.proof", "Corollary 1 for the scalar chain, with its equality case", source=PAPER + ", Corollary 1",
    uses=("chain.threshold.proof",),
    statement=r"At a minimum $w_L\cdots w_1=\lambda>0$ with $\delta\lambda^2\sum_i1/w_i^2\le2$; balanced weights $w_i=\lambda^{1/L}$ "
        r"reach the bound.",
    let={**LAYERS, "w": "nonzero family", "lambda": "positive", "delta": "positive"},
    given={"minimum": "Prod(w[i],i,1,L) = lambda", "stable": "delta*Sum((lambda/w[i])**2,i,1,L) <= 2"},
    goal=("delta <= 2/(L*lambda**(2*(L-1)/L))", "Sum((lambda/lambda**(1/L))**2,i,1,L) = L*lambda**(2*(L-1)/L)"),
    steps=(
        Step("Prod((lambda/w[i])**2,i,1,L) = lambda**(2*L)/Prod(w[i],i,1,L)**2", "product of quotients"),
        Step("= lambda**(2*(L-1))", "at a minimum", Same("minimum"), label="product", kind=SUBSTITUTE),
        Step("Sum((lambda/w[i])**2,i,1,L) >= L*Prod((lambda/w[i])**2,i,1,L)**(1/L)", "arithmetic and geometric mean",
             Apply(amgm, {"a[i]": "(lam/w[i])**2"}), kind=BOUND),
        Step("= L*lambda**(2*(L-1)/L)", "insert the product", Same("product"), label="mean", kind=SUBSTITUTE),
        Step("delta <= 2/(L*lambda**(2*(L-1)/L))", "stability",
             Combine({"stable": "1/(L*lambda**(2*(L-1)/L))", "mean": "delta/(L*lambda**(2*(L-1)/L))"}), kind=BOUND),
        Step("Sum((lambda/lambda**(1/L))**2,i,1,L) = L*lambda**(2*(L-1)/L)", "balanced weights: $L$ equal terms")))

cor1_equality = Derivation(
    "cor1.equality.proof", "Only balanced minima reach the bound", source=PAPER + ", Corollary 1", uses=("cor1.scalar.proof",),
    statement=r"If $w_m^2\ne\lambda^{2/L}$ for one layer $m$, the sharpness is larger than $L\lambda^{2(L-1)/L}$.",
    let={**LAYERS, "m": "integer 1..L", "w": "nonzero family", "lambda": "positive"},
    given={"minimum": "Prod(w[i],i,1,L) = lambda", "unbalanced": "(lambda/w[m])**2 != lambda**(2*(L-1)/L)"},
    goal=("L*lambda**(2*(L-1)/L) < Sum((lambda/w[i])**2,i,1,L)",),
    steps=(
        Step("Prod((lambda/w[i])**2,i,1,L) = lambda**(2*L)/Prod(w[i],i,1,L)**2", "product of quotients"),
        Step("= lambda**(2*(L-1))", "at a minimum", Same("minimum"), label="product", kind=SUBSTITUTE),
        Step("Prod((lambda/w[i])**2,i,1,L)**(1/L) = lambda**(2*(L-1)/L)", "$L$-th root", Same("product"), label="mean"),
        Step("(lambda/w[m])**2 != Prod((lambda/w[i])**2,i,1,L)**(1/L)", "layer $m$ differs from the mean", Combine({"unbalanced": 1},
            rewrite=("mean",)),
             label="apart"),
        Step("L*Prod((lambda/w[i])**2,i,1,L)**(1/L) < Sum((lambda/w[i])**2,i,1,L)", "equality case of the means",
             Apply(amgm_strict, {"a[i]": "(lam/w[i])**2"}, ("apart",)), label="strict", kind=BOUND),
        Step("L*lambda**(2*(L-1)/L) < Sum((lambda/w[i])**2,i,1,L)", "insert the mean", Combine({"strict": 1, "mean": "-L"}), kind=BOUND)))

cor2 = Derivation(
    "cor2.proof", "What a run that converged says about the solution", source=PAPER + ", Corollary 2", uses=("cor1.proof",),
    statement=r"If gradient descent with step size $\delta$ converged to a solution with $\rho=\rho(\widehat R)$, $L\ge2$, then "
        r"$\rho\le(2/(L\delta))^{L/(2L-2)}$.",
    let={"L": "integer >= 2", "rho": "positive", "delta": "positive"}, given={"cor1": f"delta <= {BOUND1}"},
    goal=("rho <= (2/(L*delta))**(L/(2*L-2))",),
    steps=(
        Step("rho**(2*(L-1)/L) <= 2/(L*delta)", "solve cor1 for the power of $\\rho$", Combine({"cor1": "rho**(2*(L-1)/L)/delta"}),
            label="power", kind=BOUND),
        Step("rho <= (2/(L*delta))**(L/(2*L-2))", "raise to the power $L/(2L-2)$", Powers("power", "L/(2*L-2)"), kind=BOUND)))

# --- lem4: a negative target -------------------------------------------------------------------------------------------

NEGATIVE = {"L": "integer >= 2", "ell": "positive", "delta": "positive"}
lem4_step = Derivation(
    "lem4.step.proof", "One step for a negative target", source=PAPER + ", Lemma 4",
    statement=r"Let $\lambda=-\ell<0$, $L\ge2$ and $\delta\le1/(1-\lambda)$. From $0\le w\le1$ the next weight lies between 0 and $w$.",
    let={**NEGATIVE, "w": "nonnegative"}, define={"wp": "w - delta*w**(L-1)*(w**L + ell)"}, notation=NEXT | {"ell": r"\ell"},
    given={"high": "w <= 1", "step": "delta <= 1/(1 + ell)"},
    goal=("0 <= wp", "wp <= w", "w - wp >= delta*ell*w**(L-1)"),
    steps=(
        Step("wp = w*(1 - delta*(w**(2*L-2) + ell*w**(L-2)))", "take out $w$; here $L\\ge2$ is used", label="factored", kind=FACTOR),
        Step("w**(2*L-2) <= 1", "$w\\le1$", Powers("high", "2*L-2"), label="one", kind=BOUND),
        Step("ell*w**(L-2) <= ell", "$w\\le1$", Powers("high", "L-2", "ell"), label="two", kind=BOUND),
        Step("1 - delta*(w**(2*L-2) + ell*w**(L-2)) >= 1 - delta*(1 + ell)", "insert both", Combine({"one": "delta", "two": "delta"}),
             label="below", kind=BOUND),
        Step("1 - delta*(w**(2*L-2) + ell*w**(L-2)) >= 0", "$\\delta(1+\\ell)\\le1$", Combine({"below": 1, "step": "1 + ell"}),
            label="positive", kind=BOUND),
        Step("0 <= wp", "a product of numbers that are not negative", Combine({"factored": -1},
            rest="w*(1 - delta*(w**(2*L-2) + ell*w**(L-2)))",
                                                                            signs=("positive",)), kind=BOUND),
        Step("w - wp = delta*w**(2*L-1) + delta*ell*w**(L-1)", "the gradient step", label="drop"),
        Step("wp <= w", "both terms are at least 0", Combine({"drop": 1}), kind=BOUND),
        Step("w - wp >= delta*ell*w**(L-1)", "drop the first term", Combine({"drop": -1}), kind=BOUND)))

lem4_run = Derivation(
    "lem4.run.proof", "Convergence to zero for a negative target", source=PAPER + ", Lemma 4, for $L\\ge2$",
    statement=r"Let $\lambda=-\ell<0$, $L\ge2$, $\delta\le1/(1-\lambda)$ and $w[0]=1$. Then $w[k]$ falls, and "
        r"$w[k]^{L-1}\le1/(k\delta\ell)\to0$.",
    let={**NEGATIVE, "k": "integer >= 0", "w": "real family"}, notation={"ell": r"\ell"},
    given={"map(k)": "w[k+1] = w[k] - delta*w[k]**(L-1)*(w[k]**L + ell)", "start": "w[0] = 1", "step": "delta <= 1/(1 + ell)"},
    goal=("0 <= w[k]", "w[k+1] <= w[k]", "k*delta*ell*w[k]**(L-1) <= 1 - w[k]"),
    steps=(
        Step("0 <= w[k]", "induction on $k$, together with $w[k]\\le1$",
             Induct("k", Combine(rewrite=("start",)), Apply(lem4_step, {"w": "w[k]"}, ("IH", "IH.1", "step"), rewrite=("map",)),
                    together=(("w[k] <= 1", Combine(rewrite=("start",)),
                               Combine({"IH.1": 1}, rewrite=("map",), rest="delta*w[k]**(L-1)*(w[k]**L + ell)", signs=("IH",))),)),
             label="positive", kind=INDUCT),
        Step("w[k] <= 1", "the same induction",
             Induct("k", Combine(rewrite=("start",)),
                    Combine({"IH": 1}, rewrite=("map",), rest="delta*w[k]**(L-1)*(w[k]**L + ell)", signs=("positive",))), label="high",
                        kind=INDUCT),
        Step("w[k+1] <= w[k]", "one step", Apply(lem4_step, {"w": "w[k]"}, ("positive", "high", "step"), rewrite=("map",)), label="falls",
            kind=BOUND),
        Step("w[k] - w[k+1] >= delta*ell*w[k]**(L-1)", "one step", Apply(lem4_step, {"w": "w[k]"}, ("positive", "high", "step"),
            rewrite=("map",)),
             label="drop", kind=BOUND),
        Step("(k+1)*delta*ell*w[k+1]**(L-1) <= (k+1)*delta*ell*w[k]**(L-1)", "powers increase",
             Powers("falls", "L-1", "(k+1)*delta*ell", ("positive[k = k+1]",)), label="power", kind=BOUND),
        Step("k*delta*ell*w[k]**(L-1) <= 1 - w[k]", "induction: add the last two lines",
             Induct("k", Combine(rewrite=("start",)), Combine({"power": 1, "drop": 1, "IH": 1})), kind=INDUCT)))

lem4_rate = Derivation(
    "lem4.rate.proof", "No linear rate for three or more layers", source=PAPER + ", Lemma 4: its rate fails for $L\\ge3$",
    statement=r"For $L\ge3$ and every $\kappa<1$: as soon as $\delta(1+\ell)w^{L-2}\le1-\kappa$, which happens because $w[k]\to0$, "
              r"one step shrinks $w$ by less than the factor $\kappa$.",
    let={"L": "integer >= 3", "ell": "positive", "delta": "positive", "w": "nonnegative", "kappa": "positive"},
    define={"wp": "w - delta*w**(L-1)*(w**L + ell)"}, notation=NEXT | {"ell": r"\ell"},
    given={"high": "w <= 1", "small": "delta*(1 + ell)*w**(L-2) <= 1 - kappa"}, goal=("kappa*w <= wp",),
    steps=(
        Step("w**L <= 1", "$w\\le1$", Powers("high", "L"), label="one", kind=BOUND),
        Step("wp >= w - delta*w**(L-1)*(1 + ell)", "insert it", Combine({"one": "delta*w**(L-1)"}), label="below", kind=BOUND),
        Step("kappa*w <= wp", "$w$ is small", Combine({"below": 1, "small": "w"}), kind=BOUND)))

lem4_single = Derivation(
    "lem4.single.proof", "One layer goes to the target", source=PAPER + ", Lemma 4: it fails for $L=1$",
    statement=r"For $L=1$ the map contracts to $\lambda$, not to 0.", let={"w": "real", "lambda": "negative", "delta": "positive"},
    goal=("w - delta*(w - lambda) - lambda = (1 - delta)*(w - lambda)",),
    steps=(Step("w - delta*(w - lambda) - lambda = (1 - delta)*(w - lambda)", "collect", kind=FACTOR),))
