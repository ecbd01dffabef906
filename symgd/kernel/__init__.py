"""The kernel decides; everything above it only proposes. Standard library alone, readable in a sitting, in this order:

terms   inert terms: exact derivative, exact value, interval enclosure, polynomial normal form
rules   proofs of `for all variables: given => then`
check   zeros, orbits, preimages, counterexamples; `check(claim, certificate)`
"""

from .check import FORMAT, check, digest
from .terms import Reject

__all__ = ["FORMAT", "Reject", "check", "digest"]
