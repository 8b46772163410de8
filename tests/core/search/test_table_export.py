"""Exported tables, read back by the programs that they are for."""

import json

import numpy as np
import pytest
import torch
from brute_force import KINDS_OF_TABLE, store
from gensim.models import KeyedVectors
from safetensors.torch import load_file

from tests.core.torch_dtypes import TORCH_DTYPES
from tokensim_gui.core import paths
from tokensim_gui.core.errors import FileError, TokenSimError
from tokensim_gui.core.job import Job, JobCancelled
from tokensim_gui.core.search.table_export import ROUNDED, export_table
from tokensim_gui.core.vocabulary.vocabulary import Vocabulary

ROWS, DIM = 1500, 64


@pytest.fixture(scope="module")
def vocabulary():
    return Vocabulary.build(paths.resource("starter/tokenizer.json"), 49_408)


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    folder = tmp_path_factory.mktemp("exports")
    vectors = np.random.default_rng(0).standard_normal((ROWS, DIM))
    vectors[7] = 0
    return {dtype: store(folder / dtype, dtype, vectors) for dtype in KINDS_OF_TABLE}


def bits(tensor):
    return tensor.view(torch.uint8).numpy()


@pytest.mark.parametrize("dtype", TORCH_DTYPES)
def test_pt_and_safetensors_hold_the_stored_bits(tmp_path, tables, vocabulary, dtype):
    table, _ = tables[dtype]
    files, remark = export_table(table, vocabulary, tmp_path / "out.pt")
    loaded = torch.load(files[0], weights_only=True)
    assert (loaded.dtype, tuple(loaded.shape)) == (TORCH_DTYPES[dtype], (ROWS, DIM))
    np.testing.assert_array_equal(bits(loaded).ravel(), table.data)
    files, _ = export_table(table, vocabulary, tmp_path / "out.safetensors")
    (tensor,) = load_file(files[0]).values()
    assert tensor.dtype == TORCH_DTYPES[dtype]
    np.testing.assert_array_equal(bits(tensor).ravel(), table.data)
    assert remark == ""


@pytest.mark.parametrize("dtype", TORCH_DTYPES)
def test_numpy_gensim_and_projectors_read_the_exact_numbers(tmp_path, tables, vocabulary, dtype):
    table, exact = tables[dtype]
    export_table(table, vocabulary, tmp_path / "out.npy")
    np.testing.assert_array_equal(np.load(tmp_path / "out.npy").astype(float), exact)
    export_table(table, vocabulary, tmp_path / "out.txt")
    keyed = KeyedVectors.load_word2vec_format(tmp_path / "out.txt", no_header=False)
    np.testing.assert_array_equal(keyed.vectors, exact.astype(np.float32))
    assert keyed.key_to_index["a</w>"] == vocabulary.id_of_piece("a</w>")
    export_table(table, vocabulary, tmp_path / "out.tsv")
    numbers = np.loadtxt(tmp_path / "out.tsv", np.float32, delimiter="\t")
    np.testing.assert_array_equal(numbers, exact.astype(np.float32))
    labels = (tmp_path / "out.metadata.tsv").read_text("utf-8").split("\n")
    assert labels[0] == "id\tpiece\ttext\tkind"
    assert len(labels) == ROWS + 2
    assert all(line.count("\t") == 3 for line in labels[:-1])


def test_int8_vectors_are_rounded_to_float32_which_is_said(tmp_path, tables, vocabulary):
    table, exact = tables["I8"]
    for name in ("out.pt", "out.safetensors", "out.npy"):
        files, remark = export_table(table, vocabulary, tmp_path / name)
        assert remark == ROUNDED
        if name == "out.pt":
            values = torch.load(files[0], weights_only=True).numpy()
        elif name == "out.npy":
            values = np.load(files[0])
        else:
            values = load_file(files[0])["vectors"].numpy()
        np.testing.assert_array_equal(values, exact.astype(np.float32))


def test_a_choice_of_rows_comes_in_its_order_with_its_tokens(tmp_path, tables, vocabulary):
    table, exact = tables["F16"]
    ids = np.array([320, 7, 11], np.int32)
    files, _ = export_table(table, vocabulary, tmp_path / "few.npy", ids)
    np.testing.assert_array_equal(np.load(files[0]).astype(float), exact[ids])
    tokens = json.loads((tmp_path / "few.tokens.json").read_text())
    assert [token["id"] for token in tokens] == [320, 7, 11]
    assert tokens[0] == {"id": 320, "piece": "a</w>", "text": "a", "kind": "word"}


def test_a_piece_that_is_no_key_is_named_by_its_id(tmp_path, tables):
    table, _ = tables["F16"]
    without_tokenizer = Vocabulary.build(None, ROWS)
    export_table(table, without_tokenizer, tmp_path / "out.txt")
    keyed = KeyedVectors.load_word2vec_format(tmp_path / "out.txt")
    assert keyed.index_to_key[5] == "#5"


def test_what_can_not_be_written_is_said_and_leaves_nothing(tmp_path, tables, vocabulary):
    table, _ = tables["F16"]
    with pytest.raises(TokenSimError, match=r"\.pt, \.safetensors"):
        export_table(table, vocabulary, tmp_path / "out.docx")
    with pytest.raises(TokenSimError, match="another filter"):
        export_table(table, vocabulary, tmp_path / "out.npy", np.empty(0, np.int32))
    with pytest.raises(FileError, match="Choose another place"):
        export_table(table, vocabulary, tmp_path / "missing" / "out.npy")
    (tmp_path / "out.npy").write_bytes(b"before")
    job = Job()
    job.cancel()
    with pytest.raises(JobCancelled):
        export_table(table, vocabulary, tmp_path / "out.npy", job=job)
    assert [path.name for path in tmp_path.iterdir()] == ["out.npy"]
    assert (tmp_path / "out.npy").read_bytes() == b"before"
