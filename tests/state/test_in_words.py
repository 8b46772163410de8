"""A vector in words, with a real worker and the real starter, without a window."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from pytestqt.qtbot import QtBot

from tokensim_gui.core.library.library import STARTER, TableLibrary
from tokensim_gui.core.values import Explanation, TokenFilter
from tokensim_gui.state.in_words import WORDS
from tokensim_gui.state.session import Session
from tokensim_gui.state.settings import Settings

LONG_MS = 30_000


@pytest.fixture
def session(qtbot: QtBot) -> Iterator[Session]:
    session = Session(Settings(), TableLibrary())
    session.search.query_filter_at_start(TokenFilter(kinds=("word",), typeable=("alone",)))
    session.show_first("king - man + woman")
    session.tables.show(STARTER)
    qtbot.waitUntil(lambda: session.search.is_current, timeout=LONG_MS)
    yield session
    session.close()


def words(session: Session, found: Explanation) -> list[str]:
    return [session.tables.vocabulary.display(token) for token in found.ids.tolist()]


def said(session: Session, qtbot: QtBot) -> Explanation:
    qtbot.waitUntil(lambda: session.in_words.found is not None, timeout=LONG_MS)
    assert session.in_words.found is not None
    return session.in_words.found


def test_the_query_is_said_in_other_words_and_their_sum_can_be_searched(
    session: Session, qtbot: QtBot
) -> None:
    session.in_words.set_subject("query")
    session.in_words.want(True)
    found = said(session, qtbot)
    assert words(session, found)[0] == "queen"
    assert 2 <= len(found.ids) <= WORDS and found.explained > 0.4
    session.in_words.make_query()
    assert session.search.query.text.startswith("queen + ")
    qtbot.waitUntil(lambda: session.search.is_current, timeout=LONG_MS)
    front, results = session.tables.front, session.search.results
    assert front is not None and results is not None and results.problem is None
    sought = front.engine.vector(session.search.query)
    exact = found.weights @ front.table.vectors(found.ids)
    lengths = (sought @ sought) ** 0.5 * (exact @ exact) ** 0.5
    assert sought @ exact > 0.999 * lengths


def test_tokens_are_said_without_their_own_word_and_several_as_their_mean(
    session: Session, qtbot: QtBot
) -> None:
    session.in_words.want(True)
    cat, dog = (session.tables.vocabulary.ids_of_text(text)[-1] for text in ("cat", "dog"))
    session.inspected.choose([cat])
    alone = said(session, qtbot)
    assert not {"cat", "cats"} & set(words(session, alone))
    session.inspected.choose([cat, dog])
    assert session.in_words.found is None
    assert words(session, said(session, qtbot)) != words(session, alone)


def test_the_filter_of_the_page_holds_for_the_words_too(session: Session, qtbot: QtBot) -> None:
    session.in_words.set_subject("query")
    session.in_words.want(True)
    said(session, qtbot)
    session.search.set_filter(TokenFilter(text="ess"))
    qtbot.waitUntil(lambda: session.in_words.found is None, timeout=LONG_MS)
    assert all("ess" in word for word in words(session, said(session, qtbot)))


def test_nothing_is_looked_for_while_nobody_wants_it(session: Session, qtbot: QtBot) -> None:
    answers: list[object] = []
    session.in_words.changed.connect(answers.append)
    session.inspected.choose([320])
    session.search.set_text("cat")
    qtbot.waitUntil(lambda: session.search.is_current, timeout=LONG_MS)
    assert answers == []
    session.in_words.want(True)
    said(session, qtbot)
    session.in_words.want(False)
    assert session.in_words.found is None


def test_why_there_are_no_words_is_one_sentence(session: Session, qtbot: QtBot) -> None:
    answers: list[object] = []
    session.in_words.changed.connect(answers.append)
    session.in_words.want(True)
    front = session.tables.front
    assert front is not None
    session.inspected.choose([int((front.table.norms == 0).argmax())])
    qtbot.waitUntil(lambda: isinstance(answers[-1], str), timeout=LONG_MS)
    assert "no vector" in str(answers[-1])


def test_weights_are_those_of_the_inputs_that_the_query_has(session: Session, qtbot: QtBot) -> None:
    session.in_words.set_subject("query")
    session.search.set_option("inputs", "unit")
    session.in_words.want(True)
    found = said(session, qtbot)
    front = session.tables.front
    assert front is not None
    session.in_words.make_query()
    sought = front.engine.vector(replace(session.search.query, inputs="unit"))
    exact = found.weights @ front.table.vectors(found.ids)
    assert sought @ exact > 0.999 * (sought @ sought) ** 0.5 * (exact @ exact) ** 0.5
