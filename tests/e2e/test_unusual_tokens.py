"""Unusual tokens in the list, and vectors out again, in the real window."""

from pathlib import Path

import numpy as np
import pytest
from driver import LONG_MS, Driver
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFileDialog, QLabel, QToolButton
from pytestqt.qtbot import QtBot

from tokensim_gui.ui.encoders_page.table_row import TableRow
from tokensim_gui.ui.search_page.finder_strip import FinderStrip
from tokensim_gui.ui.tokens.token_model import KEYS
from tokensim_gui.ui.window.actions import Action

WHY = KEYS.index("reason")


def test_rare_tokens_are_found_from_the_menu_listed_with_reasons_and_left_again(
    tokensim: Driver, qtbot: QtBot
) -> None:
    page, finders = tokensim.page, tokensim.session.finders
    view, strip = page.table.focusProxy(), page.filter_bar.findChild(FinderStrip)
    assert view.isColumnHidden(WHY) and not strip.isVisible()
    entry = page.filter_bar.menus["finders"].actions()[0]
    entry.trigger()
    assert page.filter_bar.menus["finders"].actions()[0].isChecked() and strip.isVisible()
    qtbot.waitUntil(lambda: bool(finders.finding and finders.finding.reasons), timeout=6 * LONG_MS)
    assert not view.isColumnHidden(WHY)
    first = page.table.shown_ids()[0]
    reason = finders.finding.reasons[first]
    assert view.model().index(0, WHY).data() == reason
    tokensim.session.search.select(first)
    said = [label.text() for label in page.card.findChildren(QLabel) if label.isVisible()]
    assert f"Rare and hardly trained: {reason}." in said
    tokensim.session.search.set_view("neighbours")
    assert view.isColumnHidden(WHY) and not strip.isVisible()
    tokensim.session.search.set_view("vocabulary")
    strip.findChild(QToolButton).click()
    assert not strip.isVisible() and not entry.isChecked() and view.isColumnHidden(WHY)
    assert len(page.table.shown_ids()) > 30_000


def test_vectors_of_what_is_shown_and_of_a_whole_encoder_are_written(
    tokensim: Driver, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "near"
    kind = "NumPy (*.npy)"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(target), kind))
    tokensim.type("garden")
    shown = tokensim.page.table.shown_ids()
    tokensim.window.menus.actions[Action.EXPORT_VECTORS].trigger()
    written = tmp_path / "near.npy"
    qtbot.waitUntil(lambda: tokensim.said().startswith("Wrote"), timeout=6 * LONG_MS)
    front = tokensim.session.tables.front
    assert front is not None
    exact = front.table.vectors(np.array(shown)).astype(np.float32)
    assert np.array_equal(np.load(written), exact)
    tokensim.window.menus.actions[Action.EXPORT_VECTORS].trigger()
    assert tokensim.said() == f"{written} is there already: choose another name."
    target = tmp_path / "whole.npy"
    tokensim.window.pages.show_page("encoders")
    row = tokensim.window.findChild(TableRow)
    next(action for action in row.findChildren(QAction) if action.data() == "export").trigger()
    qtbot.waitUntil(lambda: "whole.npy, and beside it" in tokensim.said(), timeout=6 * LONG_MS)
    assert np.load(target, mmap_mode="r").shape == (front.info.rows, front.info.dim)
