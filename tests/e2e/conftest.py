"""The whole application in this process: real window, real worker, real files."""

from collections.abc import Callable, Iterator

import pytest
from driver import Driver
from pytestqt.qtbot import QtBot


@pytest.fixture
def start(qtbot: QtBot) -> Iterator[Callable[..., Driver]]:
    """Start TokenSim; what a test started is closed after it."""
    started: list[Driver] = []

    def begin(query: str | None = None) -> Driver:
        started.append(Driver(qtbot, query))
        return started[-1]

    yield begin
    for driver in started:
        driver.close()
        driver.window.deleteLater()


@pytest.fixture
def tokensim(start: Callable[..., Driver]) -> Driver:
    """A TokenSim whose engine is ready."""
    return start().ready()
