"""Vectors for other programs, written by real child processes."""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from tests.made_tables import add_little, little_vectors
from tokensim_gui.core.errors import FileError, TokenSimError
from tokensim_gui.core.library.library import STARTER, TableLibrary
from tokensim_gui.state.notice import Notice
from tokensim_gui.state.session import Session
from tokensim_gui.state.settings import Settings

LONG_MS = 180_000  # processes of their own on a busy machine


@pytest.fixture
def session(qtbot: QtBot) -> Iterator[Session]:
    session = Session(Settings(), TableLibrary())
    yield session
    session.close()


@pytest.fixture
def said(session: Session) -> list[Notice]:
    said: list[Notice] = []
    session.noticed.connect(said.append)
    return said


def test_a_table_and_rows_of_it_are_written_as_they_are_shown(
    session: Session, said: list[Notice], qtbot: QtBot, tmp_path: Path
) -> None:
    slug = add_little(session.library, "little")
    whole, part = tmp_path / "whole.npy", tmp_path / "part.npy"
    session.exports.write(slug, whole)
    qtbot.waitUntil(lambda: said[-1].text.startswith("Wrote"), timeout=LONG_MS)
    assert str(whole) in said[-1].text and "whole.tokens.json" in said[-1].text
    vectors = little_vectors().astype(np.float16)
    assert np.array_equal(np.load(whole), vectors)
    session.exports.write(slug, part, [5, 3, 8])
    qtbot.waitUntil(lambda: said[-1].text.startswith(f"Wrote {part}"), timeout=LONG_MS)
    assert np.array_equal(np.load(part), vectors[[5, 3, 8]])
    tokens = json.loads(part.with_suffix(".tokens.json").read_text())
    assert [token["id"] for token in tokens] == [5, 3, 8]


def test_rounding_is_said(
    session: Session, said: list[Notice], qtbot: QtBot, tmp_path: Path
) -> None:
    session.exports.write(STARTER, tmp_path / "a.pt", [1, 2])
    qtbot.waitUntil(lambda: said[-1].text.startswith("Wrote"), timeout=LONG_MS)
    assert "rounded to float32" in said[-1].text


def test_what_nobody_was_asked_about_is_not_replaced(session: Session, tmp_path: Path) -> None:
    target = tmp_path / "a.npy"
    target.write_text("mine")
    with pytest.raises(FileError, match=r"a\.npy is there already: choose another name"):
        session.exports.write(STARTER, target, asked=False)
    target.rename(tmp_path / "a.tokens.json")
    with pytest.raises(FileError, match=r"a\.tokens\.json is there already"):
        session.exports.write(STARTER, target)
    assert (tmp_path / "a.tokens.json").read_text() == "mine"


def test_an_export_can_be_cancelled_and_leaves_nothing(
    session: Session, said: list[Notice], qtbot: QtBot, tmp_path: Path
) -> None:
    session.exports.write(STARTER, tmp_path / "a.txt")
    with pytest.raises(TokenSimError, match=r"a\.txt is still being written"):
        session.exports.write(STARTER, tmp_path / "b.txt")
    assert [offer.words for offer in said[-1].offers] == ["Cancel"]
    session.exports.cancel()
    qtbot.waitUntil(lambda: said[-1].text.startswith("Stopped"), timeout=LONG_MS)
    assert not [path for path in tmp_path.iterdir() if "a." in path.name]


def test_a_failure_is_one_sentence(
    session: Session, said: list[Notice], qtbot: QtBot, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    session.exports.write(STARTER, tmp_path / "file" / "a.npy", [1])
    qtbot.waitUntil(lambda: "can't be written" in said[-1].text, timeout=LONG_MS)
    assert "\n" not in said[-1].text
    with pytest.raises(TokenSimError, match="nothing to write"):
        session.exports.write(STARTER, tmp_path / "a.npy", [])
