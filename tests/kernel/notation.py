"""Short ways to write claims and certificates by hand, shared by the tests of the kernel."""

from __future__ import annotations

from typing import Any

from symgd.kernel import FORMAT, Reject, check, digest

LINE = ("(", "-oo", "oo", ")")


def certificate(claim: Any, proof: Any, verdict: str = "proved") -> dict[str, Any]:
    return {"format": FORMAT, "claim": digest(claim), "verdict": verdict, "proof": proof}


def verdict(claim: Any, proof: Any, wanted: str = "proved") -> str:
    """What the kernel makes of it: the verdict, or the reason of the rejection."""
    try:
        return check(claim, certificate(claim, proof, wanted))
    except Reject as no:
        return f"rejected at {no}"


def forall(variables: dict[str, str], *then: Any, given: Any = (), **more: Any) -> dict[str, Any]:
    return {"kind": "forall", "vars": [interval(x, r) for x, r in variables.items()], "given": list(given), "then": list(then), **more}


def interval(name: str, text: str) -> list[str]:
    """interval("x", "[0,oo)") is ["x", "[", "0", "oo", ")"]; an integer range ends in Z."""
    lo, hi = text.rstrip("Z")[1:-1].split(",")
    return [name, text[0], lo, hi, text.rstrip("Z")[-1], *(["integer"] if text.endswith("Z") else [])]


def zero(variables: dict[str, str], *equations: Any, **more: Any) -> dict[str, Any]:
    return {
        "kind": "zero",
        "params": [],
        "vars": [interval(x, r) for x, r in variables.items()],
        "equations": list(equations),
        "then": [],
        **more,
    }


def orbit(step: dict[str, Any], *then: Any, start: Any = (), **more: Any) -> dict[str, Any]:
    return {"kind": "orbit", "state": list(step), "map": list(step.values()), "start": list(start), "then": list(then), **more}


def cover(*tree: Any, **more: Any) -> dict[str, Any]:
    return {"rule": "cover", "tree": list(tree), **more}


def orthant(*clauses: Any) -> dict[str, Any]:
    """A clause is a list of [variable, lower, upper], or a whole entry."""
    return {"rule": "orthant", "clauses": [c if isinstance(c, dict) else {"order": c} for c in clauses]}


def change(x: str, z: list[str], by: Any, low: Any, high: Any, side: Any, then: Any) -> dict[str, Any]:
    return {"rule": "change", "var": x, "to": z, "by": by, "low": low, "high": high, "side": side, "then": then}


def region(where: Any, why: str, proof: Any, **more: Any) -> dict[str, Any]:
    return {"where": where, "why": why, "proof": proof, **more}


IDENTITY, STURM = {"rule": "identity"}, {"rule": "sturm"}
