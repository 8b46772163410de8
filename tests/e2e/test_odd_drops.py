"""Drops of what is no plain file: names that none has, addresses of nothing, a mixed bag."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from driver import LONG_MS, Driver
from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QWidget

COPY = Qt.DropAction.CopyAction
NAMES = (
    b"file:///a%00b.png",
    b"file:///" + b"x" * 300 + b".txt",
    b"file:///" + b"y/" * 3000,
)
LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


def drop(target: QWidget, data: QMimeData) -> bool:
    """Hover and let go; whether it was taken."""
    hover = QDragEnterEvent(target.rect().center(), COPY, data, LEFT, NONE)
    hover.ignore()
    QApplication.sendEvent(target, hover)
    if not hover.isAccepted():
        return False
    fall = QDropEvent(target.rect().center().toPointF(), COPY, data, LEFT, NONE)
    QApplication.sendEvent(target, fall)
    return fall.isAccepted()


def urls(*addresses: bytes) -> QMimeData:
    data = QMimeData()
    data.setData("text/uri-list", b"\r\n".join(addresses))
    return data


def rested(driver: Driver) -> None:
    session = driver.session
    driver.qtbot.waitUntil(
        lambda: session.encoders.running is None and session.worker.is_idle, timeout=LONG_MS
    )


@pytest.fixture
def crashes(start: Callable[..., Driver]) -> tuple[Driver, list[object]]:
    driver, found = start().ready(), list[object]()
    driver.session.crashed.connect(found.append)
    return driver, found


@pytest.mark.parametrize("page", ["search", "prompt"])
@pytest.mark.parametrize("address", NAMES)
def test_a_name_that_no_file_has_is_one_sentence(
    crashes: tuple[Driver, list[object]], page: str, address: bytes
) -> None:
    driver, found = crashes
    driver.window.pages.show_page(page)
    target = driver.window.pages.page(page) if page == "prompt" else driver.window
    assert drop(target, urls(address)) or drop(driver.window, urls(address))
    rested(driver)
    assert "can't be" in driver.said() or driver.session.encoders.problem is not None
    assert not found


def test_an_address_of_nothing_opens_no_folder(crashes: tuple[Driver, list[object]]) -> None:
    driver, _ = crashes
    for nothing in (b"file:", b"", b"https://example.org/a.png", b"javascript:0"):
        assert not drop(driver.window, urls(nothing))
    assert driver.session.encoders.running is None


def test_a_pipe_on_the_prompt_page_does_not_hold_the_worker(
    crashes: tuple[Driver, list[object]], tmp_path: Path
) -> None:
    driver, _ = crashes
    os.mkfifo(tmp_path / "pipe.png")
    driver.window.pages.show_page("prompt")
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path / "pipe.png"))])
    assert drop(driver.window.pages.page("prompt"), data)
    driver.qtbot.waitUntil(lambda: "it is a pipe" in driver.said(), timeout=LONG_MS)
    driver.window.pages.show_page("search")
    driver.type("dog")  # which the same worker answers


def test_of_a_mixed_bag_the_page_says_what_it_reads(
    crashes: tuple[Driver, list[object]], tmp_path: Path
) -> None:
    driver, _ = crashes
    said: list[str] = []
    driver.session.noticed.connect(lambda notice: said.append(notice.text))
    (tmp_path / "a.txt").write_text("a fox")
    data = QMimeData()
    names = ("model.safetensors", "a.txt", "b.txt")
    data.setUrls([QUrl.fromLocalFile(str(tmp_path / name)) for name in names])
    driver.window.pages.show_page("prompt")
    assert drop(driver.window.pages.page("prompt"), data)
    driver.qtbot.waitUntil(lambda: driver.session.prompt.text == "a fox", timeout=LONG_MS)
    assert "Only “a.txt” is read: one file at a time." in said
