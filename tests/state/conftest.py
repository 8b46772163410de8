from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from tests.state.prompt_bench import Bench


@pytest.fixture
def bench(qtbot: QtBot) -> Iterator[Bench]:
    made = Bench(qtbot)
    yield made
    made.close()
