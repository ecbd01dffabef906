"""What the floors above the kernel rely on; do not change without changing them."""

import pytest
from notation import change, interval, orthant

from symgd.kernel import Reject
from symgd.kernel.rules import prove, read_goal
from symgd.kernel.terms import Arena

SQUARE = {"vars": [["x", "[", "0", "1", "]"]], "then": [["<=", ["*", "x", "x"], "x"], ["=", ["+", "x", "x"], ["*", 2, "x"]]]}


def test_a_rejection_carries_the_innermost_goal():
    goal = read_goal({"vars": [["x", "(", "0", "oo", ")"]], "then": [["<", 0, "x"]]}, Arena())
    side = orthant(*[[["x", "0", None], ["z", "0", None]]] * 5)
    node = change("x", interval("z", "[0,oo)"), ["^", "z", 2], 0, ["+", 1, "x"], side, {"rule": "open 3"})
    with pytest.raises(Reject) as rejection:
        prove(goal, node, "")
    assert rejection.value.why == "unknown rule 'open 3'"
    assert list(rejection.value.goal.ranges) == ["z"]


def test_each_clause_may_be_proved_by_its_own_kind_of_algebra():
    prove(read_goal(SQUARE, Arena()), {"rule": "orthant", "clauses": [{"by": "sturm"}, {}]}, "")


def test_at_binds_its_variable_in_the_first_argument_only():
    square = ["^", "y", 2]
    goal = read_goal({"vars": [], "then": [["=", ["at", ["D", square, "y"], "y", 3], 6]]}, Arena())
    prove(goal, {"rule": "cover", "tree": ["n"]}, "")
    with pytest.raises(Reject):
        read_goal({"vars": [], "then": [["=", ["at", square, "y", "y"], 0]]}, Arena())


def test_anything_follows_from_an_absurd_hypothesis_and_only_then():
    data = {"vars": [["x", "(", "1", "oo", ")"]], "given": [["<=", ["^", "x", 2], 1]], "then": [["<", "x", 0]]}
    prove(read_goal(data, Arena()), {"rule": "sturm", "clauses": [{"absurd": 0}]}, "")
    data["given"] = [["<=", ["^", "x", 2], "11/10"]]
    with pytest.raises(Reject):
        prove(read_goal(data, Arena()), {"rule": "sturm", "clauses": [{"absurd": 0}]}, "")


def test_approach_asks_for_two_inequalities_so_that_no_kink_of_the_map_matters():
    from symgd.kernel import check, digest

    claim = {
        "kind": "orbit",
        "params": [],
        "given": [],
        "state": ["x"],
        "map": [["*", "x", ["-", 1, ["*", 2, ["^", "x", 2]]]]],
        "start": [["<", 0, "x"], ["<", "x", 1]],
        "then": [{"converges": [0]}],
    }
    inside = {"rule": "orthant", "clauses": [{"order": [["x", "0", "1"]]}]}
    node = {"start": {"rule": "open 0"}, "regions": []}
    with pytest.raises(Reject):
        check(claim, {"format": 1, "claim": digest(claim), "verdict": "proved", "proof": node})
    region = {
        "where": [["<", -1, "x"], ["<", "x", 1]],
        "why": "approach",
        "outcome": 0,
        "proof": {
            "rule": "cover",
            "tree": [
                ["x", "0"],
                *({"rule": "orthant", "clauses": [{"order": [["x", lo, hi]]} for _ in range(6)]} for lo, hi in (("-1", "0"), ("0", "1"))),
            ],
        },
    }
    region["proof"]["tree"].insert(2, "n")
    node = {"start": {**inside, "clauses": inside["clauses"] * 2}, "regions": [region]}
    assert check(claim, {"format": 1, "claim": digest(claim), "verdict": "proved", "proof": node}) == "proved"


def test_different_follows_from_less_and_from_greater():
    data = {
        "vars": [["x", "(", "0", "oo", ")"], ["d", "(", "0", "oo", ")"]],
        "given": [["<", ["*", "d", 2], 1]],
        "then": [["!=", ["*", "x", ["-", 1, "d"]], 0]],
    }
    order = [["x", "0", None], ["d", "0", None]]
    prove(read_goal(data, Arena()), {"rule": "orthant", "clauses": [{"flip": True, "use": [[0, "x"]], "order": order}]}, "")
    data["given"] = [["<", "d", 2]]
    with pytest.raises(Reject):
        prove(read_goal(data, Arena()), {"rule": "orthant", "clauses": [{"flip": True, "use": [[0, "x"]], "order": order}]}, "")
