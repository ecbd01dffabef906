"""What is printed: the order of terms, brackets, environments, digits that are certain, and PDF where LaTeX is installed."""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path

import pytest
import sympy as sp

from symgd import at, claim, eq, every, family, forall, integer, orbit, parse, preimages, real, sqrt, unique_zero
from symgd.claims import Trust, converges, diverges, ends_in, linear, proved, reaches, refuted, stays, still_open, sublinear
from symgd.derivations import Derivation, Relation, Step
from symgd.derivations import parse as formula
from symgd.enclosures.interval import Interval
from symgd.language import Expr
from symgd.render import (
    PREAMBLE,
    DeriveError,
    NoLatex,
    derivation,
    derive,
    document,
    enclosure,
    find_derivations,
    latex,
    markdown,
    to_pdf,
    witness,
)
from symgd.render.latex import Printer
from symgd.render.latex import claim as claim_environment
from symgd.render.pdf import has_latex

PROOFS = Path(__file__).parents[2] / "proofs"
FOUND = find_derivations(PROOFS)
x, y, L, d, lam = sp.Symbol("x"), sp.Symbol("y"), sp.Symbol("L", integer=True, positive=True), sp.Symbol("delta"), sp.Symbol("lambda")


@pytest.mark.parametrize(("source", "wanted"), [
    ("1 - delta*w**(L-1)", r"1 - \delta w^{L - 1}"), ("(a + b)*c", "(a + b) c"), ("a - (b - c)", "a - (b - c)"), ("a*(-b)", "a (-b)"),
    ("w**(1/2)", "w^{1/2}"), ("(a*b)**2", "(a b)^{2}"), ("a/b", r"\frac{a}{b}"), ("2*3", r"2\cdot 3"), ("W[L:j+1]", "W_{L:j + 1}"),
    ("W[j].T", r"W_{j}^{\top}"), ("w[j]**2", "w_{j}^{2}"), ("Sum(w[j], j, 1, L)", r"\sum_{j=1}^{L} w_{j}"), ("norm(x)**2",
        r"\lVert x\rVert^{2}"),
    ("Sum(a+b, j, 1, L)*c", r"\left(\sum_{j=1}^{L} (a + b)\right) c"), ("-delta*x", r"-\delta x"), ("lambda", r"\lambda"),
    ("D(loss, w[j])", r"\frac{\partial \mathit{loss}}{\partial w_{j}}"), ("inner(u, v)", r"\langle u,\, v\rangle"), ("tr(A*B)",
        r"\operatorname{tr}(A B)"),
    ("(-1)**n", "(-1)^{n}"), ("a**b**c", "a^{b^{c}}"), ("x_0", "x_{0}")])
def test_formulas_are_printed_as_written(source, wanted):
    assert Printer().show(formula(source)) == wanted


@pytest.mark.parametrize(("e", "wanted"), [
    (x**2 - 3 * x + 2, "x^{2} - 3 x + 2"), (1 - d * x, r"1 - \delta x"), (x - d * x**3, r"x - \delta x^{3}"), (lam**L - x**L,
        r"\lambda^{L} - x^{L}"),
    (-x + y, "y - x"), (x / 2, r"\tfrac{1}{2} x"), (1 / x, r"\frac{1}{x}"), (sp.sqrt(x), r"\sqrt{x}"), (2 * (x + 1) * y, "y (2 x + 2)"),
    (sp.Rational(-1, 3) * x, r"-\tfrac{1}{3} x"), (d * x * lam, r"\delta \lambda x")])
def test_sympy_in_the_order_a_person_writes(e, wanted):
    assert latex(e).replace(r"\frac{x}{2}", r"\tfrac{1}{2} x").replace(r"-\frac{x}{3}", r"-\tfrac{1}{3} x") == wanted


@pytest.mark.parametrize("e", [sp.Sum(x**sp.Symbol("k"), (sp.Symbol("k"), 0, L - 1)), sp.Product(x, (sp.Symbol("k"), 1, L)),
    sp.Derivative(sp.Function("f")(x), x),
                               sp.Abs(x), sp.log(x), sp.exp(-x), sp.Eq(x, y), sp.IndexedBase("w")[L], sp.Piecewise((x, x > 0), (0, True)),
                                   sp.pi, x**-2, x**(-L)])
def test_sympy_objects_have_a_printer(e):
    s = latex(e)
    assert s.count("{") == s.count("}")


def test_expressions_and_relations_of_claims():
    assert latex(parse("(2/3)*abs(x)**(3/2)")) == r"\tfrac{2}{3} |x| \sqrt{|x|}"
    assert latex(real("x") ** 2 >= 0) == r"x^{2} \ge 0"
    assert latex(Fraction(1, 3)) == r"\tfrac{1}{3}"
    assert latex(at(parse("x**2 - 2"), real("x"), 3)) == r"\left.(x^{2} - 2)\right|_{x=3}"
    assert latex(Expr("y3_2")) == "y_{3,2}"
    with pytest.raises(TypeError, match="register"):
        latex(object())


def test_notebooks_show_mathematics():
    assert real("x")._repr_latex_() == "$x$"
    assert Expr("x")._repr_latex_() == "$x$"
    assert forall(real("x"), then=real("x") ** 2 >= 0)._repr_latex_() == r"For all $x \in \mathbb{R}$: $x^{2} \ge 0$."
    assert Relation("=", "x", 1)._repr_latex_() == "$x = 1$"
    assert "align*" in FOUND["amgm.proof"]._repr_latex_()


@pytest.mark.parametrize(("lo", "hi", "wanted"), [
    ("1.55632", "1.55634", "1.5563_{2}^{4}"), ("1.556321", "1.556339", "1.5563_{2}^{4}"), ("-1.55634", "-1.55632", "-1.5563_{2}^{4}"),
        ("1/2", "1/2", r"\tfrac{1}{2}"),
    ("-1", "2", "[-1, 2]"), ("0", "1/1000", "[0.000, 0.001]"), ("3", "3.00000004", "3.0000000_{0}^{4}"), ("2.99999", "3.00001",
        "[2.99999, 3.00001]")])
def test_enclosures_are_rounded_outwards(lo, hi, wanted):
    assert enclosure(Interval(Fraction(lo), Fraction(hi))) == wanted


@pytest.mark.parametrize("width", [1, 3, 7, 12])
def test_printed_enclosures_contain_the_interval(width):
    for n in range(-40, 40):
        lo = Fraction(n * 7919, 10_007)
        hi = lo + Fraction(3, 10**width)
        printed = enclosure(Interval(lo, hi))
        sign = -1 if printed.startswith("-") and "_" in printed else 1
        if "_" in printed:
            stem, low, high = re.fullmatch(r"-?([\d.]+)_\{(\d)\}\^\{(\d)\}", printed).groups()
            ends = sorted(sign * Fraction(stem + digit) for digit in (low, high))
        else:
            ends = [Fraction(t) for t in printed.strip("[]").split(", ")]
        assert ends[0] <= lo <= hi <= ends[1]


STATEMENTS = [
    forall(real("x"), given=[real("x") > 1], then=[real("x") ** 2 > 1, eq(real("x"), real("x"))]),
    forall(real("x", "(0, oo)"), integer("n", 1, 5), then=(real("x") < 0) | (real("x") > 0)),
    unique_zero(real("x", "[1, 2]"), of=real("x") ** 2 - 2, then=[real("x") > 1]),
    orbit({real("x"): real("x") / 2}, start=[real("x") > 0], then=[converges(0), diverges(), reaches(1), stays(real("x") > 0),
        ends_in(real("x") < 1),
                                                                 sublinear(0), linear(0)], observe=abs(real("x"))),
    preimages({real("r"): abs(real("r") - sqrt(real("r")))}, domain=[real("r") >= 0], of=0, first=1, following=real("r") + 1, above=1),
    family("n", range(2, 9), lambda n: forall(real("x", "[0, 1]"), then=real("x") ** n <= 1)),
    every(forall(real("x"), then=real("x") ** 2 >= 0), forall(real("x"), then=real("x") <= real("x")))]


@pytest.mark.parametrize("s", STATEMENTS, ids=lambda s: s.data["kind"])
def test_statements_are_printed_in_words_and_formulas(s):
    printed = latex(s)
    assert printed.count("$") % 2 == 0
    assert printed.count("{") == printed.count("}")
    assert printed.endswith(".")


@claim("lem.square")
def square():
    """A square is not negative."""
    return forall(real("x"), then=real("x") ** 2 >= 0)


def test_claims_are_labelled_environments_with_a_status():
    printed = claim_environment(square, proved(Trust.KERNEL))
    assert printed.startswith(r"\begin{lemma}[A square is not negative]\label{symgd:lem.square}")
    assert r"\symgdproved{kernel}" in printed
    assert latex(still_open("5 % are left")) == r"\symgdopen 5 \% are left"


def test_witnesses_are_examples():
    printed = witness(refuted(Trust.KERNEL, "x = -1/2, y = 3"), "lem.square")
    assert printed.splitlines()[0] == r"\begin{example}[Counterexample to Lemma~\ref{symgd:lem.square}]"
    assert r"$x = -\tfrac{1}{2}$, $y = 3$" in printed
    assert printed.splitlines()[-1] == r"\end{example}"
    family_ = witness(refuted(Trust.KERNEL, "L = 2: t = 1, y1_1 = -3/2, from x = 0 the orbit has period 2"))
    assert r"$L = 2$: $t = 1$, $y_{1,1} = -\tfrac{3}{2}$, from $x$ = 0 the orbit has period 2." in family_


@pytest.mark.parametrize("id", FOUND)
def test_derivations_are_one_align_with_a_reason_beside_each_step(id):
    printed = derivation(FOUND[id])
    assert r"\documentclass" not in printed
    assert "usepackage" not in printed
    assert printed.count(r"\begin{proof}") == 1
    proof = printed[printed.index(r"\begin{proof}"):]
    assert proof.count(r"\begin{align*}") == proof.count(r"\end{align*}") == 1
    assert proof.count(r"\symgdwhy{") == len(FOUND[id].steps)
    assert printed.count("{") - printed.count(r"\{") == printed.count("}") - printed.count(r"\}")
    assert rf"\label{{symgd:{id}}}" in printed
    assert all(f"{r.number}. " in markdown(FOUND[id]) for r in FOUND[id].results)


def test_other_derivations_of_the_document_are_referred_to_by_number():
    alone, together = derivation(FOUND["thm1.proof"]), derivation(FOUND["thm1.proof"], list(FOUND))
    assert "(thm1.cut)" in alone
    assert r"(Lemma~\ref{symgd:thm1.cut.proof})" in together
    assert r"\ref{symgd:thm1.proof}" not in together


def test_unchecked_steps_are_marked():
    d = Derivation("d", "d", let={"x": "real"}, goal=("x = x + 0",), steps=(Step("x = x + 0", "trust me", None),))
    assert r"\symgdunchecked{no check is given}" in derivation(d)
    assert "**unchecked: no check is given**" in markdown(d)


def test_every_macro_that_is_used_is_defined():
    used = {m for d in FOUND.values() for m in re.findall(r"\\(symgd\w+)", derivation(d))}
    assert used <= set(re.findall(r"\\newcommand\{\\(symgd\w+)\}", PREAMBLE))


def test_derive_finds_prefixes_and_names_what_is_close(tmp_path):
    assert derive(PROOFS, "lem3", "latex").count(r"\begin{proof}") >= 6
    assert derive(PROOFS, "cor1", "document").startswith(r"\documentclass")
    out = tmp_path / "out.md"
    derive(PROOFS, "cor2", "markdown", out)
    assert out.read_text(encoding="utf-8").startswith("### cor2.proof")
    assert "proved" not in derive(PROOFS, "cor2", "text").splitlines()[0]
    with pytest.raises(DeriveError, match="did you mean"):
        derive(PROOFS, "cor22")
    with pytest.raises(DeriveError, match="format"):
        derive(PROOFS, "cor2", "word")
    with pytest.raises(DeriveError, match="-o FILE"):
        derive(PROOFS, "cor2", "pdf")
    with pytest.raises(DeriveError, match="does not exist"):
        derive(tmp_path / "nothing", "cor2")


def test_without_latex_there_is_a_clear_sentence(monkeypatch, tmp_path):
    monkeypatch.setattr("shutil.which", lambda program: None)
    with pytest.raises(NoLatex, match="not installed"):
        to_pdf("x", tmp_path / "x.pdf")


def test_everything_compiles_without_warnings(tmp_path):
    body = "\n\n".join(derivation(d, list(FOUND)) for d in FOUND.values())
    body += "\n\n" + "\n\n".join(latex(s) for s in STATEMENTS) + "\n\n" + claim_environment(square, refuted(Trust.KERNEL, "x = 1/2"))
    assert r"\begin{document}" in document(body)
    if not has_latex():
        pytest.skip("pdflatex is not installed, so only the text was checked")
    assert to_pdf(body, tmp_path / "all.pdf") == []
    assert (tmp_path / "all.pdf").read_bytes().startswith(b"%PDF")


def test_the_command_line_prints_a_derivation(capsys, tmp_path):
    from symgd.cli import main

    assert main(["derive", "cor2", str(PROOFS)]) == 0
    assert r"\begin{corollary}" in capsys.readouterr().out
    assert main(["derive", "cor2", str(PROOFS), "--format", "markdown", "-o", str(tmp_path / "x.md")]) == 0
    assert "wrote" in capsys.readouterr().out
    assert main(["derive", "nothing-like-this", str(PROOFS)]) == 2
    assert "there is no derivation" in capsys.readouterr().err
    assert main(["derive", "x", "--preamble"]) == 0
    assert r"\newcommand" in capsys.readouterr().out


def test_an_open_derivation_is_told_apart(capsys, tmp_path):
    from symgd.cli import main

    source = "from symgd.derivations import Derivation, Step\n"
    source += 'd = Derivation("d", "d", let={"x": "real"}, goal=("x = 0",), steps=(Step("x = 0", ""),))\n'
    (tmp_path / "mine.py").write_text(source, encoding="utf-8")
    assert main(["derive", "d", str(tmp_path), "--format", "text"]) == 1
    assert "step 1 is unchecked" in capsys.readouterr().err
