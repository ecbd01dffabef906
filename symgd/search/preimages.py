"""Counterexamples to claims about sets of preimages: the first chunk tries what `symgd.certify` knows, and there is no other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..certify.preimages import refute_preimages
from ..certify.strategy import Search
from .hunt import Chunk, Stop


class PreimagesHunt:
    """A claim that exactly these starts reach a point."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self.data = data

    def hunt(self, seed: int, number: int, stop: Stop = lambda: False) -> Chunk:
        """Members of the list and simple starts are tried in a fixed order, so that the seed does not matter."""
        node = refute_preimages(self.data, Search(seconds=60.0)) if number == 0 and not stop() else None
        return Chunk(0, None, None, node)
