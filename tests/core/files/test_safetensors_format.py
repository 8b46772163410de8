"""Headers of safetensors files, those of the library and those made to do harm."""

import json
import struct
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import save

from tokensim_gui.core.errors import FileError
from tokensim_gui.core.files import safetensors_format
from tokensim_gui.core.files.safetensors_format import Entry, parse_header, read_header


def file_of(header, data=b"", length=None):
    raw = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(raw) if length is None else length) + raw + data


def tensor(dtype="F32", shape=(2, 3), begin=0, end=24):
    return {"dtype": dtype, "shape": list(shape), "data_offsets": [begin, end]}


def refusal(tmp_path, content):
    path = tmp_path / "model.safetensors"
    path.write_bytes(content)
    with pytest.raises(FileError) as caught:
        read_header(path)
    sentence = str(caught.value)
    assert sentence.startswith("model.safetensors ")
    assert len(sentence) < 300
    return sentence


def test_a_file_of_the_library_is_read(tmp_path):
    arrays = {
        "half": np.arange(6, dtype=np.float16).reshape(2, 3),
        "scalar": np.array(1.5),
        "empty": np.zeros((0, 7), np.int8),
        "wide": np.arange(5, dtype=np.uint64),
    }
    path = tmp_path / "model.safetensors"
    path.write_bytes(save(arrays, {"format": "pt"}))
    entries, metadata = read_header(path)
    assert metadata == {"format": "pt"}
    assert entries.keys() == arrays.keys()
    content = path.read_bytes()
    for name, entry in entries.items():
        assert entry.shape == arrays[name].shape
        assert content[entry.offset : entry.offset + entry.nbytes] == arrays[name].tobytes()
    assert entries["half"].dtype == "F16"


def test_spaces_after_the_header_and_no_tensor_at_all_are_fine(tmp_path):
    path = tmp_path / "model.safetensors"
    path.write_bytes(file_of(json.dumps({"a": tensor()}).encode() + b"   ", bytes(24)))
    (entry,) = read_header(path)[0].values()
    assert entry == Entry("F32", (2, 3), path.stat().st_size - 24, 24)
    path.write_bytes(file_of({}))
    assert read_header(path) == ({}, {})


@pytest.mark.parametrize(
    "value",
    [
        tensor(end=23),
        tensor(end=25),
        tensor(begin=24, end=0),
        tensor(shape=(2, -3)),
        tensor(shape=(2, 3.0)),
        tensor(shape=(True, 6)),
        tensor(shape=(2**62, 2**62), end=0),
        tensor(shape=(2**64, 0), end=0),
        tensor(shape=[1] * 65, end=4),
        tensor(dtype="f32"),
        tensor(dtype=["F32"]),
        tensor(begin=-24, end=0),
        {"dtype": "F32", "shape": [2, 3]},
        tensor() | {"more": 1},
        tensor() | {"data_offsets": [0, 24, 24]},
        tensor() | {"shape": "23"},
        [],
        None,
    ],
)
def test_an_impossible_tensor_is_refused(tmp_path, value):
    assert "'a'" in refusal(tmp_path, file_of({"a": value}, bytes(24)))


@pytest.mark.parametrize(
    "header",
    [
        b"[]",
        b' {"a": 1}',
        b'{"a": }',
        b'{"a": ' + b"[" * 100_000,
        b'{"a": ' * 100_000,
        b'{"a": ' + b"9" * 5000 + b"}",
        b'{"\xff": 1}',
        b'{"__metadata__": {"\\ud800": ""}}',
        b'{"__metadata__": {"a": 1}}',
        b'{"__metadata__": []}',
        b'{"__metadata__": {"a": "", "a": ""}}',
        b'{"a": 1, "a": 1}',
    ],
)
def test_a_malformed_header_is_refused(tmp_path, header):
    assert "is not a safetensors file" in refusal(tmp_path, file_of(header))


def test_overlaps_gaps_and_leftovers_are_refused(tmp_path):
    overlap = {"a": tensor(), "b": tensor(begin=20, end=44)}
    assert "overlap" in refusal(tmp_path, file_of(overlap, bytes(44)))
    gap = {"a": tensor(), "b": tensor(begin=30, end=54)}
    assert "gap" in refusal(tmp_path, file_of(gap, bytes(54)))
    assert "goes on behind" in refusal(tmp_path, file_of({"a": tensor()}, bytes(25)))


def test_a_file_cut_short_says_so(tmp_path):
    whole = file_of({"a": tensor()}, bytes(24))
    assert "cut short" in refusal(tmp_path, whole[:-1])
    assert "cut short" in refusal(tmp_path, whole[:20])
    assert "less than 8 bytes" in refusal(tmp_path, whole[:7])


@pytest.mark.parametrize("length", [0, 1, 100_000_001, 2**63, 2**64 - 1])
def test_an_impossible_length_of_the_header_is_refused(tmp_path, length):
    assert "does not begin as one" in refusal(tmp_path, file_of(b"{}", length=length))


def test_more_tensors_than_any_model_has_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(safetensors_format, "MAX_ENTRIES", 2)
    header = {name: tensor(shape=(0,), end=0) for name in "abc"}
    assert "3 tensors" in refusal(tmp_path, file_of(header))


def test_a_header_that_would_fill_the_memory_is_not_parsed(tmp_path):
    assert "not a plain JSON object" in refusal(tmp_path, file_of(b'{"a":[' + b"[]," * 4_000_001))


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(FileError, match=r"^none.safetensors can't be read"):
        read_header(tmp_path / "none.safetensors")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=12,
)
tensors = st.fixed_dictionaries(
    {
        "dtype": st.sampled_from(["F32", "F4", "I8", "X"]) | json_values,
        "shape": st.lists(st.integers(-1, 5), max_size=3) | json_values,
        "data_offsets": st.lists(st.integers(-1, 40), min_size=2, max_size=2) | json_values,
    }
)
headers = st.dictionaries(
    st.sampled_from(["__metadata__", "a", "b"]) | st.text(max_size=3), tensors | json_values
)


@settings(deadline=None, derandomize=True)
@given(headers.map(lambda header: json.dumps(header).encode()) | st.binary(), st.integers(0, 200))
def test_any_header_is_read_within_the_file_or_refused(raw, data_bytes):
    size = 8 + len(raw) + data_bytes
    with suppress(FileError):
        entries, _ = parse_header(raw, size, "fuzz")
        assert sum(entry.nbytes for entry in entries.values()) == data_bytes
        assert all(8 + len(raw) <= entry.offset <= size for entry in entries.values())
