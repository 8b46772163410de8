"""Thousands of random events, in a real window: nothing raises, no tray token is lost.

TOKENSIM_SOAK=1 sends 10,000 of them for each seed and watches the memory; otherwise a tenth.
"""

import ctypes
import gc
import os
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from driver import LONG_MS, Driver
from made_tables import add_little
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from tokensim_gui.core.library.library import STARTER, TableLibrary
from tokensim_gui.core.values import TokenFilter
from tokensim_gui.core.vocabulary.vocabulary import Vocabulary
from tokensim_gui.state.settings import Settings
from tokensim_gui.state.tray_tokens import Tray, TrayToken
from tokensim_gui.ui.tokens.token_drag import mime_data
from tokensim_gui.ui.window.actions import Action
from tokensim_gui.ui.window.pick_list import PickList

SOAK = os.environ.get("TOKENSIM_SOAK") == "1"
SEEDS = (11, 12, 13) if SOAK else (11,)
EVENTS = 10_000 if SOAK else 1_000
SETTLED = 1_000  # events after which the memory may hardly grow any more
MOST_GROWTH_MB = 5
CHIPS = 60  # of the tray when memory is compared; random events leave fewer
EACH = 20  # tokens of each script that are put into the tray once, 249 in all
SCREEN = 25  # tokens that are seen at once, or more
TEXTS = (
    "cat",
    "(cute + girl) / 2",
    "(cute",
    "#42067",
    "",
    "sunset - sun",
    "`cat`",
    "zzzz qqq",
    "😅",
)
FILTERS = ("at", "/^c/", "#100..#200", "/(/")
WINDOWS = (
    Action.SETTINGS,
    Action.HELP,
    Action.ABOUT,
    Action.PALETTE,
    Action.HISTORY,
    Action.SAVED,
)
OTHER_WINDOW = """
import sys, random
from tokensim_gui.core import paths
from tokensim_gui.core.vocabulary.vocabulary import Vocabulary
from tokensim_gui.state.settings import Settings
from tokensim_gui.state.tray_tokens import Tray
clip = Vocabulary.load(paths.resource("starter"))
chance = random.Random(5)
print("ready", flush=True)
for line in sys.stdin:
    settings = Settings()
    tray = Tray(settings.tray, clip)
    tray.insert([int(line)], 0)
    settings.set("tray", tray.log)
    settings.set("last_query", chance.choice(["a", "b"]))
    print("written", flush=True)
"""


def memory_mb() -> float:
    """What is in use; what was given back and the C library still keeps does not count."""
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


class Events:
    """What a restless user does; each event is a method."""

    def __init__(self, driver: Driver, seed: int, tables: list[str], files: list[Path]) -> None:
        self.driver, self.session, self.window = driver, driver.session, driver.window
        self.chance = random.Random(seed)
        self.tables, self.files = tables, files
        self.kinds: list[Callable[[], bool]] = [
            self.type_a_query,
            self.toggle_in_the_tray,
            self.undo_in_the_tray,
            self.redo_in_the_tray,
            self.move_in_the_tray,
            self.switch_the_encoder,
            self.filter_the_list,
            self.show_a_page,
            self.select_a_token,
            self.change_the_view,
            self.drop_tokens_on_the_window,
            self.drop_tokens_on_the_tray,
            self.drop_a_file_on_the_window,
            self.walk_the_history,
            self.resize_the_window,
            self.write_a_prompt,
            self.open_or_close_a_window,
        ]

    def send(self) -> None:
        """One event; those that have nothing to do with the tray leave it as it is."""
        before = self.tokens()
        if not self.chance.choice(self.kinds)():
            assert self.tokens() == before
        QApplication.processEvents()

    def tokens(self) -> list[TrayToken]:
        return [token for token, _ in self.session.search.tray_places]

    def a_token(self) -> int:
        return self.chance.randrange(self.session.tables.vocabulary.rows)

    def type_a_query(self) -> bool:
        self.session.search.set_text(self.chance.choice(TEXTS))
        return False

    def toggle_in_the_tray(self) -> bool:
        """Put one in, or take up to three out: the tray is never long."""
        tray = self.session.search.tray
        tokens = [self.a_token()]
        if tray and self.chance.random() < 0.6:
            tokens = self.chance.sample(tray, min(3, len(tray)))
        self.session.search.change_tray(lambda tray: tray.toggle(tokens))
        return True

    def undo_in_the_tray(self) -> bool:
        self.session.search.step_tray(True)
        return True

    def redo_in_the_tray(self) -> bool:
        self.session.search.change_tray(Tray.redo)
        return True

    def move_in_the_tray(self) -> bool:
        count = len(self.tokens())
        if count:
            source, target = self.chance.randrange(count), self.chance.randrange(count)
            before = set(self.tokens())
            self.session.search.change_tray(lambda tray: tray.move(source, target))
            assert set(self.tokens()) == before
        return True

    def switch_the_encoder(self) -> bool:
        self.session.tables.show(self.chance.choice(self.tables))
        return False

    def filter_the_list(self) -> bool:
        text = self.chance.choice(("", *FILTERS))
        kinds = self.chance.choice(((), ("word",), ("part",)))
        self.session.search.set_filter(TokenFilter(text, kinds=kinds))
        return False

    def show_a_page(self) -> bool:
        page = self.chance.choice(("search", "search", "prompt", "compare", "encoders"))
        self.session.pageRequested.emit(page)
        return False

    def select_a_token(self) -> bool:
        self.session.search.select(self.chance.choice((None, self.a_token())))
        return False

    def change_the_view(self) -> bool:
        self.session.search.set_view(self.chance.choice(("neighbours", "vocabulary")))
        return False

    def drop_tokens_on_the_window(self) -> bool:
        self._drop(self.window, mime_data([self.a_token()], "cat"))
        return False

    def drop_tokens_on_the_tray(self) -> bool:
        token, before = self.a_token(), set(self.tokens())
        self._drop(self.driver.page.tray, mime_data([token], "cat"))
        assert token in self.session.search.tray
        assert before <= set(self.tokens())
        return True

    def drop_a_file_on_the_window(self) -> bool:
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(self.chance.choice(self.files)))])
        self._drop(self.window, data)
        self.session.encoders.cancel()
        return False

    def walk_the_history(self) -> bool:
        self.session.search.go(self.chance.choice(("back", "forward")))
        return False

    def resize_the_window(self) -> bool:
        self.window.resize(*self.chance.choice(((1400, 900), (900, 600), (560, 480))))
        return False

    def write_a_prompt(self) -> bool:
        text = self.chance.choice(("a (cat:1.2), dog", "", "long_hair, <lora:x:1>", "(" * 20))
        self.session.prompt.set_text(text, self.chance.choice(("prompt", "negative")))
        return False

    def open_or_close_a_window(self) -> bool:
        """One that is open is closed, so that there are never many."""
        others = self.other_windows()
        if others:
            self.chance.choice(others).close()
        else:
            self.window.menus.actions[self.chance.choice(WINDOWS)].trigger()
        return False

    def other_windows(self) -> list[QWidget]:
        every = (*QApplication.topLevelWidgets(), *self.window.findChildren(PickList))
        return [one for one in every if one.isVisible() and one is not self.window]

    def see_everything(self) -> None:
        """Show each token and open each window once: what draws them is loaded once and kept.

        Fonts are loaded for each size of text and never let go, so tokens of every script go
        through the card and the tray too. A tray longer than any before leaves memory in Qt's own
        tables, which the next as long a one uses: 200 chips of Latin tokens, made and given back,
        left 1.30 MB in use the first time and 0.03 the second; 200 of any script up to 3.1 MB
        while fonts were loaded, and then 0.2 to 0.4. Without this, drops on the tray made 4.1 of
        the 5.3 MB that 200 events of each kind left, one kind after the other.
        """
        session, qtbot = self.session, self.driver.qtbot
        self.rest()
        for action in WINDOWS:
            self.window.menus.actions[action].trigger()
            QApplication.processEvents()
        session.search.set_text("")
        for token in session.tables.vocabulary.order[::SCREEN].tolist():
            self.driver.page.table.scroll_to(token)
            QApplication.processEvents()
        scripts = session.tables.vocabulary.scripts
        crowd = [int(one) for kind in set(scripts) for one in (scripts == kind).nonzero()[0][:EACH]]
        for token in crowd:
            session.search.select(token)
            QApplication.processEvents()
        session.search.change_tray(lambda tray: tray.insert(crowd, 0))
        QApplication.processEvents()
        session.search.step_tray(True)
        qtbot.waitUntil(lambda: session.worker.is_idle, timeout=LONG_MS)
        # Python's table of names doubles, by 2 MB and once, when enough of them came and went.
        for number in range(100_000):
            sys.intern(f"name {number}")

    def rest(self) -> None:
        """Come back to the state in which memory is compared, and wait until nothing runs."""
        session = self.session
        for other in self.other_windows():
            other.close()
        session.pageRequested.emit("search")
        session.tables.drop()  # as happens minutes after Compare was left
        self.window.resize(1400, 900)
        session.tables.show(STARTER)
        self.wait()
        session.search.set_view("vocabulary")
        for text in ("", *FILTERS, ""):  # what finds them is made once for each vocabulary
            session.search.set_filter(TokenFilter(text))
        session.search.set_view("neighbours")
        session.search.set_text("cat")
        here = set(session.search.tray)
        more = [token for token in range(2_000, 2_000 + 2 * CHIPS) if token not in here]
        session.search.change_tray(lambda tray: tray.fill(tray.tokens[:CHIPS]))
        session.search.change_tray(lambda tray: tray.insert(more[: CHIPS - len(tray.tokens)], 0))
        self.wait()

    def memory_at_rest_mb(self) -> float:
        """Memory once what was on its way at the first rest is over too."""
        self.rest()
        self.rest()
        return memory_mb()

    def wait(self) -> None:
        session = self.session
        self.driver.qtbot.waitUntil(
            lambda: (
                session.encoders.running is None
                and session.worker.is_idle
                and session.search.is_current
                and session.tables.info.slug == STARTER
            ),
            timeout=LONG_MS,
        )

    def _drop(self, target: QWidget, data: QMimeData) -> None:
        at = QPoint(target.width() // 2, target.height() // 2)
        copy, left, none = (
            Qt.DropAction.CopyAction,
            Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.NoModifier,
        )
        QApplication.sendEvent(target, QDragEnterEvent(at, copy, data, left, none))
        QApplication.sendEvent(target, QDropEvent(QPointF(at), copy, data, left, none))


@pytest.mark.parametrize("seed", SEEDS)
def test_random_events_raise_nothing_and_lose_no_tray_token(
    start: Callable[..., Driver], qtbot: QtBot, tmp_path: Path, seed: int
) -> None:
    library = TableLibrary()
    tables = [STARTER, *(add_little(library, name) for name in ("One", "Two"))]
    damaged = tmp_path / "damaged.safetensors"
    damaged.write_bytes(b"\x08" + bytes(20))
    driver = start().ready()
    crashes: list[object] = []
    driver.session.crashed.connect(crashes.append)
    events = Events(driver, seed, tables, [damaged, tmp_path / "gone.ckpt"])
    other = subprocess.Popen(
        [sys.executable, "-c", OTHER_WINDOW],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    assert other.stdin is not None and other.stdout is not None
    assert other.stdout.readline() == "ready\n"
    added_elsewhere: set[int] = set()
    settled_mb = grown_mb = 0.0
    for number in range(1, EVENTS + 1):
        events.send()
        assert not crashes
        if number % 100 == 0:
            word = 1000 + number
            other.stdin.write(f"{word}\n")
            other.stdin.flush()
            assert other.stdout.readline() == "written\n"
            added_elsewhere.add(word)
            qtbot.waitUntil(lambda: driver.session.encoders.running is None, timeout=LONG_MS)
        if SOAK and number == SETTLED:
            events.see_everything()
            settled_mb = events.memory_at_rest_mb()
    events.rest()
    if SOAK:
        grown_mb = events.memory_at_rest_mb() - settled_mb
    other.communicate(timeout=30)
    assert other.returncode == 0
    driver.session.pageRequested.emit("search")
    qtbot.waitUntil(lambda: driver.session.encoders.running is None, timeout=LONG_MS)
    own = set(events.tokens())
    driver.close()
    vocabulary = Vocabulary.load(library.folder(STARTER))
    kept = Tray(Settings().tray, vocabulary)
    assert own <= set(kept.tokens)
    gone = {change.token.find(vocabulary) for change in Settings().tray if not change.is_in}
    assert added_elsewhere <= {*kept.ids, *gone}
    assert grown_mb <= MOST_GROWTH_MB
