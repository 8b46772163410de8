from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel, QPushButton, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from tokensim_gui.core.checkpoints.scan import ModelFolder
from tokensim_gui.core.files.table import FILE_NAME, save_table
from tokensim_gui.core.job import Progress
from tokensim_gui.core.library.library import TableLibrary
from tokensim_gui.core.vocabulary.vocabulary import Vocabulary
from tokensim_gui.state.encoders import Problem, Running
from tokensim_gui.state.file_checks import Check, Found, Look
from tokensim_gui.state.session import Session
from tokensim_gui.state.settings import Settings
from tokensim_gui.ui import theme
from tokensim_gui.ui.encoders_page.checkpoint_card import CheckpointCard
from tokensim_gui.ui.encoders_page.encoders_page import EncodersPage
from tokensim_gui.ui.encoders_page.fetch_row import FetchRow
from tokensim_gui.ui.encoders_page.found_row import FoundRow
from tokensim_gui.ui.encoders_page.table_row import TableRow
from tokensim_gui.ui.widgets.elided_label import ElidedLabel
from tokensim_gui.ui.window.actions import Action

KEY = Qt.Key


def add_table(library: TableLibrary, name: str) -> str:
    data = np.ones((1000, 64), np.float16).tobytes()
    with library.adding(name) as new:
        Vocabulary.build(None, 1000).save(new.folder)
        save_table(
            new.folder, name, "none", "F16", 1000, 64, [data], source=f"/m/{name}.ckpt", key="k"
        )
    return new.slug


class Shown:
    """A page over a library with two tables, without a window around it."""

    def __init__(self, qtbot: QtBot) -> None:
        self.library = TableLibrary()
        self.slugs = [add_table(self.library, name) for name in ("one", "two")]
        self.session = Session(Settings(), self.library)
        self.encoders = self.session.encoders
        self.page = EncodersPage(self.session)
        qtbot.addWidget(self.page)
        self.page.resize(900, 600)
        self.page.show()
        qtbot.waitExposed(self.page)

    def row(self, slug: str) -> TableRow:
        rows = self.page.findChildren(TableRow)
        return next(row for row in rows if row._slug == slug and not row.isHidden())

    def rows(self) -> list[str]:
        """The slugs shown, from top to bottom."""
        QApplication.processEvents()
        rows = [row for row in self.page.findChildren(TableRow) if not row.isHidden()]
        rows.sort(key=lambda row: row.mapTo(self.page, row.pos()).y())
        return [row._slug for row in rows]

    def choose(self, slug: str, what: str) -> None:
        action = next(a for a in self.row(slug)._menu.actions() if a.data() == what)
        action.trigger()

    def fetch_row(self, name: str) -> FetchRow:
        return next(r for r in self.page.findChildren(FetchRow) if r._entry.name == name)


@pytest.fixture
def shown(qtbot: QtBot, qapp: QApplication) -> Iterator[Shown]:
    theme.apply(qapp, "light")
    shown = Shown(qtbot)
    yield shown
    shown.page.close()
    shown.session.close()


def button(parent: object, words: str) -> QPushButton:
    return next(b for b in parent.findChildren(QPushButton) if b.text() == words and b.isVisible())


def texts(parent: object) -> str:
    return "\n".join(label.text() for label in parent.findChildren(QLabel) if label.isVisible())


def test_each_table_says_what_it_is(shown: Shown) -> None:
    assert shown.rows() == ["starter", "one", "two"]
    assert "1,000 × 64 · 1 MB · token vectors" in texts(shown.row("one"))
    assert "49,408 × 384 · 19 MB · token vectors" in texts(shown.row("starter"))


def test_the_foot_counts_what_is_here_and_shows_where(
    shown: Shown, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "3 encoders · 19 MB" in texts(shown.page.foot)  # the two are equal
    shown.encoders.changes.remove("two")
    assert "2 encoders · 19 MB" in texts(shown.page.foot)
    opened: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url.toLocalFile()))
    button(shown.page, "Show folder").click()
    assert opened == [str(shown.library.root)]


def test_a_vocabulary_without_vectors_says_that_it_is_one(shown: Shown) -> None:
    with shown.library.adding("bare") as new:
        Vocabulary.build(None, 1000).save(new.folder)
        save_table(new.folder, "bare", "none", "F32", 1000, 0, ())
    shown.page.refresh()
    assert "1,000 tokens · a vocabulary without vectors" in texts(shown.row("bare"))
    assert "× 0" not in texts(shown.page)


def cards(shown: Shown) -> dict[str, CheckpointCard]:
    found = shown.page.findChildren(CheckpointCard)
    return {card.accessibleName(): card for card in found if not card.isHidden()}


def test_a_checkpoint_is_a_card_that_holds_its_encoders(shown: Shown) -> None:
    assert list(cards(shown)) == ["Built in", "one.ckpt", "two.ckpt"]
    assert "1 MB · 20" in texts(cards(shown)["one.ckpt"])
    shown.library.remove("two")
    data = np.full((1000, 64), 2, np.float16).tobytes()
    with shown.library.adding("bigG") as new:
        Vocabulary.build(None, 1000).save(new.folder)
        save_table(
            new.folder, "bigG", "none", "F16", 1000, 64, [data], source="/m/one.ckpt", key="g"
        )
    shown.page.refresh()
    assert list(cards(shown)) == ["Built in", "one.ckpt"]
    rows = cards(shown)["one.ckpt"].findChildren(TableRow)
    assert [row.accessibleName() for row in rows] == ["one", "bigG"]


def test_the_table_in_use_is_marked_and_another_can_be_used(shown: Shown, qtbot: QtBot) -> None:
    assert shown.row("starter")._use.text() == "In use"
    assert not shown.row("starter")._use.isEnabled()
    with qtbot.waitSignal(shown.session.tables.frontChanged, timeout=30_000):
        shown.row("one")._use.click()
    assert shown.row("one")._use.text() == "In use"
    assert shown.row("starter")._use.isEnabled()


def test_a_long_name_is_cut_before_the_buttons_leave_the_page(shown: Shown) -> None:
    shown.library.rename("one", "A name that goes on and on " * 6)
    shown.encoders.changed.emit()
    shown.page.resize(536, 400)
    QApplication.processEvents()
    assert shown.page._scroll.horizontalScrollBar().maximum() == 0
    row = shown.row("one")
    assert row._more.mapTo(shown.page, row._more.rect().topRight()).x() < 536
    assert row._name.toolTip() == row._name.text()


def test_a_table_is_renamed_in_its_row(shown: Shown, qtbot: QtBot) -> None:
    height = shown.row("one").height()
    shown.choose("one", "rename")
    edit = shown.row("one")._edit
    QApplication.processEvents()
    assert shown.row("one").height() == height
    assert edit.isVisible() and edit.selectedText() == "one"
    qtbot.keyClicks(edit, "Uno")
    qtbot.keyClick(edit, KEY.Key_Return)
    assert not edit.isVisible()
    assert shown.library.info("one").name == "Uno"
    assert "Uno" in texts(shown.row("one"))


def test_escape_leaves_the_name_as_it_was(shown: Shown, qtbot: QtBot) -> None:
    row = shown.row("one")
    row._more.setFocus()
    qtbot.keyClick(row._more, KEY.Key_F2)
    qtbot.keyClicks(row._edit, "Uno")
    qtbot.keyClick(row._edit, KEY.Key_Escape)
    assert not row._edit.isVisible() and row._more.hasFocus()
    assert shown.library.info("one").name == "one"


def test_a_removed_row_goes_and_the_others_stay(shown: Shown, qtbot: QtBot) -> None:
    kept = shown.row("two")
    qtbot.keyClick(shown.row("one")._more, KEY.Key_Delete)
    assert shown.rows() == ["starter", "two"]
    assert shown.row("two") is kept
    shown.encoders.changes.undo()
    assert shown.rows() == ["starter", "one", "two"]


def test_removing_the_table_in_use_goes_back_to_the_starter(shown: Shown, qtbot: QtBot) -> None:
    with qtbot.waitSignal(shown.session.tables.frontChanged, timeout=30_000):
        shown.row("one")._use.click()
    with qtbot.waitSignal(shown.session.tables.frontChanged, timeout=30_000):
        shown.choose("one", "remove")
    assert shown.session.tables.info.slug == "starter"


def test_the_starter_can_be_neither_renamed_nor_removed(shown: Shown, qtbot: QtBot) -> None:
    assert [a.data() for a in shown.row("starter")._menu.actions()] == ["verify", "export"]
    qtbot.keyClick(shown.row("starter")._more, KEY.Key_Delete)
    assert "starter" in shown.rows()


def test_a_check_is_shown_where_the_facts_are(shown: Shown, qtbot: QtBot) -> None:
    facts = shown.row("one")._facts
    before = facts.text()
    shown.page.tables.set_check(Check("one", Progress(1, 4)))
    assert facts.text() == "Comparing with the checksum of its import… 25%"
    assert "checksum" not in shown.row("two")._facts.text()
    shown.page.tables.set_check(None)
    assert facts.text() == before
    with qtbot.waitSignal(shown.encoders.files.checked):
        shown.choose("one", "verify")


def test_a_damaged_table_says_so_and_can_be_removed(shown: Shown) -> None:
    (shown.library.folder("one") / FILE_NAME).write_bytes(b"x")
    shown.page.refresh()
    row = shown.row("one")
    assert shown.rows() == ["starter", "two", "one"]
    assert row._facts.text().endswith(".")
    error = theme.colours().colour("error")
    assert row._facts.palette().color(row._facts.foregroundRole()) == error
    assert not row._use.isVisible()
    assert [a.data() for a in row._menu.actions() if a.isVisible()] == ["folder", "remove"]
    shown.choose("one", "remove")
    assert shown.rows() == ["starter", "two"]


def test_the_folder_is_shown_or_told(shown: Shown, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    shown.session.noticed.connect(lambda notice: said.append(notice.text))
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: False)
    shown.choose("one", "folder")
    assert said == [f"It is in {shown.library.folder('one')}."]


def test_what_another_window_imported_is_there_when_the_page_is_shown(shown: Shown) -> None:
    shown.page.hide()
    add_table(TableLibrary(), "three")
    shown.page.show()
    assert "three" in shown.rows()


def test_without_tables_the_page_says_what_to_do(shown: Shown) -> None:
    assert "Only the starter words are here yet" not in texts(shown.page)
    for slug in shown.slugs:
        shown.encoders.changes.remove(slug)
    assert "Only the starter words are here yet" in texts(shown.page)


# Fetching -----------------------------------------------------------------------------------


def test_what_can_be_fetched_has_size_and_licence(shown: Shown) -> None:
    row = shown.fetch_row("CLIP-L")
    assert "152 MB out of 1.7 GB · licence MIT · openai/clip-vit-large-patch14" in texts(row)
    assert "SD 1.5, SDXL" in texts(row)


def test_a_click_asks_for_that_file_alone(shown: Shown, qtbot: QtBot) -> None:
    with qtbot.waitSignal(shown.page.fetch.fetchRequested) as asked:
        shown.page.fetch.fetchRequested.disconnect(shown.page._on_fetch_requested)
        shown.fetch_row("CLIP-L")._button.click()
    assert asked.args == ["openai/clip-vit-large-patch14:model.safetensors"]


def test_a_row_says_that_it_runs_waits_is_here_or_can_go_on(shown: Shown) -> None:
    words = [shown.fetch_row(name)._button for name in ("CLIP-L", "OpenCLIP bigG")]
    source, other = (f"hf:{e.address}" for e in shown.encoders.catalogue()[:2])
    shown.page.fetch.set_running(Running(source, "CLIP-L", waiting=(other,)))
    assert [b.text() for b in words] == ["Fetching…", "Waits"]
    assert not any(b.isEnabled() for b in words)
    shown.page.fetch.set_running(None)
    came = {"stabilityai/stable-diffusion-xl-base-1.0": 40_000_000}
    shown.page.fetch.set_here(shown.encoders.catalogue()[:1], came)
    assert [b.text() for b in words] == ["Here", "Resume"]
    assert "40 MB of 126 MB are here" in texts(shown.fetch_row("OpenCLIP bigG"))


@pytest.mark.parametrize(
    ("typed", "allowed"),
    [("", False), ("a", False), ("a/b", True), ("a/b:", False), ("a/b:c.safetensors", True)],
)
def test_any_repository_can_be_named(shown: Shown, qtbot: QtBot, typed: str, allowed: bool) -> None:
    fetch = shown.page.fetch
    asked: list[str] = []
    fetch.fetchRequested.disconnect(shown.page._on_fetch_requested)
    fetch.fetchRequested.connect(asked.append)
    qtbot.keyClicks(fetch._address, typed)
    assert fetch._fetch.isEnabled() == allowed
    qtbot.keyClick(fetch._address, KEY.Key_Return)
    assert asked == ([typed] if allowed else [])


def test_what_names_no_repository_is_said_to_until_it_is_changed(
    shown: Shown, qtbot: QtBot
) -> None:
    fetch = shown.page.fetch
    qtbot.keyClicks(fetch._address, "not a repo")
    assert "names no repository" not in texts(fetch)
    qtbot.keyClick(fetch._address, KEY.Key_Return)
    assert "“not a repo” names no repository. Write OWNER/REPO" in texts(fetch)
    qtbot.keyClick(fetch._address, KEY.Key_Backspace)
    assert "names no repository" not in texts(fetch)


# Progress and problems ----------------------------------------------------------------------


def test_a_running_import_shows_bar_and_cancel(shown: Shown, qtbot: QtBot) -> None:
    progress = shown.page.progress
    assert not progress.isVisible()
    half = Progress(3_000_000_000, 6_000_000_000, "Saving a")
    progress.show_running(Running("/a", "a", half, ("/b",)))
    assert progress._bar.value() * 2 == progress._bar.maximum()
    assert "Saving a… 50%" in texts(progress) and "1 more after this" in texts(progress)
    progress.show_running(Running("/a", "a"))
    assert progress._bar.maximum() == 0
    with qtbot.waitSignal(progress.cancelRequested):
        button(progress, "Cancel").click()
    progress.show_running(None)
    assert not progress.isVisible()


def test_a_problem_stays_until_it_is_closed(shown: Shown) -> None:
    shown.encoders._set_problem(Problem("It is damaged.", "/m/a.ckpt"))
    strip = shown.page.problem
    assert strip.isVisible() and "It is damaged." in texts(strip)
    assert button(strip, "Try again")
    shown.encoders._set_problem(Problem("It is built in."))
    assert not strip._again.isVisible()
    strip.findChild(QToolButton).click()
    assert not strip.isVisible()


def test_try_again_reads_the_same_source(shown: Shown, tmp_path: Path, qtbot: QtBot) -> None:
    shown.encoders._set_problem(Problem("It failed.", str(tmp_path / "absent.ckpt")))
    button(shown.page.problem, "Try again").click()
    assert not shown.page.problem.isVisible()
    qtbot.waitUntil(shown.page.problem.isVisible, timeout=30_000)
    assert "absent.ckpt" in texts(shown.page.problem)


# Looking ------------------------------------------------------------------------------------


def test_looking_asks_first_and_reads_only_what_is_ticked(shown: Shown, qtbot: QtBot) -> None:
    finder = shown.page.finder
    finder.lookRequested.disconnect(shown.encoders.files.look)
    assert not finder.isVisible()
    finder.ask([ModelFolder("ComfyUI", Path("/a & b")), ModelFolder("InvokeAI", Path("/c"))])
    assert [box.text() for box in finder._boxes] == ["ComfyUI:  /a && b", "InvokeAI:  /c"]
    finder._boxes[1].click()
    with qtbot.waitSignal(finder.lookRequested) as asked:
        button(finder, "Look in these folders").click()
    assert asked.args == [[Path("/a & b")]]
    finder._boxes[0].click()
    assert not finder._look.isEnabled()
    button(finder, "Not now").click()
    assert not finder.isVisible()


def test_without_known_folders_one_can_be_added(
    shown: Shown, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    finder = shown.page.finder
    finder.ask([])
    assert "Add the folder in which you keep models." in texts(finder)
    assert not finder._look.isEnabled()
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(tmp_path))
    button(finder, "Add folder…").click()
    assert finder._look.isEnabled()
    assert finder._boxes[0].text() == f"Yours:  {tmp_path}"


def test_what_was_found_is_listed_and_can_be_opened(shown: Shown, qtbot: QtBot) -> None:
    finder = shown.page.finder
    finder.openRequested.disconnect(shown.encoders.open_path)
    finder.show_look(Look(True, 1234))
    assert "1,234 files and folders so far." in texts(finder)
    with qtbot.waitSignal(finder.stopRequested):
        button(finder, "Stop").click()
    found = tuple(
        Found(Path(f"/m/{n}.ckpt"), (("CLIP-L", 75_890_688), ("T5", 1))) for n in range(201)
    )
    finder.show_look(Look(False, 5000, found))
    said = texts(finder)
    assert "201 checkpoints with token vectors" in said
    assert "The first 200 are listed." in said
    assert "0.ckpt: CLIP-L (76 MB), T5 (1 MB)" in said
    row = finder.findChildren(FoundRow)[0]
    with qtbot.waitSignal(finder.openRequested) as asked:
        button(row, "Open").click()
    assert asked.args == [Path("/m/0.ckpt")]
    finder.set_running(Running("/m/0.ckpt", "0.ckpt"))
    assert (row._open.text(), row._open.isEnabled()) == ("Opening…", False)
    finder.set_running(None)
    assert row._open.isEnabled()
    finder.show_look(Look(False, 7))
    assert "No checkpoint was found" in texts(finder)


# The page -----------------------------------------------------------------------------------


def test_the_buttons_on_top_are_actions_of_the_menus(shown: Shown) -> None:
    asked: list[Action] = []
    shown.page.actionRequested.connect(asked.append)
    for words in ("Open checkpoint…", "Open model folder…", "Find on this computer…"):
        button(shown.page, words).click()
    assert asked == [Action.OPEN_FILE, Action.OPEN_FOLDER, Action.FIND_CHECKPOINTS]


def test_every_button_has_a_name_of_its_own_and_takes_the_focus(shown: Shown) -> None:
    shown.page.finder.show_look(Look(False, 1, (Found(Path("/m/a.ckpt"), (("x", 1),)),)))
    kinds = (QPushButton, QToolButton)
    buttons = [b for kind in kinds for b in shown.page.findChildren(kind) if b.isVisible()]
    names = [b.accessibleName() or b.text() for b in buttons]
    assert len(set(names)) == len(names)
    alone = [b for b in buttons if b.property("look") != "part"]  # arrows walk between those
    assert all(b.focusPolicy() & Qt.FocusPolicy.TabFocus for b in alone)


@pytest.mark.parametrize("step", ["asking", "found"])
def test_tab_walks_from_top_to_bottom(shown: Shown, step: str) -> None:
    finder = shown.page.finder
    if step == "asking":
        finder.ask([ModelFolder("ComfyUI", Path(f"/{n}")) for n in range(3)])
    else:
        found = tuple(Found(Path(f"/m/{n}.ckpt"), (("x", 1),)) for n in range(3))
        finder.show_look(Look(False, 1, found))
    add_table(shown.library, "three")
    shown.page.refresh()
    shown.page.resize(900, 1500)
    QApplication.processEvents()
    start = button(shown.page, "Encoders")
    walked: list[QWidget] = [start]
    while (widget := walked[-1].nextInFocusChain()) is not start:
        walked.append(widget)
    stops = [
        widget
        for widget in walked
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        and widget.isVisible()
        and widget.focusProxy() is None
    ]
    places = [widget.mapTo(shown.page, widget.rect().center()) for widget in stops]
    assert len(stops) > 20
    assert places == sorted(places, key=lambda place: (place.y(), place.x()))


def test_a_long_name_is_cut_and_does_not_widen_the_page(shown: Shown) -> None:
    shown.encoders.changes.rename("one", "x" * 200)
    shown.encoders._set_problem(Problem(f"/{'y' * 40}/" * 8 + " is damaged."))
    assert shown.page.minimumSizeHint().width() <= 560
    label = ElidedLabel()
    label.setText("x" * 500)
    assert label.minimumSizeHint().width() == 0 and label.toolTip() == "x" * 500


def test_a_whole_encoder_whose_file_is_gone_offers_no_prompts(
    shown: Shown, tmp_path: Path, qtbot: QtBot
) -> None:
    file = tmp_path / "whole.safetensors"
    file.touch()
    with shown.library.adding("whole") as new:
        Vocabulary.build(None, 1000).save(new.folder)
        data = np.ones((1000, 64), np.float16).tobytes()
        save_table(
            *(new.folder, "whole", "none", "F16", 1000, 64, [data]),
            source=str(file), key="k", whole="CLIP-L", guess="By its size.",
        )  # fmt: skip
    shown.page.refresh()

    def facts() -> str:
        labels = shown.row(new.slug).findChildren(ElidedLabel)
        return next(label.text() for label in labels if "1,000 × 64" in label.text())

    def offers_prompts() -> bool:
        actions = shown.row(new.slug)._menu.actions()
        return next(a for a in actions if a.data() == "prompts").isVisible()

    assert "can compare prompts · names by a guess" in facts() and offers_prompts()
    tips = [label.toolTip() for label in shown.row(new.slug).findChildren(ElidedLabel)]
    assert f"{facts()}\nBy its size." in tips
    file.unlink()
    shown.page.refresh()
    qtbot.waitUntil(lambda: "is gone" in facts(), timeout=30_000)
    assert "can compare" not in facts() and not offers_prompts()
