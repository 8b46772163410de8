"""Keys, mouse and menu mean the same wherever a token is drawn."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent, QKeyEvent
from PySide6.QtTest import QSignalSpy
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from tokensim_gui.core import paths
from tokensim_gui.core.job import Job
from tokensim_gui.core.prompt.prompt_reading import read_prompt
from tokensim_gui.core.search.saved_results import load_results
from tokensim_gui.core.values import Results
from tokensim_gui.core.vocabulary.vocabulary import Vocabulary
from tokensim_gui.state.tray_tokens import TrayToken
from tokensim_gui.ui import theme
from tokensim_gui.ui.charts.map_pane import MapPane
from tokensim_gui.ui.compare_page.rank_model import RankModel
from tokensim_gui.ui.compare_page.token_list import TokenList
from tokensim_gui.ui.prompt_page.chip_canvas import ChipCanvas
from tokensim_gui.ui.search_page.tray import Tray
from tokensim_gui.ui.search_page.tray_chip import TrayChip
from tokensim_gui.ui.tokens.query_chip import QueryChip
from tokensim_gui.ui.tokens.token_chips import TokenChips
from tokensim_gui.ui.tokens.token_gestures import TokenGestures
from tokensim_gui.ui.tokens.token_table import TokenTable

if TYPE_CHECKING:
    from collections.abc import Callable

Shown = TypeVar("Shown", bound=QWidget)
KEY, MOD = Qt.Key, Qt.KeyboardModifier
LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton
CUTE = 2242


@dataclass
class Drawn:
    """A token in a widget: who has the keyboard, who the mouse, and where the token is."""

    widget: QWidget
    gestures: TokenGestures
    keyed: QWidget
    clicked: QWidget
    place: QPoint
    token: int


@pytest.fixture(scope="module")
def results(vocabulary: Vocabulary) -> Results:
    return load_results(paths.resource("first_result.npz"), vocabulary.rows)


def _table(vocabulary: Vocabulary, results: Results, qtbot: QtBot) -> Drawn:
    table = shown(TokenTable(vocabulary), qtbot)
    table.set_results(results)
    token = int(results.ids[2])
    table.set_selection(token)
    view = table.focusProxy()
    at = view.visualRect(view.currentIndex()).center()
    return Drawn(table, table.gestures, view, view.viewport(), at, token)


def _list(vocabulary: Vocabulary, results: Results, qtbot: QtBot) -> Drawn:
    model = RankModel(vocabulary, None)
    model.show_answer(vocabulary, results, [])
    view = shown(TokenList(model), qtbot)
    model.setParent(view)
    view.show_row(2)
    at = view.visualRect(view.currentIndex()).center()
    return Drawn(view, view.gestures, view, view.viewport(), at, int(results.ids[2]))


def _map(vocabulary: Vocabulary, results: Results, qtbot: QtBot) -> Drawn:
    drawn = shown(MapPane(), qtbot)
    drawn.set_vocabulary(vocabulary, 384)
    drawn.set_results(results)
    token = int(results.map_ids[0])
    drawn.set_selected([token])
    at = drawn.canvas.position_of(token)
    assert at is not None
    return Drawn(drawn, drawn.gestures, drawn.canvas, drawn.canvas, at.toPoint(), token)


def _query_chip(vocabulary: Vocabulary, results: Results, qtbot: QtBot) -> Drawn:
    line = shown(TokenChips(vocabulary), qtbot)
    line.set_results(vocabulary, results)
    chip = next(item for item in line.findChildren(QueryChip) if item.token == CUTE)
    return Drawn(line, line.gestures, chip, chip, QPoint(10, 10), CUTE)


def _tray_chip(vocabulary: Vocabulary, _results: Results, qtbot: QtBot) -> Drawn:
    tray = shown(Tray(), qtbot)
    tray.set_vocabulary(vocabulary)
    tray.set_tokens(tuple((TrayToken.of(vocabulary, one), one) for one in (6298, CUTE)), "")
    chip = next(item for item in tray.findChildren(TrayChip) if item.token == CUTE)
    return Drawn(tray, tray.gestures, chip, chip, QPoint(10, 10), CUTE)


def _prompt_chip(vocabulary: Vocabulary, _results: Results, qtbot: QtBot) -> Drawn:
    canvas = shown(ChipCanvas(), qtbot)
    canvas.set_reading(read_prompt("a cute cat", vocabulary, "a1111", "clip", job=Job()))
    places: list[QPoint] = []
    canvas.currentMoved.connect(lambda place: places.append(place.center()))
    canvas.set_current(1)
    return Drawn(canvas, canvas.gestures, canvas, canvas, places[0], CUTE)


def shown(widget: Shown, qtbot: QtBot) -> Shown:
    qtbot.addWidget(widget)
    widget.resize(700, 400)
    with qtbot.waitExposed(widget):
        widget.show()
    return widget


@pytest.fixture(
    params=[_table, _list, _map, _query_chip, _tray_chip, _prompt_chip],
    ids=lambda make: make.__name__.strip("_"),
)
def drawn(
    request: pytest.FixtureRequest,
    qapp: QApplication,
    qtbot: QtBot,
    vocabulary: Vocabulary,
    results: Results,
) -> Drawn:
    theme.apply(qapp, "light")
    make: Callable[[Vocabulary, Results, QtBot], Drawn] = request.param
    return make(vocabulary, results, qtbot)


def said(spy: QSignalSpy) -> list[list[object]]:
    return [list(spy.at(index)) for index in range(spy.count())]


@pytest.mark.parametrize(
    ("key", "modifier", "signal", "more"),
    [
        (KEY.Key_Return, MOD.NoModifier, "lookedUp", ()),
        (KEY.Key_Enter, MOD.KeypadModifier, "lookedUp", ()),
        (KEY.Key_Space, MOD.NoModifier, "trayToggled", None),
        (KEY.Key_Delete, MOD.NoModifier, "removeRequested", None),
        (KEY.Key_C, MOD.ControlModifier, "copyRequested", None),
        (KEY.Key_Plus, MOD.NoModifier, "appendRequested", ("+",)),
        (KEY.Key_Minus, MOD.NoModifier, "appendRequested", ("-",)),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_a_key_means_the_same_wherever_the_token_is(
    drawn: Drawn,
    qtbot: QtBot,
    key: Qt.Key,
    modifier: Qt.KeyboardModifier,
    signal: str,
    more: tuple[str, ...] | None,
) -> None:
    spy = QSignalSpy(getattr(drawn.gestures, signal))
    qtbot.keyClick(drawn.keyed, key, modifier)
    assert said(spy) == [[[drawn.token]] if more is None else [drawn.token, *more]]


def test_control_c_belongs_to_the_token_with_the_focus(drawn: Drawn) -> None:
    event = QKeyEvent(QKeyEvent.Type.ShortcutOverride, KEY.Key_C, MOD.ControlModifier)
    event.ignore()
    QApplication.sendEvent(drawn.keyed, event)
    assert event.isAccepted()


def test_a_double_click_of_the_left_button_looks_up(drawn: Drawn, qtbot: QtBot) -> None:
    spy = QSignalSpy(drawn.gestures.lookedUp)
    qtbot.mouseDClick(drawn.clicked, RIGHT, pos=drawn.place)
    qtbot.mouseDClick(drawn.clicked, LEFT, pos=drawn.place)
    assert said(spy) == [[drawn.token]]


def test_a_right_click_asks_for_the_menu_where_the_token_is(drawn: Drawn) -> None:
    spy = QSignalSpy(drawn.gestures.menuRequested)
    where = drawn.clicked.mapToGlobal(drawn.place)
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, drawn.place, where)
    QApplication.sendEvent(drawn.clicked, event)
    assert said(spy) == [[drawn.token, where]]


def test_a_token_that_is_pulled_away_is_dragged(drawn: Drawn, qtbot: QtBot) -> None:
    spy = QSignalSpy(drawn.gestures.dragRequested)
    far = QPoint(QApplication.startDragDistance() + 2, 4)
    qtbot.mousePress(drawn.clicked, LEFT, pos=drawn.place)
    for step in (1, 2, 3):  # Qt's own views begin a drag at the second move
        qtbot.mouseMove(drawn.clicked, drawn.place + step * far)
    qtbot.mouseRelease(drawn.clicked, LEFT, pos=drawn.place + 3 * far)
    assert [ids for _, ids in said(spy)] == [[drawn.token]]
