"""The desk: a lasso by its button, names by zoom, the ghost, and text of any size."""

from collections.abc import Callable

import pytest
from driver import LONG_MS, Driver
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QImage, QPainter, QPolygonF, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QGraphicsView, QLabel, QLineEdit, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from tokensim_gui.ui.charts.map_canvas import MapCanvas
from tokensim_gui.ui.tokens.query_field import QueryField
from tokensim_gui.ui.window.actions import Action

Start = Callable[..., Driver]
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def canvas(tokensim: Driver) -> MapCanvas:
    canvas = tokensim.page.map.canvas
    tokensim.qtbot.waitUntil(lambda: canvas.findChild(QGraphicsView) is not None, timeout=LONG_MS)
    return canvas


def places(driver: Driver) -> dict[int, QPointF]:
    """Where the neighbours are on the map, by id."""
    results = driver.session.search.results
    assert results is not None
    found = {token: driver.page.map.canvas.position_of(token) for token in results.map_ids.tolist()}
    return {token: at for token, at in found.items() if at is not None}


def test_the_lasso_button_draws_a_free_shape_without_a_key(
    tokensim: Driver, canvas: MapCanvas, qtbot: QtBot
) -> None:
    button = next(
        b for b in tokensim.page.map.findChildren(QToolButton) if "asso" in b.accessibleName()
    )
    qtbot.mouseClick(button, LEFT)
    assert button.isChecked()
    rim = canvas.rect().adjusted(1, 1, -1, -1)
    corners = [rim.topLeft(), rim.topRight(), rim.bottomLeft()]
    qtbot.mousePress(canvas, LEFT, pos=corners[0])
    for corner in corners[1:]:
        qtbot.mouseMove(canvas, corner)
    qtbot.mouseRelease(canvas, LEFT, pos=corners[-1])
    shape = QPolygonF([QPointF(corner) for corner in corners])
    shown = places(tokensim)
    rule = Qt.FillRule.OddEvenFill
    inside = {token for token, at in shown.items() if shape.containsPoint(at, rule)}
    chosen = set(tokensim.page.table.selected_ids())
    assert 2 < len(inside) < len(shown)
    assert inside <= chosen and not chosen & (shown.keys() - inside)
    assert not button.isChecked()
    qtbot.keyClick(canvas, Qt.Key.Key_Space)
    assert set(tokensim.session.search.tray) >= inside


def test_zooming_in_draws_the_names_of_more_tokens(
    tokensim: Driver, canvas: MapCanvas, qtbot: QtBot
) -> None:
    def words_beside(token: int) -> int:
        """How much is drawn right of a token's circle."""
        at = canvas.position_of(token)
        assert at is not None
        image = QImage(canvas.size(), QImage.Format.Format_RGB32)
        image.fill(Qt.GlobalColor.white)
        painter = QPainter(image)
        canvas.draw(painter)
        painter.end()
        return len(
            {
                image.pixel(x, y)
                for x in range(round(at.x()) + 12, round(at.x()) + 40)
                for y in range(round(at.y()) - 8, round(at.y()) + 9)
                if image.valid(x, y)
            }
        )

    shown = places(tokensim)
    crowded = [token for token in shown if words_beside(token) == 1]
    assert crowded  # not all have room for their name
    token = crowded[len(crowded) // 2]
    for _ in range(12):
        at = canvas.position_of(token)
        assert at is not None
        turn = QPoint(0, 120)
        wheel = QWheelEvent(
            at, canvas.mapToGlobal(at), QPoint(), turn, Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(canvas, wheel)
    qtbot.waitUntil(lambda: words_beside(token) > 1, timeout=LONG_MS)


def test_the_ghost_is_drawn_and_taken_and_never_searched(tokensim: Driver, qtbot: QtBot) -> None:
    field = tokensim.page.bar.focusProxy()
    assert isinstance(field, QueryField)
    tokensim.type("forest + moonli")
    assert field.ghost == "ght"
    with_ghost = field.grab().toImage()
    assert tokensim.session.search.query.text == "forest + moonli"
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert not field.ghost and field.text() == "forest + moonli"
    assert field.grab().toImage() != with_ghost
    qtbot.keyClick(field, Qt.Key.Key_Backspace)
    assert field.ghost == "ight"
    qtbot.keyClick(field, Qt.Key.Key_Right)
    assert tokensim.session.search.query.text == "forest + moonlight"
    tokensim.ready()


def test_the_drawer_covers_no_token_of_the_map(
    tokensim: Driver, canvas: MapCanvas, qtbot: QtBot
) -> None:
    tokensim.window.resize(900, 600)
    panes = tokensim.page.panes
    qtbot.waitUntil(lambda: panes.mode == "drawer")
    before = canvas.width()
    panes.show_pane("card", True)
    qtbot.waitUntil(lambda: canvas.width() < before - 200)
    card = tokensim.page.card
    edge = card.mapTo(panes, card.rect().topLeft()).x()
    for at in places(tokensim).values():
        assert canvas.mapTo(panes, at.toPoint()).x() < edge
    panes.show_pane("card", False)
    qtbot.waitUntil(lambda: canvas.width() == before)


def test_an_error_of_the_query_stands_in_one_place(start: Start, qtbot: QtBot) -> None:
    driver = start("cat * dog")
    sentence = "The * at character 5 needs a number on one side."

    def said() -> int:
        labels = [label for label in driver.window.findChildren(QLabel) if label.isVisible()]
        return sum(sentence in (label.text(), label.toolTip()) for label in labels)

    qtbot.waitUntil(lambda: said() > 0, timeout=LONG_MS)
    assert said() == 1
    map_says = driver.page.map.canvas.accessibleDescription
    assert map_says() == "Nothing to draw: see the line under the query."
    driver.session.search.set_text("")
    assert map_says() == "Nothing to draw yet: type a word."


def fields_and_buttons(driver: Driver) -> list[QWidget]:
    kinds: tuple[type[QWidget], ...] = (QLineEdit, QToolButton)
    return [item for kind in kinds for item in driver.window.findChildren(kind) if item.isVisible()]


@pytest.mark.parametrize("size", [80, 125, 200])
def test_at_any_size_of_text_what_can_be_clicked_lies_within_the_window(
    tokensim: Driver, qtbot: QtBot, size: int
) -> None:
    page, window = tokensim.page, tokensim.window
    step = Qt.Key.Key_Equal if size > 100 else Qt.Key.Key_Minus
    while tokensim.settings.text_size != size:
        QTest.keyClick(window, step, Qt.KeyboardModifier.ControlModifier)
    for width, height in ((1400, 900), (window.minimumWidth(), window.minimumHeight())):
        window.resize(width, height)
        qtbot.waitUntil(lambda: window.rect().contains(page.rect().size().width() - 1, 0))
        QApplication.processEvents()  # layouts that the page's own size asked for
        for item in fields_and_buttons(tokensim):
            at = item.mapTo(window, item.rect().center())
            assert window.rect().contains(at), item.accessibleName()
            clipped = item.visibleRegion().boundingRect()
            assert clipped.height() >= min(item.height(), 20), item.accessibleName()
    window.menus.actions[Action.TEXT_NORMAL].trigger()


def test_the_smallest_window_and_the_columns_grow_with_the_text(
    tokensim: Driver, qtbot: QtBot
) -> None:
    window, table = tokensim.window, tokensim.page.table
    least, mode = window.minimumSize(), tokensim.page.panes.mode
    header = table.focusProxy().horizontalHeader()
    before = header.sectionSize(2)
    assert mode == "wide"
    for _ in range(9):
        QTest.keyClick(window, Qt.Key.Key_Equal, Qt.KeyboardModifier.ControlModifier)
    room = window.screen().availableSize()
    assert window.minimumSize() == (2 * least).boundedTo(room)
    assert tokensim.page.panes.mode == "single"  # 1400 pixels are as 700
    qtbot.waitUntil(lambda: header.sectionSize(2) >= 1.9 * before)
    window.menus.actions[Action.TEXT_NORMAL].trigger()
    qtbot.waitUntil(lambda: abs(header.sectionSize(2) - before) <= 2)
    assert (window.minimumSize(), tokensim.page.panes.mode) == (least, mode)
