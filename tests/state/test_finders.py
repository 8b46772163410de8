"""Unusual tokens in the vocabulary, found by real child processes in real tables."""

from collections.abc import Iterator

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from tests.made_tables import WORDS, add_little, little_vectors
from tokensim_gui.core.library.library import TableLibrary
from tokensim_gui.core.values import TokenFilter
from tokensim_gui.state.finders import Finding
from tokensim_gui.state.session import Session
from tokensim_gui.state.settings import Settings

LONG_MS = 180_000  # processes of their own on a busy machine
CAT, DOG, SUN = (1 + WORDS.index(word) for word in ("cat", "dog", "sun"))


@pytest.fixture
def session(qtbot: QtBot) -> Iterator[Session]:
    """A table in which cat and dog are twins, and the sun is hardly there."""
    library = TableLibrary()
    vectors = little_vectors()
    vectors[DOG] = vectors[CAT]
    vectors[SUN] *= 0.01
    slug = add_little(library, "little", vectors=vectors)
    session = Session(Settings(), library, slug)
    session.show_first("cat")
    session.tables.show(slug)
    qtbot.waitUntil(lambda: session.tables.current == slug, timeout=LONG_MS)
    yield session
    session.close()


def found(session: Session, qtbot: QtBot, finder: str) -> Finding:
    session.finders.find(finder)

    def is_done() -> bool:
        finding = session.finders.finding
        return finding is not None and finding.finder == finder and finding.progress is None

    qtbot.waitUntil(is_done, timeout=LONG_MS)
    assert session.finders.finding is not None
    return session.finders.finding


def test_twins_take_the_place_of_all_tokens_each_with_its_reason(
    session: Session, qtbot: QtBot
) -> None:
    shown: list[list[int]] = []
    session.search.idsChanged.connect(lambda ids: shown.append(ids.tolist()))
    finding = found(session, qtbot, "twins")
    assert session.search.view == "vocabulary"
    assert shown[-1] == [*finding.reasons]
    assert set(shown[-1][:2]) == {CAT, DOG}
    assert finding.reasons[CAT].startswith(f"nearest: dog #{DOG}")
    session.finders.find("")
    assert session.finders.finding is None
    assert np.array_equal(shown[-1], session.tables.vocabulary.order)


def test_what_is_rare_comes_first_and_the_filter_holds_for_it(
    session: Session, qtbot: QtBot
) -> None:
    shown: list[list[int]] = []
    session.search.idsChanged.connect(lambda ids: shown.append(ids.tolist()))
    finding = found(session, qtbot, "rare")
    assert shown[-1][0] == SUN and finding.reasons[SUN] == "near the mean of all"
    session.search.set_filter(TokenFilter(text="o"))
    texts = [session.tables.vocabulary.display(token) for token in shown[-1]]
    assert texts and all("o" in text for text in texts)
    assert [token for token in finding.reasons if token in shown[-1]] == shown[-1]


def test_what_was_found_is_kept_while_the_table_is_open_and_forgotten_with_it(
    session: Session, qtbot: QtBot
) -> None:
    first = found(session, qtbot, "rare")
    session.finders.end()
    session.finders.find("rare")
    assert session.finders.finding is first
    other = add_little(session.library, "other", vectors=little_vectors(seed=1))
    session.tables.show(other)
    qtbot.waitUntil(lambda: session.tables.current == other, timeout=LONG_MS)
    assert session.finders.finding is None
    assert found(session, qtbot, "rare") is not first


def test_looking_can_be_ended_and_another_asked_for_meanwhile(
    session: Session, qtbot: QtBot
) -> None:
    session.finders.find("twins")
    assert session.finders.finding is not None and session.finders.finding.progress is not None
    session.finders.end()
    assert session.finders.finding is None
    session.finders.find("strangers")
    assert next(iter(found(session, qtbot, "rare").reasons)) == SUN


def test_a_failure_is_one_sentence_and_all_tokens_come_back(session: Session, qtbot: QtBot) -> None:
    said: list[str] = []
    session.noticed.connect(lambda notice: said.append(notice.text))
    session.library.remove(session.tables.current)
    session.finders.find("rare")
    qtbot.waitUntil(lambda: session.finders.finding is None, timeout=LONG_MS)
    assert said and "\n" not in said[-1]
