"""Opening checkpoints: dropped, found, damaged, and while the window closes."""

import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from driver import LONG_MS, Driver
from made_tables import add_little
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from tests.core.checkpoints.layouts_on_disk import LAYOUTS, numbers, write_safetensors
from tests.core.loras.lora_files import CASES, write
from tokensim_gui.core.library.library import TableLibrary
from tokensim_gui.ui.window.actions import Action
from tokensim_gui.ui.window.encoder_button import EncoderButton
from tokensim_gui.ui.window.starter_badge import StarterBadge

Start = Callable[..., Driver]
CLIP_ROWS, DIM = 49_408, 64


def test_an_encoder_that_opens_slowly_is_said_to_be_opened(start: Start, qtbot: QtBot) -> None:
    slug = add_little(TableLibrary(), "Little")
    driver = start().ready()
    button = driver.window.findChild(EncoderButton)
    assert button is not None and button.text() == "Starter words"
    free = threading.Event()
    driver.session.worker.submit("in the way", lambda job: free.wait(LONG_MS / 1000))
    try:
        driver.session.tables.show(slug)
        assert button.text() == "Starter words"  # most are there at once: nothing flickers
        qtbot.waitUntil(lambda: button.text() == "Opening Little…", timeout=LONG_MS)
    finally:
        free.set()
    qtbot.waitUntil(lambda: button.text().startswith("Little"), timeout=LONG_MS)


def checkpoint(path: Path, layout: str = "SD 1.x", rows: int = CLIP_ROWS) -> Path:
    """Write a checkpoint of a true layout, its vectors narrow and random."""
    keys, _ = LAYOUTS[layout]
    begin = sum(path.stem.encode())  # the same vectors would be stored once
    tables = {key: numbers(rows, DIM, begin + seed).half() for seed, key in enumerate(keys)}
    return write_safetensors(path, {**tables, "other": torch.zeros(10)})


def drop(driver: Driver, *paths: Path) -> None:
    """Drag files over the window and let them go."""
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    buttons, no_keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    copy, point = Qt.DropAction.CopyAction, QPoint(300, 300)
    enter = QDragEnterEvent(point, copy, mime, buttons, no_keys)
    QApplication.sendEvent(driver.window, enter)
    assert enter.isAccepted()
    QApplication.sendEvent(driver.window, QDropEvent(QPointF(point), copy, mime, buttons, no_keys))


def idle(driver: Driver) -> None:
    """Wait until no import runs or waits."""
    encoders = driver.session.encoders
    driver.qtbot.waitUntil(lambda: encoders.running is None, timeout=2 * LONG_MS)


def showing(driver: Driver, name: str) -> None:
    """Wait until a table is in force, and has answered the query."""
    session = driver.session
    driver.qtbot.waitUntil(
        lambda: session.tables.info.name == name and session.search.is_current, timeout=LONG_MS
    )


def chosen(driver: Driver) -> dict[str, bool]:
    """What the Encoder menu offers, and what it has ticked."""
    actions = driver.window._encoder.menu().actions()
    return {a.text(): a.isChecked() for a in actions if isinstance(a.data(), str)}


def button(parent: object, words: str) -> QPushButton:
    return next(b for b in parent.findChildren(QPushButton) if b.text() == words and b.isVisible())


def badge(driver: Driver) -> StarterBadge:
    return driver.window.findChildren(StarterBadge)[0]


def test_a_dropped_checkpoint_is_shown_and_the_query_is_kept(
    tokensim: Driver, tmp_path: Path
) -> None:
    tokensim.type("cat")
    drop(tokensim, checkpoint(tmp_path / "models" / "dream.safetensors"))
    idle(tokensim)
    showing(tokensim, "dream")
    assert tokensim.page.bar.text() == "cat"
    assert tokensim.session.search.results.slug == "dream"
    assert tokensim.page.chips.isVisible() and "cat" not in tokensim.names(50)
    assert tokensim.said() == "dream (6 MB) out of dream.safetensors. Showing it."
    assert chosen(tokensim) == {"Starter words": False, "dream": True}
    assert "dream" in tokensim.window._encoder.text()
    assert not badge(tokensim).isVisible()


def test_two_encoders_in_one_file_are_both_offered(tokensim: Driver, tmp_path: Path) -> None:
    drop(tokensim, checkpoint(tmp_path / "xl.safetensors", "SDXL", rows=2000))
    idle(tokensim)
    assert tokensim.said().startswith("2 text encoders in xl.safetensors: ")
    names = [info.name for info in tokensim.session.encoders.library.tables()][1:]
    showing(tokensim, names[0])
    button(tokensim.window.messages, f"Show {names[1]}").click()
    showing(tokensim, names[1])


def test_a_damaged_file_is_one_sentence_and_nothing_is_lost(
    tokensim: Driver, tmp_path: Path
) -> None:
    before = tokensim.type("cat").names(20)
    damaged = tmp_path / "damaged.safetensors"
    damaged.write_bytes(checkpoint(tmp_path / "a.safetensors").read_bytes()[:-5000])
    drop(tokensim, damaged)
    idle(tokensim)
    assert tokensim.said().startswith("damaged.safetensors") and tokensim.said().endswith(".")
    assert tokensim.names(20) == before and tokensim.page.bar.text() == "cat"
    assert [info.slug for info in TableLibrary().tables()] == ["starter"]
    tokensim.window.menus.actions[Action.PAGE_ENCODERS].trigger()
    assert tokensim.window.pages.page("encoders").problem.isVisible()
    assert tokensim.type("dog").names(3)


def test_files_dropped_while_one_is_read_wait_for_their_turn(
    tokensim: Driver, tmp_path: Path
) -> None:
    one, two = (
        checkpoint(tmp_path / f"{name}.safetensors", "language model", 1000)
        for name in ("one", "two")
    )
    drop(tokensim, one, two)
    tokensim.window.pages.show_page("encoders")
    assert tokensim.window.pages.page("encoders").progress.isVisible()
    assert tokensim.said() == "Reading one.safetensors…"
    drop(tokensim, one)
    idle(tokensim)
    assert sorted(chosen(tokensim)) == ["Starter words", "one", "two"]
    assert not tokensim.window.pages.page("encoders").progress.isVisible()


def test_what_is_said_during_an_import_is_not_overwritten_by_its_progress(
    tokensim: Driver, tmp_path: Path
) -> None:
    drop(tokensim, checkpoint(tmp_path / "dream.safetensors"))
    progressed = tokensim.session.encoders.runningChanged
    with tokensim.qtbot.waitSignal(progressed, timeout=LONG_MS):
        pass
    assert tokensim.said().startswith("dream.safetensors: ")
    tokensim.session.say("Copied: cat")
    with tokensim.qtbot.waitSignal(progressed, timeout=LONG_MS):
        pass
    assert tokensim.said() == "Copied: cat"
    idle(tokensim)


def test_closing_the_window_ends_the_import_and_the_library_is_as_before(
    start: Start, tmp_path: Path, qtbot: QtBot
) -> None:
    driver = start().ready()
    drop(driver, checkpoint(tmp_path / "dream.safetensors"))
    encoders = driver.session.encoders
    qtbot.waitUntil(
        lambda: bool(encoders.running and encoders.running.progress.text), timeout=LONG_MS
    )
    child = encoders._task._process.processId()
    driver.close()
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)
    assert [info.slug for info in TableLibrary().tables()] == ["starter"]
    second = start().ready()
    assert second.session.tables.info.slug == "starter"


def test_the_badge_of_the_starter_leads_to_checkpoints_on_this_computer(
    start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    for variable in ("SD_WEBUI_PATH", "INVOKEAI_ROOT", "HF_HOME", "HF_HUB_CACHE"):
        monkeypatch.setenv(variable, str(tmp_path / "absent"))
    comfy = tmp_path / "ComfyUI"
    monkeypatch.setenv("COMFYUI_PATH", str(comfy))
    checkpoint(comfy / "models" / "clip" / "clip_x.safetensors", "language model", 1000)
    driver = start().ready()
    badge(driver).click()
    button(driver.window, "Find on this computer…").click()
    finder = driver.window.pages.page("encoders").finder
    assert finder.isVisible() and not driver.page.isVisible()
    assert [box.text() for box in finder._boxes] == [f"ComfyUI:  {comfy / 'models'}"]
    assert not driver.session.encoders.running
    button(finder, "Look in these folders").click()
    qtbot.waitUntil(lambda: "1 checkpoint" in finder._title.text(), timeout=LONG_MS)
    button(finder, "Open").click()
    idle(driver)
    showing(driver, "clip_x")


def test_a_removed_encoder_comes_back_by_undo(tokensim: Driver, tmp_path: Path) -> None:
    drop(tokensim, checkpoint(tmp_path / "dream.safetensors", "language model", 1000))
    idle(tokensim)
    showing(tokensim, "dream")
    tokensim.window.pages.show_page("encoders")
    tokensim.window.pages.page("encoders").tables.asked.emit("remove", "dream")
    assert tokensim.said() == "Removed “dream” from this computer."
    assert list(chosen(tokensim)) == ["Starter words"]
    showing(tokensim, "Starter words")
    button(tokensim.window.messages, "Undo").click()
    assert list(chosen(tokensim)) == ["Starter words", "dream"]
    showing(tokensim, "dream")


def test_ctrl_z_on_the_encoders_page_takes_back_one_change_after_the_other(
    tokensim: Driver, tmp_path: Path, qtbot: QtBot
) -> None:
    for name in ("dream", "vision"):
        drop(tokensim, checkpoint(tmp_path / f"{name}.safetensors", "language model", 1000))
        idle(tokensim)
    showing(tokensim, "vision")
    tokensim.window.pages.show_page("encoders")
    page = tokensim.window.pages.page("encoders")
    page.tables.renamed.emit("dream", "Mine")
    page.tables.asked.emit("remove", "dream")
    assert tokensim.session.tables.info.slug == "vision"
    tokensim.session.say("Something else.")
    undo, redo = (QKeySequence(QKeySequence.StandardKey[key]) for key in ("Undo", "Redo"))
    said = []
    for keys in (undo, undo, undo, redo, redo, redo, undo):
        QTest.keySequence(tokensim.window, keys)
        said.append(tokensim.said())
    assert said == [
        "“Mine” is back.",
        "“dream” has its name back.",
        "There is nothing to undo among the encoders.",
        "Renamed “dream” to “Mine”.",
        "Removed “Mine” from this computer.",
        "There is nothing to redo among the encoders.",
        "“Mine” is back.",
    ]
    assert list(chosen(tokensim)) == ["Starter words", "Mine", "vision"]
    assert tokensim.session.tables.info.slug == "vision"


def test_the_next_start_opens_the_encoder_of_the_last(start: Start, tmp_path: Path) -> None:
    first = start().ready()
    drop(first, checkpoint(tmp_path / "dream.safetensors", "language model", 1000))
    idle(first)
    showing(first, "dream")
    first.close()
    showing(start(), "dream")


def test_a_dropped_lora_goes_to_the_loras_and_its_words_to_the_prompt(
    tokensim: Driver, tmp_path: Path
) -> None:
    drop(tokensim, write(CASES["modelspec"], tmp_path / "mine.safetensors"))
    with tokensim.qtbot.waitSignal(tokensim.session.loras.cardChanged, timeout=LONG_MS):
        pass
    page = tokensim.window.pages.page("encoders")
    assert page.loras.isVisible() and not page.problem.isVisible()
    QApplication.processEvents()
    assert page.loras.table.hasFocus()
    assert [one.name for one in tokensim.session.loras.files] == ["mine"]
    asked = "Add mytoken style to the prompt"
    buttons = page.loras.findChildren(QPushButton)
    next(b for b in buttons if b.accessibleName() == asked).click()
    assert tokensim.session.prompt.text.endswith("mytoken style")
    assert "Added to the prompt" in tokensim.said()
