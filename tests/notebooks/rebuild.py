"""Execute the notebooks' sources and write the paired .ipynb files: what `make notebooks` runs. Names of notebooks can be given."""

from __future__ import annotations

import sys
from pathlib import Path

import jupytext
import nbformat
from nbclient import NotebookClient

FOLDER = Path(__file__).parents[2] / "notebooks"
SPEC = {"display_name": "Python 3", "language": "python", "name": "python3"}


def rebuild(source: Path) -> None:
    """Execute one source. Raises: CellExecutionError where a cell fails; the old notebook is then kept."""
    notebook = jupytext.read(source)
    notebook.metadata = nbformat.from_dict({"kernelspec": SPEC, "jupytext": {"formats": "ipynb,py:percent"}})
    for i, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{i}"  # not random, so that only what changed differs
    where = {"metadata": {"path": str(FOLDER)}}
    NotebookClient(notebook, timeout=300, kernel_name="python3", record_timing=False, resources=where).execute()
    notebook.metadata.pop("language_info", None)
    nbformat.write(notebook, source.with_suffix(".ipynb"))
    print(f"wrote {source.with_suffix('.ipynb').name}")


if __name__ == "__main__":
    for source in sorted(FOLDER.glob("*.py")):
        if len(sys.argv) == 1 or source.stem in sys.argv[1:]:
            rebuild(source)
