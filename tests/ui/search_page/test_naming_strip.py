"""The strip that offers names, over a real table without them."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from tests.core.library.small_tables import tokenizer_json
from tests.state.test_token_naming import add_nameless
from tokensim_gui.core.library.library import STARTER, TableLibrary
from tokensim_gui.state.session import Session
from tokensim_gui.state.settings import Settings
from tokensim_gui.ui.search_page.naming_strip import NamingStrip

LONG_MS = 60_000


@pytest.fixture
def session(home: Path, qtbot: QtBot) -> Iterator[Session]:
    session = Session(Settings(), TableLibrary())
    yield session
    session.close()


def buttons(strip: NamingStrip) -> dict[str, QPushButton]:
    shown = [button for button in strip.findChildren(QPushButton) if not button.isHidden()]
    return {button.text(): button for button in shown}


def test_names_are_offered_where_there_are_none_and_come_out_of_a_file(
    session: Session, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    strip = NamingStrip(session.naming)
    qtbot.addWidget(strip)
    with qtbot.waitSignal(session.tables.frontChanged, timeout=LONG_MS):
        session.tables.show(STARTER)
    assert strip.isHidden()
    with qtbot.waitSignal(session.tables.frontChanged, timeout=LONG_MS):
        session.tables.show(add_nameless(tmp_path))
    assert not strip.isHidden()
    (words,) = strip.findChildren(QLabel)
    assert "came without its tokenizer" in words.text()
    assert list(buttons(strip)) == ["Choose a file…"]  # the catalogue knows no such shape
    path = tmp_path / "my.tokenizer.json"
    path.write_bytes(tokenizer_json())
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(path), ""))
    with qtbot.waitSignal(session.tables.frontChanged, timeout=LONG_MS):
        buttons(strip)["Choose a file…"].click()
        assert list(buttons(strip)) == ["Cancel"]
    assert strip.isHidden()
