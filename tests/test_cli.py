"""The command line, as a user meets it: tables, exit statuses, certificates that are kept, and one sentence for every misuse."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import symgd
from symgd import cli, kernel, settle
from symgd.claims import Trust, Verdict, proved, refuted, still_open
from symgd.collect import collect
from symgd.settle import Settings, Settled, Source
from symgd.store import Damaged, certificate_path, decode, encode, leaves, load, rules
from symgd.table import Style, columns, fit, summary, table

LEMMAS = """\
from symgd import claim, family, forall, real

x = real("x")


@claim("lemma.square", source="a textbook")
def square():
    \"\"\"A square is not negative.\"\"\"
    return forall(x, then=x**2 >= 0)


@claim("lemma.strict", expect="refuted")
def strict():
    \"\"\"A square is positive.\"\"\"
    return forall(x, then=x**2 > 0)


@claim("lemma.powers", corrects="lemma.strict", uses=["lemma.square"])
def powers():
    \"\"\"Powers of numbers from [0, 1] are at most 1.\"\"\"
    return family("L", range(2, 6), lambda L: forall(real("x", "[0, 1]"), then=x**L <= 1))
"""

OWN = """\
import os, time
from dataclasses import dataclass
from symgd import Outcome, Trust, Verdict


@dataclass(frozen=True)
class Own:
    id: str
    action: str
    title: str = "A claim that settles itself."
    statement: str = "a = b"
    expect: Outcome = Outcome.PROVED
    uses: tuple = ()

    def settle(self):
        exec(self.action)
        return Verdict(Outcome.PROVED, Trust.SYMBOLIC)


"""


@pytest.fixture
def here(tmp_path, monkeypatch):
    """The working directory of a user with three lemmas in lemmas.py."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    (tmp_path / "lemmas.py").write_text(LEMMAS)
    return tmp_path


def run(capsys, *arguments):
    """(exit status, standard output, standard error) of one command."""
    try:
        status = cli.main(arguments)
    except SystemExit as end:
        status = end.code
    out, err = capsys.readouterr()
    assert "Traceback" not in out + err
    return status, out, err


# --- check -----------------------------------------------------------------------------------------------------------


def test_check_prints_one_aligned_table(here, capsys):
    status, out, err = run(capsys, "check", "lemmas.py")
    untimed = re.sub(r"\d\.\d\d s", "0.00 s", out)
    assert (
        untimed
        == """\
id            statement                                                    verdict  trust       time
lemma.square  A square is not negative.                                    proved   kernel    0.00 s
lemma.strict  A square is positive.                                        refuted  kernel    0.00 s
              witness: x = 0
              corrected by lemma.powers
lemma.powers  Powers of numbers from [0, 1] are at most 1.                 proved   kernel    0.00 s

3 claims: 2 proved, 1 refuted, 0 open; all as expected.
Trust: 3 kernel; certificates: 0 re-checked, 3 new; 0.00 s.
"""
    )
    assert err == f"checking 3 claims in {min(3, cli.cores())} process{'es' * (cli.cores() > 1)}, 0 with a stored certificate\n"
    assert status == 0


def test_certificates_are_kept_and_used(here, capsys):
    run(capsys, "check", "lemmas.py")
    kept = {f.name: f.read_bytes() for f in (here / "certificates").iterdir()}
    assert kept.keys() == {"lemma.square.json", "lemma.strict.json", "lemma.powers.json"}
    _, out, _ = run(capsys, "check", "lemmas.py")
    assert "certificates: 3 re-checked, 0 new" in out
    _, out, _ = run(capsys, "check", "lemmas.py", "--fresh")
    assert "certificates: 0 re-checked, 3 new" in out
    assert {f.name: f.read_bytes() for f in (here / "certificates").iterdir()} == kept, "the same claims give the same bytes"


def test_json_is_a_list_of_objects(here, capsys):
    status, out, _ = run(capsys, "check", "lemmas.py", "--json")
    entries = json.loads(out)
    assert status == 0
    assert [set(e) for e in entries] == 3 * [
        {
            "id", "statement", "title", "verdict", "expected", "as_expected", "trust", "seconds", "witness", "reason", "left",
            "certificate", "place",
        }
    ]  # fmt: skip
    assert [e["left"] for e in entries] == [[], [], []]
    strict = entries[1]
    assert (strict["id"], strict["verdict"], strict["expected"], strict["trust"]) == ("lemma.strict", "refuted", "refuted", "kernel")
    assert (strict["statement"], strict["witness"]) == ("for all x: x^2 > 0", "x = 0")
    assert strict["certificate"] == os.path.join("certificates", "lemma.strict.json")
    assert isinstance(strict["seconds"], float)


@pytest.mark.parametrize("jobs", ["1", "2", "5"])
def test_the_number_of_processes_changes_no_verdict(here, capsys, jobs):
    status, out, _ = run(capsys, "check", "lemmas.py", "--json", "--fresh", "--jobs", jobs)
    assert status == 0
    assert [(e["id"], e["verdict"]) for e in json.loads(out)] == [
        ("lemma.square", "proved"),
        ("lemma.strict", "refuted"),
        ("lemma.powers", "proved"),
    ]


def test_only_selects_claims(here, capsys):
    status, out, _ = run(capsys, "check", "--only", "lemma.s", "lemmas.py", "--json")
    assert [e["id"] for e in json.loads(out)] == ["lemma.square", "lemma.strict"]
    assert status == 0
    assert run(capsys, "check", "lemmas.py::strict")[1].count("\nlemma.") == 1


def test_the_default_is_the_folder_proofs(here, capsys):
    assert run(capsys, "check")[0] == 2
    (here / "proofs").mkdir()
    (here / "lemmas.py").rename(here / "proofs" / "lemmas.py")
    assert run(capsys, "check")[0] == 0
    assert run(capsys, "show", "lemma.square")[0] == 0


def test_verbose_shows_statements_as_formulas(here, capsys):
    assert "              for all x: x^2 > 0\n" in run(capsys, "check", "lemmas.py", "--verbose")[1]


def test_progress_tells_what_is_done(here, capsys):
    _, _, err = run(capsys, "check", "lemmas.py", "--progress", "--jobs", "1")
    assert "  lemma.powers: L = 2 (1 of 4)" in err.splitlines()
    assert [re.sub(r"\d\.\d\d s", "", line) for line in err.splitlines() if line[0] == "["] == [
        "[1/3] lemma.square: proved (searched, )",
        "[2/3] lemma.strict: refuted (searched, )",
        "[3/3] lemma.powers: proved (searched, )",
    ]
    _, _, err = run(capsys, "check", "lemmas.py", "--progress", "--jobs", "1")
    assert "[1/3] lemma.square: proved (stored certificate accepted" in err


def test_a_verdict_that_is_not_expected_is_marked_and_gives_1(here, capsys):
    (here / "lemmas.py").write_text(LEMMAS.replace(', expect="refuted"', ""))
    status, out, _ = run(capsys, "check", "lemmas.py")
    assert status == 1
    assert "NOT AS EXPECTED: proved was expected (lemmas.py:12)" in out
    assert "1 NOT as expected: lemma.strict" in out


def test_a_search_that_runs_out_of_time_gives_3_and_keeps_what_is_done(here, capsys):
    motzkin = "x**4 * y**2 + x**2 * y**4 + 1 - 3 * x**2 * y**2 >= 0"
    (here / "lemmas.py").write_text(
        LEMMAS + f"\n\n@claim('hard')\ndef hard():\n    '''Motzkin.'''\n    y = real('y')\n    return forall(x, y, then={motzkin})\n"
    )
    status, out, _ = run(capsys, "check", "lemmas.py", "--seconds", "0.3")
    assert status == 3
    assert "out of time: " in out
    assert len(list((here / "certificates").iterdir())) == 3


# --- stored certificates are only proposals --------------------------------------------------------------------------

DAMAGE = [
    ("truncated", lambda b: b[:40], "damaged: not JSON"),
    ("empty", lambda b: b"", "damaged: not JSON"),
    ("binary", lambda b: bytes(range(256)), "damaged: not JSON"),
    ("deep", lambda b: b"[" * 100_000, "damaged: not JSON"),
    ("long number", lambda b: b.replace(b'"format":1', b'"format":1' + b"0" * 5000), "damaged: not JSON"),
    ("a list", lambda b: b"[1, 2]", "damaged: not a certificate"),
    ("no proof", lambda b: b.replace(b'"proof"', b'"poof"'), "damaged: not a certificate"),
    ("another claim", lambda b: re.sub(rb'"claim":"....', b'"claim":"0000', b), "has changed since its certificate was made"),
    ("another verdict", lambda b: b.replace(b'"proved"', b'"refuted"'), "the certificate was rejected at"),
    ("another format", lambda b: b.replace(b'"format":1', b'"format":2'), "the certificate was rejected at"),
    ("another rule", lambda b: b.replace(b'"rule":"', b'"rule":"un'), "the certificate was rejected at"),
]


@pytest.mark.parametrize(("damage", "notice"), [case[1:] for case in DAMAGE], ids=[case[0] for case in DAMAGE])
def test_a_damaged_certificate_is_noticed_and_made_again(here, capsys, damage, notice):
    run(capsys, "check", "lemmas.py::square")
    path = here / "certificates" / "lemma.square.json"
    good = path.read_bytes()
    path.write_bytes(damage(good))
    status, out, err = run(capsys, "check", "lemmas.py::square")
    assert notice in err
    assert err.rstrip().endswith("searching again")
    assert status == 0
    assert "certificates: 0 re-checked, 1 new" in out
    assert path.read_bytes() == good


def test_a_folder_that_cannot_be_written_costs_only_the_certificate(here, capsys):
    (here / "certificates").write_text("a file in the way")
    status, out, err = run(capsys, "check", "lemmas.py::square")
    assert status == 0
    assert "the certificate of lemma.square is not kept: " in err
    assert "no certificates" in out


def test_a_changed_claim_is_searched_again(here, capsys):
    run(capsys, "check", "lemmas.py")
    (here / "lemmas.py").write_text(LEMMAS.replace("range(2, 6)", "range(2, 7)"))
    status, out, err = run(capsys, "check", "lemmas.py")
    assert status == 0
    assert "lemma.powers has changed since its certificate was made; searching again" in err
    assert "certificates: 2 re-checked, 1 new" in out


def test_files_are_written_whole_or_not_at_all(here, monkeypatch):
    (item, *_) = collect("lemmas.py")
    content = encode({"format": 1, "claim": "0", "verdict": "proved", "proof": {}})
    from symgd import store

    store.save(certificate_path(item), content)

    def fail(*arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(store.os, "replace", fail)
    with pytest.raises(OSError, match="cannot be written"):
        store.save(certificate_path(item), content * 2)
    assert [f.name for f in (here / "certificates").iterdir()] == ["lemma.square.json"]
    assert load(certificate_path(item)) == decode(content)


@pytest.mark.parametrize("content", [b"", b"{", b"null", b"1", b'"x"', b"{}", b'{"format":1}', b"\xff\xfe", b"NaN"])
def test_what_is_no_certificate_is_damaged(content):
    with pytest.raises(Damaged):
        decode(content)


def test_what_a_certificate_consists_of():
    certificate = {
        "format": 1,
        "claim": "",
        "verdict": "proved",
        "proof": [
            {"rule": "cover", "tree": [0, "n", ["x", "0"], "d", {"rule": "sturm", "clauses": []}, "m"]},
            {"regions": [{"why": "stay", "proof": {"rule": "cover", "tree": ["n"]}}]},
        ],
    }
    assert rules(certificate) == {"cover": 2, "stay": 1, "sturm": 1}
    assert leaves(certificate) == 4


# --- claims that settle themselves, and processes that go wrong ------------------------------------------------------


def test_a_claim_that_settles_itself_has_no_certificate(here, capsys):
    (here / "own.py").write_text(OWN + "a = Own('own', 'pass')\n")
    status, out, _ = run(capsys, "check", "own.py", "--json")
    (entry,) = json.loads(out)
    assert (status, entry["verdict"], entry["trust"], entry["certificate"]) == (0, "proved", "symbolic", None)
    assert "Trust: 1 symbolic; no certificates" in run(capsys, "check", "own.py")[1]
    status, out, _ = run(capsys, "show", "own", "own.py")
    assert status == 0
    assert "proved (symbolic)  [own method" in out
    status, _, err = run(capsys, "export", "own", "own.py")
    assert (status, err) == (2, "symgd: own settles itself and has no certificate, so there is nothing that the kernel could check\n")


@pytest.mark.parametrize(
    ("action", "status", "said"),
    [
        ("raise KeyError('k')", 1, "the search failed with KeyError"),
        ("os._exit(9)", 1, "ended early (exit code 9)"),
        ("time.sleep(60)", 3, "the time limit of 0.2 s ran out long ago"),
        ("print('noise')", 0, "proved"),
        ("raise SystemExit(0)", 1, "ended early"),
    ],
)
def test_one_claim_that_goes_wrong_leaves_the_others_alone(here, capsys, monkeypatch, action, status, said):
    monkeypatch.setattr(settle, "GRACE", 0.3)
    (here / "own.py").write_text(OWN + f"claims = [Own('wrong', {action!r}), Own('good.1', 'pass'), Own('good.2', 'pass')]\n")
    got, out, _ = run(capsys, "check", "own.py", "--seconds", "0.2", "--jobs", "2")
    assert got == status
    assert said in " ".join(out.split())
    assert "noise" not in out
    assert len(re.findall(r"^good\.\d .* proved ", out, re.M)) == 2


@pytest.mark.skipif(os.name != "posix", reason="signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_check_gives_3_and_keeps_what_is_done(here, number):
    (here / "slow.py").write_text(OWN + LEMMAS + "\n\nslow = Own('slow', 'time.sleep(60)')\nlast = Own('last', 'pass')\n")
    command = [sys.executable, "-m", "symgd.cli", "check", "slow.py", "--jobs", "1", "--progress"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True) as process:
        for line in process.stderr:
            if line.startswith("[3/5]"):
                break
        time.sleep(0.2)
        started = time.monotonic()
        if number == signal.SIGINT:
            os.killpg(process.pid, number)  # as a terminal does: to all processes of the group
        else:
            process.send_signal(number)
        out, err = process.communicate(timeout=20)
    assert time.monotonic() - started < 5
    assert process.returncode == 3
    assert "Traceback" not in out + err
    assert "interrupted; the certificates found so far are kept" in err
    assert "5 claims: 2 proved, 1 refuted, 0 open, 2 not reached; those reached are as expected." in out
    assert len(list((here / "certificates").iterdir())) == 3


def test_output_into_a_closed_pipe_is_no_error(here):
    command = f"{sys.executable} -m symgd.cli check lemmas.py --verbose | head -n 1"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, timeout=60)
    assert "Traceback" not in done.stderr
    assert "Error" not in done.stderr


# --- verify, show, export --------------------------------------------------------------------------------------------


def test_verify_accepts_what_check_has_stored(here, capsys):
    run(capsys, "check", "lemmas.py")
    status, out, _ = run(capsys, "verify", "certificates")
    assert status == 0
    assert out.splitlines() == [
        "certificates/lemma.powers.json  accepted: proved  (lemma.powers)",
        "certificates/lemma.square.json  accepted: proved  (lemma.square)",
        "certificates/lemma.strict.json  accepted: refuted  (lemma.strict)",
        "3 certificates: 3 accepted, 0 rejected.",
    ]
    assert run(capsys, "verify", "certificates/lemma.square.json")[0] == 0


def test_verify_rejects_and_gives_1(here, capsys):
    run(capsys, "check", "lemmas.py")
    square, strict = (here / "certificates" / f"lemma.{name}.json" for name in ("square", "strict"))
    square.write_bytes(square.read_bytes().replace(b'"proved"', b'"refuted"'))
    strict.write_bytes(b"{")
    status, out, _ = run(capsys, "verify", "certificates")
    assert status == 1
    assert out.count("REJECTED") == 2
    assert "3 certificates: 1 accepted, 2 rejected." in out
    (here / "lemmas.py").write_text(LEMMAS.replace("range(2, 6)", "range(2, 7)"))
    status, out, _ = run(capsys, "verify", "certificates/lemma.powers.json")
    assert status == 1
    assert "has this digest, so the claim has changed" in out


def test_verify_with_an_exported_claim_runs_no_code_of_the_claim(here, capsys):
    run(capsys, "check", "lemmas.py")
    assert run(capsys, "export", "lemma.strict", "lemmas.py", "-o", "claim.json") == (0, "", "")
    (here / "lemmas.py").write_text("1/0")
    assert run(capsys, "verify", "certificates/lemma.strict.json", "--claim", "claim.json")[0] == 0
    assert run(capsys, "verify", "certificates/lemma.square.json", "--claim", "claim.json")[0] == 1
    assert run(capsys, "verify", "certificates/lemma.square.json")[0] == 2


def test_the_bare_kernel_accepts_what_is_exported(here, capsys):
    run(capsys, "check", "lemmas.py")
    run(capsys, "export", "lemma.powers", "lemmas.py", "-o", "claim.json")
    checker = Path(kernel.__file__).parent / "check.py"
    command = [sys.executable, "-I", "-S", checker, "claim.json", "certificates/lemma.powers.json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, "proved\n", "")
    status, out, _ = run(capsys, "export", "lemma.powers", "lemmas.py")
    assert status == 0
    assert json.loads(out) == json.loads(Path("claim.json").read_bytes())


def test_show_prints_the_claim_in_full(here, capsys):
    status, out, _ = run(capsys, "show", "lemma.powers", "lemmas.py")
    assert status == 0
    for line in [
        "id           lemma.powers",
        "title        Powers of numbers from [0, 1] are at most 1.",
        "statement    for L = 2, 3, ..., 5; e.g. L = 2: for all x in [0, 1]: x^2 <= 1",
        "place        lemmas.py:18",
        "uses         lemma.square",
        "corrects     lemma.strict",
        "expected     proved",
        "  symgd export lemma.powers lemmas.py -o claim.json",
    ]:
        assert line in out.splitlines()
    assert "source       a textbook" in run(capsys, "show", "square", "lemmas.py")[1]


def test_the_command_that_show_prints_works(here, capsys):
    commands = [line.split() for line in run(capsys, "show", "lemma.strict", "lemmas.py")[1].splitlines() if line.startswith("  ")]
    assert [c[0] for c in commands] == ["symgd", "python3"]
    assert cli.main(commands[0][1:]) == 0
    done = subprocess.run([sys.executable, *commands[1][1:]], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (0, "refuted\n")


# --- imports ---------------------------------------------------------------------------------------------------------


def test_what_a_command_does_not_use_is_not_imported(here):
    code = "import sys; from symgd import cli; cli.main(['show', 'square', 'lemmas.py']); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    loaded = set(done.stdout.splitlines()[-1].split())
    assert {"symgd.kernel", "symgd.certify"} <= loaded
    assert not loaded & {f"symgd.{package}.command" for package in ("coq", "dynamics", "render", "search")}


def test_the_parser_of_one_command_is_that_of_all():
    every, few = (cli.parser(only)._subparsers._group_actions[0].choices for only in (False, True))
    assert tuple(few) == cli.CLAIMS
    assert {name: few[name].format_help() for name in few} == {name: every[name].format_help() for name in few}


# --- misuse ----------------------------------------------------------------------------------------------------------

MISUSE = [
    ([], "the following arguments are required: COMMAND"),
    (["prove"], "invalid choice: 'prove'"),
    (["check"], "symgd: there is no folder proofs/ here; name the folder or the file of your claims, as in: symgd check my_claims.py"),
    (["check", "lemma.py"], "symgd: there is no file or folder lemma.py; did you mean lemmas.py?"),
    (["check", "lemmas.py", "--only", "nothing"], "symgd: no claim has an id like 'nothing'; "),
    (["check", "lemmas.py", "--seconds", "soon"], "'soon' is not a positive number of seconds"),
    (["check", "lemmas.py", "--seconds", "-1"], "'-1' is not a positive number of seconds"),
    (["check", "lemmas.py", "--seconds", "nan"], "'nan' is not a positive number of seconds"),
    (["check", "lemmas.py", "--jobs", "0"], "'0' is not a number of processes from 1 to 1024"),
    (["check", "lemmas.py", "--slowly"], "unrecognized arguments: --slowly"),
    (["verify"], "the following arguments are required: FILE"),
    (["verify", "nothing.json"], "symgd: there is no file nothing.json; certificates are in the folder certificates/ beside the claims"),
    (["verify", "."], "symgd: there are no certificates in .; they are made by: symgd check"),
    (
        ["verify", "lemmas.py", "--claim", "nothing.json"],
        "symgd: there is no file nothing.json; write the claim with: symgd export ID -o nothing.json",
    ),
    (["verify", "lemmas.py", "--claim", "lemmas.py"], "symgd: lemmas.py cannot be read as a claim"),
    (["show", "nothing", "lemmas.py"], "symgd: no claim has an id like 'nothing'"),
    (
        ["show", "lemma.s", "lemmas.py"],
        "symgd: 'lemma.s' is the start of several ids: lemma.square, lemma.strict; give one of them in full",
    ),
    (
        ["export", "lemma.square", "lemmas.py", "-o", "no/such/folder.json"],
        "symgd: no/such/folder.json cannot be written (No such file or directory)",
    ),
]


@pytest.mark.parametrize(("arguments", "message"), MISUSE, ids=[" ".join(arguments) for arguments, _ in MISUSE])
def test_misuse_gives_2_and_one_sentence(here, capsys, arguments, message):
    status, out, err = run(capsys, *arguments)
    assert (status, out) == (2, "")
    assert message in err.splitlines()[-1]


CONTENT = [
    ("0.5*x >= 0", "the float 0.5 is not exact; write Fraction(p, q) or the decimal as a string, '0.5'"),
    ("'x + y > 0'", "unknown name 'y' in 'x + y > 0'; the variables here are: x"),
    ("'x**x**x > 0'", "the exponent x in 'x**x**x > 0' must be a rational number"),
    ("'9**9**9 > x'", "the exponent 9^9 in '9**9**9 > x' must be a rational number"),
    ('\'__import__("os").remove("lemmas.py") > 0\'', "is not allowed; only + - * / **, numbers, names and known functions are"),
    ("'x.real > 0'", "'x.real' in 'x.real > 0' is not allowed"),
    ("'gamma(x) > 0'", "'gamma' is not a function here; known are sqrt, abs"),
    ("'1/0 > x'", "division by zero in '1/0 > x'"),
    ("x/0 > 1", "division by zero in 'x/0'"),
    ("x > 10**5000", "is too long; numbers go up to"),
    ("x**(10**9) > 0", "exponents go up to 10000"),
    ("x**2 == x", "== compares expressions as written, the equation is eq(a, b)"),
    ("[]", "a statement needs a conclusion"),
    ("0 < x < 1", "has no truth value; write a chain a <= b <= c as two relations"),
    ("real('y', '[1, 0]') > 0", "the range [1, 0] of 'y' is empty; give it at least one point"),
    ("real('y', '(1, 1)') > 0", "the range (1, 1) of 'y' is empty"),
    ("real('x', '[0, 0.5') > 0", "the range '[0, 0.5' of 'x' cannot be read; write it like '(0, oo)' or '[0, 1/2]'"),
]


@pytest.mark.parametrize(("conclusion", "message"), CONTENT, ids=[c for c, _ in CONTENT])
def test_a_claim_that_cannot_be_read_gives_2_and_one_sentence_with_its_line(here, capsys, conclusion, message):
    head = "from symgd import claim, forall, real\nx = real('x')\n\n@claim('mine')\ndef mine():\n    '''A.'''\n"
    Path("lemmas.py").write_text(f"{head}    return forall(x, then={conclusion})\n")
    status, out, err = run(capsys, "check", "lemmas.py")
    assert (status, out) == (2, "")
    assert err.startswith("symgd: lemmas.py:7: ")
    assert message in err
    assert err.count("\n") == 1


SYSTEMS = [
    ("GradientMap(abs(x), x, Rational(1, 2)).at(0).gradient", "not shown to be differentiable at x = 0"),
    ("GradientMap(0.5*x**2, x, Rational(1, 2)).gradient", "floating-point"),
    ("GradientMap(x**2, x, -1).gradient", "not positive"),
]


@pytest.mark.parametrize(("expression", "message"), SYSTEMS, ids=[e for e, _ in SYSTEMS])
def test_a_loss_that_cannot_be_used_gives_2_and_one_sentence(here, capsys, expression, message):
    head = "from sympy import Rational, Symbol\nfrom symgd.systems.gradient_map import GradientMap\nx = Symbol('x', real=True)\n"
    Path("lemmas.py").write_text(f"{head}slope = {expression}\n")
    status, out, err = run(capsys, "check", "lemmas.py")
    assert (status, out) == (2, "")
    assert err.startswith("symgd: lemmas.py:4: ")
    assert message in err
    assert err.count("\n") == 1


def test_version(here, capsys):
    assert run(capsys, "--version")[:2] == (0, f"symgd {symgd.__version__}\n")


# --- the table -------------------------------------------------------------------------------------------------------


@pytest.fixture
def rows(here):
    items = collect("lemmas.py")
    results = [
        Settled(proved(Trust.KERNEL), Source.STORED, 0.5, Path("c")),
        Settled(still_open("too hard " * 30), Source.SEARCHED, 123.4, out_of_budget=True),
        Settled(still_open(""), Source.MISSING, 0.0),
    ]
    return items, results


@pytest.mark.parametrize("width", [60, 80, 120, 200])
def test_no_line_is_wider_than_the_terminal(rows, width):
    out = table(*rows, Style(max(width, 80)), verbose=True)
    assert max(columns(line) for line in out.splitlines()) <= max(width, 80)


def test_a_proof_by_computer_algebra_is_marked_where_a_premise_is_not_proved(here, capsys):
    claims = "b = Own('b', 'pass', uses=('a',))\na = Own('a', '1/0', expect=Outcome.OPEN)\nc = Own('c', 'pass', uses=('b', 'nowhere'))\n"
    (here / "lemmas.py").write_text(OWN + claims)
    status, out, err = run(capsys, "check", ".")
    assert status == 0
    assert out.count("ONLY IF its premise holds: it uses a, which is open") == 1
    assert "symgd: lemmas.py:22: c uses 'nowhere', and no claim here has that id" in err


def test_colour_only_where_wanted(rows):
    plain, coloured = (table(*rows, Style(100, colour)) for colour in (False, True))
    assert "\x1b" not in plain
    assert re.sub(r"\x1b\[[\d;]*m", "", coloured) == plain


@pytest.mark.parametrize(
    ("text", "width", "cut"),
    [("abc", 5, "abc  "), ("abcdef", 5, "ab..."), ("λ → ∞", 5, "λ → ∞"), ("漢字漢字", 6, "漢..."), ("a\u0301b", 2, "a\u0301b")],
)
def test_text_is_cut_by_columns(text, width, cut):
    assert fit(text, width).rstrip() == cut.rstrip()
    assert columns(fit(text, width)) <= width


def test_the_summary_counts_everything(rows):
    assert summary(*rows, 61.2) == (
        "3 claims: 1 proved, 0 refuted, 1 open, 1 not reached; 1 NOT as expected: lemma.strict.\n"
        "Trust: 1 kernel; certificates: 1 re-checked, 0 new; 61 s."
    )


def test_settle_in_this_process(here):
    (item, *_) = collect("lemmas.py")
    result = settle.settle(item, Settings(seconds=5))
    assert (result.verdict, result.source, result.certificate) == (proved(Trust.KERNEL), Source.SEARCHED, certificate_path(item))
    assert settle.settle(item).source is Source.STORED


def test_a_refutation_is_told_with_its_witness(here):
    (item,) = collect("lemmas.py", only=["lemma.strict"])
    assert settle.settle(item).verdict == refuted(Trust.KERNEL, "x = 0")
    assert isinstance(settle.settle(item).verdict, Verdict)


# --- pytest ----------------------------------------------------------------------------------------------------------


def pytest_run(*arguments):
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *arguments], capture_output=True, text=True, timeout=120
    )
    return done.returncode, done.stdout + done.stderr


def test_pytest_collects_the_claims_when_asked(here):
    (here / "test_mine.py").write_text("def test_mine():\n    pass\n")
    (here / "lemmas.py").write_text(LEMMAS.replace(', expect="refuted"', ""))
    status, out = pytest_run("--symgd", "lemmas.py", "-v", "-n", "0")
    assert status == 1
    assert "lemmas.py::lemma.square PASSED" in out
    assert "lemmas.py::lemma.strict FAILED" in out
    assert "test_mine.py::test_mine PASSED" in out
    assert "refuted, and proved was expected" in out
    assert "  witness    x = 0" in out
    assert "  statement  for all x: x^2 > 0" in out
    assert (here / "certificates" / "lemma.square.json").exists()


def test_pytest_selects_single_claims(here):
    status, out = pytest_run("--symgd", "lemmas.py::lemma.strict", "-v")
    assert (status, out.count("PASSED")) == (0, 1)
    status, out = pytest_run("lemmas.py::lemma.strict", "--symgd", ".", "-v")
    assert (status, out.count("PASSED")) == (0, 1)
    status, out = pytest_run("--symgd", ".", "-v", "-k", "strict or powers")
    assert (status, out.count("PASSED")) == (0, 2)


def test_pytest_reads_the_paths_from_its_configuration(here):
    (here / "test_mine.py").write_text("def test_mine():\n    pass\n")
    (here / "pytest.ini").write_text("[pytest]\nsymgd_paths = lemmas.py\n")
    assert pytest_run("-q")[1].splitlines()[-1].startswith("4 passed")
    assert pytest_run("-q", "test_mine.py")[1].splitlines()[-1].startswith("1 passed")


def test_pytest_does_nothing_unless_asked(here):
    status, out = pytest_run()
    assert status == 5
    assert "collected 0 items" in out


@pytest.mark.parametrize(
    ("files", "arguments", "status", "message"),
    [
        ({}, ["--symgd", "nowhere"], 4, "there is no file or folder"),
        ({"broken.py": "import not_there\n"}, ["--symgd", "."], 2, "broken.py:1: there is no module 'not_there'"),
    ],
)
def test_pytest_reports_what_cannot_be_collected(here, files, arguments, status, message):
    for name, source in files.items():
        (here / name).write_text(source)
    got, out = pytest_run(*arguments)
    assert got == status
    assert message in out
    assert "Traceback" not in out


def test_the_plugin_costs_nothing_unless_asked():
    code = "import sys, symgd.pytest_entry; sys.exit(bool({'sympy', 'mpmath', 'numpy', 'pytest'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], timeout=60).returncode == 0
