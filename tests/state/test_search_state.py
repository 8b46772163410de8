"""The state of the Search page with a real worker and a real library, without a window."""

from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from tokensim_gui.core.library.library import STARTER, TableLibrary
from tokensim_gui.core.values import Query, TokenFilter
from tokensim_gui.state.search import HISTORY_MS
from tokensim_gui.state.session import Session
from tokensim_gui.state.settings import Settings

LONG_MS = 30_000


@pytest.fixture
def session(qtbot: QtBot) -> Iterator[Session]:
    session = Session(Settings(), TableLibrary())
    session.show_first()
    yield session
    session.close()


@pytest.fixture
def ready(session: Session, qtbot: QtBot) -> Session:
    session.tables.show(STARTER)
    qtbot.waitUntil(lambda: session.search.is_current, timeout=LONG_MS)
    return session


def test_one_change_sends_one_query_and_one_answer(ready: Session, qtbot: QtBot) -> None:
    queries: list[Query] = []
    answers: list[object] = []
    ready.search.queryChanged.connect(queries.append)
    ready.search.resultsChanged.connect(answers.append)
    ready.search.set_text("cat")
    qtbot.waitUntil(lambda: ready.search.is_current, timeout=LONG_MS)
    assert [query.text for query in queries] == ["cat"]
    assert len(answers) == 1


def test_the_same_text_again_asks_nothing(ready: Session) -> None:
    queries: list[Query] = []
    ready.search.queryChanged.connect(queries.append)
    ready.search.set_text(ready.search.query.text)
    assert queries == []


def test_a_query_rests_before_it_enters_the_history(ready: Session, qtbot: QtBot) -> None:
    for text in ("c", "ca", "cat"):
        ready.search.set_text(text)
    with qtbot.waitSignal(ready.search.historyChanged, timeout=HISTORY_MS * 10):
        pass
    ready.search.go("back")
    assert ready.search.query.text == "(cute + girl) / 2"
    ready.search.go("forward")
    assert ready.search.query.text == "cat"


def test_options_are_remembered_and_the_default_is_not_written(ready: Session) -> None:
    ready.search.set_option("metric", "dot")
    ready.search.set_option("count", 50)
    assert (Settings().metric, Settings().count) == ("dot", 50)


def test_a_filter_asks_again_and_the_same_one_does_not(ready: Session, qtbot: QtBot) -> None:
    emoji = TokenFilter(scripts=("Emoji",))
    with qtbot.waitSignal(ready.search.resultsChanged, timeout=LONG_MS):
        ready.search.set_filter(emoji)
    with qtbot.assertNotEmitted(ready.search.resultsChanged, wait=200):
        ready.search.set_filter(emoji)


def test_a_table_that_is_not_there_is_one_sentence(ready: Session, qtbot: QtBot) -> None:
    with qtbot.waitSignal(ready.noticed) as said:
        ready.tables.show("nowhere")
    assert said.args is not None
    assert "nowhere" in said.args[0].text
    assert ready.tables.info.slug == STARTER


def test_looking_up_a_part_asks_for_exactly_that_piece(ready: Session, qtbot: QtBot) -> None:
    part = ready.tables.vocabulary.id_of_piece("post")
    assert part is not None
    ready.search.look_up(part)
    qtbot.waitUntil(lambda: ready.search.is_current, timeout=LONG_MS)
    assert ready.search.results is not None
    assert [own.id for own in ready.search.results.own] == [part]


def test_a_signal_for_the_tray_carries_the_new_tray(session: Session, qtbot: QtBot) -> None:
    with qtbot.waitSignal(session.search.trayChanged) as changed:
        session.search.change_tray(lambda tray: tray.toggle([2368, 1611]))
    assert changed.args is not None
    assert [token for _, token in changed.args[0]] == [2368, 1611]
    session.search.step_tray(True)
    assert session.search.tray == ()


def test_tray_and_query_survive_a_program_that_is_killed(ready: Session, qtbot: QtBot) -> None:
    ready.search.change_tray(lambda tray: tray.insert([2368, 1929], 0))
    ready.search.set_text("cat")
    with qtbot.waitSignal(ready.search.historyChanged, timeout=HISTORY_MS * 10):
        pass
    left = Settings()
    kept = [change.token.id for change in left.tray]
    assert (kept, left.last_query) == ([2368, 1929], "cat")
