"""Programmatic writes to widgets without the signals that a user's write would send."""

from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import QObject


@contextmanager
def signals_blocked(*objects: QObject) -> Iterator[None]:
    """Block the signals of ``objects`` inside the with block; restores what was before."""
    before = [item.blockSignals(True) for item in objects]
    try:
        yield
    finally:
        for item, blocked in zip(objects, before, strict=True):
            item.blockSignals(blocked)
