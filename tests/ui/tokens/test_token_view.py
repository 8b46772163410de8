"""Rows of tokens, drawn."""

import numpy as np
import pytest
from PySide6.QtCore import QBuffer, QRect, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QAbstractItemView
from pytestqt.qtbot import QtBot

from tests.ui.on_screen import on_screen
from tokensim_gui.core.values import IntArray, Query, Results
from tokensim_gui.core.vocabulary.vocabulary import Vocabulary
from tokensim_gui.ui import theme
from tokensim_gui.ui.tokens.token_delegate import TokenDelegate
from tokensim_gui.ui.tokens.token_model import TokenModel
from tokensim_gui.ui.tokens.token_view import TokenView

IDS: IntArray = np.arange(2000, 2300, dtype=np.int32)


@pytest.fixture
def view(vocabulary: Vocabulary, qtbot: QtBot) -> TokenView:
    return shown(vocabulary, IDS, qtbot)


def shown(vocabulary: Vocabulary, ids: IntArray, qtbot: QtBot) -> TokenView:
    model = TokenModel(vocabulary, None)
    model.set_ids(ids)
    view = TokenView(model)
    model.setParent(view)
    view.set_painter(TokenDelegate(model))
    view.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    return on_screen(qtbot, view, 400, 300)


def drawn(view: TokenView) -> QImage:
    return view.viewport().grab().toImage()


def ground(view: TokenView, row: int, x: int) -> QColor:
    return drawn(view).pixelColor(x, view.rowViewportPosition(row) + 1)


def test_rows_selected_have_the_ground_of_a_selection_and_the_current_one_a_mark(
    view: TokenView,
) -> None:
    view.selectRow(1)
    view.setSelectionMode(QAbstractItemView.SelectionMode.MultiSelection)
    view.selectRow(3)
    colours = theme.colours()
    plain, chosen = ground(view, 0, 380), colours.colour("selection")
    assert plain != chosen
    assert [ground(view, row, 380) for row in range(5)] == [plain, chosen, plain, chosen, plain]
    assert ground(view, 3, 0) == colours.colour("accent")
    assert ground(view, 1, 0) == chosen


def test_rows_are_drawn_wherever_the_list_is_scrolled_to(
    view: TokenView, vocabulary: Vocabulary, qtbot: QtBot
) -> None:
    first = drawn(view)
    view.verticalScrollBar().setValue(120)
    assert drawn(view) == drawn(shown(vocabulary, IDS[120:], qtbot)) != first


def test_columns_are_drawn_where_they_are_moved_and_not_where_they_are_hidden(
    view: TokenView,
) -> None:
    whole = drawn(view)
    view.setColumnHidden(2, True)
    assert drawn(view) != whole
    view.setColumnHidden(2, False)
    assert drawn(view) == whole
    view.horizontalHeader().moveSection(0, 1)
    row = view.rowViewportPosition(0)
    width, height = view.columnWidth(0), view.rowHeight(0)
    moved = drawn(view).copy(view.columnViewportPosition(0), row, width, height)
    assert view.columnViewportPosition(0) > 0
    assert moved == whole.copy(0, row, width, height)


def test_the_highest_score_is_written_whole(vocabulary: Vocabulary, qtbot: QtBot) -> None:
    model = TokenModel(vocabulary, None)
    none = np.zeros(0, dtype=np.int32)
    model.set_results(
        Results(
            Query("cat"), "starter", IDS[:1], np.ones(1), 1, 1, 0.0, (), none,
            np.zeros((1, 2), dtype=np.float32), none, 0.0, 0.0, None, None, 1.0, "CPU",
        )
    )  # fmt: skip
    delegate = TokenDelegate(model)
    buffer = QBuffer()
    svg = QSvgGenerator()
    svg.setOutputDevice(buffer)
    svg.setSize(QSize(148, 28))
    painter = QPainter(svg)
    delegate.paint(painter, QRect(0, 0, 148, 28), 0, 1)
    painter.end()
    assert "100.00%" in bytes(buffer.data().data()).decode()
