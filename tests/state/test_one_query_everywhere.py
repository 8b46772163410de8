"""One query, carried through the vocabularies of real tokenizers, means the same in each.

The vectors are made: the same word has the same one everywhere, so that equal answers are due.
"""

import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot
from tokenizers import Tokenizer

from tests.real_tokenizers import SOAK, SOURCES, saved
from tokensim_gui.core.files.table import save_table
from tokensim_gui.core.library.library import TableLibrary
from tokensim_gui.core.values import KINDS, Results
from tokensim_gui.core.vocabulary.shared_words import word
from tokensim_gui.core.vocabulary.vocabulary import Vocabulary
from tokensim_gui.state.session import Session
from tokensim_gui.state.settings import Settings

LONG_MS = 120_000
DIM = 64
QUERIES = {
    "cat": ["cat"],
    "(cute + girl) / 2": ["cute", "girl"],
    "sunset - sun": ["sunset", "sun"],
    "red car": ["redcar"],
    "“queen” + `king</w>`": ["queen", "king"],
    "2 * (art - night)": ["art", "night"],
}
"""Each with its terms, which are one token on some vocabularies and several on others."""


def add_real(library: TableLibrary, name: str) -> str:
    """Add a table of a real tokenizer; returns its slug."""
    made = np.random.default_rng(0).standard_normal((4096, DIM))
    with library.adding(name) as new:
        path = saved(name, new.folder)
        rows = 1 + max(Tokenizer.from_file(str(path)).get_vocab().values())
        vocabulary = Vocabulary.build(path, rows)
        vocabulary.save(new.folder)
        vectors = np.random.default_rng(1).standard_normal((rows, DIM)) * 1e-3
        for token in range(rows):
            vectors[token] += made[zlib.crc32(word(vocabulary, token).encode()) % len(made)]
        raw = vectors.astype("<f4").tobytes()
        save_table(new.folder, name, vocabulary.family, "F32", rows, DIM, [raw])
        return new.slug


@pytest.fixture
def session(home: Path, qtbot: QtBot) -> Iterator[Session]:
    library = TableLibrary()
    for name in SOURCES:
        add_real(library, name)
    session = Session(Settings(), library)
    session.show_first("")
    yield session
    session.close()


def read(results: Results, vocabulary: Vocabulary) -> list[str]:
    """The texts of the terms of a query as that vocabulary took them."""
    terms: dict[int, str] = {}
    for own in results.own:
        begins = own.term not in terms
        if begins and vocabulary.family != "clip":  # whose words are marked at their end
            assert KINDS[vocabulary.kinds[own.id]] == "word"
        terms[own.term] = terms.get(own.term, "") + (vocabulary.text(own.id) or "?")
    return list(terms.values())


def test_a_query_typed_on_clip_means_the_same_in_every_encoder(
    session: Session, qtbot: QtBot
) -> None:
    slugs = [info.slug for info in session.library.tables() if info.name in SOURCES]
    compare = session.comparison
    columns = 4
    for text, terms in QUERIES.items():
        session.search.set_text(text)
        compare.show(session.search.query)
        for first in range(0, len(slugs), columns):
            for place, slug in enumerate(slugs[first : first + columns]):
                while place >= len(compare.columns):
                    compare.add()
                compare.set_encoder(place, slug)
            qtbot.waitUntil(lambda: compare.is_current, timeout=LONG_MS)
            for column in compare.columns:
                assert column.results is not None and column.vocabulary is not None
                assert column.results.query.text == text and column.problem is None
                assert read(column.results, column.vocabulary) == terms, column.info.name
            counts = {len(column.results.own) for column in compare.columns if column.results}
            # Where a word is several tokens their mean is another vector than its own.
            assert len(counts) > 1 or len(compare.in_all) >= (1 if SOAK else 5), text
    for slug in slugs:
        session.tables.show(slug)
        qtbot.waitUntil(
            lambda: session.tables.current == slug and session.search.is_current,  # noqa: B023
            timeout=LONG_MS,
        )
        assert session.search.results is not None
        assert read(session.search.results, session.tables.vocabulary) == terms
