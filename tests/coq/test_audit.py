"""The audit of Coq folders: what is accepted, and that every way of weakening a statement or a proof is refused.

The quick mutants need no Coq. The others are edits of a copy of proofs/coq, or of a small folder of one lemma.
"""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from symgd import cli
from symgd.claims import Trust
from symgd.coq import CoqError, command, compiler
from symgd.coq import audit as auditing
from symgd.coq.audit import assumptions, audit, forbidden, plain, project_file, read, renewed, reviewed_digest
from symgd.derivations import Derivation, Step

PROOFS = Path(__file__).parents[2] / "proofs"
FOLDER = PROOFS / "coq"
SOURCES = [*FOLDER.glob("*.v"), FOLDER / "_CoqProject", FOLDER / "MANIFEST.json"]
needs_coq = pytest.mark.skipif(shutil.which("coqc") is None, reason=f"Coq is not installed; {compiler.INSTALL}")
MATHCOMP = {"DefinitionsMatrix.v", "Lem12.v", "Chain.v", "StatementsMatrix.v"}


def copied(target: Path, only: str = "") -> Path:
    """A copy of the Coq folder; with `only`, of the theorems whose names contain that, without the matrix files."""
    target.mkdir()
    for source in SOURCES:
        shutil.copy(source, target)
    if only:
        data = json.loads((target / "MANIFEST.json").read_text())
        data["theorems"] = [t for t in data["theorems"] if only in t["theorem"] and t["file"] not in MATHCOMP]
        data["reviewed"] = {f: d for f, d in data["reviewed"].items() if f not in MATHCOMP}
        (target / "MANIFEST.json").write_text(json.dumps(data))
        lines = (target / "_CoqProject").read_text().splitlines()
        (target / "_CoqProject").write_text("\n".join(line for line in lines if line not in MATHCOMP) + "\n")
    return target


def edited(folder: Path, file: str, old: str, new: str) -> None:
    text = (folder / file).read_text(encoding="utf-8")
    assert old in text, f"{file} no longer contains {old!r}"
    (folder / file).write_text(text.replace(old, new, 1), encoding="utf-8")


# --- what needs no Coq -----------------------------------------------------------------------------------------------

WEAKENED = [
    ("Lemma x : 1 = 2. Admitted.", "admitted"),
    ("Lemma x : 1 = 2. Proof. admit. Qed.", "admitted"),
    ("Lemma x : 1 = 2. Proof. give_up. Qed.", "admitted"),
    ("Axiom x : 1 = 2.", "axiom"),
    ("Local Axiom x : 1 = 2.", "axiom"),
    ("Axioms (x y : False).", "axiom"),
    ("Parameter x : False.", "axiom"),
    ("Module M. Parameters (x : False). End M.", "axiom"),
    ("Conjecture x : 1 = 2.", "axiom"),
    ("Declare Module M : T.", "axiom"),
    ("Primitive f := #int63_add.", "axiom"),
    ("Variable x : False.", "axiom"),
    ("Section S. Variable a : nat. End S.\nHypothesis x : False.", "axiom"),
    ("Module M.\nContext (x : False).\nEnd M.", "axiom"),
    ("Unset Guard Checking.", "switches a check off"),
    ("Local Unset  Positivity\n Checking.", "switches a check off"),
    ("Unset Universe Checking.", "switches a check off"),
    ("Set Universe Polymorphism.", "switches a check off"),
    ("#[bypass_check(guard)] Fixpoint f (n : nat) : False := f n.", "switches a check off"),
    ("#[ bypass_check (universes) ] Definition t := Type.", "switches a check off"),
    ('Declare ML Module "evil".', "reaches outside"),
    ('Load "other".', "reaches outside"),
    ('Redirect "out" Print nat.', "reaches outside"),
    ('Add LoadPath "/tmp" as Evil.', "reaches outside"),
    ('(* a "string" with a *) Axiom x : False.', "axiom"),
    ('Definition s := "(*". Axiom x : False. Definition t := "*)".', "axiom"),
    ("(* nested (* comment *) *) Parameter x : False.", "axiom"),
]


@pytest.mark.parametrize(("text", "what"), WEAKENED, ids=[t[:30] for t, _ in WEAKENED])
def test_words_that_weaken_a_proof_are_refused(text, what):
    assert what in (forbidden("Require Import Reals.\n" + text) or "")


@pytest.mark.parametrize(
    "text",
    [
        "(* No Axiom, nothing Admitted. *)",
        'Definition s := "Axiom".',
        "Section S. Variable x : nat. Hypothesis h : x = 1. End S.",
        "Lemma admitted_x : True.",
        "Lemma x : axiom_of_choice.",
        "Local Open Scope R_scope. Proof. exact I.",
        "Definition Lem.Loader := 1.",
    ],
)
def test_words_that_only_look_like_it_are_not(text):
    assert forbidden(text) is None


def test_the_files_of_the_project_say_nothing_forbidden():
    project = read(FOLDER)
    assert {f: forbidden(t) for f, t in project.texts.items()} == dict.fromkeys(project.texts)
    assert all(t.statement for t in project.theorems)
    assert len(project.theorems) >= 85
    subjects = {"ex1", "ex3", "inv", "thm1", "thm2", "cor1", "cor2", "lem1", "lem2", "lem3", "lem4", "rem2", "rem3", "smooth"}
    assert {t.name.split("_")[1] for t in project.theorems} >= subjects


def test_comments_and_queries_do_not_change_what_was_reviewed():
    text = 'Theorem x : 1 = 1.\nProof. exact eq_refl. Qed.\nPrint Assumptions x.\nDefinition s := "a  b".\n'
    same = '(* new *) Theorem x :\n  1 = 1.\nProof. exact eq_refl. Qed.\nDefinition s := "a  b".\n'
    assert reviewed_digest(text) == reviewed_digest(same)
    for old, new in [("1 = 1", "1 = 2"), ("a  b", "a b"), ("Theorem", "(*) Theorem")]:
        assert reviewed_digest(text.replace(old, new)) != reviewed_digest(text)
    assert plain('a (* "*)" (* x *) *) b') == "a   b"


@pytest.mark.parametrize(
    "text", ["-Q . Symgd -arg -type-in-type A.v", "-R . Symgd A.v", "-Q .. Symgd A.v", "-Q . Symgd A.v A.v", "-Q . Symgd ../A.v", "A.v", ""]
)
def test_project_files_hold_no_flags(tmp_path, text):
    (tmp_path / "_CoqProject").write_text(text)
    with pytest.raises(CoqError, match="without any other flag"):
        project_file(tmp_path / "_CoqProject")


def test_output_that_is_not_a_list_of_axioms_is_strange():
    assert assumptions("Closed under the global context\n") == (set(), [])
    assert assumptions("Axioms:\na.b : nat\nc\n  : forall x,\n    x\n") == ({"a.b", "c"}, [])
    for odd in [
        "Axioms:\nf is assumed to be guarded.\n",
        "Axioms:\nt relies on an unsafe hierarchy.\n",
        "",
        "Theory:\nSet is impredicative\n",
        "Section Variables:\nx : False\n",
        "Closed under the global context\nAxioms:\nx : False\n",
    ]:
        assert assumptions(odd)[1] or assumptions(odd)[0] - {"a.b"}


BROKEN = [
    (lambda d: d["theorems"].append(d["theorems"][0]), "each occur once"),
    (lambda d: d["theorems"][0].update(theorem="x. Axiom y : False"), "names must be names|must be names"),
    (lambda d: d["theorems"][0].update(file="Other.v"), "is not in _CoqProject"),
    (lambda d: d["theorems"][0].pop("allowed_axioms"), "needs theorem, file"),
    (lambda d: d["reviewed"].pop("Statements.v"), "has no digest"),
    (lambda d: d.pop("theorems"), "must be an object"),
    (lambda d: d["theorems"].clear(), "must be names"),
]


@pytest.mark.parametrize(("change", "message"), BROKEN)
def test_a_manifest_that_does_not_fit_is_misuse(tmp_path, change, message):
    folder = copied(tmp_path / "coq")
    data = json.loads((folder / "MANIFEST.json").read_text())
    change(data)
    (folder / "MANIFEST.json").write_text(json.dumps(data))
    with pytest.raises(CoqError, match=message):
        read(folder)


def test_without_coq_there_is_one_sentence(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(compiler.shutil, "which", lambda name: None)
    assert cli.main(["check", "--coq", str(PROOFS)]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "apt-get install" in error
    monkeypatch.chdir(tmp_path)
    (tmp_path / "lemma.py").write_text(
        "from symgd import claim, forall, real\nx = real('x')\n\n@claim('a')\ndef a():\n    'A.'\n    return forall(x, then=x**2 >= 0)\n"
    )
    assert cli.main(["check", "--coq", "lemma.py"]) == 2
    assert "nothing for Coq to check" in capsys.readouterr().err


# --- a small folder --------------------------------------------------------------------------------------------------

PROOF = "intros n. simpl. rewrite Nat.add_0_r. reflexivity. Qed."
SMALL = {
    "Facts.v": f"Require Import Arith.\nLemma two : forall n, n + n = 2 * n.\nProof. {PROOF}\n",
    "Pins.v": "From Small Require Facts.\nTheorem pin_two : forall n, n + n = 2 * n.\nProof. exact Facts.two. Qed.\n",
}


def small(folder: Path, facts: str = SMALL["Facts.v"], pins: str = SMALL["Pins.v"], axioms: tuple[str, ...] = ()) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "Facts.v").write_text(facts)
    (folder / "Pins.v").write_text(pins)
    (folder / "_CoqProject").write_text("-Q . Small\nFacts.v\nPins.v\n")
    theorem = {
        "theorem": "pin_two",
        "file": "Pins.v",
        "id": "two",
        "title": "Doubling.",
        "allowed_axioms": list(axioms),
        "claims": {"double": ""},
    }
    (folder / "MANIFEST.json").write_text(json.dumps({"reviewed": {"Pins.v": reviewed_digest(pins)}, "theorems": [theorem]}))
    return folder


HIDDEN = [  # a proof of the small lemma, which Print Assumptions must see through; the textual check is switched off
    ("Admitted", "Proof. Admitted.", "rests on"),
    ("admit", "Proof. intros n. admit. Admitted.", "rests on"),
    ("axiom", "Proof. exact bad. Qed.", "rests on"),
    ("parameter of a functor", "Proof. exact Evil.x. Qed.", "rests on"),
    ("guard", "Proof. intros n. destruct (loop n). Qed.", "assumed to be guarded"),
    ("universes", "Proof. intros n. pose (t := unsafe). simpl. rewrite Nat.add_0_r. reflexivity. Qed.", "unsafe hierarchy"),
    ("positivity", "Proof. intros n. destruct (absurd_ n). Qed.", "assumed to be positive"),
    ("namesake of an allowed axiom", "Proof. intros n. destruct Classical_Prop.classic. Qed.", "rests on|is another"),
    ("variable", "Proof. intros n. destruct v. Qed.", "rests on"),
]
EVIL = """\
Axiom bad : forall n, n + n = 2 * n.
Module Type T. Parameter x : forall n, n + n = 2 * n. End T.
Declare Module Evil : T.
Unset Guard Checking.
Fixpoint loop (n : nat) : False := loop n.
Set Guard Checking.
Unset Universe Checking.
Definition unsafe : Type := let T := Type in (T : T).
Set Universe Checking.
Unset Positivity Checking.
Inductive B : Type := C : (B -> False) -> B.
Set Positivity Checking.
Definition absurd_ (n : nat) : False := let f := fun b : B => match b with C g => g b end in f (C f).
Module Classical_Prop. Axiom classic : False. End Classical_Prop.
Variable v : False.
"""


@needs_coq
@pytest.mark.parametrize(("name", "proof", "why"), HIDDEN, ids=[h[0] for h in HIDDEN])
def test_print_assumptions_sees_what_a_proof_rests_on(tmp_path, monkeypatch, name, proof, why):
    monkeypatch.setattr(auditing, "forbidden", lambda text: None)
    lemma = SMALL["Facts.v"].partition("Proof.")[0]
    done = audit(small(tmp_path / "coq", lemma.replace("Lemma", EVIL + "Lemma") + proof + "\n", axioms=("Classical_Prop.classic",)))
    assert re.search(why, done.refused["pin_two"] or "")
    assert done.accepted == []


@needs_coq
def test_a_small_folder_is_accepted_and_its_mutants_are_not(tmp_path):
    folder = small(tmp_path / "coq")
    assert audit(folder).refused == {"pin_two": None}
    assert not list(folder.glob("*.vo"))  # nothing is written into the source tree
    (folder / "Facts.vo").write_bytes(b"a stale file that must not be looked at")
    assert audit(folder).refused == {"pin_two": None}
    mutants = [
        ("another statement", {"pins": SMALL["Pins.v"].replace("2 * n", "n * 2")}, "coqc says"),
        ("a false statement", {"pins": SMALL["Pins.v"].replace("2 * n", "3 * n")}, "coqc says"),
        ("a proof that fails", {"facts": SMALL["Facts.v"].replace("reflexivity", "idtac")}, "coqc says"),
        ("no such theorem", {"pins": SMALL["Pins.v"].replace("pin_two", "pin_too")}, "is not a theorem"),
        ("not a proof", {"pins": "From Small Require Facts.\nDefinition pin_two := 2.\n"}, "is not a theorem"),
        ("Abort", {"pins": SMALL["Pins.v"].replace("exact Facts.two. Qed.", "Abort.")}, "is not a theorem"),
        ("unfinished", {"pins": SMALL["Pins.v"].replace("exact Facts.two. Qed.", "")}, "pending proofs"),
    ]
    for name, texts, why in mutants:
        refusal = audit(small(folder, **texts)).refused["pin_two"]
        assert why in (refusal or ""), name
    small(folder)
    edited(folder, "Pins.v", "2 * n", "n + n")
    assert "not the file that was reviewed" in (audit(folder).refused["pin_two"] or "")
    assert renewed(folder, {}) == ["Pins.v"]
    assert "coqc says" in (audit(folder).refused["pin_two"] or "")


@needs_coq
def test_coqc_that_does_not_end_is_ended():
    forever = "Require Import NArith.\nEval vm_compute in N.iter 1000000000000000 negb true.\n"  # a loop that needs no stack
    with pytest.raises(compiler.Failed, match="did not finish in 2 s"):
        compiler.compiled("Forever", forever, [], "Small", 2.0)


@needs_coq
def test_trust_is_raised_only_for_the_claim_that_was_compared(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    claims = """from symgd import claim, eq, forall, real
x = real("x")


@claim("double")
def double():
    "Doubling."
    return forall(x, then=eq(x + x, 2 * x))
"""
    (tmp_path / "claims.py").write_text(claims)
    small(tmp_path / "coq")

    def table():
        status = cli.main(["check", "claims.py", "--coq", "--json", "--jobs", "1"])
        captured = capsys.readouterr()
        return status, {row["id"]: row["trust"] for row in json.loads(captured.out)}, captured.err

    status, trust, error = table()
    assert (status, trust) == (0, {"double": "kernel", "coq:pin_two": "coq"})
    assert "compare the two" in error
    assert cli.main(["coq", "--renew", "."]) == 0
    capsys.readouterr()
    assert table()[:2] == (0, {"double": "coq", "coq:pin_two": "coq"})
    (tmp_path / "claims.py").write_text(claims.replace("2 * x", "x * 2"))
    assert table()[1]["double"] == "kernel"
    (tmp_path / "claims.py").write_text(claims)
    edited(tmp_path / "coq", "Facts.v", PROOF, "Admitted.")
    status, trust, _ = table()
    assert (status, trust) == (1, {"double": "kernel", "coq:pin_two": None})


# --- the theorems of proofs/coq --------------------------------------------------------------------------------------


@needs_coq
def test_every_theorem_of_the_project_is_accepted():
    done = audit(FOLDER)
    assert {name: why for name, why in done.refused.items() if why} == {}
    assert len(done.accepted) >= 85


def test_the_claims_that_theorems_speak_of_exist_and_were_compared():
    digests = {i.claim.id: command.compared(i.claim) for i in cli.collect(PROOFS)}
    named = {c: d for t in read(FOLDER).theorems for c, d in [*t.claims.items(), *t.refutes.items()]}
    assert {c: digests.get(c) for c in named} == named


PINS = [  # (a piece of Statements.v, what it becomes): each is another statement than the theorem
    ("0 <= mu L (root L lambda) delta x <= beta L lambda delta", "0 <= mu L (root L lambda) delta x < beta L lambda delta"),
    ("0 < delta <= delta_c L lambda -> 0 <= beta L lambda delta < 1", "0 < delta <= delta_c L lambda -> 0 < beta L lambda delta < 1"),
    ("0 < delta <= delta_c L lambda -> 0 <= beta L lambda delta < 1", "0 < delta -> 0 <= beta L lambda delta < 1"),
    (
        "(1 - delta * ((lambda - 1) / (Rpower lambda (/ INR L) - 1))) ^ k",
        "(1 - delta * ((lambda - 1) / (Rpower lambda (/ INR L) - 2))) ^ k",
    ),
    ("derivable_pt_lim ex1_loss x (sgn x * sqrt (Rabs x))", "derivable_pt_lim ex1_loss x (2 * (sgn x * sqrt (Rabs x)))"),
    ("Un_cv (fun k => (-1) ^ k * x k) (sigma * (delta ^ 2 / 4))", "Un_cv (fun k => x k) (sigma * (delta ^ 2 / 4))"),
    ("0 <= / 4 - Rabs (g y) <= 4 * (/ 4 - Rabs y) ^ 2", "0 <= / 4 - Rabs (g y) <= 3 * (/ 4 - Rabs y) ^ 2"),
    ("Rabs (x O) < ex3_threshold L delta -> Un_cv x 0", "Rabs (x O) <= ex3_threshold L delta -> Un_cv x 0"),
    ("ex3_threshold L delta < Rabs (x O) -> cv_infty", "ex3_threshold L delta <= Rabs (x O) -> cv_infty"),
    ("(2 <= L)%nat -> delta <= 1 / (1 - lambda) ->", "(1 <= L)%nat -> delta <= 1 / (1 - lambda) ->"),
    ("Nat.Even L -> delta < 2 / (1 - lambda) ->", "delta < 2 / (1 - lambda) ->"),
    ("Un_cv (fun k => w k O) lambda /\\ ~ Un_cv (fun k => w k O) 0", "Un_cv (fun k => w k O) lambda /\\ Un_cv (fun k => w k O) 0"),
    ("Prod a n <= (Sum a n / INR n) ^ n /\\", "Prod a n < (Sum a n / INR n) ^ n /\\"),
    ("1 / (1 - -1) < 221 / 200 /\\", "1 / (1 - -1) < 22 / 200 /\\"),
    ("0 < x -> 0 < chain_step L lambda delta x ->", "0 < x ->"),
    ("1 <= lambda -> 0 < delta <= 2 / balanced_sharpness", "1 <= lambda -> 0 < delta <= 3 / balanced_sharpness"),
    ("0 < delta <= 2 / balanced_sharpness L lambda -> delta < 1 / (1 - lambda) ->", "0 < delta <= 2 / balanced_sharpness L lambda ->"),
    ("(Un_cv x 0 <-> inS (x O / delta ^ 2))", "(Un_cv x 0 <-> x O = 0)"),
    ("0 <= w k i <= (1 + delta * lambda) ^ k", "0 <= w k i <= (1 + 2 * (delta * lambda)) ^ k"),
    ("= 2 * Rmin (1 / INR L) (1 / balanced_sharpness L lambda)", "= 3 * Rmin (1 / INR L) (1 / balanced_sharpness L lambda)"),
    ("(2 <= L)%nat -> 0 < lambda < mu ->", "(1 <= L)%nat -> 0 < lambda < mu ->"),
    ("(forall j, (1 <= j < L)%nat -> rho <= p j * q j)", "(forall j, (2 <= j < L)%nat -> rho <= p j * q j)"),
    ("K < a ^ (2 * (L - 1)) ->", "K < a ^ (2 * L) ->"),
    ("forall (phi : R -> R) L w a, Prod a L = 1 ->", "forall (phi : R -> R) L w a,"),
]
MATRIX_PINS = [  # the same of StatementsMatrix.v
    ("0 <= \\tr (A *m B)", "0 < \\tr (A *m B)"),
    ("<= (c / L%:R) ^+ L", "<= (c / L%:R) ^+ L.-1"),
    ("(0 < L)%N -> norm2 u = 1 -> norm2 v = 1 ->", "(0 < L)%N -> norm2 v = 1 ->"),
    ("\\prod_(i < L) alpha i = 1 ->", ""),
]


def none_passes(folder: Path, file: str, pins: list[tuple[str, str]]) -> None:
    original = (folder / file).read_text(encoding="utf-8")
    for old, new in pins:
        assert original.count(old) >= 1, old
        (folder / file).write_text(original.replace(old, new, 1), encoding="utf-8")
        project = read(folder)
        assert project.reviewed[file] != reviewed_digest(project.texts[file])
        renewed(folder, {})
        done = audit(folder)
        refusals = {done.refused[t.name] for t in project.theorems if t.file == file}
        assert len(refusals) == 1
        assert "coqc says" in (refusals.pop() or ""), new


@needs_coq
def test_no_altered_statement_passes(tmp_path):
    none_passes(copied(tmp_path / "coq", only="pin_"), "Statements.v", PINS)


@needs_coq
def test_no_altered_statement_about_matrices_passes(tmp_path):
    folder = copied(tmp_path / "coq")
    data = json.loads((folder / "MANIFEST.json").read_text())
    data["theorems"] = [t for t in data["theorems"] if t["file"] in MATHCOMP]
    data["reviewed"] = {f: d for f, d in data["reviewed"].items() if f in MATHCOMP}
    (folder / "MANIFEST.json").write_text(json.dumps(data))
    lines = (folder / "_CoqProject").read_text().splitlines()
    (folder / "_CoqProject").write_text("\n".join(line for line in lines if line in MATHCOMP or line.startswith("-Q")) + "\n")
    none_passes(folder, "StatementsMatrix.v", MATRIX_PINS)


def test_a_derivation_is_compared_with_what_it_states():
    proof = Derivation("a.proof", "A", let={"x": "positive"}, goal=("x + x = 2*x",), steps=(Step("x + x = 2*x", "collect"),))
    assert command.compared(proof) == command.compared(
        replace(proof, title="B", statement="In words.", steps=(Step("x + x = 2*x", "twice"),))
    )
    for change in (
        {"goal": ("x + x = x*2",)},
        {"let": {"x": "real"}},
        {"given": {"h": "x = 1"}},
        {"define": {"f(y)": "y"}},
    ):
        assert command.compared(replace(proof, **change)) != command.compared(proof)


ALTERED = [  # edits of proofs and definitions, each refused for the reason given
    ("Definitions.v", "2 / 3 * (Rabs x", "1 / 3 * (Rabs x", False, "reviewed"),
    ("Definitions.v", "2 / 3 * (Rabs x", "1 / 3 * (Rabs x", True, "coqc says"),
    ("Thm2.v", "End Thm2.", "Lemma more : 1 < 0. Admitted.\nEnd Thm2.", True, "admitted goal"),
    ("Thm2.v", "Section Thm2.", "Axiom more : 1 < 0.\nSection Thm2.", True, "an axiom"),
    ("Thm2.v", "Section Thm2.", "Hypothesis more : 1 < 0.\nSection Thm2.", True, "an axiom"),
    ("Sequences.v", "Section Modulus.", "Unset Guard Checking.\nSection Modulus.", True, "switches a check off"),
    ("Thm2.v", "L_ge2 : (2 <= L)%nat", "L_ge2 : (3 <= L)%nat", True, "coqc says"),
    ("Thm2.v", "delta_bound : 0 < delta <= 1 / INR L", "delta_bound : 0 < delta < 1 / INR L", True, "coqc says"),
]


@needs_coq
@pytest.mark.parametrize(("file", "old", "new", "renew", "why"), ALTERED, ids=[f"{a[0]}: {a[2][:30]}" for a in ALTERED])
def test_no_altered_proof_or_definition_passes(tmp_path, file, old, new, renew, why):
    folder = copied(tmp_path / "coq", only="pin_thm2")
    edited(folder, file, old, new)
    if renew:
        renewed(folder, {})
    assert audit(folder).accepted == []
    assert all(why in (refusal or "") for refusal in audit(folder).refused.values())


@needs_coq
def test_an_axiom_that_a_real_theorem_uses_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(auditing, "forbidden", lambda text: None)
    folder = copied(tmp_path / "coq", only="pin_thm2")
    text = (folder / "Thm2.v").read_text(encoding="utf-8")
    head, found, tail = text.partition("Theorem thm2_rate_refuted")
    assert found
    statement, _, rest = tail.partition("Proof.")
    (folder / "Thm2.v").write_text(head + found + statement + "Proof. Admitted." + rest.partition("Qed.")[2], encoding="utf-8")
    refused = audit(folder).refused
    assert refused["pin_thm2_singular_converges"] is None
    assert "thm2_rate_refuted" in (refused["pin_thm2_rate_refuted"] or "")


def test_rows_name_their_place_and_trust():
    assert command.Pinned("coq:x", "X.", "1 = 1").expect.value == "proved"
    assert Trust.COQ.value == "coq"
