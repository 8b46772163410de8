"""A repository of a hub becomes a table."""

from dataclasses import replace

import pytest

from tests.core.hub.hub_server import COMMIT, Hub
from tests.core.library.killable_import import PATIENCE
from tests.core.library.small_tables import DIM, ROWS, assert_holds, imported, vectors
from tokensim_gui.core.errors import NetworkError
from tokensim_gui.core.hub import hub as hub_module
from tokensim_gui.core.library import table_import
from tokensim_gui.core.library.catalogue import CatalogueTokenizer, catalogue
from tokensim_gui.core.library.library import TableLibrary


def test_a_repository_becomes_a_table_with_its_commit(library: TableLibrary, hub: Hub) -> None:
    (made,) = table_import.import_from_hub("a/b", library, hub_module.Hub(hub.endpoint))
    assert made.notice == ""
    assert (made.info.source, made.info.revision) == ("hf:a/b:model.safetensors", COMMIT)
    assert_holds(library, "a-b", vectors())
    asked = sum(last - first + 1 for first, last in hub.asked_ranges())
    assert asked <= 100_001 + ROWS * DIM * 2


def test_an_interrupted_download_is_taken_up_by_the_next_import(
    library: TableLibrary, hub: Hub
) -> None:
    hub.trouble = ["", "cut 60000", "status 418"]
    client = hub_module.Hub(hub.endpoint, None, PATIENCE)
    with pytest.raises(NetworkError, match="418"):
        table_import.import_from_hub("a/b", library, client)
    assert imported(library) == []
    table_import.import_from_hub("a/b", library, client)
    assert_holds(library, "a-b", vectors())
    first, second = hub.asked_ranges()[1], hub.asked_ranges()[-1]
    assert second == (first[0] + 60_000, first[1])


def test_a_missing_tokenizer_is_taken_from_where_the_catalogue_says(
    library: TableLibrary, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = hub_module.Hub(hub.endpoint)
    tokenizer = hub.files.pop("tokenizer.json")
    (made,) = table_import.import_from_hub("a/b", library, client)
    assert "No tokenizer was found" in made.notice
    hub.files["sub/tokenizer.json"] = tokenizer
    entry = catalogue()[-1]
    tokenizer_there = CatalogueTokenizer("c/d", "sub/tokenizer.json", 0)
    entry = replace(entry, rows=ROWS, dim=DIM, tokenizer=tokenizer_there)
    monkeypatch.setattr(table_import, "catalogue", lambda: [entry])
    (made,) = table_import.import_from_hub("a/b", library, client)
    assert made.notice == ""
    assert imported(library) == ["a-b"]
    assert any(one.path.startswith("/c/d/resolve/") for one in hub.requests)
