"""What the tests of the Prompt page have in common."""

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import (
    QApplication,
)
from pytestqt.qtbot import QtBot

from tokensim_gui.core.library.library import TableLibrary
from tokensim_gui.state.prompt import PromptState
from tokensim_gui.state.session import Session
from tokensim_gui.state.settings import Settings
from tokensim_gui.ui import theme
from tokensim_gui.ui.prompt_page.prompt_editor import PromptEditor
from tokensim_gui.ui.prompt_page.prompt_page import PromptPage


@pytest.fixture(autouse=True)
def light(qapp: QApplication) -> Iterator[None]:
    theme.apply(qapp, "light")
    yield


@pytest.fixture
def session() -> Iterator[Session]:
    made = Session(Settings(), TableLibrary())
    made.show_first()
    yield made
    made.close()


@pytest.fixture
def prompt(session: Session) -> PromptState:
    return session.prompt


@pytest.fixture
def page(qtbot: QtBot, session: Session) -> PromptPage:
    made = PromptPage(session)
    qtbot.addWidget(made)
    made.resize(1000, 700)
    with qtbot.waitExposed(made):
        made.show()
    made.activateWindow()
    return made


@pytest.fixture
def editor(qtbot: QtBot) -> PromptEditor:
    made = PromptEditor("Prompt", "Type")
    qtbot.addWidget(made)
    made.show()
    return made
