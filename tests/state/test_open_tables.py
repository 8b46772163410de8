"""Opening tables whose tokenizers are large: everything that needs none goes before."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from made_tables import add_little
from pytestqt.qtbot import QtBot

from tokensim_gui.core.library.library import STARTER, TableLibrary
from tokensim_gui.core.values import TokenFilter
from tokensim_gui.jobs import tokenizers
from tokensim_gui.state.session import Session
from tokensim_gui.state.settings import Settings

LONG_MS = 60_000


@pytest.fixture
def let_load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Every tokenizer is large, and is loaded only after this was called."""
    monkeypatch.setattr(tokenizers, "_QUICK_BYTES", 0)
    program, gate = tmp_path / "program", tmp_path / "gate"
    program.write_text(
        f"#!{sys.executable}\n"
        "import os, sys, time\n"
        f"while not os.path.exists({str(gate)!r}): time.sleep(0.01)\n"
        f"os.execv({sys.executable!r}, [{sys.executable!r}, *sys.argv[1:]])\n"
    )
    program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(program))
    return gate.touch


@pytest.fixture
def session(let_load: Callable[[], None], qtbot: QtBot) -> Iterator[Session]:
    session = Session(Settings(), TableLibrary())
    session.show_first("")
    session.tables.show(STARTER)
    qtbot.waitUntil(lambda: session.tables.front is not None, timeout=LONG_MS)
    yield session
    session.close()


def ask(session: Session, text: str, qtbot: QtBot) -> list[int]:
    """The ids of the answer."""
    session.search.set_text(text)
    qtbot.waitUntil(lambda: session.search.is_current, timeout=LONG_MS)
    assert session.search.results is not None
    return [*map(int, session.search.results.ids)]


def show(session: Session, slug: str, qtbot: QtBot) -> None:
    """Bring a table to the front and wait for it."""
    session.tables.show(slug)
    qtbot.waitUntil(lambda: session.tables.current == slug, timeout=LONG_MS)


def test_a_text_waits_for_the_tokenizer_and_nothing_else_does(
    session: Session, let_load: Callable[[], None], qtbot: QtBot
) -> None:
    vocabulary = session.tables.vocabulary
    cat = vocabulary.id_of_piece("cat</w>")
    assert cat is not None and session.search.names([cat]) == ["cat"]
    with qtbot.waitSignal(session.search.idsChanged):
        session.search.set_filter(TokenFilter(text="cat"))
    session.search.set_text("cat")
    by_id = ask(session, f"#{cat}", qtbot)
    assert ask(session, "`cat</w>`", qtbot) == by_id
    session.search.set_option("order", "opposite")
    qtbot.waitUntil(lambda: session.search.is_current, timeout=LONG_MS)
    session.search.set_option("order", "nearest")
    session.search.set_text("cat")
    assert not session.search.is_current
    let_load()
    qtbot.waitUntil(lambda: session.search.is_current, timeout=LONG_MS)
    assert session.search.results is not None
    assert session.search.results.ids.tolist() == by_id


def test_the_prompt_is_read_once_the_tokenizer_is_there(
    session: Session, let_load: Callable[[], None], qtbot: QtBot
) -> None:
    session.prompt.set_shown(True)
    session.prompt.set_text("cute girl", "prompt")
    session.search.change_tray(lambda tray: tray.insert([2368], 0))
    counts: list[int] = []
    session.tray_count.changed.connect(counts.append)
    session.tray_count.ask("cute cat")
    let_load()
    qtbot.waitUntil(lambda: bool(counts) and session.prompt.reading is not None, timeout=LONG_MS)
    assert counts == [2]
    assert session.prompt.reading is not None and len(session.prompt.reading.prompt.tokens) == 2


def test_the_end_waits_for_no_tokenizer(session: Session) -> None:
    session.search.set_text("cat")
    session.close()  # and does not come back while the worker hangs


def test_the_way_back_to_a_table_finds_its_tokenizer_ready(
    session: Session, let_load: Callable[[], None], qtbot: QtBot
) -> None:
    let_load()
    ask(session, "cat", qtbot)
    session.tables.vocabulary.prepare()
    show(session, add_little(session.library, "Other"), qtbot)
    show(session, STARTER, qtbot)
    assert session.tables.vocabulary.prepare()


def test_the_way_back_to_a_table_finds_the_vocabulary_that_somebody_still_shows(
    session: Session, qtbot: QtBot
) -> None:
    other = add_little(session.library, "Other")
    shown = session.tables.vocabulary
    show(session, other, qtbot)
    assert session.tables.vocabulary is not shown
    show(session, STARTER, qtbot)
    assert session.tables.vocabulary is shown
