import pytest

from tokensim_gui.core import paths
from tokensim_gui.core.vocabulary.vocabulary import Vocabulary


@pytest.fixture(scope="session")
def vocabulary() -> Vocabulary:
    """CLIP's."""
    return Vocabulary.load(paths.resource("starter"))
