"""LaTeX, Markdown and PDF for everything symgd shows; printers are registered from outside, and nothing below imports this floor.

latex     formulas, statements, claims, verdicts, enclosures, derivations; the preamble and standalone documents
markdown  the same for Markdown
pdf       PDF through the system's latexmk or pdflatex
derive    one derivation, by its id, in one of the formats
notebook  shows the public objects as mathematics in notebooks

Importing this package registers the notebook display.
"""

from . import notebook
from .derive import DeriveError, derive, find_derivations
from .latex import PREAMBLE, claim, derivation, document, enclosure, latex, witness
from .markdown import markdown
from .pdf import NoLatex, to_pdf

notebook.register()

__all__ = ["PREAMBLE", "DeriveError", "NoLatex", "claim", "derivation", "derive", "document", "enclosure", "find_derivations", "latex",
    "markdown",
           "to_pdf", "witness"]
