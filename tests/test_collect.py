"""Claims are found as tests are: in which files, in which order, and what is said where that fails."""

from __future__ import annotations

import sys
from textwrap import dedent

import pytest

from symgd.claims import Outcome
from symgd.collect import CollectError, collect

HEAD = "from symgd import claim, family, forall, real\nx = real('x')\n"


def one(claim_id, name="lemma"):
    """The source of a claim."""
    return f"@claim({claim_id!r})\ndef {name}():\n    '''A square is not negative.'''\n    return forall(x, then=x**2 >= 0)\n"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A function that writes files below an empty working directory."""
    monkeypatch.chdir(tmp_path)

    def write(**files):
        for name, source in files.items():
            path = tmp_path / (name.replace("__", "/") + ".py")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(dedent(source), encoding="utf-8")
        return tmp_path

    return write


def ids(*paths, **options):
    return [item.claim.id for item in collect(*paths, **options)]


def test_claims_come_in_the_order_of_files_and_definitions(folder):
    root = folder(b=HEAD + one("z", "first") + one("a", "second"), a=HEAD + one("m"), sub__c=HEAD + one("k"))
    assert ids(root) == ["m", "z", "a", "k"]
    assert [(item.place, item.name) for item in collect(root)] == [
        ("a.py:3", "lemma"),
        ("b.py:3", "first"),
        ("b.py:7", "second"),
        ("sub/c.py:3", "lemma"),
    ]


def test_other_files_are_left_alone(folder):
    root = folder(
        a=HEAD + one("a"), _helper="1/0", conftest="1/0", setup="1/0", _private__b="1/0", certificates__c="1/0", node_modules__d="1/0"
    )
    (root / ".hidden").mkdir()
    (root / ".hidden" / "e.py").write_text("1/0")
    (root / "env").mkdir()
    (root / "env" / "pyvenv.cfg").write_text("")
    (root / "env" / "f.py").write_text("1/0")
    assert ids(root) == ["a"]


def test_one_file_and_one_claim_of_it(folder):
    root = folder(a=HEAD + one("a.one", "first") + one("a.two", "second"), b=HEAD + one("b"))
    assert ids("a.py") == ids(root / "a.py") == ["a.one", "a.two"]
    assert ids("a.py::second") == ids("a.py::a.two") == ids(".::second") == ["a.two"]
    assert ids("b.py", "a.py") == ["b", "a.one", "a.two"]
    assert ids(".", "a.py") == ["a.one", "a.two", "b"]


@pytest.mark.parametrize(
    ("patterns", "chosen"),
    [
        (["lem"], ["lem1", "lem2.rate"]),
        (["lem2"], ["lem2.rate"]),
        (["*rate"], ["lem2.rate"]),
        (["lem?"], ["lem1"]),
        (["ex", "lem1"], ["ex", "lem1"]),
        (["[el]*"], ["ex", "lem1", "lem2.rate"]),
    ],
)
def test_only_selects_by_prefix_or_pattern(folder, patterns, chosen):
    root = folder(a=HEAD + one("ex", "a") + one("lem1", "b") + one("lem2.rate", "c"))
    assert ids(root, only=patterns) == chosen


def test_neighbours_can_be_imported_and_claims_belong_to_the_file_that_defines_them(folder):
    root = folder(
        b=HEAD + "from _common import power\nfrom c import lemma\n" + one("b", "mine"),
        c=HEAD + one("c"),
        _common="power = 2\n",
        d="from c import *\n" + one("d", "other"),
        sub__c=HEAD + "import e\n" + one("sub.c"),
        sub__e=HEAD + one("sub.e"),
    )
    before = list(sys.path), {n for n in sys.modules if not n.startswith("symgd")}
    assert ids(root) == ["b", "c", "d", "sub.c", "sub.e"]
    assert ids(root / "b.py") == ["b"]
    assert sys.path == before[0]
    assert {n for n in sys.modules if not n.startswith("symgd")} == before[1]


def test_two_folders_may_have_neighbours_of_the_same_name(folder):
    root = folder(
        one__a=HEAD + "from helper import number\n" + one("one").replace("'one'", "f'one.{number}'"),
        one__helper="number = 1\n",
        two__a=HEAD + "from helper import number\n" + one("two").replace("'two'", "f'two.{number}'"),
        two__helper="number = 2\n",
    )
    assert ids(root) == ["one.1", "two.2"]


def test_a_file_named_like_a_library_does_not_stand_in_for_it(folder):
    root = folder(random=HEAD + "import random as r\nassert r.Random\n" + one("a"), sympy=HEAD + one("b"))
    assert ids(root) == ["a", "b"]


def test_lists_of_claims_are_collected(folder):
    root = folder(
        a=HEAD + "def make(n):\n    @claim(f'a.{n}')\n    def lemma():\n        '''A lemma.'''\n        return forall(x, then=x**2 >= -n)\n"
        "    return lemma\nclaims = [make(n) for n in range(3)]\nagain = claims[0]\n"
    )
    assert ids(root) == ["a.0", "a.1", "a.2"]
    assert [item.name for item in collect(root)] == ["claims[0]", "claims[1]", "claims[2]"]


def test_other_objects_that_offer_the_same_are_claims_too(folder):
    root = folder(
        a="""\
        from dataclasses import dataclass
        from symgd import Outcome, Trust, Verdict
        @dataclass(frozen=True)
        class Derivation:
            id: str
            title: str = "A chain of steps."
            statement: str = "a = b = c"
            expect: Outcome = Outcome.PROVED
            uses: tuple = ()
            def settle(self):
                return Verdict(Outcome.PROVED, Trust.SYMBOLIC)
        chain = Derivation("chain")
        """
    )
    (item,) = collect(root)
    assert (item.claim.id, item.claim.expect, item.line) == ("chain", Outcome.PROVED, 12)


def test_what_a_file_prints_does_not_get_into_the_output(folder, capsys):
    collect(folder(a=HEAD + "print('hello')\n" + one("a")))
    assert capsys.readouterr().out == ""


def test_a_file_is_imported_once_and_fresh_each_time(folder):
    root = folder(a=HEAD + one("a"))
    assert ids(root) == ["a"]
    folder(a=HEAD + one("b"))
    assert ids(root) == ["b"]


# --- what is said where it fails -------------------------------------------------------------------------------------

BROKEN = [
    ("syntax", {"a": "x = = 1\n"}, "a.py:1: not Python: invalid syntax; correct the line"),
    ("syntax of a neighbour", {"a": "import _b\n", "_b": "\n\nx = = 1\n"}, "_b.py:3: not Python: invalid syntax; correct the line"),
    (
        "missing module",
        {"a": "\nimport not_there.at_all\n"},
        "a.py:2: there is no module 'not_there'; install it, or put not_there.py beside this file",
    ),
    ("missing name", {"a": "from symgd import nothing\n"}, "a.py:1: ImportError: cannot import name 'nothing' from 'symgd'"),
    (
        "exception",
        {"a": "\ndef f():\n    return 1/0\nf()\n"},
        "a.py:3: ZeroDivisionError: division by zero; correct the line and run the command again",
    ),
    ("exit", {"a": "import sys\nsys.exit(0)\n"}, 'a.py:2: the file calls exit; move that under `if __name__ == "__main__":`'),
    ("zero byte", {"a": "x = '\0'\n"}, "a.py:1: not Python: " if sys.version_info >= (3, 11, 4) else "a.py"),
    ("float", {"a": HEAD + one("a").replace("x**2", "0.5*x")}, "a.py:6: claim a: the float 0.5 is not exact"),
    ("same id", {"a": HEAD + one("a", "f") + one("a", "g")}, "a.py:7: the id 'a' is taken by the claim at a.py:3; rename one of the two"),
    (
        "same id in two files",
        {"a": HEAD + one("a"), "b": HEAD + one("a")},
        "b.py:3: the id 'a' is taken by the claim at a.py:3; rename one",
    ),
    ("ids that differ in capitals", {"a": HEAD + one("a", "f") + one("A", "g")}, "a.py:7: the id 'A' is taken by the claim at a.py:3"),
    (
        "same name",
        {"a": HEAD + one("a") + one("b")},
        "a.py:7: the claim 'lemma' is bound again before it is used, so all but the last one are lost",
    ),
    (
        "loop",
        {"a": HEAD + "for n in '12':\n" + "".join(f"    {line}\n" for line in one("a").replace("'a'", "n").splitlines())},
        "a.py:4: the claim 'lemma' is bound again before it is used",
    ),
    ("no claims", {"a": "x = 1\n"}, 'there are no claims in .; a claim is a function decorated with @claim("some.id")'),
    ("nothing", {}, "there are no Python files in .; write a claim into a file that ends in .py"),
]


@pytest.mark.parametrize(("files", "message"), [case[1:] for case in BROKEN], ids=[case[0] for case in BROKEN])
def test_a_broken_file_gives_one_sentence_with_its_place(folder, files, message):
    folder(**files)
    with pytest.raises(CollectError) as refusal:
        collect(".")
    assert str(refusal.value).startswith(message)
    assert "\n" not in str(refusal.value)


def test_each_broken_file_gets_its_sentence(folder):
    folder(a="1/0", b="import not_there")
    with pytest.raises(CollectError) as refusal:
        collect(".")
    assert [line[:6] for line in str(refusal.value).splitlines()] == ["a.py:1", "b.py:1"]


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("lemma.py", "there is no file or folder lemma.py; did you mean lemmas.py?"),
        ("nowhere", "there is no file or folder nowhere; give the folder or the file of your claims"),
        ("notes.txt", "notes.txt is not a Python file; claims are written in files that end in .py"),
        ("lemmas.py::nothing", "there is no claim 'nothing' in lemmas.py; there are: a"),
    ],
)
def test_paths_that_lead_nowhere(folder, path, message):
    (folder(lemmas=HEAD + one("a")) / "notes.txt").write_text("")
    with pytest.raises(CollectError) as refusal:
        collect(path)
    assert str(refusal.value) == message


@pytest.mark.parametrize(
    ("pattern", "message"),
    [("ratio", "no claim has an id like 'ratio'; did you mean rate?"), ("zzz", "no claim has an id like 'zzz'; there are: rate, bound")],
)
def test_a_selection_that_matches_nothing(folder, pattern, message):
    with pytest.raises(CollectError) as refusal:
        collect(folder(a=HEAD + one("rate", "f") + one("bound", "g")), only=[pattern])
    assert str(refusal.value) == message
