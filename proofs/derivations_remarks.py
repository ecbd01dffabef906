"""Derivations for the introduction, the remarks, the smoothness, the conclusions of thm2 and thm3, and the figures."""

from derivations_examples import sublinear

from symgd.derivations import Apply, Combine, Derivation, Powers, Same, Step, StepKind, Termwise

SUBSTITUTE, DIFFERENTIATE, FACTOR, BOUND = StepKind.SUBSTITUTE, StepKind.DIFFERENTIATE, StepKind.FACTOR, StepKind.BOUND
PAPER = "Nar and Sastry, Step Size Matters in Deep Learning, NeurIPS 2018"

# --- the introduction ------------------------------------------------------------------------------------------------

intro = Derivation(
    "intro.proof", "The four conclusions about the step size", source=PAPER + ", Introduction",
    uses=("ex1.proof", "ex2.proof", "ex3.inside.proof", "ex3.outside.proof"),
    statement=r"On the orbit $\pm\delta^2/4$ of ex1 the training error is constant and not the minimum, while the iterates jump by "
              r"$\delta^2/2$: convergence of the error does not imply convergence to an optimum, and the step size sets the magnitude. "
              r"At $\delta=\tfrac3{10}$ the minimum 2 of ex2 has a multiplier below $-1$ and the minimum 1 one inside $(-1,1)$: the "
              r"step size "
              r"restricts the optima. For $x^4$ with $\delta=\tfrac12$ the start 1 oscillates, smaller ones converge by ex3.inside "
              r"and larger "
              r"ones diverge by ex3.outside: it acts differently on each start.",
    let={"x": "real", "delta": "positive"},
    define={"f(q)": "2/3*q**(3/2)", "h(z)": "(z**2 + 1)*(z - 1)**2*(z - 2)**2", "H(z)": "30*z**4 - 120*z**3 + 168*z**2 - 108*z + 34",
            "g(z)": "z - 2*z**3"},
    goal=("f(delta**2/4) = delta**3/12", "delta**2/4 - (-delta**2/4) = delta**2/2", "1 - 3/10*H(2) = -2", "1 - 3/10*H(1) = -1/5",
          "g(1) = -1", "g(-1) = 1"),
    steps=(
        Step("f(delta**2/4) = 2/3*(delta/2)**3", "the error on the orbit, where $|x|=\\delta^2/4$"),
        Step("= delta**3/12", "more than the minimum 0"),
        Step("delta**2/4 - (-delta**2/4) = delta**2/2", "the jump"),
        Step("D(D(h(x), x), x) = H(x)", "the second derivative of ex2's loss", kind=DIFFERENTIATE),
        Step("1 - 3/10*H(2) = -2", "the multiplier at 2"),
        Step("1 - 3/10*H(1) = -1/5", "the multiplier at 1"),
        Step("x - 1/2*D(x**4, x) = g(x)", "one step for $x^4$", kind=DIFFERENTIATE),
        Step("g(1) = -1", "the threshold"),
        Step("g(-1) = 1", "and back")))

# --- the remarks -----------------------------------------------------------------------------------------------------

rem1 = Derivation(
    "rem1.proof", "The bound is necessary, not sufficient", source=PAPER + ", Remark 1", uses=("thm1.proof",),
    statement=r"Two scalar layers $v$, $w$ with target 1 and $\delta=\tfrac12$. The bound of thm1 is $2/(v^2+w^2)$, and $v=w=1$ "
              r"satisfies it "
              r"strictly. Let $S$ and $D$ be the squares of the sum and the difference of the weights. With $e=vw-1$ they move to "
              r"$(1-\tfrac e2)^2S$ and $(1+\tfrac e2)^2D$, and where $Y=S-4D-48\ge0$ it stays so: there $e\ge11$ for ever, and gradient "
              r"descent does not converge.",
    let={"v": "real", "w": "real", "D": "nonnegative", "Y": "nonnegative"},
    define={"loss": "(v*w - 1)**2/2", "vp": "v - 1/2*D(loss, v)", "wp": "w - 1/2*D(loss, w)", "S": "4*D + 48 + Y", "e": "(S - D)/4 - 1"},
    notation={"loss": r"\ell", "vp": "v^{+}", "wp": "w^{+}"},
    goal=("(vp + wp)**2 = (1 - (v*w - 1)/2)**2*(v + w)**2", "(vp - wp)**2 = (1 + (v*w - 1)/2)**2*(v - w)**2",
          "11 <= e", "0 <= (1 - e/2)**2*S - 4*(1 + e/2)**2*D - 48"),
    steps=(
        Step("D(loss, v) = (v*w - 1)*w", "the gradient", label="v", kind=DIFFERENTIATE),
        Step("D(loss, w) = (v*w - 1)*v", "the gradient", label="w", kind=DIFFERENTIATE),
        Step("(vp + wp)**2 = (1 - (v*w - 1)/2)**2*(v + w)**2", "insert; take out $v+w$", Same("v", "w"), kind=FACTOR),
        Step("(vp - wp)**2 = (1 + (v*w - 1)/2)**2*(v - w)**2", "insert; take out $v-w$", Same("v", "w"), kind=FACTOR),
        Step("((v + w)**2 - (v - w)**2)/4 - 1 = v*w - 1", "so $e=(S-D)/4-1$"),
        Step("11 <= e", "$e=11+\\tfrac14(3D+Y)$", Combine({}, rest="(3*D + Y)/4"), kind=BOUND),
        Step("0 <= (1 - e/2)**2*S - 4*(1 + e/2)**2*D - 48", "all coefficients in $D$ and $Y$ are positive", Combine(), kind=BOUND)))

rem2 = Derivation(
    "rem2.proof", "A larger norm needs a smaller step", source=PAPER + ", Remark 2", uses=("cor1.proof", "cor2.proof"),
    statement=r"For $L\ge2$ the bound of cor1 falls as $\rho$ grows. Read from the other side, by cor2: a large step that converged bounds "
              r"the norm of the solution, and so its Lipschitz constant. For $L=1$ the bound is 2 for every target.",
    let={"L": "integer >= 2", "rho": "positive", "sigma": "positive"}, given={"order": "rho < sigma"},
    goal=("2/(L*sigma**(2*(L-1)/L)) < 2/(L*rho**(2*(L-1)/L))",),
    steps=(
        Step("rho**(2*(L-1)/L) < sigma**(2*(L-1)/L)", "powers increase, and $L>1$", Powers("order", "2*(L-1)/L"), label="power",
             kind=BOUND),
        Step("2/(L*sigma**(2*(L-1)/L)) < 2/(L*rho**(2*(L-1)/L))", "divide",
             Combine({"power": "2/(L*rho**(2*(L-1)/L)*sigma**(2*(L-1)/L))"}), kind=BOUND)))

smooth = Derivation(
    "smooth.proof", "The gradient has no global Lipschitz constant", source=PAPER + ", section 1",
    statement=r"Scalar chain with $L\ge2$ layers: along $w_1$, where all other weights equal $a$, the partial derivative moves by "
              r"$a^{2L-2}h$ "
              r"over a distance $h$. For every $K$ this is more than $Kh$ as soon as $a^{2L-2}>K$.",
    let={"L": "integer >= 2", "a": "positive", "h": "positive", "w": "real", "K": "positive", "lambda": "real"},
    define={"G(w)": "(w*a**(L-1) - lambda)*a**(L-1)"}, given={"large": "K < a**(2*L-2)"},
    goal=("D((w*a**(L-1) - lambda)**2/2, w) = G(w)", "K*h < G(h) - G(0)"),
    steps=(
        Step("D((w*a**(L-1) - lambda)**2/2, w) = G(w)", "the partial derivative", kind=DIFFERENTIATE),
        Step("G(h) - G(0) = a**(2*L-2)*h", "its change", label="change"),
        Step("K*h < G(h) - G(0)", "$a$ is large", Combine({"large": "h", "change": 1}), kind=BOUND)))

rem3 = Derivation(
    "rem3.proof", "Within a factor 2 of the necessary step", source=PAPER + ", Remark 3", uses=("cor1.proof",),
    statement=r"For $\rho\ge1$ the step size of thm2 is $1/(L\rho^{2(L-1)/L})$, the smaller of the two, and the bound of cor1 is "
              r"twice that.",
    let={"L": "integer >= 1", "rho": "positive"}, given={"large": "1 <= rho"},
    goal=("1/(L*rho**(2*(L-1)/L)) <= 1/L", "2/(L*rho**(2*(L-1)/L)) = 2*(1/(L*rho**(2*(L-1)/L)))"),
    steps=(
        Step("1 <= rho**(2*(L-1)/L)", "powers increase", Powers("large", "2*(L-1)/L"), label="power", kind=BOUND),
        Step("1/(L*rho**(2*(L-1)/L)) <= 1/L", "divide", Combine({"power": "1/(L*rho**(2*(L-1)/L))"}), kind=BOUND),
        Step("2/(L*rho**(2*(L-1)/L)) = 2*(1/(L*rho**(2*(L-1)/L)))", "the factor 2")))

rem4 = Derivation(
    "rem4.proof", "Identity initialisation is zero initialisation of a residual network", source=PAPER + ", Remark 4",
    uses=("thm1.gradient.proof",),
    statement=r"Put $W_j=I+U_j$ for every layer, and let $A=W_{L:j+1}$ and $B=W_{j-1:1}$ be the layers above and below layer $j$. "
              r"The loss of the "
              r"residual network at $U$ is that of the network at $W$, its gradient in layer $j$ is the gradient "
              r"$G=A^{\top}EB^{\top}$ of thm1.gradient, "
              r"and so one step from $W_j=I+U_j$ leads to $I$ plus one step from $U_j$. All $U_j=0$ is the identity.",
    let={"n": "dimension", "R": "matrix n n", "U": "matrix n n", "A": "matrix n n", "B": "matrix n n", "H": "matrix n n",
         "delta": "positive"},
    define={"E": "A*(I + U)*B - R", "G": "A.T*E*B.T"},
    goal=("D(norm(E)**2/2, U, H) = inner(G, H)", "I + U - delta*G = I + (U - delta*G)"),
    steps=(
        Step("D(E, U, H) = A*H*B", "moving $U$ moves $I+U$ by the same matrix", label="variation", kind=DIFFERENTIATE),
        Step("D(norm(E)**2/2, U, H) = inner(E, D(E, U, H))", "derivative of a square", kind=DIFFERENTIATE),
        Step("= inner(E, A*H*B)", "insert", Same("variation"), kind=SUBSTITUTE),
        Step("= inner(G, H)", "the trace is cyclic"),
        Step("I + U - delta*G = I + (U - delta*G)", "so the steps agree")))

# --- thm2 and thm3 ---------------------------------------------------------------------------------------------------

thm2_zero = Derivation(
    "thm2.zero.proof", "A zero eigenvalue converges, and not at a linear rate", source=PAPER + ", Theorem 2: its rate fails for "
                                                                                               "singular targets",
    uses=("sublinear.proof",),
    statement=r"For the eigenvalue 0 and $L\ge2$ the map is $w\mapsto w-\delta w^{2L-1}$, so that $w_k\to0$ (sublinear); but for "
              r"every $\kappa<1$ one "
              r"step shrinks $w$ by less than the factor $\kappa$ as soon as $\delta w^{2L-2}\le1-\kappa$.",
    let={"L": "integer >= 2", "k": "integer >= 0", "a": "nonnegative family", "delta": "positive", "w": "nonnegative", "kappa": "positive"},
    given={"map(k)": "a[k+1] <= a[k] - delta*a[k]**(2*L-1)", "small": "delta*w**(2*L-2) <= 1 - kappa"},
    goal=("k*delta*a[k]**(2*L-1) <= a[0] - a[k]", "kappa*w <= w - delta*w**(2*L-1)"),
    steps=(
        Step("k*delta*a[k]**(2*L-1) <= a[0] - a[k]", "a sequence that loses a power of itself",
             Apply(sublinear, {"p": "2*L - 1", "c": "delta"}, ("map",)), kind=BOUND),
        Step("kappa*w <= w - delta*w**(2*L-1)", "$w$ is small", Combine({"small": "w"}), kind=BOUND)))

thm2 = Derivation(
    "thm2.proof", "Convergence from the identity for a positive semidefinite target", source=PAPER + ", Theorem 2; linear for "
                                                                                                     "regular targets",
    uses=("thm2.diagonal.proof", "lem3.large.run.proof", "lem3.small.run.proof", "lem3.one.run.proof", "thm2.zero.proof"),
    statement=r"By thm2.diagonal every eigenvalue $t^L$ of $R$ moves as in lem3. If $\delta\le1/L$ and "
              r"$\delta\le1/(L\rho^{2(L-1)/L})$, with "
              r"$\rho=\rho(R)$, the step is admissible there for $0\le t\le1$ and for $1\le t$, $t^L\le\rho$. So each layer "
              r"converges to $R^{1/L}$; at a "
              r"linear rate unless $R$ is singular and $L\ge2$ (thm2.zero).",
    let={"L": "integer >= 1", "t": "nonnegative", "s": "positive", "rho": "positive", "delta": "positive"},
    given={"unit": "delta*L <= 1", "norm": "delta*L*rho**(2*(L-1)/L) <= 1", "below": "t <= 1", "above": "s <= rho"},
    goal=("delta*Sum(t**j, j, 0, L-1) <= 1", "delta*L*s**(2*(L-1)/L) <= 1"),
    steps=(
        Step("Sum(t**j, j, 0, L-1) <= Sum(1, j, 0, L-1)", "$t\\le1$", Termwise(Powers("below", "j")), label="terms", kind=BOUND),
        Step("= L", "$L$ equal terms", label="sum"),
        Step("delta*Sum(t**j, j, 0, L-1) <= 1", "$\\delta_c=1/\\sum_jt^j$ for $t<1$", Combine({"sum": "delta", "unit": 1}), kind=BOUND),
        Step("delta*L*s**(2*(L-1)/L) <= delta*L*rho**(2*(L-1)/L)", "an eigenvalue $s$ in $[1,\\rho]$",
             Powers("above", "2*(L-1)/L", "delta*L"), label="power", kind=BOUND),
        Step("delta*L*s**(2*(L-1)/L) <= 1", "put together", Combine({"power": 1, "norm": 1}), kind=BOUND)))

thm3 = Derivation(
    "thm3.proof", "Convergence from the identity to the closest positive semidefinite matrix", source=PAPER + ", Theorem 3, for $L\\ge2$",
    uses=("thm2.diagonal.proof", "thm2.proof", "lem4.run.proof", "thm3.closest.proof"),
    statement=r"By thm2.diagonal the eigenvalues move on their own: those that are not negative as in thm2, the negative ones as in "
              r"lem4.run, for "
              r"which $\delta\le1/(1-\lambda_{\min})$ is admissible. For $L\ge2$ these go to 0, so that the product converges to "
              r"the positive part of "
              r"$R$, the closest positive semidefinite matrix by thm3.closest. (For $L=1$ it converges to $R$ itself.)",
    let={"ell": "positive", "m": "positive", "delta": "positive"}, notation={"ell": r"\ell"},
    given={"least": "ell <= m", "step": "delta <= 1/(1 + m)"}, goal=("delta <= 1/(1 + ell)",),
    steps=(
        Step("1/(1 + m) <= 1/(1 + ell)", "an eigenvalue $-\\ell\\ge\\lambda_{\\min}=-m$", Combine({"least": "1/((1 + m)*(1 + ell))"}),
             label="order", kind=BOUND),
        Step("delta <= 1/(1 + ell)", "put together", Combine({"step": 1, "order": 1}), kind=BOUND)))

# --- the figures -----------------------------------------------------------------------------------------------------

fig1 = Derivation(
    "fig1.proof", "The graph of Example 2", source=PAPER + ", Figure 1", uses=("ex2.proof",),
    statement=r"$f\ge0$ with equality at 1 and 2 only, where it is 0: two global minima. Between them is the one maximum of ex2.",
    let={"x": "real", "p": "nonzero", "q": "nonzero"}, define={"f(z)": "(z**2 + 1)*(z - 1)**2*(z - 2)**2"},
    given={"one": "x = 1 + p", "two": "p = 1 + q"}, goal=("f(1) = 0", "f(2) = 0", "0 < f(x)"),
    steps=(
        Step("f(1) = 0", "insert"), Step("f(2) = 0", "insert"),
        Step("0 < (x**2 + 1)*p**2*q**2", "at any other point $p=x-1$ and $q=x-2$ are not 0", label="positive", kind=BOUND),
        Step("f(x) = (x**2 + 1)*p**2*q**2", "insert", Same("one", "two"), label="value", kind=SUBSTITUTE),
        Step("0 < f(x)", "put together", Combine({"positive": 1, "value": -1}), kind=BOUND)))

fig2 = Derivation(
    "fig2.proof", "The gradient step of a hidden unit", source=PAPER + ", Figure 2",
    statement=r"Samples $x_i$ with targets $y_i$, loss $\sum_i(\widehat f(x_i)-y_i)^2$. As long as the activations $a_i\in\{0,1\}$ "
              r"of a unit with "
              r"weights $w$, $v$ and bias $b$ do not change, with $c_i$ the output of the other units, the partial derivatives are "
              r"polynomials: "
              r"the map whose orbits fig2.orbit certifies. A unit that is active nowhere does not move.",
    let={"N": "integer >= 1", "x": "real family", "y": "real family", "c": "real family", "a": "real family", "b": "real", "v": "real",
         "w": "real"},
    define={"e[i]": "w*a[i]*(v*x[i] - b) + c[i] - y[i]", "loss": "Sum(e[i]**2, i, 1, N)"}, notation={"loss": r"\ell"},
    goal=("D(loss, w) = 2*Sum(e[i]*a[i]*(v*x[i] - b), i, 1, N)", "D(loss, v) = 2*w*Sum(e[i]*a[i]*x[i], i, 1, N)"),
    steps=(
        Step("D(loss, w) = 2*Sum(e[i]*a[i]*(v*x[i] - b), i, 1, N)", "chain rule", kind=DIFFERENTIATE),
        Step("D(loss, v) = 2*w*Sum(e[i]*a[i]*x[i], i, 1, N)", "chain rule", kind=DIFFERENTIATE)))
