import pytest

from tokensim_gui import paths
from tokensim_gui.core.vocabulary import Vocabulary


@pytest.fixture(scope="session")
def clip():
    return Vocabulary.load(paths.resource("starter"))
