"""Every public name says what it is: a sentence for each class and function, and each argument of a function by its name."""

from __future__ import annotations

import importlib
import inspect
import re

import pytest

FLOORS = ["", ".systems", ".dynamics", ".certify", ".search", ".enclosures", ".derivations", ".render"]


def public(floor):
    module = importlib.import_module(f"symgd{floor}")
    return [(f"{module.__name__}.{name}", getattr(module, name)) for name in sorted(module.__all__)]


NAMES = [pair for floor in FLOORS for pair in public(floor) if inspect.isclass(pair[1]) or inspect.isfunction(pair[1])]


def own_docstring(thing):
    """The docstring that was written, not one that is inherited or made by `dataclass`."""
    text = vars(thing).get("__doc__") if inspect.isclass(thing) else thing.__doc__
    return "" if not text or text.startswith(f"{thing.__name__}(") else text


def unnamed_arguments(function):
    return [p for p in inspect.signature(function).parameters if not re.search(rf"\b{p}\b", function.__doc__ or "")]


@pytest.mark.parametrize(("name", "thing"), NAMES, ids=[name for name, _ in NAMES])
def test_a_public_name_is_explained(name, thing):
    text = own_docstring(thing)
    assert len(text.split()) >= 3, f"{name} has no docstring of its own"
    assert re.search(r"[.:)]", text), f"the docstring of {name} has no sentence"
    if inspect.isfunction(thing):
        assert unnamed_arguments(thing) == [], f"the docstring of {name} does not name these arguments"


def test_the_walk_sees_what_is_missing():
    def bare(x, y):
        """Only y is named."""

    class Plain:
        pass

    assert unnamed_arguments(bare) == ["x"]
    assert own_docstring(Plain) == ""
    assert len(NAMES) > 150
