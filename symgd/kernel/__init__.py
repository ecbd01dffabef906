"""The kernel decides; everything above it only proposes. Standard library alone, to be read in the order terms, rules, check."""
from .check import FORMAT, check, digest
from .terms import Reject
__all__ = ["FORMAT", "Reject", "check", "digest"]
