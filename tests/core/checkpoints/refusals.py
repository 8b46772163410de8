"""The sentence with which a checkpoint is refused."""

import time
from pathlib import Path

import pytest

from tokensim_gui.core.checkpoints import candidates
from tokensim_gui.core.errors import FileError


def refusal(path: Path) -> str:
    """Return the sentence with which a file is refused, which takes less than six seconds."""
    start = time.process_time()  # twice what is seen: three busy processes share two cores
    with pytest.raises(FileError) as caught:
        candidates(path)
    assert time.process_time() - start < 6
    sentence = str(caught.value)
    assert path.name in sentence
    assert sentence.endswith(".")
    return sentence
