"""One claim and one certificate for each rule, written by hand. `python tests/kernel/examples.py` writes them to symgd/kernel/examples."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

from notation import IDENTITY, LINE, STURM, certificate, change, cover, forall, interval, orbit, orthant, region, zero

FOLDER = Path(__file__).resolve().parents[2] / "symgd" / "kernel" / "examples"
PARABOLA = ["*", "x", ["-", 1, "x"]]
HALF_LINES = [[["x", None, "0"]], [], [["x", "0", None]]]
CUBIC = ["-", ["^", "x", 3], 2]
CIRCLE, DIAGONAL = ["-", ["+", ["^", "x", 2], ["^", "y", 2]], 1], ["-", "x", "y"]
PLANE = [interval("x", "[1/2,1]"), interval("y", "[1/2,1]")]


class Example(NamedTuple):
    claim: Any
    proof: Any
    verdict: str = "proved"


def cases(*clauses: Any) -> Any:
    """Cases x < 0, x = 0, x > 0; a clause "x" depends on the sign of x."""
    return cover(["x", 0], *[orthant(*[case if c == "x" else c for c in clauses]) for case in HALF_LINES])


def one_region(*where: Any, start: Any = None, **rest: Any) -> Any:
    return {"regions": [{"where": list(where), "outcome": 0, **rest}], "start": start or orthant()}


EXAMPLES: dict[str, Example] = {
    # for all: covers
    "cover-natural": Example(forall({"x": "[0,1]"}, ["<", PARABOLA, "3/5"]), cover(0, "n", "n")),
    "cover-mean-value": Example(forall({"x": "[0,1]"}, ["<", PARABOLA, "3/10"]), cover(0, 0, "m", "m", 0, "m", "m")),
    "cover-second-order": Example(forall({"x": "[0,1]"}, ["<=", 0, ["-", "1/4", PARABOLA]]), cover("t")),
    "cover-derivative": Example(forall({"x": "[0,2]"}, ["<=", 0, ["-", ["^", "x", 3], ["*", "-2", "x"]]]), cover("d")),
    "cover-cases": Example(forall({"x": "(-oo,oo)"}, ["=", ["*", "x", ["sign", "x"]], ["abs", "x"]]), cases("x")),
    "cover-integers": Example(forall({"n": "[0,3]Z"}, ["<=", 0, ["*", ["-", "n", "1/3"], ["-", "n", "2/3"]]]), cover(0, 0, "d", "d", "d")),
    "cover-transcendental": Example(
        forall(
            {"x": "[0,1]"}, ["<=", ["tanh", "x"], ["+", "x", ["*", "1/10", ["exp", "x"]]]], ["<", ["sin", "x"], ["sigmoid", ["+", "x", 2]]]
        ),
        cover(0, 0, "m", "m", 0, "m", "m"),
    ),
    # for all: algebra
    "identity": Example(
        forall(
            {"x": "(-oo,oo)", "y": "(-oo,oo)"}, ["=", ["^", ["+", "x", "y"], 2], ["+", ["^", "x", 2], ["*", 2, "x", "y"], ["^", "y", 2]]]
        ),
        IDENTITY,
    ),
    "orthant": Example(
        forall(
            {"t": "[1,oo)", "w": "[1,oo)"},
            ["<=", ["*", "w", "t"], ["^", "t", 2]],
            ["<=", ["*", 2, "w"], ["+", "t", "w"]],
            given=[["<=", "w", "t"]],
        ),
        orthant([["w", "1", None], ["t", "w", None]], {"use": [[0, 1]]}),
    ),
    "sturm": Example(forall({"x": "[0,oo)"}, ["<", 0, ["+", ["-", ["^", "x", 4], ["*", 2, "x"]], 2]]), STURM),
    "change": Example(
        forall({"x": "[0,oo)"}, ["<=", ["*", 2, ["sqrt", "x"]], ["+", "x", 1]]),
        change(
            "x",
            interval("z", "[0,oo)"),
            ["^", "z", 2],
            0,
            ["+", 1, "x"],
            orthant([["z", "0", None]], *[[["x", "0", None]]] * 4),
            {
                "rule": "have",
                "fact": ["<=", 0, ["^", ["-", "z", 1], 2]],
                "proof": cover("n"),
                "then": orthant({"order": [["z", "0", None]], "use": [[1, 1]]}),
            },
        ),
    ),
    "have": Example(
        forall({"x": "[0,1]"}, ["<=", PARABOLA, "1/4"]),
        {"rule": "have", "fact": ["<=", 0, ["^", ["-", "x", "1/2"], 2]], "proof": cover("n"), "then": orthant({"use": [[0, 1]]})},
    ),
    "apply": Example(
        forall({"x": "[0,1]", "y": "[0,1]"}, ["<=", ["*", 2, "x", "y"], ["+", ["^", "x", 2], ["^", "y", 2]]]),
        {
            "rule": "apply",
            "lemma": {"vars": [interval("u", "(-oo,oo)")], "then": [["<=", 0, ["^", "u", 2]]]},
            "proof": cover("n"),
            "at": {"u": ["-", "x", "y"]},
            "side": orthant([]),
            "then": orthant({"use": [[0, 1]]}),
        },
    ),
    "monotone": Example(
        forall({"x": "(0,1]"}, ["<=", ["log", "x"], ["-", "x", 1]]),
        {
            "rule": "monotone",
            "var": "x",
            "end": "hi",
            "from": 1,
            "side": cover("n"),
            "at": cover("d"),
            "defined": {"rule": "defined", "proof": orthant([["x", "0", None]])},
            "slope": orthant([["x", "0", "1"]]),
        },
    ),
    "monotone-strict": Example(
        forall({"x": "(0,oo)"}, ["<", ["log", ["+", 1, "x"]], "x"]),
        {
            "rule": "monotone",
            "var": "x",
            "end": "lo",
            "from": 0,
            "strict": True,
            "side": orthant([["x", "0", None]], []),
            "at": cover("d"),
            "defined": {"rule": "defined", "proof": orthant([["x", "0", None]])},
            "slope": orthant([["x", "0", None]]),
        },
    ),
    "monotone-from": Example(
        forall({"x": "[1,oo)", "y": "[1,oo)"}, ["<=", ["-", ["log", "x"], ["log", "y"]], ["-", "x", "y"]], given=[["<=", "y", "x"]]),
        {
            "rule": "monotone",
            "var": "x",
            "end": "lo",
            "from": "y",
            "side": cover("n"),
            "at": {
                "rule": "apply",
                "lemma": {"vars": [["u", *LINE], ["v", *LINE]], "then": [["<=", ["-", "u", "u"], ["-", "v", "v"]]]},
                "proof": orthant([]),
                "at": {"u": ["log", "y"], "v": "y"},
                "side": cover("n"),
                "then": cover("n"),
            },
            "defined": {"rule": "defined", "proof": cover("n")},
            "slope": orthant([["x", "1", None]]),
        },
    ),
    "rewrite": Example(
        forall({"x": "[0,1]", "y": "[0,1]"}, ["=", ["exp", ["+", "x", "y"]], ["exp", 1]], given=[["=", ["+", "x", "y"], 1]]),
        {"rule": "rewrite", "use": 0, "then": cover("n")},
    ),
    "defined": Example(
        forall({"x": "(0,oo)"}, ["=", ["/", ["log", "x"], "x"], ["/", ["log", "x"], "x"]]),
        {"rule": "defined", "proof": orthant([["x", "0", None]], [["x", "0", None]])},
    ),
    "fact": Example(
        forall({"x": "(-oo,oo)"}, ["=", ["exp", ["*", 2, "x"]], ["*", ["exp", "x"], ["exp", "x"]]]),
        {
            "rule": "apply",
            "fact": "exp +",
            "at": {"u": "x", "v": "x", "w": ["*", 2, "x"]},
            "side": orthant([], []),
            "then": cover("n"),
        },
    ),
    "all": Example(
        {"kind": "all", "family": "n", "values": [1, 2], "parts": [forall({"x": "[0,1]"}, ["<=", ["^", "x", n], 1]) for n in (1, 2)]},
        [cover("n"), cover("n")],
    ),
    # refutations of for all
    "point": Example(forall({"x": "[0,1]"}, ["<", PARABOLA, "1/4"]), {"rule": "point", "at": {"x": "1/2"}}, "refuted"),
    "counterexample-zero": Example(
        forall({"x": "[0,2]"}, ["!=", ["^", "x", 3], 2], given=[["<", 1, "x"]]),
        {"rule": "zero", "box": [interval("x", "[5/4,3/2]")], "unknowns": ["x"], "equations": [CUBIC]},
        "refuted",
    ),
    "all-refuted": Example(
        {"kind": "all", "parts": [forall({"x": "[0,1]"}, ["<", ["^", "x", n], c]) for n, c in ((1, 2), (2, 1))]},
        {"part": 1, "proof": {"rule": "point", "at": {"x": 1}}},
        "refuted",
    ),
    # zeros
    "zero-newton": Example(
        {**zero({"x": "[0,2]"}, CUBIC), "then": [["<", "x", "13/10"]]},
        {
            "box": [interval("x", "[5/4,81/64]")],
            "holds": cover("n"),
            "elsewhere": cover(["x", "5/4"], "n", "n", ["x", "81/64"], "n", "n", "n"),
        },
    ),
    "zero-krawczyk": Example(
        zero({"x": "[1/2,1]", "y": "[1/2,1]"}, CIRCLE, DIAGONAL),
        {"box": PLANE, "inverse": [["1/3", "1/2"], ["1/3", "-1/2"]], "holds": cover("n"), "elsewhere": cover("n")},
    ),
    "zero-refuted-two": Example(
        zero({"x": "[-2,2]"}, ["-", ["^", "x", 2], 1]),
        {"at": {}, "boxes": [{"box": [interval("x", "[-3/2,-1/2]")]}, {"box": [interval("x", "[1/2,3/2]")]}]},
        "refuted",
    ),
    "zero-refuted-none": Example(
        {**zero({"x": "[-2,2]"}, ["+", ["^", "x", 2], "a"]), "params": [interval("a", "[0,1]")]},
        {"at": {"a": "1/2"}, "none": cover("n")},
        "refuted",
    ),
    # orbits
    "orbit-stay": Example(
        orbit({"x": ["*", 2, PARABOLA]}, {"stays": [["<=", 0, "x"], ["<=", "x", "1/2"]]}, start=[["=", "x", "1/3"]]),
        one_region(
            ["<=", 0, "x"],
            ["<=", "x", "1/2"],
            why="stay",
            start=cover("d"),
            proof={
                "rule": "have",
                "fact": ["<=", 0, ["^", ["-", "x", "1/2"], 2]],
                "proof": cover("n"),
                "then": orthant([["x", "0", "1/2"]], {"use": [[2, 2]]}, [["x", "0", "1/2"]], [["x", "0", "1/2"]]),
            },
        ),
    ),
    "orbit-contract": Example(
        orbit({"x": ["/", "x", 2], "y": ["/", "x", 4]}, {"converges": [0, 0]}),
        one_region(
            why="contract",
            factor="3/4",
            proof={
                "rule": "have",
                "fact": ["<=", 0, ["^", "x", 2]],
                "proof": cover("n"),
                "then": {
                    "rule": "have",
                    "fact": ["<=", 0, ["^", "y", 2]],
                    "proof": cover("n"),
                    "then": orthant([], [], {"use": [[0, "1/4"], [1, "9/16"]]}),
                },
            },
        ),
    ),
    "orbit-linear": Example(
        orbit({"x": ["-", "x", ["*", "d", "x"]]}, {"linear": [0]}, params=[interval("d", "(0,1]")]),
        one_region(why="contract", factor=["-", 1, "d"], ratio=["-", 1, "d"], proof=orthant(*[[["d", "0", "1"]]] * 5)),
    ),
    "orbit-rate": Example(orbit({"x": ["/", "x", -2]}, {"rate": "1/2", "to": [0]}), one_region(why="contract", proof=orthant([], []))),
    "orbit-approach": Example(
        orbit({"x": ["-", "x", ["^", "x", 2]]}, {"converges": [0]}, start=[["<=", 0, "x"], ["<=", "x", 1]]),
        one_region(
            ["<=", 0, "x"],
            ["<=", "x", 1],
            why="approach",
            start=cover("d"),
            proof=cover(["x", 0], orthant([], [], *[{"pick": 1}] * 2, [], []), orthant(*[[["x", "0", "1"]]] * 6)),
        ),
    ),
    "orbit-sublinear": Example(
        orbit({"x": ["-", "x", ["^", "x", 2]]}, {"sublinear": [0]}, start=[["<=", 0, "x"], ["<=", "x", "1/2"]]),
        one_region(
            ["<=", 0, "x"],
            ["<=", "x", "1/2"],
            why="approach",
            start=cover("d"),
            proof=cover(["x", 0], orthant([], [], *[{"pick": 1}] * 2, [], [], [], {"pick": 1}, []), orthant(*[[["x", "0", "1/2"]]] * 9)),
        ),
    ),
    "orbit-escape": Example(
        orbit({"x": ["-", ["*", 2, "x"], 1]}, {"diverges": True}, start=[["<", 1, "x"]]),
        one_region(["<", 1, "x"], why="escape", measure="x", start=orthant([["x", "1", None]]), proof=orthant([["x", "1", None]])),
    ),
    "orbit-descend": Example(
        orbit({"x": ["-", "x", 1]}, {"ends in": [["<=", "x", 1]]}),
        {
            "regions": [
                region(
                    [["<", 1, "x"]],
                    "descend",
                    cover(
                        ["x", 2],
                        orthant(*[[["x", "1", "2"]]] * 4),
                        orthant(*[[]] * 4),
                        orthant({"order": [["x", "2", None]], "pick": 1}, *[[["x", "2", None]]] * 3),
                    ),
                    to=[1],
                    measure="x",
                    drop=1,
                    floor=1,
                ),
                region([["<=", "x", 1]], "stay", orthant(*[[["x", None, "1"]]] * 2), outcome=0),
            ],
            "start": cover(["x", 1], orthant({"order": [["x", None, "1"]], "pick": 1}), orthant({"pick": 1}), orthant([["x", "1", None]])),
        },
    ),
    "orbit-reach": Example(
        orbit({"x": ["*", "x", ["-", "x", 1]]}, {"reaches": [0]}, start=[["=", "x", 1]]),
        {
            "regions": [region([["=", "x", 1]], "step", cover("d"), to=[1]), region([["=", "x", 0]], "reach", cover("d"), outcome=0)],
            "start": cover("d"),
        },
    ),
    "orbit-observe": Example(
        orbit({"x": ["/", ["-", "y"], 2], "y": ["/", "x", 2]}, {"converges": [0]}, observe=["+", ["^", "x", 2], ["^", "y", 2]]),
        {
            "factor": {"var": "r", "map": ["/", "r", 4], "proof": IDENTITY},
            "regions": [
                region(
                    [],
                    "contract",
                    orthant([], [], []),
                    factor="1/4",
                    outcome=0,
                )
            ],
            "start": IDENTITY,
        },
    ),
    "orbit-cycle": Example(
        orbit({"x": ["-", 1, ["^", "x", 2]]}, {"converges": [0]}, {"diverges": True}),
        {"at": {}, "start": {"x": 1}, "cycle": [0, 2]},
        "refuted",
    ),
    "orbit-step": Example(
        orbit({"x": ["*", 4, PARABOLA]}, {"stays": [["<=", "x", "3/4"]]}, start=[["<=", 0, "x"], ["<=", "x", "1/2"]]),
        {"at": {}, "start": {"x": "1/2"}, "step": 1},
        "refuted",
    ),
    "orbit-instead": Example(
        orbit({"x": ["/", ["+", "x", 1], 2]}, {"converges": [0]}, {"diverges": True}),
        {
            "at": {},
            "start": {"x": 3},
            "instead": {"converges": [1]},
            "proof": one_region(why="contract", factor="1/2", ratio="1/2", proof=orthant(*[[]] * 5)),
        },
        "refuted",
    ),
    "preimages": Example(
        {"kind": "preimages", "state": ["x"], "map": [["-", "x", 1]], "domain": [], "of": 0, "first": 1, "next": ["+", "x", 1], "above": 1},
        {
            "base": cover("d"),
            "next": orthant([["x", "1", None]], []),
            "only": cover(
                ["x", 1],
                orthant([["x", None, "1"]], {"pick": 1}),
                orthant({"pick": 2}, {"pick": 1}),
                orthant([["x", "1", None]], {"pick": 1}),
            ),
        },
    ),
    "preimages-refuted-start": Example(
        {"kind": "preimages", "state": ["x"], "map": [["-", "x", 1]], "domain": [], "of": 0, "first": 2, "next": ["+", "x", 1], "above": 2},
        {
            **{"at": {}, "start": 1, "steps": 1, "base": cover("d")},
            "never": one_region(["<=", 2, "x"], why="stay", start=cover("d"), proof=orthant(*[[["x", "2", None]]] * 2)),
        },
        "refuted",
    ),
    "preimages-refuted-member": Example(
        {
            **{"kind": "preimages", "state": ["x"], "map": [["-", "x", 1]], "domain": [], "of": 0},
            **{"first": "1/2", "next": ["+", "x", 1], "above": "1/2"},
        },
        {
            **{"at": {}, "member": 1, "base": cover("d")},
            "never": {
                "regions": [
                    region([["=", "x", "1/2"]], "step", cover("d"), to=[1]),
                    region([["<=", "x", "-1/2"]], "stay", orthant(*[[["x", None, "-1/2"]]] * 2), outcome=0),
                ],
                "start": cover("d"),
            },
        },
        "refuted",
    ),
}


def text(data: Any) -> str:
    return json.dumps(data, indent=1) + "\n"


def files() -> dict[str, str]:
    """What is in the folder, by file name."""
    out = {}
    for name, example in EXAMPLES.items():
        out[f"{name}.claim.json"] = text(example.claim)
        out[f"{name}.cert.json"] = text(certificate(*example))
    return out


if __name__ == "__main__":
    for name, content in files().items():
        (FOLDER / name).write_text(content)
