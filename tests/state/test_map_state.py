"""What the map is given beside the answer, with a real engine."""

from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtTest import QSignalSpy
from pytestqt.qtbot import QtBot

from tokensim_gui.core.library.library import STARTER, TableLibrary
from tokensim_gui.state.map_state import Axes
from tokensim_gui.state.session import Session
from tokensim_gui.state.settings import Settings

LONG_MS = 30_000


@pytest.fixture
def session(qtbot: QtBot) -> Iterator[Session]:
    session = Session(Settings(), TableLibrary())
    session.show_first()
    session.tables.show(STARTER)
    qtbot.waitUntil(lambda: session.search.is_current, timeout=LONG_MS)
    yield session
    session.close()


def asked(session: Session, qtbot: QtBot, texts: tuple[str, str]) -> Axes:
    with qtbot.waitSignal(session.map.axesChanged, timeout=LONG_MS) as answer:
        session.map.want_axes(texts)
    axes = answer.args[0]
    assert isinstance(axes, Axes)
    return axes


def test_axes_are_the_cosines_to_either_word_of_every_token(session: Session, qtbot: QtBot) -> None:
    axes = asked(session, qtbot, ("castle", "forest + river"))
    front = session.tables.front
    assert front is not None
    vectors = front.table.vectors(slice(None))
    there = np.linalg.norm(vectors, axis=1) > 0
    units = vectors[there] / np.linalg.norm(vectors[there], axis=1, keepdims=True)
    castle, forest, river = (
        vectors[front.vocabulary.id_of_piece(f"{word}</w>")]
        for word in ("castle", "forest", "river")
    )
    for column, query in enumerate((castle, forest + river)):
        expected = units @ (query / np.linalg.norm(query))
        np.testing.assert_allclose(axes.scores[there, column], expected, rtol=0, atol=1e-12)
    assert np.isnan(axes.scores[~there]).all() and (~there).any()


def test_axes_follow_how_the_query_is_measured_and_not_its_words(
    session: Session, qtbot: QtBot
) -> None:
    asked(session, qtbot, ("castle", "forest"))
    spy = QSignalSpy(session.map.axesChanged)
    session.search.set_text("tree")
    qtbot.waitUntil(lambda: session.search.is_current, timeout=LONG_MS)
    assert spy.count() == 0
    with qtbot.waitSignal(session.map.axesChanged, timeout=LONG_MS) as answer:
        session.search.set_option("metric", "euclidean")
    assert answer.args[0].metric == "euclidean"
    session.map.want_axes(None)
    session.search.set_option("metric", "cosine")
    qtbot.waitUntil(lambda: session.search.is_current, timeout=LONG_MS)
    assert spy.count() == 1


def test_a_word_that_means_no_vector_is_refused_by_a_sentence(
    session: Session, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(session.map.axesFailed, timeout=LONG_MS) as refused:
        session.map.want_axes(("castle", "cat - cat"))
    assert isinstance(refused.args[0], str) and refused.args[0].endswith(".")


def test_the_landscape_comes_with_its_regions(session: Session, qtbot: QtBot) -> None:
    with qtbot.waitSignal(session.map.landscapeChanged, timeout=LONG_MS) as answer:
        session.map.want_landscape()
    landscape, named = answer.args
    assert len(landscape.coords) == session.tables.vocabulary.rows
    assert tuple(named) == session.map.regions and {"countries", "emoji"} <= named.keys()
