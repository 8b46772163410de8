"""Every gesture of the map, in a real window with real answers."""

from xml.etree import ElementTree

import pytest
from driver import LONG_MS
from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, Qt
from PySide6.QtGui import QContextMenuEvent, QDrag, QHelpEvent, QImage, QPainter, QWheelEvent
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtTest import QSignalSpy
from PySide6.QtWidgets import (
    QApplication,
    QGraphicsView,
    QLineEdit,
    QPushButton,
    QToolButton,
    QToolTip,
)

from tokensim_gui.ui import theme

LEFT = Qt.MouseButton.LeftButton
NONE = Qt.KeyboardModifier.NoModifier


@pytest.fixture
def canvas(tokensim):
    canvas = tokensim.page.map.canvas
    tokensim.qtbot.waitUntil(lambda: canvas.findChild(QGraphicsView) is not None, timeout=LONG_MS)
    return canvas


@pytest.fixture
def ids(tokensim, canvas):
    """The tokens on the map that nothing else lies upon, by rank."""
    shown = tokensim.session.search.results.map_ids.tolist()
    places = {token: canvas.position_of(token) for token in shown}
    return [
        token
        for token, at in places.items()
        if all((at - other).manhattanLength() > 20 for t, other in places.items() if t != token)
    ]


def place(canvas, token):
    return canvas.position_of(token).toPoint()


def turn_wheel(canvas, at, notches):
    where = canvas.mapToGlobal(QPointF(at))
    turned = QWheelEvent(
        QPointF(at), where, QPoint(), QPoint(0, 120 * notches), Qt.MouseButton.NoButton, NONE,
        Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(canvas, turned)


def drag(qtbot, canvas, corners, modifier=NONE):
    qtbot.mousePress(canvas, LEFT, modifier, corners[0])
    for corner in corners[1:]:
        qtbot.mouseMove(canvas, corner)
    qtbot.mouseRelease(canvas, LEFT, modifier, corners[-1])


def ground(canvas):
    """A place far from every token."""
    rim = canvas.rect()
    return QPoint(rim.left() + 4, rim.center().y())


def test_a_click_selects_everywhere_and_hovering_names(tokensim, canvas, ids, qtbot):
    qtbot.mouseClick(canvas, LEFT, pos=place(canvas, ids[-1]))
    assert tokensim.session.search.selection == ids[-1]
    assert tokensim.page.table.selected_ids() == [ids[-1]]
    plain = canvas.grab().toImage()
    at = place(canvas, ids[0])
    qtbot.mouseMove(canvas, at)
    assert canvas.grab().toImage() != plain
    QApplication.sendEvent(canvas, QHelpEvent(QEvent.Type.ToolTip, at, canvas.mapToGlobal(at)))
    assert f"#{ids[0]}" in QToolTip.text() and "similarity" in QToolTip.text()
    QToolTip.hideText()


def test_a_double_click_and_enter_search_for_the_token(tokensim, canvas, ids, qtbot):
    names = tokensim.session.search.names(ids[:1])
    qtbot.mouseDClick(canvas, LEFT, pos=place(canvas, ids[0]))
    assert [tokensim.session.search.query.text] == names
    tokensim.ready()
    other = tokensim.session.search.results.map_ids.tolist()[0]
    canvas.setFocus()
    tokensim.session.search.select(other)
    qtbot.keyClick(canvas, Qt.Key.Key_Return)
    assert [tokensim.session.search.query.text] == tokensim.session.search.names([other])
    tokensim.ready()


def test_a_right_click_and_the_menu_key_open_the_menu_of_the_token(tokensim, canvas, ids):
    asked = QSignalSpy(tokensim.page.map.gestures.menuRequested)
    for reason in (QContextMenuEvent.Reason.Mouse, QContextMenuEvent.Reason.Keyboard):
        at = place(canvas, ids[1])
        QApplication.sendEvent(canvas, QContextMenuEvent(reason, at, canvas.mapToGlobal(at)))
        menu = QApplication.activePopupWidget()
        assert menu is not None and menu.isVisible()
        menu.close()
    assert [asked.at(n)[0] for n in range(asked.count())] == [ids[1]] * 2


def test_wheel_drag_and_0_zoom_pan_and_fit(tokensim, canvas, ids, qtbot):
    held, other = place(canvas, ids[0]), place(canvas, ids[1])
    turn_wheel(canvas, held, 3)
    assert (
        place(canvas, ids[0]) - held
    ).manhattanLength() <= 3  # whole pixels, then twice as large
    assert (place(canvas, ids[1]) - held).manhattanLength() > (other - held).manhattanLength()
    before, start = place(canvas, ids[0]), ground(canvas)
    drag(qtbot, canvas, [start, start + QPoint(30, 12), start + QPoint(60, 24)])
    assert (place(canvas, ids[0]) - before - QPoint(60, 24)).manhattanLength() <= 1
    canvas.setFocus()
    qtbot.keyClick(canvas, Qt.Key.Key_0)
    assert (place(canvas, ids[0]), place(canvas, ids[1])) == (held, other)


def test_shift_and_drag_select_in_the_list_and_space_puts_them_into_the_tray(
    tokensim, canvas, ids, qtbot
):
    rim = canvas.rect().adjusted(1, 1, 0, 0)
    corners = [rim.topLeft(), rim.topRight(), rim.bottomRight(), rim.bottomLeft()]
    drag(qtbot, canvas, corners, Qt.KeyboardModifier.ShiftModifier)
    on_map = set(tokensim.session.search.results.map_ids.tolist())
    chosen = tokensim.page.table.selected_ids()
    assert on_map <= set(chosen)
    qtbot.keyClick(tokensim.page.table.focusProxy(), Qt.Key.Key_Space)
    assert set(tokensim.session.search.tray) >= on_map


def test_keys_walk_by_rank_and_act_on_the_token(tokensim, canvas, qtbot):
    ranked = tokensim.session.search.results.map_ids.tolist()
    canvas.setFocus()
    for key, rank in (
        (Qt.Key.Key_Home, 0), (Qt.Key.Key_Right, 1), (Qt.Key.Key_Down, 2), (Qt.Key.Key_Left, 1),
        (Qt.Key.Key_Up, 0), (Qt.Key.Key_End, len(ranked) - 1),
    ):  # fmt: skip
        qtbot.keyClick(canvas, key)
        assert tokensim.session.search.selection == ranked[rank]
    assert f"{len(ranked)} of {len(ranked)}" in canvas.accessibleDescription()
    tray = tokensim.session.search.tray
    qtbot.keyClick(canvas, Qt.Key.Key_Space)
    assert tokensim.session.search.tray == (*tray, ranked[-1])
    qtbot.keyClick(canvas, Qt.Key.Key_Delete)
    assert tokensim.session.search.tray == tray
    qtbot.keyClicks(canvas, "-")
    name = tokensim.session.search.names([ranked[-1]])[0]
    assert tokensim.session.search.query.text.endswith(f" - {name}")
    tokensim.ready()


def test_a_token_is_dragged_off_the_map_as_its_text(tokensim, canvas, ids, qtbot, monkeypatch):
    carried = []
    monkeypatch.setattr(QDrag, "exec", lambda held, *_: carried.append(held.mimeData().text()))
    start = place(canvas, ids[0])
    far = QPoint(QApplication.startDragDistance() + 5, 0)
    drag(qtbot, canvas, [start, start + far, start + 2 * far])
    assert carried == [tokensim.session.clipboard.text_for([ids[0]])]
    assert place(canvas, ids[0]) == start


def test_svg_is_drawn_by_qt_and_holds_the_labels_as_text(tokensim, canvas, tmp_path):
    tokensim.page.map.save(tmp_path / "map.svg")
    tree = ElementTree.parse(tmp_path / "map.svg")
    texts = {(text.text or "").strip() for text in tree.iter("{http://www.w3.org/2000/svg}text")}
    best = tokensim.session.search.results.map_ids.tolist()[0]
    assert {"query", tokensim.session.tables.vocabulary.display(best)} <= texts
    renderer = QSvgRenderer(str(tmp_path / "map.svg"))
    assert renderer.isValid()
    image = QImage(renderer.defaultSize(), QImage.Format.Format_RGB32)
    image.fill(0)
    painter = QPainter(image)
    renderer.render(painter)
    painter.end()
    tokensim.page.map.save(tmp_path / "map.png")
    assert QImage(str(tmp_path / "map.png")).size() == canvas.size() * 2
    assert len({image.pixel(x, y) for x in range(0, image.width(), 3) for y in range(0, 90, 3)}) > 1


def test_the_theme_recolours_the_map_and_resizing_fits_it(tokensim, canvas, ids, qtbot):
    light = tokensim.page.map.picture()
    tokensim.window.resize(1200, 760)
    qtbot.waitUntil(lambda: canvas.rect().contains(place(canvas, ids[-1])))
    assert all(canvas.rect().contains(place(canvas, token)) for token in ids)
    tokensim.session.search.select(ids[2])
    assert tokensim.page.map.picture().size() != light.size()


def test_the_whole_map_lights_the_answer_and_space_puts_its_lasso_into_the_tray(
    tokensim, canvas, qtbot
):
    pane = tokensim.page.map
    mode = next(b for b in pane.findChildren(QPushButton) if b.text() == "Whole map")
    qtbot.mouseClick(mode, LEFT)
    qtbot.waitUntil(lambda: "All 48,779 tokens" in canvas.accessibleDescription(), timeout=LONG_MS)
    lit = tokensim.session.search.results.map_ids.tolist()
    at = place(canvas, lit[0])
    corners = [at + QPoint(*by) for by in ((-8, -8), (8, -8), (8, 8), (-8, 8))]
    drag(qtbot, canvas, corners, Qt.KeyboardModifier.ShiftModifier)
    assert tokensim.session.search.selection == lit[0]
    before = pane.picture()
    tokensim.type("volcano")
    assert pane.picture() != before
    canvas.setFocus()
    qtbot.keyClick(canvas, Qt.Key.Key_Home)
    assert tokensim.session.search.selection == tokensim.session.search.results.map_ids[0]
    qtbot.keyClick(canvas, Qt.Key.Key_Space)
    assert tokensim.session.search.tray[-1] == tokensim.session.search.selection


class Frames(QObject):
    """Paints the window itself, and keeps each frame as the screen shows it from then on."""

    def __init__(self, window):
        super().__init__(window)
        self.window, self.kept = window, []
        window.installEventFilter(self)

    def eventFilter(self, watched, event):
        if event.type() != QEvent.Type.UpdateRequest:
            return False
        watched.event(event)
        screen = watched.screen().grabWindow(watched.winId()).toImage()
        self.kept.append((self.window.search.table.shown_ids(), screen))
        return True


def test_results_are_lit_in_the_frame_that_first_lists_them(tokensim, canvas, qtbot):
    tokensim.page.map.show_whole(True)
    qtbot.waitUntil(lambda: "All 48,779 tokens" in canvas.accessibleDescription(), timeout=LONG_MS)
    tokensim.type("volcano")
    listed, window = tokensim.page.table.shown_ids(), tokensim.window
    frames = Frames(window)
    tokensim.session.search.ask("castle")
    qtbot.waitUntil(lambda: bool(frames.kept) and frames.kept[-1][0] != listed, timeout=LONG_MS)
    window.removeEventFilter(frames)
    first = next(n for n, (ids, _) in enumerate(frames.kept) if ids != listed)
    lit = [place(canvas, t) for t in tokensim.session.search.results.map_ids.tolist()[:20]]
    base = canvas.mapTo(window, QPoint(0, 0))

    def shown(frame):
        screen = frames.kept[frame][1]
        scale = screen.width() / window.width()
        accent = theme.colours().colour("accent")
        return sum(screen.pixelColor((base + at) * scale) == accent for at in lit)

    assert shown(first) >= 10
    assert all(shown(frame) < 5 for frame in range(first))


def test_in_the_vocabulary_the_map_shows_the_neighbours_of_the_selected_token(tokensim, qtbot):
    tokensim.session.search.set_view("vocabulary")
    cat = tokensim.session.tables.vocabulary.ids_of_text("volcano")[-1]
    tokensim.session.search.select(cat)
    canvas = tokensim.page.map.canvas
    near = tokensim.session.tables.vocabulary.ids_of_text("volcanic")[-1]
    qtbot.waitUntil(lambda: canvas.position_of(near) is not None, timeout=LONG_MS)


def test_two_words_become_axes_and_the_numbers_those_of_the_list(tokensim, canvas, ids):
    pane, qtbot = tokensim.page.map, tokensim.qtbot
    tokensim.type("cute")
    pane.show_whole(True)
    menu = next(b for b in pane.findChildren(QToolButton) if b.accessibleName() == "Axes").menu()
    menu.actions()[1].trigger()
    across, up = (f for f in pane.findChildren(QLineEdit) if f.accessibleName().startswith("Axis"))
    assert across.text() == "cute" and up.text() == "" and up.hasFocus()
    qtbot.keyClicks(up, "girl")
    qtbot.waitUntil(lambda: "girl" in canvas.accessibleDescription(), timeout=LONG_MS)
    first = int(tokensim.session.search.results.ids[0])
    score = tokensim.session.search.results.scores[0]
    tokensim.session.search.select(first)
    assert f"{score:.2%} to cute" in canvas.accessibleDescription()
    assert canvas.position_of(first) is not None
    menu.actions()[0].trigger()
    qtbot.waitUntil(lambda: "All 48,779" in canvas.accessibleDescription(), timeout=LONG_MS)
