from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from tests.state.comparing import GIRL_QUERY
from tests.state.prompt_bench import Bench
from tokensim_gui.core.library.library import TableLibrary
from tokensim_gui.jobs.worker import Worker
from tokensim_gui.state.comparison import Comparison
from tokensim_gui.state.open_tables import OpenTables
from tokensim_gui.state.settings import Settings


@pytest.fixture
def bench(qtbot: QtBot) -> Iterator[Bench]:
    made = Bench(qtbot)
    yield made
    made.close()


@pytest.fixture
def library(home: object) -> Iterator[TableLibrary]:
    library = TableLibrary()
    yield library
    library.empty_trash()


@pytest.fixture
def comparison(library: TableLibrary, qtbot: QtBot) -> Iterator[Comparison]:
    worker = Worker()
    yield Comparison(OpenTables(library, Settings(), worker), worker, GIRL_QUERY)
    worker.close()
