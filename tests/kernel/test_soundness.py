"""False claims with plausible certificates are rejected, and a true neighbour with the same kind of certificate is accepted."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest
from notation import STURM, change, cover, forall, interval, orbit, orthant, region, verdict, zero


class Pair(NamedTuple):
    """A wrong (claim, proof) and a right one."""

    false: Any
    false_proof: Any
    true: Any
    true_proof: Any
    verdict: str = "proved"


X, UNIT, REAL = "x", {"x": "[0,1]"}, {"x": "(-oo,oo)"}


def by_sign(*before: Any, signed: int = 2, middle: Any = (), after: Any = ()) -> Any:
    """Cases x < 0, x = 0, x > 0, with `signed` clauses that need the sign of x."""
    cases = ([["x", None, "0"]], *([middle] if middle else [[]]), [["x", "0", None]])
    return cover(["x", 0], *[orthant(*before, *[case] * signed, *after) for case in cases])


HALVES = by_sign(middle={"pick": 1}, after=[[]])
STAYS = [region([["<=", 0, "x"], ["<=", "x", 1]], "stay", cover("d"), outcome=0)]
FALLS = cover(
    ["x", 2],
    orthant(*[[["x", "1", "2"]]] * 5),
    orthant(*[[]] * 5),
    orthant(*[{"order": [["x", "2", "5"]], "pick": i} for i in (1, 1, 0, 0, 0)]),
)
STAYING = cover(
    ["x", 2],
    orthant(*[[["x", "1", "2"]]] * 6),
    orthant(*[[]] * 6),
    orthant(*[{"order": [["x", "2", "5"]], "pick": i} for i in (1, 1, 0, 0, 0, 0)]),
)
WHOLE = [{"ends in": []}]


def both(false: Any, true: Any, proof: Any, verdict: str = "proved") -> Pair:
    return Pair(false, proof, true, proof, verdict)


HALF, SQUARED, BELOW = interval("z", "[0,oo)"), ["^", "z", 2], [["x", "0", None], ["z", "0", None]]
FROM_HALF, UP_TO_ZERO = [["x", "1/2", None], ["z", "0", None]], [["x", None, "0"]]
SIDE = cover(["z", 0], *[orthant(*[order] * 5) for order in (FROM_HALF[:1], FROM_HALF)])


def twice_changed() -> Any:
    """x in [0, 4] becomes z, and z becomes a new x that is not the old one."""
    tree = cover(["x", "1/2"], "n", "n", ["x", "3/2"], "n", "n", "n")
    there, side = ["/", ["+", "z", 5], 8], orthant(*[[]] * 3)
    back = change("z", interval("x", "(-oo,oo)"), ["-", ["*", 8, "x"], 5], there, there, side, tree)
    return change("x", interval("z", "(-oo,oo)"), "z", "x", "x", side, back)


def two_cubics(hi: str) -> Any:
    return zero({"x": f"[0,{hi}]"}, ["*", ["-", "x", 1], ["-", "x", 3]])


ONE = {"box": [interval("x", "[1/2,3/2]")], "holds": cover("n")}
LEMMA = {"vars": [interval("y", "[0,oo)")], "then": [[">=", ["+", "y", 1], 1]]}
FRACTION = {"vars": [interval("y", "(-oo,oo)")], "then": [[">=", ["^", "y", 2], 0]]}
JUMP = ["+", ["*", "1/2", "x"], ["*", "1/4", ["+", 1, ["sign", ["-", "x", 1]]]]]  # x/2 below 1, (x + 1)/2 above
STEP_RISE = ["+", ["/", ["+", "x", 1], 2], ["*", "1/2", ["+", 1, ["sign", ["-", "x", 1]]]]]  # (x + 1)/2 below 1, above it one more
BUMP = ["*", 10, ["-", "x", ["*", "1/3", ["^", "x", 3]]]]  # of slope 10 (1 - x^2)


UVW, SUM = dict.fromkeys("uvw", "(-oo,oo)"), [["=", "w", ["+", "u", "v"]]]


ABOVE = orthant([["x", "0", None]], [], [])


def monotone(end: str, start: Any, at: Any, slope: Any, var: str = "x", defined: Any = None, **more: Any) -> Any:
    parts = {"side": cover("n"), "defined": {"rule": "defined", "proof": defined or cover("n")}}
    return {"rule": "monotone", "var": var, "end": end, "from": start, "at": at, "slope": slope, **parts, **more}


def fact(name: str, side: Any = None, **at: Any) -> Any:
    return {"rule": "apply", "fact": name, "at": at, "side": side or cover("n"), "then": cover("n")}


def chain(first: Any = 1, domain: Any = (), **more: Any) -> Any:
    """The points that x <- x - 1 sends to 0 are 0, 1, 2, ...; claimed are 0, first, first + 1, ..."""
    base = {"kind": "preimages", "state": ["x"], "map": [["-", "x", 1]], "domain": list(domain), "of": 0, "first": first}
    return {**base, "next": ["+", "x", 1], "above": first, **more}


AT = cover("d")  # at one number


def off(where: Any, before: list[Any], proof: Any, at: Any = AT, **more: Any) -> Any:
    """A point of one set only, by values that are listed `before` they stay in a region."""
    regions = [region([["=", "x", t]], "step", at, to=[i + 1]) for i, t in enumerate(before)]
    last = region([where] if where else [], "stay", proof, outcome=0)
    return {"at": {}, "base": cover("d"), "never": {"regions": [*regions, last], "start": at}, **more}


def outside(member: int) -> Any:
    return {"at": {}, "base": cover("d"), "member": member, "never": {"regions": [], "start": cover("d")}}


UP, UP3 = (orthant(*[[["x", c, None]]] * 2) for c in "23")
DOWN = orthant(*[[["x", None, "-1/2"]]] * 2)
PUT = {"rule": "rewrite", "use": 1, "then": AT}
DOUBLED = {"params": [interval("p", "(0,oo)")], "given": [["<=", 2, ["*", 2, "p"]]], "first": "p"}

TABLE: dict[str, Pair] = {
    # partiality: a relation with an undefined side is false
    "x/x = 1 at zero": both(
        forall({"x": "[0,1]"}, ["=", ["/", "x", "x"], 1]),
        forall({"x": "(0,1]"}, ["=", ["/", "x", "x"], 1]),
        {"rule": "identity", "clauses": [{"order": [["x", "0", None]]}]},
    ),
    "x^-1 x = 1, by Sturm": both(
        forall({"x": "[0,1]"}, ["=", ["*", ["^", "x", -1], "x"], 1]), forall({"x": "(0,1]"}, ["=", ["*", ["^", "x", -1], "x"], 1]), STURM
    ),
    "root of a square": both(
        forall(REAL, ["=", ["^", ["sqrt", "x"], 2], "x"]),
        forall(REAL, ["=", ["sqrt", ["^", "x", 2]], ["abs", "x"]]),
        cover(["x", 0], orthant([["x", None, "0"]]), orthant([]), orthant([["x", "0", None]])),
    ),
    "0/x = 0": both(forall({"x": "[-1,1]"}, ["<=", ["/", 0, "x"], 1]), forall({"x": "[1,2]"}, ["<=", ["/", 0, "x"], 1]), cover("n")),
    "t = t": both(
        forall({"x": "[-1,1]"}, ["=", ["/", 1, "x"], ["/", 1, "x"]]),
        forall({"x": "[1,2]"}, ["=", ["/", 1, "x"], ["/", 1, "x"]]),
        cover("n"),
    ),
    "log of a negative number": both(
        forall({"x": "[-1,2]"}, ["<", ["log", "x"], 1]), forall({"x": "[1,2]"}, ["<", ["log", "x"], 1]), cover("n")
    ),
    "pow of a negative number": both(
        forall({"x": "[-1,1]"}, ["<=", ["pow", "x", "1/3"], 1]), forall(UNIT, ["<=", ["pow", "x", "1/3"], 1]), cover("n")
    ),
    "a multiplier that is undefined where it is needed": both(
        forall({"x": "[0,1]"}, ["=", 1, 0], given=[["=", ["*", 2, "x"], 0]]),
        forall({"x": "(0,1]"}, ["=", 1, 0], given=[["=", ["*", 2, "x"], 0]]),
        orthant({"order": [["x", "0", None]], "use": [[0, ["/", 1, ["*", 2, "x"]]]]}),
    ),
    "an undefined term put into a lemma": Pair(
        *[
            y
            for d in ("[-1,1]", "[1,2]")
            for y in (
                forall({"x": d}, [">=", ["^", ["/", 1, "x"], 2], 0]),
                {
                    "rule": "apply",
                    "lemma": FRACTION,
                    "proof": cover("n"),
                    "at": {"y": ["/", 1, "x"]},
                    "side": cover("n"),
                    "then": orthant({"use": [[0, 1]], "order": [["x", "1", None]]} if d == "[1,2]" else {"use": [[0, 1]]}),
                },
            )
        ]
    ),
    "mean value form over a kink": both(
        forall({"x": "[-1,1]"}, [">=", ["-", ["abs", "x"], ["*", "1/2", "x"]], "1/100"]),
        forall({"x": "[3/4,1]"}, [">=", ["-", ["abs", "x"], ["*", "1/2", "x"]], "1/100"]),
        cover("m"),
    ),
    "second-order form over a kink": both(
        forall({"x": "[-1,1]"}, [">=", ["-", ["abs", "x"], ["*", "1/2", "x"]], "1/100"]),
        forall({"x": "[3/4,1]"}, [">=", ["-", ["abs", "x"], ["*", "1/2", "x"]], "1/100"]),
        cover("t"),
    ),
    "second-order form with the whole square": both(  # half of it would do for the false one
        forall({"x": "[0,2]"}, ["<", ["^", "x", 2], "7/2"]), forall({"x": "[0,2]"}, ["<", ["^", "x", 2], "9/2"]), cover("t")
    ),
    "second-order form with mixed derivatives": both(
        forall({"x": "[-1,1]", "y": "[-1,1]"}, ["<=", ["-", ["*", "x", "y"], ["^", ["*", "x", "y"], 2]], "1/8"]),
        forall({"x": "[1/4,1/2]", "y": "[1/4,1/2]"}, ["<=", ["-", ["*", "x", "y"], ["^", ["*", "x", "y"], 2]], "1/4"]),
        cover("t"),
    ),
    "corners over a kink": both(
        forall({"x": "[-1,2]"}, [">=", ["max", ["*", -1, "x"], ["*", 2, "x"]], 1]),
        forall({"x": "[1,2]"}, [">=", ["max", ["*", -1, "x"], ["*", 2, "x"]], 1]),
        cover("d"),
    ),
    "sign has slope zero only off zero": both(
        forall({"x": "[-1,1]"}, ["=", ["^", ["sign", "x"], 2], 1]), forall({"x": "[1/2,1]"}, ["=", ["^", ["sign", "x"], 2], 1]), cover("d")
    ),
    # strictness, open and closed ends
    "strict at a touching point": both(
        forall(UNIT, ["<", ["*", "x", ["-", 1, "x"]], "1/4"]),
        forall(UNIT, ["<=", ["*", "x", ["-", 1, "x"]], "1/4"]),
        {"rule": "have", "fact": ["<=", 0, ["^", ["-", "x", "1/2"], 2]], "proof": cover("n"), "then": orthant({"use": [[0, 1]]})},
    ),
    "strict at a closed end": both(
        forall({"x": "[0,1]"}, [">", "x", 0]), forall({"x": "(0,1]"}, [">", "x", 0]), orthant([["x", "0", None]])
    ),
    "strict at an upper end": both(forall(UNIT, ["<", "x", 1]), forall({"x": "[0,1)"}, ["<", "x", 1]), orthant([["x", "0", "1"]])),
    "strict at both ends": both(
        forall({"x": "(0,1]"}, [">", ["*", "x", ["-", 1, "x"]], 0]),
        forall({"x": "(0,1)"}, [">", ["*", "x", ["-", 1, "x"]], 0]),
        orthant([["x", "0", "1"]]),
    ),
    "strict at a closed end, by Sturm": both(forall({"x": "[0,1]"}, [">", "x", 0]), forall({"x": "(0,1]"}, [">", "x", 0]), STURM),
    "strict from a hypothesis": both(
        forall({"x": "[0,1]", "y": "[0,1]"}, ["<", "x", "y"], given=[["<=", "x", "y"]]),
        forall({"x": "[0,1]", "y": "[0,1]"}, ["<", "x", "y"], given=[["<", "x", "y"]]),
        orthant([["x", "0", None], ["y", "x", None]]),
    ),
    "a bound that is not one": both(
        forall({"x": "[0,1]"}, ["<=", 0, ["-", "x", "1/2"]]),
        forall({"x": "[1/2,1]"}, ["<=", 0, ["-", "x", "1/2"]]),
        orthant([["x", "1/2", None]]),
    ),
    "a bound with a denominator": Pair(
        forall({"x": "[0,oo)", "y": "[0,oo)"}, ["<=", "y", "x"], given=[["<=", ["/", "y", 2], "x"]]),
        orthant([["y", "0", None], ["x", ["/", "y", 2], None]]),
        forall({"x": "[0,oo)", "y": "[0,oo)"}, ["<=", "y", "x"], given=[["<=", "y", "x"]]),
        orthant([["y", "0", None], ["x", "y", None]]),
    ),
    "a bound that is listed later": Pair(
        forall({"x": "[0,oo)", "y": "[0,oo)"}, [">=", ["-", "x", "y"], 1], given=[["<=", "y", "x"]]),
        orthant([["x", "y", None], ["y", "0", None]]),
        forall({"x": "[0,oo)", "y": "[0,oo)"}, [">=", ["-", "x", "y"], 0], given=[["<=", "y", "x"]]),
        orthant([["y", "0", None], ["x", "y", None]]),
    ),
    "!= is not a bound": both(
        forall({"x": "[0,1]", "y": "[0,1]"}, ["<=", "x", "y"], given=[["!=", "x", "y"]]),
        forall({"x": "[0,1]", "y": "[0,1]"}, ["<=", "x", "y"], given=[["=", "x", "y"]]),
        orthant([["x", "0", None], ["y", "x", None]]),
    ),
    "a strict hypothesis times zero": both(
        forall({"a": "[0,1]", "x": "[0,1]"}, ["<", ["*", "a", "x"], "a"], given=[["<", "x", 1]]),
        forall({"a": "(0,1]", "x": "[0,1]"}, ["<", ["*", "a", "x"], "a"], given=[["<", "x", 1]]),
        orthant({"order": [["a", "0", None]], "use": [[0, "a"]]}),
    ),
    "a negative multiplier": both(
        forall(REAL, ["<=", ["-", "x"], -1], given=[["<=", "x", 1]]),
        forall(REAL, ["<=", ["-", "x"], -1], given=[["=", "x", 1]]),
        orthant({"use": [[0, -1]]}),
    ),
    "an equation from an inequality": both(
        forall(REAL, ["=", "x", 0], given=[["<=", "x", 0]]),
        forall(REAL, ["<=", "x", 0], given=[["<=", "x", 0]]),
        orthant({"use": [[0, 1]]}),
    ),
    "an even root count": both(forall({"x": "[-2,2]"}, ["<", ["^", "x", 2], 4]), forall({"x": "(-2,2)"}, ["<", ["^", "x", 2], 4]), STURM),
    "a double root inside": both(
        forall({"x": "[0,2]"}, [">", ["^", ["-", "x", 1], 2], 0]), forall({"x": "(1,2]"}, [">", ["^", ["-", "x", 1], 2], 0]), STURM
    ),
    "a hypothesis that is not absurd": both(
        forall({"x": "[0,1]"}, ["<=", 1, 0], given=[["<", ["*", 2, "x"], 2]]),
        forall({"x": "[0,1]"}, ["<=", 1, 0], given=[["<", 2, ["*", 2, "x"]]]),
        orthant({"order": [["x", "0", "1"]], "absurd": 0}),
    ),
    "a hypothesis that is absurd but for a point": both(
        forall({"x": "[0,1]"}, ["<=", 1, 0], given=[["<=", 2, ["*", 2, "x"]]]),
        forall({"x": "[0,1)"}, ["<=", 1, 0], given=[["<=", 2, ["*", 2, "x"]]]),
        orthant({"order": [["x", "0", "1"]], "absurd": 0}),
    ),
    "an equation that is not absurd": both(
        forall({"x": "[0,1]"}, ["<=", 1, 0], given=[["=", ["*", 2, "x"], "x"]]),
        forall({"x": "(0,1]"}, ["<=", 1, 0], given=[["=", ["*", 2, "x"], "x"]]),
        orthant({"order": [["x", "0", "1"]], "absurd": 0}),
    ),
    "different, seen from the other side": both(
        forall({"x": "[0,1]"}, ["!=", "x", 0]), forall({"x": "(0,1]"}, ["!=", "x", 0]), orthant({"order": [["x", "0", None]], "flip": True})
    ),
    "different by a hypothesis": both(
        forall({"x": "[0,1]", "y": "[0,1]"}, ["!=", "x", "y"], given=[["<=", "x", "y"]]),
        forall({"x": "[0,1]", "y": "[0,1]"}, ["!=", "x", "y"], given=[["<", "x", "y"]]),
        orthant({"use": [[0, 1]]}),
    ),
    "Sturm with another variable in the term": both(
        forall({"x": "[1,2]", "y": "[0,1]"}, ["<", 0, ["-", "x", ["*", 2, "y"]]]),
        forall({"x": "[1,2]", "y": "[0,1]"}, ["<", 0, "x"]),
        STURM,
    ),
    # covers
    "an unbounded range has no halves": Pair(
        forall({"x": "(-oo,oo)", "y": "[0,1]"}, ["<=", "x", 5]),
        cover(1, 0, "n", "n", 0, "n", "n"),
        forall({"x": "[0,1]", "y": "[0,1]"}, ["<=", "x", 5]),
        cover(1, 0, "n", "n", 0, "n", "n"),
    ),
    "a box left uncovered": Pair(
        forall({"x": "[0,2]"}, ["<=", "x", 1]), cover(0, "n"), forall({"x": "[0,1]"}, ["<=", "x", 1]), cover(0, "n", "n")
    ),
    "integers skip no real number": both(
        forall({"x": "[0,1]"}, [">=", ["abs", ["-", "x", "1/2"]], "1/2"]),
        forall({"x": "[0,1]Z"}, [">=", ["abs", ["-", "x", "1/2"]], "1/2"]),
        cover(0, "n", "n"),
    ),
    "the middle case of a split": Pair(
        forall({"x": "[-1,1]"}, ["!=", "x", 0]),
        cover(["x", 0], orthant([["x", None, "0"]]), orthant([["x", "0", None]])),
        forall({"x": "[-1,1]"}, ["or", ["!=", "x", 0], ["=", "x", 0]]),
        cover(["x", 0], orthant([["x", None, "0"]]), orthant({"pick": 1}), orthant([["x", "0", None]])),
    ),
    "an infinite end is not a number": both(
        forall({"x": "[0,oo)"}, ["<=", ["*", 0, ["-", "x", "x"]], -1]),
        forall({"x": "[0,oo)"}, ["<=", ["*", 0, ["-", "x", "x"]], 0]),
        cover("n"),
    ),
    "a second-order form needs a bounded box": both(
        forall({"x": "[0,oo)"}, ["<=", ["-", ["sqrt", ["+", "x", 1]], "x"], "1/2"]),
        forall({"x": "[9,10]"}, ["<=", ["-", ["sqrt", ["+", "x", 1]], "x"], "1/2"]),
        cover("t"),
    ),
    "a mean value needs a bounded box": both(
        forall({"x": "[0,oo)"}, ["<=", ["-", ["sqrt", ["+", "x", 1]], "x"], "1/2"]),
        forall({"x": "[9,10]"}, ["<=", ["-", ["sqrt", ["+", "x", 1]], "x"], "1/2"]),
        cover("m"),
    ),
    "huge numbers are not capped": both(
        forall({"x": "[0,oo)"}, ["<=", "x", ["^", 2, 9000]]), forall({"x": "[0,oo)"}, ["<=", 0, ["*", "x", ["^", 2, 9000]]]), cover("n")
    ),
    "the root of an infinite end": both(
        forall({"x": "[0,oo)"}, ["<=", ["sqrt", "x"], ["^", 2, 8100]]), forall({"x": "[0,oo)"}, [">=", ["sqrt", "x"], 0]), cover("n")
    ),
    # change of variable
    "a substitution that misses some values": both(
        forall({"x": "[0,4]"}, [">=", "x", 1]),
        forall({"x": "[1,4]"}, [">=", "x", 1]),
        change("x", HALF, ["+", 1, SQUARED], 0, "x", cover("d"), orthant([["z", "0", None]])),
    ),
    "a substitution that misses an end": both(
        forall({"x": "[0,4]"}, [">", "x", 0]),
        forall({"x": "(0,4]"}, [">", "x", 0]),
        change(
            "x",
            interval("z", "(0,oo)"),
            SQUARED,
            ["/", "x", ["+", "x", 1]],
            ["+", "x", 1],
            orthant(*[BELOW] * 5),
            orthant([["z", "0", None]]),
        ),
    ),
    "a substitution that turns back": both(
        forall({"x": "[0,oo)"}, ["<=", "x", 1]),
        forall({"x": "(-oo,0]"}, ["<=", "x", 1]),
        change("x", HALF, ["-", "z", ["*", 2, "z"]], ["-", "x"], ["-", "x"], orthant(*[UP_TO_ZERO] * 5), orthant([["z", "0", None]])),
    ),
    "a coefficient that may vanish": Pair(
        *[
            y
            for left, tree in (("[", [orthant({"pick": 1})]), ("(", []))
            for y in (
                forall({"a": f"{left}0,1]", "x": "[0,1]"}, ["or", [">", "a", 0], ["=", "x", 0]]),
                change(
                    "x",
                    HALF,
                    ["*", "a", "z"],
                    0,
                    ["/", "x", "a"],
                    orthant(*[[["a", "0", None], *BELOW]] * 5),
                    cover(["a", 0], *tree, orthant([["a", "0", None]])),
                ),
            )
        ]
    ),
    "a substitution with a jump": Pair(
        *[
            y
            for by, least in ((["+", "z", ["sign", "z"]], 1), (["+", "z", ["^", "z", 3]], "1/2"))
            for y in (
                forall({"x": "[1/2,4]"}, [">=", "x", least]),
                change("x", HALF, by, 0, "x", SIDE, cover(["z", 0], "n", "n")),
            )
        ]
    ),
    "a substitution that leaves the range of the new variable": both(
        forall({"x": "[1,4]"}, ["<=", "x", 2]),
        forall({"x": "[1,2]"}, ["<=", "x", 2]),
        change("x", interval("z", "[1,2]"), "z", "x", "x", cover("n"), cover("n")),
    ),
    "a substitution with low and high exchanged": Pair(
        *[
            y
            for low, high in (("x", 0), (0, "x"))
            for y in (
                forall({"x": "[0,1]"}, [">=", "x", 0]),
                change("x", HALF, "z", low, high, orthant(*[BELOW] * 5), orthant([["z", "0", None]])),
            )
        ]
    ),
    "a substitution that is undefined on the way": Pair(
        *[
            y
            for pole, end in (("2", "1"), ("-1", "1"))
            for y in (
                forall({"x": "[0,1]"}, [">=", "x", 0]),
                change("x", interval("z", "[0,4]"), ["+", "z", ["*", 0, ["/", 1, ["-", "z", pole]]]], 0, end, cover("n"), cover("n")),
            )
        ]
    ),
    "a name used again means something else": Pair(
        two_cubics("4"),
        {**ONE, "elsewhere": twice_changed()},
        two_cubics("2"),
        {**ONE, "elsewhere": cover(["x", "1/2"], "n", "n", ["x", "3/2"], "n", "n", "n")},
    ),
    # lemmas
    "a lemma outside its range": both(
        forall({"x": "[-1,1]"}, [">=", ["+", "x", 1], 1]),
        forall({"x": "[0,1]"}, [">=", ["+", "x", 1], 1]),
        {"rule": "apply", "lemma": LEMMA, "proof": cover("n"), "at": {"y": "x"}, "side": cover("n"), "then": orthant({"use": [[0, 1]]})},
    ),
    "a fact that does not hold": both(
        forall({"x": "[-1,1]"}, [">=", "x", 0]),
        forall({"x": "[0,1]"}, [">=", "x", 0]),
        {"rule": "have", "fact": [">=", "x", 0], "proof": cover("n"), "then": cover("n")},
    ),
    "a lemma that uses the names of the goal": Pair(
        *[
            y
            for d in ("[-5,1]", "[-1,1]")
            for y in (
                forall({"x": d}, [">=", ["+", "x", 2], 1]),
                {
                    "rule": "apply",
                    "lemma": {"vars": [interval("x", "[0,oo)")], "then": [[">=", ["+", "x", 1], 1]]},
                    "proof": cover("n"),
                    "at": {"x": ["+", "x", 1]},
                    "side": cover("n"),
                    "then": orthant({"use": [[0, 1]]}),
                },
            )
        ]
    ),
    # the sign of a derivative
    "from the end at which it is smallest": both(
        forall(UNIT, ["<=", ["^", "x", 2], 0]),
        forall(UNIT, ["<=", ["-", ["^", "x", 2]], 0]),
        monotone("lo", 0, cover("d"), cover("n")),
    ),
    "the derivative has the other sign": Pair(
        forall(UNIT, ["<", ["*", "x", ["-", 1, "x"]], "1/8"]),
        monotone("hi", 1, cover("d"), cover("n")),
        forall({"x": "[0,1/9]"}, ["<", ["*", "x", ["-", 1, "x"]], "1/8"]),
        monotone("hi", "1/9", cover("d"), cover("n"), side=orthant([["x", None, "1/9"]], [], [])),
    ),
    "from a term that is on the wrong side": both(
        forall({"x": "[0,2]"}, ["<=", "x", 1]),
        forall({"x": "[0,1]"}, ["<=", "x", 1]),
        monotone("hi", 1, cover("d"), cover("n")),
    ),
    "from a term that depends on the variable": Pair(
        forall(UNIT, ["<=", ["+", ["^", "x", 2], "x"], 1]),
        monotone(
            "hi", ["/", ["+", 1, "x"], 2], orthant([["x", "0", "1"]]), cover("n"), side=orthant([["x", None, "1"]], [["x", "0", None]], [])
        ),
        forall(UNIT, ["<=", ["+", ["^", "x", 2], "x"], 2]),
        monotone("hi", 1, cover("d"), cover("n")),
    ),
    "monotone on each side of a pole": Pair(
        forall({"x": "[-1,1]"}, ["<=", ["/", -1, "x"], 0]),
        monotone("hi", 1, cover("d"), orthant([]), defined=orthant([])),
        forall({"x": "(0,1]"}, ["<=", ["/", -1, "x"], 0]),
        monotone("hi", 1, cover("d"), orthant([["x", "0", None]]), defined=orthant([["x", "0", None]])),
    ),
    "a jump at the end": Pair(
        forall(UNIT, ["<=", ["sign", ["-", 1, "x"]], "1/2"]),
        monotone("hi", 1, cover("d"), orthant([["x", None, "1"]])),
        forall(UNIT, ["<=", ["-", "x", 1], "1/2"]),
        monotone("hi", 1, cover("d"), orthant([["x", None, "1"]])),
    ),
    "undefined where the derivative does not show it": both(
        forall({"x": "[-1,1]"}, ["<=", ["+", ["*", 0, ["log", "x"]], "x"], 1]),
        forall({"x": "[1/2,1]"}, ["<=", ["+", ["*", 0, ["log", "x"]], "x"], 1]),
        monotone("hi", 1, cover("d"), cover("n"), defined=cover("n")),
    ),
    "a derivative with a sign where the hypotheses hold only": Pair(
        forall({"x": "[-5/4,2]"}, ["<=", BUMP, "-575/96"], given=[["<=", 1, ["^", "x", 2]]]),
        monotone("lo", "-5/4", cover("d"), orthant({"use": [[0, 10]]})),
        forall({"x": "[-5/4,-1]"}, ["<=", BUMP, "-575/96"], given=[["<=", 1, ["^", "x", 2]]]),
        monotone("lo", "-5/4", cover("d"), orthant([["x", None, "-1"]])),
    ),
    "an end that is not beyond the range": Pair(
        forall({"x": "[0,oo)"}, ["<=", ["-", 1, ["/", 1, ["+", "x", 1]]], "1/2"]),
        monotone("hi", 1, cover("n"), cover("n"), defined=cover("n")),
        forall({"x": "[0,1]"}, ["<=", ["-", 1, ["/", 1, ["+", "x", 1]]], "1/2"]),
        monotone("hi", 1, cover("d"), orthant([["x", "0", None]]), defined=orthant([["x", "0", None]])),
    ),
    "an integer is between two values of the derivative": Pair(
        forall({"n": "[0,1]Z"}, ["<", "n", 1]),
        monotone("hi", 1, cover("d"), cover("n"), var="n"),
        forall({"n": "[0,1]"}, ["<=", "n", 1]),
        monotone("hi", 1, cover("d"), cover("n"), var="n"),
    ),
    "strict at an end that belongs to the range": both(
        forall(UNIT, ["<", ["-", "x"], 0]),
        forall({"x": "(0,1]"}, ["<", ["-", "x"], 0]),
        monotone("lo", 0, cover("d"), cover("n"), strict=True, side=ABOVE),
    ),
    "strict with a slope that vanishes": Pair(
        forall({"x": "(0,1]"}, ["<", ["*", 0, "x"], 0]),
        monotone("lo", 0, cover("d"), cover("n"), strict=True, side=ABOVE),
        forall({"x": "(0,1]"}, ["<", ["*", -1, "x"], 0]),
        monotone("lo", 0, cover("d"), cover("n"), strict=True, side=ABOVE),
    ),
    "strict, from an end where it does not hold": both(
        forall({"x": "(0,1]"}, ["<", ["-", "1/2", "x"], 0]),
        forall({"x": "(0,1]"}, ["<", ["-", "x"], 0]),
        monotone("lo", 0, cover("d"), cover("n"), strict=True, side=ABOVE),
    ),
    "from a term outside the range": Pair(
        forall({"x": "(0,1]"}, ["<=", ["/", 1, "x"], 0]),
        monotone("lo", -1, cover("d"), orthant([["x", "0", None]]), defined=orthant([["x", "0", None]])),
        forall({"x": "(0,1]"}, ["<=", ["/", -1, "x"], -1]),
        monotone("hi", 1, cover("d"), orthant([["x", "0", None]]), defined=orthant([["x", "0", None]])),
    ),
    "from a term that may be on the other side": both(
        forall({"x": "[0,1]", "y": "[0,1]"}, ["<=", ["-", "x", "y"], 0]),
        forall({"x": "[0,1]", "y": "[0,1]"}, ["<=", ["-", "x", "y"], 0], given=[["<=", "x", "y"]]),
        monotone("hi", "y", orthant([]), cover("n")),
    ),
    "from a term that may be x, strictly": both(
        forall({"x": "[0,1]", "y": "[0,1]"}, ["<", ["-", "x", "y"], 0], given=[["<=", "x", "y"]]),
        forall({"x": "[0,1]", "y": "[0,1]"}, ["<", ["-", "x", "y"], 0], given=[["<", "x", "y"]]),
        monotone("hi", "y", orthant([]), cover("n"), strict=True),
    ),
    # rewriting
    "rewriting by an inequality": both(
        forall({"x": "[0,1]", "y": "[0,1]"}, ["=", ["exp", "x"], ["exp", "y"]], given=[["<=", "x", "y"]]),
        forall({"x": "[0,1]", "y": "[0,1]"}, ["=", ["exp", "x"], ["exp", "y"]], given=[["=", "x", "y"]]),
        {"rule": "rewrite", "use": 0, "then": cover("n")},
    ),
    # what is defined
    "a logarithm at an end that belongs to the range": both(
        forall({"x": "[0,1]"}, ["=", ["log", "x"], ["log", "x"]]),
        forall({"x": "(0,1]"}, ["=", ["log", "x"], ["log", "x"]]),
        {"rule": "defined", "proof": orthant([["x", "0", None]])},
    ),
    "two terms that are defined need not be equal": Pair(
        forall({"x": "(0,1]"}, ["=", ["log", "x"], ["log", ["*", 2, "x"]]]),
        {"rule": "defined", "proof": orthant([["x", "0", None]])},
        forall({"x": "(0,1]"}, ["=", ["log", "x"], ["log", "x"]]),
        {"rule": "defined", "proof": orthant([["x", "0", None]])},
    ),
    "a root of a negative power": both(
        forall({"x": "[0,1]"}, ["=", ["pow", "x", "-1/2"], ["pow", "x", "-1/2"]]),
        forall({"x": "(0,1]"}, ["=", ["pow", "x", "-1/2"], ["pow", "x", "-1/2"]]),
        {"rule": "defined", "proof": orthant([["x", "0", None]])},
    ),
    # facts
    "a fact with a wrong bound": both(
        forall({"x": "(-oo,oo)"}, ["<", "-1/2", ["tanh", "x"]]), forall({"x": "(-oo,oo)"}, ["<", -1, ["tanh", "x"]]), fact("tanh", u="x")
    ),
    "a fact without its hypothesis": both(
        forall({"x": "(-oo,oo)"}, ["=", ["exp", ["log", "x"]], "x"]),
        forall({"x": "(-oo,oo)"}, ["=", ["exp", ["log", "x"]], "x"], given=[["<", 0, "x"]]),
        fact("exp log", u="x"),
    ),
    "a fact with the terms in other places": Pair(
        forall(UVW, ["=", ["exp", "w"], ["*", ["exp", "u"], ["exp", "v"]]], given=SUM),
        fact("exp +", u="w", v="v", w="u"),
        forall(UVW, ["=", ["exp", "w"], ["*", ["exp", "u"], ["exp", "v"]]], given=SUM),
        fact("exp +", u="u", v="v", w="w"),
    ),
    "a fact under the name of another": Pair(
        forall(REAL, ["<", 0, ["exp", "x"]]), fact("tanh", u="x"), forall(REAL, ["<", 0, ["exp", "x"]]), fact("exp", u="x")
    ),
    "a fact about an undefined term": both(
        forall(REAL, ["<", ["tanh", ["/", 1, "x"]], 1]),
        forall({"x": "(0,oo)"}, ["<", ["tanh", ["/", 1, "x"]], 1]),
        fact("tanh", side={"rule": "defined", "proof": orthant([["x", "0", None]])}, u=["/", 1, "x"]),
    ),
    "a lemma that is not proved, with the name of a fact": Pair(
        forall(REAL, ["<", ["tanh", "x"], 0]),
        {**fact("tanh", u="x"), "lemma": {"vars": [interval("u", "(-oo,oo)")], "then": [["<", ["tanh", "u"], 0]]}, "proof": cover("n")},
        forall(REAL, ["<=", ["tanh", "x"], 1]),
        {**fact("tanh", u="x"), "lemma": {"vars": [interval("u", "(-oo,oo)")], "then": [["<=", ["tanh", "u"], 1]]}, "proof": cover("n")},
    ),
    # zeros
    "an equation undefined inside the box": both(
        zero({"x": "[-1,1]"}, ["+", "x", ["*", 0, ["/", 1, "x"]]]),
        zero({"x": "[-1,1]"}, ["+", "x", ["*", 0, ["/", 1, ["+", "x", 2]]]]),
        {"box": [interval("x", "[-1,1]")], "holds": cover("n"), "elsewhere": cover("n")},
    ),
    "the same, by Krawczyk": both(
        zero({"x": "[-1,1]"}, ["+", "x", ["*", 0, ["/", 1, ["-", "x", "1/2"]]]]),
        zero({"x": "[-1,1]"}, ["+", "x", ["*", 0, ["/", 1, ["+", "x", 2]]]]),
        {"box": [interval("x", "[-1,1]")], "inverse": [[1]], "holds": cover("n"), "elsewhere": cover("n")},
    ),
    "an integer unknown": both(
        zero({"x": "[1,2]Z"}, ["-", ["^", "x", 2], 2]),
        zero({"x": "[1,2]"}, ["-", ["^", "x", 2], 2]),
        {"box": [interval("x", "[1,2]")], "holds": cover("n"), "elsewhere": cover("n")},
    ),
    "an integer unknown in an integer box": Pair(
        zero({"x": "[1,2]Z"}, ["-", ["^", "x", 2], 2]),
        {"box": [interval("x", "[1,2]Z")], "holds": cover("n"), "elsewhere": cover("n")},
        zero({"x": "[1,2]"}, ["-", ["^", "x", 2], 2]),
        {"box": [interval("x", "[1,2]")], "holds": cover("n"), "elsewhere": cover("n")},
    ),
    "a second zero elsewhere": both(
        two_cubics("4"), two_cubics("2"), {**ONE, "elsewhere": cover(["x", "1/2"], "n", "n", ["x", "3/2"], "n", "n", "n")}
    ),
    "a jump over zero": both(
        zero({"x": "[-1,1]"}, ["-", ["sign", "x"], "1/2"]),
        zero({"x": "[-1,1]"}, ["-", "x", "1/2"]),
        {"box": [interval("x", "[-1,1]")], "holds": cover("n"), "elsewhere": cover("n")},
    ),
    "box ends that are rounded": Pair(
        zero({"x": "[1/3,1]"}, ["-", "x", "1/3"]),
        {"box": [interval("x", "[1/3,1]")], "holds": cover("n"), "elsewhere": cover("n")},
        zero({"x": "[1/4,1]"}, ["-", "x", "1/3"]),
        {"box": [interval("x", "[1/4,1]")], "holds": cover("n"), "elsewhere": cover("n")},
    ),
    "a zero beyond the edge of Krawczyk's box": Pair(
        zero({"x": "[0,1]", "y": "[-1,1]"}, ["+", "x", "1/1000"], "y"),
        {
            "box": [interval("x", "[0,1]"), interval("y", "[-1,1]")],
            "inverse": [[1, 0], [0, 1]],
            "holds": cover("n"),
            "elsewhere": cover("n"),
        },
        zero({"x": "[-1,1]", "y": "[-1,1]"}, ["+", "x", "1/1000"], "y"),
        {
            "box": [interval("x", "[-1,1]"), interval("y", "[-1,1]")],
            "inverse": [[1, 0], [0, 1]],
            "holds": cover("n"),
            "elsewhere": cover("n"),
        },
    ),
    "one equation for two unknowns": Pair(
        zero({"x": "[-1,1]", "y": "[-1,1]"}, "x"),
        {"box": [interval("x", "[-1,1]"), interval("y", "[-1,1]")], "holds": cover("n"), "elsewhere": cover("n")},
        zero({"x": "[-1,1]"}, "x"),
        {"box": [interval("x", "[-1,1]")], "holds": cover("n"), "elsewhere": cover("n")},
    ),
    "not unique, in boxes that overlap": Pair(
        zero({"x": "[0,2]"}, ["-", ["^", "x", 2], 1]),
        {"at": {}, "boxes": [{"box": [interval("x", "[1/2,3/2]")]}, {"box": [interval("x", "[3/4,5/4]")]}]},
        zero({"x": "[-2,2]"}, ["-", ["^", "x", 2], 1]),
        {"at": {}, "boxes": [{"box": [interval("x", "[-3/2,-1/2]")]}, {"box": [interval("x", "[1/2,3/2]")]}]},
        "refuted",
    ),
    "no zero, though one is there": both(
        zero({"x": "[-2,2]"}, ["-", ["^", "x", 2], 1]),
        zero({"x": "[-2,2]"}, ["+", ["^", "x", 2], 1]),
        {"at": {}, "none": cover("n")},
        "refuted",
    ),
    "parameters that the claim excludes": Pair(
        {**zero({"x": "[0,1]"}, ["-", "x", "a"]), "params": [interval("a", "[0,2]")], "given": [["<=", "a", 1]]},
        {"at": {"a": 2}, "none": cover(0, "n", "d")},
        {**zero({"x": "[0,1]"}, ["-", "x", "a"]), "params": [interval("a", "[0,2]")]},
        {"at": {"a": 2}, "none": cover(0, "n", "d")},
        "refuted",
    ),
    # counterexamples
    "a counterexample between the integers": both(
        forall({"n": "[1,2]Z"}, ["!=", ["^", "n", 2], 2]),
        forall({"n": "[1,2]"}, ["!=", ["^", "n", 2], 2]),
        {"rule": "zero", "box": [interval("n", "[1,2]")], "unknowns": ["n"], "equations": [["-", ["^", "n", 2], 2]]},
        "refuted",
    ),
    "a box that holds no integer": Pair(
        forall({"n": "[0,1]Z", "x": "[0,1]"}, [">=", ["*", ["-", "n", "1/4"], ["-", "n", "3/4"]], 0]),
        {"rule": "zero", "box": [interval("n", "[2/5,3/5]Z"), interval("x", "[0,1]")], "unknowns": ["x"], "equations": [["-", "x", "1/2"]]},
        forall({"n": "[0,1]", "x": "[0,1]"}, [">=", ["*", ["-", "n", "1/4"], ["-", "n", "3/4"]], 0]),
        {"rule": "zero", "box": [interval("n", "[2/5,3/5]"), interval("x", "[0,1]")], "unknowns": ["x"], "equations": [["-", "x", "1/2"]]},
        "refuted",
    ),
    "a point outside the domain": both(
        forall(UNIT, ["<=", "x", 1]), forall({"x": "[0,3]"}, ["<=", "x", 1]), {"rule": "point", "at": {"x": 2}}, "refuted"
    ),
    "a point on an open end": both(
        forall({"x": "[0,1)"}, ["<", "x", 1]), forall(UNIT, ["<", "x", 1]), {"rule": "point", "at": {"x": 1}}, "refuted"
    ),
    "a hypothesis that fails at the point": both(
        forall(REAL, ["<", "x", 1], given=[["<", "x", 1]]),
        forall(REAL, ["<", "x", 1], given=[["<=", "x", 1]]),
        {"rule": "point", "at": {"x": 1}},
        "refuted",
    ),
    "an irrational equality at the point": both(
        forall({"x": "[0,2]"}, ["=", ["^", ["sqrt", 2], 2], 2]),
        forall({"x": "[0,2]"}, ["=", ["^", ["sqrt", 2], 3], 2]),
        {"rule": "point", "at": {"x": 1}},
        "refuted",
    ),
    "one conclusion of a disjunction": both(
        forall(UNIT, ["or", ["<", "x", 1], ["=", "x", 1]]),
        forall(UNIT, ["or", ["<", "x", 1], ["=", "x", 0]]),
        {"rule": "point", "at": {"x": 1}},
        "refuted",
    ),
    # orbits
    "a limit where the map is undefined": both(
        orbit({"x": ["+", ["/", "x", 2], ["*", 0, ["/", 1, "x"]]]}, {"converges": [0]}),
        orbit({"x": ["/", "x", 2]}, {"converges": [0]}),
        {"regions": [region([], "approach", HALVES, outcome=0)], "start": cover("n")},
    ),
    "a step from where the map is undefined": Pair(
        *[
            y
            for f in (["/", 1, "x"], ["+", "x", 1])
            for y in (
                orbit({"x": f}, *WHOLE, start=[["=", "x", 0]]),
                {
                    "regions": [region([["=", "x", 0]], "step", orthant([]), to=[1]), region([], "stay", orthant([]), outcome=0)],
                    "start": cover("n"),
                },
            )
        ]
    ),
    "a second coordinate that is undefined": both(
        orbit({"x": ["/", "x", 2], "y": ["/", 1, "y"]}, {"stays": [["<=", "x", 1]]}, start=[["<=", 0, "x"], ["<=", "x", 1]]),
        orbit(
            {"x": ["/", "x", 2], "y": ["/", 1, ["+", 1, ["^", "y", 2]]]},
            {"stays": [["<=", "x", 1]]},
            start=[["<=", 0, "x"], ["<=", "x", 1]],
        ),
        {"regions": STAYS, "start": cover("n")},
    ),
    "distances fall, but not to zero": Pair(
        orbit({"x": JUMP}, {"converges": [0]}, start=[["<=", 0, "x"]]),
        {
            "regions": [
                region(
                    [["<=", 0, "x"]],
                    "approach",
                    cover(
                        ["x", 0],
                        orthant([], {"pick": 1}, []),
                        ["x", 1],
                        *[orthant(o, o, o) for o in ([["x", "0", "1"]], [], [["x", "1", None]])],
                    ),
                    outcome=0,
                )
            ],
            "start": orthant({"use": [[0, 1]]}),
        },
        orbit({"x": ["/", "x", 2]}, {"converges": [0]}, start=[["<=", 0, "x"]]),
        {
            "regions": [
                region(
                    [["<=", 0, "x"]],
                    "approach",
                    cover(["x", 0], orthant([], *[{"pick": 1}] * 2, []), orthant(*[[["x", "0", None]]] * 4)),
                    outcome=0,
                )
            ],
            "start": orthant({"use": [[0, 1]]}),
        },
    ),
    "a jump stops an increasing orbit": Pair(
        orbit({"x": STEP_RISE}, {"diverges": True}, start=[["<", 0, "x"]]),
        {
            "regions": [
                region(
                    [["<", 0, "x"]],
                    "escape",
                    cover(["x", 1], *[orthant(o) for o in ([["x", "0", "1"]], [], [["x", "1", None]])]),
                    measure="x",
                    outcome=0,
                )
            ],
            "start": orthant({"use": [[0, 1]]}),
        },
        orbit({"x": ["+", "x", 1]}, {"diverges": True}, start=[["<", 0, "x"]]),
        {
            "regions": [region([["<", 0, "x"]], "escape", orthant([]), measure="x", outcome=0)],
            "start": orthant({"use": [[0, 1]]}),
        },
    ),
    "increasing to a fixed point": both(
        orbit({"x": ["/", ["+", "x", 1], 2]}, {"diverges": True}, start=[["<", 0, "x"]]),
        orbit({"x": ["*", 2, "x"]}, {"diverges": True}, start=[["<", 0, "x"]]),
        {
            "regions": [region([["<", 0, "x"]], "escape", orthant([["x", "0", None]]), measure="x", outcome=0)],
            "start": orthant({"use": [[0, 1]]}),
        },
    ),
    "a contraction with factor 1": Pair(
        *[
            y
            for f, b in ((["-", "x"], 1), (["/", "x", -2], "1/2"))
            for y in (
                orbit({"x": f}, {"converges": [0]}),
                {"regions": [region([], "contract", orthant([], [], []), factor=b, outcome=0)], "start": orthant()},
            )
        ]
    ),
    "a rate that starts late": Pair(
        orbit({"x": ["/", ["+", ["abs", "x"], ["abs", ["-", "x", 2]], -2], 2]}, {"rate": "1/2", "to": [0]}, start=[["=", "x", 4]]),
        {
            "regions": [region([["=", "x", 4]], "step", cover("n"), to=[1]), region([["=", "x", 2]], "contract", cover("n"), outcome=0)],
            "start": cover("n"),
        },
        orbit({"x": ["/", "x", 2]}, {"rate": "1/2", "to": [0]}),
        {"regions": [region([], "contract", orthant([], []), outcome=0)], "start": orthant()},
    ),
    "an invariant that comes later, by a step that knows it": Pair(
        *[
            y
            for c in (1, 2)
            for y in (
                orbit({"x": ["/", "x", 2]}, {"stays": [["<=", "x", c]]}, start=[["=", "x", 2]]),
                {
                    "regions": [
                        region([["=", "x", 2]], "step", cover("n"), to=[1]),
                        region([["<=", 0, "x"], ["<=", "x", 1]], "stay", orthant(*[[["x", "0", "1"]]] * 3), outcome=0),
                    ],
                    "start": cover("n"),
                },
            )
        ]
    ),
    "an invariant that does not hold while a measure falls": Pair(
        *[
            y
            for c in (4, 5)
            for y in (
                orbit({"x": ["-", "x", 1]}, {"stays": [["<=", "x", c]]}, start=[["=", "x", 5]]),
                {
                    "regions": [
                        region([["<", 1, "x"], ["<=", "x", 5]], "descend", STAYING, to=[1], measure="x", drop=1, floor=0),
                        region([["<=", "x", 1]], "stay", orthant(*[[["x", None, "1"]]] * 2), outcome=0),
                    ],
                    "start": cover("n"),
                },
            )
        ]
    ),
    "one of two invariants": Pair(
        *[
            y
            for c in (1, 3)
            for y in (
                orbit({"x": ["/", "x", 2]}, {"stays": [["<=", "x", c]]}, {"stays": [["<=", "x", 2]]}, start=[["=", "x", 2]]),
                {
                    "regions": [
                        region([["=", "x", 2]], "step", cover("n"), to=[1]),
                        region([["<=", 0, "x"], ["<=", "x", 1]], "stay", orthant(*[[["x", "0", "1"]]] * 3), outcome=0),
                    ],
                    "start": cover("n"),
                },
            )
        ]
    ),
    "an invariant that comes later": Pair(
        orbit({"x": ["/", "x", 2]}, {"stays": [["<=", "x", 1]]}, start=[["=", "x", 2]]),
        {"regions": [region([["=", "x", 2]], "step", cover("n"), to=[1]), *STAYS], "start": cover("n")},
        orbit({"x": ["/", "x", 2]}, {"ends in": [["<=", "x", 1]]}, start=[["=", "x", 2]]),
        {"regions": [region([["=", "x", 2]], "step", cover("n"), to=[1]), *STAYS], "start": cover("n")},
    ),
    "a region that leads to itself": Pair(
        orbit({"x": "x"}, {"converges": [0]}),
        {"regions": [region([], "step", orthant(), to=[0])], "start": orthant()},
        orbit({"x": 0}, {"converges": [0]}),
        {
            "regions": [region([], "step", orthant([]), to=[1]), region([["=", "x", 0]], "contract", cover("d"), factor=0, outcome=0)],
            "start": cover("n"),
        },
    ),
    "no regions": Pair(
        orbit({"x": "x"}, {"converges": [0]}),
        {"regions": [], "start": cover("n")},
        orbit({"x": "x"}, {"converges": [0]}, start=[["<", ["^", "x", 2], 0]]),
        {"regions": [], "start": cover("n")},
    ),
    "a start that is in no region": Pair(
        orbit({"x": "x"}, {"reaches": [0]}, start=[["<=", 0, "x"]]),
        {"regions": [region([["=", "x", 0]], "reach", cover("d"), outcome=0)], "start": cover("n")},
        orbit({"x": "x"}, {"reaches": [0]}, start=[["=", 0, "x"]]),
        {"regions": [region([["=", "x", 0]], "reach", cover("d"), outcome=0)], "start": cover("n")},
    ),
    "a measure that falls by nothing": Pair(
        *[
            y
            for c in (0, 1)
            for y in (
                orbit({"x": ["-", "x", c]}, {"ends in": [["<=", "x", 1]]}, start=[["=", "x", 5]]),
                {
                    "regions": [
                        region([["<", 1, "x"], ["<=", "x", 5]], "descend", FALLS, to=[1], measure="x", drop=c, floor=0),
                        region([["<=", "x", 1]], "stay", orthant(*[[["x", None, "1"]]] * 2), outcome=0),
                    ],
                    "start": cover("n"),
                },
            )
        ]
    ),
    "a target that moves with the state": Pair(
        orbit({"x": ["-", "x"]}, {"converges": ["x"]}, start=[["=", "x", 1]]),
        {"at": {}, "start": {"x": 1}, "cycle": [0, 2]},
        orbit({"x": ["-", "x"]}, {"converges": [1]}, start=[["=", "x", 1]]),
        {"at": {}, "start": {"x": 1}, "cycle": [0, 2]},
        "refuted",
    ),
    "a target with a coordinate too many": Pair(
        orbit({"x": "x"}, {"converges": [0, 0]}),
        {"at": {}, "start": {"x": 0}, "cycle": [0, 1]},
        orbit({"x": "x"}, {"converges": [1]}),
        {"at": {}, "start": {"x": 0}, "cycle": [0, 1]},
        "refuted",
    ),
    "an observed value that keeps no law": Pair(
        *[
            y
            for f in (["-", ["^", "x", 2]], ["-", "x"])
            for y in (
                orbit({"x": f}, {"converges": [1]}, start=[["=", ["abs", "x"], 1]], observe=["abs", "x"]),
                {
                    "factor": {
                        "var": "r",
                        "map": "r",
                        "proof": cover(["x", 0], *[orthant(o) for o in ([["x", None, "0"]], [], [["x", "0", None]])]),
                    },
                    "regions": [region([["=", "r", 1]], "contract", cover("d"), factor=0, outcome=0)],
                    "start": cover(
                        ["x", 0], *[orthant({"order": o, "use": [[0, 1]]}) for o in ([["x", None, "0"]], [], [["x", "0", None]])]
                    ),
                },
            )
        ]
    ),
    "an observed value that is undefined at the start": Pair(
        *[
            y
            for e, c in ((["/", 1, "x"], 1), (["/", 1, ["+", 1, ["^", "x", 2]]], "1/2"))
            for y in (
                orbit({"x": 1}, {"rate": "1/2", "to": [c]}, observe=e),
                {
                    "factor": {"var": "r", "map": c, "proof": cover("n")},
                    "regions": [
                        region(
                            [],
                            "contract",
                            {
                                "rule": "have",
                                "fact": ["<=", 0, ["^", ["-", "r", c], 2]],
                                "proof": cover("n"),
                                "then": orthant([], {"use": [[0, "1/4"]]}),
                            },
                            outcome=0,
                        )
                    ],
                    "start": cover("n"),
                },
            )
        ]
    ),
    # refutations of orbits
    "a cycle that begins before the start": Pair(
        orbit({"x": ["/", "x", 2]}, {"converges": [0]}),
        {"at": {}, "start": {"x": 1}, "cycle": [-1, 2]},
        orbit({"x": ["-", "x"]}, {"converges": [0]}),
        {"at": {}, "start": {"x": 1}, "cycle": [0, 2]},
        "refuted",
    ),
    "a cycle of length zero": Pair(
        orbit({"x": ["/", "x", 2]}, {"converges": [0]}),
        {"at": {}, "start": {"x": 1}, "cycle": [1, 0]},
        orbit({"x": 1}, {"converges": [0]}),
        {"at": {}, "start": {"x": 1}, "cycle": [1, 1]},
        "refuted",
    ),
    "a cycle that does not return": both(
        orbit({"x": ["/", "x", -2]}, {"converges": [0]}),
        orbit({"x": ["-", "x"]}, {"converges": [0]}),
        {"at": {}, "start": {"x": 1}, "cycle": [0, 2]},
        "refuted",
    ),
    "a cycle through the target": both(
        orbit({"x": ["-", 1, "x"]}, {"reaches": [0]}),
        orbit({"x": ["-", 1, "x"]}, {"converges": [0]}),
        {"at": {}, "start": {"x": 1}, "cycle": [0, 2]},
        "refuted",
    ),
    "a start outside the claim": both(
        orbit({"x": "x"}, {"converges": [0]}, start=[["=", "x", 0]]),
        orbit({"x": "x"}, {"converges": [0]}, start=[["<=", 0, "x"]]),
        {"at": {}, "start": {"x": 1}, "cycle": [0, 1]},
        "refuted",
    ),
    "a parameter outside the claim": Pair(
        *[
            {**orbit({"x": ["*", "a", "x"]}, {"converges": [0]}), "params": [interval("a", r)]}
            if i == 0
            else {"at": {"a": 1}, "start": {"x": 1}, "cycle": [0, 1]}
            for r in ("[0,1)", "[0,1]")
            for i in (0, 1)
        ],
        "refuted",
    ),
    "one of two outcomes": Pair(
        orbit({"x": "x"}, {"converges": [0]}, {"converges": [1]}),
        {"at": {}, "start": {"x": 1}, "cycle": [0, 1]},
        orbit({"x": "x"}, {"converges": [0]}, {"converges": [1]}),
        {"at": {}, "start": {"x": 2}, "cycle": [0, 1]},
        "refuted",
    ),
    "leaving for a while": both(
        orbit({"x": ["/", "x", 2]}, {"ends in": [["<=", "x", 1]]}),
        orbit({"x": ["/", "x", 2]}, {"stays": [["<=", "x", 1]]}),
        {"at": {}, "start": {"x": 2}, "step": 1},
        "refuted",
    ),
    "another outcome that is no contradiction": Pair(
        *[
            y
            for c in ({"linear": [0]}, {"converges": [1]})
            for y in (
                orbit({"x": ["/", "x", 2]}, c),
                {
                    "at": {},
                    "start": {"x": 1},
                    "instead": {"converges": [0]},
                    "proof": {"regions": [region([], "contract", orthant([], [], []), factor="1/2", outcome=0)], "start": orthant()},
                },
            )
        ],
        "refuted",
    ),
    "a state that has two values": Pair(
        *[
            y
            for p, at, proof in ((0, {"x": 5}, cover("n")), (1, {}, orthant([], [], [])))
            for y in (
                orbit({"x": ["/", "x", 2]}, {"converges": [p]}),
                {
                    "at": at,
                    "start": {"x": 1},
                    "instead": {"converges": [1 - p]},
                    "proof": {"regions": [region([], "contract", proof, factor="1/2", outcome=0)], "start": cover("n")},
                },
            )
        ],
        "refuted",
    ),
    "a closed condition may hold at the limit": Pair(
        *[
            y
            for p in (1, 2)
            for y in (
                orbit({"x": ["/", ["+", "x", 1], 2]}, {"converges": [p]}),
                {
                    "at": {},
                    "start": {"x": 0},
                    "instead": {"ends in": [["<=", "x", 1]]},
                    "proof": {
                        "regions": [region([["<=", "x", 1]], "stay", orthant(*[[["x", None, "1"]]] * 2), outcome=0)],
                        "start": cover("n"),
                    },
                },
            )
        ],
        "refuted",
    ),
    "an open condition does not pass to the limit": Pair(
        *[
            y
            for op, c in (("<", 1), ("<=", "1"))
            for y in (
                orbit({"x": ["/", ["+", "x", 1], 2]}, {"converges": [1 if op == "<" else 2]}),
                {
                    "at": {},
                    "start": {"x": 0},
                    "instead": {"ends in": [[op, "x", c]]},
                    "proof": {
                        "regions": [region([[op, "x", 1]], "stay", orthant(*[[["x", None, "1"]]] * 2), outcome=0)],
                        "start": cover("n"),
                    },
                },
            )
        ],
        "refuted",
    ),
    # sets of preimages that are not as claimed
    "a preimage that is not missing": Pair(
        chain(), off(["<=", 2, "x"], [1], UP, start=1, steps=1), chain(2), off(["<=", 2, "x"], [], UP, start=1, steps=1), "refuted"
    ),
    "a start that never arrives": Pair(
        chain(2), off(["<=", 2, "x"], [], UP, start="1/2", steps=1), chain(2), off(["<=", 2, "x"], [], UP, start=1, steps=1), "refuted"
    ),
    "a start that is the target": Pair(
        chain(2), off(["<=", 2, "x"], [], UP, start=0, steps=0), chain(2), off(["<=", 2, "x"], [], UP, start=1, steps=1), "refuted"
    ),
    "a negative number of steps": Pair(
        chain(2), off(["<=", 2, "x"], [], UP, start=0, steps=-1), chain(2), off(["<=", 2, "x"], [], UP, start=1, steps=1), "refuted"
    ),
    "a start outside the domain": Pair(
        chain(2, [["!=", "x", 1]]),
        off(["<=", 2, "x"], [], UP, start=1, steps=1),
        chain(2, [["!=", "x", "1/2"]]),
        off(["<=", 2, "x"], [], UP, start=1, steps=1),
        "refuted",
    ),
    "a start that the list meets before the region": Pair(
        chain(1), off(["<=", 3, "x"], [1, 2], UP3, start=2, steps=2), chain(2), off(["<=", 3, "x"], [2], UP3, start=1, steps=1), "refuted"
    ),
    "a region that does not hold the list": Pair(
        chain(1), off(["<=", 2, "x"], [], UP, start=1, steps=1), chain(2), off(["<=", 2, "x"], [], UP, start=1, steps=1), "refuted"
    ),
    "a region with the start in it": Pair(
        chain(1),
        off(["<=", 1, "x"], [], orthant(*[[["x", "1", None]]] * 2), start=1, steps=1),
        chain(2),
        off(["<", 1, "x"], [], orthant(*[[["x", "1", None]]] * 2), start=1, steps=1),
        "refuted",
    ),
    "a region that is everything": Pair(
        chain(1),
        off(None, [], orthant([], []), start=1, steps=1),
        chain(2),
        off(["<=", 2, "x"], [], UP, start=1, steps=1),
        "refuted",
    ),
    "a region that is left": Pair(
        chain(2, next=["-", 3, "x"]),
        off(["<=", 2, "x"], [], cover("n"), start=1, steps=1),
        chain(2),
        off(["<=", 2, "x"], [], UP, start=1, steps=1),
        "refuted",
    ),
    "a member that does arrive": Pair(
        chain(1),
        off(["<=", "x", "-1/2"], [1, 0], DOWN, member=1),
        chain("1/2"),
        off(["<=", "x", "-1/2"], ["1/2"], DOWN, member=1),
        "refuted",
    ),
    "a member whose orbit is left out": Pair(
        chain(1), off(["<=", "x", "-1/2"], [], DOWN, member=1), chain("1/2"), off(["<=", "x", "-1/2"], ["1/2"], DOWN, member=1), "refuted"
    ),
    "a member inside the domain": Pair(chain(1, [["<=", "x", 2]]), outside(2), chain(1, [["<=", "x", 2]]), outside(3), "refuted"),
    "a member that some point of the domain is not": Pair(
        chain(1, [["<=", "x", 2]]), outside(1), chain(3, [["<=", "x", 2]]), outside(1), "refuted"
    ),
    "the target is a member": Pair(chain(1), outside(0), chain(1, [["<", 0, "x"]]), outside(0), "refuted"),
    "a member before the first": Pair(
        chain(1),
        off(["<=", "x", "-1/2"], [1, 0], DOWN, member=-1),
        chain("1/2"),
        off(["<=", "x", "-1/2"], ["1/2"], DOWN, member=1),
        "refuted",
    ),
    "a member that is not defined": Pair(
        chain(["/", 1, 0], above=1),
        off(["<=", "x", "-1/2"], [], DOWN, member=1),
        chain("-1/2", above=1),
        off(["<=", "x", "-1/2"], [], DOWN, member=1),
        "refuted",
    ),
    "parameters against the hypotheses": Pair(
        chain(**DOUBLED),
        {**off(["<=", "x", "-1/2"], ["p"], DOWN, PUT, member=1), "at": {"p": "1/2"}},
        chain(**DOUBLED),
        {**off(["<=", "x", "-1/2"], ["p", "1/2"], DOWN, PUT, member=1), "at": {"p": "3/2"}},
        "refuted",
    ),
    # a conclusion that is a hypothesis
    "a hypothesis is a conclusion, and not the other way about": Pair(
        forall({"x": "(-oo,oo)"}, ["<", ["exp", "x"], 2], given=[["<=", ["exp", "x"], 2]]),
        cover("n"),
        forall({"x": "(-oo,oo)"}, ["<", ["exp", "x"], 2], given=[["<", ["exp", "x"], 2]]),
        cover("n"),
    ),
    "a hypothesis for each conclusion": Pair(
        forall(REAL, ["<", ["exp", "x"], 2], ["<", ["exp", "x"], 1], given=[["<", ["exp", "x"], 2]]),
        cover("n"),
        forall(REAL, ["<", ["exp", "x"], 2], ["or", ["<", ["exp", "x"], 1], ["<", ["exp", "x"], 2]], given=[["<", ["exp", "x"], 2]]),
        cover("n"),
    ),
    # the frame
    "a field that no claim of the kind has": both(
        {**forall(UNIT, ["<=", "x", 1]), "hypotheses": [["<=", 2, "x"]]}, forall(UNIT, ["<=", "x", 1]), cover("n")
    ),
    "a family with one member unproved": Pair(
        {"kind": "all", "parts": [forall(UNIT, ["<=", "x", 1]), forall(UNIT, ["<=", "x", 0])]},
        [cover("n")],
        {"kind": "all", "parts": [forall(UNIT, ["<=", "x", 1])]},
        [cover("n")],
    ),
    "a family without members": Pair(
        {"kind": "all", "parts": []}, [], {"kind": "all", "parts": [forall(UNIT, ["<=", "x", 1])]}, [cover("n")]
    ),
    "a member that is not there": Pair(
        *[
            y
            for i in (2, 1)
            for y in (
                {"kind": "all", "parts": [forall(UNIT, ["<=", "x", 1]), forall(UNIT, ["<=", "x", 0])]},
                {"part": i, "proof": {"rule": "point", "at": {"x": 1}}},
            )
        ],
        "refuted",
    ),
}


@pytest.mark.parametrize("name", TABLE)
def test_false_claims_are_rejected_and_their_true_neighbours_accepted(name: str) -> None:
    pair = TABLE[name]
    assert verdict(pair.true, pair.true_proof, pair.verdict) == pair.verdict
    assert verdict(pair.false, pair.false_proof, pair.verdict).startswith("rejected at ")
