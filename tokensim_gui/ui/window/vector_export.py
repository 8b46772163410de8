"""Asks where vectors go, and in which format, and has them written."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFileDialog, QWidget

from tokensim_gui.state.table_exports import FORMATS

if TYPE_CHECKING:
    from tokensim_gui.state.session import Session


def export_vectors(
    parent: QWidget, session: "Session", slug: str, ids: Sequence[int] | None = None
) -> None:
    """Ask for a file and begin to write a table, or some of its rows, into it.

    Args:
        parent: Over which the question is asked.
        session: Has the tables.
        slug: The table.
        ids: Which rows, in which order; None for all.

    Raises:
        TokenSimError: Nothing is written; it says why.
    """
    kinds = {f"{words} (*{ending})": ending for ending, words in FORMATS.items()}
    name, kind = QFileDialog.getSaveFileName(
        parent, "Export vectors", f"{slug}.safetensors", ";;".join(kinds)
    )
    if not name:
        return
    target, asked = Path(name), True
    if target.suffix not in FORMATS:  # what is added to the name the dialog did not ask about
        ending = kinds.get(kind, next(iter(FORMATS)))
        target, asked = target.with_name(target.name + ending), False
    session.exports.write(slug, target, ids, asked=asked)
