"""Programs: sharing, hashing by content, refusals that name what is wrong."""

from __future__ import annotations

import pickle
from fractions import Fraction

import pytest

from symgd.enclosures import Instruction, Interval, MpmathIv, Op, Program


def test_equal_subexpressions_are_shared_and_squares_recognised():
    program = Program.from_nested(["mul", ["add", "x", 1], ["add", "x", ["const", "1"]]], ["x"])
    assert [step.op for step in program.code] == [Op.VAR, Op.CONST, Op.ADD, Op.POW_INT]


def test_programs_are_hashed_by_content():
    a, b = (Program.from_nested(["exp", ["neg", "x"]], ["x"]) for _ in range(2))
    assert a == b
    assert hash(a) == hash(b)
    assert len({a, b, Program.from_nested(["exp", "x"], ["x"])}) == 2
    assert pickle.loads(pickle.dumps(a)) == a
    assert hash(pickle.loads(pickle.dumps(a))) == hash(a)


def test_rational_exponents_take_their_simplest_form():
    ops = {e: Program.from_nested(["pow_rat", "x", e], ["x"]).code[-1] for e in ("1/2", "4/2", "2/6")}
    assert ops["1/2"].op is Op.SQRT
    assert (ops["4/2"].op, ops["4/2"].param) == (Op.POW_INT, 2)
    assert ops["2/6"].param == Fraction(1, 3)
    assert Program.from_nested(["root", "x", 3], ["x"]).code[-1] == ops["2/6"]


def test_sums_and_products_take_any_number_of_operands():
    program = Program.from_nested(["add", "x", "x", ["mul", 2, "x", "x"], ["max", "x", 1, 2]], ["x"])
    assert MpmathIv().enclose(program, [Interval(3)]).interval == Interval(27)


def test_deep_terms_do_not_exhaust_the_stack():
    nested = "x"
    for _ in range(5000):
        nested = ["add", nested, 1]
    assert MpmathIv().enclose(Program.from_nested(nested, ["x"]), [Interval(0)]).interval == Interval(5000)


@pytest.mark.parametrize(
    ("nested", "message"),
    [
        ("z", "not one of the variables"),
        (["frob", "x"], "unknown operation 'frob'"),
        (["exp", "x", "x"], "wrong number of operands"),
        (["div", "x", "x", "x"], "wrong number of operands"),
        (["add", "x"], "wrong number of operands"),
        (["const", 0.1], "not a rational"),
        (["const", "1/0"], "not a rational"),
        (["const", "__import__('os')"], "not a rational"),
        (["pow_int", "x", "1/2"], "integer exponent"),
        (["pow_int", "x", 9**9], "magnitude at most"),
        (["pow_rat", "x", "1/99999999"], "at most"),
        (["root", "x", 0], "positive integer degree"),
        (["pow_int", "x"], "needs an expression and an exponent"),
        ([], "expected a name"),
        (0.5, "expected a name"),
        (True, "expected a name"),
    ],
)
def test_a_malformed_expression_is_refused_by_name(nested, message):
    with pytest.raises(ValueError, match=message):
        Program.from_nested(nested, ["x"])


def test_a_malformed_tape_is_refused():
    for code in ((), (Instruction(Op.ADD, (0, 1)),), (Instruction(Op.VAR, (), 1),), (Instruction(Op.CONST, (), 3),)):
        with pytest.raises(ValueError, match="step"):
            Program(("x",), code)
    with pytest.raises(ValueError, match="distinct"):
        Program(("x", "x"), (Instruction(Op.VAR, (), 0),))
