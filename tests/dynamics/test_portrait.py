"""The portrait on one page, as JSON and as a picture, its claims in the kernel, and the command line."""

from __future__ import annotations

import argparse
import json
from fractions import Fraction

import pytest

from symgd.claims import Outcome, Trust
from symgd.dynamics import DynamicsError, analyze
from symgd.dynamics.command import add_subcommand

EX2 = "(x^2+1)*(x-1)^2*(x-2)^2"


@pytest.fixture(scope="module")
def ex2():
    return analyze(EX2, step="3/10", region="-1:3", periods=3)


def test_every_core_claim_of_ex2_is_checked_by_the_kernel(ex2):
    assert len(ex2.evidence) >= 12
    assert {e.verdict.outcome for e in ex2.evidence} == {Outcome.PROVED}
    assert {e.trust for e in ex2.evidence} == {Trust.KERNEL}
    assert len(ex2.claims()) == len(ex2.evidence)


def test_the_page_says_what_matters_and_with_which_trust(ex2):
    page = str(ex2)
    for words in (
        "threshold 1/2",
        "threshold 1/5",
        "supercritical flip",
        "3*x^3 - 6*x^2 + 4*x - 3",
        "is trapped in",
        "diverges",
        "undecided",
        "[symbolic]",
        "[interval]",
        "Re-checked by the kernel",
        "multiplier -1/5",
    ):
        assert words in page


def test_json_is_exact_and_complete(ex2):
    data = json.loads(ex2.to_json())
    assert [p["threshold_text"] for p in data["equilibria"]["points"]] == ["1/2", "", "1/5"]
    total = sum(Fraction(t["measure"]) for t in data["basins"]["targets"]) + Fraction(data["basins"]["undecided"])
    assert total == 4
    assert data["equilibria"]["complete"] is True


@pytest.mark.parametrize(
    ("loss", "step", "region"),
    [("(x^2-1)^2/4", "11/10", None), ("log((exp(x)+exp(-x))/2)", "3", "-4:4"), ("softplus(-x)+softplus(2*x)", "1/2", "-3:3")],
)
def test_other_losses_reach_the_kernel_as_well(loss, step, region):
    p = analyze(loss, step=step, region=region, periods=2)
    assert p.evidence
    assert {e.trust for e in p.evidence} == {Trust.KERNEL}


def test_a_portrait_in_two_variables():
    p = analyze("(x^2+y-11)^2 + (x+y^2-7)^2", ("x", "y"), step="1/100", region="-5:5", cells=4000)
    assert len(p.neighbourhoods) == 4
    assert all(n.factor < 1 for n in p.neighbourhoods)
    assert {e.trust for e in p.evidence} == {Trust.KERNEL}
    assert "every start within" in str(p)


def test_without_a_region_one_is_taken_and_named():
    p = analyze("(x*y-1)**2/2", ("x", "y"), step="1/2", cells=3000)
    page = str(p)
    assert "region [-4, 4] × [-4, 4]" in page
    assert "is taken when none is given" in page
    assert "family: x*y - 1 = 0" in page  # the minima; their sharpness is x² + y² >= 2
    assert "x = 0, y = 0: saddle" in page
    assert "unstable, |multiplier| up to 1.5" in page  # 1 + δ, of the eigenvalue -1 of the saddle
    assert {e.trust for e in p.evidence} == {Trust.KERNEL}


def test_a_logistic_loss_on_the_page():
    page = str(analyze("softplus(x) - x/3", step=2, region="-4:4", kernel=False))  # f' = sigmoid(x) - 1/3: minimum at -log 2, curvature 2/9
    assert "x = -0.69314718056" in page
    assert "minimum; curvature 0.222222222222" in page
    assert "threshold 9" in page
    assert "100.0000 %  converges to the equilibrium" in page


def test_a_scan_finds_the_cascade_and_period_3():
    p = analyze("(x^2-1)^2/4", steps="6/5:3/2", kernel=False)
    page = str(p)
    assert "period 2 → 4 at δ = 1.236067977" in page
    assert "period 3, hence every period" in page
    json.loads(p.to_json())


def test_what_was_interrupted_is_said():
    def progress(message):
        if message == "period 2":
            raise KeyboardInterrupt

    p = analyze(EX2, step="3/10", region="-1:3", kernel=False, progress=progress)
    assert len(p.equilibria) == 3
    assert any("interrupted" in n for n in p.notes)


def test_an_interrupted_command_prints_what_is_certified_and_exits_with_3(capsys, monkeypatch):
    from symgd.dynamics import portrait

    def interrupted(*arguments, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr(portrait, "periodic_orbits", interrupted)
    assert run("(x^2-1)^2/4", "--step", "1/2", "--no-kernel") == 3
    out = capsys.readouterr().out
    assert "x = 1: minimum" in out
    assert "interrupted in: period 2" in out


def test_an_interruption_in_the_last_stage_is_said_too():
    def progress(message):
        if "undecided after" in message:
            raise KeyboardInterrupt

    p = analyze("x^2 + y^4", ("x", "y"), step="1/4", region="-1:1", periods=1, kernel=False, progress=progress)
    assert any(n.startswith("interrupted") for n in p.notes)


def test_basins_in_two_variables_are_on_the_page_in_json_and_in_the_picture(tmp_path):
    p = analyze("(x*y-1)^2/2", ("x", "y"), step="1/2", region="-3:3", cells=6000, kernel=False)
    page = str(p)
    assert "converges to an equilibrium on x*y - 1 = 0" in page
    assert "Basins of the starts in [-3, 3] × [-3, 3]" in page
    assert "diverges" in page
    data = json.loads(p.to_json())["basins"]
    assert sum(Fraction(t["measure"]) for t in data["targets"]) + Fraction(data["undecided"]) == 36
    assert len(data["cells"]) > 100
    assert all(len(c) == 5 for c in data["cells"])
    pytest.importorskip("matplotlib")
    p.plot(tmp_path / "a.svg")
    assert "Where a start provably goes" in (tmp_path / "a.svg").read_text() or (tmp_path / "a.svg").stat().st_size > 10_000


def test_kinks_are_named():
    assert "the loss has kinks" in str(analyze("abs(x) + x^2", step="1/4", region="-1:1", kernel=False))


def run(*arguments):
    parser = argparse.ArgumentParser()
    add_subcommand(parser.add_subparsers())
    options = parser.parse_args(["analyze", *arguments])
    return options.run(options)


def test_the_command_prints_a_page(capsys):
    assert run("x^4/4", "--step", "1/2", "--region", "-1:1", "--no-kernel", "--periods", "2") == 0
    assert "degenerate; multiplicity 3" in capsys.readouterr().out


def test_the_command_prints_json(capsys):
    assert run("(x^2-1)^2/4", "--step", "1/2", "--json", "--no-kernel", "--periods", "2") == 0
    assert json.loads(capsys.readouterr().out)["step"] == {"lo": "1/2", "hi": "1/2"}


def test_several_variables_on_the_command_line(capsys):
    regions = ("--region", "-2:2", "--region", "-3:3")
    assert run("(x*y-1)^2/2", "--var", "x", "--var", "y", "--step", "1/2", *regions, "--no-kernel", "--cells", "3000") == 0
    assert "family: x*y - 1 = 0" in capsys.readouterr().out


BAD = [
    (("9**9**9", "--step", "1"), "rational number"),
    (("x^2+y", "--step", "1"), "unknown name 'y'"),
    (("x^2", "--step", "0.3.1"), "not a rational"),
    (("x^2", "--step", "-1"), "positive"),
    (("cosh(x)", "--step", "1", "--region", "-1:1"), "not a function"),
    (("x^2",), "give a step size"),
    (("x^2", "--step", "1", "--region", "3:1"), "empty"),
    (("5", "--step", "1"), "constant"),
    (("x^2", "--step", "1/0"), "not a rational"),
    (("x^2", "--step", "1", "--periods", "99"), "period 8"),
    (("__import__('os')", "--step", "1"), "not allowed"),
    (("x^2", "--steps", "2:1"), "empty"),
    (("x^2", "--step", "1", "--region", "1:1"), "interior"),
    (("1/x", "--step", "1", "--region", "-1:1"), "not defined at x = 0"),
    (("log(x) - x", "--step", "1", "--region", "-1:1"), "not defined at x = -1"),
    (("sqrt(-1)*x", "--step", "1", "--region", "-1:1"), "not defined"),
    (("1/(x-y)", "--var", "x", "--var", "y", "--step", "1", "--region", "-1:1"), "not defined at x = -1, y = -1"),
    (("1/0 + x", "--step", "1"), "division by zero"),
    (("x^2 +", "--step", "1"), "cannot read"),
    (("x^99999999", "--step", "1"), "too large"),
    (("x^2", "--step", "1", "--plot", "a.bmp"), "end the name in"),
    (("x^2", "--step", "1", "--plot", "no/such/folder/a.png"), "no folder"),
    (("a*b*c", "--var", "a", "--var", "b", "--var", "c", "--step", "1", "--plot", "a.png"), "one or two variables"),
]


@pytest.mark.parametrize(("arguments", "message"), BAD)
def test_bad_input_is_one_sentence_and_exit_status_2(arguments, message, capsys):
    assert run(*arguments) == 2
    err = capsys.readouterr().err
    assert message in err
    assert err.count("\n") == 1


def test_an_unknown_picture_format_is_refused(ex2, tmp_path):
    with pytest.raises(DynamicsError, match=r"\.svg"):
        ex2.plot(tmp_path / "a.bmp")


def test_pictures(ex2, tmp_path):
    pytest.importorskip("matplotlib")
    ex2.plot(tmp_path / "a.svg")
    assert "<svg" in (tmp_path / "a.svg").read_text()
    ex2.plot(tmp_path / "a.pdf")
    assert (tmp_path / "a.pdf").read_bytes().startswith(b"%PDF")


def test_a_clear_message_without_matplotlib(ex2, tmp_path, monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(DynamicsError, match="symgd\\[plot\\]"):
        ex2.plot(tmp_path / "a.svg")
