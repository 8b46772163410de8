from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save, save_file

from tests.core.hub.hub_server import Hub, serving
from tokensim_gui.core.hub import hub as hub_module
from tokensim_gui.core.library import fetched, table_import
from tokensim_gui.core.library.catalogue import CatalogueEntry, catalogue
from tokensim_gui.core.library.library import TableLibrary

KEY = "model.embed_tokens.weight"
VECTORS = np.random.default_rng(0).standard_normal((1000, 64)).astype(np.float16)
ENTRY = replace(catalogue()[0], repo="a/b", file="model.safetensors", key=KEY)
OTHER = replace(ENTRY, name="Another", repo="a/other")


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator[hub_module.Hub]:
    with serving(Hub(files={"model.safetensors": save({KEY: VECTORS})})) as server:
        monkeypatch.delenv("HF_HUB_OFFLINE")
        yield hub_module.Hub(server.endpoint)


def here(library: TableLibrary) -> dict[CatalogueEntry, str]:
    return fetched.here([ENTRY, OTHER], library.tables(), library.root)


def opened(library: TableLibrary, path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file({KEY: VECTORS}, path)
    (made,) = table_import.import_checkpoint(path, library)
    return made.info.slug


def test_what_was_fetched_is_here_until_it_is_removed(
    library: TableLibrary, client: hub_module.Hub
) -> None:
    assert here(library) == {}
    (made,) = table_import.import_from_hub("a/b", library, client)
    assert here(library) == {ENTRY: made.info.slug}
    library.remove(made.info.slug)
    assert here(library) == {}
    library.empty_trash()


def test_what_was_fetched_and_is_equal_to_a_file_is_here_as_that(
    library: TableLibrary, client: hub_module.Hub, tmp_path: Path
) -> None:
    slug = opened(library, tmp_path / "mine.safetensors")
    assert here(library) == {}  # nobody can know yet
    (made,) = table_import.import_from_hub("a/b", library, client)
    assert made.info.slug == slug and "not stored twice" in made.notice
    assert here(library) == {ENTRY: slug}


def test_a_file_that_is_equal_to_what_once_was_fetched_is_here(
    library: TableLibrary, client: hub_module.Hub, tmp_path: Path
) -> None:
    (made,) = table_import.import_from_hub("a/b", library, client)
    library.remove(made.info.slug)
    library.empty_trash()
    slug = opened(library, tmp_path / "copy.safetensors")
    assert here(library) == {ENTRY: slug}


def test_a_file_of_the_hubs_own_cache_is_here(library: TableLibrary, tmp_path: Path) -> None:
    cache = tmp_path / "hub" / "models--a--b" / "snapshots" / ("0" * 40)
    slug = opened(library, cache / "model.safetensors")
    assert here(library) == {ENTRY: slug}


@pytest.mark.parametrize("content", [b"", b"[]", b"\xff", b"[" * 100_000, b'{"a/b k": 3}'])
def test_a_damaged_note_forgets_and_hides_nothing(library: TableLibrary, content: bytes) -> None:
    library.root.mkdir()
    (library.root / "fetched.json").write_bytes(content)
    assert here(library) == {}
    fetched.remember(library, "hf:a/b:x", KEY, "0" * 64)
    assert here(library) == {}
