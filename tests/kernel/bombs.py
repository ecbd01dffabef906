"""Small files that ask for too much work or memory. `python -I -S` cannot import this; the tests write each pair to files."""

from __future__ import annotations

from functools import reduce
from typing import Any

from notation import IDENTITY, STURM, cover, forall, interval, orbit, orthant, region, zero

NAMES = [f"v{i}" for i in range(60)]
TRUE = ["<=", 0, 1]
HUGE = "7" * 4000


def squares(n: int) -> list[Any]:
    """Names a0 = x + 1, a1 = a0 a0, ..., each the square of the one before."""
    return [["a0", ["+", "x", 1]], *[[f"a{i + 1}", ["*", f"a{i}", f"a{i}"]] for i in range(n)]]


def tower(base: Any, *exponents: int) -> Any:
    for n in exponents:
        base = ["^", base, n]
    return base


def lemma(proof: Any, then: Any, **data: Any) -> tuple[Any, Any]:
    """A harmless claim with a certificate whose lemma is not."""
    node = {
        "rule": "apply",
        "lemma": {"vars": [interval("x", "[0,1]")], "then": [then], **data},
        "proof": proof,
        "at": {"x": 0},
        "side": cover("n"),
        "then": cover("n"),
    }
    return forall({"x": "[0,1]"}, TRUE), node


def nested(depth: int) -> Any:
    node: Any = cover("n")
    for _ in range(depth):
        node = {"rule": "have", "fact": TRUE, "proof": cover("n"), "then": node}
    return node


SQUARING = {"let": squares(400)}
BIG = ["=", "a400", ["+", "a399", 1]]
MANY = ["+", 1, *[["*", HUGE, ["^", "x", k]] for k in range(60)]]
BOMBS: dict[str, tuple[Any, Any]] = {
    "squaring 400 times, natural": lemma(cover("n"), BIG, **SQUARING),
    "squaring 400 times, mean value": lemma(cover("m"), BIG, **SQUARING),
    "squaring 400 times, corners": lemma(cover("d"), BIG, **SQUARING),
    "squaring 400 times, identity": lemma(IDENTITY, BIG, **SQUARING),
    "squaring 400 times, Sturm": lemma(STURM, BIG, **SQUARING),
    "squaring a number 400 times": lemma({"rule": "sturm"}, ["=", "a400", 0], let=[["a0", 3], *squares(400)[1:]]),
    "a derivative of a derivative of a derivative": lemma(
        cover("n"), ["=", ["D", ["D", ["D", ["D", ["D", ["D", "a40", "x"], "x"], "x"], "x"], "x"], "x"], 1], let=squares(40)
    ),
    "substitution into substitution": lemma(
        cover("n"), ["=", "b30", 1], let=[*squares(5), ["b0", "a5"], *[[f"b{i + 1}", ["at", f"b{i}", "x", f"b{i}"]] for i in range(30)]]
    ),
    "a tower of powers": lemma(cover("n"), ["=", tower("x", *[10_000] * 200), 2]),
    "a tower of powers, identity": lemma(IDENTITY, ["=", tower(["*", 2, "x"], *[10_000] * 200), 2]),
    "a tower of powers of a sum": lemma(IDENTITY, ["=", tower(["+", "x", HUGE], 3000, 3000), 2]),
    "a tower of powers of three terms": lemma(IDENTITY, ["=", tower(["+", "x", ["^", "x", 2], 1], 10_000), 2]),
    "negative powers": lemma(STURM, ["=", tower(["+", "x", 1], *[-10_000] * 3), 2]),
    "a sparse polynomial of huge degree": lemma(STURM, ["=", tower("x", 10_000, 10_000, 10_000), 2]),
    "Sturm with huge coefficients": lemma(STURM, ["<", 0, ["^", MANY, 8]]),
    "a root of a huge square": lemma(IDENTITY, ["=", ["sqrt", tower(["+", "x", ["^", "x", 2], 1], 2000)], 2]),
    "huge precision": lemma(
        cover(*[0] * 2000, *["n"] * 2001, precision=4096),
        ["<=", 0, tower(["exp", ["sin", ["exp", ["tanh", ["log", ["+", 2, "x"]]]]]], 9999)],
    ),
    "roots of high degree": lemma(
        cover(*[0] * 500, *["n"] * 501, precision=4096),
        ["<=", -1, ["pow", ["pow", ["pow", ["*", 10**2000, "x"], "15/16"], "239/15"], "15/16"]],
    ),
    "bisecting for ever": lemma(cover(*[0] * 100_000), ["<=", 0, "x"]),
    "nested proofs": (forall({"x": "[0,1]"}, TRUE), nested(3000)),
    "nested terms": lemma(
        cover("n"),
        ["=", "deep", 0],
        let=[["deep", reduce(lambda t, _: ["-", t], range(140), "x")], *[[f"d{i}", ["*", "deep", "deep"]] for i in range(3)]],
    ),
    "choices of ends": (forall(dict.fromkeys(NAMES, "[0,1]"), ["<", ["*", *NAMES], 2]), orthant([[v, "0", "1"] for v in NAMES])),
    "choices of zeros": (forall(dict.fromkeys(NAMES, "[0,1]"), ["<", 0, ["+", *NAMES]]), orthant([[v, "0", None] for v in NAMES])),
    "choices of regions": (
        orbit({"x": "x"}, {"converges": [0]}),
        {"regions": [region([["<", i, "x"], ["<", "x", i + 1]], "step", cover("n"), to=[39]) for i in range(40)], "start": cover("n")},
    ),
    "an orbit of growing numbers": (
        orbit({"x": ["-", ["^", "x", 2], "1/3"]}, {"converges": [0]}),
        {"at": {}, "start": {"x": "1/7"}, "cycle": [0, 4000]},
    ),
    "an orbit of growing fractions": (
        orbit({"x": ["/", ["+", "x", "1/3"], ["+", 1, ["^", "x", 2]]]}, {"rate": HUGE, "to": [0]}),
        {"at": {}, "start": {"x": "1/7"}, "step": 4000},
    ),
    "a rate of many digits": (orbit({"x": "x"}, {"rate": HUGE, "to": [0]}), {"at": {}, "start": {"x": 1}, "step": 4999}),
    "a system of many equations": (
        zero({f"v{i}": "[0,1]" for i in range(40)}, *[["-", ["^", ["+", *NAMES[:40]], 9], f"v{i}"] for i in range(40)]),
        {"box": [interval(f"v{i}", "[0,1]") for i in range(40)], "inverse": [[1] * 40] * 40, "holds": cover("n"), "elsewhere": cover("s")},
    ),
}
REFUTING = {"an orbit of growing numbers", "an orbit of growing fractions", "a rate of many digits"}
