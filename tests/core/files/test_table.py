"""Tables on disk: what is written is read back exactly, and nothing broken gets in or out."""

import hashlib
import json
import shutil
import struct
import tracemalloc
from collections import namedtuple

import numpy as np
import pytest
import torch
from safetensors.numpy import save_file
from safetensors.torch import load_file

from tests.core.torch_dtypes import TORCH_DTYPES
from tokensim_gui.core.errors import FileError
from tokensim_gui.core.files import table as table_module
from tokensim_gui.core.files.number_formats import ITEM_BYTES, decode
from tokensim_gui.core.files.table import Table, read_info, save_table
from tokensim_gui.core.job import Job, JobCancelled

DTYPES = {**TORCH_DTYPES, "I8": torch.int8}
ROWS, DIM = 300, 17


def random_table(dtype, rows=ROWS, dim=DIM):
    """Return bytes, scales, and the exact values by way of torch; row 5 is zero."""
    generator = torch.Generator().manual_seed(rows)
    values = torch.randn(rows, dim, generator=generator) * (20 if dtype == "I8" else 1)
    values[5] = 0
    stored = values.to(DTYPES[dtype])
    exact = stored.to(torch.float32).double().numpy()
    scales = None
    if dtype == "I8":
        scales = torch.rand(rows, generator=generator).numpy()
        exact = exact * scales[:, None].astype(np.float64)
    return stored.view(torch.uint8).numpy().tobytes(), scales, exact


def save(folder, dtype="F16", chunks=None, **options):
    data, scales, exact = random_table(dtype)
    info = save_table(
        folder, "CLIP-L “ü”", "clip", dtype, ROWS, DIM, chunks or [data], scales, **options
    )
    return info, exact


@pytest.mark.parametrize("dtype", ["F8_E4M3", "F8_E5M2"])
def test_every_byte_of_an_8_bit_float_decodes_as_torch_does(dtype):
    codes = np.arange(256, dtype=np.uint8)
    expected = torch.from_numpy(codes).view(DTYPES[dtype]).float().numpy()
    np.testing.assert_array_equal(decode(codes, dtype), expected)


@pytest.mark.parametrize("dtype", ["F16", "BF16"])
def test_every_16_bit_float_decodes_as_torch_does(dtype):
    codes = np.arange(65536, dtype=np.uint16).view(np.uint8)
    expected = torch.from_numpy(codes).view(DTYPES[dtype]).float().numpy()
    np.testing.assert_array_equal(decode(codes, dtype), expected)


@pytest.mark.parametrize("dtype", ITEM_BYTES)
def test_a_saved_table_is_read_back_exactly(tmp_path, dtype):
    info, exact = save(tmp_path / "t", dtype, source="a.safetensors", revision="1f", key="x.weight")
    table = Table.load(tmp_path / "t")
    assert table.info == info == read_info(tmp_path / "t")
    assert (info.slug, info.name, info.family) == ("t", "CLIP-L “ü”", "clip")
    assert (info.source, info.revision, info.key) == ("a.safetensors", "1f", "x.weight")
    data = random_table(dtype)[0]
    assert (info.bytes, info.sha256) == (len(data), hashlib.sha256(data).hexdigest())
    np.testing.assert_array_equal(table.vectors(slice(None)), exact)
    np.testing.assert_array_equal(table.vectors(np.array([7, 5, 7])), exact[[7, 5, 7]])
    np.testing.assert_allclose(table.norms, np.linalg.norm(exact, axis=1), rtol=1e-14)
    assert table.norms[5] == 0
    np.testing.assert_allclose(table.mean, exact.sum(axis=0) / (ROWS - 1), rtol=0, atol=1e-14)
    assert not any(a.flags.writeable for a in (table.data, table.norms, table.mean))
    assert [path.name for path in (tmp_path / "t").iterdir()] == ["table.safetensors"]


@pytest.mark.parametrize("dtype", ITEM_BYTES)
def test_the_safetensors_library_reads_the_same_file(tmp_path, dtype):
    save(tmp_path / "t", dtype)
    tensors = load_file(tmp_path / "t" / "table.safetensors")
    stored = tensors["vectors"]
    assert (stored.dtype, stored.shape) == (DTYPES[dtype], (ROWS, DIM))
    assert stored.view(torch.uint8).numpy().tobytes() == random_table(dtype)[0]


@pytest.mark.parametrize("size", [1, 33, 34, 1000, 10**6])
def test_chunks_may_be_cut_anywhere(tmp_path, monkeypatch, size):
    monkeypatch.setattr(table_module, "_BLOCK_ITEMS", 7 * DIM)
    data, _, exact = random_table("F16")
    save(tmp_path / "t", chunks=[data[i : i + size] for i in range(0, len(data), size)])
    np.testing.assert_array_equal(Table.load(tmp_path / "t").vectors(slice(None)), exact)


def test_saving_takes_little_memory(tmp_path):
    block = np.random.default_rng(0).standard_normal((500, 1000), np.float32).tobytes()
    tracemalloc.start()
    try:
        save_table(tmp_path / "t", "T", "none", "F32", 20_000, 1000, (block for _ in range(40)))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 40e6  # the table has 80 MB


def test_a_large_table_is_mapped_and_gives_the_same_vectors(tmp_path, monkeypatch):
    monkeypatch.setattr(table_module, "MAX_IN_MEMORY_BYTES", 0)
    _, exact = save(tmp_path / "t", "BF16")
    table = Table.load(tmp_path / "t")
    assert isinstance(table.data, np.memmap)
    assert not table.data.flags.writeable
    np.testing.assert_array_equal(table.vectors(np.arange(10)), exact[:10])


@pytest.mark.parametrize("dtype", TORCH_DTYPES)
def test_vectors_that_are_no_numbers_are_refused_with_their_count(tmp_path, dtype):
    values = torch.ones(ROWS, DIM)
    values[3, 2] = values[200, 0] = values[200, 1] = float("nan")
    data = values.to(DTYPES[dtype]).view(torch.uint8).numpy().tobytes()
    with pytest.raises(FileError, match="2 of the 300 vectors of T hold NaN or infinity"):
        save_table(tmp_path / "t", "T", "none", dtype, ROWS, DIM, [data])
    assert list((tmp_path / "t").iterdir()) == []


def test_infinity_is_refused(tmp_path):
    data = np.full((ROWS, DIM), np.inf, np.float16)
    data[::2] *= -1
    with pytest.raises(FileError, match="300 of the 300 vectors"):
        save(tmp_path / "t", chunks=[data.tobytes()])


def test_a_table_without_any_vector_is_refused(tmp_path):
    with pytest.raises(FileError, match="All 300 vectors of CLIP-L “ü” are zero"):
        save(tmp_path / "t", chunks=[bytes(2 * ROWS * DIM)])


@pytest.mark.parametrize(("size", "word"), [(0, "fewer"), (10199, "fewer"), (10201, "more")])
def test_fewer_or_more_bytes_than_announced_are_refused(tmp_path, size, word):
    with pytest.raises(FileError, match=f"are {word} than the 300 announced"):
        save(tmp_path / "t", chunks=[b"\1" * size])
    assert list((tmp_path / "t").iterdir()) == []


def test_a_table_is_never_written_over_another(tmp_path):
    save(tmp_path / "t")
    before = (tmp_path / "t" / "table.safetensors").read_bytes()
    with pytest.raises(FileError, match="holds an encoder already"):
        save(tmp_path / "t", "BF16")
    assert (tmp_path / "t" / "table.safetensors").read_bytes() == before


def test_cancelling_leaves_nothing_behind(tmp_path):
    job = Job(lambda done, total, text: job.cancel())
    with pytest.raises(JobCancelled):
        save_table(tmp_path / "t", "T", "none", "F32", 2**20, 2, [bytes(2**20)] * 8, job=job)
    assert list((tmp_path / "t").iterdir()) == []


def test_a_disk_without_room_is_named_before_anything_is_written(tmp_path, monkeypatch):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(10**9, 10**9, 1000))
    with pytest.raises(FileError, match="Make room and try again"):
        save(tmp_path / "t")


@pytest.mark.parametrize("scales", [None, np.ones(ROWS - 1, np.float32)])
def test_int8_without_a_scale_for_each_row_is_a_bug_of_the_caller(tmp_path, scales):
    with pytest.raises(ValueError, match="one scale per row"):
        save_table(tmp_path / "t", "T", "none", "I8", ROWS, DIM, [], scales)


def refuses(folder, why):
    for read in (Table.load, read_info):
        with pytest.raises(FileError, match=why) as caught:
            read(folder)
        assert str(folder) in str(caught.value)
        assert str(caught.value).count("again") == 1  # one advice


def test_a_missing_table_is_named(tmp_path):
    refuses(tmp_path, r"table\.safetensors can't be read: No such file")


@pytest.mark.parametrize("content", [b"", b"noise", bytes(100), b"\xff" * 5000])
def test_noise_is_refused(tmp_path, content):
    (tmp_path / "table.safetensors").write_bytes(content)
    refuses(tmp_path, "table.safetensors is not a safetensors file")


def test_a_file_cut_short_or_too_long_is_refused(tmp_path):
    save(tmp_path / "t")
    path = tmp_path / "t" / "table.safetensors"
    whole = path.read_bytes()
    path.write_bytes(whole[:-1])
    refuses(tmp_path / "t", "is cut short")
    path.write_bytes(whole[:100])
    refuses(tmp_path / "t", "is cut short")
    path.write_bytes(whole + b"!")
    refuses(tmp_path / "t", "is damaged")


@pytest.mark.parametrize(
    "change",
    [
        {"vectors": np.zeros((10, 4), np.int32)},
        {"vectors": np.zeros(40, np.float32)},
        {"vectors": np.zeros((0, 4), np.float32), "norms": np.zeros(0)},
        {"norms": np.zeros(9)},
        {"norms": np.zeros(10, np.float32)},
        {"mean": np.zeros(5)},
        {"vectors": np.zeros((10, 4), np.int8)},
        {"scales": np.zeros(10, np.float32)},
    ],
)
def test_another_safetensors_file_is_refused(tmp_path, change):
    tensors = {"vectors": np.ones((10, 4), np.float32), "norms": np.ones(10), "mean": np.ones(4)}
    keys = ("name", "family", "source", "revision", "key", "sha256", "created")
    path = tmp_path / "table.safetensors"
    save_file(tensors, path, dict.fromkeys(keys, ""))
    assert read_info(tmp_path).rows == 10
    save_file(tensors | change, path, dict.fromkeys(keys, ""))
    refuses(tmp_path, "is not a table")
    save_file(tensors, path, dict.fromkeys(keys[1:], ""))
    refuses(tmp_path, "is not a table")


@pytest.mark.parametrize("tensor", ["norms", "mean", "scales"])
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_table_whose_lengths_are_no_numbers_is_refused(tmp_path, tensor, value):
    save(tmp_path / "t", "I8")
    path = tmp_path / "t" / "table.safetensors"
    content = bytearray(path.read_bytes())
    (length,) = struct.unpack_from("<Q", content)
    start = json.loads(content[8 : 8 + length])[tensor]["data_offsets"][0] + 8 + length
    struct.pack_into("<f" if tensor == "scales" else "<d", content, start, value)
    path.write_bytes(content)
    with pytest.raises(FileError, match="not numbers"):
        Table.load(tmp_path / "t")
