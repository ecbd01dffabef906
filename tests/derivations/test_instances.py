"""An independent check of the normal forms: steps that need no hypothesis hold for random numbers and matrices.

The evaluation below shares nothing with the normal forms but the parser. Evidence only; the derivations are checked symbolically.
"""

from __future__ import annotations

import math
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from symgd.derivations import Combine, Derivation
from symgd.derivations.rules import unfold
from symgd.render.derive import find_derivations

FOUND = find_derivations(Path(__file__).parents[2] / "proofs")
WIDTHS = [2, 3, 2, 4, 3, 2, 3, 2]


class Unsupported(Exception):
    """The evaluation does not know this part."""


class Instance:
    """Random values for the names of a derivation."""

    def __init__(self, d: Derivation, seed: int) -> None:
        self.d, self.rng, self.values, self.members = d, random.Random(f"{d.id}{seed}"), {}, {}
        self.depth = 2 + seed % 3
        for name, kind in d.context.kinds.items():
            if kind.sort == "integer" and not kind.family:
                low = int(self.value(kind.first)) if kind.first is not None else 0
                high = int(self.value(kind.last)) if kind.last is not None else low + self.depth
                if high < low:
                    raise Unsupported(name)
                self.values[name] = self.rng.randint(low, high) if kind.last is not None else high
            elif kind.sort == "real" and not kind.family:
                self.values[name] = self.real(kind.sign)

    def real(self, sign: str) -> float:
        x = self.rng.uniform(0.4, 1.6)
        return -x if sign == "negative" or (sign in ("real", "nonzero") and self.rng.random() < 0.5) else x

    def member(self, name: str, indices: tuple[int, ...]) -> Any:
        kind = self.d.context.kinds[name]
        if (name, indices) not in self.members:
            if kind.sort == "integer":
                value: Any = WIDTHS[indices[0] % len(WIDTHS)]
            elif kind.sort == "real":
                value = self.real(kind.sign)
            else:
                outer, self.values = self.values, {**self.values, **({"j": indices[0]} if indices else {})}
                if kind.sort == "chain":
                    rows, cols = (self.member(kind.dims[0], (i,)) for i in (indices[0], indices[0] - 1))
                else:
                    rows, cols = (int(self.value(x)) for x in kind.dims)
                self.values = outer
                value = np.array([[self.rng.uniform(-1, 1) for _ in range(cols)] for _ in range(rows)])
                if kind.shape:
                    value = value @ value.T if kind.shape == "psd" else value + value.T
                if kind.shape == "orthogonal":
                    raise Unsupported(name)
            self.members[name, indices] = value
        return self.members[name, indices]

    def value(self, node: Any, bound: dict[str, int] | None = None) -> Any:
        bound = bound or {}

        def go(child: Any, **more: int) -> Any:
            return self.value(child, {**bound, **more})

        if isinstance(node, int):
            return node
        if isinstance(node, str):
            if node in bound:
                return bound[node]
            if node in self.values:
                return self.values[node]
            if node == "I":
                raise Unsupported(node)
            return self.member(node, ())
        op, *args = node
        if op == "index":
            return self.member(args[0], tuple(int(go(i)) for i in args[1:]))
        if op == "chain":
            b, a = int(go(args[1])), int(go(args[2]))
            out = np.eye(self.member(self.d.context.kinds[args[0]].dims[0], (b,)))
            for i in range(b, a - 1, -1):
                out = out @ self.member(args[0], (i,))
            return out
        if op in ("sum", "prod"):
            body, j, a, b = args
            parts = [go(body, **{j: i}) for i in range(int(go(a)), int(go(b)) + 1)]
            return (sum(parts[1:], parts[0]) if parts else 0) if op == "sum" else math.prod(parts)
        if op == "D":
            raise Unsupported(op)
        values = [go(a) for a in args]
        if op == "+":
            return sum(values[1:], values[0])
        if op == "-":
            return -values[0] if len(values) == 1 else values[0] - values[1]
        if op == "*":
            out = values[0]
            for v in values[1:]:
                matrices = isinstance(out, np.ndarray) and isinstance(v, np.ndarray)
                out = out @ v if matrices else out * v
                out = float(out[0, 0]) if isinstance(out, np.ndarray) and out.shape == (1, 1) else out
            return out
        if op == "/":
            return values[0] / values[1]
        if op == "power":
            return values[0] ** values[1]
        simple = {"sqrt": math.sqrt, "abs": abs, "log": math.log, "exp": math.exp, "sign": lambda t: (t > 0) - (t < 0), "T": lambda m: m.T,
                  "tr": lambda m: float(np.trace(m)) if isinstance(m, np.ndarray) else m,
                  "norm": lambda m: float(np.linalg.norm(m)) if isinstance(m, np.ndarray) else abs(m)}
        if op in simple:
            return simple[op](values[0])
        if op == "inner":
            return float(np.sum(values[0] * values[1]))
        raise Unsupported(op)


@pytest.mark.parametrize("id", FOUND)
def test_steps_without_hypotheses_hold_for_random_values(id):
    d = FOUND[id]
    for step, relation in zip(d.steps, d.relations, strict=True):
        if relation is None or (d.given and not (isinstance(step.by, Combine) and not (step.by.facts or step.by.rewrite or step.by.signs))):
            continue
        for seed in range(6):
            try:
                instance = Instance(d, seed)
                left, right = (instance.value(unfold(side, d.context)) for side in (relation.lhs, relation.rhs))
            except (Unsupported, ZeroDivisionError, OverflowError, ValueError, TypeError):
                continue  # outside of what is defined for these values, or of what is evaluated here
            if isinstance(left, complex) or isinstance(right, complex):
                continue
            scale = 1e-9 * (1 + float(np.max(np.abs(left))) + float(np.max(np.abs(right))))
            gap = np.max(np.abs(np.asarray(left) - np.asarray(right))) if relation.op in ("=", "!=") else 0.0
            if relation.op == "=":
                assert gap <= scale, f"{relation}: {left} and {right}"
            elif relation.op in ("<=", "<"):
                assert left <= right + scale, f"{relation}: {left} and {right}"
            elif relation.op in (">=", ">"):
                assert left >= right - scale, f"{relation}: {left} and {right}"
