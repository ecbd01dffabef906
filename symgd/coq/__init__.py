"""Coq: the general statements beside a folder of claims are compiled and audited, and certificates become Coq files.

A folder `coq/` beside the claims holds `_CoqProject` (the order of its files) and `MANIFEST.json` (its pinned theorems, the
axioms they may use, and the claims they imply). Nothing here is needed by users without Coq.
"""

from .compiler import CoqError

__all__ = ["CoqError"]
