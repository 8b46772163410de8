"""The state of the Compare page without the page."""

from pytestqt.qtbot import QtBot

from tokensim_gui.core.values import Query
from tokensim_gui.state.comparison import Comparison

LONG_MS = 30_000
OTHERS = ("girl", "boy", "cat", "tree", "sun", "rain")
GIRL_QUERY = Query("girl", leave_out_own=True)


def settled(comparison: Comparison, qtbot: QtBot) -> Comparison:
    qtbot.waitUntil(lambda: comparison.is_current, timeout=LONG_MS)
    return comparison


def compared(comparison: Comparison, qtbot: QtBot) -> Comparison:
    pair = comparison.checkpoints
    comparison.show(GIRL_QUERY)
    comparison.set_mode("checkpoints")
    qtbot.waitUntil(lambda: pair.moved is not None or pair.problem is not None, timeout=LONG_MS)
    return comparison


def slugs(comparison: Comparison) -> list[str]:
    return [column.info.slug for column in comparison.columns]
