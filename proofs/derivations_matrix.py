"""Derivations with symbolic dimensions and a symbolic number of layers: lem1, lem2, thm1, its corollary for products, thm2, thm3 and thm4."""

from symgd.derivations import Apply, Citation, Combine, Derivation, Induct, Same, Step, StepKind, Termwise

REWRITE, SUBSTITUTE, DIFFERENTIATE = StepKind.REWRITE, StepKind.SUBSTITUTE, StepKind.DIFFERENTIATE
FACTOR, BOUND, INDUCT, CITE, CASE = StepKind.FACTOR, StepKind.BOUND, StepKind.INDUCT, StepKind.CITE, StepKind.CASE
PAPER = "Nar and Sastry, Step Size Matters in Deep Learning, NeurIPS 2018"

# --- lem1 and lem2 -----------------------------------------------------------------------------------------------------

lem1 = Derivation(
    "lem1", "The trace of a product of positive semidefinite matrices", source=PAPER + ", Lemma 1",
    statement=r"$\operatorname{tr}(AB)\ge0$ for symmetric positive semidefinite $A$ and $B$. Here $B=\sum_i\beta_ib_ib_i^{\top}$ is its spectral "
              r"decomposition, $\beta_i\ge0$.",
    let={"n": "dimension", "A": "psd n", "b": "vector n family", "beta": "nonnegative family"}, define={"B": "Sum(beta[i]*b[i]*b[i].T, i, 1, n)"},
    goal=("tr(A*B) >= 0",),
    steps=(
        Step("tr(A*B) = tr(A*Sum(beta[i]*b[i]*b[i].T, i, 1, n))", "spectral decomposition of $B$", kind=SUBSTITUTE),
        Step("= Sum(beta[i]*tr(A*b[i]*b[i].T), i, 1, n)", "the trace is linear"),
        Step("= Sum(beta[i]*(b[i].T*A*b[i]), i, 1, n)", "the trace is cyclic"),
        Step(">= 0", "$A$ is positive semidefinite and $\\beta_i\\ge0$", kind=BOUND)))

cauchy_schwarz = Derivation(
    "cauchy-schwarz", "Cauchy and Schwarz for matrices", statement=r"For $\langle X,Y\rangle=\operatorname{tr}(X^{\top}Y)$ and $U\ne0$.",
    let={"m": "dimension", "n": "dimension", "U": "matrix m n", "X": "matrix m n"}, given={"nonzero": "0 < norm(U)"},
    goal=("inner(U,X)**2 <= norm(U)**2*norm(X)**2",),
    steps=(
        Step("0 <= norm(norm(U)**2*X - inner(U,X)*U)**2", "a squared length", label="square", kind=BOUND),
        Step("= norm(U)**2*(norm(U)**2*norm(X)**2 - inner(U,X)**2)", "expand", label="expand"),
        Step("inner(U,X)**2 <= norm(U)**2*norm(X)**2", "divide by $\\lVert U\\rVert^2$", Combine({"expand": "1/norm(U)**2"}), kind=BOUND)))

SUMS = {"m": "dimension", "n": "dimension", "N": "integer >= 1"}
OPERATOR = {"f(X)": "Sum(A[i]*X*B[i], i, 1, N)"}

lem2_symmetric = Derivation(
    "lem2.symmetric", "The operator is symmetric", source=PAPER + ", Lemma 2",
    statement=r"$f(X)=\sum_iA_iXB_i$ with symmetric $A_i$, $B_i$ satisfies $\langle Y,f(X)\rangle=\langle f(Y),X\rangle$.",
    let={**SUMS, "A": "symmetric m family", "B": "symmetric n family", "X": "matrix m n", "Y": "matrix m n"}, define=OPERATOR,
    goal=("inner(Y, f(X)) = inner(f(Y), X)",),
    steps=(
        Step("inner(Y, f(X)) = Sum(tr(Y.T*A[i]*X*B[i]), i, 1, N)", "the trace is linear"),
        Step("= Sum(tr((A[i]*Y*B[i]).T*X), i, 1, N)", "the trace is cyclic; $A_i$ and $B_i$ are symmetric"),
        Step("= inner(f(Y), X)", "the trace is linear")))

lem2 = Derivation(
    "lem2", "A lower bound for the largest eigenvalue of a sum of products", source=PAPER + ", Lemma 2; positive semidefinite is not needed",
    statement=r"Let $f(X)=\sum_iA_iXB_i$ with symmetric $A_i$, $B_i$, a symmetric operator by lem2.symmetric, so that its largest eigenvalue $\Lambda$ "
              r"satisfies $\langle X,f(X)\rangle\le\Lambda\lVert X\rVert^2$ for all $X$, in particular for $X=uv^{\top}$.",
    uses=("lem2.symmetric",),
    let={**SUMS, "A": "symmetric m family", "B": "symmetric n family", "u": "vector m", "v": "vector n", "Lambda": "real"}, define=OPERATOR,
    given={"u": "0 < norm(u)", "v": "0 < norm(v)", "eigenvalue": "inner(u*v.T, f(u*v.T)) <= Lambda*norm(u*v.T)**2"},
    goal=("Sum((u.T*A[i]*u)*(v.T*B[i]*v), i, 1, N)/(norm(u)**2*norm(v)**2) <= Lambda",),
    steps=(
        Step("inner(u*v.T, f(u*v.T)) = Sum(tr(v*u.T*A[i]*u*v.T*B[i]), i, 1, N)", "insert $X=uv^{\\top}$", kind=SUBSTITUTE),
        Step("= Sum((u.T*A[i]*u)*(v.T*B[i]*v), i, 1, N)", "$u^{\\top}A_iu$ is a number; the trace is cyclic", label="value"),
        Step("norm(u*v.T)**2 = norm(u)**2*norm(v)**2", "the trace is cyclic", label="norm"),
        Step("Sum((u.T*A[i]*u)*(v.T*B[i]*v), i, 1, N)/(norm(u)**2*norm(v)**2) <= Lambda", "divide",
             Combine({"eigenvalue": "1/(norm(u)**2*norm(v)**2)"}), kind=BOUND)))

lem2_psd = Derivation(
    "lem2.psd", "The operator is positive semidefinite", source=PAPER + ", Lemma 2",
    statement=r"If moreover $A_i=a_ia_i^{\top}$ and $B_i=b_ib_i^{\top}$, and so for sums of such, hence for all positive semidefinite $A_i$, $B_i$, "
              r"then $\langle X,f(X)\rangle\ge0$.",
    let={**SUMS, "a": "vector m family", "b": "vector n family", "X": "matrix m n"}, define={"f(X)": "Sum(a[i]*a[i].T*X*b[i]*b[i].T, i, 1, N)"},
    goal=("inner(X, f(X)) >= 0",),
    steps=(
        Step("inner(X, f(X)) = Sum(tr(X.T*a[i]*a[i].T*X*b[i]*b[i].T), i, 1, N)", "the trace is linear"),
        Step("= Sum((a[i].T*X*b[i])**2, i, 1, N)", "the trace is cyclic"),
        Step(">= 0", "a sum of squares", kind=BOUND)))

# --- matrix chains -----------------------------------------------------------------------------------------------------

CHAIN = {"L": "integer >= 1", "d": "dimension family", "W": "chain d", "R": "matrix d[L] d[0]"}

thm1_loss = Derivation(
    "thm1.loss", "The data loss is a loss of the product", source=PAPER + ", proof of Theorem 1",
    statement=r"If $\frac1N\sum_ix_ix_i^{\top}=I$, the mean squared error depends on $W_{L:1}-R$ only.",
    let={**CHAIN, "N": "integer >= 1", "x": "vector d[0] family"}, define={"E": "W[L:1] - R"},
    given={"white": "Sum(x[i]*x[i].T, i, 1, N) = N*I"},
    goal=("Sum(norm(R*x[i] - W[L:1]*x[i])**2, i, 1, N)/(2*N) = norm(E)**2/2",),
    steps=(
        Step("Sum(norm(R*x[i] - W[L:1]*x[i])**2, i, 1, N)/(2*N) = Sum(tr(E*x[i]*x[i].T*E.T), i, 1, N)/(2*N)", "$\\lVert a\\rVert^2=\\operatorname{tr}aa^{\\top}$"),
        Step("= tr(E*Sum(x[i]*x[i].T, i, 1, N)*E.T)/(2*N)", "the trace is linear"),
        Step("= tr(E*(N*I)*E.T)/(2*N)", "the data are white", Same("white"), kind=SUBSTITUTE),
        Step("= norm(E)**2/2", "definition of the norm")))

LAYER = {**CHAIN, "j": "integer 1..L", "H": "matrix d[j] d[j-1]"}

thm1_gradient = Derivation(
    "thm1.gradient", "The gradient of a matrix chain", source=PAPER + ", proof of Theorem 1",
    statement=r"$\nabla_{W_j}\tfrac12\lVert W_{L:1}-R\rVert^2=W_{L:j+1}^{\top}EW_{j-1:1}^{\top}$: the derivative in any direction $H$ of layer $j$.",
    let=LAYER, define={"E": "W[L:1] - R", "loss": "norm(E)**2/2", "grad[j]": "W[L:j+1].T*E*W[j-1:1].T"}, notation={"grad": r"\nabla", "loss": r"\ell"},
    goal=("D(loss, W[j], H) = inner(grad[j], H)",),
    steps=(
        Step("W[L:1] = W[L:j+1]*W[j]*W[j-1:1]", "split the product at layer $j$"),
        Step("D(E, W[j], H) = W[L:j+1]*H*W[j-1:1]", "the other layers do not move", label="variation", kind=DIFFERENTIATE),
        Step("D(loss, W[j], H) = inner(E, D(E, W[j], H))", "derivative of a square", kind=DIFFERENTIATE),
        Step("= inner(E, W[L:j+1]*H*W[j-1:1])", "insert", Same("variation"), kind=SUBSTITUTE),
        Step("= tr(E.T*W[L:j+1]*H*W[j-1:1])", "definition of the inner product"),
        Step("= tr((W[L:j+1].T*E*W[j-1:1].T).T*H)", "the trace is cyclic"),
        Step("= inner(grad[j], H)", "definition of the inner product")))

product_rule = Derivation(
    "thm1.product-rule", "The product rule for a chain", statement=r"If every layer $W_j$ moves in a direction $H_j$, the product of $n$ layers moves as follows.",
    let={"n": "integer >= 1", "d": "dimension family", "W": "chain d", "H": "matrix d[j] d[j-1] family", "V": "matrix d[j] d[0] family"},
    given={"one": "V[1] = H[1]", "more(n)": "V[n+1] = H[n+1]*W[n:1] + W[n+1]*V[n]"},
    goal=("V[n] = Sum(W[n:j+1]*H[j]*W[j-1:1], j, 1, n)",),
    steps=(
        Step("W[n+1:1] = W[n+1]*W[n:1]", "so $V_{n+1}=H_{n+1}W_{n:1}+W_{n+1}V_n$ by the rule for two factors"),
        Step("V[n] = Sum(W[n:j+1]*H[j]*W[j-1:1], j, 1, n)", "induction on $n$", Induct("n", Same("one"), Same("more", "IH")), kind=INDUCT)))

thm1_error = Derivation(
    "thm1.error-map", "The linearised error map", source=PAPER + ", proof of Theorem 1", uses=("thm1.gradient", "thm1.product-rule"),
    statement=r"One step moves every layer by $H_j=-\delta\nabla_{W_j}$, so the error moves, to first order in $E$, by "
              r"$-\delta\sum_jW_{L:j+1}W_{L:j+1}^{\top}E\,W_{j-1:1}^{\top}W_{j-1:1}$, an operator as in lem2.",
    let={**CHAIN, "H": "matrix d[j] d[j-1] family", "delta": "positive", "j": "integer 1..L", "E": "matrix d[L] d[0]"},
    given={"step(j)": "H[j] = -delta*W[L:j+1].T*E*W[j-1:1].T"},
    goal=("D(W[L:1], W, H) = -delta*Sum(W[L:j+1]*W[L:j+1].T*E*(W[j-1:1].T*W[j-1:1]), j, 1, L)",),
    steps=(
        Step("D(W[L:1], W, H) = Sum(W[L:j+1]*H[j]*W[j-1:1], j, 1, L)", "product rule", kind=DIFFERENTIATE),
        Step("= Sum(W[L:j+1]*(-delta*W[L:j+1].T*E*W[j-1:1].T)*W[j-1:1], j, 1, L)", "the step in layer $j$", Termwise(Same("step")), kind=SUBSTITUTE),
        Step("= -delta*Sum(W[L:j+1]*W[L:j+1].T*E*(W[j-1:1].T*W[j-1:1]), j, 1, L)", "collect")))

# --- thm1 at every global minimum --------------------------------------------------------------------------------------

SPLIT = {"m": "dimension", "n": "dimension", "r": "dimension", "B": "matrix m r", "C": "matrix r n", "X": "matrix m r", "Y": "matrix r n",
         "E": "matrix m n", "P": "symmetric m", "Q": "symmetric n", "u": "vector m", "v": "vector n"}
ACROSS = {"PP": "P*P = P", "QQ": "Q*Q = Q", "PB": "P*B = B", "CQ": "C*Q = C", "PE": "P*E = 0", "EQ": "E*Q = 0", "Pu": "P*u = u", "Qv": "Q*v = v"}
SECOND = "norm((X - P*X)*C + B*(Y - Y*Q))**2 + 2*inner(E, (X - P*X)*(Y - Y*Q))"

thm1_bottleneck = Derivation(
    "thm1.bottleneck", "The Hessian at a global minimum with a rank bottleneck", source=PAPER + ", Theorem 1, at every global minimum",
    statement=r"Let the narrowest layer split the network into $\widehat R=BC$, and let $P$ and $Q$ be the orthogonal projections onto the column space of $B$ and the "
              r"row space of $C$. At a global minimum with $E=BC-R\ne0$ the error lives outside: $PE=0=EQ$ (Eckart--Young). Let $X$ and $Y$ be "
              r"first-order changes of $B$ and $C$. As $(B,C)$ minimises $\tfrac12\lVert BC-R\rVert^2$ as well, its second variation in the "
              r"direction $(X-PX,\,Y-YQ)$ is not negative. Then the second variation in the direction $(X,Y)$ is at least the square of the change of "
              r"$\widehat R$ seen by $u$ and $v$.",
    let=SPLIT, given={**ACROSS, "uu": "u.T*u = 1", "vv": "v.T*v = 1", "minimum": f"0 <= {SECOND}"},
    goal=("(u.T*(X*C + B*Y)*v)**2 <= norm(X*C + B*Y)**2 + 2*inner(E, X*Y)",),
    steps=(
        Step(f"norm(X*C + B*Y)**2 + 2*inner(E, X*Y) = norm(P*X*C + B*Y*Q)**2 + ({SECOND})", "split $X=PX+(X-PX)$ and $Y=YQ+(Y-YQ)$; mixed terms vanish",
             Same("PP", "QQ", "PB", "CQ", "PE", "EQ"), label="split"),
        Step("u.T*(X*C + B*Y)*v = inner(u*v.T, P*X*C + B*Y*Q)", "$Pu=u$ and $Qv=v$", Same("Pu", "Qv", "CQ", "PB"), label="seen"),
        Step("0 <= norm(P*X*C + B*Y*Q - inner(u*v.T, P*X*C + B*Y*Q)*u*v.T)**2", "a squared length", label="square", kind=BOUND),
        Step("= norm(P*X*C + B*Y*Q)**2 - inner(u*v.T, P*X*C + B*Y*Q)**2", "expand; $u$ and $v$ are unit vectors", Same("uu", "vv"), label="bessel"),
        Step("(u.T*(X*C + B*Y)*v)**2 <= norm(X*C + B*Y)**2 + 2*inner(E, X*Y)", "put together; the minimum is one",
             Combine({"bessel": 1, "minimum": 1, "split": -1, "seen": "(u.T*(X*C + B*Y)*v + inner(u*v.T, P*X*C + B*Y*Q))"}), kind=BOUND)))
