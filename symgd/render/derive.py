"""One derivation, found by its id under a folder, in one of the formats: what `symgd derive` prints."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path

from ..collect import modules
from ..derivations import Derivation
from .latex import derivation as to_latex
from .latex import document
from .markdown import markdown
from .pdf import to_pdf

FORMATS = ("latex", "document", "markdown", "text", "pdf")


class DeriveError(ValueError):
    """The request cannot be met; the message says what to write instead."""


def find_derivations(path: str | Path = "proofs") -> dict[str, Derivation]:
    """The derivations defined in the Python files of a folder, or in one file, by id, in the order of definition.

    Raises: DeriveError for a path that does not exist, and for two derivations with one id; CollectError for files that cannot be read.
    """
    if not Path(path).exists():
        raise DeriveError(f"{path} does not exist; give the folder with your derivations")
    found: dict[str, Derivation] = {}
    for file, module in modules(path, "Derivation"):
        for thing in vars(module).values():
            for d in thing if isinstance(thing, (list, tuple)) else [thing]:
                if isinstance(d, Derivation) and found.setdefault(d.id, d) is not d and found[d.id] != d:
                    raise DeriveError(f"two derivations have the id {d.id!r}; rename one in {file.name}")
    return found


def derive(path: str | Path, id: str, format: str = "latex", output: str | Path | None = None) -> str:
    """Write a derivation, with every step checked.

    Arguments: `path`, a folder or file; `id`, of one derivation, or a prefix such as "lem3" for all lem3.*, or "all"; `format`, "latex"
    (to be \\input), "document" (standalone LaTeX), "markdown", "text" or "pdf"; `output`, the file to write (needed for pdf).
    Returns: the text, or for PDF a sentence that says what was written.
    Raises: DeriveError for an unknown id or format; NoLatex where PDF cannot be made.
    """
    return write(choose(find_derivations(path), id), format, output)


def write(chosen: Sequence[Derivation], format: str, output: str | Path | None) -> str:
    """What `derive` returns, for derivations at hand. Raises: DeriveError, NoLatex."""
    if format not in FORMATS:
        raise DeriveError(f"the format {format!r} is not one of {', '.join(FORMATS)}")
    body = "\n\n".join(to_latex(d, [c.id for c in chosen]) for d in chosen) + "\n" if format in ("latex", "document", "pdf") else ""
    if format == "pdf":
        if output is None:
            raise DeriveError("PDF goes to a file; say which with -o FILE")
        to_pdf(body, output)
        return f"wrote {output}"
    if format in ("latex", "document"):
        shown = body if format == "latex" else document(body)
    else:
        shown = "\n".join(markdown(d) if format == "markdown" else str(d) for d in chosen)
    if output is not None:
        Path(output).write_text(shown, encoding="utf-8")
    return shown


def choose(found: dict[str, Derivation], id: str) -> Sequence[Derivation]:
    """The derivations meant by an id, a prefix of ids, or "all". Raises: DeriveError."""
    if id in found:
        return [found[id]]
    if f"{id}.proof" in found and not any(name.startswith(f"{id}.") for name in found if name != f"{id}.proof"):
        return [found[f"{id}.proof"]]
    chosen = [d for name, d in found.items() if id == "all" or name.startswith(f"{id}.")]
    if not chosen:
        known = [name.removesuffix(".proof") for name in found]
        close = get_close_matches(id, known, 3)
        hint = f"did you mean {', '.join(close)}?" if close else f"there are {', '.join(known) or 'none'}"
        raise DeriveError(f"there is no derivation {id!r}; {hint}")
    return chosen
