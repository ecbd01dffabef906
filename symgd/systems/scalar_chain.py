"""The scalar deep linear chain ½(w_L ⋯ w_1 − λ)²: derivatives by derivation for symbolic L, closed forms without swell for concrete L."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any

import sympy as sp

from symgd.systems._exact import exact, is_zero, shorten, sign_of
from symgd.systems.errors import NotAnEquilibrium, SystemsError
from symgd.systems.gradient_map import GradientMap
from symgd.systems.steps import Derivation, Step, equation

_I = sp.Symbol("i", integer=True, positive=True)
_WEIGHT = sp.IndexedBase("w", real=True)
_LARGEST_INSTANCE = 6
_DELTA = sp.Symbol("delta", positive=True)


@dataclass(frozen=True)
class ScalarChain:
    """The loss ½(∏_{i=1}^L w_i − λ)² in L real weights.

    Args:
        L: number of layers, an int ≥ 1 or Symbol("L", integer=True, positive=True).
        target: λ, a symbol or an exact number.

    Raises:
        SystemsError: L is neither; NotExact: the target is rounded.

    Source: Nar and Sastry 2018, Lemma 3.
    """

    L: int | sp.Symbol
    target: sp.Expr = field(default_factory=lambda: sp.Symbol("lambda", real=True))

    def __post_init__(self) -> None:
        depth: Any = self.L
        concrete = isinstance(depth, (int, sp.Integer)) and not isinstance(depth, bool) and depth >= 1
        symbolic = isinstance(depth, sp.Symbol) and depth.is_integer and depth.is_positive
        if not (concrete or symbolic):
            raise SystemsError(f'L: {depth!r} is not a number of layers; give an int ≥ 1 or Symbol("L", integer=True, positive=True).')
        object.__setattr__(self, "L", int(depth) if concrete else depth)
        object.__setattr__(self, "target", exact(self.target, "target"))

    @property
    def is_concrete(self) -> bool:
        """Whether L is a number."""
        return isinstance(self.L, int)

    @property
    def weights(self) -> tuple[sp.Symbol, ...]:
        """The real symbols w1, …, wL; concrete L only."""
        return tuple(sp.Symbol(f"w{i}", real=True) for i in range(1, self._depth("weights") + 1))

    def _depth(self, name: str) -> int:
        if not isinstance(self.L, int):
            raise SystemsError(f"{name}: this needs a concrete number of layers, not {self.L}; build ScalarChain with an int.")
        return self.L

    def _between(self, low: Any, high: Any) -> sp.Expr:
        """∏_{i=low}^{high} w_i, empty products being 1."""
        if self.is_concrete:
            return sp.Mul(*self.weights[int(low) - 1 : int(high)])
        return sp.Product(_WEIGHT[_I], (_I, low, high))

    @property
    def product(self) -> sp.Expr:
        """∏_{i=1}^L w_i, unexpanded."""
        return self._between(1, self.L)

    @property
    def loss(self) -> sp.Expr:
        """½(∏ w_i − λ)², unexpanded."""
        return (self.product - self.target) ** 2 / 2

    def partial(self, j: int | sp.Expr | None = None) -> Derivation:
        """Derive ∂/∂w_j of the loss, (∏_{i≠j} w_i)(∏ w_i − λ).

        Args:
            j: layer, 1 ≤ j ≤ L; an int for concrete L. For symbolic L an integer expression, by default
                Symbol("j", integer=True, positive=True), with 1 ≤ j ≤ L understood.

        Returns:
            the derivation; `result` is the derivative.

        Raises:
            SystemsError: j is outside 1..L.
        """
        layer = self._layer(j)
        below, above = self._between(1, layer - 1), self._between(layer + 1, self.L)
        a, b = sp.symbols("A B", real=True)
        w_j = self.weights[int(layer) - 1] if self.is_concrete else _WEIGHT[layer]
        outer = a * b * (a * w_j * b - self.target)
        result = below * above * (self.product - self.target)
        steps = (
            Step(
                equation(self.product, sp.Mul(below, w_j, above, evaluate=False)),
                "split the product at j (induction on the upper limit, last factor peeled off)",
                lambda: self._split_holds(layer),
            ),
            Step(
                equation(sp.Derivative(below * above, w_j), sp.Integer(0)),
                "neither part contains w_j: its indices are ≤ j − 1 or ≥ j + 1",
                lambda: self._parts_avoid(layer),
            ),
            Step(
                equation(sp.Derivative((a * w_j * b - self.target) ** 2 / 2, w_j), outer),
                "chain rule, with A and B for the two parts",
                lambda: sp.expand(sp.diff((a * w_j * b - self.target) ** 2 / 2, w_j) - outer) == 0,
            ),
            Step(
                equation(sp.Derivative(self.loss, w_j), result),
                "put the parts back",
                lambda: _is_partial_of_loss(self, layer, result),
            ),
        )
        return Derivation(f"partial derivative of the chain loss by w_{layer}", steps, result)

    def _layer(self, j: Any) -> sp.Expr:
        if j is None:
            if self.is_concrete:
                raise SystemsError("partial: give the layer j, an int from 1 to L.")
            return sp.Symbol("j", integer=True, positive=True)
        layer = exact(j, "layer")
        too_large = bool((self.L - layer).is_negative)
        if not layer.is_integer or layer.is_positive is False or too_large or (self.is_concrete and not layer.is_Integer):
            raise SystemsError(f"partial: the layer {shorten(layer)} is not an integer from 1 to {self.L}.")
        return layer

    def _split_holds(self, layer: sp.Expr) -> bool:
        if self.is_concrete:
            below, above = self._between(1, layer - 1), self._between(layer + 1, self.L)
            return bool(below * self.weights[int(layer) - 1] * above == self.product)
        n = sp.Symbol("n", integer=True, positive=True)
        j = sp.Symbol("j", integer=True, positive=True)
        # base n = j: ∏_1^j = (∏_1^{j−1}) w_j, and the upper part is empty
        base = _peel(sp.Product(_WEIGHT[_I], (_I, 1, j))) == sp.Product(_WEIGHT[_I], (_I, 1, j - 1)) * _WEIGHT[j]
        empty = sp.Product(_WEIGHT[_I], (_I, j + 1, j)).doit() == 1
        # step n → n + 1: both sides gain the factor w_{n+1}
        left_gain = _peel(sp.Product(_WEIGHT[_I], (_I, 1, n + 1))) / sp.Product(_WEIGHT[_I], (_I, 1, n))
        right_gain = _peel(sp.Product(_WEIGHT[_I], (_I, j + 1, n + 1))) / sp.Product(_WEIGHT[_I], (_I, j + 1, n))
        return bool(base and empty and left_gain == right_gain == _WEIGHT[n + 1])

    def _parts_avoid(self, layer: sp.Expr) -> bool:
        if self.is_concrete:
            parts = self._between(1, layer - 1) * self._between(layer + 1, self.L)
            return self.weights[int(layer) - 1] not in parts.free_symbols
        below_top, above_bottom = (layer - 1) - layer, (layer + 1) - layer
        return bool(below_top.is_negative and above_bottom.is_positive)

    def gradient(self, weights: Sequence[Any]) -> tuple[sp.Expr, ...]:
        """∇ of the loss at exact weights, shape (L,); concrete L.

        Args:
            weights: w_1, …, w_L, exact; zeros allowed.
        """
        values = self._values(weights)
        error = sp.Mul(*values) - self.target
        return tuple(others * error for others in _products_of_others(values))

    def hessian(self, weights: Sequence[Any]) -> sp.ImmutableMatrix:
        """∇² of the loss at exact weights, shape (L, L); concrete L.

        Args:
            weights: w_1, …, w_L, exact; zeros allowed.

        Returns:
            v vᵀ + (∏w − λ) C with v_j = ∏_{i≠j} w_i, and C_jk = ∏_{i≠j,k} w_i off the diagonal.
        """
        values = self._values(weights)
        error = sp.Mul(*values) - self.target
        v = _products_of_others(values)

        def entry(j: int, k: int) -> sp.Expr:
            if j == k:
                return v[j] ** 2
            cross = sp.Mul(*(w for i, w in enumerate(values) if i not in (j, k))) if error != 0 else sp.Integer(0)
            return v[j] * v[k] + error * cross

        upper = {(j, k): entry(j, k) for j in range(len(values)) for k in range(j, len(values))}
        return sp.ImmutableMatrix(len(values), len(values), lambda j, k: upper[min(j, k), max(j, k)])

    def _values(self, weights: Sequence[Any]) -> list[sp.Expr]:
        depth = self._depth("weights")
        values = [exact(w, "weight") for w in weights]
        if len(values) != depth:
            raise SystemsError(f"weights: {len(values)} given, the chain has {depth} layers.")
        return values

    def gradient_map(self, delta: Any = _DELTA) -> GradientMap:
        """Gradient descent on the chain as a GradientMap; concrete L.

        Args:
            delta: step size.
        """
        self._depth("gradient_map")
        return GradientMap(self.loss, self.weights, delta)

    def balanced_map(self, w: sp.Expr | None = None, delta: Any = _DELTA) -> Derivation:
        """Derive that equal weights stay equal and move by w ↦ w − δ w^{L−1}(w^L − λ).

        Args:
            w: the common weight, by default Symbol("w", real=True).
            delta: step size.

        Returns:
            the derivation; `result` is the map.

        Source: Nar and Sastry 2018, proof of Lemma 3.
        """
        common = sp.Symbol("w", real=True) if w is None else exact(w, "weight")
        step = exact(delta, "step")
        depth = self.L
        j = sp.Symbol("j", integer=True, positive=True)
        parts = sp.Product(common, (_I, 1, j - 1)) * sp.Product(common, (_I, j + 1, depth))
        partial = parts * (sp.Product(common, (_I, 1, depth)) - self.target)
        power = common ** (depth - 1)
        slope = power * (common**depth - self.target)
        result = common - step * slope
        steps = (
            Step(
                equation(parts, power),
                "with all weights equal to w the product without w_j has L − 1 equal factors",
                lambda: sp.powsimp(parts.doit()) == power,
            ),
            Step(
                equation(partial, slope),
                "so ∂/∂w_j is the same for every j: equal weights stay equal",
                lambda: self._is_partial_at_equal_weights(partial, common) and sp.powsimp(partial.doit()) == slope and not slope.has(j),
            ),
            Step(
                equation(sp.Symbol("w_next"), result),
                "one step of gradient descent on the common weight",
                lambda: self._every_instance(lambda chain: _step_of_equal_weights_is(chain, common, step)),
            ),
        )
        return Derivation("the map of equal weights", steps, result)

    def _is_partial_at_equal_weights(self, partial: sp.Expr, common: sp.Expr) -> bool:
        if self.is_concrete:
            return self._every_instance(_equal_weights_have_equal_slopes)
        return bool(self.partial().result.xreplace({_WEIGHT[_I]: common}) == partial)

    def _every_instance(self, holds: Callable[[ScalarChain], bool]) -> bool:
        depths = [self.L] if isinstance(self.L, int) else range(1, _LARGEST_INSTANCE + 1)
        return all(holds(ScalarChain(depth, self.target)) for depth in depths)

    def balanced_gradient_map(self, delta: Any = _DELTA) -> GradientMap:
        """The balanced map as gradient descent on a loss of one weight, (w^L − λ)²/(2L).

        Args:
            delta: step size.

        Returns:
            the GradientMap in Symbol("w", real=True); its step is the chain's step because ½(w^L − λ)² has slope L times the common one.
        """
        depth = self._depth("balanced_gradient_map")
        w = sp.Symbol("w", real=True)
        return GradientMap((w**depth - self.target) ** 2 / (2 * depth), (w,), delta)

    def error_factor(self, w: sp.Expr | None = None, t: sp.Expr | None = None, delta: Any = _DELTA) -> Derivation:
        """Derive w⁺ − t = μ(w)(w − t) for λ = t^L, μ(w) = 1 − δ w^{L−1} Σ_{j<L} w^j t^{L−1−j}.

        Args:
            w, t: common weight and its limit, by default real Symbol("w") and positive Symbol("t").
            delta: step size.

        Returns:
            the derivation; `result` is μ(w).

        Source: Nar and Sastry 2018, proof of Lemma 3.
        """
        w = sp.Symbol("w", real=True) if w is None else exact(w, "weight")
        t = sp.Symbol("t", positive=True) if t is None else exact(t, "limit")
        step = exact(delta, "step")
        depth = self.L
        quotient = _geometric(w, t, depth)
        mu = 1 - step * w ** (depth - 1) * quotient
        after = w - step * w ** (depth - 1) * (w**depth - t**depth)

        def factored() -> bool:
            # only the geometric sum is used: w^L = t^L + (w − t)S
            s = sp.Dummy("S")
            known = {quotient: s, w**depth: t**depth + (w - t) * s} if w.free_symbols and depth != 1 else {}
            return bool(sp.expand((after - t - mu * (w - t)).xreplace(known)) == 0)

        steps = (
            Step(
                equation(w**depth - t**depth, sp.Mul(w - t, quotient, evaluate=False)),
                "geometric sum (induction on L: S_{L+1} = t·S_L + w^L)",
                lambda: _geometric_sum_telescopes(w, t, depth) if isinstance(depth, int) else _geometric_sum_by_induction(),
            ),
            Step(equation(after - t, sp.Mul(mu, w - t, evaluate=False)), "insert it into the balanced map", factored),
        )
        return Derivation("the error factor of equal weights", steps, mu)

    def jacobian_entry_at_minimum(self, i: sp.Expr | int, j: sp.Expr | int, delta: Any = _DELTA) -> sp.Expr:
        """Entry of I − δ λ² v vᵀ with v_i = 1/w_i, the Jacobian at a minimum with nonzero weights.

        Args:
            i, j: layers.
            delta: step size.

        Returns:
            δ_ij − δ λ²/(w_i w_j), with Kronecker's delta for symbolic layers.
        """
        w_i, w_j = self._weight(i), self._weight(j)
        return sp.KroneckerDelta(i, j) - exact(delta, "step") * self.target**2 / (w_i * w_j)

    def _weight(self, i: Any) -> sp.Expr:
        layer = self._layer(i)
        return self.weights[int(layer) - 1] if self.is_concrete else _WEIGHT[layer]

    def jacobian_at_minimum(self, weights: Sequence[Any] | None = None, delta: Any = _DELTA) -> sp.ImmutableMatrix:
        """I − δ v vᵀ with v_j = ∏_{i≠j} w_i, which is λ/w_j when no weight is 0; concrete L, shape (L, L).

        Args:
            weights: exact weights with product λ, or None for the symbols w1, …, wL (then v_j = λ/w_j, λ ≠ 0).
            delta: step size.

        Raises:
            NotAnEquilibrium: the product of the weights is not λ.
        """
        v = sp.Matrix(self._direction(weights))
        return sp.ImmutableMatrix(sp.eye(len(v)) - exact(delta, "step") * v * v.T)

    def _direction(self, weights: Sequence[Any] | None) -> list[sp.Expr]:
        if weights is None:
            self._refuse_zero_target()
            return [self.target / w for w in self.weights]
        values = self._values(weights)
        error = sp.Mul(*values) - self.target
        if not is_zero(error):
            raise NotAnEquilibrium(f"weights: their product differs from the target by {shorten(error)}; this is not a global minimum.")
        return _products_of_others(values)

    def _refuse_zero_target(self) -> None:
        if self.target.is_zero:
            raise SystemsError("target: for λ = 0 a minimum has a weight 0 and λ/w_i is undefined; give the weights.")

    def sharpness(self, weights: Sequence[Any] | None = None) -> sp.Expr:
        """λ_max of the Hessian at a minimum, its only nonzero eigenvalue.

        Args:
            weights: exact weights with product λ (concrete L), or None for the formula.

        Returns:
            λ² Σ_i 1/w_i² as a formula, Σ_j ∏_{i≠j} w_i² at given weights (also right when one of them is 0).
        """
        if weights is not None or self.is_concrete:
            return sp.Add(*(v**2 for v in self._direction(weights)))
        self._refuse_zero_target()
        return self.target**2 * sp.Sum(_WEIGHT[_I] ** -2, (_I, 1, self.L))

    def step_size_threshold(self, weights: Sequence[Any] | None = None) -> sp.Expr:
        """2/sharpness at a minimum: beyond it the minimum is Lyapunov unstable (the other L − 1 multipliers are 1).

        Args:
            weights: exact weights with product λ (concrete L), or None for the formula.

        Returns:
            2/(λ² Σ 1/w_i²); oo when two weights are 0, where the Hessian vanishes.

        Source: Nar and Sastry 2018, Theorem 1 for scalars.
        """
        sharpness = self.sharpness(weights)
        if not sharpness.free_symbols and not sharpness.has(sp.Sum) and sign_of(sharpness) == 0:
            return sp.oo
        return 2 / sharpness

    def balanced_step_size_threshold(self) -> sp.Expr:
        """2/(L λ^{2(L−1)/L}), the threshold at the balanced minimum w_i = λ^{1/L}, the largest of all thresholds.

        Returns:
            the formula, for λ > 0.

        Source: Nar and Sastry 2018, Corollary 1.
        """
        return 2 / (self.L * self.target ** (sp.Integer(2) * (self.L - 1) / self.L))


def _peel(product: sp.Product) -> sp.Expr:
    """∏_{i=a}^{n} f(i) = (∏_{i=a}^{n−1} f(i))·f(n), the definition of a product."""
    index, low, high = product.limits[0]
    return sp.Product(product.function, (index, low, high - 1)) * product.function.xreplace({index: high})


def _products_of_others(values: Sequence[sp.Expr]) -> list[sp.Expr]:
    """∏_{i≠j} w_i for every j, from prefix and suffix products: no division, so zeros are allowed."""
    prefixes = [sp.Integer(1)]
    for value in values[:-1]:
        prefixes.append(prefixes[-1] * value)
    suffixes = [sp.Integer(1)]
    for value in reversed(values[1:]):
        suffixes.append(suffixes[-1] * value)
    return [a * b for a, b in zip(prefixes, reversed(suffixes), strict=True)]


def _is_partial_of_loss(chain: ScalarChain, layer: sp.Expr, result: sp.Expr) -> bool:
    if chain.is_concrete:
        w_j = chain.weights[int(layer) - 1]
        return bool(sp.diff(chain.loss, w_j) == result)
    # every instance of the general formula up to a small L, against SymPy's derivative of the written-out loss
    free = sorted(layer.free_symbols - {chain.L}, key=sp.default_sort_key)
    for depth in range(1, _LARGEST_INSTANCE + 1):
        small = ScalarChain(depth, chain.target)
        written = dict(zip((_WEIGHT[i] for i in range(1, depth + 1)), small.weights, strict=True))
        for values in product(range(1, depth + 1), repeat=len(free)):
            choice = {chain.L: sp.Integer(depth), **dict(zip(free, map(sp.Integer, values), strict=True))}
            j = layer.xreplace(choice)
            if not 1 <= j <= depth:
                continue
            instance = result.xreplace(choice).doit().xreplace(written)
            if sp.expand(instance - sp.diff(small.loss, small.weights[int(j) - 1])) != 0:
                return False
    return True


def _equal_weights_have_equal_slopes(chain: ScalarChain) -> bool:
    w = sp.Symbol("w", real=True)
    assert isinstance(chain.L, int)
    slopes = chain.gradient([w] * chain.L)
    return all(slope == w ** (chain.L - 1) * (w**chain.L - chain.target) for slope in slopes)


def _step_of_equal_weights_is(chain: ScalarChain, common: sp.Expr, step: sp.Expr) -> bool:
    assert isinstance(chain.L, int)
    moved = [common - step * slope for slope in chain.gradient([common] * chain.L)]
    expected = common - step * common ** (chain.L - 1) * (common**chain.L - chain.target)
    return all(sp.expand(m - expected) == 0 for m in moved)


def _geometric(w: sp.Expr, t: sp.Expr, depth: int | sp.Symbol) -> sp.Expr:
    if isinstance(depth, int):
        return sp.Add(*(w**j * t ** (depth - 1 - j) for j in range(depth)))
    k = sp.Symbol("k", integer=True, nonnegative=True)
    return sp.Sum(w**k * t ** (depth - 1 - k), (k, 0, depth - 1))


def _geometric_sum_telescopes(w: sp.Expr, t: sp.Expr, depth: int) -> bool:
    return bool(sp.expand((w - t) * _geometric(w, t, depth)) == sp.expand(w**depth - t**depth))


def _geometric_sum_by_induction() -> bool:
    w, t, s, p, q = sp.symbols("w t S W T")
    base = _geometric(w, t, 1) == 1
    # with S = S_L, W = w^L, T = t^L and (w − t)S = W − T: (w − t)(tS + W) = wW − tT
    step = sp.expand((w - t) * (t * s + p) - (w * p - t * q) - t * ((w - t) * s - (p - q))) == 0
    recursion = all(sp.expand(_geometric(w, t, n + 1) - t * _geometric(w, t, n) - w**n) == 0 for n in range(1, _LARGEST_INSTANCE + 1))
    return bool(base and step and recursion)
