from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save

from tests.core.hub.hub_server import Hub, serving
from tests.core.library.small_tables import KEY, tokenizer_json, vectors
from tokensim_gui.core.library.library import TableLibrary


@pytest.fixture
def library(tmp_path: Path) -> Iterator[TableLibrary]:
    library = TableLibrary(tmp_path / "data")
    yield library
    library.empty_trash()


@pytest.fixture
def hub() -> Iterator[Hub]:
    content = save({KEY: vectors(), "other": np.zeros(300_000, np.float32)})
    with serving(Hub({"model.safetensors": content, "tokenizer.json": tokenizer_json()})) as hub:
        yield hub
