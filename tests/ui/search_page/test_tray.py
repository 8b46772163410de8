import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import (
    QContextMenuEvent,
    QDrag,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
)
from PySide6.QtTest import QSignalSpy
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QScrollArea

from tests.ui.by_words import button
from tokensim_gui.state.tray_tokens import TrayToken
from tokensim_gui.ui import theme
from tokensim_gui.ui.search_page.tray import Tray
from tokensim_gui.ui.search_page.tray_chip import TrayChip
from tokensim_gui.ui.search_page.tray_strip import TrayStrip
from tokensim_gui.ui.tokens.token_drag import TOKEN_IDS, dragged_ids, mime_data

LEFT = Qt.MouseButton.LeftButton
KEY = Qt.Key
ADORABLE, CUTER, CHIBI = 6298, 27151, 22306
THREE = (ADORABLE, CUTER, CHIBI)


def places(vocabulary, ids):
    return tuple((TrayToken.of(vocabulary, token), token) for token in ids)


class Holder:
    """What the window does: it keeps the tokens and shows what became of them."""

    def __init__(self, tray, ids, vocabulary):
        self.tray, self.ids, self.vocabulary = tray, list(ids), vocabulary
        tray.gestures.removeRequested.connect(self.remove)
        tray.gestures.trayToggled.connect(self.remove)
        tray.moveRequested.connect(self.move)
        tray.tokensDropped.connect(self.insert)
        self.show()

    def show(self):
        self.tray.set_tokens(places(self.vocabulary, self.ids), "")

    def remove(self, ids):
        self.ids = [token for token in self.ids if token not in ids]
        self.show()

    def move(self, origin, target):
        self.ids.insert(target, self.ids.pop(origin))
        self.show()

    def insert(self, ids, index):
        self.ids[index:index] = ids
        self.show()


@pytest.fixture
def tray(qtbot, qapp, vocabulary):
    theme.apply(qapp, "light")
    widget = Tray()
    qtbot.addWidget(widget)
    widget.set_vocabulary(vocabulary)
    widget.resize(1400, widget.height())
    with qtbot.waitActive(widget):
        widget.show()
        widget.activateWindow()
    return widget


@pytest.fixture
def held(tray, vocabulary):
    return Holder(tray, THREE, vocabulary)


def chips(tray):
    return [chip for chip in tray.findChildren(TrayChip) if chip.isVisible()]


def cross(chip):
    return QPoint(chip.width() - 10, chip.height() // 2)


def arguments(spy):
    return [list(spy.at(index)) for index in range(spy.count())]


class Drop(QDropEvent):
    """A drop that comes from ``origin``; the offscreen platform has no real drags."""

    def __init__(self, at, data, origin):
        action, modifier = Qt.DropAction.CopyAction, Qt.KeyboardModifier.NoModifier
        super().__init__(QPointF(at), action, data, LEFT, modifier)
        self.origin = origin

    def source(self):
        return self.origin


def drop(tray, data, at, origin=None):
    """Drag ``data`` over the strip and drop it; whether it was taken."""
    strip = tray.findChild(TrayStrip)
    rest = (Qt.DropAction.CopyAction, data, LEFT, Qt.KeyboardModifier.NoModifier)
    at = strip.mapTo(tray, at)
    enter = QDragEnterEvent(at, *rest)
    QApplication.sendEvent(tray, enter)
    if not enter.isAccepted():
        return False
    QApplication.sendEvent(tray, QDragMoveEvent(at, *rest))
    event = Drop(at, data, origin)
    QApplication.sendEvent(tray, event)
    return event.isAccepted()


def test_an_empty_tray_offers_nothing_to_copy(tray):
    assert not button(tray, "Copy").isEnabled() and not button(tray, "Add to Prompt").isEnabled()
    assert "Space adds" in tray.findChild(TrayStrip).accessibleDescription()


def test_tokens_are_shown_in_order_with_what_they_cost_when_typed(tray, vocabulary):
    tray.set_tokens(places(vocabulary, THREE), "")
    assert [chip.accessibleName() for chip in chips(tray)] == ["adorable", "cuter", "chibi"]
    lefts = [chip.x() for chip in chips(tray)]
    assert lefts == sorted(set(lefts))
    tray.set_tokens(places(vocabulary, THREE[:1]), "")
    assert len(chips(tray)) == 1


def test_a_tray_that_was_long_gives_its_chips_back_but_none_that_is_being_dragged(
    tray, vocabulary, qtbot
):
    made = tray.findChildren(TrayChip)
    tray.set_tokens(places(vocabulary, range(2_000, 2_040)), "")
    dragged = tray.findChildren(TrayChip)[20]
    drag = QDrag(dragged)
    tray.set_tokens(places(vocabulary, THREE), "")
    qtbot.waitUntil(lambda: len(tray.findChildren(TrayChip)) == 21)
    assert dragged in tray.findChildren(TrayChip)
    drag.deleteLater()
    qtbot.waitUntil(lambda: drag not in dragged.children())
    tray.set_tokens(places(vocabulary, THREE), "")
    qtbot.waitUntil(lambda: len(tray.findChildren(TrayChip)) == 3)
    assert made[0] in chips(tray)
    tray.set_tokens(places(vocabulary, range(2_000, 2_010)), "")
    with qtbot.waitSignal(tray.gestures.removeRequested):
        qtbot.mouseClick(chips(tray)[9], LEFT, pos=cross(chips(tray)[9]))


def test_an_ampersand_is_shown_and_is_no_shortcut(tray, vocabulary):
    tray.set_tokens(places(vocabulary, (vocabulary.id_of_piece("&</w>"),)), "")
    assert chips(tray)[0].text().startswith("&&")
    assert chips(tray)[0].shortcut().isEmpty()


def test_the_exact_text_and_its_cost_stand_below_the_chips(tray, vocabulary):
    tray.set_tokens(places(vocabulary, THREE), "adorable, cuter, chibi")
    tray.set_count("5 of 75 tokens")
    said = {label.text() for label in tray.findChildren(QLabel) if label.isVisible()}
    assert {"adorable, cuter, chibi", "5 of 75 tokens"} <= said


def test_the_tray_grows_to_three_lines_and_then_scrolls(tray, vocabulary):
    heights = []
    for count in (2, 18, 36, 90):
        ids = tuple(vocabulary.order[5000 : 5000 + count].tolist())
        tray.set_tokens(places(vocabulary, ids), "")
        QApplication.sendPostedEvents()
        heights.append(tray.sizeHint().height())
    line = theme.CHIP_HEIGHT + theme.SPACE_XS
    assert heights[0] < heights[1] <= heights[2] == heights[3] <= heights[0] + 2 * line
    assert all(chip.geometry().right() <= chip.parent().width() for chip in chips(tray))
    tray.set_tokens(places(vocabulary, THREE), "")
    assert tray.sizeHint().height() == heights[0]


def test_a_narrow_tray_is_one_line(tray, vocabulary):
    ids = tuple(vocabulary.order[5000:5060].tolist())
    tray.set_tokens(places(vocabulary, ids), "a, b")
    tray.set_count("5 of 75 tokens")
    wide = tray.sizeHint().height()
    tray.set_narrow(True)
    assert tray.sizeHint().height() < wide - 2 * theme.CHIP_HEIGHT
    assert button(tray, "Copy").isVisible() and not button(tray, "Add to Prompt").isVisible()


def test_a_click_selects_a_double_click_and_enter_look_up(held, qtbot):
    selected, looked_up = (
        QSignalSpy(held.tray.tokenActivated),
        QSignalSpy(held.tray.gestures.lookedUp),
    )
    chip = chips(held.tray)[1]
    qtbot.mouseClick(chip, LEFT, pos=QPoint(10, 10))
    assert arguments(selected) == [[CUTER]]
    qtbot.mouseDClick(chip, LEFT, pos=QPoint(10, 10))
    qtbot.keyClick(chips(held.tray)[2], KEY.Key_Return)
    assert arguments(looked_up) == [[CUTER], [CHIBI]]


def test_the_cross_takes_a_token_out_without_selecting_it(held, qtbot):
    selected = QSignalSpy(held.tray.tokenActivated)
    for expected in ([CUTER, CHIBI], [CHIBI], []):
        qtbot.mouseClick(chips(held.tray)[0], LEFT, pos=cross(chips(held.tray)[0]))
        assert held.ids == expected
    assert selected.count() == 0


def test_a_second_quick_click_on_the_cross_takes_the_next_token_out(held, qtbot):
    chip = chips(held.tray)[0]
    qtbot.mouseClick(chip, LEFT, pos=cross(chip))
    qtbot.mouseDClick(chip, LEFT, pos=cross(chip))  # the second press; the release is apart
    qtbot.mouseRelease(chip, LEFT, pos=cross(chip))
    assert held.ids == [CHIBI]


def test_a_press_on_the_name_let_go_on_the_cross_takes_nothing_out(held, qtbot):
    chip = chips(held.tray)[0]
    qtbot.mousePress(chip, LEFT, pos=cross(chip) - QPoint(18, 0))
    qtbot.mouseRelease(chip, LEFT, pos=cross(chip))
    assert held.ids == list(THREE)


def test_letting_go_beside_the_chip_does_nothing(held, qtbot):
    chip = chips(held.tray)[0]
    selected = QSignalSpy(held.tray.tokenActivated)
    qtbot.mousePress(chip, LEFT, pos=cross(chip))
    qtbot.mouseRelease(chip, LEFT, pos=QPoint(10, 60))
    qtbot.mousePress(chip, LEFT, pos=QPoint(10, 10))
    qtbot.mouseRelease(chip, LEFT, pos=QPoint(10, 60))
    assert held.ids == list(THREE) and selected.count() == 0


@pytest.mark.parametrize("key", [KEY.Key_Delete, KEY.Key_Space, KEY.Key_Backspace])
def test_keys_take_out_and_the_focus_goes_to_what_follows(held, qtbot, key):
    chips(held.tray)[1].setFocus()
    qtbot.keyClick(chips(held.tray)[1], key)
    assert held.ids == [ADORABLE, CHIBI]
    assert QApplication.focusWidget().accessibleName() == "chibi"
    qtbot.keyClick(QApplication.focusWidget(), key)
    assert QApplication.focusWidget().accessibleName() == "adorable"


def test_arrows_walk_and_with_alt_move(held, qtbot):
    chips(held.tray)[0].setFocus()
    qtbot.keyClick(QApplication.focusWidget(), KEY.Key_Right)
    assert QApplication.focusWidget().accessibleName() == "cuter"
    qtbot.keyClick(QApplication.focusWidget(), KEY.Key_Right, Qt.KeyboardModifier.AltModifier)
    assert held.ids == [ADORABLE, CHIBI, CUTER]
    assert QApplication.focusWidget().accessibleName() == "cuter"
    qtbot.keyClick(QApplication.focusWidget(), KEY.Key_Right, Qt.KeyboardModifier.AltModifier)
    assert held.ids == [ADORABLE, CHIBI, CUTER]
    for _ in range(3):
        qtbot.keyClick(QApplication.focusWidget(), KEY.Key_Left)
    assert QApplication.focusWidget().accessibleName() == "adorable"


def test_a_chip_dropped_elsewhere_in_the_tray_moves(held):
    first, last = chips(held.tray)[0], chips(held.tray)[2]
    data = mime_data([ADORABLE], "adorable")
    assert drop(held.tray, data, last.geometry().topRight() + QPoint(20, 5), first)
    assert held.ids == [CUTER, CHIBI, ADORABLE]
    assert drop(held.tray, data, first.geometry().topLeft() + QPoint(2, 5), last)
    assert held.ids == [ADORABLE, CUTER, CHIBI]


def test_a_chip_dropped_where_it_was_stays(held):
    moves = QSignalSpy(held.tray.moveRequested)
    middle = chips(held.tray)[1]
    for at in (middle.geometry().topLeft(), middle.geometry().topRight()):
        drop(held.tray, mime_data([CUTER], "cuter"), at + QPoint(0, 5), middle)
    assert moves.count() == 0 and held.ids == list(THREE)


def test_a_drag_is_no_click(held, qtbot):
    selected = QSignalSpy(held.tray.tokenActivated)
    chip = chips(held.tray)[0]
    qtbot.mousePress(chip, LEFT, pos=QPoint(10, 10))
    qtbot.mouseMove(chip, QPoint(10 + QApplication.startDragDistance(), 10))
    qtbot.mouseRelease(chip, LEFT, pos=QPoint(20, 10))
    assert selected.count() == 0 and not chip.isDown()


def test_a_bar_shows_where_a_dragged_token_would_go(held):
    strip = held.tray.findChild(TrayStrip)
    plain = strip.grab().toImage()
    data = mime_data([5], "a")
    rest = (Qt.DropAction.CopyAction, data, LEFT, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(held.tray, QDragEnterEvent(QPoint(500, 5), *rest))
    QApplication.sendEvent(held.tray, QDragMoveEvent(QPoint(500, 5), *rest))
    assert strip.grab().toImage() != plain
    QApplication.sendEvent(held.tray, QDragLeaveEvent())
    assert strip.grab().toImage() == plain


def test_tokens_dropped_from_elsewhere_go_where_the_mouse_is(held):
    strip = held.tray.findChild(TrayStrip)
    second = chips(held.tray)[1].geometry()
    assert drop(held.tray, mime_data([5, 6], "a, b"), second.topLeft() + QPoint(2, 5))
    assert held.ids == [ADORABLE, 5, 6, CUTER, CHIBI]
    assert drop(held.tray, mime_data([7], "c"), QPoint(strip.width() - 2, 5))
    assert held.ids == [ADORABLE, 5, 6, CUTER, CHIBI, 7]


def test_tokens_can_be_dropped_into_an_empty_tray(tray):
    spy = QSignalSpy(tray.tokensDropped)
    assert drop(tray, mime_data([CUTER], "cuter"), QPoint(50, 5))
    assert arguments(spy) == [[[CUTER], 0]]


def test_text_without_ids_is_not_taken(tray):
    data = QMimeData()
    data.setText("cuter")
    assert not drop(tray, data, QPoint(50, 5))


def test_dragged_data_carries_text_for_others_and_ids_for_us():
    data = mime_data(THREE, "adorable, cuter, chibi")
    assert data.text() == "adorable, cuter, chibi"
    assert dragged_ids(data) == list(THREE)
    data.setData(TOKEN_IDS, b"1,x,-2,\xff,3")
    assert dragged_ids(data) == [1, 3]
    assert dragged_ids(QMimeData()) == []


def test_a_right_click_asks_for_the_menu_of_its_token(held):
    spy = QSignalSpy(held.tray.gestures.menuRequested)
    chip = chips(held.tray)[2]
    where = chip.mapToGlobal(QPoint(5, 5))
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, QPoint(5, 5), where)
    QApplication.sendEvent(chip, event)
    assert arguments(spy) == [[CHIBI, where]]


def test_copy_all_and_the_style_are_asked_for(held, qtbot):
    copies, styles = QSignalSpy(held.tray.copyRequested), QSignalSpy(held.tray.copyStyleChanged)
    qtbot.mouseClick(button(held.tray, "Copy"), LEFT)
    assert copies.count() == 1
    chooser = held.tray.style_button
    assert chooser.text() == "comma list"
    action = next(a for a in chooser.menu().actions() if a.text() == "{a|b|c}")
    action.trigger()
    assert arguments(styles) == [["choice"]]
    assert chooser.text() == "{a|b|c}" and action.isChecked()


def test_a_style_set_from_outside_is_not_announced(tray):
    styles = QSignalSpy(tray.copyStyleChanged)
    tray.set_copy_style("json")
    assert tray.style_button.text() == "JSON"
    assert styles.count() == 0


def test_the_whole_tray_takes_tokens_beside_the_chips_too(held):
    strip, label = held.tray.findChild(TrayStrip), held.tray._count
    first, last = chips(held.tray)[0], chips(held.tray)[2]
    on_title = strip.mapFrom(held.tray, QPoint(20, 2))
    assert drop(held.tray, mime_data([CHIBI], "chibi"), on_title, last)
    assert held.ids == [CHIBI, ADORABLE, CUTER]
    on_count = strip.mapFrom(held.tray, label.geometry().center())
    assert drop(held.tray, mime_data([CHIBI], "chibi"), on_count, first)
    assert held.ids == [ADORABLE, CUTER, CHIBI]


def test_a_chip_that_was_moved_keeps_the_focus(held):
    first, last = chips(held.tray)[0], chips(held.tray)[2]
    first.setFocus()
    drop(held.tray, mime_data([ADORABLE], "a"), last.geometry().topRight() + QPoint(9, 5), first)
    assert held.ids == [CUTER, CHIBI, ADORABLE]
    assert QApplication.focusWidget().accessibleName() == "adorable"


def test_what_is_no_token_here_is_grey_and_can_be_taken_out(tray, vocabulary, qtbot):
    absent = (TrayToken(7, "▁picturesque", "picturesque", "word"), None)
    tray.set_tokens((*places(vocabulary, [CUTER]), absent), "")
    chip = chips(tray)[1]
    assert chip.accessibleName() == "picturesque, no token of this encoder"
    activated = QSignalSpy(tray.tokenActivated)
    qtbot.mouseClick(chip, LEFT, pos=QPoint(8, 8))
    assert activated.count() == 0
    with qtbot.waitSignal(tray.removeRequested) as asked:
        qtbot.keyClick(chip, KEY.Key_Delete)
    assert asked.args == [1]


def test_a_narrow_tray_says_how_many_tokens_it_has_no_room_for_and_shows_them(tray, vocabulary):
    tray.resize(528, tray.height())
    tray.set_narrow(True)
    tray.set_tokens(places(vocabulary, THREE[:1]), "adorable")
    QApplication.sendPostedEvents()
    more = next(one for one in tray.findChildren(QPushButton) if one.isCheckable())
    assert not more.isVisible()
    tray.set_tokens(places(vocabulary, vocabulary.order[5000:5022].tolist()), "the text")
    QApplication.sendPostedEvents()
    room = tray.findChild(QScrollArea)
    seen = [chip for chip in chips(tray) if chip.y() < room.viewport().height()]
    assert more.isVisible() and more.text() == f"+{22 - len(seen)}" and len(seen) > 1
    more.click()
    QApplication.sendPostedEvents()
    assert room.height() > 2 * theme.CHIP_HEIGHT and more.text() == "Fewer"
    assert next(
        label for label in tray.findChildren(QLabel) if label.text() == "the text"
    ).isVisible()
    more.click()
    assert room.height() < 2 * theme.CHIP_HEIGHT


def test_a_tray_that_was_opened_while_narrow_is_itself_again_when_there_is_room(tray, vocabulary):
    title = next(label for label in tray.findChildren(QLabel) if label.text() == "Tray")
    copy, room = button(tray, "Copy"), tray.findChild(QScrollArea)
    more = next(one for one in tray.findChildren(QPushButton) if one.isCheckable())
    tray.set_tokens(places(vocabulary, vocabulary.order[5000:5040].tolist()), "the text")
    QApplication.sendPostedEvents()
    before = room.geometry()
    tray.resize(528, tray.height())
    tray.set_narrow(True)
    QApplication.sendPostedEvents()
    more.click()
    QApplication.sendPostedEvents()
    assert room.y() > copy.geometry().bottom()
    tray.resize(1400, tray.height())
    tray.set_narrow(False)
    QApplication.sendPostedEvents()
    assert room.geometry() == before and room.y() == title.y() and not more.isVisible()
    assert next(
        label for label in tray.findChildren(QLabel) if label.text() == "the text"
    ).isVisible()
