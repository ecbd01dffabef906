"""Certificates as Coq files: what is exported is accepted by coqc, and nothing that has been altered is."""

from __future__ import annotations

import copy
import re
import shutil

import pytest
from test_audit import PROOFS, needs_coq

from symgd import cli, eq, every, family, forall, integer, kernel, real
from symgd.certify import Auto, Have
from symgd.certify.certify import certify
from symgd.certify.strategy import Search
from symgd.claims import Claim, Statement
from symgd.coq import compiler
from symgd.coq.audit import assumptions
from symgd.coq.export import Unexportable, from_certificate
from symgd.store import load
from symgd.systems import interpolation

ALLOWED = {
    "ClassicalDedekindReals.sig_forall_dec",
    "ClassicalDedekindReals.sig_not_dec",
    "Classical_Prop.classic",
    "FunctionalExtensionality.functional_extensionality_dep",
}
x, y, z, t = real("x"), real("y", "(0, oo)"), real("z", "[0, 1]"), real("t", "[1, oo)")


def stored(name: str, *members: int) -> str:
    """The Coq file of a claim of the project, by its stored certificate."""
    item = next(i for i in cli.collect(PROOFS, only=[name]) if i.claim.id == name)
    certificate = load(PROOFS / "certificates" / f"{name}.json")
    return from_certificate(item.claim.statement.data, certificate, name, item.claim.title, members or None)


def made(statement: Statement) -> tuple[dict, dict]:
    verdict = certify(Claim("a", "A.", statement), Search(seconds=20))
    assert verdict.certificate is not None, verdict
    return dict(statement.data), copy.deepcopy(dict(verdict.certificate))


def accepted(text: str) -> None:
    """coqc accepts the file, and nothing but the axioms of the reals is used."""
    _, output = compiler.compiled("Exported", text, [], "Symgd", 120.0)
    theorems = re.findall(r"^Theorem (\w+)", text, re.MULTILINE)
    (asked,) = re.findall(r"^Print Assumptions (\w+)", text, re.MULTILINE)
    whole = re.findall(r"\(conj (\w+)", text.partition("\nDefinition all_of_them_")[2])
    assert theorems == (whole or [asked])
    used, strange = assumptions(output)
    assert used <= ALLOWED
    assert strange == []


EXPORTED = [
    ("ex2.derivative",),
    ("ex2.maximum.exact",),
    ("ex2.thresholds",),
    ("ex2.one_minimum",),
    ("ex3.orbit", 6),
    ("ex3.threshold", 4),
    ("lem3.rate", 5),
    ("lem3.rate.below", 4),
    ("lem3.forms", 6),
    ("cor1.means.step", 2, 4),
    ("cor1.sharpness", 4),
    ("cor2.root", 3),
    ("chain.hessian", 3),
    ("inv.product", 4),
    ("inv.no_step", 5),
    ("ex1.polynomials", 2, 4),
    ("ex2.repelled",),
    ("fig1.minima",),
    ("lem4.even.orbit", 6),
    ("thm4.block",),
]


@needs_coq
@pytest.mark.parametrize("which", EXPORTED, ids=lambda which: which[0])
def test_exported_certificates_are_accepted(which):
    name, *members = which
    accepted(stored(name, *members))


STATEMENTS = {
    "between": lambda: forall(z, then=[z * (1 - z) >= 0, z**2 <= z]),
    "quotient": lambda: forall(y, then=y / (1 + y) < 1),
    "hypothesis": lambda: forall(y, t, given=[y * t <= 1], then=y <= 1),
    "equation": lambda: forall(x, given=[eq(x**2, 2)], then=eq(x**4, 4)),
    "absolute value": lambda: forall(z, then=abs(z - 2) >= 1),
    "two parts": lambda: every(forall(x, then=eq((x + 1) ** 2, x**2 + 2 * x + 1)), forall(t, then=t**3 >= t)),
    "variable that an equation fixes": lambda: forall(x, y, given=[eq(x, 2), eq(y, x)], then=eq(y**2, 4)),
    "variable that an equation binds": lambda: forall(y, t, given=[eq(t, y**2)], then=t * y >= y),
    "two clauses, one with options": lambda: forall(z, then=[z <= 1, (z > "1/2") | (2 * z <= 1)]),
    "rational": lambda: forall(y, then=eq(y / 3 + y / 6, y / 2)),
    "divisor of two squares": lambda: forall(x, real("u"), then=x * real("u") / (x**2 + real("u") ** 2 + 1) <= "1/2"),
}


STURM = {
    "on an interval": forall(z, then=[z**3 - 2 * z + 2 > 0, (z - 1) * (z**2 + 1) * (z + 3) <= 0]),
    "on the line": forall(x, then=x**4 - x + 1 > 0),
    "on a half-line, zero at its end": forall(t, then=(t - 1) * (t**2 - 3 * t + 3) >= 0),
    "close to a zero": forall(z, then=(z - "501/1000") ** 2 + "1/100000" > 0),
}


@needs_coq
@pytest.mark.parametrize("name", STURM)
def test_sturm_becomes_a_division_of_the_range(name):
    data = dict(STURM[name].data)
    certificate = {"format": 1, "claim": kernel.digest(data), "verdict": "proved", "proof": {"rule": "sturm"}}
    accepted(from_certificate(data, certificate, name))


def test_options_keep_their_place_beside_other_conclusions():
    data, certificate = made(STATEMENTS["two clauses, one with options"]())
    assert "z <= 1 /\\\n    ((1 / 2 < z) \\/ (2 * z <= 1))." in from_certificate(data, certificate, "a").replace("z > 1 / 2", "1 / 2 < z")


@needs_coq
@pytest.mark.parametrize("name", STATEMENTS)
def test_new_certificates_are_accepted(name):
    data, certificate = made(STATEMENTS[name]())
    accepted(from_certificate(data, certificate, name))


def descent(rate):
    """One step of every size up to 1 on a smooth convex function."""
    g, h, f, k, delta = real("g"), real("h"), real("f"), real("k"), real("delta", "(0, 1]")
    known = interpolation([(0, 0, 0), (x, g, f), (x - delta * g, h, k)])
    return forall(x, g, h, f, k, delta, given=known, then=k <= rate(delta) * x**2)


SUMS = {  # by sums of squares and lemmas about products; and a piece of the file that is altered
    "square": (forall(x, real("u"), then=x**4 - 3 * x * real("u") ** 2 + real("u") ** 4 + 2 > 0), "+ 2", "- 2"),
    "disc": (forall(x, real("u"), given=[x**2 + real("u") ** 2 <= 1], then=x + real("u") <= "3/2"), "3 / 2", "1 / 2"),
    "determinant": (
        forall(y, real("q"), real("r"), x, real("u"), given=[y * real("r") >= real("q") ** 2],
               then=y * x**2 + 2 * real("q") * x * real("u") + real("r") * real("u") ** 2 >= 0),
        "2 * q * x", "3 * q * x",
    ),
    "every step": (descent(lambda delta: 1 / (4 * delta + 2)), "4 * delta", "5 * delta"),
}  # fmt: skip


@needs_coq
def test_a_fact_with_a_divisor_is_accepted():
    statement = forall(x, y, then=x**2 / y >= -y)
    verdict = certify(Claim("a", "A.", statement, by=Have(x**2 / y >= 0, Auto(), Auto())), Search(seconds=20))
    accepted(from_certificate(dict(statement.data), dict(verdict.certificate), "a"))


@needs_coq
@pytest.mark.parametrize("name", SUMS)
def test_sums_of_squares_are_accepted_and_altered_statements_are_not(name):
    statement, piece, altered = SUMS[name]
    text = from_certificate(*made(statement), name)
    accepted(text)
    head, theorem, rest = text.partition("Theorem ")
    assert piece in rest.partition("Proof.")[0]
    with pytest.raises(compiler.Failed, match="coqc says"):
        compiler.compiled("Exported", head + theorem + rest.replace(piece, altered, 1), [], "Symgd", 120.0)


MUTANTS = [  # (claim, member, piece of the file, what it becomes): coqc refuses each
    ("ex2.derivative", None, "3 * x ^ 3 - 6 * x ^ 2", "3 * x ^ 3 - 5 * x ^ 2"),
    ("ex2.maximum.exact", None, "c ^ 3 = 19", "c ^ 3 = 18"),
    ("lem3.rate", 5, "1 <= t ->", "0 <= t ->"),
    ("lem3.rate", 5, "delta * (5 * t ^ 8) <= 1", "delta * (5 * t ^ 8) <= 2"),
    ("ex3.orbit", 6, "= - r)", "= r)"),
    ("inv.product", 4, "a1 * a2 * a3 * a4 = 1", "a1 * a2 * a3 * a4 = 2"),
    ("cor2.root", 3, "t <= c.", "t < c."),
    ("cor1.means.step", 2, "0 <= m ->", "0 <= p ->"),
    ("chain.hessian", 3, "w1 * w2 * w3 = lambda_", "w1 * w2 = lambda_"),
]


@needs_coq
@pytest.mark.parametrize(("name", "member", "old", "new"), MUTANTS, ids=[f"{m[0]}: {m[3]}" for m in MUTANTS])
def test_altered_files_are_refused(name, member, old, new):
    text = stored(name, *([member] if member else []))
    head, found, tail = text.rpartition("\nTheorem ")
    assert old in tail
    with pytest.raises(compiler.Failed, match="coqc says"):
        compiler.compiled("Exported", head + found + tail.replace(old, new, 1), [], "Symgd", 60.0)


def test_altered_claims_and_certificates_are_not_exported():
    data, certificate = made(forall(t, then=t**3 >= t))
    other = dict(forall(t, then=t**3 >= t + 1).data)
    with pytest.raises(Unexportable, match="for another claim"):
        from_certificate(other, certificate, "a")
    with pytest.raises(Unexportable, match="the kernel rejects"):  # the digest alone does not help
        from_certificate(other, {**certificate, "claim": kernel.digest(other)}, "a")
    for change in ({"verdict": "refuted"}, {"format": 2}, {"proof": {"rule": "orthant", "clauses": [{}]}}, {"claim": "0" * 64}):
        with pytest.raises(Unexportable):
            from_certificate(data, {**certificate, **change}, "a")


def test_the_statement_can_be_read():
    text = stored("lem3.rate", 2)
    assert "forall t delta : R,\n    1 <= t ->\n    0 < delta ->\n    delta * (2 * t ^ 2) <= 1 ->" in text
    assert text.rstrip().endswith("Print Assumptions claim_lem3_rate_2.")
    assert "Theorem claim_lem3_rate_2 :" in text
    assert "(6 * r ^ 4 <> 0 /\\ " in stored("ex3.orbit", 6)  # a divisor is nonzero, as the kernel demands of a conclusion


REFUSED = [
    ("lem3.above", "speaks of orbits"),
    ("ex1.complete", "speaks of orbits"),
    ("ex2.maximum", "a zero exists"),
    ("lem4", "only proofs"),
    ("ex1.quadratic", "sqrt"),
]


@pytest.mark.parametrize(("name", "why"), REFUSED, ids=[r[0] for r in REFUSED])
def test_what_cannot_be_exported_is_said_in_a_sentence(name, why):
    with pytest.raises(Unexportable, match=why):
        stored(name)


def test_names_and_members():
    with pytest.raises(Unexportable, match="no member 65"):
        stored("lem3.rate", 65)
    n = integer("n", 1, 9)
    data, certificate = made(forall(n, then=n >= 1))
    with pytest.raises(Unexportable, match="integer variables"):
        from_certificate(data, certificate, "a")
    r = real("forall")
    data, certificate = made(family("k", [1, 2], lambda k: forall(r, then=eq(k * r - r, (k - 1) * r))))
    text = from_certificate(data, certificate, "odd name (* with a comment", "A *) title")
    assert "forall forall' : R" in text
    assert text.count("(*") == text.count("*)")


def test_the_command(tmp_path, capsys):
    target = tmp_path / "rate.v"
    assert cli.main(["coq", "lem3.rate", str(PROOFS / "lem3.py"), "--member", "3", "-o", str(target)]) == 0
    assert "claim_lem3_rate_3" in target.read_text(encoding="utf-8")
    assert cli.main(["coq", "lem3.above", str(PROOFS / "lem3.py")]) == 1
    assert "speaks of orbits" in capsys.readouterr().err
    assert cli.main(["coq"]) == 2
    assert cli.main(["coq", "lem3.rate", str(PROOFS / "lem3.py"), "--member", "3", "-o", str(tmp_path / "no" / "x.v")]) == 2
    assert shutil.which("coqc") is None or cli.main(["coq", "ex2.derivative", str(PROOFS / "ex2.py"), "--compile", "-o", str(target)]) == 0


def test_a_family_that_takes_too_long_can_be_written_in_parts(tmp_path, capsys, monkeypatch):
    def late(*arguments: object) -> None:
        raise compiler.TimedOut("coqc did not finish in 170 s and was ended")

    monkeypatch.setattr(compiler, "compiled", late)
    command = ["coq", "lem3.rate", str(PROOFS / "lem3.py"), "--compile", "-o", str(tmp_path / "rate.v")]
    assert cli.main(command) == 1
    assert "with --member" in capsys.readouterr().err
