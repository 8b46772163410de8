"""Tables without a tokenizer: what is offered, and that names come by file and from the hub."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from pytestqt.qtbot import QtBot
from safetensors.numpy import save_file

from tests.core.hub.hub_server import Hub, serving
from tests.core.library.small_tables import tokenizer_json
from tokensim_gui.core.library.catalogue import CatalogueTokenizer, catalogue
from tokensim_gui.core.library.library import TableLibrary
from tokensim_gui.core.library.table_import import import_checkpoint
from tokensim_gui.core.values import TokenFilter
from tokensim_gui.state import token_naming
from tokensim_gui.state.session import Session
from tokensim_gui.state.settings import Settings

if TYPE_CHECKING:
    from tokensim_gui.state.notice import Notice

LONG_MS = 60_000
KEY = "model.embed_tokens.weight"


def add_nameless(folder: Path, seed: int = 0) -> str:
    """Import a checkpoint beside which there is no tokenizer; returns the slug of its table."""
    path = folder / f"encoder_{seed}.safetensors"
    vectors = np.random.default_rng(seed).standard_normal((1000, 64)).astype(np.float16)
    save_file({KEY: vectors}, path)
    (made,) = import_checkpoint(path, TableLibrary())
    return made.info.slug


@pytest.fixture
def session(home: Path, qtbot: QtBot) -> Iterator[Session]:
    session = Session(Settings(), TableLibrary())
    session.show_first()
    yield session
    session.close()


def show(session: Session, slug: str, qtbot: QtBot) -> None:
    with qtbot.waitSignal(session.tables.frontChanged, timeout=LONG_MS):
        session.tables.show(slug)


def test_a_table_without_names_opens_on_its_ids_whatever_the_filter(
    session: Session, tmp_path: Path, qtbot: QtBot
) -> None:
    session.search.set_filter(TokenFilter(kinds=("word",), typeable=("alone",), scripts=("Latin",)))
    shown: list[object] = []
    session.search.idsChanged.connect(shown.append)
    show(session, add_nameless(tmp_path), qtbot)
    assert session.search.view == "vocabulary"
    assert np.array_equal(shown[-1], np.arange(1000))
    session.search.set_text("#7")
    qtbot.waitUntil(lambda: session.search.is_current, timeout=LONG_MS)
    assert session.search.results is not None and len(session.search.results.ids) == 200


def test_a_file_gives_the_names_to_it_and_to_its_equal(
    session: Session, tmp_path: Path, qtbot: QtBot
) -> None:
    first, second = (add_nameless(tmp_path, seed=seed) for seed in (1, 2))
    notices: list[Notice] = []
    session.noticed.connect(notices.append)
    show(session, first, qtbot)
    assert session.naming.nameless is not None
    assert (session.naming.nameless.slug, session.naming.nameless.tokenizer) == (first, None)
    path = tmp_path / "my.tokenizer.json"
    path.write_bytes(tokenizer_json())
    with qtbot.waitSignal(session.tables.frontChanged, timeout=LONG_MS):
        session.naming.choose(path)
    assert session.naming.nameless is None and session.naming.progress is None
    assert session.tables.info.slug == first
    assert session.tables.vocabulary.piece(257) == "cat"
    assert "have their names. So have those of" in notices[-1].text
    show(session, second, qtbot)
    assert session.naming.nameless is None


def test_what_is_no_tokenizer_is_said_and_the_offer_stays(
    session: Session, tmp_path: Path, qtbot: QtBot
) -> None:
    show(session, add_nameless(tmp_path), qtbot)
    path = tmp_path / "cat.txt"
    path.write_text("cat")
    with qtbot.waitSignal(session.noticed, timeout=LONG_MS) as said:
        session.naming.choose(path)
    assert said.args is not None and "is not a tokenizer" in said.args[0].text
    assert session.naming.nameless is not None and session.naming.progress is None


def test_what_the_catalogue_names_is_offered_and_fetched(
    session: Session, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    offered = CatalogueTokenizer("Qwen/Qwen3-4B", "tokenizer.json", 11)
    known = replace(catalogue()[0], rows=1000, dim=64, tokenizer=offered)
    monkeypatch.setattr(token_naming, "catalogue", lambda: [known])
    with serving(Hub({"tokenizer.json": tokenizer_json(), "model.safetensors": b""})) as server:
        monkeypatch.setenv("HF_ENDPOINT", server.endpoint)
        monkeypatch.delenv("HF_HUB_OFFLINE")
        show(session, add_nameless(tmp_path), qtbot)
        assert session.naming.nameless is not None
        assert session.naming.nameless.tokenizer == offered
        assert server.requests == []  # nothing before it is asked for
        with qtbot.waitSignal(session.tables.frontChanged, timeout=LONG_MS):
            session.naming.fetch()
        assert "/Qwen/Qwen3-4B/" in server.requests[-2].path
    assert session.naming.nameless is None
    assert session.tables.vocabulary.piece(257) == "cat"
    assert list(session.library.downloads.glob("*")) == []


def test_a_fetch_that_is_cancelled_leaves_the_table_as_it_was(
    session: Session, tmp_path: Path, qtbot: QtBot
) -> None:
    show(session, add_nameless(tmp_path), qtbot)
    path = tmp_path / "my.tokenizer.json"
    path.write_bytes(tokenizer_json())
    with qtbot.waitSignal(session.noticed, timeout=LONG_MS) as said:
        session.naming.choose(path)
        assert session.naming.progress is not None
        session.naming.cancel()
    assert said.args is not None and said.args[0].text == "Stopped; the tokens are as they were."
    assert session.naming.nameless is not None and session.naming.progress is None
