"""What an imported table knows of its source, beside its vectors."""

from pathlib import Path

import gguf
import torch

from tests.core.checkpoints.layouts_on_disk import numbers, write_gguf, write_safetensors
from tests.core.text_encoders.small_encoders import clip_model, state_of
from tokensim_gui.core.library import table_import
from tokensim_gui.core.library.library import TableLibrary
from tokensim_gui.core.text_encoders.encoder_files import open_encoder

ROWS, DIM = 1000, 64
KEY = "model.embed_tokens.weight"


def test_a_table_knows_how_it_was_stored_and_whether_an_encoder_came_with_it(
    tmp_path: Path,
) -> None:
    library = TableLibrary(tmp_path / "data")
    alone = write_safetensors(tmp_path / "tiny.safetensors", {KEY: numbers(ROWS, DIM).half()})
    quantised = write_gguf(
        tmp_path / "small.gguf", gguf.GGMLQuantizationType.Q8_0, rows=ROWS, dim=DIM
    )
    whole = tmp_path / "whole.safetensors"
    write_safetensors(whole, state_of(clip_model(layers=1)))
    both = tmp_path / "both.safetensors"
    write_safetensors(
        both,
        state_of(clip_model(layers=1), "text_encoders.clip_l.transformer.")
        | {"text_encoders.t5xxl.transformer.shared.weight": torch.ones(ROWS, DIM)},
    )
    said = {}
    for path in (alone, quantised, whole, both):
        for one in table_import.import_checkpoint(path, library):
            again = library.info(one.info.slug)
            assert (again.stored, again.whole) == (one.info.stored, one.info.whole)
            said[path.stem, again.dim, again.rows] = (again.dtype, again.stored, again.whole)
    clip = said["whole", 64, 49_408]
    assert said["tiny", DIM, ROWS] == ("F16", "", "")
    assert said["small", DIM, ROWS] == ("F32", "Q8_0", "")
    assert clip[:2] == ("F32", "") and clip[2]
    assert said["both", 64, 49_408][2] and said["both", DIM, ROWS][2] == ""
    assert open_encoder(whole, clip[2]).name == clip[2]
