"""Derivations with symbolic dimensions and a symbolic number of layers: lem1, lem2, thm1, inv, thm2, thm3 and thm4."""

from symgd.derivations import Apply, Citation, Combine, Derivation, Induct, Powers, Same, Step, StepKind, Termwise

REWRITE, SUBSTITUTE, DIFFERENTIATE = StepKind.REWRITE, StepKind.SUBSTITUTE, StepKind.DIFFERENTIATE
FACTOR, BOUND, INDUCT, CITE, CASE = StepKind.FACTOR, StepKind.BOUND, StepKind.INDUCT, StepKind.CITE, StepKind.CASE
PAPER = "Nar and Sastry, Step Size Matters in Deep Learning, NeurIPS 2018"

# --- lem1 and lem2 -----------------------------------------------------------------------------------------------------

lem1 = Derivation(
    "lem1.proof", "The trace of a product of positive semidefinite matrices", source=PAPER + ", Lemma 1",
    statement=r"$\operatorname{tr}(AB)\ge0$ for symmetric positive semidefinite $A$ and $B$, by the spectral decomposition of $B$.",
    let={"n": "dimension", "A": "psd n", "B": "symmetric n", "b": "vector n family", "beta": "nonnegative family"},
    given={"spectral": "B = Sum(beta[i]*b[i]*b[i].T, i, 1, n)"}, goal=("tr(A*B) >= 0",),
    steps=(
        Step("a symmetric matrix $B$ is $\\sum_i\\beta_ib_ib_i^{\\top}$, with $\\beta_i\\ge0$ if it is positive semidefinite",
            "spectral theorem",
             Citation("the spectral theorem", "Horn and Johnson, Matrix Analysis, 2013, Theorem 2.5.6"), kind=CITE),
        Step("tr(A*B) = tr(A*Sum(beta[i]*b[i]*b[i].T, i, 1, n))", "spectral decomposition of $B$", Same("spectral"), kind=SUBSTITUTE),
        Step("= Sum(beta[i]*tr(A*b[i]*b[i].T), i, 1, n)", "the trace is linear"),
        Step("= Sum(beta[i]*(b[i].T*A*b[i]), i, 1, n)", "the trace is cyclic"),
        Step(">= 0", "$A$ is positive semidefinite and $\\beta_i\\ge0$", kind=BOUND)))

cauchy_schwarz = Derivation(
    "cauchy-schwarz.proof", "Cauchy and Schwarz for matrices", statement=r"For $\langle X,Y\rangle=\operatorname{tr}(X^{\top}Y)$ and "
    r"$U\ne0$.",
    let={"m": "dimension", "n": "dimension", "U": "matrix m n", "X": "matrix m n"}, given={"nonzero": "0 < norm(U)"},
    goal=("inner(U,X)**2 <= norm(U)**2*norm(X)**2",),
    steps=(
        Step("0 <= norm(norm(U)**2*X - inner(U,X)*U)**2", "a squared length", label="square", kind=BOUND),
        Step("= norm(U)**2*(norm(U)**2*norm(X)**2 - inner(U,X)**2)", "expand", label="expand"),
        Step("inner(U,X)**2 <= norm(U)**2*norm(X)**2", "divide by $\\lVert U\\rVert^2$", Combine({"expand": "1/norm(U)**2"}), kind=BOUND)))

SUMS = {"m": "dimension", "n": "dimension", "N": "integer >= 1"}
OPERATOR = {"f(X)": "Sum(A[i]*X*B[i], i, 1, N)"}

lem2_symmetric = Derivation(
    "lem2.symmetric.proof", "The operator is symmetric", source=PAPER + ", Lemma 2",
    statement=r"$f(X)=\sum_iA_iXB_i$ with symmetric $A_i$, $B_i$ satisfies $\langle Y,f(X)\rangle=\langle f(Y),X\rangle$.",
    let={**SUMS, "A": "symmetric m family", "B": "symmetric n family", "X": "matrix m n", "Y": "matrix m n"}, define=OPERATOR,
    goal=("inner(Y, f(X)) = inner(f(Y), X)",),
    steps=(
        Step("inner(Y, f(X)) = Sum(tr(Y.T*A[i]*X*B[i]), i, 1, N)", "the trace is linear"),
        Step("= Sum(tr((A[i]*Y*B[i]).T*X), i, 1, N)", "the trace is cyclic; $A_i$ and $B_i$ are symmetric"),
        Step("= inner(f(Y), X)", "the trace is linear")))

lem2 = Derivation(
    "lem2.proof", "A lower bound for the largest eigenvalue of a sum of products",
    source=PAPER + ", Lemma 2; positive semidefinite is not needed",
    statement=r"Let $f(X)=\sum_iA_iXB_i$ with symmetric $A_i$, $B_i$, a symmetric operator by lem2.symmetric, so that its largest "
        r"eigenvalue $\Lambda$ "
              r"satisfies $\langle X,f(X)\rangle\le\Lambda\lVert X\rVert^2$ for all $X$, in particular for $X=uv^{\top}$.",
    uses=("lem2.symmetric.proof",),
    let={**SUMS, "A": "symmetric m family", "B": "symmetric n family", "u": "vector m", "v": "vector n", "Lambda": "real"}, define=OPERATOR,
    given={"u": "0 < norm(u)", "v": "0 < norm(v)", "eigenvalue": "inner(u*v.T, f(u*v.T)) <= Lambda*norm(u*v.T)**2"},
    goal=("Sum((u.T*A[i]*u)*(v.T*B[i]*v), i, 1, N)/(norm(u)**2*norm(v)**2) <= Lambda",),
    steps=(
        Step("a symmetric operator has an orthonormal basis of eigenvectors, so that $\\langle X,f(X)\\rangle\\le\\Lambda\\lVert "
             "X\\rVert^2$",
             "spectral theorem", Citation("the spectral theorem", "Horn and Johnson, Matrix Analysis, 2013, Theorem 2.5.6"), kind=CITE),
        Step("inner(u*v.T, f(u*v.T)) = Sum(tr(v*u.T*A[i]*u*v.T*B[i]), i, 1, N)", "insert $X=uv^{\\top}$", kind=SUBSTITUTE),
        Step("= Sum((u.T*A[i]*u)*(v.T*B[i]*v), i, 1, N)", "$u^{\\top}A_iu$ is a number; the trace is cyclic", label="value"),
        Step("norm(u*v.T)**2 = norm(u)**2*norm(v)**2", "the trace is cyclic", label="norm"),
        Step("Sum((u.T*A[i]*u)*(v.T*B[i]*v), i, 1, N)/(norm(u)**2*norm(v)**2) <= Lambda", "divide",
             Combine({"eigenvalue": "1/(norm(u)**2*norm(v)**2)"}), kind=BOUND)))

lem2_psd = Derivation(
    "lem2.psd.proof", "The operator is positive semidefinite", source=PAPER + ", Lemma 2",
    statement=r"Positive semidefinite $A_i$ and $B_i$ are sums of matrices $aa^{\top}$ and $bb^{\top}$. Multiplied out, $f$ is a "
              r"sum of terms "
              r"$X\mapsto a_ia_i^{\top}Xb_ib_i^{\top}$, one for each pair, numbered here from 1 to $N$. Then $\langle X,f(X)\rangle\ge0$.",
    let={**SUMS, "a": "vector m family", "b": "vector n family", "X": "matrix m n"},
        define={"f(X)": "Sum(a[i]*a[i].T*X*b[i]*b[i].T, i, 1, N)"},
    goal=("inner(X, f(X)) >= 0",),
    steps=(
        Step("a positive semidefinite matrix is $\\sum_ia_ia_i^{\\top}$", "spectral theorem",
             Citation("the spectral theorem", "Horn and Johnson, Matrix Analysis, 2013, Theorem 2.5.6"), kind=CITE),
        Step("inner(X, f(X)) = Sum(tr(X.T*a[i]*a[i].T*X*b[i]*b[i].T), i, 1, N)", "the trace is linear"),
        Step("= Sum((a[i].T*X*b[i])**2, i, 1, N)", "the trace is cyclic"),
        Step(">= 0", "a sum of squares", kind=BOUND)))

# --- matrix chains -----------------------------------------------------------------------------------------------------

CHAIN = {"L": "integer >= 1", "d": "dimension family", "W": "chain d", "R": "matrix d[L] d[0]"}

thm1_loss = Derivation(
    "thm1.loss.proof", "The data loss is a loss of the product", source=PAPER + ", proof of Theorem 1",
    statement=r"If $\frac1N\sum_ix_ix_i^{\top}=I$, the mean squared error depends on $W_{L:1}-R$ only.",
    let={**CHAIN, "N": "integer >= 1", "x": "vector d[0] family"}, define={"E": "W[L:1] - R"},
    given={"white": "Sum(x[i]*x[i].T, i, 1, N) = N*I"},
    goal=("Sum(norm(R*x[i] - W[L:1]*x[i])**2, i, 1, N)/(2*N) = norm(E)**2/2",),
    steps=(
        Step("Sum(norm(R*x[i] - W[L:1]*x[i])**2, i, 1, N)/(2*N) = Sum(tr(E*x[i]*x[i].T*E.T), i, 1, N)/(2*N)",
            "$\\lVert a\\rVert^2=\\operatorname{tr}aa^{\\top}$"),
        Step("= tr(E*Sum(x[i]*x[i].T, i, 1, N)*E.T)/(2*N)", "the trace is linear"),
        Step("= tr(E*(N*I)*E.T)/(2*N)", "the data are white", Same("white"), kind=SUBSTITUTE),
        Step("= norm(E)**2/2", "definition of the norm")))

LAYER = {**CHAIN, "j": "integer 1..L", "H": "matrix d[j] d[j-1]"}

thm1_gradient = Derivation(
    "thm1.gradient.proof", "The gradient of a matrix chain", source=PAPER + ", proof of Theorem 1",
    statement=r"$\nabla_{W_j}\tfrac12\lVert W_{L:1}-R\rVert^2=W_{L:j+1}^{\top}EW_{j-1:1}^{\top}$: the derivative in any direction $H$ of "
        r"layer $j$.",
    let=LAYER, define={"E": "W[L:1] - R", "loss": "norm(E)**2/2", "grad[j]": "W[L:j+1].T*E*W[j-1:1].T"}, notation={"grad": r"\nabla",
        "loss": r"\ell"},
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
    "thm1.product-rule.proof", "The product rule for a chain", statement=r"If every layer $W_j$ moves in a direction $H_j$, the product "
    r"of $n$ "
    r"layers moves as follows.",
    let={"n": "integer >= 1", "d": "dimension family", "W": "chain d", "H": "matrix d[j] d[j-1] family", "V": "matrix d[j] d[0] family"},
    given={"one": "V[1] = H[1]", "more(n)": "V[n+1] = H[n+1]*W[n:1] + W[n+1]*V[n]"},
    goal=("V[n] = Sum(W[n:j+1]*H[j]*W[j-1:1], j, 1, n)",),
    steps=(
        Step("W[n+1:1] = W[n+1]*W[n:1]", "so $V_{n+1}=H_{n+1}W_{n:1}+W_{n+1}V_n$ by the rule for two factors"),
        Step("V[n] = Sum(W[n:j+1]*H[j]*W[j-1:1], j, 1, n)", "induction on $n$", Induct("n", Same("one"), Same("more", "IH")), kind=INDUCT)))

thm1_error = Derivation(
    "thm1.error-map.proof", "The linearised error map", source=PAPER + ", proof of Theorem 1", uses=("thm1.gradient.proof",
    "thm1.product-rule.proof"),
    statement=r"One step moves every layer by $H_j=-\delta\nabla_{W_j}$, so the error moves, to first order in $E$, by "
              r"$-\delta\sum_jW_{L:j+1}W_{L:j+1}^{\top}E\,W_{j-1:1}^{\top}W_{j-1:1}$, an operator as in lem2.",
    let={**CHAIN, "H": "matrix d[j] d[j-1] family", "delta": "positive", "j": "integer 1..L", "E": "matrix d[L] d[0]"},
    given={"step(j)": "H[j] = -delta*W[L:j+1].T*E*W[j-1:1].T"},
    goal=("D(W[L:1], W, H) = -delta*Sum(W[L:j+1]*W[L:j+1].T*E*(W[j-1:1].T*W[j-1:1]), j, 1, L)",),
    steps=(
        Step("D(W[L:1], W, H) = Sum(W[L:j+1]*H[j]*W[j-1:1], j, 1, L)", "product rule", kind=DIFFERENTIATE),
        Step("= Sum(W[L:j+1]*(-delta*W[L:j+1].T*E*W[j-1:1].T)*W[j-1:1], j, 1, L)", "the step in layer $j$", Termwise(Same("step")),
            kind=SUBSTITUTE),
        Step("= -delta*Sum(W[L:j+1]*W[L:j+1].T*E*(W[j-1:1].T*W[j-1:1]), j, 1, L)", "collect")))

# --- thm1 at every global minimum --------------------------------------------------------------------------------------

SPLIT = {"m": "dimension", "n": "dimension", "r": "dimension", "B": "matrix m r", "C": "matrix r n", "X": "matrix m r", "Y": "matrix r n",
         "E": "matrix m n", "P": "symmetric m", "Q": "symmetric n", "u": "vector m", "v": "vector n"}
ACROSS = {"PP": "P*P = P", "QQ": "Q*Q = Q", "PB": "P*B = B", "CQ": "C*Q = C", "PE": "P*E = 0", "EQ": "E*Q = 0", "Pu": "P*u = u",
    "Qv": "Q*v = v"}
SECOND = "norm((X - P*X)*C + B*(Y - Y*Q))**2 + 2*inner(E, (X - P*X)*(Y - Y*Q))"

thm1_bottleneck = Derivation(
    "thm1.bottleneck.proof", "The Hessian at a global minimum with a rank bottleneck",
    source=PAPER + ", Theorem 1, at every global minimum",
    statement=r"Let the narrowest layer split the network into $\widehat R=BC$, and let $P$ and $Q$ be the orthogonal projections onto "
        r"the column space of $B$ and the "
              r"row space of $C$, which contain $u$ and $v$ as $\rho(\widehat R)>0$. At a global minimum with $E=BC-R\ne0$ the "
              r"error lives outside: $PE=0=EQ$ (Eckart--Young). Let $X$ and "
              r"$Y$ be "
              r"first-order changes of $B$ and $C$. As $(B,C)$ minimises $\tfrac12\lVert BC-R\rVert^2$ as well, its second variation "
              r"in the "
              r"direction $(X-PX,\,Y-YQ)$ is not negative. Then the second variation in the direction $(X,Y)$ is at least the square of "
              r"the change of "
              r"$\widehat R$ seen by $u$ and $v$.",
    let=SPLIT, given={**ACROSS, "uu": "u.T*u = 1", "vv": "v.T*v = 1", "minimum": f"0 <= {SECOND}"},
    goal=("(u.T*(X*C + B*Y)*v)**2 <= norm(X*C + B*Y)**2 + 2*inner(E, X*Y)",),
    steps=(
        Step("a product $BC\\ne R$ of rank at most $r$ that is closest to $R$ has rank $r$, and $BC-R$ is orthogonal to its column and "
            "row space",
             "best approximation of rank $r$", Citation("the Eckart-Young theorem",
             "Horn and Johnson, Matrix Analysis, 2013, section 7.4.2"),
             kind=CITE),
        Step(f"norm(X*C + B*Y)**2 + 2*inner(E, X*Y) = norm(P*X*C + B*Y*Q)**2 + ({SECOND})",
            "split $X=PX+(X-PX)$ and $Y=YQ+(Y-YQ)$; mixed terms vanish",
             Same("PP", "QQ", "PB", "CQ", "PE", "EQ"), label="split"),
        Step("u.T*(X*C + B*Y)*v = inner(u*v.T, P*X*C + B*Y*Q)", "$Pu=u$ and $Qv=v$", Same("Pu", "Qv", "CQ", "PB"), label="seen"),
        Step("0 <= norm(P*X*C + B*Y*Q - inner(u*v.T, P*X*C + B*Y*Q)*u*v.T)**2", "a squared length", label="square", kind=BOUND),
        Step("= norm(P*X*C + B*Y*Q)**2 - inner(u*v.T, P*X*C + B*Y*Q)**2", "expand; $u$ and $v$ are unit vectors", Same("uu", "vv"),
            label="bessel"),
        Step("(u.T*(X*C + B*Y)*v)**2 <= norm(X*C + B*Y)**2 + 2*inner(E, X*Y)", "put together; the minimum is one",
             Combine({"bessel": 1, "minimum": 1, "split": -1, "seen": "(u.T*(X*C + B*Y)*v + inner(u*v.T, P*X*C + B*Y*Q))"}), kind=BOUND)))

thm1_variation = Derivation(
    "thm1.variation.proof", "The second variation at a global minimum", source=PAPER + ", Theorem 1, at every global minimum",
    statement=r"Along a curve of layers with $B+\varepsilon X+\varepsilon^2X_2+\dots$ and $C+\varepsilon Y+\varepsilon^2Y_2+\dots$ the "
        r"loss has the second derivative "
              r"$\lVert V\rVert^2+2\langle E,Z\rangle$ at $\varepsilon=0$, and the second-order changes $X_2$, $Y_2$ do not matter where "
              r"$PE=0=EQ$.",
    let={**SPLIT, "X_2": "matrix m r", "Y_2": "matrix r n", "epsilon": "real"}, define={"V": "X*C + B*Y", "Z": "X_2*C + X*Y + B*Y_2"},
    notation={"epsilon": r"\varepsilon"}, given={k: ACROSS[k] for k in ("PB", "CQ", "PE", "EQ")},
    goal=("norm(V)**2 + 2*inner(E, Z) = norm(V)**2 + 2*inner(E, X*Y)",),
    steps=(
        Step("(B + epsilon*X + epsilon**2*X_2)*(C + epsilon*Y + epsilon**2*Y_2) - B*C - epsilon*V - epsilon**2*Z "
             "= epsilon**3*(X_2*Y + X*Y_2) + epsilon**4*X_2*Y_2", "the product up to second order"),
        Step("norm(E + epsilon*V + epsilon**2*Z)**2/2 = norm(E)**2/2 + epsilon*inner(E, V) + epsilon**2*(norm(V)**2 + 2*inner(E, Z))/2 "
             "+ epsilon**3*inner(V, Z) + epsilon**4*norm(Z)**2/2", "expand; the second derivative at 0 is the bracket"),
        Step("inner(E, X_2*C) = inner(E*Q, X_2*C)", "$C=CQ$", Same("CQ")),
        Step("= 0", "$EQ=0$", Same("EQ"), label="X"),
        Step("inner(E, B*Y_2) = inner(P*E, B*Y_2)", "$B=PB$", Same("PB")),
        Step("= 0", "$PE=0$", Same("PE"), label="Y"),
        Step("norm(V)**2 + 2*inner(E, Z) = norm(V)**2 + 2*inner(E, X*Y)", "drop the two", Combine({"X": 2, "Y": 2}))))

thm1_seen = Derivation(
    "thm1.seen.proof", "What two unit vectors see of a change", source=PAPER + ", proof of Theorem 1",
    statement=r"Where the residual is zero, the second variation is $\lVert V\rVert^2$ with $V$ the first-order change of $\widehat "
              r"R$. For unit "
              r"vectors $u$ and $v$ it is at least $(u^{\top}Vv)^2$.",
    let={"m": "dimension", "n": "dimension", "V": "matrix m n", "u": "vector m", "v": "vector n"},
    given={"uu": "u.T*u = 1", "vv": "v.T*v = 1"}, goal=("(u.T*V*v)**2 <= norm(V)**2",),
    steps=(
        Step("0 <= norm(V - (u.T*V*v)*u*v.T)**2", "a squared length", label="square", kind=BOUND),
        Step("= norm(V)**2 - (u.T*V*v)**2", "expand; $u$ and $v$ are unit vectors", Same("uu", "vv"), label="expand"),
        Step("(u.T*V*v)**2 <= norm(V)**2", "read off", Combine({"expand": 1}), kind=BOUND)))

thm1_critical = Derivation(
    "thm1.critical.proof", "At a critical point the residual is orthogonal to the product", source=PAPER + ", Theorem 1",
    uses=("thm1.gradient.proof",),
    statement=r"Let $A$ be the product of the layers above the first, $B$ of those below the last, so that $\widehat R=W_LB=AW_1$. By "
              r"thm1.gradient the last and the first layer are stationary where $EB^{\top}=0$ and $A^{\top}E=0$. So "
              r"$E\widehat R^{\top}=0$ and $\widehat R^{\top}E=0$, and with $v=\widehat R^{\top}u/\rho$ also $Ev=0$.",
    let={"m": "dimension", "n": "dimension", "k": "dimension", "l": "dimension", "E": "matrix m n", "A": "matrix m k", "F": "matrix k n",
         "B": "matrix l n", "G": "matrix m l", "R": "matrix m n", "u": "vector m", "rho": "positive"}, notation={"F": "W_1", "G": "W_L"},
    given={"last": "E*B.T = 0", "first": "A.T*E = 0", "below": "R = G*B", "above": "R = A*F"},
    goal=("E*R.T = 0", "R.T*E = 0", "E*R.T*u/rho = 0*u"),
    steps=(
        Step("E*R.T = E*B.T*G.T", "$\\widehat R=W_LB$", Same("below"), kind=SUBSTITUTE),
        Step("= 0", "the last layer is stationary", Same("last"), label="right", kind=SUBSTITUTE),
        Step("R.T*E = F.T*A.T*E", "$\\widehat R=AW_1$", Same("above"), kind=SUBSTITUTE),
        Step("= 0", "the first layer is stationary", Same("first"), kind=SUBSTITUTE),
        Step("E*R.T*u/rho = 0*u", "so $Ev=0$", Same("right"), kind=SUBSTITUTE)))

thm1_cut = Derivation(
    "thm1.cut.proof", "Every cut of the chain carries the norm of the product", source=PAPER + ", proof of Corollary 1",
    statement=r"With $\rho=u^{\top}\widehat Rv>0$, $p_j=\lVert W_{j:1}v\rVert$ and $q_{j+1}=\lVert u^{\top}W_{L:j+1}\rVert$, "
              r"Cauchy--Schwarz gives "
              r"$\rho\le p_jq_{j+1}$ for every $j$. In particular none of these numbers is 0, and neither is $\sum_jp_{j-1}^2q_{j+1}^2$.",
    let={**CHAIN, "j": "integer 1..L", "u": "vector d[L]", "v": "vector d[0]", "rho": "positive"},
    define={"a": "W[L:j+1].T*u", "b": "W[j:1]*v"}, given={"top": "u.T*W[L:1]*v = rho"}, goal=("rho <= norm(W[j:1]*v)*norm(u.T*W[L:j+1])",),
    steps=(
        Step("inner(a, b) = u.T*W[L:j+1]*W[j:1]*v", "definition of the inner product"),
        Step("= rho", "the two parts of the chain multiply to $\\widehat R$", Same("top"), label="inner"),
        Step("0 <= norm(a*b.T - b*a.T)**2", "a squared length", label="square", kind=BOUND),
        Step("= 2*(norm(a)**2*norm(b)**2 - inner(a, b)**2)", "expand", label="expand"),
        Step("rho**2 <= (norm(W[j:1]*v)*norm(u.T*W[L:j+1]))**2", "insert the inner product",
             Combine({"expand": "1/2", "inner": "-(inner(a, b) + rho)"}), label="squares", kind=BOUND),
        Step("rho <= norm(W[j:1]*v)*norm(u.T*W[L:j+1])", "square roots", Powers("squares", "1/2"), kind=BOUND)))

thm1_regular = Derivation(
    "thm1.regular.proof", "The gradient map is not singular everywhere", source=PAPER + ", proof of Theorem 1",
    statement=r"The determinant of $I-\delta\nabla^2\ell$ is a polynomial in the weights. It is $(1-\delta)^n$ for one layer, where "
              r"$\delta>2$ "
              r"is of interest, and 1 at $W=0$ for three layers or more. For two layers look at the imaginary point $W_1=\mathrm "
              r"iSV^{\top}$, "
              r"$W_2=-\mathrm iUS$, where $US^2V^{\top}$ is the best approximation of $R$ of rank at most the width and $F$ the rest, "
              r"so that $E=-F$ there, and write $\sigma$ for the smallest eigenvalue of $S^2$ (where $F=0$ there is nothing to show): "
              r"there the quadratic form of $I-\delta\nabla^2\ell$ is, in the direction $(Y,X)$, the form $\Phi$ below, so that it "
              r"is positive "
              r"definite and the determinant is not 0. Here $X_0$ and $Y_0$ are the parts of $X$ and $Y$ that $U$ and $V$ do not "
              r"see; the singular "
              r"values of $F$ are at most $\sigma$.",
    let={"m": "dimension", "n": "dimension", "r": "dimension", "U": "matrix m r", "V": "matrix n r", "S": "symmetric r", "F": "matrix m n",
         "X": "matrix m r", "Y": "matrix r n", "sigma": "positive", "delta": "positive"},
    define={"X_0": "X - U*U.T*X", "Y_0": "Y - Y*V*V.T", "form": "norm(X)**2 + norm(Y)**2 + delta*(norm(X*S*V.T - U*S*Y)**2 + "
                                                                "2*inner(F, X*Y))"},
    notation={"form": r"\Phi"},
    given={"UU": "U.T*U = I", "VV": "V.T*V = I", "UF": "U.T*F = 0", "FV": "F*V = 0", "left": "sigma*norm(X_0)**2 <= norm(X_0*S)**2",
           "right": "sigma*norm(Y_0)**2 <= norm(S*Y_0)**2", "rest": "-sigma*(norm(X_0)**2 + norm(Y_0)**2) <= 2*inner(F, X_0*Y_0)"},
    goal=("norm(X)**2 + norm(Y)**2 <= form",),
    steps=(
        Step("norm(X*S*V.T - U*S*Y)**2 = norm(U.T*X*S - S*Y*V)**2 + norm(X_0*S)**2 + norm(S*Y_0)**2",
             "the three parts are orthogonal", Same("UU", "VV"), label="parts"),
        Step("inner(F, X*Y) = inner(F, X_0*Y_0)", "$U^{\\top}F=0$ and $FV=0$", Same("UF", "FV"), label="unseen"),
        Step("norm(X)**2 + norm(Y)**2 <= form", "put together",
             Combine({"parts": "-delta", "unseen": "-2*delta", "left": "delta", "right": "delta", "rest": "delta"},
                     rest="delta*norm(U.T*X*S - S*Y*V)**2"), kind=BOUND)))

TEST = {"p[j]": "norm(W[j:1]*v)", "q[j]": "norm(u.T*W[L:j])"}

thm1 = Derivation(
    "thm1.proof", "The step size bounds the solutions that gradient descent can reach",
    source=PAPER + ", Theorem 1, at every global minimum",
    statement=r"Let $W$ be a global minimum, $u$ and $v$ the left and right singular vectors of $\widehat R=W_{L:1}$ at $\rho(\widehat "
        r"R)$, and $\Lambda$ the largest "
              r"eigenvalue of the Hessian: the second variation in a direction $H$ is at most $\Lambda\sum_j\lVert H_j\rVert^2$, and at "
              r"least $(u^{\top}Vv)^2$ with "
              r"$V$ the first-order change of $\widehat R$ (thm1.bottleneck and thm1.variation; where $E=0$ it equals $\lVert "
              r"V\rVert^2$, thm1.seen). "
              r"As $R\ne0$, also $\widehat R\ne0$, and so $S>0$ (thm1.cut). Gradient descent "
              r"can converge to $W$ from "
              r"more than a null set of starts only if $\delta\Lambda\le2$ (thm1.almost-surely). Test direction: "
              r"$H_j=W_{L:j+1}^{\top}uv^{\top}W_{j-1:1}^{\top}$.",
    uses=("thm1.loss.proof", "thm1.gradient.proof", "thm1.product-rule.proof", "thm1.bottleneck.proof", "thm1.variation.proof",
          "thm1.seen.proof", "thm1.cut.proof", "thm1.almost-surely.proof"),
    let={"L": "integer >= 1", "d": "dimension family", "W": "chain d", "j": "integer 1..L", "H": "matrix d[j] d[j-1] family",
        "u": "vector d[L]", "v": "vector d[0]",
         "Lambda": "real", "Q": "real", "delta": "positive"},
    define={**TEST, "V": "D(W[L:1], W, H)", "S": "Sum(p[j-1]**2*q[j+1]**2, j, 1, L)"},
    given={"test(j)": "H[j] = W[L:j+1].T*u*v.T*W[j-1:1].T", "below": "(u.T*V*v)**2 <= Q",
        "above": "Q <= Lambda*Sum(norm(H[j])**2, j, 1, L)",
           "stable": "delta*Lambda <= 2", "nonzero": "0 < S"},
    goal=("S <= Lambda", "delta <= 2/S"),
    steps=(
        Step("Sum(norm(H[j])**2, j, 1, L) = Sum(norm(W[L:j+1].T*u*v.T*W[j-1:1].T)**2, j, 1, L)", "the test direction",
            Termwise(Same("test")), kind=SUBSTITUTE),
        Step("= Sum(norm(u.T*W[L:j+1])**2*norm(W[j-1:1]*v)**2, j, 1, L)", "a product of rank one"),
        Step("= S", "definition of $p_j$ and $q_j$", label="length"),
        Step("u.T*V*v = u.T*Sum(W[L:j+1]*H[j]*W[j-1:1], j, 1, L)*v", "product rule", kind=DIFFERENTIATE, label="rule"),
        Step("Sum(W[L:j+1]*H[j]*W[j-1:1], j, 1, L) = Sum(W[L:j+1]*(W[L:j+1].T*u*v.T*W[j-1:1].T)*W[j-1:1], j, 1, L)", "the test direction",
             Termwise(Same("test")), label="direction", kind=SUBSTITUTE),
        Step("u.T*V*v = Sum((u.T*W[L:j+1]*W[L:j+1].T*u)*(v.T*W[j-1:1].T*W[j-1:1]*v), j, 1, L)", "insert", Same("rule", "direction")),
        Step("= S", "squares of lengths", label="seen"),
        Step("S**2 <= Lambda*S", "the two bounds on the second variation",
            Combine({"below": 1, "above": 1, "length": "Lambda", "seen": "-(u.T*V*v + S)"}),
             label="both", kind=BOUND),
        Step("S <= Lambda", "divide by $S>0$", Combine({"both": "1/S"}, signs=("nonzero",)), label="sharp", kind=BOUND),
        Step("delta <= 2/S", "$\\delta S\\le\\delta\\Lambda\\le2$", Combine({"sharp": "delta/S", "stable": "1/S"}, signs=("nonzero",)),
            kind=BOUND)))

thm1_descent = Derivation(
    "thm1.almost-surely.proof", "Almost no start converges to an unstable minimum", source=PAPER + ", proof of Theorem 1",
    uses=("thm1.regular.proof",),
    statement=r"If $\delta\Lambda>2$ at a critical point, the Jacobian $I-\delta\nabla^2\ell$ has an eigenvalue below $-1$, and the "
        r"starts from which gradient descent "
              r"converges to such points form a null set.",
    let={"n": "dimension", "h": "vector n", "K": "symmetric n", "Lambda": "positive", "delta": "positive"},
    given={"eigenvector": "K*h = Lambda*h", "large": "delta*Lambda > 2"}, goal=("(I - delta*K)*h = (1 - delta*Lambda)*h",
        "1 - delta*Lambda < -1"),
    steps=(
        Step("(I - delta*K)*h = (1 - delta*Lambda)*h", "an eigenvector of the Hessian $K$", Same("eigenvector")),
        Step("1 - delta*Lambda < -1", "the step size is too large", Combine({"large": 1}), kind=BOUND),
        Step("near such a point the orbits that stay near it for ever lie in an embedded disc of smaller dimension",
            "centre-stable manifold theorem",
             Citation("centre-stable manifold theorem", "Shub, Global Stability of Dynamical Systems, 1987, Theorem III.7; where "
                                                        "the Jacobian is "
                      "singular, de la Llave and Wayne, On Irwin's Proof of the Pseudostable Manifold Theorem, Math. Z. 219, "
                      "1995"), kind=CITE),
        Step("countably many of these neighbourhoods cover all such points", "Lindelöf",
             Citation("Lindelöf's lemma", "Kelley, General Topology, 1955, Theorem 1.15"), kind=CITE),
        Step("preimages of null sets under the gradient map are null, for the determinant of its Jacobian is a polynomial that does not "
            "vanish identically: thm1.regular",
             "a polynomial map that is a local diffeomorphism off a null set",
             Citation("preimages of null sets under local diffeomorphisms",
                 "Lee, Simchowitz, Jordan and Recht, Gradient Descent Converges to Minimizers, 2016"),
             kind=CITE)))

inv = Derivation(
    "inv.proof", "Rescaling the layers", source=PAPER + ", section 2",
    statement=r"If layer $j$ is multiplied by $\alpha_j$ and $\prod_j\alpha_j=1$, the product of the layers does not change; two layers "
        r"suffice to make the "
              r"sum in thm1 as large as one likes.",
    let={"L": "integer >= 1", "alpha": "nonzero family", "d": "dimension family", "W": "chain d", "V": "matrix d[j] d[0] family",
        "n": "integer >= 1"},
    given={"one": "V[1] = alpha[1]*W[1]", "more(n)": "V[n+1] = alpha[n+1]*W[n+1]*V[n]", "unit": "Prod(alpha[i], i, 1, L) = 1"},
    goal=("V[n] = Prod(alpha[i], i, 1, n)*W[n:1]", "V[L] = W[L:1]"),
    steps=(
        Step("V[n] = Prod(alpha[i], i, 1, n)*W[n:1]", "induction on the number of layers", Induct("n", Same("one"), Same("more", "IH")),
             label="scaled", kind=INDUCT),
        Step("V[L] = Prod(alpha[i], i, 1, L)*W[L:1]", "all layers", Same("scaled[n = L]")),
        Step("= W[L:1]", "the factors multiply to 1", Same("unit"))))

# --- thm2 and thm3: simultaneous diagonalisation --------------------------------------------------------------------------

EIGEN = {"m": "dimension", "L": "integer >= 1", "j": "integer 1..L", "n": "integer >= 0", "M": "symmetric m", "R": "symmetric m",
    "v": "vector m", "w": "real",
         "lambda": "real", "delta": "positive", "T": "matrix m m family"}

thm2_eigen = Derivation(
    "thm2.diagonal.proof", "From the identity every layer stays diagonal in the eigenbasis of the target", source=PAPER + ", Theorem 2",
    statement=r"Let all layers equal a symmetric $M$, and let $v$ be an eigenvector of $R$ and of $M$. With $T_n=M^n$ the gradient of "
        r"layer $j$ is "
              r"$G_j=M^{L-j}(M^L-R)M^{j-1}$, so that $v$ is an eigenvector of the new layer too, with the eigenvalue $w-\delta "
              r"w^{L-1}(w^L-\lambda)$, the same for "
              r"every $j$. From $M=I$ all layers therefore stay equal and diagonal in an orthonormal eigenbasis of $R$, and each "
              r"eigenvalue follows lem3 or lem4.",
    uses=("lem3.large.run.proof", "lem3.small.run.proof", "lem4.run.proof", "thm1.gradient.proof"), let=EIGEN,
        define={"G[j]": "T[L-j]*(T[L] - R)*T[j-1]"},
    given={"zero": "T[0] = I", "power(n)": "T[n+1] = M*T[n]", "R": "R*v = lambda*v", "M": "M*v = w*v"},
    goal=("T[n]*v = w**n*v", "(M - delta*G[j])*v = (w - delta*w**(L-1)*(w**L - lambda))*v"),
    steps=(
        Step("T[n]*v = w**n*v", "induction on $n$", Induct("n", Same("zero"), Same("power", "IH", "M")), label="powers", kind=INDUCT),
        Step("G[j]*v = w**(j-1)*T[L-j]*(T[L] - R)*v", "the power $M^{j-1}$ meets $v$", Same("powers[n = j-1]"), kind=SUBSTITUTE),
        Step("= w**(j-1)*(w**L - lambda)*T[L-j]*v", "then $M^L-R$", Same("powers[n = L]", "R"), kind=SUBSTITUTE),
        Step("= w**(j-1)*(w**L - lambda)*w**(L-j)*v", "then $M^{L-j}$", Same("powers[n = L-j]"), kind=SUBSTITUTE),
        Step("= w**(L-1)*(w**L - lambda)*v", "add the exponents", label="gradient"),
        Step("(M - delta*G[j])*v = M*v - delta*(G[j]*v)", "multiply out"),
        Step("= w*v - delta*w**(L-1)*(w**L - lambda)*v", "one step of gradient descent", Same("M", "gradient"), kind=SUBSTITUTE),
        Step("= (w - delta*w**(L-1)*(w**L - lambda))*v", "collect")))

thm3_closest = Derivation(
    "thm3.closest.proof", "The closest positive semidefinite matrix", source=PAPER + ", Theorem 3", uses=("thm2.diagonal.proof",
    "lem4.run.proof"),
    statement=r"Let $R=A-B$ be the positive and the negative part of a symmetric matrix. No positive semidefinite $X$ is closer to $R$ "
        r"than $A$.",
    let={"n": "dimension", "A": "psd n", "B": "symmetric n", "X": "psd n", "b": "vector n family", "beta": "nonnegative family"},
    given={"orthogonal": "A*B = 0", "spectral": "B = Sum(beta[i]*b[i]*b[i].T, i, 1, n)"},
    goal=("norm(A - B - A)**2 <= norm(A - B - X)**2",),
    steps=(
        Step("tr(X*B) >= 0", "trace of a product", Apply(lem1, {"A": "X"}, ("spectral",)), label="trace", kind=BOUND),
        Step("norm(A - B - X)**2 = norm(A - X)**2 + 2*tr(X*B) + norm(B)**2", "expand; $AB=0$", Same("orthogonal"), label="expand"),
        Step("norm(A - B - A)**2 = norm(B)**2", "the distance of $A$"),
        Step("<= norm(A - B - X)**2", "the other two terms are at least 0", Combine({"expand": -1, "trace": 2}, rest="norm(A - X)**2"),
            kind=BOUND)))

# --- thm4: two layers with ReLU ------------------------------------------------------------------------------------------

UNIT = {"K": "dimension", "n": "dimension", "phi": "vector K", "w": "vector K", "x": "vector n", "G": "symmetric K"}

thm4_residual = Derivation(
    "thm4.residual.proof", "Stationarity removes the residual term of one output", source=PAPER + ", Theorem 4, away from zero residual",
    statement=r"One hidden unit with outgoing weight $\omega\ne0$ and activations $a_i\in\{0,1\}$. Its input weights are stationary: "
              r"$\sum_ie_ia_i\omega x_i=0$. Then the residuals $e_i$ drop out of the second variation in any direction $(\eta,z)$ of "
              r"the unit.",
    let={"N": "integer >= 1", "n": "dimension", "e": "real family", "a": "real family", "omega": "nonzero", "eta": "real",
        "x": "vector n family", "z": "vector n"},
    given={"stationary": "Sum(e[i]*a[i]*omega*x[i], i, 1, N) = 0*z"}, goal=("2*Sum(e[i]*a[i]*eta*(z.T*x[i]), i, 1, N) = 0",),
    steps=(
        Step("2*Sum(e[i]*a[i]*eta*(z.T*x[i]), i, 1, N) = (2*eta/omega)*z.T*Sum(e[i]*a[i]*omega*x[i], i, 1, N)",
            "$\\eta$, $z$ and $\\omega$ do not depend on $i$"),
        Step("= 0", "the unit is stationary", Same("stationary"), kind=SUBSTITUTE)))

thm4_block = Derivation(
    "thm4.block.proof", "The curvature seen by one sample", source=PAPER + ", proof of Theorem 4",
    statement=r"One output, a sample $x$ with activation pattern $G$ (diagonal, $G^2=G$) and hidden outputs $\varphi=G\varphi$, so that "
              r"$\widehat f(x)=w^{\top}\varphi$. Test direction: $\mathrm dw=\varphi$, $\mathrm dV=Gwx^{\top}$.",
    let=UNIT, define={"dV": "G*w*x.T", "s": "norm(phi)**2 + norm(x)**2*norm(G*w)**2"}, notation={"phi": r"\varphi", "dV": r"\mathrm{d}V"},
    given={"pattern": "G*G = G", "active": "G*phi = phi", "nonzero": "0 < norm(phi)"},
    goal=("phi.T*phi + w.T*G*dV*x = s", "norm(phi)**2 + norm(dV)**2 = s", "4*norm(x)**2*inner(w, phi)**2 <= s**2"),
    steps=(
        Step("phi.T*phi + w.T*G*dV*x = norm(phi)**2 + (w.T*G*G*w)*(x.T*x)", "the change of the output"),
        Step("= s", "$w^{\\top}GGw=\\lVert Gw\\rVert^2$"),
        Step("norm(phi)**2 + norm(dV)**2 = s", "a product of rank one"),
        Step("inner(w, phi) = inner(G*w, phi)", "$\\varphi=G\\varphi$", Same("active"), label="active units"),
        Step("inner(phi, G*w)**2 <= norm(phi)**2*norm(G*w)**2", "Cauchy--Schwarz",
             Apply(cauchy_schwarz, {"m": "K", "n": "1", "U": "phi", "X": "G*w"}, ("nonzero",)), label="schwarz", kind=BOUND),
        Step("4*norm(x)**2*inner(w, phi)**2 <= s**2", "$s^2-4\\lVert x\\rVert^2\\lVert\\varphi\\rVert^2\\lVert Gw\\rVert^2$ is a square",
             Combine({"schwarz": "4*norm(x)**2", "active units": "4*norm(x)**2*(inner(w, phi) + inner(G*w, phi))"},
                     rest="(norm(phi)**2 - norm(x)**2*norm(G*w)**2)**2"), kind=BOUND)))

thm4_outputs = Derivation(
    "thm4.outputs.proof", "Several outputs at zero residual", source=PAPER + ", proof of Theorem 4",
    statement=r"With $\widehat f(x)=W\varphi$ and a unit vector $z$ along $\widehat f(x)$, the same bound holds with $w=W^{\top}z$, for "
        r"$z^{\top}W\varphi=\lVert\widehat f(x)\rVert$.",
    let={**UNIT, "M": "dimension", "W": "matrix M K", "z": "vector M"}, notation={"phi": r"\varphi"},
    given={"pattern": "G*G = G", "active": "G*phi = phi", "nonzero": "0 < norm(phi)"},
    goal=("4*norm(x)**2*inner(z, W*phi)**2 <= (norm(phi)**2 + norm(x)**2*norm(G*W.T*z)**2)**2",),
    steps=(Step("4*norm(x)**2*inner(z, W*phi)**2 <= (norm(phi)**2 + norm(x)**2*norm(G*W.T*z)**2)**2",
        "the case of one output, for $w=W^{\\top}z$",
                Apply(thm4_block, {"w": "W.T*z"}, ("pattern", "active", "nonzero")), kind=BOUND),))

thm4 = Derivation(
    "thm4.proof", "The step size bounds the size of the output of a ReLU network", source=PAPER + ", Theorem 4, for one output",
    statement=r"Let $c_i$ be the change of the output at sample $i$ along the test direction of thm4.block for sample $k$, so that "
        r"$c_k=s$ and $s$ is also the squared "
              r"length of the direction; $r=\lVert x_k\rVert$, $f=\widehat f(x_k)$. The second variation is $\sum_ic_i^2$: at zero "
              r"residual, and by "
              r"thm4.residual wherever the outgoing weights are not zero. Then $\lVert x_k\rVert\,|\widehat f(x_k)|\le1/\delta$.",
    uses=("thm4.block.proof", "thm4.residual.proof", "thm4.outputs.proof", "thm1.almost-surely.proof"),
    let={"N": "integer >= 1", "k": "integer 1..N", "c": "real family", "s": "positive", "Lambda": "real", "f": "real", "r": "nonnegative",
        "delta": "positive"},
    given={"change": "c[k] = s", "form": "Sum(c[i]**2, i, 1, N) <= Lambda*s", "block": "4*r**2*f**2 <= s**2",
        "stable": "delta*Lambda <= 2"},
    goal=("delta*r*abs(f) <= 1",),
    steps=(
        Step("Sum(c[i]**2, i, 1, N) = Sum(c[i]**2, i, 1, k-1) + c[k]**2 + Sum(c[i]**2, i, k+1, N)", "split the sum at $k$", label="split"),
        Step("s**2 <= Sum(c[i]**2, i, 1, N)", "drop the other squares",
             Combine({"split": -1, "change": "-(c[k] + s)"}, rest="Sum(c[i]**2, i, 1, k-1) + Sum(c[i]**2, i, k+1, N)"), label="one",
                 kind=BOUND),
        Step("s <= Lambda", "divide by $s$", Combine({"one": "1/s", "form": "1/s"}), label="sharp", kind=BOUND),
        Step("2*r*abs(f) <= s", "square roots", Powers("block", "1/2"), label="root", kind=BOUND),
        Step("delta*r*abs(f) <= 1", "put together", Combine({"root": "delta/2", "sharp": "delta/2", "stable": "1/2"}), kind=BOUND)))
