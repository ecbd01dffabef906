"""Damaged, malformed and explosive input is rejected: no traceback, no wrong verdict, bounded time and memory."""

from __future__ import annotations

import copy
import json
import random
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from bombs import BOMBS, REFUTING
from examples import EXAMPLES
from notation import certificate, cover, forall, verdict

from symgd.kernel import Reject, check
from symgd.kernel.check import load

JUNK: list[Any] = [
    None,
    True,
    -1,
    10**30,
    "",
    "x",
    "1/0",
    "oo",
    "-oo",
    "9" * 5000,
    [],
    {},
    ["/", 1, 0],
    [[]],
    {"rule": "cover", "tree": []},
    10**5000,
]
TEXTS = ["1e400", "NaN", "-Infinity", "1.5", "9" * 5001, '"1/0"', '"9**9"', "[" * 100_000, '{"a":' * 50_000, '"\\ud800"', "", "nul", "'x'"]


def outcome(claim: Any, text: str) -> str:
    """What the kernel makes of a certificate's text; anything but a verdict or `Reject` fails the test."""
    try:
        return check(claim, load(text))
    except Reject:
        return "rejected"


def paths(data: Any, here: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield here
    for key, value in data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ():
        yield from paths(value, (*here, key))


def changed(data: Any, path: tuple[Any, ...], change: Any) -> Any:
    """A copy with change(parent, key) done at the path."""
    data = copy.deepcopy(data)
    parent = data
    for key in path[:-1]:
        parent = parent[key]
    change(parent, path[-1])
    return data


def put(value: Any) -> Any:
    return lambda parent, key: parent.__setitem__(key, value)


def swap(parent: Any, key: Any) -> None:
    if isinstance(parent, list) and key:
        parent[key - 1], parent[key] = parent[key], parent[key - 1]


def wrong_types(good: Any) -> Iterator[str]:
    for i, path in enumerate(paths(good)):
        for junk in JUNK[i % 3 : -1 : 3] if path else ():
            yield json.dumps(changed(good, path, put(junk)))


def missing_parts(good: Any) -> Iterator[str]:
    for path in paths(good):
        if path:
            yield json.dumps(changed(good, path, lambda parent, key: parent.pop(key)))
            yield json.dumps(changed(good, path, swap))


def nudged_numbers(good: Any) -> Iterator[str]:
    """Every number moved up and down by one: edited bounds, indices, constants and precisions."""
    text = json.dumps(good)
    for i, c in enumerate(text):
        if c.isdigit() and i > text.index('"verdict"'):
            for d in (1, 9):
                yield text[:i] + str((int(c) + d) % 10) + text[i + 1 :]


def truncated(good: Any) -> Iterator[str]:
    text = json.dumps(good)
    yield from (text[:i] for i in range(0, len(text), 7))


def flipped_bits(good: Any) -> Iterator[str]:
    text, rng = json.dumps(good), random.Random(5)
    for _ in range(120):
        i = rng.randrange(len(text))
        yield text[:i] + chr(ord(text[i]) ^ 1 << rng.randrange(7)) + text[i + 1 :]


def spliced_texts(good: Any) -> Iterator[str]:
    """Text that is no JSON of ours, put in place of a value."""
    for path in list(paths(good))[1::4]:
        for text in TEXTS:
            yield json.dumps(changed(good, path, put("@here@"))).replace('"@here@"', text)


KINDS = [wrong_types, missing_parts, nudged_numbers, truncated, flipped_bits, spliced_texts]
LEAST = {"wrong_types": 4000, "missing_parts": 700, "nudged_numbers": 300, "truncated": 1500, "flipped_bits": 2500, "spliced_texts": 3000}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_damaged_certificates(kind: Any) -> None:
    """Where the damage leaves a certificate that is accepted, the claim is unchanged and the verdict is the right one."""
    rejected = 0
    for example in EXAMPLES.values():
        good = certificate(*example)
        for text in kind(good):
            result = outcome(example.claim, text)
            assert result in ("rejected", example.verdict)
            rejected += result == "rejected"
    assert rejected >= LEAST[kind.__name__]


def test_swapped_certificates() -> None:
    """No certificate serves another claim, not even with the digest of that claim, unless it proves that claim as well."""
    rejected = 0
    for name, example in EXAMPLES.items():
        for other, stranger in EXAMPLES.items():
            if name != other:
                with pytest.raises(Reject):
                    check(example.claim, certificate(*stranger))
                result = verdict(example.claim, stranger.proof, stranger.verdict)
                assert result.startswith("rejected at ") or result == example.verdict
                rejected += result != example.verdict
    assert rejected >= 900


def test_damaged_claims() -> None:
    """A claim whose content changed no longer fits its certificate; with a certificate made for it, it is still read strictly."""
    for example in EXAMPLES.values():
        good = certificate(*example)
        for path in list(paths(example.claim))[1:]:
            for junk in JUNK[:-1:3]:
                claim = changed(example.claim, path, put(junk))
                if claim != example.claim:
                    with pytest.raises(Reject):
                        check(claim, good)
                    verdict(claim, example.proof, example.verdict)


def test_input_that_is_no_json_at_all() -> None:
    claim = EXAMPLES["point"].claim
    for junk in JUNK:
        with pytest.raises(Reject):
            check(claim, junk)
        with pytest.raises(Reject):
            check(junk, certificate({}, {}))
    loop: list[Any] = []
    loop.append(loop)
    with pytest.raises(Reject):
        check(loop, certificate({}, {}))
    deep: Any = 0
    for _ in range(100_000):
        deep = [deep]
    for claim, proof in ((forall({}, ["=", deep, 0]), cover("n")), (forall({}, ["=", 0, 0]), deep)):
        with pytest.raises(Reject):
            check(claim, {"format": 1, "claim": "", "verdict": "proved", "proof": proof})
        assert verdict(forall({}, ["=", 0, 0]), {"rule": "cover", "tree": deep}).startswith("rejected")
    while isinstance(deep, list):  # take it apart here, because freeing it at once would recurse
        deep = deep.pop()


@pytest.mark.parametrize(
    ("change", "right"),
    [
        ({"precision": 65}, True),
        ({"precision": 7}, False),
        ({"precision": 4097}, False),
        ({"precision": "64"}, False),
        ({"note": ""}, True),
    ],
)
def test_a_harmless_change_is_not_punished(change: Any, right: bool) -> None:
    """A larger precision and white space prove the same claim."""
    claim, proof = EXAMPLES["cover-mean-value"][:2]
    assert (verdict(claim, {**proof, **change}) == "proved") == right
    assert outcome(claim, json.dumps(certificate(claim, proof), indent=7)) == "proved"


def limited() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (2**30, 2**30))


def test_bombs() -> None:
    """Each is rejected within a gigabyte and in time in proportion to the budget, here a twentieth of the usual one."""
    here = Path(__file__).resolve().parent
    done = subprocess.run(
        [sys.executable, __file__],
        capture_output=True,
        text=True,
        timeout=120,
        preexec_fn=limited,
        check=False,
        cwd=here,
        env={"PYTHONPATH": f"{here}:{here.parents[1]}", "PATH": ""},
    )
    assert done.returncode == 0, done.stderr[-2000:]
    results = json.loads(done.stdout)
    assert results.keys() == BOMBS.keys()
    for name, (verdict_, seconds) in results.items():
        assert verdict_.startswith("rejected at "), name
        assert seconds < 20, name


if __name__ == "__main__":
    from symgd.kernel import terms

    terms.MAX_WORK //= 20
    out = {}
    for bomb, (claim_, proof_) in BOMBS.items():
        began = time.perf_counter()
        out[bomb] = (verdict(claim_, proof_, "refuted" if bomb in REFUTING else "proved"), time.perf_counter() - began)
    print(json.dumps(out))
