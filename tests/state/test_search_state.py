"""The state of the Search page with a real worker and a real library, without a window."""

from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from tokensim_gui.core.library.library import STARTER, TableLibrary
from tokensim_gui.core.values import Query, TokenFilter
from tokensim_gui.jobs.worker import Worker
from tokensim_gui.state.settings import Settings
from tokensim_gui.state.workspace import HISTORY_MS, Workspace

LONG_MS = 30_000


@pytest.fixture
def workspace(qtbot: QtBot) -> Iterator[Workspace]:
    worker = Worker()
    workspace = Workspace(Settings(), TableLibrary(), worker)
    workspace.show_first()
    yield workspace
    workspace.close()
    worker.close()


@pytest.fixture
def ready(workspace: Workspace, qtbot: QtBot) -> Workspace:
    workspace.open_table(STARTER)
    qtbot.waitUntil(lambda: workspace.is_current, timeout=LONG_MS)
    return workspace


def test_one_change_sends_one_query_and_one_answer(ready: Workspace, qtbot: QtBot) -> None:
    queries: list[Query] = []
    answers: list[object] = []
    ready.queryChanged.connect(queries.append)
    ready.resultsChanged.connect(answers.append)
    ready.set_text("cat")
    qtbot.waitUntil(lambda: ready.is_current, timeout=LONG_MS)
    assert [query.text for query in queries] == ["cat"]
    assert len(answers) == 1


def test_the_same_text_again_asks_nothing(ready: Workspace) -> None:
    queries: list[Query] = []
    ready.queryChanged.connect(queries.append)
    ready.set_text(ready.query.text)
    assert queries == []


def test_a_query_rests_before_it_enters_the_history(ready: Workspace, qtbot: QtBot) -> None:
    for text in ("c", "ca", "cat"):
        ready.set_text(text)
    with qtbot.waitSignal(ready.historyChanged, timeout=HISTORY_MS * 10):
        pass
    ready.go("back")
    assert ready.query.text == "(cute + girl) / 2"
    ready.go("forward")
    assert ready.query.text == "cat"


def test_options_are_remembered_and_the_default_is_not_written(ready: Workspace) -> None:
    ready.set_option("metric", "dot")
    ready.set_option("count", 50)
    assert (Settings().metric, Settings().count) == ("dot", 50)


def test_a_filter_asks_again_and_the_same_one_does_not(ready: Workspace, qtbot: QtBot) -> None:
    emoji = TokenFilter(scripts=("Emoji",))
    with qtbot.waitSignal(ready.resultsChanged, timeout=LONG_MS):
        ready.set_filter(emoji)
    with qtbot.assertNotEmitted(ready.resultsChanged, wait=200):
        ready.set_filter(emoji)


def test_a_table_that_is_not_there_is_one_sentence(ready: Workspace, qtbot: QtBot) -> None:
    with qtbot.waitSignal(ready.noticed) as said:
        ready.open_table("nowhere")
    assert said.args is not None
    assert "nowhere" in said.args[0].text
    assert ready.info.slug == STARTER


def test_looking_up_a_part_asks_for_exactly_that_piece(ready: Workspace, qtbot: QtBot) -> None:
    part = ready.vocabulary.id_of_piece("post")
    assert part is not None
    ready.look_up(part)
    qtbot.waitUntil(lambda: ready.is_current, timeout=LONG_MS)
    assert ready.results is not None
    assert [own.id for own in ready.results.own] == [part]


def test_a_signal_for_the_tray_carries_the_new_tray(workspace: Workspace, qtbot: QtBot) -> None:
    with qtbot.waitSignal(workspace.trayChanged) as changed:
        workspace.change_tray(lambda tray: tray.toggle([2368, 1611]))
    assert changed.args == [(2368, 1611)]
    workspace.undo_tray()
    assert workspace.tray == ()


def test_tray_and_query_survive_a_program_that_is_killed(ready: Workspace, qtbot: QtBot) -> None:
    ready.change_tray(lambda tray: tray.insert([2368, 1929], 0))
    ready.set_text("cat")
    with qtbot.waitSignal(ready.historyChanged, timeout=HISTORY_MS * 10):
        pass
    left = Settings()
    assert (left.tray, left.last_query) == ((2368, 1929), "cat")
