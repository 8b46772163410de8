import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tokensim_gui.core.checkpoints.checkpoint_layouts import ENCODERS, is_table_name
from tokensim_gui.core.errors import FileError
from tokensim_gui.core.library.catalogue import CatalogueTokenizer, catalogue

GOOD = {
    "name": "X", "models": ["Y"], "repo": "a/b", "file": "c/d.safetensors", "key": "e.weight",
    "rows": 1000, "dim": 64, "dtype": "F16", "whole_bytes": 10, "licence": "MIT",
    "tokenizer": {"repo": "a/b", "file": "tokenizer.json"},
}  # fmt: skip


def write(folder: Path, content: object) -> Path:
    path = folder / "catalogue.json"
    path.write_text(json.dumps(content))
    return path


def test_every_entry_agrees_with_what_the_detector_knows_of_its_shape() -> None:
    entries = catalogue()
    assert len({entry.name for entry in entries}) == len(entries) >= 9
    for entry in entries:
        known = ENCODERS[entry.rows, entry.dim]
        assert (entry.name, entry.models) == (known.name, known.models)
        assert (entry.tokenizer is None) == (known.family == "clip")
        assert is_table_name(entry.key)
        assert entry.bytes < entry.whole_bytes / 4


def test_no_entry_names_a_repository_that_was_taken_down() -> None:
    gone = {"stabilityai/stable-diffusion-2-1", "stabilityai/stable-diffusion-2-1-base"}
    assert gone.isdisjoint(entry.repo for entry in catalogue())


def test_sizes_are_those_of_the_table_alone() -> None:
    sizes = {entry.name: entry.bytes for entry in catalogue()}
    assert sizes["CLIP-L"] == 151_781_376
    assert sizes["T5-XXL"] == 263_192_576
    assert sizes["Qwen3-4B"] == 777_912_320


@pytest.mark.parametrize(
    "change",
    [
        {"name": ""},
        {"name": "a\nb"},
        {"models": "SD"},
        {"models": [1]},
        {"repo": "../../etc"},
        {"repo": "a/b/c"},
        {"repo": None},
        {"file": "../x"},
        {"file": "/etc/passwd"},
        {"file": "x?y"},
        {"rows": 0},
        {"rows": True},
        {"rows": 1.5},
        {"dim": 2**63},
        {"dtype": "F64"},
        {"dtype": []},
        {"tokenizer": "other"},
        {"tokenizer": {"repo": "a/b"}},
        {"tokenizer": {"repo": "a/b", "file": "tokenizer.json", "megabytes": -1}},
        {"tokenizer": {"repo": "a/b", "file": "tokenizer.json", "more": 1}},
        {"tokenizer": {"repo": "a/b", "file": "../x"}},
        {"extra": 1},
    ],
)
def test_one_wrong_value_is_refused(tmp_path: Path, change: dict[str, object]) -> None:
    (entry,) = catalogue(write(tmp_path, [GOOD]))
    assert entry.address == "a/b:c/d.safetensors"
    assert entry.tokenizer == CatalogueTokenizer("a/b", "tokenizer.json")
    with pytest.raises(FileError, match=r"catalogue\.json is damaged"):
        catalogue(write(tmp_path, [{**GOOD, **change}]))


@settings(deadline=None, derandomize=True, max_examples=200)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.fixed_dictionaries({key: inner | st.just(value) for key, value in GOOD.items()})
        ),
        max_leaves=10,
    )
)
def test_any_json_is_a_catalogue_or_one_sentence(
    tmp_path_factory: pytest.TempPathFactory, content: object
) -> None:
    path = write(tmp_path_factory.getbasetemp(), content)
    try:
        entries = catalogue(path)
    except FileError as error:
        assert "catalogue.json is damaged" in str(error)
    else:
        assert len(entries) == len(content)


@pytest.mark.parametrize("raw", [b"", b"[" * 100_000, b"\xff", b" " * 1_000_001, b"{}"])
def test_noise_is_one_sentence(tmp_path: Path, raw: bytes) -> None:
    path = tmp_path / "catalogue.json"
    path.write_bytes(raw)
    with pytest.raises(FileError, match="damaged"):
        catalogue(path)
    path.unlink()
    with pytest.raises(FileError, match="can't be read"):
        catalogue(path)
