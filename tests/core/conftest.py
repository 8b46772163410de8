import pytest

from tokensim_gui.core import paths
from tokensim_gui.core.vocabulary.vocabulary import Vocabulary


@pytest.fixture(scope="session")
def clip():
    return Vocabulary.load(paths.resource("starter"))
