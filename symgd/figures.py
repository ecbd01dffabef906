"""Figures: functions that draw, kept beside the claims they belong to, and found as claims are.

    from symgd.figures import BLUE, figure

    @figure("parabola", of="lemmas.square")
    def parabola(picture):
        \"\"\"A square is not negative.\"\"\"
        x = [k / 10 for k in range(-20, 21)]
        picture.subplots().plot(x, [a * a for a in x], color=BLUE)

The docstring is the caption: it says what is certified in the picture and what is plain floating-point iteration. The colours are those
of Okabe and Ito, which colour-blind readers tell apart. Drawing needs matplotlib, the extra `plot`; nothing else here does.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

BLUE, ORANGE, GREEN, VERMILION, PURPLE, SKY, YELLOW = "#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9", "#F0E442"
BLACK, GREY, PALE = "#000000", "#767676", "#d9d9d9"
SUFFIXES = (".svg", ".pdf", ".png")
LOOK = {
    "axes.prop_cycle": "cycler('color', ['0072B2', 'D55E00', '009E73', 'E69F00', 'CC79A7', '56B4E9', '000000'])",
    "font.size": 9.0, "axes.titlesize": 9.5, "axes.titlelocation": "left", "axes.labelsize": 9.0, "legend.fontsize": 8.0,
    "legend.frameon": False, "xtick.labelsize": 8.0, "ytick.labelsize": 8.0, "lines.linewidth": 1.6, "axes.spines.top": False,
    "axes.spines.right": False, "svg.fonttype": "path", "pdf.fonttype": 42, "savefig.facecolor": "white", "figure.constrained_layout.use":
    True}  # fmt: skip


class FigureError(ValueError):
    """A figure cannot be drawn, or is not there; the message says what to do."""


@dataclass(frozen=True)
class Figure:
    """A picture that belongs to statements.

    Arguments: `id`; `caption`, in words; `of`, the ids of the claims or derivations it is shown beside; `paint`, a function that draws on
    an empty `matplotlib.figure.Figure`; `size`, width and height in inches.
    """

    id: str
    caption: str
    of: tuple[str, ...]
    paint: Callable[[Any], None]
    size: tuple[float, float] = (6.4, 3.4)

    def render(self, suffix: str = ".svg") -> bytes:
        """The picture as a file with this `suffix`: .svg and .pdf are vector formats, .png has 160 dots per inch.

        The same figure gives the same bytes. Raises: FigureError without matplotlib, or for another suffix.
        """
        if suffix.lower() not in SUFFIXES:
            raise FigureError(f"cannot draw a file that ends in {suffix!r}; end its name in {', '.join(SUFFIXES)}")
        try:
            import matplotlib
            from matplotlib.figure import Figure as Canvas
        except ImportError:
            raise FigureError("figures need matplotlib: install symgd[plot]") from None
        dateless = {".svg": {"Date": None, "Creator": None}, ".pdf": {"CreationDate": None, "Creator": None, "Producer": None}}
        look: Any = {**LOOK, "svg.hashsalt": self.id}
        with matplotlib.rc_context(look):
            canvas, out = Canvas(figsize=self.size), io.BytesIO()
            self.paint(canvas)
            canvas.savefig(out, format=suffix.lower()[1:], dpi=160, metadata=dateless.get(suffix.lower()))
        return out.getvalue()

    def save(self, file: str | Path) -> None:
        """Write the picture to a `file`, whose suffix chooses the format. Raises: FigureError; OSError where it cannot be written."""
        content = self.render(Path(file).suffix)
        Path(file).write_bytes(content)

    def _repr_svg_(self) -> str | None:
        """The picture, for notebooks; None, so that the caption is shown, where there is no matplotlib."""
        try:
            return self.render().decode()
        except FigureError:
            return None

    def __str__(self) -> str:
        return f"{self.id}: {self.caption}"


def figure(id: str, of: str | Sequence[str] = (), size: tuple[float, float] = (6.4, 3.4)) -> Callable[[Callable[[Any], None]], Figure]:
    """Make a function that draws on a `matplotlib.figure.Figure` into a figure; its docstring is the caption.

    Arguments: `id`, as for claims; `of`, the id or ids of the claims or derivations beside which it is shown; `size`, in inches.
    Raises: FigureError for an id that cannot name a file, and for a function without a docstring.
    """
    if not re.fullmatch(r"[A-Za-z0-9][\w.\-]{0,79}", id, re.ASCII):
        raise FigureError(f"{id!r} is not an id; use letters, digits, '.', '_' and '-'")

    def decorate(paint: Callable[[Any], None]) -> Figure:
        caption = " ".join((paint.__doc__ or "").split())
        if not caption:
            raise FigureError(f"the figure {id!r} has no caption; write it as the docstring of {paint.__name__}")
        return Figure(id, caption, (of,) if isinstance(of, str) else tuple(of), paint, size)

    return decorate
