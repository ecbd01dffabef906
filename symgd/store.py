"""Certificates on disk: `certificates/<id>.json` beside the file of the claim, one file for each claim.

A stored certificate is only ever a proposal: whoever reads one asks the kernel.
"""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from .collect import Item, shown

FOLDER = "certificates"


class Damaged(ValueError):
    """A file that does not hold a certificate; the message says what is wrong with it."""


def certificate_path(item: Item) -> Path:
    """Where the certificate of this claim is kept."""
    return item.file.parent / FOLDER / f"{item.claim.id}.json"


def encode(data: Mapping[str, Any]) -> bytes:
    """The certificate or claim as compact JSON: the same data gives the same bytes."""
    return json.dumps(data, separators=(",", ":"), ensure_ascii=True, allow_nan=False).encode() + b"\n"


def decode(content: bytes) -> dict[str, Any]:
    """The certificate in these bytes.

    Raises: Damaged where they are no JSON object with a format, a claim, a verdict and a proof.
    """
    try:
        data = json.loads(content)
    except (ValueError, RecursionError, MemoryError) as problem:
        raise Damaged(f"not JSON ({str(problem)[:80]})") from None
    if not isinstance(data, dict) or not {"format", "claim", "verdict", "proof"} <= data.keys():
        raise Damaged("not a certificate: it needs format, claim, verdict and proof")
    return data


def load(path: Path) -> dict[str, Any] | None:
    """The certificate in the file, or None where there is no such file.

    Raises: Damaged where the file cannot be read as a certificate.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as problem:
        raise Damaged(f"cannot be read ({problem.strerror or problem})") from None
    return decode(content)


def load_beside(item: Item, claim_id: str) -> dict[str, Any] | None:
    """The certificate of another claim, in the folder with that of `item`; None where there is none that can be read."""
    with contextlib.suppress(Damaged):
        return load(certificate_path(item).with_name(f"{claim_id}.json"))
    return None


def save(path: Path, content: bytes) -> None:
    """Write the file as a whole or not at all; its folder is made where needed.

    Raises: OSError, with a message that names the file.
    """
    temporary = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
            temporary = file.name
            file.write(content)
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
        temporary = None
    except OSError as problem:
        raise OSError(f"{shown(path)} cannot be written ({problem.strerror or problem})") from None
    finally:
        if temporary is not None:
            with contextlib.suppress(OSError):
                os.unlink(temporary)


# --- what is in a certificate ----------------------------------------------------------------------------------------


def rules(certificate: Mapping[str, Any]) -> dict[str, int]:
    """How often each rule is applied, the most frequent first."""
    count: dict[str, int] = {}
    for node in _nodes(certificate["proof"]):
        for key in ("rule", "why"):
            if isinstance(node.get(key), str):
                count[node[key]] = count.get(node[key], 0) + 1
    return dict(sorted(count.items(), key=lambda entry: (-entry[1], entry[0])))


def leaves(certificate: Mapping[str, Any]) -> int:
    """How many boxes the subdivisions end in."""
    return sum(
        isinstance(token, str) for node in _nodes(certificate["proof"]) if isinstance(node.get("tree"), list) for token in node["tree"]
    )


def _nodes(proof: Any) -> Iterator[dict[str, Any]]:
    stack = [proof]
    while stack:
        node = stack.pop()
        if isinstance(node, dict):
            yield node
            stack.extend(node.values())
        elif isinstance(node, list):
            stack.extend(node)
