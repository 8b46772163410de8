"""Files of every layout: what is found in them, and the vectors bit for bit."""

import json
import os
from pathlib import Path

import gguf
import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from tests.core.checkpoints.layouts_on_disk import (
    CLIP,
    DIM,
    LAYOUTS,
    ROWS,
    numbers,
    tensors_of,
    write_gguf,
    write_pickle,
    write_safetensors,
)
from tests.core.torch_dtypes import TORCH_DTYPES
from tokensim_gui.core.checkpoints import candidates, gguf_file, pickle_file, read_vectors
from tokensim_gui.core.checkpoints.entries import read_exactly
from tokensim_gui.core.errors import FileError
from tokensim_gui.core.job import Job, JobCancelled


def raw(tensor: torch.Tensor) -> bytes:
    return tensor.contiguous().view(torch.uint8).numpy().tobytes()


def vectors(candidate) -> bytes:
    return b"".join(read_vectors(candidate))


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("form", ["safetensors", "zip", "legacy", "lightning"])
def test_every_layout_gives_the_vectors_that_the_library_gives(layout, form, tmp_path):
    path = tmp_path / "model.bin"
    state = tensors_of(layout, torch.float16)
    if form == "safetensors":
        write_safetensors(path, state)
        expected = load_file(path)
    else:
        write_pickle(
            path, {"state_dict": state} if form == "lightning" else state, form == "legacy"
        )
        loaded = torch.load(path, weights_only=True)
        expected = loaded["state_dict"] if form == "lightning" else loaded
    found = candidates(path)
    assert sorted(one.key for one in found) == sorted(LAYOUTS[layout][0])
    for one in found:
        assert (one.rows, one.dim, one.dtype, one.stored) == (ROWS, DIM, "F16", "F16")
        assert (one.nbytes, one.path, one.scale) == (ROWS * DIM * 2, path, None)
        assert vectors(one) == raw(expected[one.key])


@pytest.mark.parametrize("dtype", TORCH_DTYPES)
@pytest.mark.parametrize("form", ["safetensors", "zip", "legacy"])
def test_every_float_format_is_kept_as_it_is_stored(dtype, form, tmp_path):
    if form == "legacy" and dtype.startswith("F8"):
        form = "zip"  # PyTorch can't write them in the legacy form
    path = tmp_path / "t5xxl"
    state = {"shared.weight": numbers().to(TORCH_DTYPES[dtype])}
    if form == "safetensors":
        write_safetensors(path, state)
    else:
        write_pickle(path, state, form == "legacy")
    (one,) = candidates(path)
    assert (one.dtype, one.stored) == (dtype, dtype)
    assert vectors(one) == raw(state["shared.weight"])


@pytest.mark.parametrize("shape", [(), (1,), (ROWS,), (ROWS, 1)])
@pytest.mark.parametrize("dtype", ["F8_E4M3", "F8_E5M2"])
@pytest.mark.parametrize("form", ["safetensors", "zip"])
def test_a_scaled_fp8_table_is_multiplied_in_float32(form, shape, dtype, tmp_path):
    stored = numbers(20_000 if not shape else ROWS).to(TORCH_DTYPES[dtype])
    scale = torch.rand(shape)
    state = {"scaled_fp8": torch.zeros(2), "shared.weight": stored, "shared.scale_weight": scale}
    write = write_safetensors if form == "safetensors" else write_pickle
    (one,) = candidates(write(tmp_path / "t5xxl_fp8_scaled", state))
    assert (one.dtype, one.stored) == ("F32", dtype)
    expected = stored.float() * (scale.reshape(-1, 1) if scale.ndim else scale)
    assert vectors(one) == raw(expected)


@pytest.mark.parametrize("kind", ["F16", "BF16"])
def test_a_scale_of_half_precision_is_multiplied_in_float32(kind, tmp_path):
    stored = numbers().to(torch.float8_e4m3fn)
    scale = (0.5 + torch.rand(ROWS, 1)).to(TORCH_DTYPES[kind])
    state = {"shared.weight": stored, "shared.weight_scale": scale}
    (one,) = candidates(write_safetensors(tmp_path / "t5xxl.safetensors", state))
    assert vectors(one) == raw(stored.float() * scale.float())


def test_a_tensor_that_was_not_looked_up_is_never_read(tmp_path):
    state = {"shared.weight": numbers(), "other": numbers(2)[0]}
    path = write_pickle(tmp_path / "a.pt", state)
    other = next(entry for entry in pickle_file.entries(path) if entry.name == "other")
    with path.open("rb") as file, pytest.raises(ValueError, match="was not looked up"):
        read_exactly(file, path, other.offset, other.nbytes)


@pytest.mark.parametrize("kind", ["F32", "F16", "BF16", *gguf_file.BLOCKS])
def test_gguf_gives_what_its_own_library_gives(kind, tmp_path):
    path = write_gguf(tmp_path / "qwen.gguf", gguf.GGMLQuantizationType[kind], rows=5000)
    (tensor,) = [
        tensor for tensor in gguf.GGUFReader(path).tensors if tensor.name == "token_embd.weight"
    ]
    (one,) = candidates(path)
    assert (one.rows, one.dim, one.stored, one.key) == (5000, 256, kind, "token_embd.weight")
    assert one.nbytes == tensor.data.nbytes
    if kind in ("F32", "F16", "BF16"):
        assert one.dtype == kind
        assert vectors(one) == tensor.data.tobytes()
    else:
        assert one.dtype == "F32"
        expected = gguf.quants.dequantize(tensor.data, tensor.tensor_type)
        assert np.isfinite(expected).all()
        assert vectors(one) == expected.astype(np.float32).tobytes()


def test_every_gguf_type_that_its_library_decodes_is_read():
    decoded = {kind.name for kind in gguf.quants._type_traits} - {"BF16", "NVFP4"}
    assert set(gguf_file.BLOCKS) == decoded


def test_a_checkpoint_with_its_training_state_is_read(tmp_path):
    # As long a pickle as that of SDXL with averages and the states of Adam.
    state = {f"optimizer.{number}": torch.zeros(()) for number in range(11_000)}
    path = write_pickle(tmp_path / "a.ckpt", {"shared.weight": numbers(), **state})
    (one,) = candidates(path)
    assert vectors(one) == raw(numbers())


def test_a_gguf_file_may_keep_the_original_names(tmp_path):
    (one,) = candidates(write_gguf(tmp_path / "clip.gguf", key=CLIP))
    assert one.key == CLIP


def test_a_view_into_a_larger_storage_is_read_where_it_begins(tmp_path):
    whole = numbers(3 * ROWS)
    for legacy in (False, True):
        path = write_pickle(tmp_path / f"{legacy}.pt", {"shared.weight": whole[ROWS:-ROWS]}, legacy)
        (one,) = candidates(path)
        assert vectors(one) == raw(whole[ROWS:-ROWS])


def test_a_transposed_tensor_is_refused_and_not_read_wrongly(tmp_path):
    path = write_pickle(tmp_path / "a.pt", {"shared.weight": numbers(DIM, ROWS).t()})
    with pytest.raises(FileError, match=r"a\.pt .*stored as F32, column by column.*contiguous"):
        candidates(path)


def test_parameters_modules_and_training_state_do_not_hide_a_table(tmp_path):
    table = torch.nn.Embedding(ROWS, DIM)
    module = torch.nn.Module()
    module.embed_tokens = table
    content = {
        "epoch": 3,
        "callbacks": {"ModelCheckpoint": [Path("best.ckpt"), {1, 2}, frozenset("a")]},
        "optimizer_states": [{"state": {0: {"exp_avg": numbers()}}}],
        "state_dict": torch.nn.ModuleDict({"model": module}).state_dict(),
    }
    for path, saved in (("a.ckpt", content), ("b.pt", module), ("c.pt", {"net": module})):
        (one,) = candidates(write_pickle(tmp_path / path, saved))
        assert one.key.endswith("embed_tokens.weight")
        assert vectors(one) == raw(table.weight.detach())


def test_the_format_is_decided_by_content_and_not_by_name(tmp_path):
    state = {"shared.weight": numbers()}
    safetensors = write_safetensors(tmp_path / "a.ckpt", state)
    pickled = write_pickle(tmp_path / "b.gguf", state)
    gguf_file = write_gguf(tmp_path / "c.bin")
    for path in (safetensors, pickled, gguf_file):
        assert len(candidates(path)) == 1


def test_known_encoders_are_named_and_come_first(tmp_path):
    path = write_safetensors(
        tmp_path / "sd_xl_base_1.0.safetensors",
        {
            "conditioner.embedders.1.model.token_embedding.weight": torch.zeros(
                49408, 1280, dtype=torch.float8_e4m3fn
            ),
            f"conditioner.embedders.0.transformer.{CLIP}": torch.zeros(
                49408, 768, dtype=torch.float8_e4m3fn
            ),
        },
    )
    first, second = candidates(path)
    assert (first.name, first.family, first.rows, first.dim) == ("CLIP-L", "clip", 49408, 768)
    assert (second.name, second.dim, second.nbytes) == ("OpenCLIP bigG", 1280, 49408 * 1280)
    assert "SDXL" in first.models
    assert [one.form for one in first.tokenizers] == ["bundled"]


@pytest.mark.parametrize(
    ("place", "name"),
    [
        ("my_clip.safetensors", "my_clip"),
        ("MiniLM/model.safetensors", "MiniLM"),
        ("pixart/text_encoder/model.safetensors", "pixart"),
        ("models--org--small/snapshots/" + "0" * 40 + "/pytorch_model.bin", "org/small"),
    ],
)
def test_unknown_encoders_are_named_after_their_file_or_folder(place, name, tmp_path):
    (one,) = candidates(write_safetensors(tmp_path / place, {"shared.weight": numbers()}))
    assert one.name == name


def test_equal_names_are_told_apart(tmp_path):
    write_safetensors(
        tmp_path / "both.safetensors",
        {"te1.shared.weight": numbers(), "te2.shared.weight": numbers()},
    )
    one, other = candidates(tmp_path / "both.safetensors")
    assert (one.name, other.name) == ("both (te1.shared.weight)", "both (te2.shared.weight)")


def test_a_dtype_that_is_not_known_yet_refuses_its_tensor_and_not_the_file(tmp_path):
    path = write_safetensors(tmp_path / "a.safetensors", {"shared.weight": numbers()})
    raw = path.read_bytes()
    length = int.from_bytes(raw[:8], "little")
    header = json.loads(raw[8 : 8 + length])
    begin = header["shared.weight"]["data_offsets"][1]
    header["other"] = {"dtype": "F8_E4M3FNUZ", "shape": [9], "data_offsets": [begin, begin + 9]}
    text = json.dumps(header).encode()
    path.write_bytes(len(text).to_bytes(8, "little") + text + raw[8 + length :] + bytes(9))
    (one,) = candidates(path)
    assert vectors(one) == raw[8 + length :]


class TestFilesThatChange:
    def test_a_file_that_is_written_to_while_it_is_read_is_refused(self, tmp_path):
        path = write_safetensors(tmp_path / "a.safetensors", {"shared.weight": numbers(100_000)})
        (one,) = candidates(path)
        parts = read_vectors(one)
        next(parts)
        with path.open("r+b") as file:
            file.seek(-1, 2)
            file.write(b"\0")
        os.utime(path, (1, 1))
        with pytest.raises(FileError, match=r"a\.safetensors changed while it was read"):
            list(parts)

    def test_a_file_that_is_cut_short_while_it_is_read_is_refused(self, tmp_path):
        path = write_safetensors(tmp_path / "a.safetensors", {"shared.weight": numbers(100_000)})
        (one,) = candidates(path)
        parts = read_vectors(one)
        next(parts)
        os.truncate(path, 5_000_000)
        with pytest.raises(FileError, match=r"a\.safetensors is cut short"):
            list(parts)

    def test_a_file_that_was_replaced_since_it_was_listed_is_refused(self, tmp_path):
        path = write_safetensors(tmp_path / "a.safetensors", {"shared.weight": numbers()})
        (one,) = candidates(path)
        os.replace(write_safetensors(tmp_path / "b", {"shared.weight": numbers(seed=1)}), path)
        with pytest.raises(FileError, match="changed while it was read"):
            list(read_vectors(one))

    def test_a_file_that_is_gone_is_said_to_be_missing(self, tmp_path):
        path = write_safetensors(tmp_path / "a.safetensors", {"shared.weight": numbers()})
        (one,) = candidates(path)
        path.unlink()
        with pytest.raises(FileError, match=r"a\.safetensors can't be read: No such file"):
            list(read_vectors(one))


def test_reading_can_be_cancelled(tmp_path):
    path = write_safetensors(tmp_path / "a.safetensors", {"shared.weight": numbers(100_000)})
    job = Job()
    parts = read_vectors(candidates(path)[0], job)
    assert len(next(parts)) <= 8 * 2**20
    job.cancel()
    with pytest.raises(JobCancelled):
        next(parts)
