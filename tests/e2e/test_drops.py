"""What is dropped stays where it came from, and whoever would take it says so."""

from collections.abc import Callable
from pathlib import Path

import pytest
from driver import Driver
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QColor, QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QLineEdit, QPlainTextEdit, QTextEdit, QWidget

from tokensim_gui.ui import theme
from tokensim_gui.ui.tokens.token_drag import mime_data
from tokensim_gui.ui.widgets.drops import DropHint

BOTH = Qt.DropAction.CopyAction | Qt.DropAction.MoveAction
MOVE = Qt.DropAction.MoveAction
LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


def enter(target: QWidget, data: QMimeData, actions: Qt.DropAction = BOTH) -> bool:
    """Hover as a file manager does that would rather move; whether the target would take it."""
    event = QDragEnterEvent(target.rect().center(), actions, data, LEFT, NONE)
    event.setDropAction(MOVE)
    event.ignore()
    QApplication.sendEvent(target, event)
    return event.isAccepted()


def drop(target: QWidget, data: QMimeData) -> Qt.DropAction:
    event = QDropEvent(target.rect().center().toPointF(), BOTH, data, LEFT, NONE)
    event.setDropAction(MOVE)
    event.ignore()
    QApplication.sendEvent(target, event)
    return event.dropAction() if event.isAccepted() else Qt.DropAction.IgnoreAction


def file_data(path: Path) -> QMimeData:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    data.setText(str(path))
    return data


def text_data() -> QMimeData:
    data = QMimeData()
    data.setText("cat")
    return data


def editor(driver: Driver) -> QTextEdit:
    fields = driver.window.pages.page("prompt").findChildren(QTextEdit)
    return next(item for item in fields if item.accessibleName() == "Prompt")


def hint(target: QWidget) -> DropHint:
    return next(item for item in target.findChildren(DropHint) if item.parent() is target)


CASES: dict[str, tuple[Callable[[Driver], QWidget], Callable[[Path], QMimeData]]] = {
    "checkpoint on the window": (lambda d: d.window, lambda p: file_data(p / "none.safetensors")),
    "caption on the prompt page": (
        lambda d: d.window.pages.page("prompt"),
        lambda p: file_data(p / "caption.txt"),
    ),
    "token on the tray": (lambda d: d.page.tray, lambda _: mime_data([2368], "cat")),
    "token on the bar": (
        lambda d: d.page.bar.focusProxy() or d.page.bar,
        lambda _: mime_data([2368], "cat"),
    ),
    "text on the bar": (lambda d: d.page.bar.focusProxy() or d.page.bar, lambda _: text_data()),
    "text on the prompt": (
        lambda d: editor(d).viewport(),
        lambda _: text_data(),
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_drop_is_answered_as_a_copy(
    start: Callable[..., Driver], tmp_path: Path, case: str
) -> None:
    driver = start()
    (tmp_path / "caption.txt").write_text("a cat")
    target, data = CASES[case][0](driver), CASES[case][1](tmp_path)
    if "prompt" in case:
        driver.window.pages.show_page("prompt")
    assert enter(target, data)
    assert drop(target, data) == Qt.DropAction.CopyAction


@pytest.mark.parametrize("case", list(CASES)[:3])
def test_what_would_take_a_drop_says_so_while_it_hovers(
    start: Callable[..., Driver], tmp_path: Path, case: str
) -> None:
    driver = start()
    target, data = CASES[case][0](driver), CASES[case][1](tmp_path)
    if "prompt" in case:
        driver.window.pages.show_page("prompt")
    QApplication.sendPostedEvents()  # what the page's room is
    assert not enter(target, data, MOVE)  # a copy can't be had from this one
    assert hint(target).isHidden()
    enter(target, data)
    assert hint(target).isVisible() and hint(target).size() == target.size()
    QApplication.sendEvent(target, QDragLeaveEvent())
    assert hint(target).isHidden()


def test_the_window_says_what_it_will_do_with_a_file(tokensim: Driver, tmp_path: Path) -> None:
    prompt = tokensim.window.pages.page("prompt")
    (tmp_path / "captions").mkdir()
    for target, path, words in (
        (tokensim.window, tmp_path / "a.safetensors", "Open checkpoint"),
        (prompt, tmp_path / "a.png", "Read the prompt"),
        (prompt, tmp_path / "captions", "Check captions"),
    ):
        enter(target, file_data(path))
        assert hint(target).accessibleName() == words


def test_no_field_takes_a_file_for_its_path(start: Callable[..., Driver], tmp_path: Path) -> None:
    driver = start()
    data = file_data(tmp_path / "model.safetensors")
    for page in ("search", "prompt", "compare", "encoders"):
        driver.window.pages.show_page(page)
    fields = [
        item
        for kind in (QLineEdit, QPlainTextEdit, QTextEdit)
        for item in driver.window.findChildren(kind)
        if item.acceptDrops()
    ]
    assert len(fields) > 5
    taking = []
    for item in fields:
        target = item.viewport() if isinstance(item, QPlainTextEdit | QTextEdit) else item
        event = QDragEnterEvent(QPoint(3, 3), BOTH, data, LEFT, NONE)
        event.ignore()
        target.event(event)  # not what its parents would do with it
        if event.isAccepted():
            taking.append(f"{type(item).__name__} {item.accessibleName()}")
    assert not taking


def test_the_bar_is_framed_while_it_would_take_what_hovers(
    start: Callable[..., Driver], tmp_path: Path
) -> None:
    driver = start()
    bar = driver.page.bar
    field = bar.focusProxy()
    assert field is not None

    def edge() -> QColor:
        return bar.grab().toImage().pixelColor(1, bar.height() // 2)

    driver.page.table.focus_first_row()
    plain = edge()
    enter(field, mime_data([2368], "cat"))
    assert edge() == theme.colours().colour("accent") != plain
    QApplication.sendEvent(field, QDragLeaveEvent())
    assert edge() == plain
    enter(field, file_data(tmp_path / "a.safetensors"))  # which is the window’s
    assert edge() == plain
