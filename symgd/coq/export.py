"""From a certificate to a Coq file."""

from __future__ import annotations

from collections.abc import Sequence

from ..collect import Item


class Unexportable(Exception):
    """There is no Coq file for this claim; the message says why."""


def coq_file(item: Item, members: Sequence[int] | None, seconds: float) -> str:
    raise Unexportable("the export to Coq is not there yet")
