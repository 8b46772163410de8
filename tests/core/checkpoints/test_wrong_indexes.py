"""Indexes of shards that do not say where the table is."""

import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from tokensim_gui.core.checkpoints import candidates
from tokensim_gui.core.errors import FileError

KEY = "text_model.embeddings.token_embedding.weight"
SHARDS = [f"model-0000{number}-of-00003.safetensors" for number in (1, 2, 3)]


def folder(path: Path, table_in: int | None, indexed_in: int) -> Path:
    for number, name in enumerate(SHARDS):
        tensors = {f"layer.{number}": np.zeros(2, np.float16)}
        if number == table_in:
            tensors[KEY] = np.ones((49_408, 64), np.float16)
        save_file(tensors, path / name)
    places = {f"layer.{number}": name for number, name in enumerate(SHARDS)}
    index = {"weight_map": {**places, KEY: SHARDS[indexed_in]}}
    (path / "model.safetensors.index.json").write_text(json.dumps(index))
    return path


@pytest.mark.parametrize("table_in", [0, 1, 2])
@pytest.mark.parametrize("indexed_in", [0, 1, 2])
def test_the_table_is_found_in_whichever_shard_it_is(
    tmp_path: Path, table_in: int, indexed_in: int
) -> None:
    (found,) = candidates(folder(tmp_path, table_in, indexed_in))
    assert (found.path.name, found.rows) == (SHARDS[table_in], 49_408)


def test_where_none_has_it_the_shard_is_named_and_not_the_index(tmp_path: Path) -> None:
    with pytest.raises(FileError) as refused:
        candidates(folder(tmp_path, None, 1))
    assert str(refused.value).startswith(f"{SHARDS[1]} ") and "not a checkpoint" not in str(
        refused.value
    )
