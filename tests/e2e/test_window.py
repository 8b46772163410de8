"""The window itself: actions, layout, starts and ends."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from driver import Driver
from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QApplication, QFileDialog, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from tokensim_gui.core import paths
from tokensim_gui.core.values import TokenFilter
from tokensim_gui.state.settings import Settings
from tokensim_gui.ui.window.actions import ACTIONS, MENUS, Action

Start = Callable[..., Driver]


def test_every_action_is_in_a_menu_and_every_shortcut_is_used_once() -> None:
    in_menus = [item for _, items in MENUS for item in items if isinstance(item, Action)]
    assert sorted(in_menus, key=lambda a: a.value) == list(Action)
    keys = [spec.keys for spec in ACTIONS.values() if spec.keys]
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize("action", [a for a in Action if a is not Action.QUIT])
def test_every_action_can_be_triggered(
    action: Action, start: Start, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    target = str(tmp_path / "written.png")
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (target, ""))
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: ("", ""))
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: "")
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda *_: False)
    monkeypatch.setattr(paths, "homepage", lambda: "http://127.0.0.1:1")  # where nobody is
    driver = start()
    crashes: list[object] = []
    driver.session.crashed.connect(crashes.append)
    driver.window.menus.actions[action].setEnabled(True)
    driver.window.menus.actions[action].trigger()
    assert not crashes


def test_the_map_is_saved_as_png_and_svg(
    tokensim: Driver, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for suffix, start in ((".png", b"\x89PNG"), (".svg", b"<?xml")):
        target = tmp_path / f"map{suffix}"
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_, t=target: (str(t), ""))
        tokensim.window.menus.actions[Action.SAVE_MAP].trigger()
        assert target.read_bytes().startswith(start)


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".json"])
def test_the_table_is_exported_as_shown(
    tokensim: Driver, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, suffix: str
) -> None:
    target = tmp_path / f"tokens{suffix}"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(target), ""))
    tokensim.window.menus.actions[Action.EXPORT_TABLE].trigger()
    text = target.read_text("utf-8")
    if suffix == ".json":
        ids = [row["id"] for row in json.loads(text)]
    else:
        ids = [
            int(line.split({".csv": ",", ".tsv": "\t"}[suffix])[0])
            for line in text.splitlines()[1:]
        ]
    assert ids == tokensim.page.table.shown_ids()


def test_saving_where_nothing_can_be_written_is_one_sentence(
    tokensim: Driver, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    target = str(tmp_path / "file" / "map.png")
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (target, ""))
    for action in (Action.SAVE_MAP, Action.EXPORT_TABLE):
        tokensim.window.menus.actions[action].trigger()
        assert tokensim.said().endswith(".")


def test_copy_as_picture_puts_an_image_on_the_clipboard(tokensim: Driver) -> None:
    tokensim.window.menus.actions[Action.COPY_PICTURE].trigger()
    assert QGuiApplication.clipboard().image().width() > 1000


def test_panes_follow_the_width(start: Start, qtbot: QtBot) -> None:
    driver = start()
    page, card = driver.page, driver.window.menus.actions[Action.CARD]
    assert page.table.isVisible() and page.map.isVisible() and page.card.isVisible()
    driver.window.resize(900, 600)
    qtbot.waitUntil(lambda: not page.card.isVisible())
    assert page.table.isVisible() and page.map.isVisible() and not card.isChecked()
    card.trigger()  # a drawer over the map
    assert page.card.isVisible() and page.map.isVisible()
    qtbot.keyClick(page.card, Qt.Key.Key_Escape)
    assert not page.card.isVisible() and not card.isChecked()
    driver.window.resize(1400, 900)
    qtbot.waitUntil(page.card.isVisible)
    assert card.isChecked()


def test_a_narrow_window_shows_one_pane_at_a_time_and_keeps_what_wide_ones_show(
    start: Start, qtbot: QtBot
) -> None:
    driver = start()
    page, actions = driver.page, driver.window.menus.actions
    panes = {"List": page.table, "Map": page.map, "Token": page.card}
    driver.window.resize(560, 480)
    qtbot.waitUntil(lambda: not page.map.isVisible())
    assert page.table.isVisible() and not actions[Action.CARD].isChecked()
    buttons = {b.text(): b for b in page.panes.switch.findChildren(QPushButton)}
    for chosen in ("Map", "Token", "List"):
        buttons[chosen].click()
        shown = [words for words, pane in panes.items() if pane.isVisible()]
        assert shown == [chosen] == [words for words, b in buttons.items() if b.isChecked()]
    for _ in range(2):
        actions[Action.CARD].trigger()
        assert page.card.isVisible() and actions[Action.CARD].isChecked()
        actions[Action.CARD].trigger()
        assert page.table.isVisible() and not actions[Action.CARD].isChecked()
    driver.window.resize(1400, 900)
    qtbot.waitUntil(lambda: page.map.isVisible() and page.card.isVisible())
    assert actions[Action.CARD].isChecked() and actions[Action.MAP].isChecked()


def test_the_next_start_shows_what_the_last_one_left(start: Start) -> None:
    first = start().ready()
    first.type("cat")
    first.session.search.change_tray(lambda tray: tray.toggle([2368]))
    first.window.menus.columnsChanged.emit(["token", "score", "id", "kind"])
    first.close()
    second = start().ready()
    assert second.page.bar.text() == "cat"
    assert "kitten" in second.names(8)
    assert second.session.search.tray == (2368,)
    assert second.page.table.columns() == ["token", "score", "id", "kind"]


def test_two_windows_share_the_settings_without_losing_any(start: Start) -> None:
    one, two = start(), start()
    one.settings.set("theme", "dark")
    two.settings.set("write_for", "comfyui")
    one.close()
    two.close()
    third = start()
    assert (third.settings.theme, third.settings.write_for) == ("dark", "comfyui")


def test_the_window_closes_during_a_search(start: Start) -> None:
    driver = start().ready()
    for word in ("cat", "dog", "king - man + woman"):
        driver.session.search.set_text(word)
    driver.close()


def test_the_window_closes_while_torch_is_imported() -> None:
    code = (
        "import sys; from PySide6.QtCore import QTimer; from tokensim_gui import app;"
        "begin = app.App._begin;"
        "app.App._begin = lambda self: (begin(self), QTimer.singleShot(100, self.window.close));"
        "sys.exit(app.run())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=90, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_the_window_opens_before_torch_is_there() -> None:
    code = (
        "import sys; from PySide6.QtCore import QTimer; from tokensim_gui import app;"
        "app.App._begin = lambda self: (print('torch' in sys.modules), self.window.close());"
        "sys.exit(app.run())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.stdout.strip(), done.returncode, done.stderr) == ("False", 0, "")


def test_settings_that_cannot_be_written_do_not_stop_the_window(start: Start, home: Path) -> None:
    home.mkdir()
    (home / "config").write_text("a file where the folder should be")
    driver = start().ready()
    driver.window.menus.themeChanged.emit("dark")
    driver.type("cat")
    assert "kitten" in driver.names(8)


def test_a_crash_is_offered_and_the_program_goes_on(tokensim: Driver) -> None:
    tokensim.session.crashed.emit(ValueError("a bug"))
    assert tokensim.said() == "Something went wrong inside TokenSim."
    tokensim.window.messages.findChildren(QPushButton)[0].click()
    assert "ValueError: a bug" in QGuiApplication.clipboard().text()
    tokensim.type("cat")
    assert "kitten" in tokensim.names(8)


def test_the_last_crash_is_offered_at_the_next_start(start: Start, qtbot: QtBot) -> None:
    from tokensim_gui import log

    log.record_crash(ValueError("of yesterday"))
    driver = start()
    qtbot.waitUntil(lambda: driver.said() == "TokenSim ended by a fault the last time.")


def run(code: str) -> "subprocess.CompletedProcess[str]":
    """TokenSim with other beginnings, in a process of its own."""
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=90, check=False
    )


def test_a_broken_off_process_is_offered_at_the_next_start(start: Start, qtbot: QtBot) -> None:
    code = (
        "import ctypes; from tokensim_gui import app;"
        "app.App._begin = lambda self: ctypes.string_at(0);"
        "app.run()"
    )
    assert run(code).returncode < 0
    driver = start()
    qtbot.waitUntil(lambda: driver.said() == "TokenSim ended by a fault the last time.")
    driver.window.messages.findChildren(QPushButton)[0].click()
    copied = QGuiApplication.clipboard().text()
    assert "Segmentation fault" in copied and "string_at" in copied
    driver.close()
    again = start().ready()
    assert again.said() != "TokenSim ended by a fault the last time."


def test_a_start_that_fails_is_offered_at_the_next_one(start: Start, qtbot: QtBot) -> None:
    code = (
        "import sys; from tokensim_gui import app; from tokensim_gui.commands import main;"
        "app.MainWindow = lambda *_: [][0];"
        "sys.exit(main.run([]))"
    )
    done = run(code)
    assert done.returncode == 1 and "IndexError" in done.stderr
    driver = start()
    qtbot.waitUntil(lambda: driver.said() == "TokenSim ended by a fault the last time.")


def test_a_file_that_macos_hands_over_is_opened(tmp_path: Path) -> None:
    code = (
        "import sys; from PySide6.QtCore import QCoreApplication as Core, QUrl;"
        "from PySide6.QtGui import QFileOpenEvent; from tokensim_gui import app;"
        f"file = QUrl.fromLocalFile({str(tmp_path / 'gone.safetensors')!r});"
        "told = lambda problem: problem and (print(problem.sentence), Core.quit());"
        "begin = app.App._begin;"
        "app.App._begin = lambda self: (begin(self), "
        "self.session.encoders.problemChanged.connect(told), "
        "Core.sendEvent(Core.instance(), QFileOpenEvent(file)));"
        "sys.exit(app.run())"
    )
    done = run(code)
    assert "gone.safetensors" in done.stdout
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("query", "more"),
    [
        ("cat", ["--view", "vocabulary"]),
        ("cat - cat", []),
        ("", ["--page", "encoders", "--view", "neighbours"]),
    ],
)
def test_a_screenshot_is_drawn_without_a_display(
    tmp_path: Path, query: str, more: list[str]
) -> None:
    target = tmp_path / "window.png"
    environment = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "QT_QPA_PLATFORM")}
    command = [sys.executable, "-m", "tokensim_gui", "screenshot", str(target), "--query", query]
    command += more
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=90, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert target.read_bytes().startswith(b"\x89PNG")


class Shown(QObject):
    """Notes every widget that comes up as a window of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.windows: list[str] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow():
            self.windows.append(type(watched).__name__)
        return False


def test_no_part_of_a_page_flashes_up_as_a_window_of_its_own(start: Start) -> None:
    app = QApplication.instance()
    assert app is not None
    shown = Shown()
    app.installEventFilter(shown)
    driver = start().ready()
    for key in ("prompt", "compare", "encoders"):
        driver.window.pages.show_page(key)
        app.sendPostedEvents()
    app.removeEventFilter(shown)
    assert shown.windows == ["MainWindow"]


def test_every_letter_with_alt_means_one_thing() -> None:
    mnemonics = [title[title.index("&") + 1].upper() for title, _ in MENUS]
    mnemonics += [
        s.keys.removeprefix("Alt+") for s in ACTIONS.values() if s.keys.startswith("Alt+")
    ]
    assert len(mnemonics) == len(set(mnemonics))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_closes_the_window_as_the_user_does(home: Path, number: signal.Signals) -> None:
    done = run(
        "import os, sys; from PySide6.QtCore import QTimer; from tokensim_gui import app;"
        "begin = app.App._begin;"
        "app.App._begin = lambda self: (begin(self), self.session.search.set_text('cat'),"
        f"os.kill(os.getpid(), {int(number)}));"
        "sys.exit(app.run())"
    )
    assert done.returncode == 128 + number and "Traceback" not in done.stderr
    assert Settings().last_query == "cat"
    assert (home / "config" / "window.ini").exists()


def test_the_search_page_comes_back_with_the_token_that_it_had(tokensim: Driver) -> None:
    tokensim.type("cute + girl")
    own = tokensim.session.search.selection
    tokensim.window.pages.show_page("prompt")
    tokensim.session.search.select(2368)
    tokensim.window.pages.show_page("search")
    assert tokensim.session.search.selection == own
    assert tokensim.page.table.selected_ids() == [own]
    tokensim.window.pages.show_page("prompt")
    tokensim.session.search.select(2368)
    tokensim.window.menus.actions[Action.SHOW_AMONG_IDS].trigger()
    assert tokensim.session.search.selection == 2368


def test_copy_as_by_key_opens_its_menu_at_the_current_row(tokensim: Driver, qtbot: QtBot) -> None:
    menu = tokensim.window.menus.copy_as
    tokensim.page.table.focus_first_row()
    menu.menuAction().trigger()
    assert menu.isVisible() and menu.pos().y() > tokensim.page.table.mapToGlobal(QPoint()).y()
    ids = next(action for action in menu.actions() if action.data() == "id")
    menu.setActiveAction(ids)
    qtbot.keyClick(menu, Qt.Key.Key_Return)
    assert QGuiApplication.clipboard().text() == str(tokensim.session.search.selection)
    assert "Ctrl+Shift+C" == menu.menuAction().shortcut().toString()


@pytest.mark.parametrize("option", [("order", "opposite"), ("order", "unrelated"), ("count", 50)])
def test_no_option_moves_what_stands_in_the_bar(
    tokensim: Driver, option: tuple[str, object]
) -> None:
    bar = tokensim.page.bar
    before = [bar._order_button.geometry(), bar._options_button.geometry()]
    tokensim.session.search.set_option(*option)
    QApplication.sendPostedEvents()
    assert [bar._order_button.geometry(), bar._options_button.geometry()] == before


def test_order_measure_filter_and_interface_are_in_the_menus(tokensim: Driver) -> None:
    menus = {menu.title(): menu for menu in tokensim.window.menus.all}
    search = {a.text(): a.menu() for a in menus["&Search"].actions() if a.menu()}
    assert list(search) == [
        "&Order",
        "O&ptions",
        "Which &tokens",
        "Which &script",
        "&Unusual tokens",
    ]
    next(a for a in search["&Order"].actions() if a.data() == "opposite").trigger()
    next(a for a in search["Which &tokens"].actions() if a.data() == "everything").trigger()
    assert tokensim.session.search.query.order == "opposite"
    assert tokensim.session.search.query.filter == TokenFilter()
    write_for = next(a.menu() for a in menus["&Edit"].actions() if a.text() == "I &write for")
    next(a for a in write_for.actions() if a.data() == "comfyui").trigger()
    assert tokensim.settings.write_for == "comfyui"


def test_a_low_window_leaves_the_room_to_the_table(start: Start, qtbot: QtBot) -> None:
    driver = start()
    driver.session.search.change_tray(lambda tray: tray.insert(list(range(2368, 2388)), 0))
    driver.window.resize(1200, 800)
    qtbot.waitUntil(lambda: driver.page.tray.height() > 60)
    driver.window.resize(560, 480)
    qtbot.waitUntil(lambda: driver.page.tray.height() < 60)


def test_the_picture_is_filled_by_the_map_and_says_how_far_to_trust_it(tokensim: Driver) -> None:
    before = tokensim.page.map.picture()
    image = tokensim.page.picture()
    ground = image.pixel(5, 5)
    columns = range(image.width() * 2 // 5, image.width(), 3)
    drawn = [
        y for y in range(0, image.height(), 3) if any(image.pixel(x, y) != ground for x in columns)
    ]
    assert len({y * 10 // image.height() for y in drawn}) >= 9  # room above the first name
    assert tokensim.page.map.picture() == before
