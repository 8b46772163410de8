from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from tests.made_tables import add_little
from tokensim_gui.core.library.library import STARTER, TableLibrary
from tokensim_gui.state.notice import Notice, Offer
from tokensim_gui.state.session import Session
from tokensim_gui.state.settings import Settings

UNDO, REDO = (Offer("Undo", "encoders", "undo"),), (Offer("Redo", "encoders", "redo"),)


class Changed:
    """What is on this computer, and all that was said while it changed."""

    def __init__(self, qtbot: QtBot) -> None:
        self.qtbot = qtbot
        self.library = TableLibrary()
        self.slugs = [add_little(self.library, name) for name in ("One", "Two", "Three")]
        self.session = Session(Settings(), self.library)
        self.changes = self.session.encoders.changes
        self.said: list[Notice] = []
        self.session.noticed.connect(self.said.append)

    def names(self) -> list[str]:
        return [info.name for info in self.library.tables()][1:]

    def use(self, slug: str) -> None:
        self.session.tables.show(slug)
        self.wait_for(slug)

    def wait_for(self, slug: str) -> None:
        self.qtbot.waitUntil(lambda: self.session.tables.info.slug == slug, timeout=30_000)


@pytest.fixture
def changed(qtbot: QtBot) -> Iterator[Changed]:
    changed = Changed(qtbot)
    yield changed
    changed.session.close()


def test_what_was_renamed_and_removed_is_taken_back_and_done_again_in_order(
    changed: Changed,
) -> None:
    states = [changed.names()]
    changed.changes.rename("one", " Mine ")
    states.append(changed.names())
    changed.changes.remove("two")
    states.append(changed.names())
    changed.changes.rename("one", "Ours")
    states.append(changed.names())
    assert states[-1] == ["Ours", "Three"]
    assert [notice.text for notice in changed.said] == [
        "Renamed “One” to “Mine”.",
        "Removed “Two” from this computer.",
        "Renamed “Mine” to “Ours”.",
    ]
    assert all(notice.offers == UNDO for notice in changed.said)
    for state in reversed(states[:-1]):
        changed.changes.undo()
        assert changed.names() == state
        assert changed.said[-1].offers == REDO
    for state in states[1:]:
        changed.changes.redo()
        assert changed.names() == state
        assert changed.said[-1].offers == UNDO


def test_a_new_change_ends_what_could_be_done_again(changed: Changed) -> None:
    changed.changes.rename("one", "Mine")
    changed.changes.undo()
    changed.changes.rename("two", "Other")
    changed.changes.redo()
    assert changed.names() == ["One", "Other", "Three"]
    assert changed.said[-1] == Notice("There is nothing to redo among the encoders.")


def test_removing_the_encoder_in_use_and_undoing_puts_it_back_into_use(changed: Changed) -> None:
    changed.use("two")
    changed.changes.remove("two")
    changed.wait_for(STARTER)
    changed.changes.undo()
    changed.wait_for("two")
    changed.changes.redo()
    changed.wait_for(STARTER)


def test_undoing_the_removal_of_another_leaves_the_encoder_in_use(changed: Changed) -> None:
    changed.use("one")
    changed.changes.remove("two")
    changed.changes.undo()
    assert changed.session.tables.info.slug == "one"
    changed.use("three")  # whatever was asked for before has been answered by now
    assert changed.session.tables.info.slug == "three"


def test_a_table_that_comes_back_beside_its_successor_keeps_its_own_changes(
    changed: Changed,
) -> None:
    changed.changes.rename("one", "Mine")
    changed.changes.remove("one")
    add_little(changed.library, "One", replaces="one")
    changed.changes.undo()
    assert changed.names() == ["Mine", "Two", "Three", "One"]
    changed.changes.undo()
    assert changed.names() == ["One", "Two", "Three", "One"]
    assert changed.library.info("mine").name == "One"


def test_what_another_window_removed_is_said_and_does_not_stop_undoing(changed: Changed) -> None:
    changed.changes.rename("two", "Mine")
    changed.changes.rename("one", "Gone")
    other = TableLibrary(changed.library.root)
    other.remove("one")
    other.empty_trash()
    changed.changes.undo()
    assert "“one”" in changed.said[-1].text
    changed.changes.undo()
    assert changed.names() == ["Two", "Three"]


def test_what_the_disk_refused_can_be_undone_once_it_lets_us(
    changed: Changed, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed.changes.remove("two")
    index = changed.library.root / "library.json"
    kept = index.read_bytes()
    index.unlink()
    index.mkdir()  # a name that can't be written over
    (index / "x").touch()
    changed.changes.undo()
    assert changed.said[-1].offers == ()
    (index / "x").unlink()
    index.rmdir()
    index.write_bytes(kept)
    changed.changes.undo()
    assert changed.names() == ["One", "Two", "Three"]


def test_what_was_removed_is_deleted_when_the_window_closes(changed: Changed) -> None:
    folder = changed.library.folder("two")
    changed.changes.remove("two")
    assert folder.exists()
    changed.session.close()
    assert not folder.exists()


def test_what_is_built_in_is_refused_in_a_sentence(changed: Changed) -> None:
    changed.changes.remove(STARTER)
    assert changed.said[-1].text == "The starter words are built in and can't be removed."
    changed.changes.undo()
    assert changed.said[-1].text == "There is nothing to undo among the encoders."
