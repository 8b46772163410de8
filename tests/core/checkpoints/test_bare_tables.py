"""Tables that people saved by themselves: one tensor, under any name, in any of the usual forms."""

import io
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.core.checkpoints.layouts_on_disk import numbers, write_pickle, write_safetensors
from tokensim_gui.core.checkpoints import candidates, inert_pickle, read_vectors
from tokensim_gui.core.errors import FileError
from tokensim_gui.core.library.library import TableLibrary
from tokensim_gui.core.library.table_import import import_checkpoint
from tokensim_gui.core.tokenizers.converting import tokenizer_of

ROWS, DIM = 1000, 64
TABLE = numbers()
SENTENCE = r"^[^\n]*\.$"


def npy(path: Path, array: np.ndarray) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    np.save(path, array)
    return path


def embedding(table: torch.Tensor) -> torch.nn.Module:
    return torch.nn.Embedding.from_pretrained(table)


FORMS = {
    "tensor": TABLE,
    "parameter": torch.nn.Parameter(TABLE),
    "list of views": list(TABLE),
    "list of rows": [row.clone() for row in TABLE],
    "tuple of parameters": tuple(torch.nn.Parameter(row.clone()) for row in TABLE),
    "list of rows of one": [row.clone()[None] for row in TABLE],
    "dictionary": {"anything at all": TABLE, "step": 7},
    "dictionary of a list": {"rows": [row.clone() for row in TABLE]},
    "embedding": embedding(TABLE),
    "under the name of an inversion": {"clip_l": TABLE},
    "view without the last rows": torch.cat([TABLE, numbers(9)])[:ROWS],
}


@pytest.mark.parametrize("legacy", [False, True])
@pytest.mark.parametrize("form", FORMS)
def test_one_tensor_in_a_pytorch_file_is_a_table_bit_for_bit(form, legacy, tmp_path):
    path = write_pickle(tmp_path / "sd15_tensors.pt", FORMS[form], legacy)
    (one,) = candidates(path)
    assert (one.name, one.rows, one.dim, one.dtype) == ("sd15_tensors", ROWS, DIM, "F32")
    assert b"".join(read_vectors(one)) == TABLE.numpy().tobytes()


@pytest.mark.parametrize("dtype", ["<f2", "<f4", "<f8"])
def test_a_numpy_file_is_a_table_and_doubles_become_floats(dtype, tmp_path):
    path = npy(tmp_path / "rows.npy", TABLE.numpy().astype(dtype))
    (one,) = candidates(path)
    stored = {"<f2": "F16", "<f4": "F32", "<f8": "F64"}[dtype]
    assert (one.stored, one.dtype) == (stored, "F16" if dtype == "<f2" else "F32")
    expected = np.load(path).astype(dtype if dtype == "<f2" else "<f4")
    assert b"".join(read_vectors(one)) == expected.tobytes()


def test_a_safetensors_file_of_one_tensor_is_a_table_under_any_name(tmp_path):
    state = {"my vectors": TABLE.half(), "bias": torch.zeros(7)}
    (one,) = candidates(write_safetensors(tmp_path / "mine.safetensors", state))
    assert (one.key, one.dtype) == ("my vectors", "F16")
    assert b"".join(read_vectors(one)) == TABLE.half().numpy().tobytes()


def test_the_number_of_rows_tells_clip_and_the_last_token_may_lack_its_vector(tmp_path):
    for rows in (49_408, 49_407):
        table = numbers(rows)
        (one,) = candidates(write_pickle(tmp_path / f"{rows}.pt", table))
        assert (one.family, one.rows) == ("clip", 49_408)
        raw = b"".join(read_vectors(one))
        assert raw == table.numpy().tobytes() + bytes((49_408 - rows) * DIM * 4)
        found = tokenizer_of(one)
        assert found is not None
        assert (found.family, found.rows, found.guess) == ("clip", 49_408, "")


def test_a_list_of_as_many_rows_as_clip_has_is_read_within_the_bound_of_steps(tmp_path):
    rows = [torch.nn.Parameter(row) for row in numbers(49_408, 64)]
    (one,) = candidates(write_pickle(tmp_path / "rows.pt", rows))
    assert (one.rows, one.family) == (49_408, "clip")


@pytest.mark.parametrize(
    "others",
    [{}, {"positions": numbers(77)}, {"position_embedding.weight": numbers(77), "steps": [1, 2]}],
)
@pytest.mark.parametrize("as_list", [False, True])
def test_every_tensor_with_the_rows_of_a_known_vocabulary_is_a_table(others, as_list, tmp_path):
    tables = {"clip_l": numbers(49_408), "clip_g": numbers(49_407, 128), "t5": numbers(32_128)}
    content = {**tables, **others}
    path = write_pickle(tmp_path / "mine.pt", [*content.values()] if as_list else content)
    found = candidates(path)
    names = ["0", "1", "2"] if as_list else [*tables]
    assert [one.name for one in found] == [f"mine ({name})" for name in names]
    assert [one.family for one in found] == ["clip", "clip", "unigram"]
    for one, table in zip(found, tables.values(), strict=True):
        raw = table.numpy().tobytes()
        assert b"".join(read_vectors(one)).startswith(raw)


def test_what_training_keeps_beside_a_table_is_no_table(tmp_path):
    table = numbers(49_408)
    state = {0: {"exp_avg": table, "exp_avg_sq": table, "step": torch.ones(())}}
    path = write_pickle(tmp_path / "mine.pt", {"emb": table, "optimizer": {"state": state}})
    assert [one.key for one in candidates(path)] == ["emb"]


def test_a_list_of_rows_is_listed_once_when_it_is_imported(tmp_path, monkeypatch):
    listed = []
    load = inert_pickle.load
    monkeypatch.setattr(inert_pickle, "load", lambda *given: listed.append(1) or load(*given))
    import_checkpoint(
        write_pickle(tmp_path / "rows.pt", list(TABLE)), TableLibrary(tmp_path / "library")
    )
    assert len(listed) == 1


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ({"a": numbers(5000), "b": numbers(5000)}, "holds 2 tensors, and which one is a table doe"),
        ({"lm_head.weight": numbers(32_000)}, "holds “lm_head.weight”, another part of a model"),
        ({f"w{n}": numbers(1)[0] for n in range(1000)}, r"1,000 tensors under .*torch\.stack"),
        ({n: numbers(1)[0] for n in range(1000)}, r"1,000 tensors under .*torch\.stack"),
        (
            {n: [{"linear.0.weight": TABLE}, {"linear.0.weight": TABLE}] for n in (320, 768)},
            "hyper",
        ),
        ({"a": numbers(4096, 5000), "b": numbers(64)}, "holds 2 tensors, and which one"),
        (numbers(1, 768), "holds 1 vector of 768 numbers"),
        (numbers(1).expand(49_408, 64), r"column by column.*\.contiguous\(\)"),
        (
            {"weight": TABLE.to(torch.int8), "scale": numbers(1000, 1)[0]},
            "stored as I8.*as float16",
        ),
        (torch.zeros(49_408, 63), "holds a tensor of 49,408 × 63"),
        (torch.zeros(768, 49_408), r"768 × 49,408, on its side\. Save it again as 49,408 × 768"),
        (torch.zeros(1, 1000, 64), "of 3 dimensions, 1 × 1,000 × 64, and a table has two"),
        (torch.zeros(768), "holds one list of 768 numbers"),
        (torch.zeros(5, 768), "holds 5 vectors of 768 numbers, such as a textual inversion has"),
        (TABLE.int(), "is stored as I32, which TokenSim does not read"),
        (numbers(64, 1000).t(), r"column by column.*\.contiguous\(\)"),
        ([*TABLE, torch.zeros(63)], "row 1,000 of its list has 63 numbers in F32, the others 64"),
        ([*TABLE, torch.zeros(64).half()], "row 1,000 of its list has 64 numbers in F16"),
    ],
)
def test_a_wrong_shape_or_format_gets_one_sentence(content, sentence, tmp_path):
    path = write_pickle(tmp_path / "wrong.pt", content)
    with pytest.raises(FileError, match=sentence) as caught:
        candidates(path)
    assert str(caught.value).startswith("wrong.pt ")
    assert "stride" not in str(caught.value)


def test_numbers_as_python_lists_are_said_to_be_that(tmp_path):
    path = write_pickle(tmp_path / "lists.pt", [[0.25] * 3_000_000])
    with pytest.raises(FileError, match="too long; save numbers as a tensor"):
        candidates(path)


def test_a_numpy_file_that_can_not_be_read_gets_one_sentence(tmp_path):
    wrong = {
        "objects.npy": (np.array([{}], object), "holds Python objects, not numbers"),
        "table.npy": (TABLE.numpy().astype(object), "holds Python objects, not numbers"),
        "records.npy": (np.zeros(2000, [("id", "i4"), ("v", "f4", 64)]), "holds records, not num"),
        "bfloat16.npy": (TABLE.half().numpy().view("V2"), "2 bytes of an unnamed format"),
        "upright.npy": (np.asfortranarray(TABLE.numpy()), "column by column"),
        "texts.npy": (np.array(["cat", "dog"]), "holds texts, not numbers"),
        "integers.npy": (TABLE.numpy().astype(np.int32), "stored as int32"),
    }
    for name, (array, sentence) in wrong.items():
        with pytest.raises(FileError, match=sentence):
            candidates(npy(tmp_path / name, array))
    whole = io.BytesIO()
    np.save(whole, TABLE.numpy())
    for cut in (7, 20, 90, 1000):
        (tmp_path / "cut.npy").write_bytes(whole.getvalue()[:cut])
        with pytest.raises(FileError, match=SENTENCE):
            candidates(tmp_path / "cut.npy")


def test_one_matrix_of_a_larger_model_is_no_table(tmp_path):
    state = {f"layers.{number}.bias": torch.zeros(8) for number in range(20)}
    path = write_safetensors(tmp_path / "a.safetensors", {**state, "head.weight": TABLE})
    with pytest.raises(FileError, match="no token table among its 21 tensors"):
        candidates(path)
